//! Rows of the book as a table: every transfer, payment or order of a span of time.

use rei_storage::figures::{Export, ExportRow, OrderExport, PaymentExport, Span, TransferExport};
use rei_storage::{Book, BookError};

use crate::statement::{Cell, Csv, iso};

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Every transfer.
    Ledger,
    /// Every payment.
    Payments,
    /// Every order, without the customer's words.
    Jobs,
}

impl What {
    const ALL: [Self; 3] = [Self::Ledger, Self::Payments, Self::Jobs];

    /// The word that names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Payments => "payments",
            Self::Jobs => "jobs",
        }
    }

    /// Reads the word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.as_str() == word)
    }
}

/// A table that is ready to be stored.
pub(super) struct Exported {
    pub(super) csv: Csv,
    /// Whether rows at its end were left out.
    pub(super) is_cut: bool,
}

/// Reads page by page, each in a transaction of its own: the book is never kept waiting for a long export.
pub(super) async fn export(
    book: &Book,
    what: What,
    span: Span,
    bytes_max: usize,
) -> Result<Exported, BookError> {
    match what {
        What::Ledger => table::<TransferExport>(book, span, bytes_max).await,
        What::Payments => table::<PaymentExport>(book, span, bytes_max).await,
        What::Jobs => table::<OrderExport>(book, span, bytes_max).await,
    }
}

/// A row that knows its columns.
trait Tabular: ExportRow {
    const COLUMNS: &'static [&'static str];
    fn cells(self) -> Vec<Cell>;
}

async fn table<T: Tabular>(
    book: &Book,
    span: Span,
    bytes_max: usize,
) -> Result<Exported, BookError> {
    let mut csv = Csv::new(T::COLUMNS.iter().copied(), bytes_max);
    let mut export = Export::of(span);
    loop {
        let from = export.clone();
        let (page, after) = book
            .read(move |tx| {
                // The closure may run again, from the same place.
                let mut at = from.clone();
                let page = T::page(tx, &mut at)?;
                Ok::<_, BookError>((page, at))
            })
            .await?;
        export = after;
        if page.is_empty() {
            return Ok(Exported { csv, is_cut: false });
        }
        for row in page {
            if !csv.row(&row.cells()) {
                return Ok(Exported { csv, is_cut: true });
            }
        }
    }
}

impl Tabular for TransferExport {
    const COLUMNS: &'static [&'static str] = &[
        "seq", "at", "phase", "kind", "debit", "credit", "amount", "currency", "order", "payment",
        "actor", "memo", "key",
    ];

    fn cells(self) -> Vec<Cell> {
        vec![
            Cell::Number(self.seq),
            Cell::text(iso(self.at)),
            Cell::text(self.phase),
            Cell::text(self.kind),
            Cell::text(self.debit),
            Cell::text(self.credit),
            Cell::minor(&self.currency, self.amount),
            Cell::text(self.currency),
            Cell::opt_number(self.order),
            Cell::opt_text(self.payment),
            Cell::text(self.actor),
            Cell::opt_text(self.memo),
            Cell::text(self.key),
        ]
    }
}

impl Tabular for PaymentExport {
    const COLUMNS: &'static [&'static str] = &[
        "number",
        "customer",
        "rail",
        "state",
        "amount_rub",
        "units",
        "fee_rub",
        "refunded_rub",
        "provider_id",
        "created_at",
        "paid_at",
    ];

    fn cells(self) -> Vec<Cell> {
        vec![
            Cell::Number(self.number),
            Cell::Number(self.customer),
            Cell::text(self.rail),
            Cell::text(self.state),
            Cell::kopecks(self.amount),
            Cell::opt_number(self.units),
            Cell::opt_kopecks(self.fee),
            Cell::kopecks(self.refunded),
            Cell::opt_text(self.provider_id),
            Cell::text(iso(self.created_at)),
            Cell::opt_text(self.paid_at.map(iso)),
        ]
    }
}

impl Tabular for OrderExport {
    const COLUMNS: &'static [&'static str] = &[
        "number",
        "customer",
        "kind",
        "sku",
        "provider",
        "state",
        "reason",
        "price_rub",
        "charged_rub",
        "cost_usd",
        "placed_at",
        "state_at",
    ];

    fn cells(self) -> Vec<Cell> {
        vec![
            Cell::Number(self.number),
            Cell::Number(self.customer),
            Cell::text(self.kind),
            Cell::text(self.sku),
            Cell::text(self.provider),
            Cell::text(self.state),
            Cell::opt_text(self.reason),
            Cell::kopecks(self.price),
            Cell::opt_kopecks(self.charged),
            Cell::minor("USD", self.cost),
            Cell::text(iso(self.placed_at)),
            Cell::text(iso(self.state_at)),
        ]
    }
}
