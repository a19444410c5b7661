//! What a button carries: `v1:<act>:<id>[:<arg>]`, at most 64 bytes, never words of a prompt.

use rei_domain::catalog::Kind;
use rei_domain::ids::{OrderId, PaymentId, QuoteId};
use rei_domain::ledger::Rail;
use rei_texts::Lang;

use crate::choice::{Choice, HistoryFilter, Purpose, Scope};

/// Telegram's limit for the data of a button.
pub const CALLBACK_BYTES_MAX: usize = 64;

/// Where a button leads.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named for the screen or the step it leads to")]
pub enum Action {
    Menu,
    Help,
    Balance,
    Support,
    Pay,
    Settings,
    /// The settings of a kind.
    Setup(Kind),
    /// The limit up to which nothing is asked; `None` shows the choice.
    Quick(Option<u32>),
    Language(Lang),
    /// An empty form of a picture.
    Draft,
    /// Back to whatever form is open.
    Form,
    /// The open form is left.
    Close,
    /// The open form's words without its files.
    Plain,
    /// What to do with the files of the open form.
    Wish(Purpose),
    /// A picker.
    Options(Scope, Choice),
    /// What was picked.
    Choose(Scope, Choice, String),
    Idea(u8),
    Create(QuoteId),
    Change(QuoteId),
    Tune(QuoteId),
    Drop(QuoteId),
    Cheaper(QuoteId),
    Shorten,
    Jobs,
    History(HistoryFilter, u32),
    Cancel(OrderId),
    Again(OrderId),
    Rewrite(OrderId),
    Original(OrderId),
    Star(OrderId),
    /// A result, by its number from 1, is to be edited.
    Redo(OrderId, u32),
    Upscale(OrderId, u32),
    Animate(OrderId, u32),
    /// The menu of sums for a way to pay.
    PayBy(Rail),
    /// A sum in kopecks.
    TopUp(Rail, i64),
    /// A sum that is typed.
    OtherSum(Rail),
    /// Exactly what the held order lacks.
    PayHeld(QuoteId, Rail),
    /// Another sum in kopecks, paid for the held order.
    PayHeldSum(QuoteId, Rail, i64),
    /// A sum that is typed, paid for the held order.
    PayHeldOther(QuoteId, Rail),
    CheckPayment(PaymentId),
    /// The held order.
    Held(QuoteId),
    /// The held order at the price on the button; names its latest offer.
    HeldRun(QuoteId),
    HeldDrop(QuoteId),
    Email,
    EmailDelete,
    Terms,
    AcceptTerms(u32),
    Promo,
    Statement(u32),
    StatementFile,
    Why(OrderId),
    PaySupport,
    /// A button of those who run the bot: `v1:adm-<act>:<id>[:<arg>]`.
    Admin {
        act: String,
        id: String,
        arg: Option<String>,
    },
}

impl Action {
    /// The button's data.
    pub fn data(&self) -> String {
        let plain = |act: &str| format!("v1:{act}:-");
        let data = match self {
            Self::Menu => plain("menu"),
            Self::Help => plain("help"),
            Self::Balance => plain("balance"),
            Self::Support => plain("support"),
            Self::Pay => plain("pay"),
            Self::Settings => plain("settings"),
            Self::Setup(kind) => format!("v1:setup:{}", kind.as_str()),
            Self::Quick(None) => plain("quick"),
            Self::Quick(Some(rubles)) => format!("v1:quick:-:{rubles}"),
            Self::Language(lang) => format!("v1:lang:-:{}", lang.as_str()),
            Self::Draft => plain("draft"),
            Self::Form => plain("form"),
            Self::Close => plain("close"),
            Self::Plain => plain("plain"),
            Self::Wish(purpose) => format!("v1:wish:-:{}", purpose.as_str()),
            Self::Options(scope, choice) => format!("v1:{}s:{}", choice.as_str(), scope.as_str()),
            Self::Choose(scope, choice, value) => {
                format!("v1:{}:{}:{value}", choice.as_str(), scope.as_str())
            }
            Self::Idea(number) => format!("v1:idea:-:{number}"),
            Self::Create(quote) => format!("v1:create:{}", quote.to_short()),
            Self::Change(quote) => format!("v1:change:{}", quote.to_short()),
            Self::Tune(quote) => format!("v1:tune:{}", quote.to_short()),
            Self::Drop(quote) => format!("v1:drop:{}", quote.to_short()),
            Self::Cheaper(quote) => format!("v1:cheaper:{}", quote.to_short()),
            Self::Shorten => plain("shorten"),
            Self::Jobs => plain("jobs"),
            Self::History(filter, page) => format!("v1:history:{}:{page}", filter.as_str()),
            Self::Cancel(order) => format!("v1:cancel:{}", order.to_short()),
            Self::Again(order) => format!("v1:again:{}", order.to_short()),
            Self::Rewrite(order) => format!("v1:rewrite:{}", order.to_short()),
            Self::Original(order) => format!("v1:original:{}", order.to_short()),
            Self::Star(order) => format!("v1:star:{}", order.to_short()),
            Self::Redo(order, item) => format!("v1:redo:{}:{item}", order.to_short()),
            Self::Upscale(order, item) => format!("v1:upscale:{}:{item}", order.to_short()),
            Self::Animate(order, item) => format!("v1:animate:{}:{item}", order.to_short()),
            money => money.money_data(),
        };
        debug_assert!(data.len() <= CALLBACK_BYTES_MAX, "{data} is too long for a button");
        data
    }

    /// Reads a button's data; `None` for anything this version did not make.
    pub fn parse(data: &str) -> Option<Self> {
        if data.len() > CALLBACK_BYTES_MAX {
            return None;
        }
        let mut parts = data.splitn(4, ':');
        let (version, act, id, arg) = (parts.next()?, parts.next()?, parts.next()?, parts.next());
        if version != "v1" {
            return None;
        }
        let quote = || QuoteId::from_short(id);
        let order = || OrderId::from_short(id);
        let item = |arg: &str| arg.parse().ok().filter(|item| *item > 0);
        if let Some(money) = Self::parse_money(act, id, arg) {
            return Some(money);
        }
        match (act, arg) {
            ("menu", None) => Some(Self::Menu),
            ("help", None) => Some(Self::Help),
            ("balance", None) => Some(Self::Balance),
            ("support", None) => Some(Self::Support),
            ("pay", None) => Some(Self::Pay),
            ("settings", None) => Some(Self::Settings),
            ("setup", None) => Kind::from_word(id).map(Self::Setup),
            ("quick", None) => Some(Self::Quick(None)),
            ("quick", Some(rubles)) => rubles.parse().ok().map(|rubles| Self::Quick(Some(rubles))),
            ("lang", Some(word)) => Lang::from_word(word).map(Self::Language),
            ("draft", None) => Some(Self::Draft),
            ("form", None) => Some(Self::Form),
            ("close", None) => Some(Self::Close),
            ("plain", None) => Some(Self::Plain),
            ("wish", Some(word)) => Purpose::from_word(word).map(Self::Wish),
            ("idea", Some(number)) => number.parse().ok().map(Self::Idea),
            ("create", None) => quote().map(Self::Create),
            ("change", None) => quote().map(Self::Change),
            ("tune", None) => quote().map(Self::Tune),
            ("drop", None) => quote().map(Self::Drop),
            ("cheaper", None) => quote().map(Self::Cheaper),
            ("shorten", None) => Some(Self::Shorten),
            ("jobs", None) => Some(Self::Jobs),
            ("history", Some(page)) => {
                Some(Self::History(HistoryFilter::from_word(id)?, page.parse().ok()?))
            }
            ("cancel", None) => order().map(Self::Cancel),
            ("again", None) => order().map(Self::Again),
            ("rewrite", None) => order().map(Self::Rewrite),
            ("original", None) => order().map(Self::Original),
            ("star", None) => order().map(Self::Star),
            ("redo", Some(arg)) => Some(Self::Redo(order()?, item(arg)?)),
            ("upscale", Some(arg)) => Some(Self::Upscale(order()?, item(arg)?)),
            ("animate", Some(arg)) => Some(Self::Animate(order()?, item(arg)?)),
            (act, None) => {
                let choice = Choice::from_word(act.strip_suffix('s')?)?;
                Some(Self::Options(Scope::from_word(id)?, choice))
            }
            (act, Some(value)) => {
                let choice = Choice::from_word(act)?;
                Some(Self::Choose(Scope::from_word(id)?, choice, value.to_owned()))
            }
        }
    }

    /// The order that the button names.
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Self::Cancel(order) | Self::Again(order) | Self::Rewrite(order) => Some(*order),
            Self::Original(order) | Self::Star(order) | Self::Why(order) => Some(*order),
            Self::Redo(order, _) | Self::Upscale(order, _) | Self::Animate(order, _) => {
                Some(*order)
            }
            _ => None,
        }
    }

    /// One of each, for checks that every button leads to a handler.
    #[cfg(test)]
    pub(crate) fn samples() -> Vec<Self> {
        let quote = QuoteId::from_short(&"A".repeat(22)).expect("22 characters are an id");
        let order = OrderId::from_short(&"A".repeat(22)).expect("22 characters are an id");
        let mut samples = Self::money_samples();
        samples.extend([
            Self::Menu,
            Self::Help,
            Self::Balance,
            Self::Support,
            Self::Pay,
            Self::Settings,
            Self::Quick(None),
            Self::Quick(Some(200)),
            Self::Language(Lang::En),
            Self::Draft,
            Self::Form,
            Self::Close,
            Self::Plain,
            Self::Idea(1),
            Self::Create(quote),
            Self::Change(quote),
            Self::Tune(quote),
            Self::Drop(quote),
            Self::Cheaper(quote),
            Self::Shorten,
            Self::Jobs,
            Self::Cancel(order),
            Self::Again(order),
            Self::Rewrite(order),
            Self::Original(order),
            Self::Star(order),
            Self::Redo(order, u32::MAX),
            Self::Upscale(order, u32::MAX),
            Self::Animate(order, u32::MAX),
        ]);
        samples.extend(Purpose::ALL.map(Self::Wish));
        samples.extend(HistoryFilter::ALL.map(|filter| Self::History(filter, u32::MAX)));
        samples.extend(Kind::ALL.map(Self::Setup));
        // The longest key that a row of the catalogue may have.
        let value = || "s".repeat(32);
        for scope in [Scope::Form].into_iter().chain(Kind::ALL.map(Scope::Kind)) {
            samples.extend(Choice::ALL.map(|choice| Self::Options(scope, choice)));
            samples.extend(Choice::ALL.map(|choice| Self::Choose(scope, choice, value())));
        }
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_fits_a_button_and_comes_back() {
        for action in Action::samples() {
            let data = action.data();
            assert!(data.len() <= CALLBACK_BYTES_MAX, "{data}");
            assert_eq!(Action::parse(&data), Some(action));
        }
    }

    #[test]
    fn buttons_of_the_application_s_own_messages_lead_here() {
        let order = OrderId::from_short(&"A".repeat(22)).expect("22 characters are an id");
        let short = order.to_short();
        let read = |data: String| Action::parse(&data);
        assert_eq!(read(format!("v1:again:{short}")), Some(Action::Again(order)));
        assert_eq!(read(format!("v1:cancel:{short}")), Some(Action::Cancel(order)));
        assert_eq!(read(format!("v1:rewrite:{short}")), Some(Action::Rewrite(order)));
        assert_eq!(read(format!("v1:original:{short}")), Some(Action::Original(order)));
        assert_eq!(read(format!("v1:star:{short}")), Some(Action::Star(order)));
        assert_eq!(read(format!("v1:redo:{short}:1")), Some(Action::Redo(order, 1)));
        assert_eq!(read(format!("v1:upscale:{short}:4")), Some(Action::Upscale(order, 4)));
        assert_eq!(read(format!("v1:animate:{short}:2")), Some(Action::Animate(order, 2)));
        assert_eq!(read("v1:support:-".to_owned()), Some(Action::Support));
        assert_eq!(read("v1:draft:-".to_owned()), Some(Action::Draft));
    }

    #[test]
    fn made_up_data_is_nothing() {
        let order = "A".repeat(22);
        for junk in [
            "",
            "v1",
            "v1:menu",
            "v2:menu:-",
            "v1:create:short",
            "v1:pay:-:1e9",
            "v1:history:-:-1",
            "v1:history:cats:0",
            "v1:sizes:cats",
            "v1:wish:-:cats",
            "v1:quick:-:-5",
            &format!("v1:redo:{order}"),
            &format!("v1:redo:{order}:0"),
            &format!("v1:redo:{order}:x"),
        ] {
            assert_eq!(Action::parse(junk), None, "{junk}");
        }
        assert_eq!(Action::parse(&"я".repeat(64)), None);
    }
}
