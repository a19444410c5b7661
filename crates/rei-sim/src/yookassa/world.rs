//! Everything that the service remembers, and the steps by which it changes. Time passes here too: whoever looks first
//! lets what is due happen.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::amount::Amount;
use super::faults::Faults;
use super::keys::{Keys, Made};
use super::moments;
use super::notices::{Event, NoticeSettings, Outbox};
use super::payments::{self, Cancellation, PayMethod, PaymentStatus, Registration, SimPayment};
use super::receipts::{Fiscal, SimReceipt};
use super::refunds::{self, RefundMode, RefundStatus, SimRefund};
use super::shelf::{HasId, Shelf};

/// What can be set while the service runs.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// The shop whose payments are told of.
    pub(super) told_shop_id: String,
    pub(super) notify_url: Option<String>,
    pub(super) notices: NoticeSettings,
    pub(super) refunds: RefundMode,
    pub(super) receipts_demanded: bool,
    pub(super) receipts_at_once: bool,
    pub(super) fiscal: Fiscal,
    /// Where payers are sent to: scheme and host.
    pub(super) pages: String,
}

/// The memory.
#[derive(Debug)]
pub(super) struct World {
    pub(super) settings: Settings,
    pub(super) payments: Shelf<SimPayment>,
    pub(super) refunds: Shelf<SimRefund>,
    pub(super) receipts: Shelf<SimReceipt>,
    pub(super) keys: Keys,
    pub(super) outbox: Outbox,
    pub(super) faults: Faults,
    deadlines: BTreeSet<(i64, String)>,
    /// The newest state before the last change, for stale notifications.
    before: HashMap<String, Value>,
    ids_made: u64,
}

impl HasId for SimPayment {
    fn id(&self) -> &str {
        &self.id
    }
}

impl HasId for SimRefund {
    fn id(&self) -> &str {
        &self.id
    }
}

impl HasId for SimReceipt {
    fn id(&self) -> &str {
        &self.id
    }
}

impl World {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            payments: Shelf::default(),
            refunds: Shelf::default(),
            receipts: Shelf::default(),
            keys: Keys::default(),
            outbox: Outbox::default(),
            faults: Faults::default(),
            deadlines: BTreeSet::new(),
            before: HashMap::new(),
            ids_made: 0,
        }
    }

    pub(super) fn new_id(&mut self, now_ms: i64) -> String {
        self.ids_made += 1;
        moments::id(now_ms, self.ids_made)
    }

    /// Lets happen what time alone brings.
    pub(super) fn catch_up(&mut self, now_ms: i64) {
        while let Some((at_ms, id)) = self.deadlines.first().cloned() {
            if at_ms > now_ms {
                return;
            }
            self.deadlines.pop_first();
            let Some(payment) = self.payments.get(&id) else { continue };
            if payment.deadline_ms() != Some(at_ms) {
                continue;
            }
            let reason = match payment.status {
                PaymentStatus::Pending => "expired_on_confirmation",
                _ => "expired_on_capture",
            };
            self.cancel(&id, reason, at_ms);
        }
    }

    /// When something happens by itself.
    pub(super) fn next_ms(&self) -> Option<i64> {
        let deadline_ms = self.deadlines.first().map(|(at_ms, _)| *at_ms);
        deadline_ms.into_iter().chain(self.outbox.next_ms()).min()
    }

    /// An object as the API shows it.
    pub(super) fn show(&self, made: &Made) -> Value {
        let pages = &self.settings.pages;
        let shown = match made {
            Made::Payment(id) => self.payments.get(id).map(|payment| payment.json(pages)),
            Made::Refund(id) => self.refunds.get(id).map(SimRefund::json),
            Made::Receipt(id) => self.receipts.get(id).map(SimReceipt::json),
        };
        shown.unwrap_or_default()
    }

    pub(super) fn add_payment(&mut self, payment: SimPayment) {
        self.watch(&payment);
        self.payments.add(payment);
    }

    /// The payer has paid.
    pub(super) fn pay(&mut self, id: &str, method: PayMethod, now_ms: i64) {
        let is_two_stage = self.payments.get(id).is_some_and(|payment| payment.is_two_stage);
        self.change_payment(id, |payment| {
            payment.method = Some(method);
            payment.paid_ms = Some(now_ms);
            if is_two_stage {
                payment.status = PaymentStatus::WaitingForCapture;
            }
        });
        if is_two_stage {
            self.tell_payment(Event::WaitingForCapture, id, now_ms);
        } else {
            self.succeed(id, now_ms);
        }
    }

    /// The money becomes the shop's, whatever was before.
    pub(super) fn succeed(&mut self, id: &str, now_ms: i64) {
        let registration = self.registration();
        self.change_payment(id, |payment| {
            payment.status = PaymentStatus::Succeeded;
            payment.captured_ms = Some(now_ms);
            payment.cancellation = None;
            payment.receipt_registration = payment.receipt.as_ref().map(|_| registration);
        });
        self.tell_payment(Event::Succeeded, id, now_ms);
    }

    pub(super) fn cancel(&mut self, id: &str, reason: &str, now_ms: i64) {
        let party = payments::party(reason).to_owned();
        let cancellation = Cancellation { party, reason: reason.to_owned() };
        self.change_payment(id, |payment| {
            payment.status = PaymentStatus::Canceled;
            payment.cancellation = Some(cancellation);
        });
        self.tell_payment(Event::Canceled, id, now_ms);
    }

    /// What is neither given back nor on its way back, in kopecks.
    pub(super) fn left_kopecks(&self, payment: &SimPayment) -> i64 {
        let of_this = |refund: &&SimRefund| refund.payment_id == payment.id;
        let counts = |refund: &&SimRefund| refund.status == RefundStatus::Pending;
        let refunds = self.refunds.all().iter().filter(of_this).filter(counts);
        let pending: i64 = refunds.map(|refund| refund.amount.kopecks).sum();
        payment.amount.kopecks - payment.refunded_kopecks - pending
    }

    /// Adds a refund that stands as pending, and settles it as the mode says.
    pub(super) fn add_refund(&mut self, refund: SimRefund, mode: &RefundMode, now_ms: i64) {
        let id = refund.id.clone();
        self.refunds.add(refund);
        match mode {
            RefundMode::AtOnce => self.succeed_refund(&id, now_ms),
            RefundMode::Held => {}
            RefundMode::Canceled { reason } => self.cancel_refund(&id, reason),
        }
    }

    pub(super) fn succeed_refund(&mut self, id: &str, now_ms: i64) {
        let registration = self.registration();
        let before = self.show(&Made::Refund(id.to_owned()));
        let Some(refund) = self.refunds.get_mut(id) else { return };
        refund.status = RefundStatus::Succeeded;
        refund.receipt_registration = refund.receipt.as_ref().map(|_| registration);
        let (payment_id, Amount { kopecks, .. }) =
            (refund.payment_id.clone(), refund.amount.clone());
        self.before.insert(id.to_owned(), before);
        self.change_payment(&payment_id, |payment| payment.refunded_kopecks += kopecks);
        self.tell(Event::Refunded, &Made::Refund(id.to_owned()), now_ms);
    }

    pub(super) fn cancel_refund(&mut self, id: &str, reason: &str) {
        let party = refunds::party(reason).to_owned();
        let Some(refund) = self.refunds.get_mut(id) else { return };
        refund.status = RefundStatus::Canceled;
        refund.cancellation = Some(Cancellation { party, reason: reason.to_owned() });
    }

    pub(super) fn registration(&self) -> Registration {
        match self.settings.receipts_at_once {
            true => Registration::Succeeded,
            false => Registration::Pending,
        }
    }

    /// Changes a payment; nobody is told.
    pub(super) fn change_payment(&mut self, id: &str, change: impl FnOnce(&mut SimPayment)) {
        let before = self.show(&Made::Payment(id.to_owned()));
        let Some(payment) = self.payments.get_mut(id) else { return };
        change(payment);
        let payment = payment.clone();
        self.before.insert(id.to_owned(), before);
        self.watch(&payment);
    }

    fn watch(&mut self, payment: &SimPayment) {
        if let Some(at_ms) = payment.deadline_ms() {
            self.deadlines.insert((at_ms, payment.id.clone()));
        }
    }

    fn tell_payment(&mut self, event: Event, id: &str, at_ms: i64) {
        self.tell(event, &Made::Payment(id.to_owned()), at_ms);
    }

    fn tell(&mut self, event: Event, made: &Made, at_ms: i64) {
        let (id, shop_id) = match made {
            Made::Payment(id) => (id, self.payments.get(id).map(|payment| &payment.shop_id)),
            Made::Refund(id) => (id, self.refunds.get(id).map(|refund| &refund.shop_id)),
            Made::Receipt(_) => return,
        };
        let is_told = shop_id == Some(&self.settings.told_shop_id);
        if !is_told || self.settings.notify_url.is_none() {
            return;
        }
        let stale = self.before.get(id).filter(|_| self.settings.notices.stale).cloned();
        let object = stale.unwrap_or_else(|| self.show(made));
        self.outbox.add(&self.settings.notices, event, &object, at_ms);
    }
}
