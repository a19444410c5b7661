//! The two Fluent bundles, parsed once.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::{LanguageIdentifier, langid};

use crate::Lang;

static RUSSIAN: LazyLock<FluentBundle<FluentResource>> =
    LazyLock::new(|| parse(langid!("ru"), include_str!("../../../texts/ru.ftl")));
static ENGLISH: LazyLock<FluentBundle<FluentResource>> =
    LazyLock::new(|| parse(langid!("en"), include_str!("../../../texts/en.ftl")));

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

fn parse(lang: LanguageIdentifier, source: &str) -> FluentBundle<FluentResource> {
    let resource = FluentResource::try_new(source.to_owned())
        .unwrap_or_else(|(_, errors)| panic!("the texts of {lang} are not Fluent: {errors:?}"));
    let mut bundle = FluentBundle::new_concurrent(vec![lang]);
    // Marks that isolate directions would stand in every sum and break comparisons of buttons.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).expect("every key of the texts stands once");
    bundle
}
