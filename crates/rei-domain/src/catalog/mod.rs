//! What is sold: models, their choices, limits, prices and what the provider charges.
//!
//! Read from `data/catalog.toml`. A row that breaks a rule is set aside with a named reason; the rest
//! goes on selling. Prices are looked up here and nowhere else.

mod input;
mod kind;
mod model;
mod price;

use std::collections::BTreeSet;

use serde::Deserialize;

pub use input::{Carriage, InputProblem, InputSlot, Measured};
pub use kind::{Extra, Kind, Slot};
pub use model::{Choices, Model, RATIO_OF_SOURCE};
pub use price::{PriceRow, Priced, Pricing};

/// Everything that can be ordered, in the order of the file.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// The version written into each order beside its frozen price.
    pub version: String,
    /// Kopecks for one US dollar: for the margin guard, and for prices that follow from the cost.
    pub kopecks_per_usd: i64,
    /// How prices follow from the cost.
    pub pricing: Pricing,
    /// What ten seconds of video cost, in thousandths of five; for fixed prices per second.
    pub ten_seconds_factor_thousandths: i64,
    models: Vec<Model>,
    /// Rows that were set aside at the start, each with its reason.
    pub broken: Vec<BrokenRow>,
    /// Sound rows that these settings can't serve, each with its reason.
    pub unserved: Vec<BrokenRow>,
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
    #[serde(default)]
    pricing: Pricing,
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
            pricing: file.pricing,
            ten_seconds_factor_thousandths: 2_000,
            models: Vec::new(),
            broken: Vec::new(),
            unserved: Vec::new(),
        };
        let mut taken = BTreeSet::new();
        for (index, row) in file.models.into_iter().enumerate() {
            let sku = row.get("sku").and_then(toml::Value::as_str).unwrap_or_default().to_owned();
            let sku = if sku.is_empty() { format!("#{}", index + 1) } else { sku };
            let model = row.try_into::<Model>().map_err(|error| error.message().to_owned());
            let checked = model.and_then(|model| match catalog.mistake(&model) {
                Some(mistake) => Err(mistake),
                None if !taken.insert(model.sku.clone()) => Err("the sku stands twice".to_owned()),
                None => Ok(model),
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

    /// Every row that can be read, on sale or not.
    pub fn all(&self) -> impl Iterator<Item = &Model> {
        self.models.iter()
    }

    /// Everything on sale, in the file's order.
    pub fn on_sale(&self) -> impl Iterator<Item = &Model> {
        self.models.iter().filter(|model| model.enabled)
    }

    /// Everything of a kind on sale, in the file's order.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Model> {
        self.on_sale().filter(move |model| model.kind == kind)
    }

    /// The concurrency groups of all rows, on sale or not: what was ordered of a row that left the sale is still made.
    pub fn concurrency_groups(&self) -> BTreeSet<&str> {
        self.models.iter().filter_map(Model::concurrency_group).collect()
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

    /// Takes a whole side of the business off sale.
    pub fn switch_off_where(&mut self, what: impl Fn(&Model) -> bool) {
        for model in self.models.iter_mut().filter(|model| what(model)) {
            model.enabled = false;
        }
    }

    /// Takes rows off sale that could not be served, and keeps the reason.
    pub fn cannot_serve(&mut self, reason: &str, what: impl Fn(&Model) -> bool) {
        for model in self.models.iter_mut().filter(|model| model.enabled && what(model)) {
            model.enabled = false;
            let (sku, reason) = (model.sku.clone(), reason.to_owned());
            self.unserved.push(BrokenRow { sku, reason });
        }
    }

    /// Checks a row as the file's checks do, against the margin guard too.
    fn mistake(&self, model: &Model) -> Option<String> {
        if let Some(mistake) = model.mistake().or_else(|| self.mistake_in_group(model)) {
            return Some(mistake);
        }
        // A clip's length is known only with the clip; one second shows whether the price is above the cost.
        let length_ms = model.length_follows_input().then_some(1_000);
        for choices in model.combinations() {
            let (size, sound) = (&choices.size, &choices.sound);
            let Some(priced) = self.price(model, &choices, length_ms) else {
                return Some(format!("size {size} {sound} has no price that can be paid"));
            };
            let most = Choices { count: model.count_max, ..choices.clone() };
            if self.price(model, &most, model.longest_ms().or(length_ms)).is_none() {
                return Some(format!(
                    "the most of size {size} {sound} in one order has no price that can be paid"
                ));
            }
            let allowed = model.price_row(size, sound).is_some_and(|row| row.below_cost);
            if priced.sale < self.in_kopecks(priced.cost) && !allowed {
                let sold = format!("size {size} {sound}").trim_end().to_owned();
                return Some(format!(
                    "{sold} is sold below cost; below_cost = true would allow it"
                ));
            }
        }
        None
    }

    /// Places are counted by one provider: a group can't be that of two.
    fn mistake_in_group(&self, model: &Model) -> Option<String> {
        let group = model.concurrency_group()?;
        let other = self.models.iter().find(|other| {
            other.concurrency_group() == Some(group) && other.provider != model.provider
        })?;
        Some(format!(
            "concurrency_group \"{group}\" is one of the provider {} already",
            other.provider
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Kopecks;

    const SHIPPED: &str = include_str!("../../../../data/catalog.toml");

    fn sale(catalog: &Catalog, sku: &str, change: impl FnOnce(&mut Choices)) -> Kopecks {
        let model = catalog.model(sku).expect("the model is there");
        let mut choices = model.default_choices();
        change(&mut choices);
        catalog.price(model, &choices, None).expect("it has a price").sale
    }

    #[test]
    fn the_shipped_catalogue_has_no_broken_row() {
        let catalog = Catalog::parse(SHIPPED).expect("it is readable");
        assert_eq!(catalog.broken, []);
        assert_eq!(sale(&catalog, "nano-banana-pro", |_| {}), Kopecks::from_rubles(50));
        assert_eq!(sale(&catalog, "nano-banana-pro", |it| it.count = 4), Kopecks::from_rubles(200));
        for kind in Kind::ALL {
            assert!(catalog.default_model(kind).is_some(), "{kind:?} is not sold");
        }
        let video = catalog.default_model(Kind::TextVideo).expect("videos are on sale");
        assert_eq!(
            sale(&catalog, &video.sku.clone(), |it| it.seconds = 5),
            Kopecks::from_rubles(100)
        );
    }

    #[test]
    fn a_broken_row_is_set_aside_and_the_rest_is_sold() {
        let whole = Catalog::parse(SHIPPED).expect("it is readable").on_sale().count();
        let mut rows = SHIPPED.split("\n[[model]]");
        let first = rows.nth(1).expect("it has a model");
        let second = first
            .replace("\"nano-banana-pro\"", "\"too-cheap\"")
            .replace("sale_kopecks = 9000", "sale_kopecks = 1");
        let catalog =
            Catalog::parse(&format!("{SHIPPED}\n[[model]]{second}")).expect("it is readable");
        assert_eq!(catalog.on_sale().count(), whole);
        assert_eq!(catalog.broken.len(), 1);
        assert_eq!(catalog.broken[0].sku, "too-cheap");
        assert!(catalog.broken[0].reason.contains("below cost"), "{:?}", catalog.broken);
    }

    #[test]
    fn a_row_whose_sums_do_not_fit_is_set_aside() {
        let check = |sku: &str, from: &str, to: &str| {
            let start = SHIPPED.find(&format!("sku = \"{sku}\"\n")).expect("the row is there");
            let (before, row) = SHIPPED.split_at(start);
            assert!(row.contains(from), "{from}");
            let text = format!("{before}{}", row.replacen(from, to, 1));
            let catalog = Catalog::parse(&text).expect("it is readable");
            catalog.broken.into_iter().map(|row| row.sku).collect::<Vec<_>>()
        };
        // Four of it are more than one operation may move.
        let one = "sale_kopecks = 3000";
        assert_eq!(
            check("nano-banana-pro", one, "sale_kopecks = 900_000_000"),
            ["nano-banana-pro"]
        );
        let huge = format!("cost_micro_usd = {}", i64::MAX);
        let cheap = "sale_kopecks = 3000\n  cost_micro_usd = 140_700";
        assert_eq!(check("nano-banana-pro", cheap, &huge), ["nano-banana-pro"]);
    }

    #[test]
    fn a_default_price_moves_the_other_sizes_with_it() {
        let mut catalog = Catalog::parse(SHIPPED).expect("it is readable");
        catalog.override_default_price(&[Kind::Image], Kind::Image, Kopecks::from_rubles(75));
        let price = |size: &str| sale(&catalog, "nano-banana-pro", |it| it.size = size.to_owned());
        assert_eq!(price("1K"), Kopecks::from_rubles(45));
        assert_eq!(price("2K"), Kopecks::from_rubles(75));
        assert_eq!(price("4K"), Kopecks::from_rubles(135));
    }

    #[test]
    fn the_original_system_s_video_prices_are_honoured() {
        let mut catalog = Catalog::parse(SHIPPED).expect("it is readable");
        let videos: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| kind.is_video()).collect();
        catalog.override_default_price(&videos, Kind::TextVideo, Kopecks::from_rubles(120));
        catalog.ten_seconds_factor_thousandths = 1_800;
        let sku = catalog.default_model(Kind::TextVideo).expect("videos are on sale").sku.clone();
        let price = |seconds| sale(&catalog, &sku, |it| it.seconds = seconds);
        assert_eq!((price(5), price(10)), (Kopecks::from_rubles(120), Kopecks::from_rubles(216)));
    }

    #[test]
    fn an_admin_s_price_counts_as_it_was_named() {
        let mut catalog = Catalog::parse(SHIPPED).expect("it is readable");
        catalog.override_default_price(&[Kind::Image], Kind::Image, Kopecks::from_rubles(75));
        assert!(catalog.set_price("nano-banana-pro", "2K", "", Kopecks::new(5_550)));
        assert!(!catalog.set_price("nano-banana-pro", "8K", "", Kopecks::new(1)));
        let price = |size: &str| sale(&catalog, "nano-banana-pro", |it| it.size = size.to_owned());
        assert_eq!(price("2K"), Kopecks::new(5_550));
        assert_eq!(price("1K"), Kopecks::from_rubles(45), "the others stay");
        let sku = catalog.default_model(Kind::TextVideo).expect("videos are on sale").sku.clone();
        let row = catalog.model(&sku).expect("it is there").prices[0].clone();
        assert!(catalog.set_price(&sku, &row.size, &row.sound, Kopecks::from_rubles(30)));
        let five = |it: &mut Choices| {
            (it.size, it.sound, it.seconds) = (row.size.clone(), row.sound.clone(), 5)
        };
        assert_eq!(sale(&catalog, &sku, five), Kopecks::from_rubles(150));
    }

    #[test]
    fn the_length_of_a_clip_makes_the_price() {
        let catalog = Catalog::parse(SHIPPED).expect("it is readable");
        let model = catalog.default_model(Kind::VideoVideo).expect("clips are edited");
        let of =
            |ms| catalog.price(model, &model.default_choices(), ms).map(|priced| priced.cost.0);
        let second = of(Some(1)).expect("a price");
        assert_eq!(of(Some(7_001)), Some(8 * second));
        assert_eq!(of(None), None);
    }

    #[test]
    fn files_go_where_the_row_says() {
        let catalog = Catalog::parse(SHIPPED).expect("it is readable");
        let motion = catalog.default_model(Kind::Motion).expect("motion is sold");
        let expected = vec![(Slot::MotionImage, 1), (Slot::MotionVideo, 0)];
        assert_eq!(motion.assign(&[true, false]), Some(expected));
        assert_eq!(motion.assign(&[true]), None);
        let frames = catalog.default_model(Kind::FramesVideo).expect("frames are sold");
        let expected = vec![(Slot::FirstFrame, 0), (Slot::LastFrame, 1)];
        assert_eq!(frames.assign(&[false, false, false]), Some(expected));
    }

    #[test]
    fn kling_s_rows_share_places_by_version_and_pictures_have_none() {
        let catalog = Catalog::parse(SHIPPED).expect("it is readable");
        let group = |sku: &str| catalog.model(sku).expect("it is there").concurrency_group();
        assert_eq!(group("kling-3"), Some("kling-3.0"));
        assert_eq!(group("kling-3-image"), group("kling-3-motion"));
        assert_eq!(group("kling-3-turbo-image"), Some("kling-3.0-turbo"));
        assert_eq!(group("nano-banana-pro"), None);
        let expected = [
            "kling-2.5-turbo",
            "kling-2.6",
            "kling-3.0",
            "kling-3.0-omni",
            "kling-3.0-turbo",
            "kling-o1",
        ];
        assert_eq!(catalog.concurrency_groups().into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_bad_concurrency_group_sets_the_row_aside_by_name() {
        let check = |sku: &str, group: &str| {
            let line = format!("sku = \"{sku}\"\n");
            assert!(SHIPPED.contains(&line), "{sku}");
            let text = SHIPPED.replace(&line, &format!("{line}concurrency_group = \"{group}\"\n"));
            let catalog = Catalog::parse(&text).expect("it is readable");
            let broken = catalog.broken.into_iter().map(|row| (row.sku, row.reason));
            broken.collect::<Vec<_>>()
        };
        assert_eq!(check("kling-3", "studio"), []);
        let too_long = "k".repeat(33);
        for (sku, group) in [
            ("kling-3", ""),
            ("kling-3", "Kling 3"),
            ("kling-3", "a/b"),
            ("kling-3", too_long.as_str()),
            ("nano-banana-pro", "pictures"),
        ] {
            let broken = check(sku, group);
            assert_eq!(broken.len(), 1, "{group}: {broken:?}");
            assert_eq!(broken[0].0, sku);
            assert!(broken[0].1.contains("concurrency_group"), "{broken:?}");
        }
    }

    #[test]
    fn choices_that_a_model_lacks_fall_back_to_its_own() {
        let catalog = Catalog::parse(SHIPPED).expect("it is readable");
        for model in catalog.on_sale() {
            for other in catalog.on_sale() {
                let fitted = model.fit(&other.default_choices());
                assert!(model.has(&fitted), "{fitted:?}");
                let length_ms = model.length_follows_input().then_some(5_000);
                assert!(catalog.price(model, &fitted, length_ms).is_some(), "{fitted:?}");
            }
        }
    }
}
