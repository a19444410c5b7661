//! After the schedule everything heals: nothing goes wrong any more, what hangs is decided, and time passes until
//! nobody has anything left to do.

use std::time::Duration;

use rei_app::payments;
use rei_sim::yookassa::{NoticeSettings, RefundMode, RefundStatus};
use rei_storage::jobs;

use super::bank::Session;
use super::draw::Plan;
use super::workers::{Cuts, worker};

/// The rest comes within so many turns or not at all.
const TURNS_MAX: usize = 500;
/// Between the last sweeps: longer than anything is left alone because it is young.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(40 * 60);
const SWEEPS: usize = 3;
/// So far back a sweep looks, and a bit less.
const SWEPT: Duration = Duration::from_secs(25 * 3600);

impl Session {
    pub async fn heals(&self, plan: &Plan) {
        self.revives().await;
        self.sim.clear_faults();
        self.sim.set_refund_mode(RefundMode::AtOnce);
        if plan.releases {
            self.sim.release_all();
        }
        self.sim.set_notices(NoticeSettings::default());
        self.rests().await;
        // What a bank has not decided in all that time it decides now.
        for (index, refund) in self.sim.refunds().iter().enumerate() {
            if refund.status != RefundStatus::Pending {
                continue;
            }
            let decided = match (index + usize::from(plan.releases)) % 2 {
                0 => self.sim.succeed_refund(&refund.id),
                _ => self.sim.cancel_refund(&refund.id, "rejected_by_payee"),
            };
            decided.expect("it is pending");
        }
        for _ in 0..SWEEPS {
            self.passes(BETWEEN_SWEEPS).await;
            payments::enqueue_sweep(&self.house()).await.expect("the book works");
            self.rests().await;
        }
        // What a sweep is too late for, the night's comparison finds.
        if self.now().since(self.begun) > SWEPT {
            payments::enqueue_reconcile(&self.house(), rei_domain::ledger::Rail::YooKassa)
                .await
                .expect("the book works");
            self.rests().await;
        }
    }

    /// Works, and lets time pass until the next job is due, until there is none. A refund that its bank does not decide
    /// is asked about for ever: it does not count.
    async fn rests(&self) {
        let house = self.house();
        let worker = worker(&house, "healer", &Cuts::new(0, 0));
        for _ in 0..TURNS_MAX {
            worker.drain().await.expect("the book works");
            let counted = house.book.read(|tx| {
                Ok::<_, rei_app::BookError>((jobs::count_live(tx)?, jobs::next_due(tx)?))
            });
            let (live, due) = counted.await.expect("the book is readable");
            let watched = self.sim.refunds();
            let watched = watched.iter().filter(|it| it.status == RefundStatus::Pending).count();
            if usize::try_from(live).is_ok_and(|live| live <= watched) {
                return;
            }
            let until = due.unwrap_or_default().plus(Duration::from_millis(1));
            self.passes(until.since(self.now()).max(Duration::from_secs(1))).await;
        }
        panic!("jobs never came to an end");
    }
}
