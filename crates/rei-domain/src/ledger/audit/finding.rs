//! What an audit can find wrong, each with the place to look at.

use crate::ids::TransferId;
use crate::ledger::RuleError;

/// One difference between what the book keeps and what its transfers say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// A row with a word or a length that no version writes.
    #[error("transfer {seq} is unreadable: {why}")]
    Unreadable {
        /// Its place.
        seq: i64,
        /// What could not be read.
        why: String,
    },
    /// A row that could never have been asked for.
    #[error("transfer {seq} breaks a rule: {rule}")]
    BreaksRule {
        /// Its place.
        seq: i64,
        /// The rule.
        rule: RuleError,
    },
    /// It moves all of its request at once, and says another sum for all of it.
    #[error("transfer {seq} moves {amount} and says that all of it is {total}")]
    TotalDiffers {
        /// Its place.
        seq: i64,
        /// What it moves, in the currency's smallest units.
        amount: i64,
        /// What its request moves, by its own word.
        total: i64,
    },
    /// The id is not the one of its time and key.
    #[error("transfer {seq} has an id that does not belong to its time and key")]
    ForeignId {
        /// Its place.
        seq: i64,
    },
    /// The hash is not the one of its contents.
    #[error("transfer {seq} has a hash that does not belong to its contents")]
    ForeignHash {
        /// Its place.
        seq: i64,
    },
    /// It does not follow the account's transfer before it: a row was removed, added or moved.
    #[error("transfer {seq} does not follow the one before it in the customer's account")]
    ChainBroken {
        /// Its place.
        seq: i64,
    },
    /// The hold was resolved before, or never was.
    #[error("transfer {seq} resolves a hold that is not open")]
    ResolvesNoOpenHold {
        /// Its place.
        seq: i64,
    },
    /// Accounts, order or group are not those of its hold.
    #[error("transfer {seq} differs from the hold it resolves")]
    DiffersFromItsHold {
        /// Its place.
        seq: i64,
    },
    /// More captured than held, or less released.
    #[error("transfer {seq} moves {amount} kopecks of a hold of {held}")]
    AmountDiffersFromItsHold {
        /// Its place.
        seq: i64,
        /// What it moves, in kopecks.
        amount: i64,
        /// What was held, in kopecks.
        held: i64,
    },
    /// It took what was not there.
    #[error("transfer {seq} takes more than {account} has")]
    Overdrawn {
        /// Its place.
        seq: i64,
        /// The account.
        account: String,
    },
    /// The account's row is not what its transfers add up to.
    #[error(
        "{account} keeps {} kopecks free and {} held, its transfers say {} and {}",
        .kept.0, .kept.1, .transfers_say.0, .transfers_say.1
    )]
    BalanceDiffers {
        /// The account.
        account: String,
        /// Free and held by the row, in kopecks.
        kept: (i64, i64),
        /// Free and held by the transfers, in kopecks.
        transfers_say: (i64, i64),
    },
    /// The account's row points to another transfer than its last.
    #[error("{account} does not end with its last transfer")]
    TipDiffers {
        /// The account.
        account: String,
    },
    /// Below zero, and yet new orders are taken.
    #[error("{account} is below zero and not frozen")]
    OverdrawnNotFrozen {
        /// The account.
        account: String,
    },
    /// Transfers name a customer's account that has no row.
    #[error("{account} has transfers but no row")]
    NoSuchAccount {
        /// The account.
        account: String,
    },
    /// An account's row with a name that no version writes.
    #[error("{account} is not the name of an account")]
    BadAccountName {
        /// The name.
        account: String,
    },
    /// A hold is listed as open, its transfers say otherwise.
    #[error("hold {leg} is listed as open but its transfers say it is not")]
    OpenHoldWithoutTransfer {
        /// The leg.
        leg: TransferId,
    },
    /// A hold is listed with other contents than its transfer.
    #[error("hold {leg} is listed as open with other contents than its transfer")]
    OpenHoldDiffers {
        /// The leg.
        leg: TransferId,
    },
    /// A hold that nothing resolved is not listed.
    #[error("hold {leg} is open but not listed")]
    OpenHoldMissing {
        /// The leg.
        leg: TransferId,
    },
    /// The checkpoint is not what the transfers add up to.
    #[error("the checkpoint of {account} differs from its transfers")]
    CheckpointDiffers {
        /// The account.
        account: String,
    },
    /// A seal does not stand on the one before it.
    #[error("seal {number} does not follow the one before it")]
    SealsBroken {
        /// Its number.
        number: i64,
    },
    /// Sealed transfers are not what they were when they were sealed.
    #[error("seal {number} does not fit its transfers {from_seq} to {upto_seq}")]
    SealDiffers {
        /// Its number.
        number: i64,
        /// The first transfer that it covers.
        from_seq: i64,
        /// The last transfer that it covers.
        upto_seq: i64,
    },
    /// An account's row names another customer or pocket than its name does.
    #[error("the row of {account} says another customer or pocket than its name")]
    AccountMixedUp {
        /// The account.
        account: String,
    },
    /// A mark stands where no version puts it.
    #[error("the mark {name} stands at {seq}, {why}")]
    MarkMisplaced {
        /// The mark.
        name: &'static str,
        /// Where it stands.
        seq: i64,
        /// Why it can't.
        why: &'static str,
    },
    /// A row beside the transfers with a word or a length that no version writes.
    #[error("{table} {row} is unreadable: {why}")]
    UnreadableRow {
        /// Its table.
        table: &'static str,
        /// Its key.
        row: String,
        /// What could not be read.
        why: String,
    },
    /// An order does not say what the ledger says about it.
    #[error("order {number} {why}")]
    OrderDiffers {
        /// Its number.
        number: i64,
        /// What does not fit.
        why: String,
    },
    /// A payment does not say what the ledger says about it.
    #[error("payment {number} {why}")]
    PaymentDiffers {
        /// Its number.
        number: i64,
        /// What does not fit.
        why: String,
    },
    /// A refund does not say what the ledger says about it.
    #[error("refund {number} {why}")]
    RefundDiffers {
        /// Its number.
        number: i64,
        /// What does not fit.
        why: String,
    },
    /// Money moved for an order, a payment, a refund or a present that is not there.
    #[error("transfer {seq} is for {what} that is not there")]
    WithoutPaper {
        /// Its place.
        seq: i64,
        /// What it should be for.
        what: &'static str,
    },
    /// Money that is nobody's does not say what the ledger says about it.
    #[error("unknown money {name} {why}")]
    SuspenseDiffers {
        /// Its name at the payment system.
        name: String,
        /// What does not fit.
        why: String,
    },
    /// The open items of unknown money do not add up to its account.
    #[error("unknown money of {items} kopecks is listed as open, the ledger has {account}")]
    SuspenseOff {
        /// By the items, in kopecks.
        items: i64,
        /// By the account, in kopecks.
        account: i64,
    },
    /// A promo code or a first top-up does not say what the ledger says about it.
    #[error("{present} {why}")]
    PresentDiffers {
        /// Which.
        present: String,
        /// What does not fit.
        why: &'static str,
    },
    /// Debits and credits of a currency differ.
    #[error("the trial balance is off by {difference} {currency} (smallest units)")]
    OutOfBalance {
        /// The currency's code.
        currency: &'static str,
        /// Debits less credits.
        difference: i64,
    },
}

/// The first [`Findings::KEPT_MAX`] findings and how many there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// The first ones.
    pub kept: Vec<Finding>,
    /// All of them.
    pub count: u64,
}

impl Findings {
    /// How many are kept: enough to see the pattern of a broken book.
    pub const KEPT_MAX: usize = 200;

    /// Adds one.
    pub fn add(&mut self, finding: Finding) {
        self.count += 1;
        if self.kept.len() < Self::KEPT_MAX {
            self.kept.push(finding);
        }
    }

    /// Adds all of another list.
    pub fn append(&mut self, other: Self) {
        let uncounted = other.count - other.kept.len() as u64;
        other.kept.into_iter().for_each(|finding| self.add(finding));
        self.count += uncounted;
    }

    /// Whether nothing is wrong.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }
}
