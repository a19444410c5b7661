//! What the queue promises, on both engines.

mod claims;
mod control;
mod ends;
mod plans;
mod roles;
mod turns;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rei_domain::chance::SeededChance;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, JobId};
use rei_domain::shared::{Bells, Ear};

use super::{Claim, JobLine, NewJob, claim, enqueue, show};
use crate::{Book, BookError, Tx};

const NOW: Timestamp = Timestamp(1_790_000_000_000);
const LEASE: Duration = Duration::from_secs(20);
const QUEUE: &str = "pictures";

fn write<T: Send + 'static>(
    book: &Book,
    work: impl Fn(&mut Tx<'_>) -> Result<T, BookError> + Send + 'static,
) -> T {
    book.blocking_write(work).expect("it commits")
}

/// Ids in the order of their making.
fn next_id() -> JobId {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let made = MADE.fetch_add(1, Ordering::Relaxed);
    JobId::new(NOW.plus(Duration::from_millis(made)), &SeededChance::new(made))
}

fn job_of(customer: i64) -> NewJob {
    NewJob::new(next_id(), QUEUE, "draw", format!("of {customer}")).fair_to(CustomerId(customer))
}

fn put(book: &Book, job: NewJob) -> JobId {
    let id = job.id;
    assert!(write(book, move |tx| enqueue(tx, &job, NOW)), "it is new");
    id
}

/// One job of each of these customers, in this order.
fn put_for(book: &Book, customers: impl IntoIterator<Item = i64>) -> Vec<JobId> {
    customers.into_iter().map(|customer| put(book, job_of(customer))).collect()
}

fn claim_at(book: &Book, worker: &'static str, limit: i64, now: Timestamp) -> Vec<Claim> {
    write(book, move |tx| claim(tx, worker, QUEUE, limit, now, now.plus(LEASE)))
}

fn claim_one(book: &Book) -> Claim {
    claim_at(book, "anna", 1, NOW).pop().expect("a job is ready")
}

/// Whose jobs were claimed.
fn subjects(claims: &[Claim]) -> Vec<&str> {
    claims.iter().map(|claim| claim.subject.as_str()).collect()
}

fn shown(book: &Book, job: JobId) -> JobLine {
    book.blocking_read(move |tx| show(tx, job)).expect("it reads").expect("it exists")
}

/// Counts how often the bell of the queue is rung for other processes.
#[derive(Default)]
struct Tally(AtomicU64);

impl Tally {
    fn of(book: &Book) -> Arc<Self> {
        let tally = Arc::new(Self::default());
        book.share_bells(tally.clone());
        tally
    }

    /// The rings once there are `at_least` so many; a ring follows its answer at once.
    fn rings(&self, at_least: u64) -> u64 {
        for _ in 0..10_000 {
            if self.0.load(Ordering::SeqCst) >= at_least {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        self.0.load(Ordering::SeqCst)
    }
}

impl Bells for Tally {
    fn ring(&self, bell: &str) {
        assert_eq!(bell, "jobs:pictures");
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn listen(&self, _: &str) -> Box<dyn Ear> {
        unreachable!("nobody listens")
    }
}
