//! What a customer may be told about paying: the open ways, the open payments, the e-mail, the terms.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, PaymentId};
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::payment::{PaymentState, RailRules};
use rei_storage::payments::{self, PaymentRow};
use rei_storage::{BookError, Tx};

use super::open::LINK_WORKS;
use crate::House;
use crate::admin::ban_of;

/// Open payments that are shown.
const OPEN_SHOWN: i64 = 5;

/// What a customer may be told about paying.
#[derive(Clone, Debug)]
pub struct TillView {
    /// The ways to pay, in the order in which they are offered.
    pub rails: Vec<RailRules>,
    /// Sums that are offered.
    pub amounts: Vec<Kopecks>,
    /// Payments that may still be paid, newest first.
    pub open: Vec<PaymentLine>,
    /// Where receipts go.
    pub email: Option<String>,
    /// Whether a receipt needs it.
    pub email_needed: bool,
    /// The terms' version.
    pub terms_version: u32,
    /// Whether it was accepted.
    pub terms_accepted: bool,
    /// Why the customer may not buy.
    pub banned: Option<String>,
    /// Whom the customer may write to.
    pub support: Option<String>,
}

/// A payment as the conversation sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentLine {
    /// Its id.
    pub id: PaymentId,
    /// Its number for people.
    pub number: i64,
    /// What is credited.
    pub sum: Kopecks,
    /// The way it comes.
    pub rail: Rail,
    /// Where it stands.
    pub state: PaymentState,
    /// Where it is paid.
    pub link: Option<String>,
    /// Why it was closed.
    pub reason: Option<String>,
}

impl From<PaymentRow> for PaymentLine {
    fn from(row: PaymentRow) -> Self {
        Self {
            id: row.id,
            number: row.number,
            sum: row.amount,
            rail: row.rail,
            state: row.state,
            link: row.link,
            reason: row.reason,
        }
    }
}

/// Reads it.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn till(
    tx: &mut Tx<'_>,
    house: &House,
    customer: CustomerId,
    now: Timestamp,
) -> Result<TillView, BookError> {
    let rules = &house.payments;
    let open = match rules.rails.is_empty() {
        true => Vec::new(),
        false => payments::open_of_customer(tx, customer, now.minus(LINK_WORKS), OPEN_SHOWN)?,
    };
    let version = i64::from(rules.terms_version);
    Ok(TillView {
        rails: rules.rules(),
        amounts: rules.amounts.clone(),
        open: open.into_iter().map(PaymentLine::from).collect(),
        email: payments::email_of(tx, customer)?,
        email_needed: rules.wants_email,
        terms_version: rules.terms_version,
        terms_accepted: version == 0 || payments::terms_accepted(tx, customer, version)?,
        banned: ban_of(tx, customer, now)?.map(|ban| ban.reason),
        support: rules.support.clone(),
    })
}
