//! A customer's money in human words: the statement page by page, the whole of it as a file, and why one order cost
//! what it cost.

mod calendar;
mod csv;
mod file;
mod said;
#[cfg(test)]
mod tests;
mod why;

pub(crate) use calendar::{day_name, day_start, iso};
pub(crate) use csv::{Cell, Csv};
pub(crate) use file::statement_file;
pub use why::why;

use rei_domain::ids::CustomerId;
use rei_domain::ledger::{Phase, Transfer};
use rei_domain::money::Kopecks;
use rei_storage::{BookError, Tx, figures, ledger};
use rei_texts::{Lang, ReportText};

use calendar::Civil;
use said::{Numbers, said};

/// Lines of one page.
const LINES: usize = 10;
/// Transfers read at once on the way to a page.
const READ_AT_ONCE: usize = 200;
/// Nobody turns more pages than this; the file has the rest.
const PAGES_MAX: u32 = 1_000;

/// A page of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementPage {
    /// Telegram HTML, newest line first.
    pub html: String,
    /// Whether there is an older page.
    pub has_more: bool,
}

/// A page of a customer's statement, the newest first; pages are counted from 0.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn statement(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    lang: Lang,
    page: u32,
) -> Result<StatementPage, BookError> {
    let page = page.min(PAGES_MAX);
    let (transfers, has_more) = read_page(tx, customer, page)?;
    if transfers.is_empty() {
        return Ok(StatementPage { html: ReportText::LedgerNone {}.html(lang), has_more: false });
    }
    let mut lines = vec![ReportText::LedgerHead { page: i64::from(page) + 1 }.html(lang)];
    let mut day = None;
    for transfer in &transfers {
        let civil = Civil::of(transfer.at);
        if day != Some(civil.date()) {
            day = Some(civil.date());
            lines.push(String::new());
            lines.push(civil.day(lang));
        }
        let numbers = numbers(tx, transfer)?;
        lines.push(line(transfer, &numbers, customer, &civil, lang));
    }
    lines.push(String::new());
    lines.push(ReportText::LedgerFoot {}.html(lang));
    Ok(StatementPage { html: lines.join("\n"), has_more })
}

fn line(
    transfer: &Transfer,
    numbers: &Numbers,
    customer: CustomerId,
    civil: &Civil,
    lang: Lang,
) -> String {
    let sum = match transfer.phase {
        // It left what can be spent when it was held.
        Phase::Capture => said::rubles(transfer).to_string(),
        _ => signed(said::change(transfer, customer, Kopecks::ZERO)),
    };
    let pocket = transfer.tracked().and_then(|account| account.pocket());
    ReportText::LedgerRow {
        time: civil.time(),
        sum,
        what: said(transfer, numbers, customer).plain(lang),
        pocket: pocket.map_or("cash", |pocket| pocket.as_str()).to_owned(),
    }
    .html(lang)
}

/// `+50 ₽`, `−50 ₽`.
fn signed(sum: Kopecks) -> String {
    if sum < Kopecks::ZERO { sum.to_string() } else { format!("+{sum}") }
}

/// What people call the order and the payment of a transfer, and what a capture gave back.
fn numbers(tx: &mut Tx<'_>, transfer: &Transfer) -> Result<Numbers, BookError> {
    let mut numbers = Numbers::default();
    if let Some(order) = transfer.order {
        let row = rei_storage::orders::find(tx, order)?;
        numbers.order = row.map_or(0, |row| row.number);
        if transfer.phase == Phase::Capture {
            let pocket = transfer.debit.pocket();
            let held = figures::order_moves(tx, order)?
                .into_iter()
                .find(|one| one.phase == Phase::Hold && Some(one.pocket) == pocket);
            let held = held.map_or(Kopecks::ZERO, |held| held.amount);
            numbers.returned = said::rubles(transfer).missing_to(held);
        }
    }
    if let Some(payment) = &transfer.payment {
        numbers.payment = figures::payment_number(tx, payment)?.unwrap_or(0);
    }
    Ok(numbers)
}

fn read_page(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    page: u32,
) -> Result<(Vec<Transfer>, bool), BookError> {
    let mut skip = usize::try_from(page).unwrap_or(usize::MAX).saturating_mul(LINES);
    let mut found: Vec<Transfer> = Vec::new();
    let mut from = None;
    loop {
        let read = ledger::statement(tx, customer, from, READ_AT_ONCE)?;
        let skipped = skip.min(read.transfers.len());
        skip -= skipped;
        found.extend(read.transfers.into_iter().skip(skipped));
        // One more than fits tells that there is another page.
        if found.len() > LINES || read.next.is_none() {
            let has_more = found.len() > LINES;
            found.truncate(LINES);
            return Ok((found, has_more));
        }
        from = read.next;
    }
}
