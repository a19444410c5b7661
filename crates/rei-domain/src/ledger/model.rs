//! The book as a child would keep it: a few maps and no database. Property tests play the same
//! operations against it and against the real one and compare answers and balances.

use std::collections::BTreeMap;

use crate::ids::CustomerId;
use crate::money::Kopecks;

use super::{Balance, HoldLeg, NotEnough, Pocket, PocketOrder, Verdict, Wallet};
use super::{share_capture, split_price};

#[expect(missing_docs, reason = "the fields are named for what they are")]
/// Something to do. `key` names the request, `hold` is the key of the request that made the hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// The owner gives money.
    Give { key: u8, customer: CustomerId, pocket: Pocket, amount: Kopecks },
    /// An admin takes money.
    Take { key: u8, customer: CustomerId, pocket: Pocket, amount: Kopecks },
    /// A bank takes money, whether it is there or not.
    Chargeback { key: u8, customer: CustomerId, amount: Kopecks },
    /// An order reserves its price.
    Hold { key: u8, customer: CustomerId, first: PocketOrder, price: Kopecks },
    /// A hold ends.
    End { key: u8, hold: u8, verdict: Verdict },
}

/// What the book says to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Carried out.
    Done,
    /// Was carried out before.
    Replayed,
    /// The key was used for something else.
    KeyConflict,
    /// The wallet has too little.
    NotEnough(NotEnough),
    /// The wallet is in debt.
    Frozen,
    /// The hold was resolved by another request.
    AlreadyResolved,
    /// There is no such hold.
    UnknownHold,
    /// More than was held.
    AboveHold,
    /// Zero or less.
    AmountNotPositive,
}

/// The child's book.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// What everybody has.
    pub wallets: BTreeMap<CustomerId, Wallet>,
    /// Holds by key; `None` once they ended.
    pub holds: BTreeMap<u8, Option<(CustomerId, Vec<HoldLeg>)>>,
    done: BTreeMap<u8, Op>,
}

impl Model {
    /// Carries the operation out, or says why not and leaves everything as it was.
    pub fn apply(&mut self, op: &Op) -> Answer {
        let amount = match op {
            Op::Give { amount, .. } | Op::Take { amount, .. } => *amount,
            Op::Chargeback { amount, .. } | Op::Hold { price: amount, .. } => *amount,
            Op::End { verdict: Verdict::Capture(amount), .. } => *amount,
            Op::End { .. } => Kopecks::new(1),
        };
        if !amount.is_positive() {
            return Answer::AmountNotPositive;
        }
        if let Some(known) = self.done.get(&op.key()) {
            let same = known.contents() == op.contents();
            return if same { Answer::Replayed } else { Answer::KeyConflict };
        }
        match self.change(op) {
            Ok(()) => {
                self.done.insert(op.key(), op.clone());
                Answer::Done
            }
            Err(answer) => answer,
        }
    }

    fn change(&mut self, op: &Op) -> Result<(), Answer> {
        match op {
            Op::Give { customer, pocket, amount, .. } => self.add(*customer, *pocket, amount.get()),
            Op::Take { customer, pocket, amount, .. } => {
                let wallet = self.wallet(*customer);
                split_price(wallet, *amount, PocketOrder::Only(*pocket))
                    .map_err(Answer::NotEnough)?;
                self.add(*customer, *pocket, -amount.get());
            }
            Op::Chargeback { customer, amount, .. } => {
                self.add(*customer, Pocket::Cash, -amount.get());
            }
            Op::Hold { key, customer, first, price } => {
                let wallet = self.wallet(*customer);
                if wallet.frozen {
                    return Err(Answer::Frozen);
                }
                let legs = split_price(wallet, *price, *first).map_err(Answer::NotEnough)?;
                for leg in &legs {
                    self.reserve(*customer, leg.pocket, leg.amount.get());
                }
                self.holds.insert(*key, Some((*customer, legs)));
            }
            Op::End { hold, verdict, .. } => {
                let open = self.holds.get(hold).ok_or(Answer::UnknownHold)?;
                let (customer, legs) = open.clone().ok_or(Answer::AlreadyResolved)?;
                let held: Vec<_> = legs.iter().map(|leg| leg.amount).collect();
                let shares = share_capture(&held, verdict.captured()).ok_or(Answer::AboveHold)?;
                for (leg, share) in legs.iter().zip(shares) {
                    self.reserve(customer, leg.pocket, -leg.amount.get());
                    self.add(customer, leg.pocket, -share.captured.get());
                }
                self.holds.insert(*hold, None);
            }
        }
        Ok(())
    }

    fn wallet(&mut self, customer: CustomerId) -> &mut Wallet {
        self.wallets.entry(customer).or_default()
    }

    fn pocket(&mut self, customer: CustomerId, pocket: Pocket) -> &mut Balance {
        let wallet = self.wallet(customer);
        match pocket {
            Pocket::Cash => &mut wallet.cash,
            Pocket::Bonus => &mut wallet.bonus,
        }
    }

    fn add(&mut self, customer: CustomerId, pocket: Pocket, kopecks: i64) {
        let balance = self.pocket(customer, pocket);
        balance.free = Kopecks::new(balance.free.get() + kopecks);
        let wallet = self.wallet(customer);
        wallet.frozen = wallet.cash.free < Kopecks::ZERO;
    }

    fn reserve(&mut self, customer: CustomerId, pocket: Pocket, kopecks: i64) {
        self.add(customer, pocket, -kopecks);
        let balance = self.pocket(customer, pocket);
        balance.held = Kopecks::new(balance.held.get() + kopecks);
    }
}

impl Op {
    /// The name of the request.
    pub const fn key(&self) -> u8 {
        match self {
            Self::Give { key, .. } | Self::Take { key, .. } | Self::Chargeback { key, .. } => *key,
            Self::Hold { key, .. } | Self::End { key, .. } => *key,
        }
    }

    /// What the request asks for: which pockets pay is not a part of it.
    fn contents(&self) -> Self {
        match self.clone() {
            Self::Hold { key, customer, price, .. } => {
                Self::Hold { key, customer, price, first: PocketOrder::CashFirst }
            }
            other => other,
        }
    }
}
