//! Ending a hold, once: all or a part becomes a charge, the rest goes back where it came from.

use rei_domain::ids::TransferId;
use rei_domain::ledger::share_capture;
use rei_domain::ledger::{LegShare, Phase, Pocket, Resolution, RuleError, Transfer, Verdict};
use rei_domain::money::Kopecks;

use crate::{Row, Tx, params};

use super::rows::{insert, opt_id, read_transfer, word};
use super::wallet::unfreeze_if_paid;
use super::{LedgerError, sql};

/// How a hold ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// What became of each leg, in the order in which they were held.
    pub legs: Vec<ResolvedLeg>,
    /// Whether the same request had been carried out before; nothing moved this time.
    pub replayed: bool,
}

/// What became of one leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResolvedLeg {
    /// The pocket it came from.
    pub pocket: Pocket,
    /// Charged.
    pub captured: Kopecks,
    /// Back in the pocket.
    pub released: Kopecks,
}

impl Resolved {
    /// All that was charged.
    pub fn captured(&self) -> Kopecks {
        self.legs.iter().map(|leg| leg.captured).sum()
    }

    /// All that went back.
    pub fn released(&self) -> Kopecks {
        self.legs.iter().map(|leg| leg.released).sum()
    }
}

/// Charges `amount` of a hold and releases the rest.
///
/// # Errors
/// [`LedgerError::AlreadyResolved`] when another request ended the hold, [`LedgerError::AboveHold`],
/// [`LedgerError::UnknownHold`], [`LedgerError::KeyConflict`], [`LedgerError::Rule`].
pub fn capture(
    tx: &mut Tx<'_>,
    resolution: &Resolution,
    amount: Kopecks,
) -> Result<Resolved, LedgerError> {
    if !amount.is_positive() {
        return Err(RuleError::AmountNotPositive.into());
    }
    resolve(tx, resolution, Verdict::Capture(amount))
}

/// Releases a hold.
///
/// # Errors
/// [`LedgerError::AlreadyResolved`] when another request ended the hold, [`LedgerError::UnknownHold`],
/// [`LedgerError::KeyConflict`].
pub fn void(tx: &mut Tx<'_>, resolution: &Resolution) -> Result<Resolved, LedgerError> {
    resolve(tx, resolution, Verdict::Void)
}

/// Releases a hold whose time ran out.
///
/// # Errors
/// As [`void`].
pub fn expire(tx: &mut Tx<'_>, resolution: &Resolution) -> Result<Resolved, LedgerError> {
    resolve(tx, resolution, Verdict::Expire)
}

/// An open leg with what its account says.
struct OpenLeg {
    held: Transfer,
    pocket: Pocket,
    tip: Option<TransferId>,
    frozen: bool,
}

impl OpenLeg {
    fn read(row: &Row) -> Result<Self, LedgerError> {
        let held = read_transfer(row)?;
        let pocket = held.debit.pocket().ok_or(LedgerError::Broken("a hold without a wallet"))?;
        Ok(Self { held, pocket, tip: opt_id(row, "tip")?, frozen: row.int("frozen")? != 0 })
    }

    const fn amount(&self) -> Kopecks {
        Kopecks::new(self.held.amount.minor())
    }
}

fn resolve(
    tx: &mut Tx<'_>,
    resolution: &Resolution,
    verdict: Verdict,
) -> Result<Resolved, LedgerError> {
    let open = tx.query(&sql::LOCK_OPEN_HOLD, &params! { ":hold" => resolution.hold.0 })?;
    let mut open = open.iter().map(OpenLeg::read).collect::<Result<Vec<_>, _>>()?;
    if open.is_empty() {
        return match replayed(tx, resolution, verdict)? {
            Some(resolved) => Ok(resolved),
            None => Err(how_it_ended(tx, resolution)?),
        };
    }
    // Rows come in the order of their locks, legs are spent in the order in which they were held.
    open.sort_by(|a, b| a.held.key.cmp(&b.held.key));
    let held: Vec<Kopecks> = open.iter().map(OpenLeg::amount).collect();
    let Some(shares) = share_capture(&held, verdict.captured()) else {
        let (held, asked) = (held.into_iter().sum(), verdict.captured());
        let refusal = LedgerError::AboveHold { held, asked };
        return replayed(tx, resolution, verdict)?.ok_or(refusal);
    };
    for (index, (leg, share)) in open.iter().zip(&shares).enumerate() {
        let row = resolution.row(index, verdict, &leg.held, *share, leg.tip);
        if !insert(tx, &row)? {
            let found = if index == 0 { replayed(tx, resolution, verdict)? } else { None };
            return found.ok_or(LedgerError::Broken("a key was taken by half a request"));
        }
        unreserve(tx, leg, *share, row.id)?;
    }
    close(tx, resolution, open.len())?;
    if let Some(customer) = open[0].held.debit.customer().filter(|_| open[0].frozen) {
        unfreeze_if_paid(tx, customer)?;
    }
    let legs =
        open.iter().zip(shares).map(|(leg, share)| resolved_leg(leg.pocket, share)).collect();
    Ok(Resolved { legs, replayed: false })
}

const fn resolved_leg(pocket: Pocket, share: LegShare) -> ResolvedLeg {
    ResolvedLeg { pocket, captured: share.captured, released: share.released }
}

fn unreserve(
    tx: &mut Tx<'_>,
    leg: &OpenLeg,
    share: LegShare,
    tip: TransferId,
) -> Result<(), LedgerError> {
    let params = params! {
        ":name" => leg.held.debit.to_string(),
        ":held" => leg.amount(),
        ":released" => share.released,
        ":tip" => tip,
    };
    match tx.execute(&sql::UNRESERVE, &params)? {
        1 => Ok(()),
        _ => Err(LedgerError::Broken("an account holds less than its open holds")),
    }
}

fn close(tx: &mut Tx<'_>, resolution: &Resolution, legs: usize) -> Result<(), LedgerError> {
    let closed = tx.execute(&sql::DELETE_OPEN_HOLD, &params! { ":hold" => resolution.hold.0 })?;
    if usize::try_from(closed) == Ok(legs) {
        Ok(())
    } else {
        Err(LedgerError::Broken("a locked hold changed its legs"))
    }
}

fn how_it_ended(tx: &mut Tx<'_>, resolution: &Resolution) -> Result<LedgerError, LedgerError> {
    let row = tx.query_opt(&sql::HOW_IT_ENDED, &params! { ":leg" => resolution.hold.0 })?;
    Ok(match row {
        Some(row) => LedgerError::AlreadyResolved { how: word(&row, "phase", Phase::from_word)? },
        None => LedgerError::UnknownHold,
    })
}

fn replayed(
    tx: &mut Tx<'_>,
    resolution: &Resolution,
    verdict: Verdict,
) -> Result<Option<Resolved>, LedgerError> {
    let key = &resolution.key;
    let params = params! { ":first" => key.of_leg(0), ":second" => key.of_leg(1) };
    let rows = tx.query(&sql::TRANSFERS_OF_KEY, &params)?;
    let mut legs = Vec::with_capacity(rows.len());
    for row in &rows {
        let done = read_transfer(row)?;
        if done.request_hash != resolution.hash(verdict) {
            return Err(LedgerError::KeyConflict { key: key.as_str().to_owned() });
        }
        let pocket = done.debit.pocket().ok_or(LedgerError::Broken("a hold without a wallet"))?;
        let (held, amount) = (Kopecks::new(row.int("held")?), Kopecks::new(done.amount.minor()));
        let captured = if done.phase == Phase::Capture { amount } else { Kopecks::ZERO };
        legs.push(ResolvedLeg { pocket, captured, released: captured.missing_to(held) });
    }
    Ok((!legs.is_empty()).then_some(Resolved { legs, replayed: true }))
}
