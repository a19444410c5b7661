//! The data of buttons about money, and of those of the people who run the bot.

use rei_domain::ids::{OrderId, PaymentId, QuoteId};
use rei_domain::ledger::Rail;

use crate::callback::Action;

/// What the act of an admin's button begins with.
const ADMIN_ACT: &str = "adm-";

impl Action {
    /// The data of a button about money.
    pub(crate) fn money_data(&self) -> String {
        let plain = |act: &str| format!("v1:{act}:-");
        let quote = |act: &str, quote: &QuoteId| format!("v1:{act}:{}", quote.to_short());
        match self {
            Self::PayBy(rail) => format!("v1:payby:{}", rail.as_str()),
            Self::TopUp(rail, kopecks) => format!("v1:topup:{}:{kopecks}", rail.as_str()),
            Self::OtherSum(rail) => format!("v1:othersum:{}", rail.as_str()),
            Self::PayHeld(id, rail) => format!("{}:{}", quote("payheld", id), rail.as_str()),
            Self::PayHeldSum(id, rail, kopecks) => {
                format!("{}:{}-{kopecks}", quote("paysum", id), rail.as_str())
            }
            Self::PayHeldOther(id, rail) => format!("{}:{}", quote("payother", id), rail.as_str()),
            Self::CheckPayment(payment) => format!("v1:paycheck:{}", payment.to_short()),
            Self::Held(id) => quote("held", id),
            Self::HeldRun(id) => quote("heldrun", id),
            Self::HeldDrop(id) => quote("helddrop", id),
            Self::Email => plain("email"),
            Self::EmailDelete => plain("emaildrop"),
            Self::Terms => plain("terms"),
            Self::AcceptTerms(version) => format!("v1:accept:-:{version}"),
            Self::Promo => plain("promo"),
            Self::Statement(page) => format!("v1:statement:-:{page}"),
            Self::StatementFile => plain("csv"),
            Self::Why(order) => format!("v1:why:{}", order.to_short()),
            Self::PaySupport => plain("paysupport"),
            Self::Admin { act, id, arg: None } => format!("v1:{ADMIN_ACT}{act}:{id}"),
            Self::Admin { act, id, arg: Some(arg) } => format!("v1:{ADMIN_ACT}{act}:{id}:{arg}"),
            other => unreachable!("{other:?} is not about money"),
        }
    }

    /// Reads the parts of a button's data about money.
    pub(crate) fn parse_money(act: &str, id: &str, arg: Option<&str>) -> Option<Self> {
        let quote = || QuoteId::from_short(id);
        if let Some(act) = act.strip_prefix(ADMIN_ACT) {
            let (act, id) = (act.to_owned(), id.to_owned());
            let named = !act.is_empty() && !id.is_empty();
            return named.then_some(Self::Admin { act, id, arg: arg.map(str::to_owned) });
        }
        match (act, arg) {
            ("payby", None) => Rail::from_word(id).map(Self::PayBy),
            ("topup", Some(sum)) => Some(Self::TopUp(Rail::from_word(id)?, kopecks(sum)?)),
            ("othersum", None) => Rail::from_word(id).map(Self::OtherSum),
            ("payheld", Some(rail)) => Some(Self::PayHeld(quote()?, Rail::from_word(rail)?)),
            ("paysum", Some(arg)) => {
                let (rail, sum) = arg.split_once('-')?;
                Some(Self::PayHeldSum(quote()?, Rail::from_word(rail)?, kopecks(sum)?))
            }
            ("payother", Some(rail)) => Some(Self::PayHeldOther(quote()?, Rail::from_word(rail)?)),
            ("paycheck", None) => PaymentId::from_short(id).map(Self::CheckPayment),
            ("held", None) => quote().map(Self::Held),
            ("heldrun", None) => quote().map(Self::HeldRun),
            ("helddrop", None) => quote().map(Self::HeldDrop),
            ("email", None) => Some(Self::Email),
            ("emaildrop", None) => Some(Self::EmailDelete),
            ("terms", None) => Some(Self::Terms),
            ("accept", Some(version)) => version.parse().ok().map(Self::AcceptTerms),
            ("promo", None) => Some(Self::Promo),
            ("statement", Some(page)) => page.parse().ok().map(Self::Statement),
            ("csv", None) => Some(Self::StatementFile),
            ("why", None) => OrderId::from_short(id).map(Self::Why),
            ("paysupport", None) => Some(Self::PaySupport),
            _ => None,
        }
    }

    /// The payment that the button names.
    pub const fn payment(&self) -> Option<PaymentId> {
        match self {
            Self::CheckPayment(payment) => Some(*payment),
            _ => None,
        }
    }

    /// One of each about money, for checks that every button leads to a handler.
    #[cfg(test)]
    pub(crate) fn money_samples() -> Vec<Self> {
        let short = "A".repeat(22);
        let quote = QuoteId::from_short(&short).expect("22 characters are an id");
        let order = OrderId::from_short(&short).expect("22 characters are an id");
        let payment = PaymentId::from_short(&short).expect("22 characters are an id");
        let mut samples = vec![
            Self::CheckPayment(payment),
            Self::Held(quote),
            Self::HeldRun(quote),
            Self::HeldDrop(quote),
            Self::Email,
            Self::EmailDelete,
            Self::Terms,
            Self::AcceptTerms(u32::MAX),
            Self::Promo,
            Self::Statement(u32::MAX),
            Self::StatementFile,
            Self::Why(order),
            Self::PaySupport,
        ];
        for rail in [Rail::YooKassa, Rail::Stars] {
            samples.extend([
                Self::PayBy(rail),
                Self::TopUp(rail, 1_000_000_000),
                Self::OtherSum(rail),
                Self::PayHeld(quote, rail),
                Self::PayHeldSum(quote, rail, 1_000_000_000),
                Self::PayHeldOther(quote, rail),
            ]);
        }
        samples
    }
}

/// A sum on a button: plain digits above zero.
fn kopecks(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|sum| digits && *sum > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_of_those_who_run_the_bot_are_passed_on_unread() {
        for data in ["v1:adm-ok:17", "v1:adm-price:nano-banana:2K:5000", "v1:adm-page:-:2"] {
            let action = Action::parse(data).expect("an admin's button");
            assert_eq!(action.data(), data);
        }
        assert_eq!(Action::parse("v1:adm-:17"), None);
        assert_eq!(Action::parse("v1:adm-ok:"), None);
    }

    #[test]
    fn m10_sums_on_buttons_are_plain_digits_above_zero() {
        for sum in ["0", "-1", "+5", "1e9", "10,5", "", "9223372036854775808", "٥"] {
            assert_eq!(Action::parse(&format!("v1:topup:yookassa:{sum}")), None, "{sum}");
        }
        assert_eq!(Action::parse("v1:topup:cash:100"), None);
    }
}
