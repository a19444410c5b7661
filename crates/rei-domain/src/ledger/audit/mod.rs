//! Re-adds the book: takes its transfers in order, then compares what they say with the rows that the
//! book keeps beside them. Finds; never repairs.

mod finding;
mod papers;
mod seals;
#[cfg(test)]
mod tests;
mod trial;

use std::collections::HashMap;

use crate::ids::{OrderId, TransferId};
use crate::money::Kopecks;

pub use finding::{Finding, Findings};
pub use papers::{OrderPaper, PaperCredit, PaperLeg, PaperOrigin, PaymentPaper, RefundPaper};
pub use seals::SealRow;
use seals::SealWalk;
pub use trial::{Sums, TrialBalance, TrialLine};

use super::request::check_movement;
use super::{Account, HoldId, Phase, Transfer};

/// A customer's account as its row has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// The account.
    pub account: Account,
    /// Free money.
    pub free: Kopecks,
    /// Reserved money.
    pub held: Kopecks,
    /// Whether a foreign refund overdrew the wallet.
    pub frozen: bool,
    /// The newest transfer of the account.
    pub tip: Option<TransferId>,
}

/// A leg of a hold that nothing has resolved yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenHoldRow {
    /// The leg's transfer.
    pub leg: TransferId,
    /// The hold it belongs to.
    pub hold: HoldId,
    /// The account whose money is reserved.
    pub debit: Account,
    /// Who gets it.
    pub credit: Account,
    /// How much.
    pub amount: Kopecks,
    /// The order it belongs to.
    pub order: Option<OrderId>,
}

/// The sums of one account up to the checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointRow {
    /// The account.
    pub account: Account,
    /// What was debited and credited.
    pub sums: Sums,
}

/// What the transfers say about a customer's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tracked {
    free: i64,
    held: i64,
    tip: Tip,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tip {
    /// The audit began in the middle and has not met the account yet.
    Unknown,
    Known(Option<TransferId>),
}

/// Walks over the transfers of the whole book, or of its tail.
pub struct Auditor {
    tracked: HashMap<Account, Tracked>,
    sums: HashMap<Account, Sums>,
    checkpoint: Checkpoint,
    open: HashMap<TransferId, OpenHoldRow>,
    seals: SealWalk,
    findings: Findings,
    transfers: u64,
}

enum Checkpoint {
    /// Rows up to this one are still being added up.
    Ahead(i64),
    Passed(HashMap<Account, Sums>),
    /// The audit began there and relies on it.
    Trusted,
}

impl Auditor {
    /// Begins with the first transfer; `checkpoint` is the last one that the checkpoint covers.
    pub fn whole(checkpoint: i64, seals: Vec<SealRow>) -> Self {
        Self::with(Checkpoint::Ahead(checkpoint), SealWalk::whole(seals))
    }

    /// Begins after the checkpoint, trusting its sums: `base` for each customer's account that the tail
    /// touches, `open` the holds that were open there, `seals` those that begin after it.
    pub fn tail(base: Vec<CheckpointRow>, open: Vec<OpenHoldRow>, seals: Vec<SealRow>) -> Self {
        let mut auditor = Self::with(Checkpoint::Trusted, SealWalk::tail(seals));
        for CheckpointRow { account, sums } in base {
            let free = sums.credits - sums.debits;
            auditor.tracked.insert(account, Tracked { free, held: 0, tip: Tip::Unknown });
        }
        for leg in open {
            if let Some(state) = auditor.tracked.get_mut(&leg.debit) {
                state.free -= leg.amount.get();
                state.held += leg.amount.get();
            }
            auditor.open.insert(leg.leg, leg);
        }
        auditor
    }

    fn with(checkpoint: Checkpoint, seals: SealWalk) -> Self {
        Self {
            tracked: HashMap::new(),
            sums: HashMap::new(),
            checkpoint,
            open: HashMap::new(),
            seals,
            findings: Findings::default(),
            transfers: 0,
        }
    }

    /// Notes a row that does not read as a transfer.
    pub fn unreadable(&mut self, seq: i64, why: String) {
        self.transfers += 1;
        self.findings.add(Finding::Unreadable { seq, why });
    }

    /// Takes the next transfer.
    pub fn take(&mut self, row: &Transfer) {
        self.transfers += 1;
        if let Checkpoint::Ahead(seq) = self.checkpoint
            && row.seq > seq
        {
            self.checkpoint = Checkpoint::Passed(self.sums.clone());
        }
        self.seals.take(row, &mut self.findings);
        if let Err(rule) = check_movement(row.kind, &row.debit, &row.credit, row.amount) {
            self.findings.add(Finding::BreaksRule { seq: row.seq, rule });
        }
        if row.id != Transfer::derive_id(row.at, &row.key) {
            self.findings.add(Finding::ForeignId { seq: row.seq });
        }
        if row.request_hash != row.expected_hash() {
            self.findings.add(Finding::ForeignHash { seq: row.seq });
        }
        if row.phase.moves_money() {
            let amount = row.amount.minor();
            self.sums.entry(row.debit.clone()).or_default().debits += amount;
            self.sums.entry(row.credit.clone()).or_default().credits += amount;
        }
        self.follow_chain(row);
        match row.phase {
            Phase::Post => self.post(row),
            Phase::Hold => self.hold(row),
            Phase::Capture | Phase::Void | Phase::Expire => self.resolve(row),
        }
    }

    /// Compares with the rows beside the transfers and ends.
    pub fn finish(
        mut self,
        accounts: &[AccountRow],
        open_holds: &[OpenHoldRow],
        checkpoints: &[CheckpointRow],
    ) -> (u64, Findings) {
        self.seals.finish(&mut self.findings);
        self.compare_accounts(accounts);
        self.compare_open_holds(open_holds);
        self.compare_checkpoints(checkpoints);
        (self.transfers, self.findings)
    }

    fn state(&mut self, account: &Account) -> &mut Tracked {
        let new = Tracked { free: 0, held: 0, tip: Tip::Known(None) };
        self.tracked.entry(account.clone()).or_insert(new)
    }

    fn follow_chain(&mut self, row: &Transfer) {
        let Some(account) = row.tracked() else {
            if row.prev.is_some() {
                self.findings.add(Finding::ChainBroken { seq: row.seq });
            }
            return;
        };
        let state = self.state(account);
        let fits = state.tip == Tip::Unknown || state.tip == Tip::Known(row.prev);
        state.tip = Tip::Known(Some(row.id));
        if !fits {
            self.findings.add(Finding::ChainBroken { seq: row.seq });
        }
    }

    fn post(&mut self, row: &Transfer) {
        let amount = row.amount.minor();
        if row.total != amount {
            self.findings.add(Finding::TotalDiffers { seq: row.seq, amount, total: row.total });
        }
        if row.credit.customer().is_some() {
            self.state(&row.credit).free += amount;
        }
        if row.debit.customer().is_some() {
            let state = self.state(&row.debit);
            state.free -= amount;
            let overdrawn = state.free < 0 && !row.kind.may_overdraw();
            self.overdrawn_if(overdrawn, row);
        }
    }

    fn hold(&mut self, row: &Transfer) {
        let amount = row.amount.minor();
        let state = self.state(&row.debit);
        state.free -= amount;
        state.held += amount;
        let overdrawn = state.free < 0;
        self.overdrawn_if(overdrawn, row);
        let leg = OpenHoldRow {
            leg: row.id,
            hold: row.linked.unwrap_or(HoldId(row.id)),
            debit: row.debit.clone(),
            credit: row.credit.clone(),
            amount: Kopecks::new(amount),
            order: row.order,
        };
        self.open.insert(row.id, leg);
    }

    fn resolve(&mut self, row: &Transfer) {
        let Some(leg) = row.hold.and_then(|leg| self.open.remove(&leg)) else {
            self.findings.add(Finding::ResolvesNoOpenHold { seq: row.seq });
            return;
        };
        let same = leg.debit == row.debit
            && leg.credit == row.credit
            && leg.order == row.order
            && Some(leg.hold) == row.linked;
        if !same {
            self.findings.add(Finding::DiffersFromItsHold { seq: row.seq });
        }
        let (held, amount) = (leg.amount.get(), row.amount.minor());
        let fits = if row.phase == Phase::Capture { amount <= held } else { amount == held };
        if !fits {
            self.findings.add(Finding::AmountDiffersFromItsHold { seq: row.seq, amount, held });
        }
        let back = if row.phase == Phase::Capture { held - amount } else { held };
        let state = self.state(&leg.debit);
        state.held -= held;
        state.free += back;
    }

    fn overdrawn_if(&mut self, overdrawn: bool, row: &Transfer) {
        if overdrawn {
            let account = row.debit.to_string();
            self.findings.add(Finding::Overdrawn { seq: row.seq, account });
        }
    }

    fn compare_accounts(&mut self, rows: &[AccountRow]) {
        let mut left = std::mem::take(&mut self.tracked);
        for row in rows {
            let new = Tracked { free: 0, held: 0, tip: Tip::Known(None) };
            let said = left.remove(&row.account).unwrap_or(new);
            let kept = (row.free.get(), row.held.get());
            if kept != (said.free, said.held) {
                self.findings.add(Finding::BalanceDiffers {
                    account: row.account.to_string(),
                    kept,
                    transfers_say: (said.free, said.held),
                });
            }
            if said.tip != Tip::Unknown && said.tip != Tip::Known(row.tip) {
                self.findings.add(Finding::TipDiffers { account: row.account.to_string() });
            }
            if row.free.get() < 0 && !row.frozen {
                self.findings.add(Finding::OverdrawnNotFrozen { account: row.account.to_string() });
            }
        }
        for account in left.into_keys() {
            self.findings.add(Finding::NoSuchAccount { account: account.to_string() });
        }
    }

    fn compare_open_holds(&mut self, rows: &[OpenHoldRow]) {
        let mut left = std::mem::take(&mut self.open);
        for row in rows {
            match left.remove(&row.leg) {
                None => self.findings.add(Finding::OpenHoldWithoutTransfer { leg: row.leg }),
                Some(said) if said != *row => {
                    self.findings.add(Finding::OpenHoldDiffers { leg: row.leg });
                }
                Some(_) => {}
            }
        }
        for leg in left.into_keys() {
            self.findings.add(Finding::OpenHoldMissing { leg });
        }
    }

    fn compare_checkpoints(&mut self, rows: &[CheckpointRow]) {
        let mut left = match std::mem::replace(&mut self.checkpoint, Checkpoint::Trusted) {
            Checkpoint::Trusted => return,
            Checkpoint::Passed(sums) => sums,
            Checkpoint::Ahead(0) => HashMap::new(),
            Checkpoint::Ahead(_) => std::mem::take(&mut self.sums),
        };
        for row in rows {
            if left.remove(&row.account).unwrap_or_default() != row.sums {
                self.findings.add(Finding::CheckpointDiffers { account: row.account.to_string() });
            }
        }
        for account in left.into_keys() {
            self.findings.add(Finding::CheckpointDiffers { account: account.to_string() });
        }
    }
}
