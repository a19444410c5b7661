//! What a button carries: `v1:<act>:<id>[:<arg>]`, at most 64 bytes, never words of a prompt.

use rei_domain::ids::{OrderId, QuoteId};
use rei_texts::Lang;

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
    Draft,
    /// Back to whatever form is open.
    Form,
    Ratios,
    Ratio(String),
    Sizes,
    Size(String),
    Idea(u8),
    Create(QuoteId),
    Change(QuoteId),
    Tune(QuoteId),
    Drop(QuoteId),
    Cheaper(QuoteId),
    Shorten,
    Jobs,
    History(u32),
    Cancel(OrderId),
    Again(OrderId),
    Language(Lang),
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
            Self::Draft => plain("draft"),
            Self::Form => plain("form"),
            Self::Ratios => plain("ratios"),
            Self::Ratio(ratio) => format!("v1:ratio:-:{ratio}"),
            Self::Sizes => plain("sizes"),
            Self::Size(size) => format!("v1:size:-:{size}"),
            Self::Idea(number) => format!("v1:idea:-:{number}"),
            Self::Create(quote) => format!("v1:create:{}", quote.to_short()),
            Self::Change(quote) => format!("v1:change:{}", quote.to_short()),
            Self::Tune(quote) => format!("v1:tune:{}", quote.to_short()),
            Self::Drop(quote) => format!("v1:drop:{}", quote.to_short()),
            Self::Cheaper(quote) => format!("v1:cheaper:{}", quote.to_short()),
            Self::Shorten => plain("shorten"),
            Self::Jobs => plain("jobs"),
            Self::History(page) => format!("v1:history:-:{page}"),
            Self::Cancel(order) => format!("v1:cancel:{}", order.to_short()),
            Self::Again(order) => format!("v1:again:{}", order.to_short()),
            Self::Language(lang) => format!("v1:lang:-:{}", lang.as_str()),
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
        match (act, arg) {
            ("menu", None) => Some(Self::Menu),
            ("help", None) => Some(Self::Help),
            ("balance", None) => Some(Self::Balance),
            ("support", None) => Some(Self::Support),
            ("pay", None) => Some(Self::Pay),
            ("draft", None) => Some(Self::Draft),
            ("form", None) => Some(Self::Form),
            ("ratios", None) => Some(Self::Ratios),
            ("ratio", Some(ratio)) => Some(Self::Ratio(ratio.to_owned())),
            ("sizes", None) => Some(Self::Sizes),
            ("size", Some(size)) => Some(Self::Size(size.to_owned())),
            ("idea", Some(number)) => number.parse().ok().map(Self::Idea),
            ("create", None) => quote().map(Self::Create),
            ("change", None) => quote().map(Self::Change),
            ("tune", None) => quote().map(Self::Tune),
            ("drop", None) => quote().map(Self::Drop),
            ("cheaper", None) => quote().map(Self::Cheaper),
            ("shorten", None) => Some(Self::Shorten),
            ("jobs", None) => Some(Self::Jobs),
            ("history", Some(page)) => page.parse().ok().map(Self::History),
            ("cancel", None) => order().map(Self::Cancel),
            ("again", None) => order().map(Self::Again),
            ("lang", Some(word)) => Lang::from_word(word).map(Self::Language),
            _ => None,
        }
    }

    /// The order that the button names.
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Self::Cancel(order) | Self::Again(order) => Some(*order),
            _ => None,
        }
    }

    /// One of each, for checks that every button leads to a handler.
    #[cfg(test)]
    pub(crate) fn samples() -> Vec<Self> {
        let quote = QuoteId::from_short(&"A".repeat(22)).expect("22 characters are an id");
        let order = OrderId::from_short(&"A".repeat(22)).expect("22 characters are an id");
        vec![
            Self::Menu,
            Self::Help,
            Self::Balance,
            Self::Support,
            Self::Pay,
            Self::Draft,
            Self::Form,
            Self::Ratios,
            Self::Ratio("21:9".to_owned()),
            Self::Sizes,
            Self::Size("4K".to_owned()),
            Self::Idea(1),
            Self::Create(quote),
            Self::Change(quote),
            Self::Tune(quote),
            Self::Drop(quote),
            Self::Cheaper(quote),
            Self::Shorten,
            Self::Jobs,
            Self::History(u32::MAX),
            Self::Cancel(order),
            Self::Again(order),
            Self::Language(Lang::En),
        ]
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
        assert_eq!(read("v1:support:-".to_owned()), Some(Action::Support));
        assert_eq!(read("v1:draft:-".to_owned()), Some(Action::Draft));
    }

    #[test]
    fn made_up_data_is_nothing() {
        for junk in
            ["", "v1", "v1:menu", "v2:menu:-", "v1:create:short", "v1:pay:-:1e9", "v1:history:-:-1"]
        {
            assert_eq!(Action::parse(junk), None, "{junk}");
        }
        assert_eq!(Action::parse(&"я".repeat(64)), None);
    }
}
