//! What moved for one order, and the numbers by which people know payments.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{OrderId, PaymentId};
use rei_domain::ledger::{Account, IdempotencyKey, Phase, Pocket, TransferKind};
use rei_domain::money::Kopecks;

use crate::{BookError, Tx, params, statements};

/// One movement of a customer's money for an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderMove {
    /// What it did.
    pub phase: Phase,
    /// Why.
    pub kind: TransferKind,
    /// In which part of the wallet.
    pub pocket: Pocket,
    /// How much.
    pub amount: Kopecks,
    /// When.
    pub at: Timestamp,
}

statements! {
    // The steps of an order have keys that follow from its id, each with two legs at most.
    pub STEPS_OF_ORDER = "
select phase, kind, debit, credit, amount, at
  from transfer
 where key in (:hold_cash, :hold_bonus, :capture_cash, :capture_bonus, :void_cash, :void_bonus, :expire_cash,
               :expire_bonus)
 order by seq";

    pub PAYMENT_NUMBER = "select number from payment where id = :id";
}

/// The hold of an order and what became of it, in the order in which it happened.
pub fn order_moves(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<OrderMove>, BookError> {
    let key = |step: &str, leg: usize| IdempotencyKey::of(order, step).of_leg(leg);
    let rows = tx.query(
        &STEPS_OF_ORDER,
        &params! {
            ":hold_cash" => key("hold", 0),
            ":hold_bonus" => key("hold", 1),
            ":capture_cash" => key("capture", 0),
            ":capture_bonus" => key("capture", 1),
            ":void_cash" => key("void", 0),
            ":void_bonus" => key("void", 1),
            ":expire_cash" => key("expire", 0),
            ":expire_bonus" => key("expire", 1),
        },
    )?;
    let mut moves = Vec::with_capacity(rows.len());
    for row in &rows {
        let pocket = Account::parse(&row.text("debit")?).and_then(|account| account.pocket());
        moves.push(OrderMove {
            phase: Phase::from_word(&row.text("phase")?)
                .ok_or_else(|| BookError::unreadable("phase"))?,
            kind: TransferKind::from_word(&row.text("kind")?)
                .ok_or_else(|| BookError::unreadable("kind"))?,
            pocket: pocket.ok_or_else(|| BookError::unreadable("debit"))?,
            amount: Kopecks::new(row.int("amount")?),
            at: Timestamp(row.int("at")?),
        });
    }
    Ok(moves)
}

/// The number of the payment that a transfer names; `None` for one that is no payment of ours.
pub fn payment_number(tx: &mut Tx<'_>, name: &str) -> Result<Option<i64>, BookError> {
    let Some(id) = read_uuid(name) else { return Ok(None) };
    let row = tx.query_opt(&PAYMENT_NUMBER, &params! { ":id" => id })?;
    row.map(|row| row.int("number")).transpose()
}

/// Reads an id as people write it, in hex with dashes.
fn read_uuid(text: &str) -> Option<PaymentId> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| *c != '-')
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> =
        digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte * 16 + digit)).collect();
    PaymentId::from_slice(&bytes).filter(|_| digits.len() == 32)
}
