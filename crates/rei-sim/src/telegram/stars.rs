//! Payments inside Telegram: invoices, checkouts, charges, refunds, the bot's balance of Stars.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value, json};

/// How long the bot may take to answer a checkout.
const CHECKOUT_LIFE_MS: i64 = 10_000;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invoice {
    /// What it is for, in a line.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The bot's own words; people don't see them.
    pub payload: String,
    /// `XTR` for Stars.
    pub currency: String,
    /// In whole Stars, or the currency's smallest unit.
    pub total: i64,
}

/// How a checkout stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CheckoutState {
    /// The bot has not answered yet.
    Waiting,
    /// Paid.
    Paid {
        /// `telegram_payment_charge_id`.
        charge_id: String,
    },
    /// The bot said no.
    Refused {
        /// What the user is shown.
        message: String,
    },
    /// The bot took more than 10 seconds.
    TimedOut,
    /// The person closed the sheet before the bot answered.
    Declined,
}

#[derive(Debug)]
pub(crate) struct Checkout {
    pub user_id: i64,
    pub invoice: Invoice,
    pub began_ms: i64,
    pub state: CheckoutState,
}

/// A charge.
#[derive(Debug)]
pub(crate) struct Charge {
    pub user_id: i64,
    pub invoice: Invoice,
    pub refunded: bool,
}

/// All that has to do with money.
#[derive(Debug, Default)]
pub(crate) struct Stars {
    /// By chat and message.
    pub invoices: HashMap<(i64, i64), Invoice>,
    pub links: HashMap<String, Invoice>,
    checkouts: HashMap<String, Checkout>,
    pub charges: HashMap<String, Charge>,
    /// `StarTransaction` objects, oldest first.
    pub transactions: Vec<Value>,
    pub balance: i64,
    next: u64,
}

impl Stars {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A link that opens this invoice.
    pub fn link(&mut self, invoice: Invoice) -> String {
        let link = format!("https://t.me/$sim{:06}", self.number());
        self.links.insert(link.clone(), invoice);
        link
    }

    /// The user presses "pay": returns the id of the `pre_checkout_query`.
    pub fn check_out(&mut self, user_id: i64, invoice: Invoice, now_ms: i64) -> String {
        let id = format!("{}", 900_000_000_000_u64 + self.number());
        let checkout =
            Checkout { user_id, invoice, began_ms: now_ms, state: CheckoutState::Waiting };
        self.checkouts.insert(id.clone(), checkout);
        id
    }

    /// How a checkout stands now.
    pub fn state(&self, id: &str, now_ms: i64) -> Option<CheckoutState> {
        let checkout = self.checkouts.get(id)?;
        let late = now_ms - checkout.began_ms > CHECKOUT_LIFE_MS;
        match &checkout.state {
            CheckoutState::Waiting if late => Some(CheckoutState::TimedOut),
            state => Some(state.clone()),
        }
    }

    /// The bot says no. Nothing when it is too late or was answered before.
    pub fn refuse(&mut self, id: &str, message: &str, now_ms: i64) -> Option<()> {
        let waiting = self.state(id, now_ms)? == CheckoutState::Waiting;
        let checkout = self.checkouts.get_mut(id).filter(|_| waiting)?;
        checkout.state = CheckoutState::Refused { message: message.to_owned() };
        Some(())
    }

    /// The person closes the sheet. Nothing when the bot has answered, or it is too late.
    pub fn decline(&mut self, id: &str, now_ms: i64) -> Option<()> {
        let waiting = self.state(id, now_ms)? == CheckoutState::Waiting;
        self.checkouts.get_mut(id).filter(|_| waiting)?.state = CheckoutState::Declined;
        Some(())
    }

    /// The newest invoice behind a link, or with this payload.
    pub fn find(&self, link_or_payload: &str) -> Option<&Invoice> {
        let by_payload = || {
            let links = self.links.iter().filter(|(_, it)| it.payload == link_or_payload);
            // Links are numbered with leading zeros, so the last in the order of letters is the newest.
            links.max_by_key(|(link, _)| link.as_str()).map(|(_, invoice)| invoice)
        };
        let by_message = || self.invoices.values().find(|it| it.payload == link_or_payload);
        self.links.get(link_or_payload).or_else(by_payload).or_else(by_message)
    }

    /// The person who paid a charge.
    pub fn payer(&self, charge_id: &str) -> Option<i64> {
        self.charges.get(charge_id).map(|charge| charge.user_id)
    }

    /// The bot says yes: the charge is made. Returns the payer and the `SuccessfulPayment` object.
    pub fn pay(&mut self, id: &str, now_ms: i64) -> Option<(i64, Value)> {
        if self.state(id, now_ms)? != CheckoutState::Waiting {
            return None;
        }
        let number = self.number();
        let checkout = self.checkouts.get_mut(id)?;
        let charge_id = format!("stxSim{number:08}");
        checkout.state = CheckoutState::Paid { charge_id: charge_id.clone() };
        let (user_id, invoice) = (checkout.user_id, checkout.invoice.clone());
        let payment = json!({
            "currency": invoice.currency, "total_amount": invoice.total,
            "invoice_payload": invoice.payload, "telegram_payment_charge_id": charge_id,
            "provider_payment_charge_id": format!("{user_id}_{number}"),
        });
        if invoice.currency == "XTR" {
            self.balance += invoice.total;
            self.transactions.push(json!({
                "id": charge_id, "amount": invoice.total, "date": now_ms / 1_000,
                "source": {
                    "type": "user", "transaction_type": "invoice_payment",
                    "user": {"id": user_id, "is_bot": false, "first_name": ""},
                    "invoice_payload": invoice.payload,
                },
            }));
        }
        self.charges.insert(charge_id, Charge { user_id, invoice, refunded: false });
        Some((user_id, payment))
    }

    /// Gives a charge back. Returns the `RefundedPayment` object, or the words of the refusal.
    pub fn refund(
        &mut self,
        user_id: i64,
        charge_id: &str,
        now_ms: i64,
    ) -> Result<Value, &'static str> {
        let charge = self.charges.get_mut(charge_id);
        let Some(charge) = charge.filter(|charge| charge.user_id == user_id) else {
            return Err("CHARGE_ID_INVALID");
        };
        if charge.refunded {
            return Err("CHARGE_ALREADY_REFUNDED");
        }
        charge.refunded = true;
        let invoice = charge.invoice.clone();
        self.balance -= invoice.total;
        self.transactions.push(json!({
            "id": charge_id, "amount": invoice.total, "date": now_ms / 1_000,
            "receiver": {
                "type": "user", "transaction_type": "invoice_payment",
                "user": {"id": user_id, "is_bot": false, "first_name": ""},
                "invoice_payload": invoice.payload,
            },
        }));
        Ok(json!({
            "currency": "XTR", "total_amount": invoice.total, "invoice_payload": invoice.payload,
            "telegram_payment_charge_id": charge_id,
        }))
    }
}
