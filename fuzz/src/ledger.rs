//! The ledger against a model of ten lines: any operations, in any order, on the real book.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, TransferId};
use rei_domain::ledger::{Expense, RuleError, Sale};
use rei_domain::money::Kopecks;
use rei_storage::ledger::{
    Account, Actor, HoldId, IdempotencyKey, LedgerError, NewHold, NewTransfer, Pocket, PocketOrder,
    Resolution, TransferKind, audit_ledger, balances, capture, expire, hold, open_customer, post,
    void,
};
use rei_storage::testing::{TestBook, temp_sqlite};
use rei_storage::{BookError, Tx};

const CUSTOMERS: usize = 3;
/// Operations that are played at most.
const OPS_MAX: usize = 80;
/// Bytes of one operation.
const OP_BYTES: usize = 4;

/// What an operation asks for. `of`: the number of an earlier operation.
#[derive(Clone, Copy, Debug)]
enum Op {
    Grant {
        who: usize,
        pocket: Pocket,
        amount: i64,
    },
    Hold {
        who: usize,
        first: PocketOrder,
        amount: i64,
    },
    Capture {
        of: usize,
        amount: i64,
    },
    Void {
        of: usize,
    },
    Expire {
        of: usize,
    },
    Refund {
        who: usize,
        amount: i64,
    },
    /// The same request once more.
    Again {
        of: usize,
    },
}

/// What the book says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Done,
    Replayed,
    NotEnough { missing: i64 },
    AboveHold,
    Ended,
    NoHold,
    BadAmount,
}

/// Two integers a customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Purse {
    free: i64,
    held: i64,
}

/// What the model knows of an operation that was carried out.
#[derive(Clone, Copy, Debug)]
enum Past {
    Hold { who: usize, amount: i64, open: bool },
    Other,
}

thread_local! {
    /// A book for each thread, so that it goes with it.
    static BOOK: TestBook = temp_sqlite();
}

/// Why a play's transaction is given up.
enum Stop {
    /// It always is: the next play finds an empty book.
    Played(Result<(), String>),
    Book(BookError),
}

impl From<BookError> for Stop {
    fn from(error: BookError) -> Self {
        Self::Book(error)
    }
}

/// Four bytes are one operation. After each the real book and the model gave the same answer and have the same
/// balances, and the book is sound at the end.
pub fn ledger(input: &[u8]) {
    let ops: Vec<Op> = input.chunks_exact(OP_BYTES).take(OPS_MAX).map(read).collect();
    let played = BOOK.with(|book| {
        let ops = ops.clone();
        book.book.blocking_write(move |tx| Err::<(), _>(Stop::Played(play(tx, &ops)?)))
    });
    match played {
        Err(Stop::Played(Ok(()))) => {}
        Err(Stop::Played(Err(difference))) => panic!("{difference}\n{ops:#?}"),
        Err(Stop::Book(error)) => panic!("the book failed: {error:?}\n{ops:#?}"),
        Ok(()) => unreachable!("a play is always given up"),
    }
}

fn read(bytes: &[u8]) -> Op {
    let [what, who, of, amount] = [0, 1, 2, 3].map(|at| bytes.get(at).copied().unwrap_or_default());
    let (who, of) = (usize::from(who) % CUSTOMERS, usize::from(of));
    let amount = match amount {
        254 => Kopecks::OPERATION_MAX.get(),
        255 => Kopecks::OPERATION_MAX.get() + 1,
        amount => i64::from(amount) - 2,
    };
    let pocket = if what & 0x80 == 0 { Pocket::Cash } else { Pocket::Bonus };
    let first = if what & 0x80 == 0 { PocketOrder::CashFirst } else { PocketOrder::BonusFirst };
    match what % 8 {
        0 | 1 => Op::Grant { who, pocket, amount },
        2 => Op::Hold { who, first, amount },
        3 => Op::Capture { of, amount },
        4 => Op::Void { of },
        5 => Op::Expire { of },
        6 => Op::Refund { who, amount },
        _ => Op::Again { of },
    }
}

fn play(tx: &mut Tx<'_>, ops: &[Op]) -> Result<Result<(), String>, BookError> {
    let mut purses = [Purse::default(); CUSTOMERS];
    let mut past: Vec<Option<Past>> = Vec::new();
    let mut holds: Vec<Option<HoldId>> = Vec::new();
    for who in 0..CUSTOMERS {
        open_customer(tx, customer(who))?;
    }
    for (number, op) in ops.iter().enumerate() {
        let expected = expect(*op, number, &mut purses, &mut past);
        let answered = match really(tx, ops, number, &mut holds) {
            Ok(answer) => answer,
            Err(LedgerError::Book(error)) => return Err(error),
            Err(error) => return Ok(Err(format!("operation {number}, {op:?}: {error:?}"))),
        };
        if answered != expected {
            return Ok(Err(format!("operation {number}, {op:?}: {answered:?}, not {expected:?}")));
        }
        for (who, purse) in purses.iter().enumerate() {
            let wallet = balances(tx, customer(who))?;
            let free = wallet.cash.free.get() + wallet.bonus.free.get();
            let found = Purse { free, held: wallet.on_hold().get() };
            if found != *purse || wallet.frozen {
                let told =
                    format!("operation {number}, {op:?}: {who} has {found:?}, not {purse:?}");
                return Ok(Err(told));
            }
        }
    }
    // A play has no orders: only the ledger itself is asked.
    let report = audit_ledger(tx)?;
    let is_sound = report.is_sound() && report.trial.is_zero();
    Ok(if is_sound { Ok(()) } else { Err(format!("the book is not sound: {report:?}")) })
}

/// The model: what must come of an operation.
fn expect(
    op: Op,
    number: usize,
    purses: &mut [Purse; CUSTOMERS],
    past: &mut Vec<Option<Past>>,
) -> Answer {
    let answer = match op {
        Op::Grant { amount, .. } | Op::Refund { amount, .. } | Op::Hold { amount, .. }
            if !(1..=Kopecks::OPERATION_MAX.get()).contains(&amount) =>
        {
            Answer::BadAmount
        }
        Op::Grant { who, amount, .. } | Op::Refund { who, amount } => {
            purses[who].free += amount;
            Answer::Done
        }
        Op::Hold { who, amount, .. } if amount > purses[who].free => {
            Answer::NotEnough { missing: amount - purses[who].free }
        }
        Op::Hold { who, amount, .. } => {
            purses[who] =
                Purse { free: purses[who].free - amount, held: purses[who].held + amount };
            past.push(Some(Past::Hold { who, amount, open: true }));
            return Answer::Done;
        }
        Op::Capture { amount, .. } if amount < 1 => Answer::BadAmount,
        Op::Capture { of, amount } => end(of, amount, purses, past),
        Op::Void { of } | Op::Expire { of } => end(of, 0, purses, past),
        Op::Again { of } => match past.get(of) {
            Some(Some(_)) => Answer::Replayed,
            _ => Answer::NoHold,
        },
    };
    debug_assert_eq!(past.len(), number, "one entry for each operation");
    let is_repeatable = answer == Answer::Done && !matches!(op, Op::Again { .. });
    past.push(is_repeatable.then_some(Past::Other));
    answer
}

fn end(
    of: usize,
    captured: i64,
    purses: &mut [Purse; CUSTOMERS],
    past: &mut [Option<Past>],
) -> Answer {
    let Some(Some(Past::Hold { who, amount, open })) = past.get_mut(of) else {
        return Answer::NoHold;
    };
    match *open {
        false => Answer::Ended,
        true if captured > *amount => Answer::AboveHold,
        true => {
            *open = false;
            purses[*who].held -= *amount;
            purses[*who].free += *amount - captured;
            Answer::Done
        }
    }
}

/// The real book's answer to the operation of this number.
fn really(
    tx: &mut Tx<'_>,
    ops: &[Op],
    number: usize,
    holds: &mut Vec<Option<HoldId>>,
) -> Result<Answer, LedgerError> {
    let told = match ops[number] {
        // A repeated request of one that was refused would be a new one.
        Op::Again { of } => match holds.get(of).copied().flatten() {
            Some(_) => ask(tx, ops, of, holds),
            None => Err(LedgerError::UnknownHold),
        },
        _ => ask(tx, ops, number, holds),
    };
    let done = matches!(&told, Ok((false, _)));
    let id = told.as_ref().ok().and_then(|(_, id)| *id);
    let is_new = done && !matches!(ops[number], Op::Again { .. });
    holds.push(is_new.then(|| id.unwrap_or_else(nobody)));
    match told {
        Ok((false, _)) => Ok(Answer::Done),
        Ok((true, _)) => Ok(Answer::Replayed),
        Err(LedgerError::NotEnough { missing, .. }) => {
            Ok(Answer::NotEnough { missing: missing.get() })
        }
        Err(LedgerError::AboveHold { .. }) => Ok(Answer::AboveHold),
        Err(LedgerError::AlreadyResolved { .. }) => Ok(Answer::Ended),
        Err(LedgerError::UnknownHold) => Ok(Answer::NoHold),
        Err(LedgerError::Rule(RuleError::AmountNotPositive | RuleError::AmountTooLarge)) => {
            Ok(Answer::BadAmount)
        }
        Err(error) => Err(error),
    }
}

/// Asks the book; whether it was asked before, and the hold that was made.
fn ask(
    tx: &mut Tx<'_>,
    ops: &[Op],
    number: usize,
    holds: &[Option<HoldId>],
) -> Result<(bool, Option<HoldId>), LedgerError> {
    let key = IdempotencyKey::new(format!("op-{number}")).expect("plain ASCII");
    let at = Timestamp(1_790_000_000_000 + i64::try_from(number).unwrap_or_default());
    let moved = |kind, debit, credit, amount: i64| NewTransfer {
        kind,
        debit,
        credit,
        amount: Kopecks::new(amount).into(),
        key: key.clone(),
        order: None,
        payment: None,
        actor: Actor::System,
        memo: None,
        at,
    };
    let ended = |of: usize| Resolution {
        hold: holds.get(of).copied().flatten().unwrap_or_else(nobody),
        key: key.clone(),
        actor: Actor::System,
        memo: None,
        at,
    };
    match ops[number] {
        Op::Grant { who, pocket, amount } => {
            let (debit, credit) =
                (Account::Expense(Expense::Promo), Account::Customer(customer(who), pocket));
            Ok((post(tx, &moved(TransferKind::Grant, debit, credit, amount))?.replayed, None))
        }
        Op::Refund { who, amount } => {
            let (debit, credit) = (Account::Revenue(Sale::Image), Account::cash(customer(who)));
            Ok((post(tx, &moved(TransferKind::Refund, debit, credit, amount))?.replayed, None))
        }
        Op::Hold { who, first, amount } => {
            let new = NewHold {
                kind: TransferKind::Order,
                customer: customer(who),
                first,
                amount: Kopecks::new(amount),
                credit: Account::Revenue(Sale::Image),
                key,
                order: None,
                payment: None,
                actor: Actor::Customer,
                expires_at: Timestamp(at.0 + 60_000),
                at,
            };
            let receipt = hold(tx, &new)?;
            Ok((receipt.replayed(), Some(receipt.id())))
        }
        Op::Capture { of, amount } => {
            Ok((capture(tx, &ended(of), Kopecks::new(amount))?.replayed, None))
        }
        Op::Void { of } => Ok((void(tx, &ended(of))?.replayed, None)),
        Op::Expire { of } => Ok((expire(tx, &ended(of))?.replayed, None)),
        // Repeats lead to the request itself, never to another repeat.
        Op::Again { .. } => Err(LedgerError::UnknownHold),
    }
}

fn customer(who: usize) -> CustomerId {
    CustomerId(100 + i64::try_from(who).unwrap_or_default())
}

/// The id of a hold that nobody made.
fn nobody() -> HoldId {
    HoldId(TransferId::from_slice(&[9; 16]).expect("sixteen bytes"))
}
