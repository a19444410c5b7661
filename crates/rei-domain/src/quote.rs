//! A price told before anything is paid: a pure function of the catalogue and the customer's choices.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, Choices, Kind, Slot};
use crate::clock::Timestamp;
use crate::ids::{QuoteId, UploadId};
use crate::money::{Kopecks, MicroUsd};

/// How long a quoted price is honoured, whatever happens to the catalogue.
pub const QUOTE_VALID: Duration = Duration::from_secs(15 * 60);

/// An offer: this, for that much, until then. The order freezes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The offer's id; a button carries it, so a stale or a doubled press is known.
    pub id: QuoteId,
    /// What to make.
    pub prompt: String,
    /// What was chosen.
    pub choices: Choices,
    /// The customer's files, in the order of the model's slots.
    #[serde(default)]
    pub inputs: Vec<QuoteInput>,
    /// The length that the price follows from, in milliseconds, where it follows from a clip.
    #[serde(default)]
    pub length_ms: Option<u64>,
    /// What the customer pays.
    pub price: Kopecks,
    /// What the provider charges the owner.
    pub cost: MicroUsd,
    /// The catalogue that named the price.
    pub catalog_version: String,
    /// The end of the offer.
    pub expires_at: Timestamp,
}

/// A customer's file with its purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteInput {
    /// What it is for.
    pub slot: Slot,
    /// The file.
    pub upload: UploadId,
}

/// What is to be priced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What to make.
    pub prompt: String,
    /// What was chosen.
    pub choices: Choices,
    /// The customer's files, in the order of the model's slots; checked before.
    pub inputs: Vec<QuoteInput>,
    /// The length of the clip among them, in milliseconds.
    pub length_ms: Option<u64>,
}

/// Why nothing can be offered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuoteError {
    /// The model left the catalogue or is switched off.
    #[error("the model is not on sale")]
    NotOnSale,
    /// The model has no such size or ratio (any more).
    #[error("the model has no such choice")]
    NoSuchChoice,
    /// The prompt is longer than the model takes; both in characters.
    #[error("the prompt has {chars} characters, {chars_max} are allowed")]
    PromptTooLong {
        /// How long it is.
        chars: usize,
        /// How long it may be.
        chars_max: usize,
    },
}

impl Quote {
    /// Prices the choices.
    ///
    /// # Errors
    /// [`QuoteError`] when the choices aren't sold or the prompt is too long.
    pub fn make(
        catalog: &Catalog,
        wanted: Wanted,
        id: QuoteId,
        now: Timestamp,
    ) -> Result<Self, QuoteError> {
        let Wanted { prompt, choices, inputs, length_ms } = wanted;
        let model = catalog
            .model(&choices.sku)
            .filter(|model| model.enabled)
            .ok_or(QuoteError::NotOnSale)?;
        if !model.has(&choices) {
            return Err(QuoteError::NoSuchChoice);
        }
        let chars = prompt.chars().count();
        if chars > model.prompt_chars_max {
            return Err(QuoteError::PromptTooLong { chars, chars_max: model.prompt_chars_max });
        }
        let priced = catalog.price(model, &choices, length_ms).ok_or(QuoteError::NoSuchChoice)?;
        Ok(Self {
            id,
            prompt,
            choices,
            inputs,
            length_ms,
            price: priced.sale,
            cost: priced.cost,
            catalog_version: catalog.version.clone(),
            expires_at: now.plus(QUOTE_VALID),
        })
    }

    /// Whether the offer has run out.
    pub fn expired(&self, now: Timestamp) -> bool {
        now > self.expires_at
    }

    /// What the order will make.
    pub fn kind(&self, catalog: &Catalog) -> Kind {
        catalog.model(&self.choices.sku).map_or(Kind::Image, |model| model.kind)
    }
}
