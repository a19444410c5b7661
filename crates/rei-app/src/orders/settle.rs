//! The result is there: the price is captured and the delivery put on its way, in one transaction. A result
//! that comes after the money went back is given away.

use rei_blobs::BlobKey;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{AttemptId, OrderId};
use rei_domain::ledger::{
    Account, Actor, Expense, IdempotencyKey, Money, ProviderName, TransferKind,
};
use rei_domain::order::{OrderEvent, OrderState};
use rei_queue::Claim;
use rei_storage::ledger::{self, LedgerError, NewTransfer};
use rei_storage::orders::{self, OrderRow};
use rei_storage::outbox::OutboxClass;
use rei_storage::{Tx, jobs};
use rei_texts::Text;

use super::{PART_ORIGINAL, PART_PREVIEW, status};
use crate::House;
use crate::chats::{Buttons, Outgoing, put};
use crate::wallet::{reader_of, wallet_of};

/// What was stored for an order.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The attempt that brought it.
    pub attempt: AttemptId,
    /// The picture as the provider made it.
    pub original: BlobKey,
    /// The smaller one for the chat.
    pub preview: BlobKey,
}

/// Captures the price of a stored result and puts it on its way.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the job is then tried again.
pub async fn settle(
    house: &House,
    claim: &Claim,
    order: OrderId,
    stored: Stored,
) -> Result<(), LedgerError> {
    let now = house.now();
    let (rules, claim) = (house.clone(), claim.clone());
    house
        .book
        .write(move |tx| {
            let Some(row) = orders::find(tx, order)? else { return Ok(()) };
            if row.state == OrderState::Expired {
                // The present is given even if another worker has the job by now.
                if jobs::guard(tx, &claim)?.is_ok() {
                    jobs::done(tx, &claim, now)?;
                }
                return give_away(tx, &rules, &row, &stored, now);
            }
            // A worker that lost its lease must not settle: the one that took over will.
            if jobs::guard(tx, &claim)?.is_err() {
                return Ok(());
            }
            capture(tx, &rules, &row, &stored, now)?;
            jobs::done(tx, &claim, now)?;
            Ok(())
        })
        .await
}

fn capture(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    stored: &Stored,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let Ok(ready) = row.state.next(OrderEvent::Stored) else { return Ok(()) };
    if !move_to(tx, row, ready, stored, now)? {
        return Ok(());
    }
    orders::end_attempt(tx, stored.attempt, "done", None, now)?;
    ledger::capture_order(tx, row.id, row.price, Actor::System, now)?;
    book_cost(tx, row, TransferKind::Cost, now)?;
    let lang = reader_of(tx, row.customer)?;
    let wallet = wallet_of(tx, row.customer)?;
    let catalog = house.catalog.current();
    let caption = Text::Result {
        seconds: i64::try_from(now.since(row.placed_at).as_secs()).unwrap_or(i64::MAX),
        price: row.price,
        balance: wallet.free(),
        count: wallet.pictures(&catalog),
    };
    deliver(tx, house, row, stored, caption.html(lang), now)?;
    // Last, so that the result doesn't wait for it; a "drawing" that nobody has seen is dropped for it.
    status::done(tx, row, lang, now)?;
    metrics::counter!("orders_ended_total", "state" => "ready").increment(1);
    Ok(())
}

/// The money went back before: the result is a present, its cost a loss.
fn give_away(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    stored: &Stored,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let Ok(gifted) = row.state.next(OrderEvent::CameLate) else { return Ok(()) };
    if !move_to(tx, row, gifted, stored, now)? {
        return Ok(());
    }
    orders::end_attempt(tx, stored.attempt, "late", None, now)?;
    book_cost(tx, row, TransferKind::LateLoss, now)?;
    let lang = reader_of(tx, row.customer)?;
    let caption = Text::ResultLate { number: row.number }.html(lang);
    deliver(tx, house, row, stored, caption, now)?;
    metrics::counter!("orders_ended_total", "state" => "gifted").increment(1);
    Ok(())
}

fn move_to(
    tx: &mut Tx<'_>,
    row: &OrderRow,
    to: OrderState,
    stored: &Stored,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let (original, preview) = (stored.original.as_str(), stored.preview.as_str());
    Ok(orders::move_with_result(tx, row.id, row.state, to, original, preview, now)?)
}

/// The provider's price, in its own currency and accounts.
fn book_cost(
    tx: &mut Tx<'_>,
    row: &OrderRow,
    kind: TransferKind,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let Some(provider) = ProviderName::new(&row.provider).filter(|_| row.cost.0 > 0) else {
        return Ok(());
    };
    let debit = match kind {
        TransferKind::LateLoss => Account::Expense(Expense::LateLoss),
        _ => Account::Cost(provider.clone()),
    };
    ledger::post(
        tx,
        &NewTransfer {
            kind,
            debit,
            credit: Account::Payable(provider),
            amount: Money::Usd(row.cost),
            key: IdempotencyKey::of(row.id, kind.as_str()),
            order: Some(row.id),
            payment: None,
            actor: Actor::System,
            memo: None,
            at: now,
        },
    )?;
    Ok(())
}

fn deliver(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    stored: &Stored,
    caption: String,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let lang = reader_of(tx, row.customer)?;
    let again = house.catalog.current().model(&row.sku).filter(|model| model.enabled).map(|_| {
        let label = Text::ButtonAgain { price: row.price }.plain(lang);
        (label, format!("v1:again:{}", row.id.to_short()))
    });
    let buttons = again.map_or(Buttons::None, |button| Buttons::Inline(vec![vec![button]]));
    let preview = Outgoing::Photo { blob: stored.preview.as_str().to_owned(), caption, buttons };
    put(tx, row.customer, OutboxClass::Result, &preview, None, Some((row.id, PART_PREVIEW)), now)?;
    let extension = stored.original.as_str().rsplit('.').next().unwrap_or("png").to_owned();
    let original = Outgoing::Document {
        blob: stored.original.as_str().to_owned(),
        file_name: format!("rei-{}.{extension}", row.number),
        caption: Text::ResultOriginal { number: row.number }.html(lang),
    };
    put(
        tx,
        row.customer,
        OutboxClass::Result,
        &original,
        None,
        Some((row.id, PART_ORIGINAL)),
        now,
    )?;
    Ok(())
}
