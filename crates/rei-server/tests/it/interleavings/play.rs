//! One schedule: at each step the seed says who moves, what breaks, who dies, and where time goes.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rei_storage::testing::EngineKind;

use super::faults::pause;
use super::hall::{Actor, Turn};
use super::stage::Stage;
use super::work::{Errand, TASKS};
use crate::schedules::draw::{Draws, pick};

/// So many stand in the hall at once.
const ACTORS_MAX: usize = 5;
/// Longer than any lease of jobs and messages.
const A_LEASE: Duration = Duration::from_secs(25);

/// A schedule under way.
pub struct Play {
    pub stage: Stage,
    /// What happened, step by step.
    pub trace: Vec<String>,
    /// How many senders died, or lost what they had taken: messages may have come once more for each.
    pub send_deaths: usize,
    /// How many of all died.
    pub deaths: usize,
    draws: Draws,
    actors: Vec<Actor>,
    numbers: u32,
    mood: Mood,
}

/// How a seed likes it, in percent of its steps.
struct Mood {
    steps: u64,
    deeds_left: u64,
    dying: u64,
    breaking: u64,
    skewing: u64,
}

impl Play {
    pub async fn begin(engine: EngineKind, seed: u64) -> Self {
        let draws = Draws::of(seed ^ 0x7e57_0000_0000_0000);
        let customers = 2 + draws.below(3);
        let mood = Mood {
            steps: 400 + draws.below(400),
            deeds_left: 20 + draws.below(30),
            dying: draws.one_of(&[0, 1, 2, 5]),
            breaking: draws.one_of(&[0, 2, 4, 8]),
            skewing: draws.one_of(&[0, 0, 1, 2]),
        };
        Self {
            stage: Stage::set(engine, seed, customers).await,
            trace: Vec::new(),
            send_deaths: 0,
            deaths: 0,
            draws,
            actors: Vec::new(),
            numbers: 0,
            mood,
        }
    }

    /// All steps of the schedule; then everybody in the hall dies, or goes home.
    pub async fn plays(&mut self) {
        self.stage.greets(&self.draws);
        if self.draws.percent(80) {
            self.stage.does_everything(0).await;
        }
        for _ in 0..self.mood.steps {
            self.steps().await;
        }
        if self.draws.percent(50) {
            while !self.actors.is_empty() {
                self.moves(false).await;
            }
        }
        self.note("the rest dies".to_owned());
        while let Some(actor) = self.actors.pop() {
            self.died(&actor);
        }
    }

    fn note(&mut self, what: String) {
        let at_ms = self.stage.clock.now_ms() % 1_000_000_000;
        self.trace.push(format!("{at_ms:>9} {what}"));
    }

    async fn steps(&mut self) {
        if self.draws.percent(self.mood.dying) {
            return self.dies().await;
        }
        if self.draws.percent(self.mood.breaking) {
            let broke = self.stage.breaks(&self.draws);
            return self.note(broke);
        }
        if self.draws.percent(self.mood.skewing) {
            return self.skews();
        }
        match self.draws.below(100) {
            0..=6 if self.mood.deeds_left > 0 => {
                self.mood.deeds_left -= 1;
                let who = self.draws.below(u64::try_from(self.stage.people.len()).expect("few"));
                let did = self.stage.acts(&self.draws, who);
                self.note(did);
            }
            7..=9 => {
                if let Some(paid) = self.stage.pays(&self.draws) {
                    self.note(paid);
                }
            }
            10..=13 => {
                let time = pause(&self.draws);
                self.note(format!("{time:?} pass"));
                self.stage.passes(time).await;
            }
            14 => {
                self.note("leases end".to_owned());
                self.send_deaths += self.actors.iter().filter(|it| sends(it)).count();
                self.stage.passes(A_LEASE).await;
            }
            15..=39 if self.actors.len() < ACTORS_MAX => self.comes().await,
            _ if self.actors.is_empty() => self.comes().await,
            _ => self.moves(false).await,
        }
    }

    /// Somebody comes into the hall.
    async fn comes(&mut self) {
        let Some(errand) = self.errand().await else { return };
        self.enters(errand).await;
    }

    async fn enters(&mut self, errand: Errand) {
        self.numbers += 1;
        let mut actor = self.stage.sends(self.numbers, errand);
        self.note(format!("{} comes", actor.name));
        if actor.comes().await == Turn::Stands {
            self.actors.push(actor);
        }
    }

    /// Something that is to be done, or now and then something that is not.
    async fn errand(&self) -> Option<Errand> {
        let draws = &self.draws;
        let mut wanted = self.stage.wanted().await;
        wanted.extend(self.post().map(Errand::Deliver));
        if !wanted.is_empty() && draws.percent(85) {
            return Some(wanted.swap_remove(pick(draws.below(1 << 32), wanted.len())?));
        }
        match draws.below(100) {
            0..=9 => Some(Errand::Serve),
            10..=19 => Some(Errand::Send),
            20..=29 => {
                let queues: Vec<String> = self.stage.queues().await.into_iter().collect();
                let index = pick(draws.below(1 << 32), queues.len())?;
                Some(Errand::Work(queues[index].clone()))
            }
            30..=39 => Some(Errand::Poll),
            40..=59 => self.stage.notices(draws),
            60..=69 => self.stage.hurries(draws),
            70..=79 => Some(Errand::Recover),
            _ => Some(Errand::Task(draws.one_of(&TASKS))),
        }
    }

    /// Updates that wait, some of them, in any order; sometimes one that came long ago.
    fn post(&self) -> Option<Vec<String>> {
        let post = self.stage.post.lock().expect("nobody panics with it");
        let draws = &self.draws;
        let from = match draws.percent(10) {
            true => &post.all,
            false => &post.waiting,
        };
        let mut taken = Vec::new();
        for _ in 0..=draws.below(2) {
            let index = pick(draws.below(1 << 32), from.len())?;
            // The first is the most likely one.
            let index = if draws.percent(60) { 0 } else { index };
            taken.push(from[index].clone());
        }
        Some(taken)
    }

    /// Somebody in the hall goes on.
    async fn moves(&mut self, dies: bool) {
        let among = self.draws.below(1 << 32);
        let Some(index) = pick(among, self.actors.len()) else { return };
        let standing = self.actors[index].standing();
        let which = pick(self.draws.below(1 << 32), standing.len()).expect("he stands somewhere");
        let name = self.actors[index].name.clone();
        let turn = self.actors[index].goes_on(which, dies).await;
        self.note(format!("{name}: {}, {turn:?}", standing[which]));
        if turn != Turn::Stands {
            let actor = self.actors.remove(index);
            if turn == Turn::Fell {
                self.died(&actor);
            }
        }
    }

    /// Somebody dies where he stands, or as soon as what he is about is on disk.
    async fn dies(&mut self) {
        if self.draws.percent(50) {
            return self.moves(true).await;
        }
        let among = self.draws.below(1 << 32);
        let Some(index) = pick(among, self.actors.len()) else { return };
        let actor = self.actors.remove(index);
        self.note(format!("{} dies", actor.name));
        self.died(&actor);
    }

    fn died(&mut self, actor: &Actor) {
        self.deaths += 1;
        self.send_deaths += usize::from(sends(actor));
    }

    /// The house's clock jumps, forward or back.
    fn skews(&mut self) {
        let by = self.draws.one_of(&[-600_000, -61_000, -21_000, -1_000, 0, 0, 0, 5_000, 61_000]);
        self.note(format!("the clock is off by {by} ms"));
        if by > 0 {
            self.send_deaths += self.actors.iter().filter(|it| sends(it)).count();
        }
        self.stage.skew.store(by, Ordering::SeqCst);
    }
}

fn sends(actor: &Actor) -> bool {
    actor.name.starts_with("send")
}
