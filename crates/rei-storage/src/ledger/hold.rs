//! Reserving a price: free money becomes held.

use rei_domain::clock::Timestamp;
use rei_domain::ids::TransferId;
use rei_domain::ledger::{HoldId, HoldLeg, NewHold, Transfer, split_price};
use rei_domain::money::Kopecks;

use crate::{Tx, params};

use super::rows::{insert, read_transfer};
use super::{LedgerError, sql, wallet};

/// Proof that a price is reserved. Only [`hold`] makes one, and what it was made for must keep its id:
/// a hold that nobody knows of is money that nobody gives back.
#[must_use = "a hold whose id is not kept is never captured or released"]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldReceipt {
    id: HoldId,
    legs: Vec<HoldLeg>,
    replayed: bool,
}

impl HoldReceipt {
    /// The hold.
    pub const fn id(&self) -> HoldId {
        self.id
    }

    /// What each pocket gave.
    pub fn legs(&self) -> &[HoldLeg] {
        &self.legs
    }

    /// All that is reserved.
    pub fn amount(&self) -> Kopecks {
        self.legs.iter().map(|leg| leg.amount).sum()
    }

    /// Whether the same request had been carried out before; nothing moved this time.
    pub const fn replayed(&self) -> bool {
        self.replayed
    }
}

/// Reserves a price in a customer's wallet: one transfer for each pocket that gives something.
///
/// # Errors
/// [`LedgerError::NotEnough`] when the pockets cannot pay it together, [`LedgerError::Frozen`],
/// [`LedgerError::KeyConflict`], [`LedgerError::UnknownCustomer`], [`LedgerError::Rule`].
pub fn hold(tx: &mut Tx<'_>, new: &NewHold) -> Result<HoldReceipt, LedgerError> {
    new.check()?;
    let locked = wallet::lock(tx, new.customer)?;
    let split = match split_price(&locked.wallet, new.amount, new.first) {
        _ if locked.wallet.frozen => Err(LedgerError::Frozen),
        split => split.map_err(LedgerError::from),
    };
    let legs = match split {
        Ok(legs) => legs,
        Err(refusal) => return replayed(tx, new)?.ok_or(refusal),
    };
    for (index, leg) in legs.iter().enumerate() {
        let row = new.row(index, *leg, locked.tip(leg.pocket));
        if !insert(tx, &row)? {
            return replay_of_taken_key(tx, new, index);
        }
        reserve(tx, &row, new.expires_at)?;
    }
    Ok(HoldReceipt { id: new.id(), legs, replayed: false })
}

/// A key is taken with its first leg or not at all.
fn replay_of_taken_key(
    tx: &mut Tx<'_>,
    new: &NewHold,
    leg: usize,
) -> Result<HoldReceipt, LedgerError> {
    let found = if leg == 0 { replayed(tx, new)? } else { None };
    found.ok_or(LedgerError::Broken("a hold's second leg was there before its first"))
}

fn reserve(tx: &mut Tx<'_>, row: &Transfer, expires_at: Timestamp) -> Result<(), LedgerError> {
    let account = row.debit.to_string();
    let params = params! {
        ":name" => account.as_str(),
        ":amount" => row.amount.minor(),
        ":tip" => row.id,
    };
    if tx.execute(&sql::RESERVE, &params)? != 1 {
        return Err(LedgerError::Broken("a locked account did not give what it had"));
    }
    tx.execute(
        &sql::INSERT_OPEN_HOLD,
        &params! {
            ":leg" => row.id,
            ":hold" => row.linked.map(|hold| hold.0),
            ":account" => account,
            ":amount" => row.amount.minor(),
            ":order_id" => row.order,
            ":expires_at" => expires_at,
        },
    )?;
    Ok(())
}

fn replayed(tx: &mut Tx<'_>, new: &NewHold) -> Result<Option<HoldReceipt>, LedgerError> {
    let params = params! { ":first" => new.key.of_leg(0), ":second" => new.key.of_leg(1) };
    let rows = tx.query(&sql::TRANSFERS_OF_KEY, &params)?;
    let Some(first) = rows.first() else { return Ok(None) };
    let first = read_transfer(first)?;
    // The hash says what was asked for; how it was split over the pockets does not matter.
    let any_leg = HoldLeg { pocket: new.first.pockets()[0], amount: new.amount };
    if first.request_hash != new.row(0, any_leg, None::<TransferId>).request_hash {
        return Err(LedgerError::KeyConflict { key: new.key.as_str().to_owned() });
    }
    let legs = rows
        .iter()
        .map(|row| {
            let row = read_transfer(row)?;
            let pocket =
                row.debit.pocket().ok_or(LedgerError::Broken("a hold without a wallet"))?;
            Ok(HoldLeg { pocket, amount: Kopecks::new(row.amount.minor()) })
        })
        .collect::<Result<_, LedgerError>>()?;
    Ok(Some(HoldReceipt { id: HoldId(first.id), legs, replayed: true }))
}
