//! The two Fluent bundles, parsed once.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::{LanguageIdentifier, langid};

use crate::Lang;

/// The files of the Russian texts.
pub(crate) const RUSSIAN_WORDS: [&str; 4] = [
    include_str!("../../../texts/ru.ftl"),
    include_str!("../../../texts/money.ru.ftl"),
    include_str!("../../../texts/admin.ru.ftl"),
    include_str!("../../../texts/reports.ru.ftl"),
];
/// The files of the English texts.
pub(crate) const ENGLISH_WORDS: [&str; 4] = [
    include_str!("../../../texts/en.ftl"),
    include_str!("../../../texts/money.en.ftl"),
    include_str!("../../../texts/admin.en.ftl"),
    include_str!("../../../texts/reports.en.ftl"),
];

static RUSSIAN: LazyLock<FluentBundle<FluentResource>> =
    LazyLock::new(|| parse(langid!("ru"), &RUSSIAN_WORDS));
static ENGLISH: LazyLock<FluentBundle<FluentResource>> =
    LazyLock::new(|| parse(langid!("en"), &ENGLISH_WORDS));

/// The words of `key` with its values filled in. A test renders every key in every language, so a missing
/// key or value cannot reach a customer; should it ever, he sees the key.
pub(crate) fn format(lang: Lang, key: &str, args: FluentArgs<'_>) -> String {
    let bundle = match lang {
        Lang::Ru => &*RUSSIAN,
        Lang::En => &*ENGLISH,
    };
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        return key.to_owned();
    };
    let mut errors = Vec::new();
    let words = bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
    debug_assert!(errors.is_empty(), "the text {key} has broken values: {errors:?}");
    words
}

/// Whether the language has the key.
#[cfg(test)]
pub(crate) fn has(lang: Lang, key: &str) -> bool {
    match lang {
        Lang::Ru => RUSSIAN.has_message(key),
        Lang::En => ENGLISH.has_message(key),
    }
}

fn parse(lang: LanguageIdentifier, sources: &[&str]) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![lang.clone()]);
    // Marks that isolate directions would stand in every sum and break comparisons of buttons.
    bundle.set_use_isolating(false);
    for source in sources {
        let resource = FluentResource::try_new((*source).to_owned())
            .unwrap_or_else(|(_, errors)| panic!("the texts of {lang} are not Fluent: {errors:?}"));
        bundle.add_resource(resource).expect("every key of the texts stands once");
    }
    bundle
}
