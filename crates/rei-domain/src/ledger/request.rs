//! What may be asked of the book, and when the asking itself is wrong.

use crate::clock::Timestamp;
use crate::ids::{CustomerId, OrderId, TransferId};
use crate::money::Kopecks;

use super::{
    Account, Actor, Currency, HoldId, HoldLeg, LegShare, Money, Phase, PocketOrder, RequestHash,
    Transfer, TransferKind,
};

/// Names one request for ever: repeating it with the same contents gives the first result again,
/// with other contents it is refused. Begins with the id of its subject (`<order>:hold`), so that
/// the index over keys grows at one end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The longest key, in bytes.
    pub const BYTES_MAX: usize = 120;

    /// Takes 1 to [`Self::BYTES_MAX`] visible ASCII characters.
    ///
    /// # Errors
    /// [`RuleError::BadKey`] for anything else.
    pub fn new(key: impl Into<String>) -> Result<Self, RuleError> {
        let key = key.into();
        let fits = (1..=Self::BYTES_MAX).contains(&key.len())
            && key.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(key)) } else { Err(RuleError::BadKey) }
    }

    /// The key of one step of an order: `<order>:<step>`.
    pub fn of(order: OrderId, step: &str) -> Self {
        Self(format!("{order}:{step}"))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key under which a leg of the request is stored.
    pub fn of_leg(&self, leg: usize) -> String {
        format!("{}:{leg}", self.0)
    }
}

/// Asks to move money at once.
#[derive(Clone, Debug)]
pub struct NewTransfer {
    /// Why.
    pub kind: TransferKind,
    /// The account that is debited.
    pub debit: Account,
    /// The account that is credited.
    pub credit: Account,
    /// How much.
    pub amount: Money,
    /// The name of this request.
    pub key: IdempotencyKey,
    /// The order it belongs to.
    pub order: Option<OrderId>,
    /// The payment it belongs to.
    pub payment: Option<String>,
    /// Who asks.
    pub actor: Actor,
    /// A reason for people; not a part of the request's contents.
    pub memo: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Asks to reserve a price in a customer's wallet.
#[derive(Clone, Debug)]
pub struct NewHold {
    /// Why.
    pub kind: TransferKind,
    /// Whose money.
    pub customer: CustomerId,
    /// Which pockets pay, and in which order.
    pub first: PocketOrder,
    /// How much.
    pub amount: Kopecks,
    /// Who gets it when it is captured.
    pub credit: Account,
    /// The name of this request.
    pub key: IdempotencyKey,
    /// The order it belongs to.
    pub order: Option<OrderId>,
    /// The payment it belongs to.
    pub payment: Option<String>,
    /// Who asks.
    pub actor: Actor,
    /// After this moment a sweep may release it.
    pub expires_at: Timestamp,
    /// When.
    pub at: Timestamp,
}

/// Asks to end a hold.
#[derive(Clone, Debug)]
pub struct Resolution {
    /// Which one.
    pub hold: HoldId,
    /// The name of this request.
    pub key: IdempotencyKey,
    /// Who asks.
    pub actor: Actor,
    /// A reason for people; not a part of the request's contents.
    pub memo: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// How a hold ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// This much is charged, the rest goes back.
    Capture(Kopecks),
    /// All of it goes back.
    Void,
    /// All of it goes back, because its time ran out.
    Expire,
}

/// Why a request can never be carried out: a mistake of the caller, or a sum to refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Zero or less.
    #[error("the amount is not positive")]
    AmountNotPositive,
    /// More than one operation may move.
    #[error("the amount is above the limit of one operation")]
    AmountTooLarge,
    /// Accounts and amount are not all of one currency.
    #[error("the accounts and the amount are of different currencies")]
    CurrenciesMixed,
    /// This kind of transfer does not go between these accounts.
    #[error("a transfer of kind {kind} does not go between these accounts")]
    WrongAccounts {
        /// The kind that was asked for.
        kind: TransferKind,
    },
    /// Empty, too long, or not plain ASCII.
    #[error("the idempotency key is malformed")]
    BadKey,
}

/// Checks what concerns every transfer, also one that stands in the book already.
pub(super) fn check_movement(
    kind: TransferKind,
    debit: &Account,
    credit: &Account,
    amount: Money,
) -> Result<(), RuleError> {
    if amount.minor() <= 0 {
        return Err(RuleError::AmountNotPositive);
    }
    if amount.is_too_large() {
        return Err(RuleError::AmountTooLarge);
    }
    if !kind.allows(debit, credit) {
        return Err(RuleError::WrongAccounts { kind });
    }
    if [debit.currency(), credit.currency()] != [amount.currency(); 2] {
        return Err(RuleError::CurrenciesMixed);
    }
    Ok(())
}

impl NewTransfer {
    /// Says whether it may be asked at all.
    ///
    /// # Errors
    /// [`RuleError`] names the first rule it breaks.
    pub fn check(&self) -> Result<(), RuleError> {
        check_movement(self.kind, &self.debit, &self.credit, self.amount)
    }

    /// The row that carries it out; `prev` is the transfer before it in the customer's account.
    pub fn row(&self, prev: Option<TransferId>) -> Transfer {
        let key = self.key.of_leg(0);
        hashed(Transfer {
            seq: 0,
            id: Transfer::derive_id(self.at, &key),
            phase: Phase::Post,
            kind: self.kind,
            debit: self.debit.clone(),
            credit: self.credit.clone(),
            amount: self.amount,
            total: self.amount.minor(),
            key,
            request_hash: RequestHash([0; 32]),
            hold: None,
            linked: None,
            order: self.order,
            payment: self.payment.clone(),
            actor: self.actor,
            memo: self.memo.clone(),
            prev,
            at: self.at,
        })
    }
}

impl NewHold {
    /// Says whether it may be asked at all.
    ///
    /// # Errors
    /// [`RuleError`] names the first rule it breaks.
    pub fn check(&self) -> Result<(), RuleError> {
        if !self.kind.may_be_held() {
            return Err(RuleError::WrongAccounts { kind: self.kind });
        }
        self.first.pockets().iter().try_for_each(|pocket| {
            let debit = Account::Customer(self.customer, *pocket);
            check_movement(self.kind, &debit, &self.credit, self.amount.into())
        })
    }

    /// The id that the hold will have.
    pub fn id(&self) -> HoldId {
        HoldId(Transfer::derive_id(self.at, &self.key.of_leg(0)))
    }

    /// The row of one leg.
    pub fn row(&self, index: usize, leg: HoldLeg, prev: Option<TransferId>) -> Transfer {
        let key = self.key.of_leg(index);
        hashed(Transfer {
            seq: 0,
            id: Transfer::derive_id(self.at, &key),
            phase: Phase::Hold,
            kind: self.kind,
            debit: Account::Customer(self.customer, leg.pocket),
            credit: self.credit.clone(),
            amount: leg.amount.into(),
            total: self.amount.get(),
            key,
            request_hash: RequestHash([0; 32]),
            hold: None,
            linked: Some(self.id()),
            order: self.order,
            payment: self.payment.clone(),
            actor: self.actor,
            memo: None,
            prev,
            at: self.at,
        })
    }
}

impl Resolution {
    /// The hash of this request, the same for each of its legs.
    pub fn hash(&self, verdict: Verdict) -> RequestHash {
        let phase = match verdict {
            Verdict::Capture(_) => Phase::Capture,
            Verdict::Void => Phase::Void,
            Verdict::Expire => Phase::Expire,
        };
        RequestHash::of_resolution(phase, Some(self.hold), verdict.captured().get())
    }

    /// The row that ends one leg: `held` is the leg's hold, `share` what becomes of it.
    pub fn row(
        &self,
        index: usize,
        verdict: Verdict,
        held: &Transfer,
        share: LegShare,
        prev: Option<TransferId>,
    ) -> Transfer {
        let (phase, amount) = match verdict {
            Verdict::Expire => (Phase::Expire, share.released),
            Verdict::Void => (Phase::Void, share.released),
            Verdict::Capture(_) if share.captured == Kopecks::ZERO => (Phase::Void, share.released),
            Verdict::Capture(_) => (Phase::Capture, share.captured),
        };
        let key = self.key.of_leg(index);
        Transfer {
            seq: 0,
            id: Transfer::derive_id(self.at, &key),
            phase,
            kind: held.kind,
            debit: held.debit.clone(),
            credit: held.credit.clone(),
            amount: Money::of(Currency::Rub, amount.get()),
            total: verdict.captured().get(),
            key,
            request_hash: self.hash(verdict),
            hold: Some(held.id),
            linked: Some(self.hold),
            order: held.order,
            payment: held.payment.clone(),
            actor: self.actor,
            memo: self.memo.clone(),
            prev,
            at: self.at,
        }
    }
}

impl Verdict {
    /// What the customer is charged.
    pub const fn captured(self) -> Kopecks {
        match self {
            Self::Capture(amount) => amount,
            Self::Void | Self::Expire => Kopecks::ZERO,
        }
    }
}

fn hashed(mut row: Transfer) -> Transfer {
    row.request_hash = row.expected_hash();
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Pocket, ProviderName, Rail, Sale};
    use crate::money::MicroUsd;

    const ANNA: CustomerId = CustomerId(7);

    fn topup(amount: Money) -> NewTransfer {
        NewTransfer {
            kind: TransferKind::Topup,
            debit: Account::Clearing(Rail::YooKassa),
            credit: Account::cash(ANNA),
            amount,
            key: IdempotencyKey::new("payment-1").expect("a good key"),
            order: None,
            payment: Some("payment-1".to_owned()),
            actor: Actor::System,
            memo: None,
            at: Timestamp(1_790_000_000_000),
        }
    }

    #[test]
    fn m10_negative_and_huge_amounts_are_refused() {
        let refused = |kopecks| topup(Kopecks::new(kopecks).into()).check();
        assert_eq!(refused(-1), Err(RuleError::AmountNotPositive));
        assert_eq!(refused(0), Err(RuleError::AmountNotPositive));
        assert_eq!(refused(i64::MIN), Err(RuleError::AmountNotPositive));
        assert_eq!(refused(i64::MAX), Err(RuleError::AmountTooLarge));
        assert_eq!(refused(Kopecks::OPERATION_MAX.get() + 1), Err(RuleError::AmountTooLarge));
        assert_eq!(refused(Kopecks::OPERATION_MAX.get()), Ok(()));
    }

    #[test]
    fn currencies_never_mix() {
        assert_eq!(topup(MicroUsd(5).into()).check(), Err(RuleError::CurrenciesMixed));
        let gemini = ProviderName::new("gemini").expect("a good name");
        let cost = NewTransfer {
            kind: TransferKind::Cost,
            debit: Account::Cost(gemini.clone()),
            credit: Account::Payable(gemini),
            ..topup(Kopecks::new(5).into())
        };
        assert_eq!(cost.check(), Err(RuleError::CurrenciesMixed));
    }

    #[test]
    fn a_row_keeps_the_hash_of_its_request_but_not_of_its_reason_and_time() {
        let first = topup(Kopecks::new(5_000).into()).row(None);
        let mut again = topup(Kopecks::new(5_000).into());
        again.memo = Some("again".to_owned());
        again.at = Timestamp(1_790_000_099_000);
        assert_eq!(again.row(None).request_hash, first.request_hash);
        assert_eq!(first.expected_hash(), first.request_hash);
        for other in [
            topup(Kopecks::new(5_001).into()),
            NewTransfer {
                credit: Account::cash(CustomerId(8)),
                ..topup(Kopecks::new(5_000).into())
            },
            NewTransfer { payment: None, ..topup(Kopecks::new(5_000).into()) },
        ] {
            assert_ne!(other.row(None).request_hash, first.request_hash);
        }
    }

    #[test]
    fn a_key_is_plain_and_bounded() {
        for junk in ["", "two words", "ключ", &"k".repeat(121)] {
            assert_eq!(IdempotencyKey::new(junk), Err(RuleError::BadKey), "{junk:?}");
        }
    }

    #[test]
    fn bonus_pays_for_orders_but_is_never_paid_out() {
        let hold = |kind, first, credit| NewHold {
            kind,
            customer: ANNA,
            first,
            amount: Kopecks::new(5_000),
            credit,
            key: IdempotencyKey::new("k").expect("a good key"),
            order: None,
            payment: None,
            actor: Actor::Customer,
            expires_at: Timestamp(2),
            at: Timestamp(1),
        };
        let image = Account::Revenue(Sale::Image);
        let kassa = Account::Clearing(Rail::YooKassa);
        assert_eq!(
            hold(TransferKind::Order, PocketOrder::BonusFirst, image.clone()).check(),
            Ok(())
        );
        assert_eq!(
            hold(TransferKind::Refund, PocketOrder::Only(Pocket::Cash), kassa.clone()).check(),
            Ok(())
        );
        let wrong = RuleError::WrongAccounts { kind: TransferKind::Refund };
        assert_eq!(hold(TransferKind::Refund, PocketOrder::CashFirst, kassa).check(), Err(wrong));
        let wrong = RuleError::WrongAccounts { kind: TransferKind::Topup };
        assert_eq!(hold(TransferKind::Topup, PocketOrder::CashFirst, image).check(), Err(wrong));
    }
}
