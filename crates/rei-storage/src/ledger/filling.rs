//! A long book in a short time, for benches: orders of one kopeck, held and charged, as if they had gone their way.
//!
//! The rows are those that [`super::hold`] and [`super::capture`] write, in one chain for each wallet, and the wallets say
//! what their transfers say. The orders themselves are not there, so the audit of the ledger finds nothing and the audit of
//! the papers would.

use rei_domain::chance::Chance;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, OrderId, TransferId};
use rei_domain::ledger::{
    Account, Actor, HoldLeg, IdempotencyKey, LegShare, NewHold, Pocket, PocketOrder, Resolution,
    Sale, TransferKind, Verdict,
};
use rei_domain::money::Kopecks;

use crate::{Tx, params};

use super::rows::insert;
use super::{LedgerError, sql, wallet};

const PRICE: Kopecks = Kopecks::new(1);

/// Adds `pairs` of holds and captures, by turns among these customers, whose wallets are open and pay with cash.
/// Moments follow `first`, a millisecond each.
///
/// # Errors
/// [`LedgerError::Broken`] when a wallet has too little or a key is taken.
pub fn fill(
    tx: &mut Tx<'_>,
    customers: &[CustomerId],
    pairs: u64,
    first: Timestamp,
    chance: &dyn Chance,
) -> Result<(), LedgerError> {
    for (turn, customer) in customers.iter().enumerate() {
        let mut tip = wallet::lock(tx, *customer)?.tip(Pocket::Cash);
        let mut spent = 0;
        for pair in (turn as u64..pairs).step_by(customers.len()) {
            let at = first.plus(std::time::Duration::from_millis(pair));
            tip = Some(pay(tx, *customer, OrderId::new(at, chance), tip, at)?);
            spent += PRICE.get();
        }
        if let Some(tip) = tip.filter(|_| spent > 0) {
            settle(tx, *customer, Kopecks::new(spent), tip)?;
        }
    }
    Ok(())
}

/// One order; the transfer that is the newest of the wallet from then on.
fn pay(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    order: OrderId,
    tip: Option<TransferId>,
    at: Timestamp,
) -> Result<TransferId, LedgerError> {
    let new = NewHold {
        kind: TransferKind::Order,
        customer,
        first: PocketOrder::CashFirst,
        amount: PRICE,
        credit: Account::Revenue(Sale::Image),
        key: IdempotencyKey::of(order, "hold"),
        order: Some(order),
        payment: None,
        actor: Actor::System,
        expires_at: at,
        at,
    };
    let held = new.row(0, HoldLeg { pocket: Pocket::Cash, amount: PRICE }, tip);
    let resolution = Resolution {
        hold: new.id(),
        key: IdempotencyKey::of(order, "capture"),
        actor: Actor::System,
        memo: None,
        at,
    };
    let share = LegShare { captured: PRICE, released: Kopecks::ZERO };
    let charged = resolution.row(0, Verdict::Capture(PRICE), &held, share, Some(held.id));
    for row in [&held, &charged] {
        if !insert(tx, row)? {
            return Err(LedgerError::Broken("a key of the filling is taken"));
        }
    }
    Ok(charged.id)
}

/// The wallet says what its transfers say.
fn settle(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    spent: Kopecks,
    tip: TransferId,
) -> Result<(), LedgerError> {
    let name = Account::cash(customer).to_string();
    let reserve = params! { ":name" => name.as_str(), ":amount" => spent, ":tip" => tip };
    let charge = params! {
        ":name" => name.as_str(),
        ":held" => spent,
        ":released" => Kopecks::ZERO,
        ":tip" => tip,
    };
    let moved = [tx.execute(&sql::RESERVE, &reserve)?, tx.execute(&sql::UNRESERVE, &charge)?];
    match moved {
        [1, 1] => Ok(()),
        _ => Err(LedgerError::Broken("a wallet has too little to be filled from")),
    }
}

#[cfg(test)]
mod tests {
    use rei_domain::chance::SeededChance;

    use super::*;
    use crate::ledger::{NewTransfer, audit_ledger, checkpoint, open_customer, post, seal};
    use crate::testing::{EngineKind, fresh_book};

    const NOW: Timestamp = Timestamp(1_790_000_000_000);
    const CUSTOMERS: [CustomerId; 3] = [CustomerId(1), CustomerId(2), CustomerId(3)];

    fn grant(customer: CustomerId) -> NewTransfer {
        NewTransfer {
            kind: TransferKind::Adjust,
            debit: Account::Adjust,
            credit: Account::cash(customer),
            amount: Kopecks::new(1_000).into(),
            key: IdempotencyKey::new(format!("grant:{customer}")).expect("a key"),
            order: None,
            payment: None,
            actor: Actor::System,
            memo: None,
            at: NOW,
        }
    }

    #[test]
    fn a_filled_ledger_is_sound() {
        for engine in EngineKind::ALL {
            let fresh = fresh_book(engine);
            let filled = fresh.book.blocking_write(|tx| {
                for customer in CUSTOMERS {
                    open_customer(tx, customer)?;
                    post(tx, &grant(customer))?;
                }
                for part in 0..2 {
                    let first = NOW.plus(std::time::Duration::from_secs(part));
                    fill(tx, &CUSTOMERS, 20, first, &SeededChance::new(part))?;
                }
                Ok::<_, LedgerError>(())
            });
            filled.expect("it is filled");
            fresh.book.blocking_write(super::super::settle).expect("it settles");
            fresh.book.blocking_write(checkpoint).expect("it is checkpointed");
            fresh.book.blocking_write(|tx| seal(tx, NOW)).expect("it is sealed");
            let report = fresh.book.blocking_read(audit_ledger).expect("the book is readable");
            assert_eq!(report.findings.kept, [], "{engine:?}");
            assert_eq!(report.transfers, 3 + 80, "{engine:?}");
        }
    }
}
