//! What goes wrong outside: Telegram, the providers and the payment system fail in every way that ends by itself.

use std::time::Duration;

use rei_sim::gemini::{Behaviour as Gemini, ServiceError};
use rei_sim::kling::{Behaviour as Kling, ResultFault};
use rei_sim::telegram::{Fault, FaultKind};
use rei_sim::yookassa::{self, CallKind};
use serde_json::json;

use super::stage::Stage;
use super::work::Errand;
use crate::schedules::draw::{Draws, pick};

impl Stage {
    /// Something outside goes wrong soon; says what.
    pub fn breaks(&self, draws: &Draws) -> String {
        match draws.below(4) {
            0 => self.telegram_breaks(draws),
            1 => {
                let how = gemini(draws);
                let told = format!("{how:?}");
                let times = usize::try_from(1 + draws.below(3)).expect("a small number");
                self.gemini.next_n(times, how);
                format!("gemini: {told} x{times}")
            }
            2 if draws.percent(25) => {
                let how = draws.one_of(&[
                    Kling::Cut { created: false },
                    Kling::Html { status: 502, created: false },
                    Kling::Error { code: 5000, created: false },
                    Kling::Error { code: 1302, created: false },
                ]);
                let told = format!("{how:?}");
                self.kling.next_poll(how);
                format!("kling's answers: {told}")
            }
            2 => {
                let how = kling(draws);
                let told = format!("{how:?}");
                self.kling.next(how);
                format!("kling: {told}")
            }
            _ => self.yookassa_breaks(draws),
        }
    }

    fn telegram_breaks(&self, draws: &Draws) -> String {
        let error = |code, words: &str| FaultKind::Error { code, description: words.to_owned() };
        let kind = match draws.below(8) {
            0 => FaultKind::TooManyRequests { retry_after: 1 + draws.below(30) },
            1 => error(403, "Forbidden: bot was blocked by the user"),
            2 => error(400, "Bad Request: message to edit not found"),
            3 => FaultKind::internal(),
            4 => FaultKind::BadGateway,
            5 => FaultKind::CutBefore,
            _ => FaultKind::CutAfter,
        };
        let method = match kind {
            FaultKind::Error { code: 400, .. } => Some("editMessageText".to_owned()),
            _ if draws.percent(20) => Some("downloadFile".to_owned()),
            _ => None,
        };
        let skip = u32::try_from(draws.below(4)).expect("a small number");
        let fault = Fault { method, skip, ..Fault::next(kind) };
        let told = format!("telegram: {fault:?}");
        self.telegram.fault(fault);
        told
    }

    fn yookassa_breaks(&self, draws: &Draws) -> String {
        use yookassa::FaultKind as Bank;
        let committed = draws.percent(60);
        let how = match draws.below(6) {
            0 => Bank::Reset { committed },
            1 => Bank::Internal { committed },
            2 => Bank::Html { status: 502, committed },
            3 => Bank::TooManyRequests { retry_after_ms: Some(1_000) },
            4 => Bank::Accepted { retry_after_ms: 1_000, committed },
            _ => Bank::TruncatedJson,
        };
        let on = draws.one_of(&[CallKind::CreatePayment, CallKind::ReadPayment]);
        let fault = yookassa::Fault { on: Some(on), ..yookassa::Fault::next(how) };
        let told = format!("yookassa: {fault:?}");
        self.yookassa.fault(fault);
        told
    }

    /// A payer pays, or is refused; says what.
    pub fn pays(&self, draws: &Draws) -> Option<String> {
        let payments = self.yookassa.payments();
        let open: Vec<_> =
            payments.iter().filter(|it| it.status == yookassa::PaymentStatus::Pending).collect();
        let payment = open[pick(draws.below(1 << 32), open.len())?];
        let id = &payment.id;
        match draws.below(10) {
            0 => {
                let how = match draws.percent(50) {
                    true => yookassa::Decline::Ends,
                    false => yookassa::Decline::MayRetry,
                };
                self.yookassa.decline(id, "insufficient_funds", how).expect("it is pending");
                Some(format!("{id} is declined: {how:?}"))
            }
            _ => {
                self.yookassa.pay(id).expect("it is pending");
                Some(format!("{id} is paid"))
            }
        }
    }

    /// A report about a payment: true, twice, early, or a lie.
    pub fn notices(&self, draws: &Draws) -> Option<Errand> {
        let payments = self.yookassa.payments();
        let payment = &payments[pick(draws.below(1 << 32), payments.len())?];
        let is_true = draws.percent(85);
        let event = match payment.status {
            yookassa::PaymentStatus::Canceled if is_true => "payment.canceled",
            _ => "payment.succeeded",
        };
        let mut body = json!({
            "type": "notification",
            "event": event,
            "object": {
                "id": payment.id,
                "status": event.trim_start_matches("payment."),
                "paid": event == "payment.succeeded",
                "amount": {"value": "100000.00", "currency": "RUB"},
                "metadata": payment.metadata,
            },
        });
        if !is_true && draws.percent(50) {
            body["object"]["metadata"] = json!({});
        }
        Some(Errand::Notice(body.to_string()))
    }

    /// A report of Kling's about any of its tasks.
    pub fn hurries(&self, draws: &Draws) -> Option<Errand> {
        let creates = self.kling.creates();
        let create = &creates[pick(draws.below(1 << 32), creates.len())?];
        Some(Errand::Hurry(create.external_id.clone()?))
    }
}

/// How far time may go at once.
pub fn pause(draws: &Draws) -> Duration {
    let millis = [
        200, 200, 1_000, 1_000, 3_000, 3_000, 6_000, 12_000, 12_000, 30_000, 60_000, 300_000,
        1_200_000,
    ];
    Duration::from_millis(draws.one_of(&millis))
}

fn gemini(draws: &Draws) -> Gemini {
    let words = |words: &str| words.to_owned();
    match draws.below(16) {
        0 => Gemini::Quota { retry_after_ms: Some(4_000), limit_zero: false },
        1 => Gemini::Quota { retry_after_ms: None, limit_zero: false },
        2 => Gemini::error(ServiceError::Internal),
        3 => Gemini::error(ServiceError::Unavailable),
        4 => Gemini::PromptBlocked { reason: words("PROHIBITED_CONTENT") },
        5 => Gemini::Finish { reason: words("IMAGE_SAFETY") },
        6 => Gemini::Finish { reason: words("NO_IMAGE") },
        7 => Gemini::TextOnly { text: words("Не буду.") },
        8 => Gemini::Empty,
        9 => Gemini::CutBefore,
        10 | 11 => Gemini::CutAfter,
        12 => Gemini::CutInBody,
        13 => Gemini::TruncatedJson,
        14 => Gemini::TornPicture,
        _ => Gemini::Html { code: 502 },
    }
}

fn kling(draws: &Draws) -> Kling {
    let created = draws.percent(60);
    let result = |fault| Kling::Result { fault };
    match draws.below(16) {
        0 => Kling::Error { code: 1302, created: false },
        1 => Kling::Error { code: 1301, created: false },
        2 => Kling::Error { code: 5000, created },
        3 | 4 => Kling::Cut { created },
        5 => Kling::Html { status: 502, created },
        6 => Kling::TruncatedJson,
        7 => Kling::DuplicateId,
        8 => Kling::Fail { reason: "risk control".to_owned() },
        9 => Kling::Stuck { ms: Some(1_200_000) },
        10 => Kling::Stuck { ms: None },
        // Late after every deadline.
        11 => Kling::Stuck { ms: Some(90_000_000) },
        12 => Kling::Hidden { polls: 1 },
        13 => result(ResultFault::ForbiddenOnce),
        14 => result(ResultFault::TruncatedOnce),
        _ => result(ResultFault::Gone),
    }
}
