//! The results are there: what arrived is charged, the rest of the hold goes back, and the delivery is put on its way,
//! in one transaction. A result that comes after the money went back is given away.

use rei_domain::catalog::Kind;
use rei_domain::clock::Timestamp;
use rei_domain::ledger::{
    Account, Actor, Expense, IdempotencyKey, Money, ProviderName, TransferKind,
};
use rei_domain::money::{Kopecks, MicroUsd};
use rei_domain::order::{OrderEvent, OrderState};
use rei_storage::Tx;
use rei_storage::ledger::{self, LedgerError, NewTransfer};
use rei_storage::orders::{self, ItemRow, ItemState, OrderRow};
use rei_texts::Text;

use super::{deliver, status};
use crate::wallet::{reader_of, wallet_of};
use crate::{House, payments};

/// Charges for the stored results of an order that is still at work, releases the rest and puts the delivery on its
/// way; `false` when the order was over before.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub(super) fn capture(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    stored: &[ItemRow],
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let Some(first) = stored.first().and_then(|item| item.artifact.as_deref()) else {
        return Ok(false);
    };
    let Ok(ready) = row.state.next(OrderEvent::Stored) else { return Ok(false) };
    let share = Share::of(row, stored);
    let full = share.part(row.price.get());
    let charged = Kopecks::new(without_mismatches(house, full, stored).max(1));
    if !orders::move_with_result(tx, row.id, row.state, ready, first, Some(charged), now)? {
        return Ok(false);
    }
    let paid = ledger::capture_order(tx, row.id, charged, Actor::System, now)?;
    payments::owed(tx, house, row, &paid, now)?;
    let cost = MicroUsd(share.part(row.cost.0));
    book_cost(tx, row, cost, TransferKind::Cost, TransferKind::Cost.as_str(), now)?;
    let lang = reader_of(tx, row.customer)?;
    let caption = caption(tx, house, row, stored, charged, now)?;
    deliver::deliver(tx, house, row, stored, &caption.html(lang), now)?;
    if let Some(returned) = row.price.checked_sub(charged).filter(|sum| sum.is_positive()) {
        let made = i64::try_from(stored.len()).unwrap_or(i64::MAX);
        let note = match stored.iter().any(|item| !item.as_ordered) {
            _ if made < row.items => Text::ResultFewer { made, ordered: row.items, returned },
            true => Text::ResultOtherRatioRefund { returned },
            false => Text::ResultShorter { returned },
        };
        deliver::note(tx, row, &note.html(lang), now)?;
    } else if stored.iter().any(|item| !item.as_ordered) {
        deliver::note(tx, row, &Text::ResultOtherRatio {}.html(lang), now)?;
    }
    // Last, so that the result doesn't wait for it; a "drawing" that nobody has seen is dropped for it.
    status::done(tx, row, lang, now)?;
    metrics::counter!("orders_ended_total", "state" => "ready").increment(1);
    Ok(true)
}

/// The owner's discount on pictures of another ratio than ordered, rounded in the customer's favour.
fn without_mismatches(house: &House, charged: i64, stored: &[ItemRow]) -> i64 {
    let percent = i128::from(house.policy.mismatch_refund_percent);
    let all = i128::try_from(stored.len()).unwrap_or(i128::MAX).max(1);
    let wrong = i128::try_from(stored.iter().filter(|item| !item.as_ordered).count()).unwrap_or(0);
    let kept = i128::from(charged) * (all * 100 - wrong * percent) / (all * 100);
    i64::try_from(kept).unwrap_or(charged)
}

/// The share of an order that came out: things made of things ordered, or seconds of seconds.
struct Share {
    made: i128,
    ordered: i128,
}

impl Share {
    fn of(row: &OrderRow, stored: &[ItemRow]) -> Self {
        let made = i128::try_from(stored.len()).unwrap_or(i128::MAX);
        // The provider bills motion by what comes out, which may be shorter than the clip that went in.
        if Kind::from_word(&row.kind) == Some(Kind::Motion)
            && let (Some(ordered_ms), Some(made_ms)) =
                (row.length_ms, stored.first().and_then(|item| item.length_ms))
        {
            let seconds =
                |ms: i64| i128::from(ms).max(1).div_euclid(1000) + i128::from(ms % 1000 != 0);
            let ordered = seconds(ordered_ms);
            return Self { made: seconds(made_ms).min(ordered), ordered };
        }
        Self { made, ordered: i128::from(row.items.max(1)) }
    }

    /// This share of a sum, rounded down: what can't be divided is the customer's.
    fn part(&self, whole: i64) -> i64 {
        let part = i128::from(whole) * self.made.min(self.ordered) / self.ordered.max(1);
        i64::try_from(part).unwrap_or(whole)
    }
}

fn caption(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    stored: &[ItemRow],
    price: Kopecks,
    now: Timestamp,
) -> Result<Text, LedgerError> {
    let wallet = wallet_of(tx, row.customer)?;
    let seconds = i64::try_from(now.since(row.placed_at).as_secs()).unwrap_or(i64::MAX);
    if stored.iter().any(|item| item.length_ms.is_some()) {
        return Ok(Text::ResultVideo { seconds, price, balance: wallet.free() });
    }
    let count = wallet.pictures(&house.catalog.current());
    Ok(Text::Result { seconds, price, balance: wallet.free(), count })
}

/// The money went back before these things came: they are a present, their cost a loss.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub(super) fn give_late(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    nos: &[i64],
    now: Timestamp,
) -> Result<(), LedgerError> {
    let items = orders::items_of(tx, row.id)?;
    let came: Vec<ItemRow> = items
        .into_iter()
        .filter(|item| nos.contains(&item.no) && item.state == ItemState::Stored)
        .collect();
    let Some(first) = came.first().and_then(|item| item.artifact.as_deref()) else { return Ok(()) };
    let was_cancelled = matches!(row.state, OrderState::Cancelled);
    if let Ok(gifted) = row.state.next(OrderEvent::CameLate) {
        if !orders::move_with_result(tx, row.id, row.state, gifted, first, None, now)? {
            return Ok(());
        }
        metrics::counter!("orders_ended_total", "state" => "gifted").increment(1);
    } else if was_cancelled {
        return Ok(());
    }
    for item in &came {
        let cost = MicroUsd(row.cost.0 / row.items.max(1));
        let step = format!("{}:{}", TransferKind::LateLoss.as_str(), item.no);
        book_cost(tx, row, cost, TransferKind::LateLoss, &step, now)?;
    }
    let lang = reader_of(tx, row.customer)?;
    let caption = Text::ResultLate { number: row.number }.html(lang);
    deliver::deliver(tx, house, row, &came, &caption, now)
}

/// The provider's price, in its own currency and accounts.
fn book_cost(
    tx: &mut Tx<'_>,
    row: &OrderRow,
    cost: MicroUsd,
    kind: TransferKind,
    step: &str,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let Some(provider) = ProviderName::new(&row.provider).filter(|_| cost.0 > 0) else {
        return Ok(());
    };
    let debit = match kind {
        TransferKind::LateLoss => Account::Expense(Expense::LateLoss),
        _ => Account::Cost(provider.clone()),
    };
    ledger::post(
        tx,
        &NewTransfer {
            kind,
            debit,
            credit: Account::Payable(provider),
            amount: Money::Usd(cost),
            key: IdempotencyKey::of(row.id, step),
            order: Some(row.id),
            payment: None,
            actor: Actor::System,
            memo: None,
            at: now,
        },
    )?;
    Ok(())
}
