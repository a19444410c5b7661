//! `POST /payments`, and what a shop does with a hold.

use serde_json::Value;

use super::Caller;
use crate::yookassa::amount::Amount;
use crate::yookassa::checks::{payment, receipt};
use crate::yookassa::payments::{PaymentStatus, SimPayment};
use crate::yookassa::refusals::Refusal;
use crate::yookassa::world::World;

/// Makes a payment and returns its id.
pub(in crate::yookassa) fn create(
    world: &mut World,
    caller: &Caller<'_>,
    body: &Value,
) -> Result<String, Refusal> {
    let settings = &world.settings;
    let wanted = payment::check(body, settings.receipts_demanded, settings.fiscal)?;
    let id = world.new_id(caller.now_ms);
    world.add_payment(SimPayment {
        id: id.clone(),
        shop_id: caller.shop_id.to_owned(),
        account_id: caller.shop_id.to_owned(),
        status: PaymentStatus::Pending,
        amount: wanted.amount,
        is_two_stage: !wanted.capture,
        test: caller.test,
        description: wanted.description,
        metadata: wanted.metadata,
        merchant_customer_id: wanted.merchant_customer_id,
        confirmation: wanted.confirmation,
        method: wanted.method,
        receipt: wanted.receipt,
        receipt_registration: None,
        created_ms: caller.now_ms,
        paid_ms: None,
        captured_ms: None,
        refunded_kopecks: 0,
        cancellation: None,
        declines: Vec::new(),
    });
    Ok(id)
}

/// The shop's payment with this id.
pub(in crate::yookassa) fn find<'a>(
    world: &'a World,
    caller: &Caller<'_>,
    id: &str,
) -> Result<&'a SimPayment, Refusal> {
    let found = world.payments.get(id).filter(|payment| payment.shop_id == caller.shop_id);
    found.ok_or_else(|| Refusal::not_found("payment_id"))
}

/// Takes a hold, or a part of it.
pub(in crate::yookassa) fn capture(
    world: &mut World,
    caller: &Caller<'_>,
    id: &str,
    body: &Value,
) -> Result<(), Refusal> {
    let held = find_held(world, caller, id)?.amount.clone();
    let amount = match &body["amount"] {
        Value::Null => held.clone(),
        given => Amount::read(given, "amount")?,
    };
    if amount.kopecks > held.kopecks {
        return Err(Refusal::invalid("amount.value", "more than the hold"));
    }
    if !body["receipt"].is_null() {
        receipt::check(&body["receipt"], "receipt", &amount, world.settings.fiscal)?;
    }
    if let Some(payment) = world.payments.get_mut(id) {
        payment.amount = amount;
        if !body["receipt"].is_null() {
            payment.receipt = Some(body["receipt"].clone());
        }
    }
    world.succeed(id, caller.now_ms);
    Ok(())
}

/// Lets a hold go.
pub(in crate::yookassa) fn cancel(
    world: &mut World,
    caller: &Caller<'_>,
    id: &str,
) -> Result<(), Refusal> {
    find_held(world, caller, id)?;
    world.cancel(id, "canceled_by_merchant", caller.now_ms);
    Ok(())
}

fn find_held<'a>(
    world: &'a World,
    caller: &Caller<'_>,
    id: &str,
) -> Result<&'a SimPayment, Refusal> {
    let payment = find(world, caller, id)?;
    if payment.status != PaymentStatus::WaitingForCapture {
        return Err(Refusal::invalid("payment_id", "the payment is not waiting for capture"));
    }
    Ok(payment)
}
