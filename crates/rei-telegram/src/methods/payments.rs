//! Payments in Stars: invoices, the question before a payment, refunds, the list of what moved.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::value;
use crate::client::Client;
use crate::error::{CallError, Transport};
use crate::limits::TRANSACTIONS_MAX;

/// The currency of Stars.
pub const STARS: &str = "XTR";

/// A link that opens an invoice. Making it moves no money, so a repeat is harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateInvoiceLink {
    /// 1 to 32 characters.
    pub title: String,
    /// 1 to 255 characters.
    pub description: String,
    /// 1 to 128 bytes that come back with the payment; nobody but the bot can choose them.
    pub payload: String,
    /// Empty for Stars.
    pub provider_token: String,
    /// `XTR` for Stars.
    pub currency: String,
    /// Exactly one for Stars.
    pub prices: Vec<LabeledPrice>,
}

/// A part of what an invoice asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabeledPrice {
    /// What it is for.
    pub label: String,
    /// In whole Stars, or the currency's smallest unit.
    pub amount: i64,
}

impl CreateInvoiceLink {
    /// An invoice of so many Stars.
    pub fn in_stars(title: String, description: String, payload: String, stars: i64) -> Self {
        let prices = vec![LabeledPrice { label: title.clone(), amount: stars }];
        let (provider_token, currency) = (String::new(), STARS.to_owned());
        Self { title, description, payload, provider_token, currency, prices }
    }
}

/// The answer to the question whether a payment may go on; due within 10 s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerPreCheckoutQuery {
    /// The question.
    pub pre_checkout_query_id: String,
    /// Whether it may.
    pub ok: bool,
    /// Why not, in words for the payer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

/// Something that moved the bot's Stars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StarTransaction {
    /// Its id. For a payment of a person the charge's id, and for its refund the same.
    pub id: String,
    /// How many whole Stars.
    pub stars: i64,
    /// When; whole seconds.
    pub at: Timestamp,
    /// Whether they came or went.
    pub direction: StarDirection,
    /// The person on the other side; none for withdrawals, advertisements and the like.
    pub user: Option<CustomerId>,
    /// Whether an invoice of the bot was paid or given back; gifts and paid media are not.
    pub is_invoice: bool,
    /// What the bot put into the invoice.
    pub payload: Option<String>,
}

/// Whether Stars came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StarDirection {
    /// To the bot.
    In,
    /// Away from it.
    Out,
}

/// A page of the list of what moved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StarPage {
    /// Oldest first.
    pub transactions: Vec<StarTransaction>,
    /// How many the page held, those included that can't be read: the next page begins behind them.
    pub held: usize,
}

impl Client {
    /// Makes a link that opens an invoice.
    ///
    /// # Errors
    /// Any class of [`CallError`].
    pub async fn create_invoice_link(
        &self,
        request: &CreateInvoiceLink,
    ) -> Result<String, CallError> {
        let reply = value(self.plain("createInvoiceLink", request).await?);
        let link = reply.as_str().filter(|link| !link.is_empty());
        link.map(str::to_owned).ok_or_else(|| unreadable("no link"))
    }

    /// Says whether a payment may go on; a question that is too old or answered before is success.
    ///
    /// # Errors
    /// Any class of [`CallError`].
    pub async fn answer_pre_checkout_query(
        &self,
        request: &AnswerPreCheckoutQuery,
    ) -> Result<(), CallError> {
        let reply = self.plain("answerPreCheckoutQuery", request).await;
        reply.map(drop).or_else(|error| error.unless_done(()))
    }

    /// Gives a whole payment back; one that was given back before is success, so a repeat is harmless.
    ///
    /// # Errors
    /// Any class of [`CallError`].
    pub async fn refund_star_payment(
        &self,
        payer: CustomerId,
        charge_id: &str,
    ) -> Result<(), CallError> {
        let request = json!({"user_id": payer, "telegram_payment_charge_id": charge_id});
        let reply = self.plain("refundStarPayment", &request).await;
        reply.map(drop).or_else(|error| error.unless_done(()))
    }

    /// What moved the bot's Stars, oldest first, without the first `offset`; at most `limit`, 1 to 100.
    ///
    /// # Errors
    /// Any class of [`CallError`].
    pub async fn get_star_transactions(
        &self,
        offset: u32,
        limit: u8,
    ) -> Result<StarPage, CallError> {
        let limit = limit.clamp(1, TRANSACTIONS_MAX);
        let request = json!({"offset": offset, "limit": limit});
        let reply = value(self.plain("getStarTransactions", &request).await?);
        let items = reply.get("transactions").and_then(Value::as_array);
        // An empty page means the end of the list: nothing else may look like one.
        let items = items.ok_or_else(|| unreadable("no list of transactions"))?;
        let transactions = items.iter().filter_map(transaction).collect();
        Ok(StarPage { transactions, held: items.len() })
    }

    /// How many whole Stars the bot has.
    ///
    /// # Errors
    /// Any class of [`CallError`].
    pub async fn get_my_star_balance(&self) -> Result<i64, CallError> {
        let reply = value(self.plain("getMyStarBalance", &serde_json::Map::new()).await?);
        reply.get("amount").and_then(Value::as_i64).ok_or_else(|| unreadable("no balance"))
    }
}

fn unreadable(what: &str) -> CallError {
    CallError::Unanswered(Transport(format!("the answer holds {what}")))
}

/// One that can't be told apart or dated is left out.
fn transaction(value: &Value) -> Option<StarTransaction> {
    let partner = |key: &str| value.get(key).filter(|partner| partner.is_object());
    let (direction, partner) = match (partner("source"), partner("receiver")) {
        (Some(source), _) => (StarDirection::In, source),
        (None, Some(receiver)) => (StarDirection::Out, receiver),
        (None, None) => return None,
    };
    let word = |key: &str| partner.get(key).and_then(Value::as_str);
    let user = partner.pointer("/user/id").and_then(Value::as_i64).map(CustomerId);
    // Servers before 9.1 do not say the kind.
    let kind = word("transaction_type").unwrap_or("invoice_payment");
    Some(StarTransaction {
        id: value.get("id").and_then(Value::as_str).filter(|id| !id.is_empty())?.to_owned(),
        stars: value.get("amount").and_then(Value::as_i64)?,
        at: Timestamp(value.get("date").and_then(Value::as_i64)?.checked_mul(1000)?),
        direction,
        user,
        is_invoice: user.is_some() && kind == "invoice_payment",
        payload: word("invoice_payload").map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_and_its_refund_bear_one_id() {
        let user = json!({"id": 7, "is_bot": false, "first_name": "Anna"});
        let paid = json!({"id": "stx1", "amount": 50, "date": 1_790_000_000, "source": {
            "type": "user", "transaction_type": "invoice_payment", "user": user,
            "invoice_payload": "p"}});
        let expected = StarTransaction {
            id: "stx1".to_owned(),
            stars: 50,
            at: Timestamp(1_790_000_000_000),
            direction: StarDirection::In,
            user: Some(CustomerId(7)),
            is_invoice: true,
            payload: Some("p".to_owned()),
        };
        assert_eq!(transaction(&paid), Some(expected.clone()));
        let back = json!({"id": "stx1", "amount": 50, "date": 1_790_000_000,
            "receiver": {"type": "user", "user": user}});
        let expected = StarTransaction { direction: StarDirection::Out, payload: None, ..expected };
        assert_eq!(transaction(&back), Some(expected));
    }

    #[test]
    fn withdrawals_and_gifts_are_no_invoices() {
        for partner in [
            json!({"type": "fragment", "withdrawal_state": {"type": "pending"}}),
            json!({"type": "user", "transaction_type": "gift_purchase", "user": {"id": 7}}),
            json!({"type": "something_new"}),
        ] {
            let moved = json!({"id": "x", "amount": 5, "date": 1, "receiver": partner});
            let read = transaction(&moved).expect("it can be read");
            assert!(!read.is_invoice, "{partner}");
        }
        assert_eq!(transaction(&json!({"id": "x", "amount": 5, "date": 1})), None);
        assert_eq!(transaction(&json!(5)), None);
    }
}
