//! How choices are called: on buttons, in offers, in lists.

use rei_domain::catalog::{Choices, Kind, Model};
use rei_domain::money::Kopecks;
use rei_texts::{Lang, Text};

use crate::Turn;
use crate::choice::Choice;
use crate::world::shortest_clip;

impl Turn<'_> {
    /// The name of the model that is chosen.
    pub(crate) fn title_of(&self, choices: &Choices) -> String {
        let model = self.world.catalog.model(&choices.sku);
        model.map_or_else(String::new, |model| model.title(self.lang() == Lang::Ru).to_owned())
    }

    /// What is chosen, in one line.
    pub(crate) fn summary(&self, choices: &Choices) -> String {
        let pieces = Choice::ALL.map(|choice| self.value_of(choice, choices));
        pieces.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// What is chosen in one respect; `None` where there is nothing to say.
    pub(crate) fn value_of(&self, choice: Choice, choices: &Choices) -> Option<String> {
        let kind = self.world.catalog.model(&choices.sku).map(|model| model.kind)?;
        let value = match choice {
            Choice::Model => return Some(self.title_of(choices)),
            Choice::Size => choices.size.clone(),
            Choice::Seconds if choices.seconds == 0 => return None,
            Choice::Seconds => choices.seconds.to_string(),
            Choice::Sound => choices.sound.clone(),
            Choice::Ratio => choices.ratio.clone(),
            Choice::Count if kind.is_video() => return None,
            Choice::Count => choices.count.to_string(),
        };
        (!value.is_empty()).then(|| self.value_name(choice, &value))
    }

    /// A value in the customer's words.
    pub(crate) fn value_name(&self, choice: Choice, value: &str) -> String {
        let value = value.to_owned();
        let text = match choice {
            Choice::Model | Choice::Size => return value,
            Choice::Seconds => Text::NameSeconds { seconds: value },
            Choice::Sound => Text::NameSound { sound: value },
            Choice::Ratio => Text::NameRatio { ratio: value },
            Choice::Count => Text::NameCount { count: value },
        };
        text.plain(self.lang())
    }

    /// What these choices cost today; `length_ms` is that of the customer's clip.
    pub(crate) fn price_of(&self, choices: &Choices, length_ms: Option<u64>) -> Option<Kopecks> {
        let model = self.world.catalog.model(&choices.sku).filter(|model| model.enabled)?;
        self.world.catalog.price(model, choices, length_ms).map(|priced| priced.sale)
    }

    /// The least that something from this row costs.
    pub(crate) fn lowest_price(&self, model: &Model, length_ms: Option<u64>) -> Option<Kopecks> {
        let length_ms = length_ms.or_else(|| shortest_clip(model));
        let prices = model.combinations().into_iter().filter_map(|choices| {
            self.world.catalog.price(model, &choices, length_ms).map(|priced| priced.sale)
        });
        prices.min()
    }

    /// How a kind is called in headings.
    pub(crate) fn kind_name(&self, kind: Kind) -> Text {
        Text::NameKind { kind: kind.as_str().to_owned() }
    }
}

/// The sign before what is chosen.
pub(crate) fn mark(chosen: bool) -> String {
    if chosen { "✓ ".to_owned() } else { String::new() }
}
