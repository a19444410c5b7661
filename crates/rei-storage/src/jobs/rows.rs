//! What a job is to its worker.

use rei_domain::clock::Timestamp;
use rei_domain::ids::JobId;

use crate::{BookError, Row};

/// The claim is not valid any more: its lease ended and somebody else took over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the job was taken over by another worker")]
pub struct LeaseLost;

/// A job in the hands of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The job.
    pub job: JobId,
    /// The queue it was in.
    pub queue: String,
    /// What kind of work it is.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// This claim's number; a later claim has a higher one.
    pub fence: i64,
    /// Tries so far, this one included.
    pub attempts_made: i64,
    /// Tries allowed.
    pub attempts_max: i64,
    /// When the job was enqueued.
    pub created_at: Timestamp,
    /// When it became due: what a worker was late is counted from here.
    pub due_at: Timestamp,
}

impl Claim {
    /// Whether earlier tries have used up what is allowed: the job must not run again.
    pub const fn exhausted(&self) -> bool {
        self.attempts_made > self.attempts_max
    }

    pub(super) fn read(row: &Row) -> Result<Self, BookError> {
        Ok(Self {
            job: job_id(row)?,
            queue: row.text("queue")?,
            kind: row.text("kind")?,
            subject: row.text("subject")?,
            fence: row.int("fence")?,
            attempts_made: row.int("attempts_made")?,
            attempts_max: row.int("attempts_max")?,
            created_at: Timestamp(row.int("created_at")?),
            due_at: Timestamp(row.int("due_at")?),
        })
    }
}

pub(super) fn job_id(row: &Row) -> Result<JobId, BookError> {
    JobId::from_slice(&row.blob("id")?).ok_or_else(|| BookError::unreadable("id"))
}
