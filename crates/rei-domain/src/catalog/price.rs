//! What a choice costs: the one place where a price is worked out.

use serde::Deserialize;

use super::{Catalog, Choices, Kind, Model};
use crate::money::{Kopecks, MicroUsd};

/// The length to which a fixed price per second and the factor of ten seconds refer.
const BASE_SECONDS: i128 = 5;

/// What one size (and sound) costs the customer and the owner: per picture, or per second of video.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceRow {
    /// The size as the provider spells it: `1K`, `2K`, `4K`; `720p`, `1080p`, `4k`.
    pub size: String,
    /// Videos with a choice of sound: `off`, `native`, `original`; else empty.
    #[serde(default)]
    pub sound: String,
    /// The sale price of one unit; none: worked out from the cost by the catalogue's margin.
    #[serde(rename = "sale_kopecks")]
    pub sale: Option<Kopecks>,
    /// The provider's price of one unit.
    #[serde(rename = "cost_micro_usd")]
    pub cost: MicroUsd,
    /// The owner's word that selling below cost is meant.
    #[serde(default)]
    pub below_cost: bool,
    /// An admin named the sale price: neither the settings' scale nor the model's floor moves it.
    #[serde(skip)]
    pub(super) set_by_admin: bool,
}

/// How a sale price follows from the cost where the row names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pricing {
    /// The sale price in hundredths of the cost: 200 sells at twice the cost.
    pub margin_percent: i64,
    /// Prices are rounded up to whole multiples of this.
    pub round_up_to_kopecks: i64,
}

impl Default for Pricing {
    fn default() -> Self {
        Self { margin_percent: 200, round_up_to_kopecks: 500 }
    }
}

/// What an order costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priced {
    /// What the customer pays.
    pub sale: Kopecks,
    /// What the provider charges the owner.
    pub cost: MicroUsd,
}

impl Catalog {
    /// The price of these choices; `length_ms` is that of the customer's clip where the length follows from it.
    /// `None` when the model has no such choice, or the sum leaves every reasonable bound.
    pub fn price(
        &self,
        model: &Model,
        choices: &Choices,
        length_ms: Option<u64>,
    ) -> Option<Priced> {
        let row = model.price_row(&choices.size, &choices.sound)?;
        let units = model.units(choices, length_ms)?;
        let cost = row.cost.0.checked_mul(units)?;
        let exact = match row.sale {
            Some(unit) if model.kind.is_video() => self.of_length(unit, i128::from(units)),
            Some(unit) => i128::from(unit.get()) * i128::from(units),
            None => self.by_margin(cost),
        };
        let (up, down) = if row.set_by_admin { (1, 1) } else { model.scale };
        let scaled = if up == down {
            exact
        } else {
            ceil_to(exact.saturating_mul(i128::from(up)), i128::from(down)) / i128::from(down)
        };
        let step =
            if row.sale.is_some() { 100 } else { i128::from(self.pricing.round_up_to_kopecks) };
        let touched = up != down || row.sale.is_none() || model.kind.is_video();
        let sale = if touched { ceil_to(scaled, step) } else { scaled };
        let floor = if row.set_by_admin { 0 } else { i128::from(model.floor.get()) };
        let sale = Kopecks::new(i64::try_from(sale.max(floor)).ok()?);
        (sale.is_positive() && sale <= Kopecks::OPERATION_MAX)
            .then_some(Priced { sale, cost: MicroUsd(cost) })
    }

    /// What a cost in dollars is in kopecks, rounded up.
    pub fn in_kopecks(&self, cost: MicroUsd) -> Kopecks {
        let exact = i128::from(cost.0) * i128::from(self.kopecks_per_usd);
        Kopecks::new(i64::try_from(ceil_to(exact, 1_000_000) / 1_000_000).unwrap_or(i64::MAX))
    }

    /// Sets the sale price of one unit in one row of a model's price table, as an admin named it; `false` when there is
    /// no such row.
    pub fn set_price(&mut self, sku: &str, size: &str, sound: &str, sale: Kopecks) -> bool {
        let models = self.models.iter_mut().filter(|model| model.sku == sku);
        let mut rows = models.flat_map(|model| model.prices.iter_mut());
        let Some(row) = rows.find(|row| row.size == size && row.sound == sound) else {
            return false;
        };
        row.sale = Some(sale);
        row.set_by_admin = true;
        true
    }

    /// Moves all prices of these kinds in proportion, so that `kind`'s default model costs `price` with its default
    /// choices (five seconds, for videos): how the original system's price variables are honoured.
    pub fn override_default_price(&mut self, kinds: &[Kind], kind: Kind, price: Kopecks) {
        let Some(model) = self.default_model(kind) else { return };
        let mut choices = model.default_choices();
        if model.seconds.contains(&5) {
            choices.seconds = 5;
        }
        let Some(base) = self.price(model, &choices, None).map(|priced| priced.sale.get()) else {
            return;
        };
        for model in self.models.iter_mut().filter(|model| kinds.contains(&model.kind)) {
            model.scale = (price.get(), base);
            model.floor = Kopecks::ZERO;
        }
    }

    /// A fixed price per second counts as it is up to five seconds' worth; ten seconds cost the factor of five, and
    /// other lengths lie on the same line.
    fn of_length(&self, per_second: Kopecks, seconds: i128) -> i128 {
        let factor = i128::from(self.ten_seconds_factor_thousandths);
        let thousandths = BASE_SECONDS * 1000 + (factor - 1000) * (seconds - BASE_SECONDS);
        let exact = i128::from(per_second.get()) * thousandths.max(1000);
        ceil_to(exact, 1000) / 1000
    }

    fn by_margin(&self, cost_micro_usd: i64) -> i128 {
        let in_kopecks = i128::from(cost_micro_usd) * i128::from(self.kopecks_per_usd);
        let exact = in_kopecks.saturating_mul(i128::from(self.pricing.margin_percent));
        ceil_to(exact, 100_000_000) / 100_000_000
    }
}

impl Model {
    /// What is multiplied by the price of one: pictures, or whole seconds begun.
    fn units(&self, choices: &Choices, length_ms: Option<u64>) -> Option<i64> {
        if !self.kind.is_video() {
            return Some(i64::from(choices.count.max(1)));
        }
        if self.length_follows_input() {
            return i64::try_from(length_ms?.div_ceil(1000)).ok().filter(|seconds| *seconds > 0);
        }
        Some(i64::from(choices.seconds))
    }
}

/// The least multiple of `step` that is not below; saturates, since no price is as high.
fn ceil_to(value: i128, step: i128) -> i128 {
    let step = step.max(1);
    let rest = if value.rem_euclid(step) == 0 { 0 } else { step };
    value.div_euclid(step).saturating_mul(step).saturating_add(rest)
}
