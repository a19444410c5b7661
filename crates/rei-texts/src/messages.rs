//! The lists of messages with their values. Each variant is a key of the texts; its fields are the values.

mod admin;
mod money;
mod reports;

pub use admin::AdminText;
pub use money::MoneyText;
pub use reports::ReportText;

use fluent_bundle::{FluentArgs, FluentValue};
use rei_domain::money::Kopecks;

use crate::markup::escape;
use crate::{Lang, bundle};

/// A message of any list, where it doesn't matter which.
pub trait Message {
    /// The message as Telegram HTML: its own markup stays, the values are escaped.
    fn html(&self, lang: Lang) -> String;
    /// The message for places without markup: buttons, toasts, captions of files.
    fn plain(&self, lang: Lang) -> String;
}

macro_rules! messages {
    ($(#[$doc:meta])* $set:ident: $($name:ident $key:literal { $($field:ident: $kind:ty = $arg:literal),* }),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs, reason = "the Russian text of the key says what it is")]
        pub enum $set {
            $($name { $($field: $kind),* },)+
        }

        impl $set {
            /// The message as Telegram HTML: its own markup stays, the values are escaped.
            pub fn html(&self, lang: Lang) -> String {
                bundle::format(lang, self.key(), self.args(true))
            }

            /// The message for places without markup: buttons, toasts, captions of files.
            pub fn plain(&self, lang: Lang) -> String {
                bundle::format(lang, self.key(), self.args(false))
            }

            pub(crate) fn key(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $key,)+
                }
            }

            fn args(&self, html: bool) -> FluentArgs<'static> {
                let mut args = FluentArgs::new();
                match self {
                    $(Self::$name { $($field),* } => {
                        $(args.set($arg, $field.value(html));)*
                    })+
                }
                let _ = html;
                args
            }

            /// Each message once, with plain sample values.
            #[cfg(test)]
            pub(crate) fn samples() -> Vec<Self> {
                vec![$(Self::$name { $($field: <$kind as Value>::sample()),* }),+]
            }
        }

        impl Message for $set {
            fn html(&self, lang: Lang) -> String {
                self.html(lang)
            }

            fn plain(&self, lang: Lang) -> String {
                self.plain(lang)
            }
        }
    };
}
pub(crate) use messages;

/// Something that can stand in a message.
pub(crate) trait Value {
    fn value(&self, html: bool) -> FluentValue<'static>;
    #[cfg(test)]
    fn sample() -> Self;
}

impl Value for Kopecks {
    fn value(&self, _html: bool) -> FluentValue<'static> {
        self.to_string().into()
    }

    #[cfg(test)]
    fn sample() -> Self {
        Self::from_rubles(50)
    }
}

impl Value for i64 {
    fn value(&self, _html: bool) -> FluentValue<'static> {
        (*self).into()
    }

    #[cfg(test)]
    fn sample() -> Self {
        3
    }
}

impl Value for String {
    fn value(&self, html: bool) -> FluentValue<'static> {
        if html { escape(self).into() } else { self.clone().into() }
    }

    #[cfg(test)]
    fn sample() -> Self {
        "sample".to_owned()
    }
}

messages! {
    /// One message with its values; named after its key in the texts.
    Text:
    LabelImage "label-image" {},
    LabelEdit "label-edit" {},
    LabelVideo "label-video" {},
    LabelIdeas "label-ideas" {},
    LabelHistory "label-history" {},
    LabelJobs "label-jobs" {},
    LabelBalance "label-balance" {},
    LabelPay "label-pay" {},
    LabelSettings "label-settings" {},
    LabelHelp "label-help" {},
    WordsMenu "words-menu" {},
    WordsImage "words-image" {},
    WordsEdit "words-edit" {},
    WordsVideo "words-video" {},
    WordsJobs "words-jobs" {},
    WordsBalance "words-balance" {},
    WordsPay "words-pay" {},
    WordsCancel "words-cancel" {},
    WordsHelp "words-help" {},
    ButtonMenu "button-menu" {},
    ButtonBack "button-back" {},
    ButtonCreate "button-create" { price: Kopecks = "price" },
    ButtonOption "button-option" { what: String = "what", value: String = "value" },
    ButtonPick "button-pick" { mark: String = "mark", value: String = "value" },
    ButtonPickFrom "button-pick-from" { mark: String = "mark", value: String = "value", price: Kopecks = "price" },
    ButtonPickPrice "button-pick-price" { mark: String = "mark", value: String = "value", price: Kopecks = "price" },
    ButtonOtherModel "button-other-model" { title: String = "title", price: Kopecks = "price" },
    ButtonPlain "button-plain" {},
    ButtonPurpose "button-purpose" { what: String = "what" },
    ButtonSetup "button-setup" { kind: String = "kind" },
    ButtonQuick "button-quick" {},
    ButtonQuickOff "button-quick-off" { mark: String = "mark" },
    ButtonQuickUpTo "button-quick-up-to" { mark: String = "mark", limit: Kopecks = "limit" },
    ButtonFilter "button-filter" { mark: String = "mark", what: String = "what" },
    ButtonOriginalNumber "button-original-number" { number: i64 = "number" },
    NameSeconds "name-seconds" { seconds: String = "seconds" },
    NameSound "name-sound" { sound: String = "sound" },
    NameRatio "name-ratio" { ratio: String = "ratio" },
    NameCount "name-count" { count: String = "count" },
    NameKind "name-kind" { kind: String = "kind" },
    ButtonChange "button-change" {},
    ButtonTune "button-tune" {},
    ButtonDrop "button-drop" {},
    ButtonCheaper "button-cheaper" { what: String = "what", price: Kopecks = "price" },
    ButtonCancel "button-cancel" {},
    ButtonRetry "button-retry" {},
    ButtonRewrite "button-rewrite" {},
    ButtonSupport "button-support" {},
    ButtonHelp "button-help" {},
    ButtonShorten "button-shorten" { limit: i64 = "limit" },
    ButtonCancelNumber "button-cancel-number" { number: i64 = "number" },
    ButtonRepeatNumber "button-repeat-number" { number: i64 = "number", price: Kopecks = "price" },
    ButtonOlder "button-older" {},
    ButtonNewer "button-newer" {},
    ButtonRussian "button-russian" {},
    ButtonEnglish "button-english" {},
    ButtonBalance "button-balance" {},
    ButtonImage "button-image" {},
    ButtonJobs "button-jobs" {},
    Welcome "welcome" { balance: Kopecks = "balance" },
    Menu "menu" { balance: Kopecks = "balance" },
    MenuKept "menu-kept" { balance: Kopecks = "balance", prompt: String = "prompt" },
    MenuKeptFiles "menu-kept-files" { balance: Kopecks = "balance", count: i64 = "count" },
    Help "help" {},
    How "how" {},
    Balance "balance" { free: Kopecks = "free", cash: Kopecks = "cash", bonus: Kopecks = "bonus", held: Kopecks = "held", count: i64 = "count", videos: i64 = "videos" },
    PricesHead "prices-head" {},
    PricesKind "prices-kind" { what: String = "what" },
    PriceLine "price-line" { title: String = "title", price: Kopecks = "price" },
    PricesFoot "prices-foot" {},
    Settings "settings" {},
    SettingsKind "settings-kind" { what: String = "what", options: String = "options" },
    SettingsQuick "settings-quick" { limit: Kopecks = "limit" },
    SettingsQuickOff "settings-quick-off" {},
    Setup "setup" { what: String = "what" },
    Quick "quick" {},
    LanguageSet "language-set" {},
    Ideas "ideas" {},
    Idea1 "idea-1" {},
    Idea2 "idea-2" {},
    Idea3 "idea-3" {},
    Idea4 "idea-4" {},
    MyId "my-id" { id: i64 = "id" },
    Support "support" { contact: String = "contact", id: i64 = "id", order: String = "order" },
    Terms "terms" {},
    Privacy "privacy" {},
    SoonOther "soon-other" {},
    Draft "draft" { what: String = "what", photos: i64 = "photos", seconds: i64 = "seconds" },
    DraftReask "draft-reask" { options: String = "options", photos: i64 = "photos", clips: i64 = "clips" },
    Tune "tune" {},
    Choose "choose" { what: String = "what" },
    Task "task" { what: String = "what", photos: i64 = "photos", seconds: i64 = "seconds" },
    QuoteHead "quote-head" { task: String = "task" },
    QuotePrompt "quote-prompt" { prompt: String = "prompt" },
    QuoteNoWords "quote-no-words" {},
    QuotePrice "quote-price" { price: Kopecks = "price", balance: Kopecks = "balance", left: Kopecks = "left" },
    QuoteShort "quote-short" { price: Kopecks = "price", balance: Kopecks = "balance", missing: Kopecks = "missing" },
    QuoteDropped "quote-dropped" {},
    ReceivedPhotos "received-photos" { count: i64 = "count" },
    ReceivedClip "received-clip" { seconds: i64 = "seconds" },
    NoteLatePart "note-late-part" {},
    NoteJoined "note-joined" {},
    NoteClipReplaced "note-clip-replaced" {},
    NoteTooMany "note-too-many" { limit: i64 = "limit" },
    NoteUnused "note-unused" { photos: i64 = "photos", photos_sent: i64 = "allphotos", clips: i64 = "clips", clips_sent: i64 = "allclips" },
    NoteTwice "note-twice" { seconds: i64 = "seconds" },
    NoteStale "note-stale" {},
    NotePriceChanged "note-price-changed" {},
    HintShort "hint-short" {},
    PromptTooLong "prompt-too-long" { length: i64 = "length", limit: i64 = "limit" },
    NotOnSale "not-on-sale" {},
    NothingOnSale "nothing-on-sale" { what: String = "what" },
    NeedMore "need-more" { missing: Kopecks = "missing", price: Kopecks = "price", balance: Kopecks = "balance" },
    Accepted "accepted" { number: i64 = "number", ahead: i64 = "ahead", price: Kopecks = "price", wait: String = "wait" },
    WaitSeconds "wait-seconds" { from_seconds: i64 = "from", to_seconds: i64 = "to" },
    WaitMinutes "wait-minutes" { from_minutes: i64 = "from", to_minutes: i64 = "to" },
    Working "working" { number: i64 = "number", from_seconds: i64 = "from", to_seconds: i64 = "to" },
    WaitingAgain "waiting-again" { number: i64 = "number" },
    Checking "checking" { number: i64 = "number" },
    DoneStatus "done-status" { number: i64 = "number" },
    Result "result" { seconds: i64 = "seconds", price: Kopecks = "price", balance: Kopecks = "balance", count: i64 = "count" },
    ResultOriginal "result-original" { number: i64 = "number" },
    ResultLate "result-late" { number: i64 = "number" },
    Cancelled "cancelled" { number: i64 = "number", price: Kopecks = "price", balance: Kopecks = "balance" },
    CancelTooLate "cancel-too-late" {},
    CancelFinished "cancel-finished" {},
    Refused "refused" { price: Kopecks = "price", balance: Kopecks = "balance", support: String = "support" },
    RefusedSimilar "refused-similar" { price: Kopecks = "price", balance: Kopecks = "balance", support: String = "support" },
    RefusedLanguage "refused-language" { price: Kopecks = "price", balance: Kopecks = "balance", support: String = "support" },
    RefusedWords "refused-words" { price: Kopecks = "price", balance: Kopecks = "balance", support: String = "support" },
    RefusedInput "refused-input" { price: Kopecks = "price", balance: Kopecks = "balance", support: String = "support" },
    Failed "failed" { price: Kopecks = "price", balance: Kopecks = "balance", support: String = "support" },
    FailedOurs "failed-ours" { price: Kopecks = "price", balance: Kopecks = "balance", support: String = "support" },
    Expired "expired" { price: Kopecks = "price", balance: Kopecks = "balance", support: String = "support" },
    ProviderDown "provider-down" { what: String = "what" },
    TooManyActive "too-many-active" { count: i64 = "count" },
    OrderRunning "order-running" {},
    EditTooLate "edit-too-late" {},
    EditUnused "edit-unused" {},
    JobsEmpty "jobs-empty" {},
    JobsHead "jobs-head" {},
    JobsMore "jobs-more" { count: i64 = "count" },
    JobLine "job-line" { number: i64 = "number", state: String = "state", price: Kopecks = "price", prompt: String = "prompt" },
    JobAhead "job-ahead" { ahead: i64 = "ahead", left: String = "left" },
    JobLeft "job-left" { left: String = "left" },
    JobLong "job-long" {},
    HistoryEmpty "history-empty" {},
    HistoryNone "history-none" {},
    HistoryHead "history-head" {},
    HistoryLine "history-line" { star: String = "star", number: i64 = "number", date: String = "date", state: String = "state", price: Kopecks = "price", prompt: String = "prompt" },
    StateQueued "state-queued" {},
    StateSubmitting "state-submitting" {},
    StateUnknown "state-unknown" {},
    StateRunning "state-running" {},
    StateFetching "state-fetching" {},
    StateReady "state-ready" {},
    StateDelivering "state-delivering" {},
    StateDelivered "state-delivered" {},
    StateCancelled "state-cancelled" {},
    StateRefused "state-refused" {},
    StateFailed "state-failed" {},
    StateExpired "state-expired" {},
    StateGifted "state-gifted" {},
    NothingToCancel "nothing-to-cancel" {},
    CancelledForm "cancelled-form" {},
    CancelWhich "cancel-which" {},
    UnknownCommand "unknown-command" {},
    UnknownContent "unknown-content" {},
    Voice "voice" {},
    FileTooBig "file-too-big" {},
    FileOver "file-over" { megabytes: i64 = "megabytes" },
    FileNotMedia "file-not-media" {},
    FileHeic "file-heic" {},
    FileBroken "file-broken" {},
    FileGone "file-gone" {},
    FileBusy "file-busy" {},
    FileComing "file-coming" {},
    FileUnfit "file-unfit" {},
    LimitType "limit-type" { types: String = "types" },
    LimitSize "limit-size" { megabytes: i64 = "megabytes" },
    LimitSideMin "limit-side-min" { pixels: i64 = "pixels" },
    LimitSideMax "limit-side-max" { pixels: i64 = "pixels" },
    LimitPixels "limit-pixels" { megapixels: i64 = "megapixels" },
    LimitNarrow "limit-narrow" {},
    LimitLengthMin "limit-length-min" { seconds: i64 = "seconds" },
    LimitLengthMax "limit-length-max" { seconds: i64 = "seconds" },
    FilesGone "files-gone" {},
    ResultGone "result-gone" {},
    PromptUpscale "prompt-upscale" {},
    Group "group" { bot: String = "bot" },
    StrangerButton "stranger-button" {},
    StaleButton "stale-button" {},
    ToastAccepted "toast-accepted" {},
    ToastLargest "toast-largest" {},
    ToastStarred "toast-starred" {},
    ToastUnstarred "toast-unstarred" {},
    AdminGranted "admin-granted" { sum: Kopecks = "sum", reason: String = "reason", balance: Kopecks = "balance" },
    AdminTrial "admin-trial" {},
    AdminTrialLine "admin-trial-line" { account: String = "account", debits: String = "debits", credits: String = "credits" },
    AdminTrialZero "admin-trial-zero" {},
    AdminTrialOff "admin-trial-off" { difference: String = "difference" },
    AlertProvider "alert-provider" { provider: String = "provider", code: String = "code", number: i64 = "number" },
    AlertPoison "alert-poison" { kind: String = "kind", attempts: i64 = "attempts", number: i64 = "number", error: String = "error" },
    AlertParked "alert-parked" { update: i64 = "update", error: String = "error" },
    AlertAudit "alert-audit" { findings: String = "findings" },
    AlertModel "alert-model" { sku: String = "sku", code: String = "code" },
    AlertNoFunds "alert-no-funds" { provider: String = "provider", code: String = "code" },
    AlertResult "alert-result" { number: i64 = "number", reason: String = "reason" },
    ResultVideo "result-video" { seconds: i64 = "seconds", price: Kopecks = "price", balance: Kopecks = "balance" },
    ResultOneOf "result-one-of" { no: i64 = "no", made: i64 = "made", number: i64 = "number" },
    ResultFewer "result-fewer" { made: i64 = "made", ordered: i64 = "ordered", returned: Kopecks = "returned" },
    ResultShorter "result-shorter" { returned: Kopecks = "returned" },
    ResultOtherRatio "result-other-ratio" {},
    ResultOtherRatioRefund "result-other-ratio-refund" { returned: Kopecks = "returned" },
    ResultLink "result-link" { number: i64 = "number", megabytes: i64 = "megabytes", hours: i64 = "hours", link: String = "link" },
    ResultUnlinked "result-unlinked" { number: i64 = "number", megabytes: i64 = "megabytes" },
    Filming "filming" { number: i64 = "number", from: i64 = "from", to: i64 = "to" },
    FilmingFor "filming-for" { number: i64 = "number", minutes: i64 = "minutes", from: i64 = "from", to: i64 = "to" },
    FilmingLong "filming-long" { number: i64 = "number" },
    ResultButtonAgain "result-button-again" { price: Kopecks = "price" },
    ResultButtonRedo "result-button-redo" {},
    ResultButtonUpscale "result-button-upscale" { price: Kopecks = "price" },
    ResultButtonAnimate "result-button-animate" { price: Kopecks = "price" },
    ResultButtonOriginal "result-button-original" {},
    ResultButtonStar "result-button-star" {},
    ResultButtonRewrite "result-button-rewrite" {},
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The keys of a file and the values that each uses.
    fn placeholders(source: &str) -> Vec<(String, BTreeSet<String>)> {
        let mut found: Vec<(String, BTreeSet<String>)> = Vec::new();
        for line in source.lines() {
            let key = line.split_once(" =").map(|(key, _)| key).filter(|key| {
                key.starts_with(|first: char| first.is_ascii_lowercase()) && !key.contains(' ')
            });
            if let Some(key) = key {
                found.push((key.to_owned(), BTreeSet::new()));
            }
            let Some((_, values)) = found.last_mut() else { continue };
            for piece in line.split('$').skip(1) {
                let name =
                    piece.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
                values.insert(name.to_owned());
            }
        }
        found.sort();
        found
    }

    fn samples() -> Vec<(&'static str, Box<dyn Message>)> {
        let mut all: Vec<(&'static str, Box<dyn Message>)> = Vec::new();
        all.extend(Text::samples().into_iter().map(|it| (it.key(), Box::new(it) as _)));
        all.extend(MoneyText::samples().into_iter().map(|it| (it.key(), Box::new(it) as _)));
        all.extend(AdminText::samples().into_iter().map(|it| (it.key(), Box::new(it) as _)));
        all.extend(ReportText::samples().into_iter().map(|it| (it.key(), Box::new(it) as _)));
        all
    }

    #[test]
    fn every_message_renders_in_both_languages() {
        for (key, text) in samples() {
            for lang in Lang::ALL {
                assert!(bundle::has(lang, key), "{lang:?} lacks {key}");
                let words = text.html(lang);
                assert!(!words.trim().is_empty() || words.is_empty(), "{key}");
                assert!(!words.contains("{$") && !words.contains("{ $"), "{words}");
            }
        }
    }

    #[test]
    fn both_languages_have_the_same_keys_and_values() {
        let russian = placeholders(&bundle::RUSSIAN_WORDS.join("\n"));
        let english = placeholders(&bundle::ENGLISH_WORDS.join("\n"));
        assert_eq!(russian, english);
        let typed: BTreeSet<_> = samples().into_iter().map(|(key, _)| key.to_owned()).collect();
        let written: BTreeSet<_> = russian.into_iter().map(|(key, _)| key).collect();
        assert_eq!(typed, written);
    }

    #[test]
    fn russian_counts_in_three_forms() {
        let left = |count| Text::Balance {
            free: Kopecks::ZERO,
            cash: Kopecks::ZERO,
            bonus: Kopecks::ZERO,
            held: Kopecks::ZERO,
            count,
            videos: 0,
        };
        assert!(left(1).html(Lang::Ru).contains("≈1 изображение."));
        assert!(left(2).html(Lang::Ru).contains("≈2 изображения."));
        assert!(left(5).html(Lang::Ru).contains("≈5 изображений."));
        assert!(left(11).html(Lang::Ru).contains("≈11 изображений."));
        assert!(left(21).html(Lang::Ru).contains("≈21 изображение."));
        assert!(left(1).html(Lang::En).contains("≈1 more image."));
        assert!(left(0).html(Lang::En).contains("not enough"));
    }

    #[test]
    fn people_s_words_are_escaped_only_where_markup_is_read() {
        let text = Text::QuotePrompt { prompt: "<b>".to_owned() };
        assert!(text.html(Lang::En).contains("&lt;b&gt;"));
        assert!(text.plain(Lang::En).contains("<b>"));
    }
}
