//! The state of the house on one page, for the demo's side panel.

use rei_domain::ids::CustomerId;
use rei_storage::{BookError, jobs, ledger, orders, outbox};
use serde_json::{Value, json};

use crate::House;
use crate::admin::stats::shown;
use crate::wallet::wallet_of;

const ROWS: usize = 25;

/// The wallet of a customer, the accounts, the latest transfers, orders, jobs and messages.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub async fn panel(house: &House, customer: CustomerId) -> Result<Value, BookError> {
    house
        .book
        .read(move |tx| {
            let wallet = wallet_of(tx, customer)?;
            let trial = ledger::trial_balance(tx)?;
            let limit = i64::try_from(ROWS).unwrap_or(i64::MAX);
            let accounts: Vec<Value> = trial
                .lines
                .iter()
                .map(|line| {
                    json!({ "name": line.account, "balance": shown(line.currency, line.balance), "held": "" })
                })
                .collect();
            let transfers: Vec<Value> = ledger::recent(tx, ROWS)?
                .iter()
                .map(|transfer| {
                    json!({
                        "id": transfer.id.to_string(),
                        "at": transfer.at.millis(),
                        "phase": transfer.phase.as_str(),
                        "kind": transfer.kind.as_str(),
                        "debit": transfer.debit.to_string(),
                        "credit": transfer.credit.to_string(),
                        "amount": shown(transfer.amount.currency(), transfer.amount.minor()),
                        "order": transfer.order.map(|order| order.to_short()),
                    })
                })
                .collect();
            let orders: Vec<Value> = orders::recent(tx, limit)?
                .iter()
                .map(|order| {
                    json!({
                        "number": order.number,
                        "state": order.state.as_str(),
                        "title": rei_texts::shorten(&order.prompt, 60),
                        "price": order.price.to_string(),
                    })
                })
                .collect();
            let mut waiting = Vec::new();
            for state in ["running", "ready", "scheduled", "dead"] {
                for job in jobs::list(tx, state, limit)? {
                    waiting.push(json!({
                        "kind": job.kind,
                        "state": job.state,
                        "attempts": job.attempts_made,
                        "due": job.due_at.millis(),
                    }));
                }
            }
            let messages: Vec<Value> = outbox::recent(tx, limit)?
                .iter()
                .map(|(class, state, attempts, payload)| {
                    json!({ "method": kind_of(payload, class), "state": state, "attempts": attempts })
                })
                .collect();
            Ok(json!({
                "wallet": {
                    "cash": wallet.cash.to_string(),
                    "bonus": wallet.bonus.to_string(),
                    "held": wallet.held.to_string(),
                },
                "accounts": accounts,
                "trial_balance": if trial.is_zero() { "0" } else { "≠ 0" },
                "transfers": transfers,
                "orders": orders,
                "jobs": waiting,
                "outbox": messages,
            }))
        })
        .await
}

fn kind_of(payload: &str, class: &str) -> String {
    let parsed: Option<Value> = serde_json::from_str(payload).ok();
    parsed
        .and_then(|value| value.get("kind").and_then(Value::as_str).map(str::to_owned))
        .unwrap_or_else(|| class.to_owned())
}
