//! The owner's figures: where the book stands now, and what a span of time brought beside the one before.

mod compared;

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ledger::TrialBalance;
use rei_domain::money::Kopecks;
use rei_storage::admin::{Counts, counts};
use rei_storage::{BookError, Tx, jobs, ledger, outbox};

pub use compared::summary;

/// The figures of one moment.
#[derive(Clone, Debug)]
pub struct Stats {
    /// Customers and orders.
    pub counts: Counts,
    /// The whole trial balance.
    pub trial: TrialBalance,
    /// Jobs that wait or run.
    pub queue: i64,
    /// Messages on their way.
    pub outbox: i64,
}

/// Sums of the summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// What pictures and videos have earned.
    pub revenue: Kopecks,
    /// What customers can spend or have on hold.
    pub wallets: Kopecks,
    /// What providers charged, in dollars with cents.
    pub cost: String,
}

/// Reads the figures.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn stats(tx: &mut Tx<'_>, now: Timestamp) -> Result<Stats, BookError> {
    Ok(Stats {
        counts: counts(tx, now.minus(Duration::from_secs(24 * 3600)))?,
        trial: ledger::trial_balance(tx)?,
        queue: jobs::count_live(tx)?,
        outbox: outbox::count_live(tx)?,
    })
}

impl Stats {
    /// The sums of the summary.
    pub fn figures(&self) -> Figures {
        let balance = |wanted: &str| -> i64 {
            let lines = self.trial.lines.iter().filter(|line| line.account.starts_with(wanted));
            lines.map(|line| line.balance).sum()
        };
        // A balance is debits less credits: what is owed to customers and what was earned is negative there.
        let cents = balance("cost:") / 10_000;
        Figures {
            revenue: Kopecks::new(-balance("revenue:")),
            wallets: Kopecks::new(-balance("customer:")),
            cost: format!("{}.{:02}", cents / 100, cents % 100),
        }
    }
}
