//! What goes first within a queue, whoever's turn it is.

use super::rows::Claim;
use crate::{BookError, Tx, params, statements};

/// What a job's priority means. Turns are taken among jobs of the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// A result that is made waits to be brought: nothing else is between a customer and what was ordered.
    Finished,
    /// Work that has begun outside and keeps its place there, such as a call whose answer was lost or a payment of
    /// which there is news.
    Begun,
    /// Everything else.
    Ordinary,
}

impl Priority {
    /// The number in the book; the lower one goes first.
    pub const fn rank(self) -> i64 {
        match self {
            Self::Finished => 1,
            Self::Begun => 5,
            Self::Ordinary => 10,
        }
    }
}

statements! {
    pub SET = "
update job
   set priority = :priority
 where id = :id and fence = :fence and state = 'running'";
}

/// Says when a job that is put off will go; an ended claim changes nothing.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn set_priority(tx: &mut Tx<'_>, claim: &Claim, priority: Priority) -> Result<(), BookError> {
    let params =
        params! { ":id" => claim.job, ":fence" => claim.fence, ":priority" => priority.rank() };
    tx.execute(&SET, &params)?;
    Ok(())
}
