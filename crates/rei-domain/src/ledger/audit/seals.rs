//! Walks the chain of seals along with the transfers.

use std::collections::VecDeque;

use crate::clock::Timestamp;
use crate::ledger::{SealHash, Sealer, Transfer};

use super::{Finding, Findings};

/// A seal as its row has it: it covers the transfers from `from_seq` to `upto_seq`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealRow {
    /// Counted from 1 without gaps.
    pub number: i64,
    /// One after the last of the seal before it.
    pub from_seq: i64,
    /// The last transfer it covers.
    pub upto_seq: i64,
    /// How many it covers.
    pub transfers: i64,
    /// The hash of the seal before it.
    pub prev_hash: SealHash,
    /// Its hash.
    pub hash: SealHash,
    /// When it was made.
    pub sealed_at: Timestamp,
}

pub(super) struct SealWalk {
    /// The one that the next seal must stand on: number, last transfer, hash.
    last: Option<(i64, i64, SealHash)>,
    left: VecDeque<SealRow>,
    current: Option<Sealer>,
}

impl SealWalk {
    pub(super) fn whole(seals: Vec<SealRow>) -> Self {
        Self { last: Some((0, 0, SealHash::GENESIS)), left: seals.into(), current: None }
    }

    /// Takes the first seal's word for what it stands on.
    pub(super) fn tail(seals: Vec<SealRow>) -> Self {
        Self { last: None, left: seals.into(), current: None }
    }

    pub(super) fn take(&mut self, row: &Transfer, findings: &mut Findings) {
        while self.left.front().is_some_and(|seal| seal.upto_seq < row.seq) {
            self.close(findings);
        }
        if let Some(seal) = self.left.front()
            && seal.from_seq <= row.seq
        {
            let sealer = self.current.take().unwrap_or_else(|| Sealer::after(seal.prev_hash));
            self.current = Some(sealer.with(row));
        }
    }

    pub(super) fn finish(&mut self, findings: &mut Findings) {
        while !self.left.is_empty() {
            self.close(findings);
        }
    }

    fn close(&mut self, findings: &mut Findings) {
        let Some(seal) = self.left.pop_front() else { return };
        let follows = self.last.is_none_or(|(number, upto_seq, hash)| {
            (seal.number, seal.from_seq, seal.prev_hash) == (number + 1, upto_seq + 1, hash)
        });
        if !follows {
            findings.add(Finding::SealsBroken { number: seal.number });
        }
        let sealer = self.current.take().unwrap_or_else(|| Sealer::after(seal.prev_hash));
        if sealer.transfers() != seal.transfers || sealer.finish() != seal.hash {
            findings.add(Finding::SealDiffers {
                number: seal.number,
                from_seq: seal.from_seq,
                upto_seq: seal.upto_seq,
            });
        }
        self.last = Some((seal.number, seal.upto_seq, seal.hash));
    }
}
