//! Seals the settled transfers, batch by batch.

use rei_domain::clock::Timestamp;
use rei_domain::ledger::{SealHash, SealRow, Sealer};

use crate::{BookError, Tx, params};

use super::checkpoint::{BATCH_MAX, SETTLED_MARK, read_mark};
use super::rows::{read_seal, read_transfer};
use super::sql;

/// Seals the next settled transfers; `None` when all of them are sealed.
pub fn seal(tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<SealRow>, BookError> {
    let last = tx.query_opt(&sql::LAST_SEAL, &params! {})?;
    let last = last.as_ref().map(read_seal).transpose()?;
    let (number, sealed, prev_hash) =
        last.map_or((0, 0, SealHash::GENESIS), |seal| (seal.number, seal.upto_seq, seal.hash));
    let settled = read_mark(tx, SETTLED_MARK)?;
    let params = params! { ":after" => sealed, ":upto" => settled, ":limit" => BATCH_MAX };
    let mut sealer = Sealer::after(prev_hash);
    let mut upto_seq = sealed;
    for row in tx.query(&sql::TRANSFERS_AFTER, &params)? {
        let row = read_transfer(&row)?;
        upto_seq = row.seq;
        sealer = sealer.with(&row);
    }
    if upto_seq == sealed {
        return Ok(None);
    }
    let seal = SealRow {
        number: number + 1,
        from_seq: sealed + 1,
        upto_seq,
        transfers: sealer.transfers(),
        prev_hash,
        hash: sealer.finish(),
        sealed_at: now,
    };
    Ok(write(tx, &seal)?.then_some(seal))
}

/// `false` when somebody else made this seal in the meantime.
fn write(tx: &mut Tx<'_>, seal: &SealRow) -> Result<bool, BookError> {
    let written = tx.execute(
        &sql::INSERT_SEAL,
        &params! {
            ":number" => seal.number,
            ":from_seq" => seal.from_seq,
            ":upto_seq" => seal.upto_seq,
            ":transfers" => seal.transfers,
            ":prev_hash" => &seal.prev_hash.0[..],
            ":hash" => &seal.hash.0[..],
            ":sealed_at" => seal.sealed_at,
        },
    )?;
    Ok(written == 1)
}
