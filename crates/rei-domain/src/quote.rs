//! A price told before anything is paid: a pure function of the catalogue and the customer's choices.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, Choices, Kind};
use crate::clock::Timestamp;
use crate::ids::QuoteId;
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
    /// What the customer pays.
    pub price: Kopecks,
    /// What the provider charges the owner.
    pub cost: MicroUsd,
    /// The catalogue that named the price.
    pub catalog_version: String,
    /// The end of the offer.
    pub expires_at: Timestamp,
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
        choices: &Choices,
        prompt: &str,
        id: QuoteId,
        now: Timestamp,
    ) -> Result<Self, QuoteError> {
        let model = catalog
            .model(&choices.sku)
            .filter(|model| model.enabled)
            .ok_or(QuoteError::NotOnSale)?;
        let row = model.price_row(&choices.size).ok_or(QuoteError::NoSuchChoice)?;
        if !model.ratios.contains(&choices.ratio) {
            return Err(QuoteError::NoSuchChoice);
        }
        let chars = prompt.chars().count();
        if chars > model.prompt_chars_max {
            return Err(QuoteError::PromptTooLong { chars, chars_max: model.prompt_chars_max });
        }
        Ok(Self {
            id,
            prompt: prompt.to_owned(),
            choices: choices.clone(),
            price: row.sale,
            cost: row.cost,
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
