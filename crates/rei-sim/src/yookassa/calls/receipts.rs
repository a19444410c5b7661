//! `POST /receipts`: the receipt that follows a prepayment, or belongs to a refund.

use serde_json::Value;

use super::{Caller, payments, refunds};
use crate::yookassa::amount::Amount;
use crate::yookassa::checks::receipt;
use crate::yookassa::receipts::SimReceipt;
use crate::yookassa::refusals::Refusal;
use crate::yookassa::world::World;

const SETTLEMENTS: [&str; 4] = ["cashless", "prepayment", "postpayment", "consideration"];

/// Makes a receipt and returns its id.
pub(in crate::yookassa) fn create(
    world: &mut World,
    caller: &Caller<'_>,
    body: &Value,
) -> Result<String, Refusal> {
    let kind = body["type"].as_str().unwrap_or_default();
    let (payment_id, refund_id) = match kind {
        "payment" => (Some(named(body, "payment_id")?), None),
        "refund" => (None, Some(named(body, "refund_id")?)),
        _ => return Err(Refusal::invalid("type", "payment or refund is expected")),
    };
    if let Some(id) = &payment_id {
        payments::find(world, caller, id)?;
    }
    if let Some(id) = &refund_id {
        refunds::find(world, caller, id)?;
    }
    if body["send"] != true {
        return Err(Refusal::invalid("send", "only true is taken"));
    }
    let sum = settled(&body["settlements"])?;
    receipt::check(body, "receipt", &sum, world.settings.fiscal)?;
    let id = format!("rt_{}", world.new_id(caller.now_ms));
    let registration = world.registration();
    world.receipts.add(SimReceipt {
        id: id.clone(),
        shop_id: caller.shop_id.to_owned(),
        kind: kind.to_owned(),
        payment_id,
        refund_id,
        registration,
        request: body.clone(),
        created_ms: caller.now_ms,
    });
    Ok(id)
}

/// The shop's receipt with this id.
pub(in crate::yookassa) fn find<'a>(
    world: &'a World,
    caller: &Caller<'_>,
    id: &str,
) -> Result<&'a SimReceipt, Refusal> {
    let found = world.receipts.get(id).filter(|receipt| receipt.shop_id == caller.shop_id);
    found.ok_or_else(|| Refusal::not_found("receipt_id"))
}

fn named(body: &Value, name: &str) -> Result<String, Refusal> {
    let id = body[name].as_str().map(str::to_owned);
    id.ok_or_else(|| Refusal::invalid(name, "it is required"))
}

/// The sum of the settlements.
fn settled(settlements: &Value) -> Result<Amount, Refusal> {
    let list = settlements.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() {
        return Err(Refusal::invalid("settlements", "at least one is required"));
    }
    let mut kopecks = 0;
    for (index, settlement) in list.iter().enumerate() {
        let at = format!("settlements[{index}]");
        let is_known = settlement["type"].as_str().is_some_and(|word| SETTLEMENTS.contains(&word));
        if !is_known {
            return Err(Refusal::invalid(&format!("{at}.type"), "unknown type"));
        }
        kopecks += Amount::read(&settlement["amount"], &format!("{at}.amount"))?.kopecks;
    }
    Ok(Amount::rub(kopecks))
}
