//! What each kind of transfer is called by people, and what it does to the money they can spend.

use rei_domain::ids::CustomerId;
use rei_domain::ledger::{Account, Money, Phase, Pocket, Rail, Transfer, TransferKind};
use rei_domain::money::Kopecks;
use rei_texts::ReportText;

use crate::presents::{FIRST_TOPUP_MEMO, TAKEN_BACK_MEMO, WELCOME_MEMO};

/// What people call the order and the payment of a transfer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    /// The order's number; 0 for none.
    pub(super) order: i64,
    /// The payment's number; 0 for none.
    pub(super) payment: i64,
    /// What a capture left of its hold.
    pub(super) returned: Kopecks,
}

/// What a transfer is called.
pub(super) fn said(transfer: &Transfer, numbers: &Numbers, customer: CustomerId) -> ReportText {
    use TransferKind as K;
    let (number, rail) = (numbers.order, rail(transfer));
    let is_back = transfer.kind == K::Refund;
    match transfer.phase {
        Phase::Hold if is_back => ReportText::SaidHeldOut { rail },
        Phase::Hold => ReportText::SaidHeld { number },
        Phase::Capture if is_back => ReportText::SaidSentOut { rail },
        Phase::Capture if numbers.returned.is_positive() => {
            ReportText::SaidChargedPart { number, returned: numbers.returned }
        }
        Phase::Capture => ReportText::SaidCharged { number },
        Phase::Void | Phase::Expire if is_back => ReportText::SaidOutFailed { rail },
        // A leg that a partial capture left whole: the result came, this part of the price was not needed.
        Phase::Void if transfer.total > 0 => ReportText::SaidReturned { number },
        Phase::Void => ReportText::SaidReleased { number },
        Phase::Expire => ReportText::SaidExpired { number },
        Phase::Post => posted(transfer, numbers, customer),
    }
}

fn posted(transfer: &Transfer, numbers: &Numbers, customer: CustomerId) -> ReportText {
    use TransferKind as K;
    let is_taken = transfer.debit.customer() == Some(customer);
    let (number, rail) = (numbers.order, rail(transfer));
    let memo = transfer.memo.as_deref().unwrap_or("—");
    match transfer.kind {
        K::Topup if transfer.debit == Account::Suspense => ReportText::SaidFound {},
        K::Topup => ReportText::SaidTopup { rail, number: numbers.payment },
        K::Grant => ReportText::SaidGranted { reason: memo.to_owned() },
        K::Gift if memo == WELCOME_MEMO => ReportText::SaidWelcome {},
        K::Gift if memo == FIRST_TOPUP_MEMO => ReportText::SaidFirstTopup {},
        K::Gift => ReportText::SaidGift {},
        K::Promo => ReportText::SaidPromo { code: memo.to_owned() },
        K::Adjust if memo == TAKEN_BACK_MEMO => ReportText::SaidBonusBack {},
        K::Adjust if is_taken => ReportText::SaidTaken { reason: memo.to_owned() },
        K::Adjust => ReportText::SaidAdded { reason: memo.to_owned() },
        K::Refund if is_taken => ReportText::SaidPaidBack { rail },
        K::Refund => ReportText::SaidReturned { number },
        K::ForeignRefund => ReportText::SaidForeignRefund { rail },
        K::Chargeback => ReportText::SaidChargeback {},
        // None of these touches a customer's wallet at once.
        K::Order | K::Unknown | K::Fee | K::Cost | K::LateLoss => ReportText::SaidOther {},
    }
}

/// What a transfer does to what the customer can spend; `returned`: what a capture left of its hold.
pub(super) fn change(transfer: &Transfer, customer: CustomerId, returned: Kopecks) -> Kopecks {
    let sum = rubles(transfer).get();
    match transfer.phase {
        Phase::Hold => Kopecks::new(-sum),
        Phase::Capture => returned,
        Phase::Void | Phase::Expire => Kopecks::new(sum),
        Phase::Post if transfer.debit.customer() == Some(customer) => Kopecks::new(-sum),
        Phase::Post => Kopecks::new(sum),
    }
}

/// The sum; customers have rubles only.
pub(super) fn rubles(transfer: &Transfer) -> Kopecks {
    match transfer.amount {
        Money::Rub(sum) => sum,
        Money::Usd(_) => Kopecks::ZERO,
    }
}

/// The pocket that a transfer is about.
pub(super) fn pocket(transfer: &Transfer) -> Pocket {
    transfer.tracked().and_then(Account::pocket).unwrap_or(Pocket::Cash)
}

fn rail(transfer: &Transfer) -> String {
    let rail = [&transfer.debit, &transfer.credit].into_iter().find_map(|account| match account {
        Account::Clearing(rail) => Some(*rail),
        _ => None,
    });
    rail.unwrap_or(Rail::YooKassa).as_str().to_owned()
}
