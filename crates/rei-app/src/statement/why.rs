//! Why an order cost what it cost: the price, how it was made up, when it was held and charged, what went back.

use rei_domain::catalog::{Catalog, Choices, Kind};
use rei_domain::ids::{CustomerId, OrderId};
use rei_domain::ledger::{Account, Phase, Pocket, TransferKind};
use rei_domain::money::Kopecks;
use rei_domain::order::support_number;
use rei_storage::figures::{self, OrderMove};
use rei_storage::orders::{self, OrderRow};
use rei_storage::{BookError, Tx, ledger};
use rei_texts::{Lang, ReportText};

use super::calendar::Civil;
use super::said;

/// A refund that lies further back among the customer's transfers than this is not told of.
const READ_MAX: usize = 2_000;
const READ_AT_ONCE: usize = 200;

/// Why the customer was charged for an order, as Telegram HTML; `None` when it is not the customer's. The model goes by its
/// title, as far as the catalogue still has it, or else by its key.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn why(
    tx: &mut Tx<'_>,
    catalog: &Catalog,
    customer: CustomerId,
    order: OrderId,
    lang: Lang,
) -> Result<Option<String>, BookError> {
    let Some(row) = orders::find(tx, order)?.filter(|row| row.customer == customer) else {
        return Ok(None);
    };
    let mut moves = figures::order_moves(tx, order)?;
    let returned = returned(tx, customer, &row)?;
    let mut lines = vec![
        ReportText::WhyHead { number: row.number, title: title(catalog, &row, lang) }.html(lang),
    ];
    lines.extend(chosen(&row, lang));
    lines.push(String::new());
    lines.push(price(&row, lang).html(lang));
    moves.sort_by_key(|one| one.at);
    for phase in [Phase::Hold, Phase::Capture] {
        lines.extend(told(&moves, phase, lang));
    }
    let (held, captured) = (sum(&moves, Phase::Hold), sum(&moves, Phase::Capture));
    let last = moves.iter().rev().find(|one| one.phase.resolves());
    if let Some(last) = last {
        let back = captured.missing_to(held);
        if back.is_positive() {
            let moment = Civil::of(last.at).moment(lang);
            lines.push(ReportText::WhyReleased { sum: back, moment }.html(lang));
        }
    }
    for (sum, at) in &returned {
        let moment = Civil::of(*at).moment(lang);
        lines.push(ReportText::WhyReturned { sum: *sum, moment }.html(lang));
    }
    match last {
        None => lines.push(ReportText::WhyWaiting {}.html(lang)),
        Some(_) if captured == Kopecks::ZERO => lines.push(ReportText::WhyNothing {}.html(lang)),
        Some(_) => {}
    }
    let support = support_number(row.number, row.id);
    lines.push(ReportText::WhySupport { support }.html(lang));
    Ok(Some(lines.join("\n")))
}

fn title(catalog: &Catalog, row: &OrderRow, lang: Lang) -> String {
    let Some(model) = catalog.model(&row.sku) else { return row.sku.clone() };
    match lang {
        Lang::Ru => model.title_ru.clone(),
        Lang::En => model.title_en.clone(),
    }
}

/// What the price follows from.
fn chosen(row: &OrderRow, lang: Lang) -> Option<String> {
    let choices: Choices = serde_json::from_str(&row.choices).ok()?;
    let mut named = vec![choices.size.clone()];
    if Kind::from_word(&row.kind).is_some_and(|kind| kind.is_video()) {
        let ms = row.length_ms.unwrap_or(i64::from(choices.seconds) * 1_000);
        named.push(ReportText::WhySeconds { seconds: (ms + 999) / 1_000 }.plain(lang));
        if !choices.sound.is_empty() && choices.sound != "off" {
            named.push(ReportText::WhySound {}.plain(lang));
        }
    }
    named.push(choices.ratio.clone());
    if row.items > 1 {
        named.push(format!("× {}", row.items));
    }
    let named: Vec<String> = named.into_iter().filter(|word| !word.is_empty()).collect();
    let choices = named.join(" · ");
    (!choices.is_empty()).then(|| ReportText::WhyChoices { choices }.html(lang))
}

fn price(row: &OrderRow, lang: Lang) -> ReportText {
    let moment = Civil::of(row.placed_at).moment(lang);
    let each =
        row.price.get().checked_div(row.items).filter(|each| each * row.items == row.price.get());
    match each {
        Some(each) if row.items > 1 => ReportText::WhyPriceEach {
            each: Kopecks::new(each),
            count: row.items,
            price: row.price,
            moment,
        },
        _ => ReportText::WhyPrice { price: row.price, moment },
    }
}

/// One line for a step, with the pockets it took from.
fn told(moves: &[OrderMove], phase: Phase, lang: Lang) -> Option<String> {
    let first = moves.iter().find(|one| one.phase == phase)?;
    let moment = Civil::of(first.at).moment(lang);
    let of = |pocket: Pocket| -> Kopecks {
        let legs = moves.iter().filter(|one| one.phase == phase && one.pocket == pocket);
        legs.map(|one| one.amount).sum()
    };
    let (cash, bonus) = (of(Pocket::Cash), of(Pocket::Bonus));
    let only = |pocket: Pocket| ReportText::WhyOnePocket { pocket: pocket.as_str().to_owned() };
    let pockets = match (cash.is_positive(), bonus.is_positive()) {
        (true, true) => ReportText::WhyPockets { cash, bonus },
        (false, true) => only(Pocket::Bonus),
        _ => only(Pocket::Cash),
    };
    let (sum, pockets) = (sum(moves, phase), pockets.plain(lang));
    Some(match phase {
        Phase::Hold => ReportText::WhyHeld { sum, moment, pockets }.html(lang),
        _ => ReportText::WhyCharged { sum, moment, pockets }.html(lang),
    })
}

fn sum(moves: &[OrderMove], phase: Phase) -> Kopecks {
    moves.iter().filter(|one| one.phase == phase).map(|one| one.amount).sum()
}

/// What went back into the wallet after the order was charged.
fn returned(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    row: &OrderRow,
) -> Result<Vec<(Kopecks, rei_domain::clock::Timestamp)>, BookError> {
    let (mut found, mut from, mut read) = (Vec::new(), None, 0);
    // Nothing goes back that was not charged.
    if row.charged.is_none() {
        return Ok(found);
    }
    loop {
        let page = ledger::statement(tx, customer, from, READ_AT_ONCE)?;
        read += page.transfers.len();
        let is_older = page.transfers.last().is_none_or(|last| last.at < row.placed_at);
        for transfer in page.transfers {
            let is_back = transfer.kind == TransferKind::Refund
                && transfer.phase == Phase::Post
                && matches!(transfer.debit, Account::Revenue(_));
            if is_back && transfer.order == Some(row.id) {
                found.push((said::rubles(&transfer), transfer.at));
            }
        }
        from = page.next;
        if is_older || from.is_none() || read >= READ_MAX {
            found.reverse();
            return Ok(found);
        }
    }
}
