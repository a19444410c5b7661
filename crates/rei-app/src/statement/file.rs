//! All of a customer's transfers as a file, the oldest first, with what could be spent after each.

use std::collections::BTreeMap;

use rei_domain::ids::{CustomerId, TransferId};
use rei_domain::ledger::{Phase, Transfer};
use rei_domain::money::Kopecks;
use rei_storage::{Book, BookError, Tx, ledger, orders};
use rei_texts::{Lang, ReportText};

use super::said::{Numbers, change, pocket, rubles, said};
use super::{Cell, Csv, iso};

/// Transfers read in one go.
const READ_AT_ONCE: usize = 200;

/// A statement that is ready to be stored.
pub(crate) struct StatementFile {
    /// The file.
    pub(crate) csv: Csv,
    /// Whether older transfers were left out.
    pub(crate) is_cut: bool,
}

/// One transfer with what is known of it from others.
struct Line {
    transfer: Transfer,
    numbers: Numbers,
    change: Kopecks,
}

/// Reads the newest `rows_max` transfers of a customer, page by page, and writes them down.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub(crate) async fn statement_file(
    book: &Book,
    customer: CustomerId,
    lang: Lang,
    rows_max: usize,
    bytes_max: usize,
) -> Result<StatementFile, BookError> {
    let (mut lines, mut from, mut free) = (Vec::new(), None, None);
    let is_cut = loop {
        let known = free;
        let (page, balance) = book
            .read(move |tx| {
                let page = ledger::statement(tx, customer, from, READ_AT_ONCE)?;
                // What can be spent belongs to the newest transfer, so both are read at the same moment.
                let balance = match known {
                    Some(balance) => balance,
                    None => free_of(tx, customer)?,
                };
                let mut numbered = Vec::with_capacity(page.transfers.len());
                for transfer in page.transfers {
                    let numbers =
                        Numbers { order: number_of(tx, &transfer)?, ..numbers(tx, &transfer)? };
                    numbered.push((transfer, numbers));
                }
                Ok::<_, BookError>(((numbered, page.next), balance))
            })
            .await?;
        free = Some(balance);
        let (numbered, next) = page;
        lines.extend(numbered.into_iter().map(|(transfer, numbers)| Line {
            change: change(&transfer, customer, Kopecks::ZERO),
            transfer,
            numbers,
        }));
        match next {
            None => break false,
            Some(_) if lines.len() >= rows_max => break true,
            next => from = next,
        }
    };
    give_back(&mut lines);
    Ok(write(&lines, customer, lang, free.unwrap_or_default(), is_cut, bytes_max))
}

fn free_of(tx: &mut Tx<'_>, customer: CustomerId) -> Result<Kopecks, BookError> {
    let wallet = ledger::balances(tx, customer)?;
    Ok([wallet.cash.free, wallet.bonus.free].into_iter().sum())
}

fn numbers(tx: &mut Tx<'_>, transfer: &Transfer) -> Result<Numbers, BookError> {
    let payment = match &transfer.payment {
        Some(name) => rei_storage::figures::payment_number(tx, name)?.unwrap_or(0),
        None => 0,
    };
    Ok(Numbers { payment, ..Numbers::default() })
}

fn number_of(tx: &mut Tx<'_>, transfer: &Transfer) -> Result<i64, BookError> {
    let Some(order) = transfer.order else { return Ok(0) };
    Ok(orders::find(tx, order)?.map_or(0, |row| row.number))
}

/// A capture gives back what it left of its hold, which stands further down.
fn give_back(lines: &mut [Line]) {
    let held: BTreeMap<TransferId, Kopecks> = lines
        .iter()
        .filter(|line| line.transfer.phase == Phase::Hold)
        .map(|line| (line.transfer.id, rubles(&line.transfer)))
        .collect();
    for line in lines.iter_mut().filter(|line| line.transfer.phase == Phase::Capture) {
        let hold = line.transfer.hold.and_then(|hold| held.get(&hold));
        if let Some(held) = hold {
            line.numbers.returned = rubles(&line.transfer).missing_to(*held);
            line.change = line.numbers.returned;
        }
    }
}

fn write(
    lines: &[Line],
    customer: CustomerId,
    lang: Lang,
    free: Kopecks,
    is_cut: bool,
    bytes_max: usize,
) -> StatementFile {
    let head = ReportText::LedgerFileHead {}.plain(lang);
    let mut csv = Csv::new(head.split(';'), bytes_max);
    let all: i64 = lines.iter().map(|line| line.change.get()).sum();
    let mut after = free.get() - all;
    let mut fits = true;
    for line in lines.iter().rev() {
        after += line.change.get();
        let order = (line.numbers.order > 0).then_some(line.numbers.order);
        fits &= csv.row(&[
            Cell::text(iso(line.transfer.at)),
            Cell::kopecks(line.change.get()),
            Cell::kopecks(after),
            Cell::Sum(line.transfer.amount),
            Cell::text(
                ReportText::PocketName { pocket: pocket(&line.transfer).as_str().to_owned() }
                    .plain(lang),
            ),
            Cell::text(said(&line.transfer, &line.numbers, customer).plain(lang)),
            Cell::opt_number(order),
        ]);
    }
    StatementFile { csv, is_cut: is_cut || !fits }
}
