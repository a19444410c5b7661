//! What a customer has.

use crate::money::Kopecks;

use super::Pocket;

/// One pocket: what may be spent, and what is reserved for orders under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// May be spent. Below zero only after a foreign refund or a chargeback.
    pub free: Kopecks,
    /// Reserved by open holds.
    pub held: Kopecks,
}

/// Both pockets of a customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wallet {
    /// Paid in by the customer.
    pub cash: Balance,
    /// Given by the owner.
    pub bonus: Balance,
    /// Whether a foreign refund overdrew it: no new holds until the debt is paid.
    pub frozen: bool,
}

impl Wallet {
    /// What a new order may cost: cash and bonus together, nothing while frozen.
    pub fn spendable(&self) -> Kopecks {
        if self.frozen {
            return Kopecks::ZERO;
        }
        [self.cash.free, self.bonus.free].into_iter().sum()
    }

    /// What is reserved for orders under way, in both pockets.
    pub fn on_hold(&self) -> Kopecks {
        [self.cash.held, self.bonus.held].into_iter().sum()
    }

    /// One pocket.
    pub const fn pocket(&self, pocket: Pocket) -> Balance {
        match pocket {
            Pocket::Cash => self.cash,
            Pocket::Bonus => self.bonus,
        }
    }
}
