//! The rail of bank cards and SBP: YooKassa.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use rei_domain::clock::Timestamp;
use rei_domain::ids::RefundId;
use rei_domain::payment::RailRules;
use rei_storage::payments::{OffsetRow, PaymentRow, RefundRow};
use rei_yookassa::authenticity::{self, Network, RelayKey, Senders, Signer};
use rei_yookassa::bodies::{NewPayment, NewRefund, ReceiptForm};
use rei_yookassa::confirmation::safe_confirmation;
use rei_yookassa::objects::{
    Payment, PaymentStatus, ProviderPaymentId, ProviderRefundId, Refund, RefundStatus,
};
use rei_yookassa::{CallError, ListWindow, RefundQuery, YooKassa};

use super::rail::{
    Ask, Looked, Movement, MovementKind, OffsetAsk, OffsetLooked, Paid, PaymentRail, RailError,
    Receipts, RefundAsk, RefundLooked, RefundUnasked,
};

mod receipts;
mod signature;

pub use signature::OurSignature;

/// A shop's only currency.
const RUB: &str = "RUB";
/// Pages of one search; 100 payments each.
const PAGES_MAX: usize = 50;
/// A payment is searched for from so long before its row: the clocks of two machines.
const CLOCKS_DIFFER: Duration = Duration::from_secs(5 * 60);
/// A request may be repeated for a day, and YooKassa may have carried it out at its end.
const SEARCHED_FOR: Duration = Duration::from_secs(26 * 3600);

/// The owner's rules for YooKassa.
pub struct YooKassaRules {
    /// The least and the most that may be paid at once.
    pub limits: RailRules,
    /// How receipts are made; none when they are made elsewhere.
    pub receipts: Option<ReceiptRules>,
    /// Where the payer goes afterwards; none: back to the bot.
    pub return_url: Option<String>,
    /// Whether the address must carry the tag; without it a relay's signature alone counts.
    pub wants_address: bool,
    /// The key of a relay's signature, when one is wanted.
    pub relay: Option<RelayKey>,
    /// What is done about the sender's address.
    pub sender_check: SenderCheck,
    /// Who may say for whom they forward, as (address, leading bits).
    pub trusted_proxies: Vec<Network>,
}

/// How receipts are made.
#[derive(Clone, Debug)]
pub struct ReceiptRules {
    /// The owner's settings.
    pub form: ReceiptForm,
}

/// What is done about a sender's address that is not YooKassa's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SenderCheck {
    /// Refused.
    Enforce,
    /// Noted.
    Log,
    /// Nothing.
    Off,
}

/// YooKassa as a way to pay.
pub struct YooKassaRail {
    shop: YooKassa,
    signer: OurSignature,
    rules: YooKassaRules,
    senders: Senders,
    is_test: bool,
}

impl YooKassaRail {
    /// A rail over one shop.
    pub fn new(shop: YooKassa, signer: Signer, rules: YooKassaRules, is_test: bool) -> Self {
        let signer = OurSignature::new(signer);
        Self { shop, signer, rules, senders: Senders::yookassa(), is_test }
    }

    /// Our signature.
    pub fn signer(&self) -> &OurSignature {
        &self.signer
    }

    /// The way of the address to register, under the owner's public address.
    pub fn webhook_path(&self) -> String {
        self.signer.0.webhook_path()
    }

    /// The shop.
    pub fn shop(&self) -> &YooKassa {
        &self.shop
    }

    pub(super) fn address_fits(&self, kid: &str, tag: &str) -> bool {
        !self.rules.wants_address || self.signer.0.check_path(kid, tag)
    }

    pub(super) fn relay_fits(&self, signature: Option<&str>, body: &[u8], now: Timestamp) -> bool {
        let Some(relay) = &self.rules.relay else { return true };
        signature.is_some_and(|signature| relay.check(signature, body, now).is_ok())
    }

    pub(super) fn sender_check(&self) -> SenderCheck {
        self.rules.sender_check
    }

    pub(super) fn sender(&self, peer: IpAddr, forwarded: &[&str]) -> Option<IpAddr> {
        authenticity::sender(peer, forwarded, &self.rules.trusted_proxies)
    }

    pub(super) fn is_yookassa(&self, sender: IpAddr) -> bool {
        self.senders.is_yookassa(sender)
    }

    /// What a payment that was read means for its row.
    fn judge(&self, row: &PaymentRow, payment: &Payment) -> Result<Looked, RailError> {
        let provider_id = payment.id.as_str().to_owned();
        match &payment.status {
            PaymentStatus::Succeeded if payment.paid => {}
            PaymentStatus::Canceled => {
                let reason = payment.cancellation.as_ref();
                let reason = reason.map_or("general_decline", |it| it.reason.as_str()).to_owned();
                return Ok(Looked::Closed { provider_id: Some(provider_id), reason });
            }
            _ => return self.link(payment, provider_id),
        }
        let differs = |why| {
            let amount = (payment.currency == RUB).then_some(payment.amount);
            Ok(Looked::Differs { provider_id: provider_id.clone(), amount, why })
        };
        if payment.currency != RUB {
            return differs("currency");
        }
        if payment.test != self.is_test {
            // Play money is nobody's; real money in a test shop can't be.
            return Ok(Looked::Differs { provider_id, amount: None, why: "test" });
        }
        if payment.account_id.as_deref() != Some(self.shop.shop_id()) {
            return Ok(Looked::Differs { provider_id, amount: None, why: "account" });
        }
        if !self.signer.is_on(row, payment) {
            return differs("signature");
        }
        if payment.amount != row.amount {
            return differs("amount");
        }
        let fee = payment.income.and_then(|income| payment.amount.checked_sub(income));
        Ok(Looked::Paid(Paid {
            provider_id,
            amount: payment.amount,
            fee: fee.filter(|fee| fee.is_positive()),
            receipt: payment.receipt_registration.as_ref().map(|it| it.as_str().to_owned()),
        }))
    }

    fn link(&self, payment: &Payment, provider_id: String) -> Result<Looked, RailError> {
        let Some(url) = &payment.confirmation_url else {
            return Ok(Looked::Waiting { provider_id: Some(provider_id), link: None });
        };
        match safe_confirmation(url, &self.shop.allowed_hosts()) {
            Ok(link) => {
                Ok(Looked::Waiting { provider_id: Some(provider_id), link: Some(link.into()) })
            }
            Err(_) => {
                let why = "the payment page is at an address that is not YooKassa's".to_owned();
                Err(RailError::Refused { why, owner: true })
            }
        }
    }

    /// Searches for a payment whose name nobody knows, by the time and our own id.
    async fn search(&self, row: &PaymentRow) -> Result<Looked, RailError> {
        let wanted = row.id.to_string();
        let from = row.created_at.minus(CLOCKS_DIFFER);
        let upto = row.created_at.plus(SEARCHED_FOR);
        let mut found: Option<Payment> = None;
        for payment in self.payments(from, upto).await? {
            let is_named = payment.metadata.get("order_id").is_some_and(|id| *id == wanted);
            // Whoever takes payments for the same shop may write any id.
            let is_it = is_named && self.signer.is_on(row, &payment);
            // Of several, the one that was paid counts.
            if is_it && (found.is_none() || payment.status == PaymentStatus::Succeeded) {
                found = Some(payment);
            }
        }
        match found {
            Some(payment) => self.judge(row, &payment),
            None => Ok(Looked::Missing),
        }
    }

    async fn payments(&self, from: Timestamp, upto: Timestamp) -> Result<Vec<Payment>, RailError> {
        let mut window = ListWindow { created_gte: from, created_lt: upto, cursor: None };
        let mut all = Vec::new();
        for _ in 0..PAGES_MAX {
            let page = self.shop.payments(&window).await.map_err(|error| failed(&error))?;
            warn_unreadable(page.unreadable);
            all.extend(page.items);
            let Some(next) = page.next else { return Ok(all) };
            window.cursor = Some(next);
        }
        Err(RailError::again("the list of payments has more pages than are read"))
    }

    async fn refunds(&self, from: Timestamp, upto: Timestamp) -> Result<Vec<Refund>, RailError> {
        let mut window = ListWindow { created_gte: from, created_lt: upto, cursor: None };
        let mut all = Vec::new();
        for _ in 0..PAGES_MAX {
            let query = RefundQuery::Window(window.clone());
            let page = self.shop.refunds(&query).await.map_err(|error| failed(&error))?;
            warn_unreadable(page.unreadable);
            all.extend(page.items);
            let Some(next) = page.next else { return Ok(all) };
            window.cursor = Some(next);
        }
        Err(RailError::again("the list of refunds has more pages than are read"))
    }

    async fn search_refund(
        &self,
        payment: &PaymentRow,
        refund: &RefundRow,
    ) -> Result<RefundLooked, RailError> {
        let Some(name) = payment_name(payment) else { return Ok(RefundLooked::Missing) };
        let mut query = RefundQuery::OfPayment { payment: name.clone(), cursor: None };
        let wanted = refund.id.to_string();
        for _ in 0..PAGES_MAX {
            let page = self.shop.refunds(&query).await.map_err(|error| failed(&error))?;
            let ours = page
                .items
                .iter()
                .find(|it| it.metadata.get("refund_id").is_some_and(|id| *id == wanted));
            if let Some(found) = ours {
                return Ok(refund_looked(found));
            }
            let Some(next) = page.next else { return Ok(RefundLooked::Missing) };
            query = RefundQuery::OfPayment { payment: name.clone(), cursor: Some(next) };
        }
        Err(RailError::again("the list of refunds has more pages than are read"))
    }
}

impl PaymentRail for YooKassaRail {
    fn rules(&self) -> RailRules {
        self.rules.limits
    }

    fn is_test(&self) -> bool {
        self.is_test
    }

    fn request(&self, ask: &Ask<'_>) -> Result<Vec<u8>, String> {
        let (order_id, user_id) = (ask.id.to_string(), ask.customer.to_string());
        let signature = self.signer.0.sign_topup(&order_id, &user_id, ask.amount, RUB);
        let return_url = self.rules.return_url.as_deref().unwrap_or(ask.return_url);
        let new = NewPayment {
            amount: ask.amount,
            return_url: return_url.to_owned(),
            description: ask.description.to_owned(),
            order_id,
            merchant_customer_id: Some(user_id.clone()),
            user_id,
            signature,
            receipt: self.receipt(ask.description, ask.email)?,
        };
        new.to_body().map_err(|error| error.to_string())
    }

    fn open<'a>(&'a self, row: &'a PaymentRow) -> BoxFuture<'a, Result<Looked, RailError>> {
        Box::pin(async move {
            let body = Bytes::from(row.request.clone().unwrap_or_default());
            match self.shop.create_payment(&row.key, body).await {
                Ok(payment) => self.judge(row, &payment),
                // The key was used for other bytes: the payment may exist, so no new one is made.
                Err(error) if error.is_key_conflict() => match self.search(row).await? {
                    Looked::Missing => Err(RailError::again("the key is taken and nothing found")),
                    found => Ok(found),
                },
                Err(error) => Err(failed(&error)),
            }
        })
    }

    fn look<'a>(
        &'a self,
        row: &'a PaymentRow,
        candidate: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Looked, RailError>> {
        Box::pin(async move {
            let name = row.provider_id.as_deref().or(candidate);
            let Some(id) = name.and_then(|name| ProviderPaymentId::parse(name).ok()) else {
                return self.search(row).await;
            };
            match self.shop.payment(&id).await {
                Ok(payment) if payment.id != id => {
                    Err(RailError::again("another payment came than was asked for"))
                }
                // A name that only a report or a list gave proves nothing about our payment.
                Ok(payment) if row.provider_id.is_none() && !self.signer.is_on(row, &payment) => {
                    self.search(row).await
                }
                Ok(payment) => self.judge(row, &payment),
                Err(CallError::NotFound(_) | CallError::Gone(_)) if row.provider_id.is_none() => {
                    self.search(row).await
                }
                Err(CallError::NotFound(_) | CallError::Gone(_)) => Ok(Looked::Missing),
                Err(error) => Err(failed(&error)),
            }
        })
    }

    fn refund_request(&self, ask: &RefundAsk<'_>) -> Result<Vec<u8>, RefundUnasked> {
        let payment = payment_name(ask.payment).ok_or(RefundUnasked::Unnamed)?;
        let (refund_id, user_id) = (ask.id.to_string(), ask.payment.customer.to_string());
        let signature = self.signer.0.sign_refund(&refund_id, &user_id, ask.amount, RUB);
        let metadata = [("refund_id", refund_id), ("user_id", user_id), ("sig", signature)];
        let new = NewRefund {
            payment,
            paid: ask.payment.amount,
            amount: ask.amount,
            description: ask.description.to_owned(),
            metadata: metadata.map(|(name, value)| (name.to_owned(), value)).into(),
            receipt: self.receipt(ask.description, ask.email).map_err(RefundUnasked::Receipt)?,
        };
        new.to_body().map_err(|error| RefundUnasked::Unwritable(error.to_string()))
    }

    fn refund<'a>(
        &'a self,
        payment: &'a PaymentRow,
        refund: &'a RefundRow,
    ) -> BoxFuture<'a, Result<RefundLooked, RailError>> {
        Box::pin(async move {
            let body = Bytes::from(refund.request.clone().unwrap_or_default());
            match self.shop.create_refund(&refund.key, body).await {
                Ok(made) => Ok(refund_looked(&made)),
                Err(error) if error.is_key_conflict() => {
                    match self.search_refund(payment, refund).await? {
                        RefundLooked::Missing => {
                            Err(RailError::again("the key is taken and nothing found"))
                        }
                        found => Ok(found),
                    }
                }
                Err(error) => Err(failed(&error)),
            }
        })
    }

    fn look_at_refund<'a>(
        &'a self,
        payment: &'a PaymentRow,
        refund: &'a RefundRow,
    ) -> BoxFuture<'a, Result<RefundLooked, RailError>> {
        Box::pin(async move {
            let name = refund.provider_id.as_deref();
            let Some(id) = name.and_then(|name| ProviderRefundId::parse(name).ok()) else {
                return self.search_refund(payment, refund).await;
            };
            match self.shop.refund(&id).await {
                Ok(found) => Ok(refund_looked(&found)),
                Err(CallError::NotFound(_) | CallError::Gone(_)) => Ok(RefundLooked::Missing),
                Err(error) => Err(failed(&error)),
            }
        })
    }

    fn receipts(&self) -> Receipts {
        self.receipts_made()
    }

    fn offset_request(&self, ask: &OffsetAsk<'_>) -> Result<Vec<u8>, String> {
        self.offset_body(ask)
    }

    fn offset<'a>(
        &'a self,
        payment: &'a PaymentRow,
        row: &'a OffsetRow,
    ) -> BoxFuture<'a, Result<OffsetLooked, RailError>> {
        Box::pin(self.create_offset(payment, row))
    }

    fn look_at_offset<'a>(
        &'a self,
        payment: &'a PaymentRow,
        row: &'a OffsetRow,
    ) -> BoxFuture<'a, Result<OffsetLooked, RailError>> {
        Box::pin(self.read_offset(payment, row))
    }

    fn find_refund<'a>(
        &'a self,
        provider_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Movement>, RailError>> {
        Box::pin(async move {
            let Ok(id) = ProviderRefundId::parse(provider_id) else { return Ok(None) };
            match self.shop.refund(&id).await {
                Ok(refund) => Ok(Some(refund_movement(&refund))),
                Err(CallError::NotFound(_) | CallError::Gone(_)) => Ok(None),
                Err(error) => Err(failed(&error)),
            }
        })
    }

    fn movements(
        &self,
        from: Timestamp,
        upto: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<Movement>, RailError>> {
        Box::pin(async move {
            let mut all = Vec::new();
            for payment in self.payments(from, upto).await? {
                // Play money among real money, or the other way round, moves nothing of ours.
                if payment.test != self.is_test {
                    continue;
                }
                let ours = self.signer.order_of(&payment);
                all.push(Movement {
                    kind: MovementKind::Payment {
                        provider_id: payment.id.as_str().to_owned(),
                        ours,
                    },
                    amount: (payment.currency == RUB).then_some(payment.amount),
                    is_done: payment.status == PaymentStatus::Succeeded && payment.paid,
                    at: payment.created_at,
                });
            }
            all.extend(self.refunds(from, upto).await?.iter().map(refund_movement));
            Ok(all)
        })
    }
}

fn payment_name(row: &PaymentRow) -> Option<ProviderPaymentId> {
    row.provider_id.as_deref().and_then(|name| ProviderPaymentId::parse(name).ok())
}

fn refund_looked(refund: &Refund) -> RefundLooked {
    let provider_id = refund.id.as_str().to_owned();
    match &refund.status {
        RefundStatus::Succeeded => RefundLooked::Succeeded { provider_id },
        RefundStatus::Canceled => {
            let reason = refund.cancellation.as_ref();
            let reason = reason.map_or("general_decline", |it| it.reason.as_str()).to_owned();
            RefundLooked::Cancelled { provider_id: Some(provider_id), reason }
        }
        _ => RefundLooked::Pending { provider_id },
    }
}

fn refund_movement(refund: &Refund) -> Movement {
    let ours = refund.metadata.get("refund_id").and_then(|id| id.parse::<RefundId>().ok());
    Movement {
        kind: MovementKind::Refund {
            provider_id: refund.id.as_str().to_owned(),
            payment: refund.payment.as_str().to_owned(),
            ours,
        },
        amount: (refund.currency == RUB).then_some(refund.amount),
        is_done: refund.status == RefundStatus::Succeeded,
        at: refund.created_at,
    }
}

fn warn_unreadable(unreadable: usize) {
    if unreadable > 0 {
        tracing::error!(unreadable, "a list of YooKassa's has entries that can't be read");
    }
}

/// What a call that brought nothing means for its job.
fn failed(error: &CallError) -> RailError {
    let why = error.to_string();
    if error.is_to_be_repeated() {
        return RailError::Again { after: error.after(), why };
    }
    RailError::Refused { why, owner: true }
}
