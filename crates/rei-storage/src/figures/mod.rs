//! What the owner's figures are added up from: money, people, work, day by day, and the rows of an export.
//!
//! Every list and sum is bound to a span of time and found through ids, which grow with time, so a long book costs no
//! more than the span asked for. Nothing here is changed, only read.

mod exports;
mod money;
mod order_money;
mod people;
#[cfg(test)]
mod tests;
mod work;

pub use exports::{
    Export, ExportRow, OrderExport, PaymentExport, TransferExport, orders_page, payments_page,
    transfers_page,
};
pub use money::{Day, MoneyFigures, days, money};
pub use order_money::{OrderMove, order_moves, payment_number};
pub use people::{PeopleFigures, people};
pub use work::{ModelFigures, RailFigures, WaitFigures, models, rails, waits};

use rei_domain::clock::Timestamp;

use crate::Sql;

/// From a moment on up to another, which is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub upto: Timestamp,
}

impl Span {
    /// How long it is, in milliseconds.
    pub const fn millis(&self) -> i64 {
        self.upto.millis() - self.from.millis()
    }

    /// The span of the same length just before.
    #[must_use]
    pub const fn before(&self) -> Self {
        Self { from: Timestamp(self.from.millis() - self.millis()), upto: self.from }
    }
}

/// Below every id that was made at this moment or later, and above every earlier one: ids begin with their time.
pub(crate) fn floor_id(at: Timestamp) -> Vec<u8> {
    let millis = u64::try_from(at.millis()).unwrap_or(0).to_be_bytes();
    let mut id = millis[2..].to_vec();
    id.resize(16, 0);
    id
}

/// The statements of this folder.
pub(crate) fn all() -> impl Iterator<Item = &'static Sql> {
    [exports::ALL, money::ALL, order_money::ALL, people::ALL, work::ALL]
        .into_iter()
        .flatten()
        .copied()
}
