//! How a price is taken from two pockets, and how a capture is shared over what they gave.

use crate::money::Kopecks;

use super::{Pocket, Wallet};

/// Which pockets pay, and in which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PocketOrder {
    /// Bonus as far as it goes, then cash.
    BonusFirst,
    /// Cash as far as it goes, then bonus.
    CashFirst,
    /// One pocket alone.
    Only(Pocket),
}

/// What one pocket gives to a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldLeg {
    /// The pocket.
    pub pocket: Pocket,
    /// How much of it is reserved.
    pub amount: Kopecks,
}

/// What becomes of one leg of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegShare {
    /// Charged.
    pub captured: Kopecks,
    /// Back in the pocket it came from.
    pub released: Kopecks,
}

/// The pockets together cannot pay the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the wallet has {free}, {missing} are missing")]
pub struct NotEnough {
    /// What the allowed pockets have.
    pub free: Kopecks,
    /// What is missing to the price.
    pub missing: Kopecks,
}

impl PocketOrder {
    /// The pockets in the order in which they pay.
    pub const fn pockets(self) -> &'static [Pocket] {
        match self {
            Self::BonusFirst => &[Pocket::Bonus, Pocket::Cash],
            Self::CashFirst => &[Pocket::Cash, Pocket::Bonus],
            Self::Only(Pocket::Cash) => &[Pocket::Cash],
            Self::Only(Pocket::Bonus) => &[Pocket::Bonus],
        }
    }
}

/// Splits a positive price over the pockets that the order allows; pockets that give nothing have
/// no leg.
///
/// # Errors
/// [`NotEnough`] when they cannot pay it together.
pub fn split_price(
    wallet: &Wallet,
    price: Kopecks,
    first: PocketOrder,
) -> Result<Vec<HoldLeg>, NotEnough> {
    let free_of = |pocket: &Pocket| wallet.pocket(*pocket).free.max(Kopecks::ZERO);
    let mut legs = Vec::with_capacity(2);
    let mut missing = price;
    for pocket in first.pockets() {
        let amount = free_of(pocket).min(missing);
        if amount.is_positive() {
            legs.push(HoldLeg { pocket: *pocket, amount });
            missing = amount.missing_to(missing);
        }
    }
    if missing.is_positive() {
        return Err(NotEnough { free: first.pockets().iter().map(free_of).sum(), missing });
    }
    Ok(legs)
}

/// Takes `amount` from the legs in the order in which they were held; what is left of each goes back
/// where it came from. `None` when the legs hold less.
pub fn share_capture(held: &[Kopecks], amount: Kopecks) -> Option<Vec<LegShare>> {
    let mut missing = amount;
    let shares = held
        .iter()
        .map(|leg| {
            let captured = (*leg).min(missing);
            missing = captured.missing_to(missing);
            LegShare { captured, released: captured.missing_to(*leg) }
        })
        .collect();
    (!missing.is_positive()).then_some(shares)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ledger::Balance;

    fn wallet(cash: i64, bonus: i64) -> Wallet {
        let free = |kopecks| Balance { free: Kopecks::new(kopecks), held: Kopecks::ZERO };
        Wallet { cash: free(cash), bonus: free(bonus), frozen: false }
    }

    fn legs(split: Result<Vec<HoldLeg>, NotEnough>) -> Vec<(Pocket, i64)> {
        split.expect("enough money").into_iter().map(|leg| (leg.pocket, leg.amount.get())).collect()
    }

    #[test]
    fn the_order_decides_which_pocket_pays_first() {
        use Pocket::{Bonus, Cash};
        let price = Kopecks::new(50);
        let split = |first| split_price(&wallet(40, 30), price, first);
        assert_eq!(legs(split(PocketOrder::BonusFirst)), [(Bonus, 30), (Cash, 20)]);
        assert_eq!(legs(split(PocketOrder::CashFirst)), [(Cash, 40), (Bonus, 10)]);
        let short = NotEnough { free: Kopecks::new(40), missing: Kopecks::new(10) };
        assert_eq!(split(PocketOrder::Only(Cash)), Err(short));
    }

    #[test]
    fn an_empty_pocket_has_no_leg() {
        let split = split_price(&wallet(50, 0), Kopecks::new(50), PocketOrder::BonusFirst);
        assert_eq!(legs(split), [(Pocket::Cash, 50)]);
    }

    proptest! {
        #[test]
        fn a_split_adds_up_and_takes_no_more_than_there_is(
            cash in -5_i64..100, bonus in 0_i64..100, price in 1_i64..250, bonus_first: bool,
        ) {
            let first =
                if bonus_first { PocketOrder::BonusFirst } else { PocketOrder::CashFirst };
            let wallet = wallet(cash, bonus);
            match split_price(&wallet, Kopecks::new(price), first) {
                Ok(legs) => {
                    prop_assert_eq!(legs.iter().map(|leg| leg.amount.get()).sum::<i64>(), price);
                    for leg in legs {
                        prop_assert!(leg.amount.is_positive());
                        prop_assert!(leg.amount <= wallet.pocket(leg.pocket).free);
                    }
                }
                Err(short) => {
                    prop_assert_eq!(short.free.get(), cash.max(0) + bonus);
                    prop_assert_eq!(short.free.get() + short.missing.get(), price);
                }
            }
        }

        #[test]
        fn a_capture_takes_earlier_legs_first_and_loses_nothing(
            held in proptest::collection::vec(1_i64..100, 1..3), amount in 1_i64..250,
        ) {
            let total: i64 = held.iter().sum();
            let held: Vec<_> = held.into_iter().map(Kopecks::new).collect();
            match share_capture(&held, Kopecks::new(amount)) {
                None => prop_assert!(amount > total),
                Some(shares) => {
                    let captured: i64 = shares.iter().map(|share| share.captured.get()).sum();
                    prop_assert_eq!(captured, amount);
                    for (leg, share) in held.iter().zip(&shares) {
                        prop_assert_eq!(share.captured.get() + share.released.get(), leg.get());
                    }
                    let first_left = shares.iter().position(|share| share.released.is_positive());
                    if let Some(first_left) = first_left {
                        let later = &shares[first_left + 1..];
                        prop_assert!(later.iter().all(|share| share.captured == Kopecks::ZERO));
                    }
                }
            }
        }
    }
}
