//! Lists of transfers and holds, each with a bound.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, OrderId, TransferId};
use rei_domain::ledger::{Account, HoldId, Pocket, Transfer};
use rei_domain::money::Kopecks;

use crate::{BookError, Row, Tx, params};

use super::rows::{id, opt_order, read_transfer, word};
use super::{sql, wallet};

/// The longest page that a list gives.
pub const PAGE_MAX: usize = 200;

/// A leg of a hold that nothing has ended yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenHold {
    /// The hold.
    pub hold: HoldId,
    /// The leg's transfer.
    pub leg: TransferId,
    /// Whose money is reserved.
    pub account: Account,
    /// How much.
    pub amount: Kopecks,
    /// The order it belongs to.
    pub order: Option<OrderId>,
    /// When its time runs out.
    pub expires_at: Timestamp,
}

/// Where a page of a statement begins: the newest transfer of each pocket that it may show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementPage {
    cash: Option<TransferId>,
    bonus: Option<TransferId>,
}

/// A customer's transfers, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The transfers of the page, holds and releases included.
    pub transfers: Vec<Transfer>,
    /// The page after it; none when this was the last.
    pub next: Option<StatementPage>,
}

/// A page of a customer's statement, of at most `limit` transfers; `page` is `None` for the first.
pub fn statement(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    page: Option<StatementPage>,
    limit: usize,
) -> Result<Statement, BookError> {
    let start = match page {
        Some(page) => page,
        None => {
            let (cash, bonus) = wallet::tips(tx, customer)?;
            StatementPage { cash, bonus }
        }
    };
    let limit = limit.clamp(1, PAGE_MAX);
    let rows = tx.query(
        &sql::STATEMENT,
        &params! { ":cash" => start.cash, ":bonus" => start.bonus, ":limit" => bound(limit) },
    )?;
    let transfers = rows.iter().map(read_transfer).collect::<Result<Vec<_>, _>>()?;
    // A page from another customer's hands shows nothing.
    let own = |row: &Transfer| row.tracked().and_then(Account::customer) == Some(customer);
    if !transfers.iter().all(own) {
        return Ok(Statement { transfers: Vec::new(), next: None });
    }
    let mut next = start;
    for row in &transfers {
        match row.tracked().and_then(Account::pocket) {
            Some(Pocket::Cash) => next.cash = row.prev,
            Some(Pocket::Bonus) => next.bonus = row.prev,
            None => {}
        }
    }
    let more = next.cash.is_some() || next.bonus.is_some();
    Ok(Statement { transfers, next: more.then_some(next) })
}

/// The newest transfers of the whole book, newest first.
pub fn recent(tx: &mut Tx<'_>, limit: usize) -> Result<Vec<Transfer>, BookError> {
    let rows = tx.query(&sql::RECENT, &params! { ":limit" => bound(limit.min(PAGE_MAX)) })?;
    rows.iter().map(read_transfer).collect()
}

/// Open legs whose time ran out at `before` or earlier, the oldest first.
pub fn open_holds_older_than(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<OpenHold>, BookError> {
    let params = params! { ":before" => before, ":limit" => bound(limit.min(PAGE_MAX)) };
    tx.query(&sql::OPEN_HOLDS_OLDER_THAN, &params)?.iter().map(read_open_hold).collect()
}

fn read_open_hold(row: &Row) -> Result<OpenHold, BookError> {
    Ok(OpenHold {
        hold: HoldId(id(row, "hold")?),
        leg: id(row, "leg")?,
        account: word(row, "account", Account::parse)?,
        amount: Kopecks::new(row.int("amount")?),
        order: opt_order(row, "order_id")?,
        expires_at: Timestamp(row.int("expires_at")?),
    })
}

fn bound(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
