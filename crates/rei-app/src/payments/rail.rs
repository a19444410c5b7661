//! What every way to pay must be able to do. A rail knows its payment system and no book: it is given rows and says
//! what it learned; what follows from that is decided in one place, [`super::settle`].

use std::time::Duration;

use futures::future::{BoxFuture, ready};
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, PaymentId, RefundId};
use rei_domain::money::Kopecks;
use rei_domain::payment::RailRules;
use rei_storage::payments::{OffsetRow, PaymentRow, RefundRow};

/// A way to pay.
pub trait PaymentRail: Send + Sync {
    /// Its limits.
    fn rules(&self) -> RailRules;

    /// Whether its money is play money.
    fn is_test(&self) -> bool;

    /// The bytes of the request that opens a payment: made once, stored, and sent as they are.
    ///
    /// # Errors
    /// What can't be asked for, in words for the log.
    fn request(&self, ask: &Ask<'_>) -> Result<Vec<u8>, String>;

    /// Opens a payment, with the key and the bytes of its row.
    fn open<'a>(&'a self, row: &'a PaymentRow) -> BoxFuture<'a, Result<Looked, RailError>>;

    /// Reads a payment; `candidate` is its name when the row has none yet. Without either it is searched for.
    fn look<'a>(
        &'a self,
        row: &'a PaymentRow,
        candidate: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Looked, RailError>>;

    /// The bytes of the request that sends money back.
    ///
    /// # Errors
    /// [`RefundUnasked`] says what can't be asked for.
    fn refund_request(&self, ask: &RefundAsk<'_>) -> Result<Vec<u8>, RefundUnasked>;

    /// Sends money back, with the key and the bytes of the row.
    fn refund<'a>(
        &'a self,
        payment: &'a PaymentRow,
        refund: &'a RefundRow,
    ) -> BoxFuture<'a, Result<RefundLooked, RailError>>;

    /// Reads a refund.
    fn look_at_refund<'a>(
        &'a self,
        payment: &'a PaymentRow,
        refund: &'a RefundRow,
    ) -> BoxFuture<'a, Result<RefundLooked, RailError>>;

    /// Reads a refund that the book may not know, by the payment system's name for it.
    fn find_refund<'a>(
        &'a self,
        provider_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Movement>, RailError>>;

    /// All that moved at the payment system in a time: payments that were made and refunds that succeeded.
    fn movements(
        &self,
        from: Timestamp,
        upto: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<Movement>, RailError>>;

    /// Which receipts it makes. Those without a receipt of their own, like Telegram, make none.
    fn receipts(&self) -> Receipts {
        Receipts::None
    }

    /// The bytes of an offset receipt.
    ///
    /// # Errors
    /// What can't be asked for, in words for the owners.
    fn offset_request(&self, _ask: &OffsetAsk<'_>) -> Result<Vec<u8>, String> {
        Err(NO_RECEIPTS.to_owned())
    }

    /// Sends an offset receipt, with the key and the bytes of its row. A refusal that only the owner can mend has not used
    /// up the key.
    fn offset<'a>(
        &'a self,
        _payment: &'a PaymentRow,
        _row: &'a OffsetRow,
    ) -> BoxFuture<'a, Result<OffsetLooked, RailError>> {
        let refused = RailError::Refused { why: NO_RECEIPTS.to_owned(), owner: false };
        Box::pin(ready(Err(refused)))
    }

    /// Reads an offset receipt; one that has no name yet is searched for.
    fn look_at_offset<'a>(
        &'a self,
        _payment: &'a PaymentRow,
        _row: &'a OffsetRow,
    ) -> BoxFuture<'a, Result<OffsetLooked, RailError>> {
        Box::pin(ready(Ok(OffsetLooked::Missing)))
    }
}

/// What a rail says that makes no receipts.
const NO_RECEIPTS: &str = "this way to pay makes no receipts";

/// Which receipts a rail makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipts {
    /// None.
    None,
    /// One, when the money comes.
    Full,
    /// One that says the money is a prepayment, when it comes, and another when it is used up.
    Prepayment,
}

/// What a payment's request is made from.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The payment.
    pub id: PaymentId,
    /// Whose wallet it fills.
    pub customer: CustomerId,
    /// What is credited.
    pub amount: Kopecks,
    /// In the rail's own units; none for rubles.
    pub units: Option<i64>,
    /// What the payer reads.
    pub description: &'a str,
    /// Where the payer is sent afterwards.
    pub return_url: &'a str,
    /// Where the receipt goes, when one is made.
    pub email: Option<&'a str>,
}

/// What a refund's request is made from.
#[derive(Clone, Copy, Debug)]
pub struct RefundAsk<'a> {
    /// The refund.
    pub id: RefundId,
    /// The payment whose money goes back.
    pub payment: &'a PaymentRow,
    /// How much.
    pub amount: Kopecks,
    /// What the payer reads.
    pub description: &'a str,
    /// Where the receipt goes, when one is made.
    pub email: Option<&'a str>,
}

/// What an offset receipt is made from.
#[derive(Clone, Copy, Debug)]
pub struct OffsetAsk<'a> {
    /// The payment that brought the prepayment.
    pub payment: &'a PaymentRow,
    /// How much of it was used up.
    pub amount: Kopecks,
    /// What was handed over.
    pub item: &'a str,
    /// Where the receipt goes.
    pub email: &'a str,
}

/// Why a refund can't be asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefundUnasked {
    /// The payment system gives back only the whole.
    #[error("only the whole can go back")]
    OnlyWhole,
    /// The payment has no name at the payment system.
    #[error("the payment has no name at the payment system")]
    Unnamed,
    /// The receipt that goes with it can't be made.
    #[error("the receipt can't be made: {0}")]
    Receipt(String),
    /// The request can't be written; why, for the log.
    #[error("the request can't be written: {0}")]
    Unwritable(String),
}

/// How a payment stands at the payment system. Everything that could be forged has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// The customer has still to pay.
    Waiting {
        /// The payment system's name for it; none where it has one only when it is made.
        provider_id: Option<String>,
        /// Where it is paid; checked.
        link: Option<String>,
    },
    /// It is paid.
    Paid(Paid),
    /// It was closed unpaid.
    Closed {
        /// The payment system's name for it.
        provider_id: Option<String>,
        /// The payment system's word.
        reason: String,
    },
    /// It is paid, and something about it is not what we asked for.
    Differs {
        /// The payment system's name for it.
        provider_id: String,
        /// What came, when it is in rubles.
        amount: Option<Kopecks>,
        /// What differs, in a word.
        why: &'static str,
    },
    /// The payment system knows no such payment.
    Missing,
}

/// A payment that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// The payment system's name for it.
    pub provider_id: String,
    /// What came.
    pub amount: Kopecks,
    /// What the payment system kept, when it says so.
    pub fee: Option<Kopecks>,
    /// How its receipt stands: `pending`, `succeeded`, `canceled`.
    pub receipt: Option<String>,
}

/// How a refund stands at the payment system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundLooked {
    /// On its way.
    Pending {
        /// The payment system's name for it.
        provider_id: String,
    },
    /// The money left.
    Succeeded {
        /// The payment system's name for it.
        provider_id: String,
    },
    /// The money stayed.
    Cancelled {
        /// The payment system's name for it, once it had one.
        provider_id: Option<String>,
        /// The payment system's word.
        reason: String,
    },
    /// The payment system knows no such refund.
    Missing,
}

/// How an offset receipt stands at the payment system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OffsetLooked {
    /// It is there; its registration is on its way.
    Pending {
        /// The payment system's name for it.
        provider_id: String,
    },
    /// It is registered.
    Registered {
        /// The payment system's name for it.
        provider_id: String,
    },
    /// The register refused it.
    Cancelled {
        /// The payment system's name for it.
        provider_id: String,
    },
    /// It was not taken, and never will be in this form.
    Refused {
        /// Why, without secrets.
        why: String,
    },
    /// The payment system knows no such receipt.
    Missing,
}

/// Something that moved money at the payment system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// What it was.
    pub kind: MovementKind,
    /// How much, in kopecks; none when it is not in rubles.
    pub amount: Option<Kopecks>,
    /// Whether it succeeded; other payments and refunds are named because they explain what the book waits for.
    pub is_done: bool,
    /// When it was created.
    pub at: Timestamp,
}

/// What moved money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MovementKind {
    /// A payment.
    Payment {
        /// The payment system's name for it.
        provider_id: String,
        /// The payment of ours that it carries the signature of.
        ours: Option<PaymentId>,
    },
    /// A refund.
    Refund {
        /// The payment system's name for it.
        provider_id: String,
        /// The payment system's name for the payment.
        payment: String,
        /// The refund of ours that it carries the signature of.
        ours: Option<RefundId>,
    },
}

/// Why a call brought nothing, by what is done next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RailError {
    /// It may have been carried out, or was not: the same key and the same bytes again, later.
    #[error("again later: {why}")]
    Again {
        /// The least pause that was asked for.
        after: Option<Duration>,
        /// Why, without secrets.
        why: String,
    },
    /// Not carried out, and never will be in this form.
    #[error("refused: {why}")]
    Refused {
        /// Why, without secrets.
        why: String,
        /// Whether only the owner can mend it.
        owner: bool,
    },
}

impl RailError {
    /// To be asked again without a named pause.
    pub fn again(why: impl Into<String>) -> Self {
        Self::Again { after: None, why: why.into() }
    }
}
