//! What is sold: models, their choices, limits, prices and what the provider charges.
//!
//! Read from `data/catalog.toml`. A row that breaks a rule is set aside with a named reason; the rest
//! goes on selling. Prices are looked up here and nowhere else.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::money::{Kopecks, MicroUsd};

/// Everything that can be ordered, in the order of the file.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// The version written into each order beside its frozen price.
    pub version: String,
    /// Kopecks for one US dollar; only the margin guard uses it.
    pub kopecks_per_usd: i64,
    models: Vec<Model>,
    /// Rows that were set aside at the start, each with its reason.
    pub broken: Vec<BrokenRow>,
}

/// One sellable model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The row's key in orders and buttons: lower case letters, digits and dashes.
    pub sku: String,
    /// What it makes.
    pub kind: Kind,
    /// The provider's name, as in `provider:model` of the metrics.
    pub provider: String,
    /// The provider's own model id.
    pub model: String,
    /// Whether it is on sale.
    pub enabled: bool,
    /// Its name for customers who read Russian.
    pub title_ru: String,
    /// Its name for customers who read English.
    pub title_en: String,
    /// The longest prompt, in characters.
    pub prompt_chars_max: usize,
    /// After this long without a result the money goes back, in seconds.
    deadline_s: u64,
    /// How long it usually takes, from and to, in seconds.
    pub typical_s: [u32; 2],
    /// The ratios a customer may choose from, as `width:height`.
    pub ratios: Vec<String>,
    /// The ratio of somebody who chose none.
    pub default_ratio: String,
    /// The size of somebody who chose none.
    pub default_size: String,
    /// One row for each size.
    #[serde(rename = "price")]
    pub prices: Vec<PriceRow>,
}

/// What one size costs the customer and the owner.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceRow {
    /// The size as the provider spells it: `1K`, `2K`, `4K`.
    pub size: String,
    /// The sale price.
    #[serde(rename = "sale_kopecks")]
    pub sale: Kopecks,
    /// The provider's price.
    #[serde(rename = "cost_micro_usd")]
    pub cost: MicroUsd,
    /// The owner's word that selling below cost is meant.
    #[serde(default)]
    pub below_cost: bool,
}

/// What a model makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A picture from words.
    Image,
}

impl Kind {
    /// The word under which the book stores it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
        }
    }
}

/// What the customer chose for one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// The model's key.
    pub sku: String,
    /// `width:height`.
    pub ratio: String,
    /// `1K`, `2K`, `4K`.
    pub size: String,
}

/// A row of the file that is not sold, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenRow {
    /// The row's key, or its number when it has none.
    pub sku: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Why the whole file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Not TOML, or without its head.
    #[error("the catalogue is not readable: {0}")]
    Unreadable(String),
}

#[derive(Deserialize)]
struct File {
    version: String,
    kopecks_per_usd: i64,
    #[serde(default, rename = "model")]
    models: Vec<toml::Value>,
}

impl Catalog {
    /// Reads the file's text and sets broken rows aside.
    ///
    /// # Errors
    /// [`CatalogError::Unreadable`] when it isn't TOML or lacks `version` or `kopecks_per_usd`.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let file: File =
            toml::from_str(text).map_err(|error| CatalogError::Unreadable(error.to_string()))?;
        let mut catalog = Self {
            version: file.version,
            kopecks_per_usd: file.kopecks_per_usd,
            models: Vec::new(),
            broken: Vec::new(),
        };
        let mut taken = BTreeSet::new();
        for (index, row) in file.models.into_iter().enumerate() {
            let sku = row.get("sku").and_then(toml::Value::as_str).unwrap_or_default().to_owned();
            let sku = if sku.is_empty() { format!("#{}", index + 1) } else { sku };
            let model = row.try_into::<Model>().map_err(|error| error.message().to_owned());
            let checked = model.and_then(|model| {
                model.check(file.kopecks_per_usd)?;
                if taken.insert(model.sku.clone()) {
                    Ok(model)
                } else {
                    Err("the sku stands twice".to_owned())
                }
            });
            match checked {
                Ok(model) => catalog.models.push(model),
                Err(reason) => catalog.broken.push(BrokenRow { sku, reason }),
            }
        }
        Ok(catalog)
    }

    /// The model with this key, whether it is on sale or not.
    pub fn model(&self, sku: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.sku == sku)
    }

    /// Everything on sale, in the file's order.
    pub fn on_sale(&self) -> impl Iterator<Item = &Model> {
        self.models.iter().filter(|model| model.enabled)
    }

    /// The model that a customer gets without choosing; `None` when nothing of this kind is on sale.
    pub fn default_model(&self, kind: Kind) -> Option<&Model> {
        self.on_sale().find(|model| model.kind == kind)
    }

    /// Takes a model off sale; orders placed before keep their frozen price.
    pub fn switch_off(&mut self, sku: &str) {
        for model in self.models.iter_mut().filter(|model| model.sku == sku) {
            model.enabled = false;
        }
    }

    /// Takes a whole kind off sale.
    pub fn switch_off_kind(&mut self, kind: Kind) {
        for model in self.models.iter_mut().filter(|model| model.kind == kind) {
            model.enabled = false;
        }
    }

    /// Replaces the price of a kind's default size and moves the other sizes in proportion, up to whole
    /// rubles: how the original system's `IMAGE_GENERATION_PRICE` is honoured.
    pub fn override_default_price(&mut self, kind: Kind, price: Kopecks) {
        for model in self.models.iter_mut().filter(|model| model.kind == kind) {
            let Some(base) = model.price_row(&model.default_size).map(|row| row.sale.get()) else {
                continue;
            };
            for row in &mut model.prices {
                let exact = i128::from(row.sale.get()) * i128::from(price.get());
                let scaled = exact.div_euclid(i128::from(base))
                    + i128::from(exact.rem_euclid(i128::from(base)) != 0);
                let rubles_up = (scaled + 99).div_euclid(100) * 100;
                row.sale = if row.size == model.default_size {
                    price
                } else {
                    Kopecks::new(i64::try_from(rubles_up).unwrap_or(Kopecks::OPERATION_MAX.get()))
                };
            }
        }
    }
}

impl Model {
    /// The name in the reader's language.
    pub fn title(&self, russian: bool) -> &str {
        if russian { &self.title_ru } else { &self.title_en }
    }

    /// After this long without a result the money goes back.
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_s)
    }

    /// What somebody gets who chose nothing.
    pub fn default_choices(&self) -> Choices {
        Choices {
            sku: self.sku.clone(),
            ratio: self.default_ratio.clone(),
            size: self.default_size.clone(),
        }
    }

    /// The price row of a size.
    pub fn price_row(&self, size: &str) -> Option<&PriceRow> {
        self.prices.iter().find(|row| row.size == size)
    }

    /// The cheapest row that costs no more than `budget` and less than `than`.
    pub fn cheaper(&self, than: Kopecks, budget: Kopecks) -> Option<&PriceRow> {
        self.prices
            .iter()
            .filter(|row| row.sale < than && row.sale <= budget)
            .max_by_key(|row| row.sale)
    }

    fn check(&self, kopecks_per_usd: i64) -> Result<(), String> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if self.sku.is_empty() || self.sku.len() > 32 || !self.sku.bytes().all(plain) {
            return Err("sku must be 1–32 lower case letters, digits and dashes".to_owned());
        }
        if !self.ratios.contains(&self.default_ratio) {
            return Err(format!("default_ratio {} is not among the ratios", self.default_ratio));
        }
        if self.price_row(&self.default_size).is_none() {
            return Err(format!("default_size {} has no price", self.default_size));
        }
        if self.deadline_s == 0 || self.prompt_chars_max == 0 {
            return Err("deadline_s and prompt_chars_max must be above zero".to_owned());
        }
        let mut sizes = BTreeSet::new();
        for row in &self.prices {
            if !sizes.insert(&row.size) {
                return Err(format!("size {} stands twice", row.size));
            }
            if !row.sale.is_positive() || row.sale > Kopecks::OPERATION_MAX || row.cost.0 < 0 {
                return Err(format!("the price of size {} must be above zero", row.size));
            }
            let cost_kopecks = i128::from(row.cost.0) * i128::from(kopecks_per_usd) / 1_000_000;
            if i128::from(row.sale.get()) < cost_kopecks && !row.below_cost {
                return Err(format!(
                    "size {} is sold below cost; below_cost = true would allow it",
                    row.size
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../data/catalog.toml");

    #[test]
    fn the_shipped_catalogue_has_no_broken_row() {
        let catalog = Catalog::parse(SHIPPED).expect("it is readable");
        assert_eq!(catalog.broken, []);
        let model = catalog.default_model(Kind::Image).expect("pictures are on sale");
        assert_eq!(model.price_row("2K").expect("2K is sold").sale, Kopecks::from_rubles(50));
    }

    #[test]
    fn a_broken_row_is_set_aside_and_the_rest_is_sold() {
        let second = SHIPPED[SHIPPED.find("\n[[model]]").expect("it has a model")..]
            .replace("nano-banana-pro", "too-cheap")
            .replace("sale_kopecks = 9000", "sale_kopecks = 1");
        let catalog = Catalog::parse(&format!("{SHIPPED}\n{second}")).expect("it is readable");
        assert_eq!(catalog.on_sale().count(), 1);
        assert_eq!(catalog.broken.len(), 1);
        assert_eq!(catalog.broken[0].sku, "too-cheap");
        assert!(catalog.broken[0].reason.contains("below cost"), "{:?}", catalog.broken);
    }

    #[test]
    fn a_default_price_moves_the_other_sizes_with_it() {
        let mut catalog = Catalog::parse(SHIPPED).expect("it is readable");
        catalog.override_default_price(Kind::Image, Kopecks::from_rubles(75));
        let model = catalog.default_model(Kind::Image).expect("pictures are on sale");
        let price = |size| model.price_row(size).map(|row| row.sale);
        assert_eq!(price("1K"), Some(Kopecks::from_rubles(45)));
        assert_eq!(price("2K"), Some(Kopecks::from_rubles(75)));
        assert_eq!(price("4K"), Some(Kopecks::from_rubles(135)));
    }
}
