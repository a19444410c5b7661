//! A payment system in memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::future::{BoxFuture, ready};
use rei_domain::clock::Timestamp;
use rei_domain::ids::{PaymentId, RefundId};
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::payment::RailRules;
use rei_storage::payments::{OffsetRow, PaymentRow, RefundRow};

use crate::payments::rail::{
    Ask, Looked, Movement, MovementKind, OffsetAsk, OffsetLooked, Paid, PaymentRail, RailError,
    Receipts, RefundAsk, RefundLooked, RefundUnasked,
};

/// What the next request for a refund or an offset receipt meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meets {
    /// It is taken and done.
    Success,
    /// It is taken and not done yet.
    Pending,
    /// It is taken and done, and the answer is lost.
    LostAnswer,
    /// It does not arrive.
    Nobody,
    /// It is refused.
    Refusal,
    /// It is refused until the owner mends a setting.
    WrongKey,
}

/// An offset receipt there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetThere {
    /// The payment's name.
    pub payment: String,
    /// How much.
    pub amount: Kopecks,
    /// What was handed over.
    pub item: String,
    /// `pending`, `succeeded` or `canceled`.
    pub status: &'static str,
}

/// A payment there.
#[derive(Clone, Debug)]
pub struct There {
    /// How much.
    pub amount: Kopecks,
    /// Ours.
    pub ours: Option<PaymentId>,
    /// Whether it was made.
    pub is_done: bool,
    /// How its receipt stands.
    pub receipt: Option<String>,
    /// When it was created.
    pub at: Timestamp,
}

/// A refund there.
#[derive(Clone, Debug)]
pub struct RefundThere {
    /// The payment's name.
    pub payment: String,
    /// How much.
    pub amount: Kopecks,
    /// Ours.
    pub ours: Option<RefundId>,
    /// `pending`, `succeeded` or `canceled`.
    pub status: &'static str,
    /// When it was created.
    pub at: Timestamp,
}

#[derive(Default)]
pub struct State {
    pub payments: BTreeMap<String, There>,
    pub refunds: BTreeMap<String, RefundThere>,
    pub meets: VecDeque<Meets>,
    /// Which receipts it makes; none when not said.
    pub receipts: Option<Receipts>,
    /// Offset receipts by their keys.
    pub offsets: BTreeMap<String, OffsetThere>,
    pub meets_offsets: VecDeque<Meets>,
    /// Keys and bytes of the requests for offset receipts, as they arrived.
    pub asked_offsets: Vec<(String, Vec<u8>)>,
    /// Keys and bytes of the requests for refunds, as they arrived.
    pub asked: Vec<(String, Vec<u8>)>,
    /// How often a payment was asked for.
    pub opened: usize,
    pub is_down: bool,
    pub now: Timestamp,
}

#[derive(Default)]
pub struct FakeRail(Mutex<State>);

impl FakeRail {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer<T>(&self, answer: impl FnOnce(&State) -> T) -> Result<T, RailError> {
        let state = self.state();
        match state.is_down {
            true => Err(RailError::again("nobody is there")),
            false => Ok(answer(&state)),
        }
    }
}

fn looked(name: &str, refund: &RefundThere) -> RefundLooked {
    let provider_id = name.to_owned();
    match refund.status {
        "succeeded" => RefundLooked::Succeeded { provider_id },
        "canceled" => RefundLooked::Cancelled {
            provider_id: Some(provider_id),
            reason: "insufficient_funds".to_owned(),
        },
        _ => RefundLooked::Pending { provider_id },
    }
}

fn offset_looked(key: &str, there: &OffsetThere) -> OffsetLooked {
    let provider_id = format!("rt-{key}");
    match there.status {
        "succeeded" => OffsetLooked::Registered { provider_id },
        "canceled" => OffsetLooked::Cancelled { provider_id },
        _ => OffsetLooked::Pending { provider_id },
    }
}

fn movement(name: &str, refund: &RefundThere) -> Movement {
    Movement {
        kind: MovementKind::Refund {
            provider_id: name.to_owned(),
            payment: refund.payment.clone(),
            ours: refund.ours,
        },
        amount: Some(refund.amount),
        is_done: refund.status == "succeeded",
        at: refund.at,
    }
}

impl PaymentRail for FakeRail {
    fn rules(&self) -> RailRules {
        RailRules {
            rail: Rail::YooKassa,
            min: Kopecks::from_rubles(1),
            max: Kopecks::from_rubles(100_000),
            unit: None,
        }
    }

    fn is_test(&self) -> bool {
        true
    }

    fn request(&self, ask: &Ask<'_>) -> Result<Vec<u8>, String> {
        Ok(format!("pay {} for {}", ask.amount.get(), ask.id).into_bytes())
    }

    fn open<'a>(&'a self, row: &'a PaymentRow) -> BoxFuture<'a, Result<Looked, RailError>> {
        self.state().opened += 1;
        self.look(row, None)
    }

    fn look<'a>(
        &'a self,
        row: &'a PaymentRow,
        candidate: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Looked, RailError>> {
        let answer = self.answer(|state| {
            let name = row.provider_id.as_deref().or(candidate);
            let ours = || state.payments.iter().find(|(_, there)| there.ours == Some(row.id));
            let found = match name {
                Some(name) => state.payments.get_key_value(name),
                None => ours(),
            };
            let Some((name, there)) = found else { return Looked::Missing };
            let provider_id = name.clone();
            if !there.is_done {
                return Looked::Waiting { provider_id: Some(provider_id), link: None };
            }
            if there.amount != row.amount || there.ours != Some(row.id) {
                return Looked::Differs { provider_id, amount: Some(there.amount), why: "amount" };
            }
            let (amount, receipt) = (there.amount, there.receipt.clone());
            Looked::Paid(Paid { provider_id, amount, fee: Some(Kopecks::new(35)), receipt })
        });
        Box::pin(ready(answer))
    }

    fn refund_request(&self, ask: &RefundAsk<'_>) -> Result<Vec<u8>, RefundUnasked> {
        Ok(format!("{} of {}", ask.amount.get(), ask.payment.number).into_bytes())
    }

    fn refund<'a>(
        &'a self,
        payment: &'a PaymentRow,
        refund: &'a RefundRow,
    ) -> BoxFuture<'a, Result<RefundLooked, RailError>> {
        let mut state = self.state();
        let meets = state.meets.pop_front().unwrap_or(Meets::Success);
        if meets == Meets::Nobody || state.is_down {
            return Box::pin(ready(Err(RailError::again("nobody is there"))));
        }
        let request = refund.request.clone().unwrap_or_default();
        state.asked.push((refund.key.clone(), request));
        if meets == Meets::Refusal {
            let refused = RailError::Refused { why: "forbidden".to_owned(), owner: true };
            return Box::pin(ready(Err(refused)));
        }
        let name = format!("r-{}", refund.key);
        let status = if meets == Meets::Pending { "pending" } else { "succeeded" };
        let at = state.now;
        let made = state.refunds.entry(name.clone()).or_insert(RefundThere {
            payment: payment.provider_id.clone().unwrap_or_default(),
            amount: refund.amount,
            ours: Some(refund.id),
            status,
            at,
        });
        let answer = match meets {
            Meets::LostAnswer => Err(RailError::again("the answer was lost")),
            _ => Ok(looked(&name, made)),
        };
        Box::pin(ready(answer))
    }

    fn look_at_refund<'a>(
        &'a self,
        _payment: &'a PaymentRow,
        refund: &'a RefundRow,
    ) -> BoxFuture<'a, Result<RefundLooked, RailError>> {
        let answer = self.answer(|state| {
            let mut all = state.refunds.iter();
            let found = all.find(|(_, there)| there.ours == Some(refund.id));
            found.map_or(RefundLooked::Missing, |(name, there)| looked(name, there))
        });
        Box::pin(ready(answer))
    }

    fn find_refund<'a>(
        &'a self,
        provider_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Movement>, RailError>> {
        let answer = self.answer(|state| {
            state.refunds.get(provider_id).map(|there| movement(provider_id, there))
        });
        Box::pin(ready(answer))
    }

    fn movements(
        &self,
        from: Timestamp,
        upto: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<Movement>, RailError>> {
        let answer = self.answer(|state| {
            let payments = state.payments.iter().map(|(name, there)| Movement {
                kind: MovementKind::Payment { provider_id: name.clone(), ours: there.ours },
                amount: Some(there.amount),
                is_done: there.is_done,
                at: there.at,
            });
            let refunds = state.refunds.iter().map(|(name, there)| movement(name, there));
            let all = payments.chain(refunds);
            all.filter(|movement| (from..upto).contains(&movement.at)).collect()
        });
        Box::pin(ready(answer))
    }

    fn receipts(&self) -> Receipts {
        self.state().receipts.unwrap_or(Receipts::None)
    }

    fn offset_request(&self, ask: &OffsetAsk<'_>) -> Result<Vec<u8>, String> {
        Ok(format!("{} of {} to {}: {}", ask.amount.get(), ask.payment.number, ask.email, ask.item)
            .into_bytes())
    }

    fn offset<'a>(
        &'a self,
        payment: &'a PaymentRow,
        row: &'a OffsetRow,
    ) -> BoxFuture<'a, Result<OffsetLooked, RailError>> {
        let mut state = self.state();
        let meets = state.meets_offsets.pop_front().unwrap_or(Meets::Success);
        if meets == Meets::Nobody || state.is_down {
            return Box::pin(ready(Err(RailError::again("nobody is there"))));
        }
        state.asked_offsets.push((row.key.clone(), row.request.clone().unwrap_or_default()));
        if matches!(meets, Meets::Refusal | Meets::WrongKey) {
            let owner = meets == Meets::WrongKey;
            let refused = RailError::Refused { why: "invalid_request".to_owned(), owner };
            return Box::pin(ready(Err(refused)));
        }
        let status = if meets == Meets::Success { "succeeded" } else { "pending" };
        let made = state.offsets.entry(row.key.clone()).or_insert(OffsetThere {
            payment: payment.provider_id.clone().unwrap_or_default(),
            amount: row.amount,
            item: row.item.clone(),
            status,
        });
        let answer = match meets {
            Meets::LostAnswer => Err(RailError::again("the answer was lost")),
            _ => Ok(offset_looked(&row.key, made)),
        };
        Box::pin(ready(answer))
    }

    fn look_at_offset<'a>(
        &'a self,
        payment: &'a PaymentRow,
        row: &'a OffsetRow,
    ) -> BoxFuture<'a, Result<OffsetLooked, RailError>> {
        let name = payment.provider_id.clone().unwrap_or_default();
        let answer = self.answer(|state| {
            let mut all = state.offsets.iter();
            let found = all.find(|(_, it)| it.payment == name && it.item == row.item);
            found.map(|(key, there)| match there.status {
                "broken" => {
                    Err(RailError::Refused { why: "no such receipt".to_owned(), owner: false })
                }
                _ => Ok(offset_looked(key, there)),
            })
        });
        let answer = answer.and_then(|found| found.unwrap_or(Ok(OffsetLooked::Missing)));
        Box::pin(ready(answer))
    }
}
