//! What payers, the merchant's profile and the service's own moods do: everything that no call of the API can.

use std::fmt;

use serde_json::{Map, Value, json};

use super::YooKassaSim;
use super::amount::Amount;
use super::payments::{PayMethod, PaymentStatus, Registration, SimPayment};
use super::refunds::{RefundMode, RefundStatus, SimRefund};
use super::world::World;

/// A lever that cannot be pulled now, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimError(String);

/// What a refusal of the payer's means does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decline {
    /// The payment is canceled.
    Ends,
    /// It stays pending; nobody is told.
    MayRetry,
}

impl SimError {
    pub(super) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

impl fmt::Display for SimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SimError {}

/// Whether the payment can be paid so.
pub(super) fn takes(payment: &SimPayment, method: PayMethod) -> Result<(), SimError> {
    if payment.method.is_some_and(|chosen| chosen != method) {
        return Err(SimError::new("the shop has chosen another means of payment"));
    }
    if payment.is_two_stage && method == PayMethod::Sbp {
        return Err(SimError::new("SBP knows no holds"));
    }
    if payment.amount.kopecks > method.kopecks_max() {
        return Err(SimError::new("the sum is above the limit of this means of payment"));
    }
    Ok(())
}

fn pending<'a>(world: &'a mut World, id: &str) -> Result<&'a mut SimPayment, SimError> {
    let payment = world.payments.get_mut(id).ok_or_else(|| SimError::new("no such payment"))?;
    match payment.status {
        PaymentStatus::Pending => Ok(payment),
        status => Err(SimError::new(format!("the payment is {} already", status.word()))),
    }
}

impl YooKassaSim {
    /// The payer pays by what the shop has chosen, else by card.
    ///
    /// # Errors
    /// There is no such payment, or it is not pending.
    pub fn pay(&self, id: &str) -> Result<SimPayment, SimError> {
        let method = self.payment(id).and_then(|payment| payment.method);
        self.pay_by(id, method.unwrap_or(PayMethod::BankCard))
    }

    /// The payer pays like this.
    ///
    /// # Errors
    /// There is no such payment, it is not pending, or it cannot be paid so.
    pub fn pay_by(&self, id: &str, method: PayMethod) -> Result<SimPayment, SimError> {
        self.on_payment(id, |world, now_ms| {
            takes(pending(world, id)?, method)?;
            world.pay(id, method, now_ms);
            Ok(())
        })
    }

    /// The payer's means are refused, for a reason such as `insufficient_funds`.
    ///
    /// # Errors
    /// There is no such payment, or it is not pending.
    pub fn decline(&self, id: &str, reason: &str, how: Decline) -> Result<SimPayment, SimError> {
        self.on_payment(id, |world, now_ms| {
            let payment = pending(world, id)?;
            payment.declines.push(reason.to_owned());
            if how == Decline::Ends {
                payment.method.get_or_insert(PayMethod::BankCard);
                world.cancel(id, reason, now_ms);
            }
            Ok(())
        })
    }

    /// The money comes although the payment was canceled, or whatever else it was.
    ///
    /// # Errors
    /// There is no such payment, or it has succeeded.
    pub fn pay_late(&self, id: &str) -> Result<SimPayment, SimError> {
        self.on_payment(id, |world, now_ms| {
            let payment = world.payments.get_mut(id);
            let payment = payment.ok_or_else(|| SimError::new("no such payment"))?;
            if payment.status == PaymentStatus::Succeeded {
                return Err(SimError::new("the payment has succeeded already"));
            }
            payment.method.get_or_insert(PayMethod::BankCard);
            payment.paid_ms.get_or_insert(now_ms);
            world.succeed(id, now_ms);
            Ok(())
        })
    }

    /// Somebody refunds in the merchant's profile; returns the refund's id.
    ///
    /// # Errors
    /// The payment has not succeeded, or less is left of it.
    pub fn refund_by_hand(&self, payment_id: &str, kopecks: i64) -> Result<String, SimError> {
        self.change(|world, now_ms| {
            let payment = world.payments.get(payment_id);
            let payment = payment.ok_or_else(|| SimError::new("no such payment"))?;
            if payment.status != PaymentStatus::Succeeded {
                return Err(SimError::new("the payment has not succeeded"));
            }
            if kopecks <= 0 || kopecks > world.left_kopecks(payment) {
                return Err(SimError::new("no such sum is left of the payment"));
            }
            let refund = SimRefund {
                id: String::new(),
                shop_id: payment.shop_id.clone(),
                payment_id: payment_id.to_owned(),
                status: RefundStatus::Pending,
                amount: payment.amount.with(kopecks),
                description: None,
                metadata: None,
                receipt: None,
                receipt_registration: None,
                is_by_hand: true,
                created_ms: now_ms,
                cancellation: None,
            };
            let id = world.new_id(now_ms);
            world.add_refund(SimRefund { id: id.clone(), ..refund }, &RefundMode::AtOnce, now_ms);
            Ok(id)
        })
    }

    /// A pending refund arrives.
    ///
    /// # Errors
    /// There is no such refund, or it is not pending.
    pub fn succeed_refund(&self, id: &str) -> Result<SimRefund, SimError> {
        self.on_refund(id, |world, now_ms| world.succeed_refund(id, now_ms))
    }

    /// A pending refund comes to nothing, for a reason such as `rejected_by_payee`; nobody is told.
    ///
    /// # Errors
    /// There is no such refund, or it is not pending.
    pub fn cancel_refund(&self, id: &str, reason: &str) -> Result<SimRefund, SimError> {
        self.on_refund(id, |world, _| world.cancel_refund(id, reason))
    }

    /// Another site of the same shop takes money: a payment that we never made. Returns its id.
    pub fn foreign_payment(&self, kopecks: i64, metadata: Option<Map<String, Value>>) -> String {
        let shop_id = self.state.shop.shop_id.clone();
        self.paid_payment(&shop_id, kopecks, metadata)
    }

    /// Another shop takes money; our key does not see it, and we are not told. Returns its id.
    pub fn other_shop_payment(&self, kopecks: i64) -> String {
        let shop_id = self.state.foreign.shop_id.clone();
        self.paid_payment(&shop_id, kopecks, None)
    }

    fn paid_payment(
        &self,
        shop_id: &str,
        kopecks: i64,
        metadata: Option<Map<String, Value>>,
    ) -> String {
        let test = self.state.shop.test;
        let made: Result<String, SimError> = self.change(|world, now_ms| {
            let id = world.new_id(now_ms);
            world.add_payment(SimPayment {
                id: id.clone(),
                shop_id: shop_id.to_owned(),
                account_id: shop_id.to_owned(),
                status: PaymentStatus::Pending,
                amount: Amount::rub(kopecks),
                is_two_stage: false,
                test,
                description: Some("somebody else's order".to_owned()),
                metadata,
                merchant_customer_id: None,
                confirmation: json!({"type": "redirect", "return_url": "https://example.com/"}),
                method: None,
                receipt: None,
                receipt_registration: None,
                created_ms: now_ms,
                paid_ms: None,
                captured_ms: None,
                refunded_kopecks: 0,
                cancellation: None,
                declines: Vec::new(),
            });
            world.pay(&id, PayMethod::BankCard, now_ms);
            Ok(id)
        });
        made.unwrap_or_default()
    }

    /// Falsifies a payment: anything about it, such as its sum, its currency, `test`, `account_id` or metadata. Nobody
    /// is told.
    ///
    /// # Errors
    /// There is no such payment.
    pub fn alter(
        &self,
        id: &str,
        change: impl FnOnce(&mut SimPayment),
    ) -> Result<SimPayment, SimError> {
        self.on_payment(id, |world, _| {
            // An unknown one is told of by the caller.
            world.change_payment(id, change);
            Ok(())
        })
    }

    /// The payment's sum is another one.
    ///
    /// # Errors
    /// There is no such payment.
    pub fn set_amount(&self, id: &str, kopecks: i64) -> Result<SimPayment, SimError> {
        self.alter(id, |payment| payment.amount.kopecks = kopecks)
    }

    /// The payment's currency is another one.
    ///
    /// # Errors
    /// There is no such payment.
    pub fn set_currency(&self, id: &str, currency: &str) -> Result<SimPayment, SimError> {
        self.alter(id, |payment| payment.amount.currency = currency.to_owned())
    }

    /// The payment says of itself whether it is a test.
    ///
    /// # Errors
    /// There is no such payment.
    pub fn set_test(&self, id: &str, test: bool) -> Result<SimPayment, SimError> {
        self.alter(id, |payment| payment.test = test)
    }

    /// The payment went to another account.
    ///
    /// # Errors
    /// There is no such payment.
    pub fn set_recipient(&self, id: &str, account_id: &str) -> Result<SimPayment, SimError> {
        self.alter(id, |payment| payment.account_id = account_id.to_owned())
    }

    /// How the receipt of a payment or a refund stands, or a receipt of its own.
    ///
    /// # Errors
    /// There is no such object.
    pub fn set_receipt_registration(
        &self,
        id: &str,
        registration: Registration,
    ) -> Result<(), SimError> {
        self.change(|world, _| {
            if let Some(payment) = world.payments.get_mut(id) {
                payment.receipt_registration = Some(registration);
            } else if let Some(refund) = world.refunds.get_mut(id) {
                refund.receipt_registration = Some(registration);
            } else if let Some(receipt) = world.receipts.get_mut(id) {
                receipt.registration = registration;
            } else {
                return Err(SimError::new("no such payment, refund or receipt"));
            }
            Ok(())
        })
    }

    fn change<T>(
        &self,
        change: impl FnOnce(&mut World, i64) -> Result<T, SimError>,
    ) -> Result<T, SimError> {
        let now_ms = self.state.clock.now_ms();
        let changed = self.state.with(|world| {
            world.catch_up(now_ms);
            change(world, now_ms)
        });
        self.state.changed.notify_one();
        changed
    }

    fn on_payment(
        &self,
        id: &str,
        change: impl FnOnce(&mut World, i64) -> Result<(), SimError>,
    ) -> Result<SimPayment, SimError> {
        self.change(|world, now_ms| {
            change(world, now_ms)?;
            world.payments.get(id).cloned().ok_or_else(|| SimError::new("no such payment"))
        })
    }

    fn on_refund(
        &self,
        id: &str,
        change: impl FnOnce(&mut World, i64),
    ) -> Result<SimRefund, SimError> {
        self.change(|world, now_ms| {
            let refund = world.refunds.get(id).ok_or_else(|| SimError::new("no such refund"))?;
            if refund.status != RefundStatus::Pending {
                let word = refund.status.word();
                return Err(SimError::new(format!("the refund is {word} already")));
            }
            change(world, now_ms);
            world.refunds.get(id).cloned().ok_or_else(|| SimError::new("no such refund"))
        })
    }
}
