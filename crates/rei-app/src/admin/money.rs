//! `/add`, `/sub`, `/admin_adjust`: a wallet is credited, debited or corrected by hand.

use rei_domain::ids::CustomerId;
use rei_domain::ledger::{
    Account, Actor, IdempotencyKey, Money, Pocket, PocketOrder, TransferKind, Wallet, split_price,
};
use rei_domain::money::Kopecks;
use rei_storage::ledger::{self, LedgerError, NewTransfer};
use rei_texts::{AdminText, Lang, Text};
use serde::{Deserialize, Serialize};

use super::change::{Change, Made, Undo, Warrant};
use super::talk::{Stop, Talk};
use super::words::Words;
use crate::wallet::wallet_of;

/// Which way the money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum How {
    /// The owner gives.
    Add,
    /// The owner takes.
    Sub,
    /// A correction upwards.
    Up,
    /// A correction downwards.
    Down,
}

/// Money between a wallet and the account of corrections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MoveMoney {
    pub(super) how: How,
    pub(super) customer: CustomerId,
    pub(super) sum: Kopecks,
}

/// One transfer of a change: which pocket, how much, and whether it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Leg {
    pub(super) bonus: bool,
    pub(super) sum: Kopecks,
    pub(super) came_in: bool,
}

impl How {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Sub => "sub",
            Self::Up | Self::Down => "adjust",
        }
    }

    const fn comes_in(self) -> bool {
        matches!(self, Self::Add | Self::Up)
    }

    const fn kind(self) -> TransferKind {
        match self {
            Self::Add => TransferKind::Grant,
            Self::Sub | Self::Up | Self::Down => TransferKind::Adjust,
        }
    }
}

/// Reads `ID SUM reason`.
pub(super) fn read(
    talk: &mut Talk<'_, '_>,
    how: How,
    args: &str,
) -> Result<(Change, String), Stop> {
    let mut words = Words::of(args, how.word());
    // The form is looked at as a whole before anybody is looked up.
    let mut rest = Words::of(args, how.word());
    rest.needed()?;
    if rest.peek().is_none() {
        return Err(rest.usage());
    }
    let customer = words.person(talk.tx)?;
    let (how, sum) = match how {
        How::Up | How::Down => signed(&mut words)?,
        how => (how, words.sum()?),
    };
    Ok((Change::Money(MoveMoney { how, customer, sum }), words.needed_reason()?))
}

/// A sum with its direction: `+100`, `-10,50`, or without a sign for upwards.
fn signed(words: &mut Words<'_>) -> Result<(How, Kopecks), Stop> {
    let word = words.needed()?;
    let bad = || Stop::no(AdminText::BadSignedSum { sum: word.chars().take(40).collect() });
    let (how, digits) = match word.strip_prefix(['-', '\u{2212}']) {
        Some(digits) => (How::Down, digits),
        None => (How::Up, word.strip_prefix('+').unwrap_or(word)),
    };
    Ok((how, Kopecks::parse_rubles(digits).map_err(|_| bad())?))
}

impl MoveMoney {
    pub(super) fn preview(
        &self,
        talk: &mut Talk<'_, '_>,
        reason: &str,
        lang: Lang,
    ) -> Result<String, Stop> {
        let wallet = ledger::balances(talk.tx, self.customer)?;
        let before = spendable(&wallet);
        let after = if self.how.comes_in() {
            before.checked_add(self.sum)
        } else {
            self.parts(&wallet)?;
            before.checked_sub(self.sum)
        };
        let name = super::card::name_of(talk.tx, self.customer)?;
        let text = AdminText::PreviewMoney {
            how: self.how.word().to_owned(),
            sign: if self.how.comes_in() { "+" } else { "−" }.to_owned(),
            sum: self.sum,
            id: self.customer.0,
            name,
            before,
            after: after.unwrap_or(before),
            reason: reason.to_owned(),
        };
        Ok(text.html(lang))
    }

    pub(super) fn carry_out(
        &self,
        talk: &mut Talk<'_, '_>,
        warrant: &Warrant,
    ) -> Result<Made, Stop> {
        ledger::open_customer(talk.tx, self.customer)?;
        ledger::lock_wallet(talk.tx, self.customer)?;
        let wallet = ledger::balances(talk.tx, self.customer)?;
        let before = spendable(&wallet);
        let legs = self.parts(&wallet)?;
        for (leg, no) in legs.iter().zip(0..) {
            post(talk, self.customer, self.how.kind(), *leg, no, warrant)?;
        }
        let balance = wallet_of(talk.tx, self.customer)?.free();
        let (sum, reason) = (self.sum, warrant.reason.clone());
        let said = if self.how.comes_in() {
            let news = Text::AdminGranted { sum, reason: reason.clone(), balance };
            talk.tell(self.customer, &news, |_| Vec::new())?;
            AdminText::MoneyAdded { sum, id: self.customer.0, balance, reason }
        } else {
            let news = AdminText::CustomerDebited { sum, reason: reason.clone(), balance };
            talk.tell(self.customer, &news, |_| Vec::new())?;
            AdminText::MoneyTaken { sum, id: self.customer.0, balance, reason }
        };
        Ok(Made {
            said,
            was: before.to_string(),
            became: balance.to_string(),
            undo: Some(Undo::Money { customer: self.customer, legs }),
        })
    }

    /// What comes into or goes out of each pocket; going out, own money goes first, then bonus.
    fn parts(&self, wallet: &Wallet) -> Result<Vec<Leg>, Stop> {
        if self.how.comes_in() {
            return Ok(vec![Leg { bonus: false, sum: self.sum, came_in: true }]);
        }
        let split = split_price(wallet, self.sum, PocketOrder::CashFirst);
        let parts = split.map_err(|short| {
            let free = short.free;
            Stop::no(AdminText::TooMuch { id: self.customer.0, sum: self.sum, free })
        })?;
        let leg = |part: &rei_domain::ledger::HoldLeg| Leg {
            bonus: part.pocket == Pocket::Bonus,
            sum: part.amount,
            came_in: false,
        };
        Ok(parts.iter().map(leg).collect())
    }
}

/// The mirror of a change's transfers; refused when what came in has been spent.
pub(super) fn take_back(
    talk: &mut Talk<'_, '_>,
    customer: CustomerId,
    legs: &[Leg],
    warrant: &Warrant,
) -> Result<(), Stop> {
    ledger::lock_wallet(talk.tx, customer)?;
    let wallet = ledger::balances(talk.tx, customer)?;
    for leg in legs.iter().filter(|leg| leg.came_in) {
        let free = wallet.pocket(leg.pocket()).free;
        if free < leg.sum {
            let free = free.max(Kopecks::ZERO);
            return Err(Stop::no(AdminText::TooMuch { id: customer.0, sum: leg.sum, free }));
        }
    }
    for (leg, no) in legs.iter().zip(0..) {
        let back = Leg { came_in: !leg.came_in, ..*leg };
        post(talk, customer, TransferKind::Adjust, back, no, warrant)?;
    }
    let balance = wallet_of(talk.tx, customer)?.free();
    let sum: Kopecks = legs.iter().map(|leg| leg.sum).sum();
    let reason = warrant.reason.clone();
    let news = match legs.iter().any(|leg| leg.came_in) {
        true => AdminText::CustomerTakenBack { sum, reason, balance },
        false => AdminText::CustomerGivenBack { sum, reason, balance },
    };
    talk.tell(customer, &news, |_| Vec::new())?;
    Ok(())
}

impl Leg {
    const fn pocket(&self) -> Pocket {
        if self.bonus { Pocket::Bonus } else { Pocket::Cash }
    }
}

fn post(
    talk: &mut Talk<'_, '_>,
    customer: CustomerId,
    kind: TransferKind,
    leg: Leg,
    no: usize,
    warrant: &Warrant,
) -> Result<(), LedgerError> {
    let wallet = Account::Customer(customer, leg.pocket());
    let (debit, credit) =
        if leg.came_in { (Account::Adjust, wallet) } else { (wallet, Account::Adjust) };
    ledger::post(
        talk.tx,
        &NewTransfer {
            kind,
            debit,
            credit,
            amount: Money::Rub(leg.sum),
            key: IdempotencyKey::new(format!("admin:{}:{no}", warrant.key))?,
            order: None,
            payment: None,
            actor: Actor::Admin(warrant.actor),
            memo: Some(warrant.reason.clone()),
            at: talk.now,
        },
    )?;
    Ok(())
}

/// Cash and bonus that are not on hold, frozen or not.
fn spendable(wallet: &Wallet) -> Kopecks {
    [wallet.cash.free, wallet.bonus.free].into_iter().sum()
}
