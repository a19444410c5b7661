//! `/price`, `/price_nanobanana`, `/price_kling`: what customers pay. Versions are kept; a price below cost needs a second
//! yes; offers that were made keep their price.

mod named;
mod pages;
mod read;
mod shown;

use rei_domain::catalog::Catalog;
use rei_domain::clock::Timestamp;
use rei_domain::money::Kopecks;
use rei_storage::admins::{self, NewPrice};
use rei_texts::{AdminText, Lang};
use serde::{Deserialize, Serialize};

use super::change::{Made, Undo, Warrant};
use super::talk::{Stop, Talk, joined};
use super::words::moment;
use crate::catalog_in_use::PriceLine;
pub(super) use pages::{back_to, model_of_button, models, versions_of_button};
pub(super) use read::{Asked, read, read_kling, read_nanobanana};
use shown::shown_price;

/// Prices shown in one preview.
const LINES_SHOWN: usize = 14;

/// New prices for rows of the catalogue's tables, from one moment on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SetPrices {
    lines: Vec<Line>,
    /// From when on; none: at once.
    from_at: Option<Timestamp>,
}

/// One price of one unit: a picture, or a second of video. None: the catalogue's own counts again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    sku: String,
    choice: String,
    price: Option<Kopecks>,
}

impl SetPrices {
    pub(super) fn subject(&self) -> String {
        match self.lines.as_slice() {
            [line] => format!("price:{}:{}", line.sku, line.choice),
            lines => format!("prices:{}", lines.len()),
        }
    }

    pub(super) fn preview(
        &self,
        talk: &mut Talk<'_, '_>,
        reason: &str,
        lang: Lang,
    ) -> Result<String, Stop> {
        let (now, then) = (talk.house.catalog.with_prices(&[]), self.catalog(talk));
        let from = match self.from_at {
            Some(at) => AdminText::PriceFrom { moment: moment(at) }.plain(lang),
            None => AdminText::PriceAtOnce {}.plain(lang),
        };
        let mut lines = vec![AdminText::PreviewPrices { from }.html(lang)];
        for line in self.lines.iter().take(LINES_SHOWN) {
            let before = shown_price(&now, line);
            let Some(after) = shown_price(&then, line) else {
                return Err(Stop::no(AdminText::NoPriceComes {
                    sku: line.sku.clone(),
                    choice: line.choice.clone(),
                }));
            };
            lines.push(
                AdminText::PriceLine {
                    sku: line.sku.clone(),
                    choice: line.choice.clone(),
                    unit: after.unit.clone(),
                    before: before.map_or(Kopecks::ZERO, |it| it.sale),
                    after: after.sale,
                    cost: after.cost,
                    margin: after.margin_percent(),
                }
                .html(lang),
            );
        }
        if self.lines.len() > LINES_SHOWN {
            let count = i64::try_from(self.lines.len() - LINES_SHOWN).unwrap_or(i64::MAX);
            lines.push(AdminText::PriceMore { count }.html(lang));
        }
        if !reason.is_empty() {
            lines.push(AdminText::PreviewReason { reason: reason.to_owned() }.html(lang));
        }
        Ok(joined(&lines))
    }

    /// A price below cost is meant only when it is said twice.
    pub(super) fn doubt(&self, talk: &Talk<'_, '_>) -> Option<AdminText> {
        let then = self.catalog(talk);
        let priced = |line: &Line| shown_price(&then, line).map(|it| (line.clone(), it));
        let (line, worst) = self
            .lines
            .iter()
            .filter_map(priced)
            .filter(|(_, it)| it.sale < it.cost)
            .min_by_key(|(_, it)| it.margin_percent())?;
        Some(AdminText::BelowCost {
            sku: line.sku,
            choice: line.choice,
            price: worst.sale,
            cost: worst.cost,
        })
    }

    pub(super) fn carry_out(
        &self,
        talk: &mut Talk<'_, '_>,
        warrant: &Warrant,
    ) -> Result<Made, Stop> {
        let (was, became) = (self.noted(&talk.house.catalog.with_prices(&[])), {
            let then = self.catalog(talk);
            self.noted(&then)
        });
        let mut numbers = Vec::new();
        for line in &self.lines {
            let new = NewPrice {
                sku: line.sku.clone(),
                choice: line.choice.clone(),
                price: line.price,
                from_at: self.from_at.unwrap_or(talk.now),
                set_by: warrant.actor,
            };
            numbers.push(admins::add_price(talk.tx, &new, talk.now)?);
        }
        talk.house.catalog.refresh_at(talk.tx, talk.now)?;
        let count = i64::try_from(self.lines.len()).unwrap_or(i64::MAX);
        let said = match self.from_at {
            Some(at) => AdminText::PricesPlanned { count, moment: moment(at) },
            None => AdminText::PricesSet { count },
        };
        Ok(Made { said, was, became, undo: Some(Undo::Prices { numbers }) })
    }

    /// The catalogue as it would be.
    fn catalog(&self, talk: &Talk<'_, '_>) -> Catalog {
        let line = |line: &Line| PriceLine {
            sku: line.sku.clone(),
            choice: line.choice.clone(),
            price: line.price,
        };
        let lines: Vec<PriceLine> = self.lines.iter().map(line).collect();
        talk.house.catalog.with_prices(&lines)
    }

    /// The prices in a few words, for the audit.
    fn noted(&self, catalog: &Catalog) -> String {
        let noted = |line: &Line| {
            let price = shown_price(catalog, line)?;
            Some(format!("{} {} {}", line.sku, line.choice, price.sale))
        };
        self.lines.iter().filter_map(noted).collect::<Vec<_>>().join("; ")
    }
}

/// Takes versions back: what counted before them counts again.
pub(super) fn withdraw(talk: &mut Talk<'_, '_>, numbers: &[i64]) -> Result<(), Stop> {
    for number in numbers {
        admins::withdraw_price(talk.tx, *number, talk.now)?;
    }
    talk.house.catalog.refresh_at(talk.tx, talk.now)?;
    Ok(())
}
