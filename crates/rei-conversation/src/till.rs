//! What the conversation knows about paying: the ways that are open, the customer's payments, and what the
//! application answers about them.

use rei_domain::ids::PaymentId;
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::payment::{PaymentState, RailRules};

/// The facts about money for one decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Till {
    /// The ways to pay, in the order in which they are shown; empty: nothing can be topped up here.
    pub rails: Vec<RailRules>,
    /// The sums that are offered.
    pub amounts: Vec<Kopecks>,
    /// The customer's payments that may still be paid, newest first.
    pub open: Vec<PaymentBrief>,
    /// Where receipts go, when the customer told.
    pub email: Option<String>,
    /// Whether receipts want an address.
    pub email_needed: bool,
    /// The version of the terms that counts now.
    pub terms_version: u32,
    /// Whether the customer accepted this version.
    pub terms_accepted: bool,
    /// Whether a debt stops paid work.
    pub frozen: bool,
    /// Why the customer may not buy, when that is so.
    pub banned: Option<String>,
    /// How the owner can be reached, such as `@name`.
    pub support: Option<String>,
    /// The payment that a button names, if it belongs to this customer.
    pub named: Option<PaymentBrief>,
}

/// A payment in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentBrief {
    /// Its id, for buttons.
    pub id: PaymentId,
    /// Its number, for people.
    pub number: i64,
    /// What is credited when it is paid.
    pub sum: Kopecks,
    /// The way to pay.
    pub rail: Rail,
    /// Where it stands.
    pub state: PaymentState,
    /// Where it is paid, once the payment system told.
    pub link: Option<String>,
    /// Why it was closed, in the payment system's word.
    pub reason: Option<String>,
}

/// Why no payment was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentRefusal {
    /// Too many were opened within the hour.
    TooMany {
        /// When the next may be opened.
        retry_minutes: i64,
    },
    /// The customer may not buy.
    Banned {
        /// Why.
        reason: String,
    },
    /// This way to pay is closed.
    Off,
    /// The sum is outside the limits.
    BadSum {
        /// The least.
        min: Kopecks,
        /// The most.
        max: Kopecks,
    },
    /// The receipt wants an address.
    EmailNeeded,
}

/// What became of a promo code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromoAnswer {
    /// Its bonus was credited.
    Given {
        /// The bonus.
        sum: Kopecks,
        /// What can be spent now.
        balance: Kopecks,
    },
    /// There is no such code.
    Unknown,
    /// Its time is over.
    Expired,
    /// Everybody else was faster.
    UsedUp,
    /// This customer had it before.
    UsedByYou,
    /// It is meant for others, such as new customers.
    NotForYou,
}

/// Why an order was not taken, whatever the wallet holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderRefusal {
    /// A debt has to be paid first.
    Frozen {
        /// The debt.
        debt: Kopecks,
    },
    /// The customer may not buy.
    Banned {
        /// Why.
        reason: String,
    },
    /// The owner stopped taking orders for a while.
    Maintenance {
        /// What the owner says about it.
        text: Option<String>,
    },
    /// Too many orders of everybody wait already.
    Busy {
        /// In how many minutes there is room again.
        minutes: i64,
    },
}

impl Till {
    /// The rules of a way to pay that is open.
    pub(crate) fn rules(&self, rail: Rail) -> Option<&RailRules> {
        self.rails.iter().find(|rules| rules.rail == rail)
    }

    /// An open payment of this sum that could be paid right now.
    pub(crate) fn payable(&self) -> Option<&PaymentBrief> {
        self.open.iter().find(|payment| payment.state.is_open() && payment.link.is_some())
    }
}
