//! The hall before the book: everybody who works for the house stands at a turnstile before each of his transactions
//! and each of his calls to a provider, and only the one who is let through moves. So a seed alone decides about the
//! order of things.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures::future::{BoxFuture, poll_fn};
use futures::task::AtomicWaker;
use rei_storage::testing::Turnstile;
use tokio::sync::oneshot;

/// Nobody works longer between two turnstiles, on the slowest machine.
const TURN_MAX: Duration = Duration::from_secs(120);

/// Who stands where.
#[derive(Default)]
pub struct Hall(Mutex<Places>);

#[derive(Default)]
struct Places {
    standing: Vec<Standing>,
    /// How many things of each actor are inside: in the book, or at a provider.
    inside: BTreeMap<u32, u32>,
    /// Those who die when they come out.
    doomed: BTreeSet<u32>,
    /// Those who have come out and are dead.
    fallen: BTreeSet<u32>,
}

struct Standing {
    actor: u32,
    what: &'static str,
    go: oneshot::Sender<()>,
}

/// The turnstile of one actor.
#[derive(Clone)]
pub struct Door {
    pub hall: Arc<Hall>,
    pub actor: u32,
}

/// Somebody at work; he dies by being dropped.
pub struct Actor {
    pub id: u32,
    pub name: String,
    hall: Arc<Hall>,
    work: BoxFuture<'static, ()>,
    bell: Arc<Bell>,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// He stands at a turnstile again.
    Stands,
    /// He was to die when he came out, and did.
    Fell,
    /// His work is done.
    Done,
}

/// Rung when an actor can go on; rings for whoever waits for his turn to end.
#[derive(Default)]
struct Bell {
    rung: AtomicBool,
    outer: AtomicWaker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::SeqCst);
        self.outer.wake();
    }
}

impl Hall {
    fn places(&self) -> MutexGuard<'_, Places> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an actor stands for, oldest first.
    pub fn standing(&self, actor: u32) -> Vec<&'static str> {
        let mut places = self.places();
        // Whoever stopped waiting by himself stands there no more.
        places.standing.retain(|it| !it.go.is_closed());
        places.standing.iter().filter(|it| it.actor == actor).map(|it| it.what).collect()
    }

    /// Lets one of an actor's through; with `dies` he does not live to see what came of it.
    fn let_through(&self, actor: u32, which: usize, dies: bool) {
        let mut places = self.places();
        let mut his = places.standing.iter().enumerate().filter(|(_, it)| it.actor == actor);
        let Some((index, _)) = his.nth(which) else { return };
        let one = places.standing.remove(index);
        *places.inside.entry(actor).or_default() += 1;
        if dies {
            places.doomed.insert(actor);
        }
        // He may have stopped waiting in this very moment.
        let _gone = one.go.send(());
    }

    fn is_inside(&self, actor: u32) -> bool {
        self.places().inside.get(&actor).is_some_and(|count| *count > 0)
    }

    fn forget(&self, actor: u32) {
        let mut places = self.places();
        places.standing.retain(|it| it.actor != actor);
        places.inside.remove(&actor);
        places.doomed.remove(&actor);
        places.fallen.remove(&actor);
    }
}

impl Turnstile for Door {
    fn enter(&self, what: &'static str) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let door = self.clone();
        Box::pin(async move {
            let (go, gone) = oneshot::channel();
            door.hall.places().standing.push(Standing { actor: door.actor, what, go });
            // Only at the very end of a schedule is there nobody who lets him through.
            let _let_through = gone.await;
        })
    }

    fn leave(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let door = self.clone();
        Box::pin(async move {
            let is_doomed = {
                let mut places = door.hall.places();
                let inside = places.inside.entry(door.actor).or_default();
                *inside = inside.saturating_sub(1);
                let is_doomed = places.doomed.contains(&door.actor);
                if is_doomed {
                    places.fallen.insert(door.actor);
                }
                is_doomed
            };
            if is_doomed {
                std::future::pending::<()>().await;
            }
        })
    }
}

impl Actor {
    pub fn new(door: &Door, name: String, work: BoxFuture<'static, ()>) -> Self {
        let bell = Arc::new(Bell { rung: AtomicBool::new(true), outer: AtomicWaker::new() });
        Self { id: door.actor, name, hall: Arc::clone(&door.hall), work, bell }
    }

    /// What he stands for.
    pub fn standing(&self) -> Vec<&'static str> {
        self.hall.standing(self.id)
    }

    /// He comes in and works until he stands somewhere.
    pub async fn comes(&mut self) -> Turn {
        self.works().await
    }

    /// He is let through and works until he stands somewhere again.
    pub async fn goes_on(&mut self, which: usize, dies: bool) -> Turn {
        self.hall.let_through(self.id, which, dies);
        self.works().await
    }

    async fn works(&mut self) -> Turn {
        let working = async {
            let mut turn = self.until_he_stands().await;
            // Things that he does side by side: while one stands, another may still be decoding a picture.
            while turn == Turn::Stands && self.standing().len() > 1 {
                // There is one thread for such work, so this is done after everything that was begun before.
                tokio::task::spawn_blocking(|| ()).await.expect("it does nothing");
                if !self.bell.rung.load(Ordering::SeqCst) {
                    break;
                }
                turn = self.until_he_stands().await;
            }
            turn
        };
        let turn = tokio::time::timeout(TURN_MAX, working).await;
        turn.unwrap_or_else(|_| panic!("{} waits for something that never comes", self.name))
    }

    async fn until_he_stands(&mut self) -> Turn {
        let waker = Waker::from(Arc::clone(&self.bell));
        poll_fn(|outer| {
            self.bell.outer.register(outer.waker());
            if self.bell.rung.swap(false, Ordering::SeqCst) {
                let polled = self.work.as_mut().poll(&mut Context::from_waker(&waker));
                if polled.is_ready() {
                    return Poll::Ready(Turn::Done);
                }
            }
            if self.hall.places().fallen.contains(&self.id) {
                return Poll::Ready(Turn::Fell);
            }
            if self.bell.rung.load(Ordering::SeqCst) {
                // Whatever else runs on this thread has its turn in between.
                outer.waker().wake_by_ref();
                return Poll::Pending;
            }
            match self.hall.is_inside(self.id) || self.hall.standing(self.id).is_empty() {
                true => Poll::Pending,
                false => Poll::Ready(Turn::Stands),
            }
        })
        .await
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        self.hall.forget(self.id);
    }
}
