//! Invoices, checkouts, refunds and the balance of Stars.

use serde_json::{Map, Value, json};

use super::sending;
use crate::telegram::error::ApiError;
use crate::telegram::keyboards::Markup;
use crate::telegram::params::{Params, object};
use crate::telegram::stars::Invoice;
use crate::telegram::state::World;

const SUBSCRIPTION_S: i64 = 2_592_000;
const SUBSCRIPTION_STARS_MAX: i64 = 10_000;
const TRANSACTIONS_MAX: i64 = 100;

fn invoice(params: &Params) -> Result<Invoice, ApiError> {
    let sized = |key: &str, max: usize| {
        let text = params.required_text(key)?;
        let length = if key == "payload" { text.len() } else { text.chars().count() };
        if (1..=max).contains(&length) {
            return Ok(text.to_owned());
        }
        Err(ApiError::bug(format_args!("invoice {key} must have 1-{max} characters")))
    };
    let title = sized("title", 32)?;
    let description = sized("description", 255)?;
    let payload = sized("payload", 128)?;
    let currency = params.required_text("currency")?.to_owned();
    let prices = params.list("prices")?.unwrap_or_default();
    let mut total = 0_i64;
    for price in &prices {
        let price = object(price.clone(), "LabeledPrice", &["label", "amount"])?;
        let labelled =
            price.get("label").and_then(Value::as_str).is_some_and(|label| !label.is_empty());
        let amount = price.get("amount").and_then(Value::as_i64).filter(|_| labelled);
        let sum = amount.and_then(|amount| total.checked_add(amount));
        total = sum.ok_or_else(|| ApiError::bug("can't parse labeled price"))?;
    }
    let token = params.text("provider_token")?.unwrap_or_default();
    let fits = match currency.as_str() {
        "XTR" => token.is_empty() && prices.len() == 1,
        _ => !token.is_empty() && !prices.is_empty() && currency.len() == 3,
    };
    if !fits || total <= 0 {
        return Err(ApiError::bug("CURRENCY_TOTAL_AMOUNT_INVALID"));
    }
    Ok(Invoice { title, description, payload, currency, total })
}

pub(super) fn send_invoice(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let invoice = invoice(params)?;
    let mut sending = sending::read(world, params)?;
    let pay = match &sending.markup {
        Markup::None => {
            json!([[{"text": format!("Pay {} {}", invoice.total, invoice.currency), "pay": true}]])
        }
        Markup::Inline(keyboard) => keyboard["inline_keyboard"].clone(),
        _ => return Err(ApiError::bug("inline keyboard expected")),
    };
    if pay[0][0]["pay"] != true {
        return Err(ApiError::bug("the first button of an invoice must be a pay button"));
    }
    sending.markup = Markup::Inline(json!({"inline_keyboard": pay}));
    let mut content = Map::new();
    content.insert(
        "invoice".into(),
        json!({
            "title": invoice.title, "description": invoice.description,
            "start_parameter": params.text("start_parameter")?.unwrap_or_default(),
            "currency": invoice.currency, "total_amount": invoice.total,
        }),
    );
    let chat_id = sending.chat_id;
    let message = sending::finish(world, sending, content, None)?;
    let message_id = message["message_id"].as_i64().unwrap_or_default();
    world.stars.invoices.insert((chat_id, message_id), invoice);
    Ok(message)
}

pub(super) fn create_link(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let invoice = invoice(params)?;
    if let Some(period) = params.int("subscription_period")? {
        let fits = invoice.currency == "XTR" && invoice.total <= SUBSCRIPTION_STARS_MAX;
        if period != SUBSCRIPTION_S || !fits {
            return Err(ApiError::bug("SUBSCRIPTION_PERIOD_INVALID"));
        }
    }
    Ok(world.stars.link(invoice).into())
}

pub(super) fn answer_checkout(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let id = params.required_text("pre_checkout_query_id")?;
    let now_ms = world.now_ms;
    let too_old =
        || ApiError::bad("query is too old and response timeout expired or query ID is invalid");
    if params.flag("ok")? {
        let (user_id, payment) = world.stars.pay(id, now_ms).ok_or_else(too_old)?;
        let mut fields = Map::new();
        fields.insert("successful_payment".into(), payment);
        world.service_message(user_id, fields)?;
    } else {
        let message = params.text("error_message")?.filter(|message| !message.is_empty());
        let message = message.ok_or_else(|| ApiError::missing("error_message"))?;
        world.stars.refuse(id, message, now_ms).ok_or_else(too_old)?;
        world.touch();
    }
    Ok(true.into())
}

pub(super) fn refund(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let user_id = params.required_int("user_id")?;
    let charge_id = params.required_text("telegram_payment_charge_id")?;
    give_back(world, user_id, charge_id)?;
    Ok(true.into())
}

/// The Stars go back and the chat says so, whoever asked for it.
pub(in crate::telegram) fn give_back(
    world: &mut World,
    user_id: i64,
    charge_id: &str,
) -> Result<(), ApiError> {
    let now_ms = world.now_ms;
    let refunded = world.stars.refund(user_id, charge_id, now_ms).map_err(ApiError::bad)?;
    let mut fields = Map::new();
    fields.insert("refunded_payment".into(), refunded);
    world.service_message(user_id, fields)?;
    Ok(())
}

pub(super) fn transactions(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let offset = params.int("offset")?.unwrap_or_default();
    let limit = params.int("limit")?.unwrap_or(TRANSACTIONS_MAX);
    let offset =
        usize::try_from(offset).map_err(|_| ApiError::bug("offset must not be negative"))?;
    if !(1..=TRANSACTIONS_MAX).contains(&limit) {
        return Err(ApiError::bug("limit must be 1-100"));
    }
    let limit = usize::try_from(limit).unwrap_or(1);
    let page: Vec<&Value> = world.stars.transactions.iter().skip(offset).take(limit).collect();
    Ok(json!({"transactions": page}))
}

pub(super) fn balance(world: &mut World, _: &mut Params) -> Result<Value, ApiError> {
    Ok(json!({"amount": world.stars.balance}))
}
