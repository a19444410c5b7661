//! A payment, its life, and how it is shown.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::amount::Amount;
use super::moments;

/// How long the payer has.
pub(super) const CONFIRM_MS: i64 = 60 * 60 * 1_000;
/// How long a hold stands.
pub(super) const HOLD_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// The payer has to act.
    Pending,
    /// Held; the shop has to capture or cancel.
    WaitingForCapture,
    /// Final: the money is the shop's.
    Succeeded,
    /// Final.
    Canceled,
}

/// How the payer pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayMethod {
    /// A card of a test series.
    BankCard,
    /// The system of fast payments; knows no holds.
    Sbp,
    /// A wallet.
    YooMoney,
    /// The bank's button.
    Sberbank,
    /// The bank's button.
    TinkoffBank,
}

/// How a fiscal receipt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// On its way.
    Pending,
    /// Registered.
    Succeeded,
    /// It will not be.
    Canceled,
}

/// Why something was canceled, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cancellation {
    /// `merchant`, `yoo_money`, `payment_network` …
    pub party: String,
    /// `insufficient_funds` …
    pub reason: String,
}

/// A payment as the simulator keeps it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimPayment {
    /// 36 characters.
    pub id: String,
    /// The shop whose it is; what its answers say is `account_id`.
    pub shop_id: String,
    /// `recipient.account_id` of its answers.
    pub account_id: String,
    /// Where it stands.
    pub status: PaymentStatus,
    /// What was asked for, or the part that was captured.
    pub amount: Amount,
    /// Whether money stops as a hold after the payer has paid.
    pub is_two_stage: bool,
    /// `test` of its answers.
    pub test: bool,
    /// What the payer sees.
    pub description: Option<String>,
    /// What the shop attached.
    pub metadata: Option<Map<String, Value>>,
    /// An id of the shop's own for the payer.
    pub merchant_customer_id: Option<String>,
    /// What the payer confirms by: the request's object.
    pub confirmation: Value,
    /// How it is paid, once that is chosen.
    pub method: Option<PayMethod>,
    /// The receipt of the request.
    pub receipt: Option<Value>,
    /// How that receipt stands; none before the payment succeeded.
    pub receipt_registration: Option<Registration>,
    /// When it was created, in milliseconds since 1970 on the simulator's clock.
    pub created_ms: i64,
    /// When the payer paid.
    pub paid_ms: Option<i64>,
    /// When the money became the shop's.
    pub captured_ms: Option<i64>,
    /// What has gone back, in kopecks.
    pub refunded_kopecks: i64,
    /// Why it was canceled.
    pub cancellation: Option<Cancellation>,
    /// Refusals after which the payer could try again.
    pub declines: Vec<String>,
}

impl PayMethod {
    /// The service's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::BankCard => "bank_card",
            Self::Sbp => "sbp",
            Self::YooMoney => "yoo_money",
            Self::Sberbank => "sberbank",
            Self::TinkoffBank => "tinkoff_bank",
        }
    }

    /// By the service's word.
    pub(super) fn by_word(word: &str) -> Option<Self> {
        let all = [Self::BankCard, Self::Sbp, Self::YooMoney, Self::Sberbank, Self::TinkoffBank];
        all.into_iter().find(|method| method.word() == word)
    }

    /// The most that one payment may be, in kopecks.
    pub(super) fn kopecks_max(self) -> i64 {
        match self {
            Self::Sbp => 70_000_000,
            _ => 35_000_000,
        }
    }
}

impl Registration {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

impl PaymentStatus {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::WaitingForCapture => "waiting_for_capture",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

impl SimPayment {
    pub(super) fn is_pending(&self) -> bool {
        self.status == PaymentStatus::Pending
    }

    /// When time alone changes it.
    pub(super) fn deadline_ms(&self) -> Option<i64> {
        match self.status {
            PaymentStatus::Pending => Some(self.created_ms + CONFIRM_MS),
            PaymentStatus::WaitingForCapture => self.paid_ms.map(|paid_ms| paid_ms + HOLD_MS),
            PaymentStatus::Succeeded | PaymentStatus::Canceled => None,
        }
    }

    /// `return_url` of the request.
    pub(super) fn return_url(&self) -> Option<&str> {
        self.confirmation["return_url"].as_str()
    }

    /// The object as the API shows it; `pages` is where payers are sent to.
    pub(super) fn json(&self, pages: &str) -> Value {
        let is_paid =
            matches!(self.status, PaymentStatus::WaitingForCapture | PaymentStatus::Succeeded);
        let is_done = self.status == PaymentStatus::Succeeded;
        let mut json = json!({
            "id": self.id,
            "status": self.status,
            "amount": self.amount.json(),
            "recipient": {"account_id": self.account_id, "gateway_id": "1000001"},
            "created_at": moments::write(self.created_ms),
            "test": self.test,
            "paid": is_paid,
            "refundable": is_done && self.refunded_kopecks < self.amount.kopecks,
        });
        let mut add = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                json[name] = value;
            }
        };
        add("description", self.description.clone().map(Value::from));
        add("metadata", self.metadata.clone().map(Value::from));
        add("merchant_customer_id", self.merchant_customer_id.clone().map(Value::from));
        add("payment_method", self.method.map(|method| self.method_json(method)));
        add("receipt_registration", self.receipt_registration.map(|state| json!(state)));
        add("cancellation_details", self.cancellation.as_ref().map(|why| json!(why)));
        let is_by_card = is_paid && self.method == Some(PayMethod::BankCard);
        add("authorization_details", is_by_card.then(authorization));
        match self.status {
            PaymentStatus::Pending => add("confirmation", Some(self.confirmation_json(pages))),
            PaymentStatus::WaitingForCapture => {
                add("expires_at", self.deadline_ms().map(|ms| moments::write(ms).into()));
            }
            PaymentStatus::Succeeded => {
                add("captured_at", self.captured_ms.map(|ms| moments::write(ms).into()));
                add("income_amount", Some(self.amount.income().json()));
                add("refunded_amount", Some(self.amount.with(self.refunded_kopecks).json()));
            }
            PaymentStatus::Canceled => {}
        }
        json
    }

    fn confirmation_json(&self, pages: &str) -> Value {
        let mut json = json!({"type": self.confirmation["type"]});
        match self.confirmation["type"].as_str() {
            Some("embedded") => json["confirmation_token"] = format!("ct-{}", self.id).into(),
            Some("qr") => {
                json["confirmation_data"] = format!("{pages}/checkout/{}", self.id).into()
            }
            Some("redirect" | "mobile_application") => {
                json["confirmation_url"] = format!("{pages}/checkout/{}", self.id).into();
                json["return_url"] = self.confirmation["return_url"].clone();
            }
            _ => {}
        }
        if json["type"] == "redirect"
            && let Some(enforce) = self.confirmation["enforce"].as_bool()
        {
            json["enforce"] = enforce.into();
        }
        json
    }

    fn method_json(&self, method: PayMethod) -> Value {
        let mut json = json!({
            "type": method, "id": self.id, "saved": false, "status": "inactive",
        });
        if self.paid_ms.is_none() {
            return json;
        }
        match method {
            PayMethod::BankCard => {
                json["title"] = "Bank card *4444".into();
                json["card"] = json!({
                    "first6": "555555", "last4": "4444", "expiry_year": "2030", "expiry_month": "12",
                    "card_type": "MasterCard", "issuer_country": "RU",
                });
            }
            PayMethod::Sbp => {
                json["title"] = "SBP".into();
                json["sbp_operation_id"] = "1027088AE4CB48CB81287833347A8777".into();
                json["payer_bank_details"] = json!({"bank_id": "100000000111", "bic": "044525225"});
            }
            PayMethod::YooMoney => json["title"] = "YooMoney wallet".into(),
            PayMethod::Sberbank => json["title"] = "SberPay".into(),
            PayMethod::TinkoffBank => json["title"] = "T-Pay".into(),
        }
        json
    }
}

fn authorization() -> Value {
    json!({"rrn": "603668680243", "auth_code": "062467", "three_d_secure": {"applied": true}})
}

/// Who it is that cancels for this reason.
pub(super) fn party(reason: &str) -> &'static str {
    match reason {
        "canceled_by_merchant" => "merchant",
        "expired_on_confirmation"
        | "expired_on_capture"
        | "fraud_suspected"
        | "identification_required"
        | "internal_timeout"
        | "country_forbidden"
        | "permission_revoked"
        | "deal_expired" => "yoo_money",
        _ => "payment_network",
    }
}
