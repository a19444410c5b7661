//! What is typed after the commands of prices.

use std::time::Duration;

use rei_domain::catalog::Kind;
use rei_domain::clock::Timestamp;
use rei_texts::AdminText;

use super::named::{choice_named, model_named};
use super::pages::{model_page, models, versions};
use super::shown::{default_price, moved};
use super::{Line, SetPrices};
use crate::admin::change::Change;
use crate::admin::talk::{Reply, Stop, Talk};
use crate::admin::words::{Words, day, sum};

/// A price can be set this far ahead.
const AHEAD_MAX: Duration = Duration::from_secs(366 * 24 * 3600);

/// What `/price` was asked.
pub(in crate::admin) enum Asked {
    /// To change something.
    Change(Change, String),
    /// To show something.
    Show(Reply),
}

/// Reads `[MODEL [KEY [SUM [from date] [reason]]]]`.
pub(in crate::admin) fn read(talk: &mut Talk<'_, '_>, args: &str) -> Result<Asked, Stop> {
    let mut words = Words::of(args, "price");
    let Some(sku) = words.next() else { return models(talk).map(Asked::Show) };
    let catalog = talk.house.catalog.current();
    let model = model_named(&catalog, sku)?;
    let Some(key) = words.next() else { return model_page(talk, model).map(Asked::Show) };
    let choice = choice_named(model, key)?;
    let Some(price) = words.next() else {
        return versions(talk, &model.sku, &choice).map(Asked::Show);
    };
    let price = sum(price)?;
    let from_at = date(talk, &mut words)?;
    let lines = vec![Line { sku: model.sku.clone(), choice, price: Some(price) }];
    Ok(Asked::Change(Change::Prices(SetPrices { lines, from_at }), words.reason()))
}

/// Reads `SUM [from date] [reason]`: the price of the default picture; its other sizes, and editing, move with it.
pub(in crate::admin) fn read_nanobanana(
    talk: &mut Talk<'_, '_>,
    args: &str,
) -> Result<(Change, String), Stop> {
    let mut words = Words::of(args, "price_nanobanana");
    let price = words.sum()?;
    let from_at = date(talk, &mut words)?;
    let catalog = talk.house.catalog.current();
    let mut lines = Vec::new();
    for kind in [Kind::Image, Kind::Edit] {
        let Some(model) = catalog.default_model(kind) else { continue };
        let Some(base) = default_price(&catalog, model) else { continue };
        lines.extend(moved(&catalog, model, price, base));
    }
    done(lines, from_at, words.reason())
}

/// Reads `SUM [from date] [reason]`: the price of five seconds of the default video; all videos move with it.
pub(in crate::admin) fn read_kling(
    talk: &mut Talk<'_, '_>,
    args: &str,
) -> Result<(Change, String), Stop> {
    let mut words = Words::of(args, "price_kling");
    let price = words.sum()?;
    if price.get() % 100 != 0 {
        return Err(Stop::no(AdminText::WholeRubles { sum: price }));
    }
    let from_at = date(talk, &mut words)?;
    let catalog = talk.house.catalog.current();
    let base = catalog.default_model(Kind::TextVideo);
    let base = base.and_then(|model| default_price(&catalog, model));
    let Some(base) = base else { return Err(Stop::no(AdminText::NothingToPrice {})) };
    let videos = catalog.all().filter(|model| model.kind.is_video());
    let lines = videos.flat_map(|model| moved(&catalog, model, price, base)).collect();
    done(lines, from_at, words.reason())
}

fn done(
    lines: Vec<Line>,
    from_at: Option<Timestamp>,
    reason: String,
) -> Result<(Change, String), Stop> {
    if lines.is_empty() {
        return Err(Stop::no(AdminText::NothingToPrice {}));
    }
    Ok((Change::Prices(SetPrices { lines, from_at }), reason))
}

/// An optional date, with or without the word before it.
fn date(talk: &Talk<'_, '_>, words: &mut Words<'_>) -> Result<Option<Timestamp>, Stop> {
    let announced = words.peek().is_some_and(|word| ["from", "\u{441}"].contains(&word));
    if announced {
        let _ = words.next();
    }
    let Some(word) = words.peek() else {
        return if announced { Err(words.usage()) } else { Ok(None) };
    };
    match day(word) {
        Some(at) if at > talk.now && at < talk.now.plus(AHEAD_MAX) => {
            let _ = words.next();
            Ok(Some(at))
        }
        None if !announced => Ok(None),
        _ => Err(Stop::no(AdminText::BadDate { date: word.chars().take(40).collect() })),
    }
}
