//! The rail of Telegram Stars. A payment has no name at Telegram until it is made: then it is the charge's id.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use rei_domain::clock::{SharedClock, Timestamp};
use rei_domain::ids::CustomerId;
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::payment::{PaymentState, RailRules};
use rei_storage::payments::{PaymentRow, RefundRow};
use rei_telegram::{Client, CreateInvoiceLink, STARS, StarDirection, StarTransaction};
use serde::{Deserialize, Serialize};

use super::rail::{
    Ask, Looked, Movement, MovementKind, PaymentRail, RailError, RefundAsk, RefundLooked,
    RefundUnasked,
};
use super::stars_invoice::{Came, UNIT_UNTOLD, amount_of, invoice, judge, payment_of, worth};
use super::stars_list::{StarsList, failed};

/// Links of Telegram's own; any other would send the payer elsewhere.
const LINKS: &str = "https://t.me/";
/// Telegram keeps an invoice open for ever; we do not. Payments that are begun later are refused.
const INVOICE_OPEN: Duration = Duration::from_secs(3600);
/// The clocks of two machines.
const CLOCKS_DIFFER: Duration = Duration::from_secs(5 * 60);
/// Nobody is let in to pay an invoice that is so old, even if nobody looked after it.
const SEARCHED_FOR: Duration = Duration::from_secs(26 * 3600);
/// How far back a refund is searched for of which only the name is known.
const REFUND_SEARCHED_FOR: Duration = Duration::from_secs(30 * 24 * 3600);
/// The word for a payment that nobody made in time; customers read what the texts say for it.
const TOO_LATE: &str = "expired_on_confirmation";

/// Telegram Stars as a way to pay.
pub struct StarsRail {
    client: Arc<Client>,
    list: StarsList,
    rules: RailRules,
    unit: Kopecks,
    is_test: bool,
    clock: SharedClock,
}

/// The request of a refund.
#[derive(Debug, Serialize, Deserialize)]
struct RefundRequest {
    payer: CustomerId,
    charge: String,
}

impl StarsRail {
    /// A rail over one bot; the rules' unit is what a star is credited as.
    pub fn new(client: Arc<Client>, rules: RailRules, is_test: bool, clock: SharedClock) -> Self {
        let unit = rules.unit.unwrap_or(UNIT_UNTOLD);
        let rules = RailRules { rail: Rail::Stars, unit: Some(unit), ..rules };
        let list = StarsList::new(Arc::clone(&client));
        Self { client, list, rules, unit, is_test, clock }
    }

    /// How many whole Stars the bot has.
    ///
    /// # Errors
    /// [`RailError`] when Telegram does not say.
    pub async fn balance(&self) -> Result<i64, RailError> {
        self.client.get_my_star_balance().await.map_err(|error| failed(&error))
    }

    /// The transaction that paid an invoice.
    async fn find(&self, row: &PaymentRow) -> Result<Option<StarTransaction>, RailError> {
        let from = row.created_at.minus(CLOCKS_DIFFER);
        let upto = row.created_at.plus(SEARCHED_FOR);
        let is_it = |it: &StarTransaction| {
            let named = it.payload.as_deref().and_then(payment_of) == Some(row.id);
            let fits = row.provider_id.as_ref().is_none_or(|name| *name == it.id);
            came_in(it) && named && fits
        };
        let read = self.list.read(from, upto, is_it).await?;
        Ok(read.into_iter().next_back().filter(is_it))
    }

    async fn find_out(
        &self,
        charge: &str,
        from: Timestamp,
    ) -> Result<Option<StarTransaction>, RailError> {
        let is_it = |it: &StarTransaction| went_out(it) && it.id == charge;
        let read = self.list.read(from, Timestamp(i64::MAX), is_it).await?;
        Ok(read.into_iter().next_back().filter(is_it))
    }

    /// In rubles: as the payload says, or else at the rate of today.
    fn sum(&self, transaction: &StarTransaction) -> Option<Kopecks> {
        let said = transaction.payload.as_deref().and_then(amount_of);
        said.or_else(|| worth(self.unit, transaction.stars))
    }

    fn came(&self, transaction: &StarTransaction) -> Movement {
        let ours = transaction.payload.as_deref().and_then(payment_of);
        Movement {
            kind: MovementKind::Payment { provider_id: transaction.id.clone(), ours },
            amount: self.sum(transaction),
            is_done: true,
            at: transaction.at,
        }
    }

    /// A charge is given back whole and once, so the refund bears the charge's own name.
    fn went(&self, transaction: &StarTransaction, amount: Option<Kopecks>) -> Movement {
        let (provider_id, payment) = (transaction.id.clone(), transaction.id.clone());
        Movement {
            kind: MovementKind::Refund { provider_id, payment, ours: None },
            amount: amount.or_else(|| self.sum(transaction)),
            is_done: true,
            at: transaction.at,
        }
    }
}

impl PaymentRail for StarsRail {
    fn rules(&self) -> RailRules {
        self.rules
    }

    fn is_test(&self) -> bool {
        self.is_test
    }

    fn request(&self, ask: &Ask<'_>) -> Result<Vec<u8>, String> {
        let invoice = invoice(ask, self.unit)?;
        serde_json::to_vec(&invoice).map_err(|error| error.to_string())
    }

    /// A lost answer is harmless: a link moves no money, and all links of a payment carry its payload.
    fn open<'a>(&'a self, row: &'a PaymentRow) -> BoxFuture<'a, Result<Looked, RailError>> {
        Box::pin(async move {
            let request: CreateInvoiceLink = stored(row.request.as_deref())?;
            let link = self.client.create_invoice_link(&request).await;
            let link = link.map_err(|error| failed(&error))?;
            if !link.starts_with(LINKS) {
                let why = "the invoice is at an address that is not Telegram's".to_owned();
                return Err(RailError::Refused { why, owner: true });
            }
            Ok(Looked::Waiting { provider_id: None, link: Some(link) })
        })
    }

    fn look<'a>(
        &'a self,
        row: &'a PaymentRow,
        _candidate: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Looked, RailError>> {
        Box::pin(async move {
            // Before the list: what is paid while it is read must not look too late.
            let is_late = self.clock.now().since(row.created_at) > INVOICE_OPEN;
            if let Some(found) = self.find(row).await? {
                let came = Came {
                    payer: found.user,
                    currency: STARS,
                    stars: found.stars,
                    charge: &found.id,
                };
                return Ok(judge(row, &came));
            }
            Ok(match row.state {
                // Credited, and out of the list's reach.
                _ if row.provider_id.is_some() => Looked::Missing,
                _ if is_late => Looked::Closed { provider_id: None, reason: TOO_LATE.to_owned() },
                PaymentState::Preparing => Looked::Missing,
                _ => Looked::Waiting { provider_id: None, link: row.link.clone() },
            })
        })
    }

    fn refund_request(&self, ask: &RefundAsk<'_>) -> Result<Vec<u8>, RefundUnasked> {
        if ask.amount != ask.payment.amount {
            return Err(RefundUnasked::OnlyWhole);
        }
        let charge = ask.payment.provider_id.clone().ok_or(RefundUnasked::Unnamed)?;
        let request = RefundRequest { payer: ask.payment.customer, charge };
        serde_json::to_vec(&request).map_err(|error| RefundUnasked::Unwritable(error.to_string()))
    }

    /// Telegram needs no key: a charge that was given back before is given back.
    fn refund<'a>(
        &'a self,
        _payment: &'a PaymentRow,
        refund: &'a RefundRow,
    ) -> BoxFuture<'a, Result<RefundLooked, RailError>> {
        Box::pin(async move {
            let request: RefundRequest = stored(refund.request.as_deref())?;
            let given = self.client.refund_star_payment(request.payer, &request.charge).await;
            given.map_err(|error| failed(&error))?;
            Ok(RefundLooked::Succeeded { provider_id: request.charge })
        })
    }

    fn look_at_refund<'a>(
        &'a self,
        payment: &'a PaymentRow,
        refund: &'a RefundRow,
    ) -> BoxFuture<'a, Result<RefundLooked, RailError>> {
        Box::pin(async move {
            let Some(charge) = payment.provider_id.as_deref() else {
                return Ok(RefundLooked::Missing);
            };
            let found = self.find_out(charge, refund.created_at.minus(CLOCKS_DIFFER)).await?;
            Ok(match found {
                Some(found) => RefundLooked::Succeeded { provider_id: found.id },
                None => RefundLooked::Missing,
            })
        })
    }

    fn find_refund<'a>(
        &'a self,
        provider_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Movement>, RailError>> {
        Box::pin(async move {
            let from = self.clock.now().minus(REFUND_SEARCHED_FOR);
            let found = self.find_out(provider_id, from).await?;
            Ok(found.map(|found| self.went(&found, None)))
        })
    }

    fn movements(
        &self,
        from: Timestamp,
        upto: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<Movement>, RailError>> {
        Box::pin(async move {
            let read = self.list.read(from, upto, |_| false).await?;
            let movement = |it: &StarTransaction| {
                if came_in(it) {
                    return Some(self.came(it));
                }
                let paid = || read.iter().find(|paid| came_in(paid) && paid.id == it.id);
                went_out(it).then(|| self.went(it, paid().and_then(|paid| self.sum(paid))))
            };
            Ok(read.iter().filter_map(movement).collect())
        })
    }
}

fn came_in(transaction: &StarTransaction) -> bool {
    transaction.direction == StarDirection::In && transaction.is_invoice
}

fn went_out(transaction: &StarTransaction) -> bool {
    transaction.direction == StarDirection::Out && transaction.is_invoice
}

/// The bytes of a row are our own; without them nothing can be asked for.
fn stored<T: for<'de> Deserialize<'de>>(request: Option<&[u8]>) -> Result<T, RailError> {
    let read = serde_json::from_slice(request.unwrap_or_default());
    read.map_err(|error| RailError::Refused {
        why: format!("the stored request is unreadable: {error}"),
        owner: true,
    })
}

#[cfg(test)]
mod life_tests;
#[cfg(test)]
pub(super) mod stage;
#[cfg(test)]
mod tests;
