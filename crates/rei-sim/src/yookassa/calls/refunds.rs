//! `POST /refunds`.

use serde_json::Value;

use super::{Caller, payments};
use crate::yookassa::amount::Amount;
use crate::yookassa::checks::{metadata, receipt, text};
use crate::yookassa::payments::PaymentStatus;
use crate::yookassa::refunds::{RefundStatus, SimRefund};
use crate::yookassa::refusals::Refusal;
use crate::yookassa::world::World;

const DESCRIPTION_CHARS_MAX: usize = 250;
/// Three years; a bank's button gives one, which is not told apart here.
const LIFE_MS: i64 = 3 * 365 * 24 * 60 * 60 * 1_000;

/// Makes a refund and returns its id.
pub(in crate::yookassa) fn create(
    world: &mut World,
    caller: &Caller<'_>,
    body: &Value,
) -> Result<String, Refusal> {
    let Some(payment_id) = body["payment_id"].as_str() else {
        return Err(Refusal::invalid("payment_id", "it is required"));
    };
    let payment = payments::find(world, caller, payment_id)?;
    if payment.status != PaymentStatus::Succeeded {
        return Err(Refusal::invalid("payment_id", "only a succeeded payment can be refunded"));
    }
    if caller.now_ms - payment.created_ms > LIFE_MS {
        return Err(Refusal::invalid("payment_id", "the payment is too old"));
    }
    let amount = Amount::read(&body["amount"], "amount")?;
    if amount.currency != payment.amount.currency {
        return Err(Refusal::invalid("amount.currency", "not the payment's currency"));
    }
    if amount.kopecks > world.left_kopecks(payment) {
        return Err(Refusal::invalid("amount.value", "more than what is left of the payment"));
    }
    let is_part = amount.kopecks < payment.amount.kopecks;
    let own_receipt = match &body["receipt"] {
        Value::Null if is_part && world.settings.receipts_demanded => {
            return Err(Refusal::invalid("receipt", "a partial refund needs its positions"));
        }
        // A full refund without one takes the positions of the payment.
        Value::Null => (!is_part).then(|| payment.receipt.clone()).flatten(),
        given => {
            receipt::check(given, "receipt", &amount, world.settings.fiscal)?;
            Some(given.clone())
        }
    };
    let refund = SimRefund {
        id: String::new(),
        shop_id: caller.shop_id.to_owned(),
        payment_id: payment_id.to_owned(),
        status: RefundStatus::Pending,
        amount,
        description: text(body, "description", DESCRIPTION_CHARS_MAX)?,
        metadata: metadata(body)?,
        receipt: own_receipt,
        receipt_registration: None,
        is_by_hand: false,
        created_ms: caller.now_ms,
        cancellation: None,
    };
    let id = world.new_id(caller.now_ms);
    let mode = world.settings.refunds.clone();
    world.add_refund(SimRefund { id: id.clone(), ..refund }, &mode, caller.now_ms);
    Ok(id)
}

/// The shop's refund with this id.
pub(in crate::yookassa) fn find<'a>(
    world: &'a World,
    caller: &Caller<'_>,
    id: &str,
) -> Result<&'a SimRefund, Refusal> {
    let found = world.refunds.get(id).filter(|refund| refund.shop_id == caller.shop_id);
    found.ok_or_else(|| Refusal::not_found("refund_id"))
}
