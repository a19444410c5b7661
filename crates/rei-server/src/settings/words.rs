//! The words of start-up reports, in both languages (`texts/settings.*.ftl`).
//!
//! They are apart from the bot's texts: they are needed before anything else works.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language of the reports. Both are always printed: the program does not know its operator yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Russian.
    Russian,
    /// English.
    English,
}

impl Language {
    /// In the order of printing.
    pub const BOTH: [Self; 2] = [Self::Russian, Self::English];
}

type Bundle = FluentBundle<FluentResource>;

static RUSSIAN: LazyLock<Bundle> =
    LazyLock::new(|| bundle("ru", include_str!("../../../../texts/settings.ru.ftl")));
static ENGLISH: LazyLock<Bundle> =
    LazyLock::new(|| bundle("en", include_str!("../../../../texts/settings.en.ftl")));

fn bundle(language: &str, source: &str) -> Bundle {
    let language: LanguageIdentifier = language.parse().expect("a constant language code");
    let resource = FluentResource::try_new(source.to_owned())
        .map_err(|(_, errors)| errors)
        .expect("texts/settings.*.ftl are part of the program and their test reads them");
    let mut bundle = Bundle::new_concurrent(vec![language]);
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).expect("no key stands twice, the test reads them all");
    bundle
}

/// The text `id` with its arguments.
///
/// # Panics
/// When the text does not exist: our own bug, the tests of reports say every one.
pub fn say(language: Language, id: &str, args: &[(&'static str, &str)]) -> String {
    find(language, id, args).unwrap_or_else(|| panic!("texts/settings.*.ftl lack {id}"))
}

/// The text `id` if it exists.
pub fn find(language: Language, id: &str, args: &[(&'static str, &str)]) -> Option<String> {
    let bundle = match language {
        Language::Russian => &*RUSSIAN,
        Language::English => &*ENGLISH,
    };
    let pattern = bundle.get_message(id)?.value()?;
    let mut values = FluentArgs::new();
    for (name, value) in args {
        // Only counts choose a plural form; a port or a limit would be printed with separators.
        let value = match *name {
            "count" => FluentValue::try_number(value),
            _ => FluentValue::from(*value),
        };
        values.set(*name, value);
    }
    let mut errors = Vec::new();
    Some(bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn russian_counts_problems_in_three_forms() {
        let title = |count| say(Language::Russian, "title", &[("count", count)]);
        assert!(title("1").contains("1 ошибка."));
        assert!(title("3").contains("3 ошибки."));
        assert!(title("11").contains("11 ошибок."));
        assert!(say(Language::English, "title", &[("count", "1")]).contains("1 problem in"));
    }

    #[test]
    fn an_unknown_text_is_none() {
        assert_eq!(find(Language::English, "no-such-text", &[]), None);
    }
}
