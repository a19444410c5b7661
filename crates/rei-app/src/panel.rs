//! The state of the house on one page, for the demo's side panel.

use rei_domain::ids::{CustomerId, OrderId};
use rei_domain::ledger::{Account, Currency, Side};
use rei_storage::{BookError, jobs, ledger, orders, outbox};
use serde_json::{Value, json};

use crate::House;
use crate::wallet::wallet_of;

const ROWS: usize = 25;

/// Sums in the smallest unit of their currency (kopecks, millionths of a dollar), times in milliseconds: the wallet of a
/// customer, the accounts, the latest transfers, orders, jobs and messages.
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
                .map(|line| json!({ "name": line.account, "balance": natural(&line.account, line.balance), "held": 0 }))
                .collect();
            let latest = orders::recent(tx, limit)?;
            let number_of = |id: OrderId| latest.iter().find(|order| order.id == id).map(|order| order.number);
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
                        "amount": transfer.amount.minor(),
                        "order": transfer.order.and_then(number_of),
                    })
                })
                .collect();
            let orders: Vec<Value> = latest
                .iter()
                .map(|order| {
                    json!({
                        "number": order.number,
                        "state": order.state.as_str(),
                        "title": rei_texts::shorten(&order.prompt, 60),
                        "price": order.price.get(),
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
                    "cash": wallet.cash.get(),
                    "bonus": wallet.bonus.get(),
                    "held": wallet.held.get(),
                },
                "accounts": accounts,
                "trial_balance": trial.difference(Currency::Rub).saturating_add(trial.difference(Currency::Usd)),
                "transfers": transfers,
                "orders": orders,
                "jobs": waiting,
                "outbox": messages,
            }))
        })
        .await
}

/// A balance on the side where its account grows, so that what is owed to customers is not shown as negative.
fn natural(account: &str, debits_less_credits: i64) -> i64 {
    let grows_by_credit = account.starts_with("customer:")
        || Account::parse(account).is_some_and(|account| account.side() == Side::Credit);
    if grows_by_credit { -debits_less_credits } else { debits_less_credits }
}

fn kind_of(payload: &str, class: &str) -> String {
    let parsed: Option<Value> = serde_json::from_str(payload).ok();
    parsed
        .and_then(|value| value.get("kind").and_then(Value::as_str).map(str::to_owned))
        .unwrap_or_else(|| class.to_owned())
}
