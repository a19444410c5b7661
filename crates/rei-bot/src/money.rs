//! What the application says about money, in the conversation's words.

use rei_app::payments::{PaymentLine, Refusal, TillView};
use rei_app::presents::PromoOutcome;
use rei_app::statement::StatementPage;
use rei_conversation::{
    PaymentBrief, PaymentRefusal, PromoAnswer, Screen, Till, statement_buttons,
};
use rei_texts::Lang;

/// A payment in one line.
pub(crate) fn payment(line: PaymentLine) -> PaymentBrief {
    PaymentBrief {
        id: line.id,
        number: line.number,
        sum: line.sum,
        rail: line.rail,
        state: line.state,
        link: line.link,
        reason: line.reason,
    }
}

/// The facts about paying for one decision.
pub(crate) fn till(view: TillView, frozen: bool, named: Option<PaymentLine>) -> Till {
    Till {
        rails: view.rails,
        amounts: view.amounts,
        open: view.open.into_iter().map(payment).collect(),
        email: view.email,
        email_needed: view.email_needed,
        terms_version: view.terms_version,
        terms_accepted: view.terms_accepted,
        frozen,
        banned: view.banned,
        support: view.support,
        named: named.map(payment),
    }
}

/// Why no payment was stored.
pub(crate) fn not_opened(refusal: Refusal) -> PaymentRefusal {
    match refusal {
        Refusal::TooMany { retry_minutes } => PaymentRefusal::TooMany { retry_minutes },
        Refusal::Banned { reason } => PaymentRefusal::Banned { reason },
        Refusal::Off => PaymentRefusal::Off,
        Refusal::BadSum { min, max } => PaymentRefusal::BadSum { min, max },
        Refusal::EmailNeeded => PaymentRefusal::EmailNeeded,
    }
}

/// What became of a promo code.
pub(crate) fn promo(outcome: PromoOutcome) -> PromoAnswer {
    match outcome {
        PromoOutcome::Given { sum, balance } => PromoAnswer::Given { sum, balance },
        PromoOutcome::Unknown => PromoAnswer::Unknown,
        PromoOutcome::Expired => PromoAnswer::Expired,
        PromoOutcome::UsedUp => PromoAnswer::UsedUp,
        PromoOutcome::UsedByYou => PromoAnswer::UsedByYou,
        PromoOutcome::NotForYou => PromoAnswer::NotForYou,
    }
}

/// A page of a statement with its neighbours.
pub(crate) fn statement_screen(shown: StatementPage, page: u32, lang: Lang) -> Screen {
    Screen::with(shown.html, statement_buttons(lang, page, shown.has_more))
}
