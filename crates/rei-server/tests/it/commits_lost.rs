//! The connection to PostgreSQL breaks in the middle of a commit, again and again, while customers order and pay: before
//! the word reaches the server, while it is at it, and after it is done. The house never hears which. Nothing is lost
//! and nothing is doubled.
//!
//! `REI_LOST_SEED` repeats the choices of an earlier run: which commits are lost and what the customers do.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rei_storage::testing::EngineKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::aftermath::{comes_to_rest, the_audit_agrees};
use crate::crowd::{Crowd, GIFT_RUBLES};
use crate::fleet::{Fleet, Part};
use crate::kills::{number, takes_its_time};
use crate::world::{PATIENCE, World};

const PARTS: &[Part] = &[("bot", &["bot"]), ("worker", &["worker"]), ("web", &["web"])];
const CUSTOMERS: u32 = 8;
/// One commit of so many is lost.
const LOST_OF: u32 = 12;
/// How many are lost in each of the three ways before the crowd goes home.
const EACH: usize = 25;
/// How PostgreSQL's protocol says it: a query, its length, its words.
const COMMIT: &[u8] = b"Q\0\0\0\x0bcommit\0";

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_of_which_nobody_heard_loses_and_doubles_nothing() {
    let seed = number("REI_LOST_SEED").unwrap_or_else(|| rand::rng().random());
    println!("again with REI_LOST_SEED={seed}");
    let mut world = World::start(EngineKind::Postgres).await;
    let cable = Cable::lies_before(&mut world, seed).await;
    let yookassa = world.open_wide(GIFT_RUBLES).await;
    takes_its_time(&world.gemini, &world.kling);
    let fleet = Fleet::start(&world, PARTS).await;
    let mut crowd = Crowd::gathers(&world, &yookassa, CUSTOMERS, seed).await;

    cable.is_bad.store(true, Ordering::SeqCst);
    let began = Instant::now();
    while cable.lost().iter().any(|times| *times < EACH) {
        assert!(began.elapsed() < PATIENCE, "lost {:?}\n{}", cable.lost(), fleet.said_last());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    cable.is_bad.store(false, Ordering::SeqCst);

    let (done, aftermath) = comes_to_rest(&world, &yookassa, &fleet, &mut crowd).await;
    let outcome = aftermath.is_sound().await;
    println!("{done} things done, {:?} commits lost, {outcome:?}", cable.lost());
    assert!(outcome.delivered > 0 && outcome.credited > 0, "the crowd did something: {outcome:?}");
    fleet.stops().await;
    the_audit_agrees(&world).await;
}

/// When a commit is lost.
#[derive(Clone, Copy, Debug)]
enum Loss {
    /// The server never hears of it and rolls back.
    Before,
    /// The server is at it.
    Amidst,
    /// It is done, and the answer is under way.
    After,
}

/// What lies between the house and its database.
#[derive(Clone)]
struct Cable(Arc<Inner>);

struct Inner {
    server: String,
    is_bad: AtomicBool,
    dice: Mutex<StdRng>,
    lost: Mutex<[usize; 3]>,
}

impl std::ops::Deref for Cable {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Cable {
    /// From now on the binary reaches its database through it.
    async fn lies_before(world: &mut World, seed: u64) -> Self {
        let (before, rest) = world.database.split_once('@').expect("an address with a name");
        let (server, name) = rest.split_once('/').expect("an address with a database");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let here = listener.local_addr().expect("it has an address");
        let address = format!("{before}@{here}/{name}");
        let cable = Self(Arc::new(Inner {
            server: server.to_owned(),
            is_bad: AtomicBool::new(false),
            dice: Mutex::new(StdRng::seed_from_u64(seed)),
            lost: Mutex::default(),
        }));
        world.set("DATABASE_URL", &address);
        let carrier = cable.clone();
        tokio::spawn(async move {
            while let Ok((house, _)) = listener.accept().await {
                tokio::spawn(carrier.clone().carries(house));
            }
        });
        cable
    }

    fn lost(&self) -> [usize; 3] {
        *self.lost.lock().expect("unpoisoned")
    }

    /// Whether this commit is lost, and how.
    fn loses(&self) -> Option<Loss> {
        let mut dice = self.dice.lock().expect("unpoisoned");
        if !self.is_bad.load(Ordering::SeqCst) || dice.random_range(0..LOST_OF) > 0 {
            return None;
        }
        let loss = [Loss::Before, Loss::Amidst, Loss::After][dice.random_range(0..3)];
        self.lost.lock().expect("unpoisoned")[loss as usize] += 1;
        Some(loss)
    }

    /// One connection, until it breaks.
    async fn carries(self, house: TcpStream) {
        let Ok(server) = TcpStream::connect(&self.server).await else { return };
        let ((from_house, to_house), (from_server, to_server)) =
            (house.into_split(), server.into_split());
        let (mute, is_mute) = watch::channel(false);
        let (answered, answers) = watch::channel(0_u64);
        let back = tokio::spawn(brings_back(from_server, to_house, is_mute, answered));
        self.brings(from_house, to_server, &mute, answers).await;
        back.abort();
    }

    /// What the house says, until a commit is lost.
    async fn brings(
        &self,
        mut house: OwnedReadHalf,
        mut server: OwnedWriteHalf,
        mute: &watch::Sender<bool>,
        mut answers: watch::Receiver<u64>,
    ) {
        let mut bytes = vec![0; 64 * 1024];
        loop {
            let Ok(length @ 1..) = house.read(&mut bytes).await else { return };
            let loss = if bytes[..length] == *COMMIT { self.loses() } else { None };
            if matches!(loss, Some(Loss::Before)) {
                return;
            }
            if loss.is_some() {
                mute.send_replace(true);
                answers.mark_unchanged();
            }
            if server.write_all(&bytes[..length]).await.is_err() {
                return;
            }
            match loss {
                None => {}
                Some(Loss::After) => return drop(answers.changed().await),
                Some(_) => return,
            }
        }
    }
}

/// What the server says; nothing more once it is mute, though it is heard that something was said.
async fn brings_back(
    mut server: OwnedReadHalf,
    mut house: OwnedWriteHalf,
    is_mute: watch::Receiver<bool>,
    answered: watch::Sender<u64>,
) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = server.read(&mut bytes).await {
        answered.send_modify(|times| *times += 1);
        if *is_mute.borrow() {
            continue;
        }
        if house.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}
