//! The rows of an export, page by page in the order of time: transfers, payments, orders.

use rei_domain::clock::Timestamp;

use super::{Span, floor_id};
use crate::{BookError, Row, Sql, Tx, params, statements};

/// The most rows of one page.
const PAGE_MAX: usize = 500;

/// Where a page begins, and where the whole export ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    after: Vec<u8>,
    upto: Vec<u8>,
}

impl Export {
    /// The whole of a span.
    pub fn of(span: Span) -> Self {
        Self { after: floor_id(span.from), upto: floor_id(span.upto) }
    }
}

/// A row of one kind of export.
pub trait ExportRow: Sized + Send + 'static {
    /// A page of rows; the export is moved behind it. No rows: that was all.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read.
    fn page(tx: &mut Tx<'_>, export: &mut Export) -> Result<Vec<Self>, BookError>;
}

/// A transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferExport {
    /// Its place in the book.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// `post`, `hold`, `capture`, `void` or `expire`.
    pub phase: String,
    /// Why.
    pub kind: String,
    /// The account that is debited.
    pub debit: String,
    /// The account that is credited.
    pub credit: String,
    /// How much, in kopecks or millionths of a dollar.
    pub amount: i64,
    /// `RUB` or `USD`.
    pub currency: String,
    /// The number of its order.
    pub order: Option<i64>,
    /// Its payment.
    pub payment: Option<String>,
    /// Who caused it.
    pub actor: String,
    /// A reason for people.
    pub memo: Option<String>,
    /// The name of the request.
    pub key: String,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentExport {
    /// Its number, for people.
    pub number: i64,
    /// Whose.
    pub customer: i64,
    /// `yookassa`, `stars`.
    pub rail: String,
    /// Where it stands.
    pub state: String,
    /// How much, in kopecks.
    pub amount: i64,
    /// The same in the rail's own units.
    pub units: Option<i64>,
    /// What the payment system kept, in kopecks.
    pub fee: Option<i64>,
    /// What was paid back, in kopecks.
    pub refunded: i64,
    /// Its name at the payment system.
    pub provider_id: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
}

/// An order, without the customer's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderExport {
    /// Its number, for people.
    pub number: i64,
    /// Whose.
    pub customer: i64,
    /// What it makes.
    pub kind: String,
    /// The catalogue's key.
    pub sku: String,
    /// Who makes it.
    pub provider: String,
    /// Where it stands.
    pub state: String,
    /// Why it ended as it did.
    pub reason: Option<String>,
    /// Its price, in kopecks.
    pub price: i64,
    /// What was charged, in kopecks.
    pub charged: Option<i64>,
    /// What the provider takes for all of it, in millionths of a dollar.
    pub cost: i64,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it last moved.
    pub state_at: Timestamp,
}

statements! {
    pub TRANSFERS_PAGE = "
select t.id, t.seq, t.at, t.phase, t.kind, t.debit, t.credit, t.amount, t.currency, o.number as order_number,
       t.payment_id, t.actor, t.memo, t.key
  from transfer t
  left join orders o on o.id = t.order_id
 where t.id > :after and t.id < :upto
 order by t.id
 limit :limit";

    pub PAYMENTS_PAGE = "
select id, number, customer, rail, state, amount, units, fee, refunded, provider_id, created_at, paid_at
  from payment
 where id > :after and id < :upto
 order by id
 limit :limit";

    pub ORDERS_PAGE = "
select id, number, customer, kind, sku, provider, state, reason, price, charged, cost, placed_at, state_at
  from orders
 where id > :after and id < :upto
 order by id
 limit :limit";
}

/// A page of transfers; the export is moved behind it. No rows: that was all.
pub fn transfers_page(
    tx: &mut Tx<'_>,
    export: &mut Export,
) -> Result<Vec<TransferExport>, BookError> {
    let rows = page(tx, &TRANSFERS_PAGE, export)?;
    rows.iter()
        .map(|row| {
            Ok(TransferExport {
                seq: row.int("seq")?,
                at: Timestamp(row.int("at")?),
                phase: row.text("phase")?,
                kind: row.text("kind")?,
                debit: row.text("debit")?,
                credit: row.text("credit")?,
                amount: row.int("amount")?,
                currency: row.text("currency")?,
                order: row.opt_int("order_number")?,
                payment: row.opt_text("payment_id")?,
                actor: row.text("actor")?,
                memo: row.opt_text("memo")?,
                key: row.text("key")?,
            })
        })
        .collect()
}

/// A page of payments; the export is moved behind it. No rows: that was all.
pub fn payments_page(
    tx: &mut Tx<'_>,
    export: &mut Export,
) -> Result<Vec<PaymentExport>, BookError> {
    let rows = page(tx, &PAYMENTS_PAGE, export)?;
    rows.iter()
        .map(|row| {
            Ok(PaymentExport {
                number: row.int("number")?,
                customer: row.int("customer")?,
                rail: row.text("rail")?,
                state: row.text("state")?,
                amount: row.int("amount")?,
                units: row.opt_int("units")?,
                fee: row.opt_int("fee")?,
                refunded: row.int("refunded")?,
                provider_id: row.opt_text("provider_id")?,
                created_at: Timestamp(row.int("created_at")?),
                paid_at: row.opt_int("paid_at")?.map(Timestamp),
            })
        })
        .collect()
}

/// A page of orders; the export is moved behind it. No rows: that was all.
pub fn orders_page(tx: &mut Tx<'_>, export: &mut Export) -> Result<Vec<OrderExport>, BookError> {
    let rows = page(tx, &ORDERS_PAGE, export)?;
    rows.iter()
        .map(|row| {
            Ok(OrderExport {
                number: row.int("number")?,
                customer: row.int("customer")?,
                kind: row.text("kind")?,
                sku: row.text("sku")?,
                provider: row.text("provider")?,
                state: row.text("state")?,
                reason: row.opt_text("reason")?,
                price: row.int("price")?,
                charged: row.opt_int("charged")?,
                cost: row.int("cost")?,
                placed_at: Timestamp(row.int("placed_at")?),
                state_at: Timestamp(row.int("state_at")?),
            })
        })
        .collect()
}

impl ExportRow for TransferExport {
    fn page(tx: &mut Tx<'_>, export: &mut Export) -> Result<Vec<Self>, BookError> {
        transfers_page(tx, export)
    }
}

impl ExportRow for PaymentExport {
    fn page(tx: &mut Tx<'_>, export: &mut Export) -> Result<Vec<Self>, BookError> {
        payments_page(tx, export)
    }
}

impl ExportRow for OrderExport {
    fn page(tx: &mut Tx<'_>, export: &mut Export) -> Result<Vec<Self>, BookError> {
        orders_page(tx, export)
    }
}

fn page(
    tx: &mut Tx<'_>,
    statement: &'static Sql,
    export: &mut Export,
) -> Result<Vec<Row>, BookError> {
    let limit = i64::try_from(PAGE_MAX).unwrap_or(i64::MAX);
    let params = params! {
        ":after" => export.after.clone(), ":upto" => export.upto.clone(), ":limit" => limit
    };
    let rows = tx.query(statement, &params)?;
    if let Some(last) = rows.last() {
        export.after = last.blob("id")?;
    }
    Ok(rows)
}
