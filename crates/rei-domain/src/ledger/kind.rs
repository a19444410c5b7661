//! The reasons for which money moves, and between which accounts each may move it.

use std::fmt;

use super::{Account, Expense, Pocket};

/// Why money moves. It decides between which accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransferKind {
    /// A customer pays for a result: held, then captured or released.
    Order,
    /// Money came in.
    Topup,
    /// Money came in and nobody could be credited.
    Unknown,
    /// The owner gives money or bonus by hand.
    Grant,
    /// A present that the product gives by its own rules: a welcome, an invitation.
    Gift,
    /// A promo code.
    Promo,
    /// A correction by an admin, in either direction.
    Adjust,
    /// Money goes back: from revenue to the customer, or from the customer to the payment system.
    Refund,
    /// Money that was sent back past us, in the merchant's profile. May overdraw the wallet.
    ForeignRefund,
    /// The bank took a payment back. May overdraw the wallet.
    Chargeback,
    /// What a payment system kept.
    Fee,
    /// What a provider's work cost.
    Cost,
    /// The cost of a result that came too late to be charged.
    LateLoss,
}

impl TransferKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Order,
        Self::Topup,
        Self::Unknown,
        Self::Grant,
        Self::Gift,
        Self::Promo,
        Self::Adjust,
        Self::Refund,
        Self::ForeignRefund,
        Self::Chargeback,
        Self::Fee,
        Self::Cost,
        Self::LateLoss,
    ];

    /// Whether a transfer of this kind may go from `debit` to `credit`.
    pub fn allows(self, debit: &Account, credit: &Account) -> bool {
        use Account as A;
        use Pocket::{Bonus, Cash};
        match self {
            Self::Order => matches!((debit, credit), (A::Customer(..), A::Revenue(_))),
            Self::Topup => {
                matches!((debit, credit), (A::Clearing(_) | A::Suspense, A::Customer(_, Cash)))
            }
            Self::Unknown => matches!((debit, credit), (A::Clearing(_), A::Suspense)),
            Self::Grant => {
                matches!((debit, credit), (A::Expense(Expense::Promo) | A::Adjust, A::Customer(..)))
            }
            Self::Gift | Self::Promo => {
                matches!((debit, credit), (A::Expense(Expense::Promo), A::Customer(_, Bonus)))
            }
            Self::Adjust => matches!(
                (debit, credit),
                (A::Adjust, A::Customer(..)) | (A::Customer(..), A::Adjust)
            ),
            Self::Refund => matches!(
                (debit, credit),
                (A::Revenue(_), A::Customer(..))
                    | (A::Customer(_, Cash) | A::Suspense, A::Clearing(_))
            ),
            Self::ForeignRefund | Self::Chargeback => {
                matches!((debit, credit), (A::Customer(_, Cash) | A::Suspense, A::Clearing(_)))
            }
            Self::Fee => {
                matches!((debit, credit), (A::Expense(Expense::Fees), A::Clearing(_)))
            }
            Self::Cost => match (debit, credit) {
                (A::Cost(of), A::Payable(to)) => of == to,
                _ => false,
            },
            Self::LateLoss => matches!(
                (debit, credit),
                (A::Expense(Expense::LateLoss), A::Cost(_) | A::Payable(_))
            ),
        }
    }

    /// Whether money may be reserved by it before it moves.
    pub const fn may_be_held(self) -> bool {
        matches!(self, Self::Order | Self::Refund)
    }

    /// Whether it happened outside already, so that it is booked even if the wallet cannot pay.
    pub const fn may_overdraw(self) -> bool {
        matches!(self, Self::ForeignRefund | Self::Chargeback)
    }

    /// The word under which the book stores it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Topup => "topup",
            Self::Unknown => "unknown",
            Self::Grant => "grant",
            Self::Gift => "gift",
            Self::Promo => "promo",
            Self::Adjust => "adjust",
            Self::Refund => "refund",
            Self::ForeignRefund => "foreign_refund",
            Self::Chargeback => "chargeback",
            Self::Fee => "fee",
            Self::Cost => "cost",
            Self::LateLoss => "late_loss",
        }
    }

    /// Reads the book's word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for TransferKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CustomerId;
    use crate::ledger::{Rail, Sale};

    #[test]
    fn words_come_back_as_kinds() {
        for kind in TransferKind::ALL {
            assert_eq!(TransferKind::from_word(kind.as_str()), Some(kind));
        }
        assert_eq!(TransferKind::from_word("present"), None);
    }

    #[test]
    fn bonus_never_leaves_through_a_payment_system() {
        let bonus = Account::bonus(CustomerId(7));
        let outside = Account::Clearing(Rail::YooKassa);
        assert!(TransferKind::ALL.iter().all(|kind| !kind.allows(&bonus, &outside)));
    }

    #[test]
    fn nothing_moves_from_one_customer_to_another() {
        let (anna, boris) = (Account::cash(CustomerId(7)), Account::cash(CustomerId(8)));
        assert!(TransferKind::ALL.iter().all(|kind| !kind.allows(&anna, &boris)));
    }

    #[test]
    fn only_an_order_earns_revenue() {
        let anna = Account::cash(CustomerId(7));
        let revenue = Account::Revenue(Sale::Image);
        let earning: Vec<_> =
            TransferKind::ALL.into_iter().filter(|kind| kind.allows(&anna, &revenue)).collect();
        assert_eq!(earning, [TransferKind::Order]);
    }
}
