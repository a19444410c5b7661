//! `/add ID SUM reason`: an owner credits a customer by hand. The same message credits once.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, MessageId};
use rei_domain::ledger::{Account, Actor, IdempotencyKey, Money, TransferKind};
use rei_domain::money::Kopecks;
use rei_storage::ledger::{self, LedgerError, NewTransfer};
use rei_storage::outbox::OutboxClass;
use rei_storage::{Tx, admin, customers};
use rei_texts::Text;

use crate::chats::{Buttons, Outgoing, Target, put};
use crate::wallet::{reader_of, wallet_of};

/// How the command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddOutcome {
    /// Not `ID SUM reason`.
    Usage,
    /// The sum is junk; as typed.
    BadSum(String),
    /// There is no reason.
    NoReason {
        /// Who was named.
        id: CustomerId,
        /// The sum as typed.
        sum: String,
    },
    /// Nobody with this number has written to the bot.
    UnknownCustomer(CustomerId),
    /// Done; what the customer can spend now.
    Added {
        /// Who was credited.
        id: CustomerId,
        /// How much.
        sum: Kopecks,
        /// Why.
        reason: String,
        /// What the customer can spend now.
        balance: Kopecks,
    },
    /// The same message was carried out before.
    Repeated {
        /// Who was credited.
        id: CustomerId,
        /// How much.
        sum: Kopecks,
    },
}

/// Carries the command out. The caller has checked that `actor` is an owner.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub fn add(
    tx: &mut Tx<'_>,
    actor: CustomerId,
    message: MessageId,
    args: &str,
    now: Timestamp,
) -> Result<AddOutcome, LedgerError> {
    let mut words = args.split_whitespace();
    let (Some(id), Some(sum_text)) = (words.next(), words.next()) else {
        return Ok(AddOutcome::Usage);
    };
    let Ok(id) = id.parse::<i64>().map(CustomerId) else { return Ok(AddOutcome::Usage) };
    let Ok(sum) = Kopecks::parse_rubles(sum_text) else {
        return Ok(AddOutcome::BadSum(sum_text.to_owned()));
    };
    let reason = words.collect::<Vec<_>>().join(" ");
    if reason.is_empty() {
        return Ok(AddOutcome::NoReason { id, sum: sum_text.to_owned() });
    }
    if customers::find(tx, id)?.is_none() {
        return Ok(AddOutcome::UnknownCustomer(id));
    }
    // The command's message is the key: Telegram may bring it twice, an owner never sends it twice.
    let key = format!("add:{actor}:{message}");
    let detail = format!("{} {reason}", sum.get());
    if !admin::note(tx, &key, actor, "add", &id.to_string(), &detail, now)? {
        return Ok(AddOutcome::Repeated { id, sum });
    }
    ledger::open_customer(tx, id)?;
    ledger::post(
        tx,
        &NewTransfer {
            kind: TransferKind::Grant,
            debit: Account::Adjust,
            credit: Account::cash(id),
            amount: Money::Rub(sum),
            key: IdempotencyKey::new(key)?,
            order: None,
            payment: None,
            actor: Actor::Admin(actor),
            memo: Some(reason.clone()),
            at: now,
        },
    )?;
    let balance = wallet_of(tx, id)?.free();
    let lang = reader_of(tx, id)?;
    let html = Text::AdminGranted { sum, reason: reason.clone(), balance }.html(lang);
    let outgoing = Outgoing::Text { html, buttons: Buttons::None, target: Target::New };
    put(tx, id, OutboxClass::Result, &outgoing, None, None, now)?;
    Ok(AddOutcome::Added { id, sum, reason, balance })
}
