//! The money of an order: one hold, ended once. Keys follow from the order's id, so doing a step again
//! is safe without further thought.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, OrderId};
use rei_domain::ledger::{
    Account, Actor, HoldId, IdempotencyKey, NewHold, PocketOrder, Resolution, TransferKind,
};
use rei_domain::money::Kopecks;

use crate::{BookError, Tx, params};

use super::rows::id;
use super::{HoldReceipt, LedgerError, Resolved, capture, expire, hold, sql, void};

const HOLD_STEP: &str = "hold";

/// Asks to reserve the price of an order.
#[derive(Clone, Debug)]
pub struct NewSplitHold {
    /// Whose money.
    pub customer: CustomerId,
    /// The order.
    pub order: OrderId,
    /// Who gets it when it is captured.
    pub credit: Account,
    /// Why.
    pub kind: TransferKind,
    /// How much.
    pub amount: Kopecks,
    /// Which pockets pay, and in which order.
    pub first: PocketOrder,
    /// After this moment a sweep may release it.
    pub expires_at: Timestamp,
    /// Who asks.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
}

/// Reserves the price of an order, over both pockets where the order of pockets allows it.
///
/// # Errors
/// As [`hold`].
pub fn hold_split(tx: &mut Tx<'_>, new: &NewSplitHold) -> Result<HoldReceipt, LedgerError> {
    hold(
        tx,
        &NewHold {
            kind: new.kind,
            customer: new.customer,
            first: new.first,
            amount: new.amount,
            credit: new.credit.clone(),
            key: IdempotencyKey::of(new.order, HOLD_STEP),
            order: Some(new.order),
            payment: None,
            actor: new.actor,
            expires_at: new.expires_at,
            at: new.at,
        },
    )
}

/// The hold of an order, open or not.
pub fn hold_of_order(tx: &mut Tx<'_>, order: OrderId) -> Result<Option<HoldId>, BookError> {
    let key = IdempotencyKey::of(order, HOLD_STEP).of_leg(0);
    let row = tx.query_opt(&sql::HOLD_OF_KEY, &params! { ":key" => key })?;
    row.map(|row| id(&row, "id").map(HoldId)).transpose()
}

/// Charges `amount` of an order's hold and releases the rest.
///
/// # Errors
/// As [`capture`].
pub fn capture_order(
    tx: &mut Tx<'_>,
    order: OrderId,
    amount: Kopecks,
    actor: Actor,
    at: Timestamp,
) -> Result<Resolved, LedgerError> {
    let resolution = step(tx, order, "capture", actor, at)?;
    capture(tx, &resolution, amount)
}

/// Releases an order's hold.
///
/// # Errors
/// As [`void`].
pub fn void_order(
    tx: &mut Tx<'_>,
    order: OrderId,
    actor: Actor,
    at: Timestamp,
) -> Result<Resolved, LedgerError> {
    let resolution = step(tx, order, "void", actor, at)?;
    void(tx, &resolution)
}

/// Releases an order's hold because its time ran out.
///
/// # Errors
/// As [`expire`].
pub fn expire_order(
    tx: &mut Tx<'_>,
    order: OrderId,
    actor: Actor,
    at: Timestamp,
) -> Result<Resolved, LedgerError> {
    let resolution = step(tx, order, "expire", actor, at)?;
    expire(tx, &resolution)
}

fn step(
    tx: &mut Tx<'_>,
    order: OrderId,
    step: &str,
    actor: Actor,
    at: Timestamp,
) -> Result<Resolution, LedgerError> {
    let hold = hold_of_order(tx, order)?.ok_or(LedgerError::UnknownHold)?;
    Ok(Resolution { hold, key: IdempotencyKey::of(order, step), actor, memo: None, at })
}
