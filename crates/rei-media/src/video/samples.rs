//! Where the samples of a track lie, from the tables of the movie header.

use super::boxes::{Fields, counted_rows, find, rows};
use crate::MediaError;

/// How many samples from the start are remembered: a decoder may want a few before it shows the first.
pub const HEAD_SAMPLES: usize = 8;

/// Where one sample lies in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: u64,
    pub length: u64,
}

/// What the samples take of time and of the file.
#[derive(Clone, Debug, Default)]
pub struct Extent {
    /// How long they last, in the track's ticks.
    pub ticks: u64,
    /// Where the last of them ends in the file.
    pub end: u64,
    /// The first [`HEAD_SAMPLES`].
    pub head: Vec<Span>,
}

impl Extent {
    /// Adds a sample, or a run of them that need not be told apart.
    pub fn add(&mut self, span: Span) {
        self.end = self.end.max(span.start.saturating_add(span.length));
        if self.head.len() < HEAD_SAMPLES {
            self.head.push(span);
        }
    }
}

/// Walks the tables once, where they lie.
///
/// # Errors
/// [`MediaError::Broken`] when they contradict themselves.
pub fn extent(tables: &[u8]) -> Result<Extent, MediaError> {
    let mut extent = Extent { ticks: ticks(tables).unwrap_or(0), ..Extent::default() };
    let broken = || MediaError::broken("the tables of the samples are broken");
    let Some(mut sizes) = Sizes::parse(tables) else {
        // A fragmented file may leave the tables out.
        return if find(tables, b"stsz").is_none() { Ok(extent) } else { Err(broken()) };
    };
    if sizes.left() == 0 {
        return Ok(extent);
    }
    let mut runs = find(tables, b"stsc").and_then(|body| rows(body, 12)).ok_or_else(broken)?;
    let mut run = runs.next().and_then(Run::parse).ok_or_else(broken)?;
    let mut next = runs.next().and_then(Run::parse);
    for (index, start) in chunks(tables).ok_or_else(broken)?.enumerate() {
        let number = index as u64 + 1;
        while let Some(later) = next.filter(|later| u64::from(later.first_chunk) <= number) {
            run = later;
            next = runs.next().and_then(Run::parse);
        }
        sizes.lay_out(start, run.samples, &mut extent);
        if sizes.left() == 0 {
            return Ok(extent);
        }
    }
    Err(MediaError::broken("samples have no place in the file"))
}

/// From this chunk on, so many samples lie in each.
#[derive(Clone, Copy)]
struct Run {
    first_chunk: u32,
    samples: u32,
}

impl Run {
    fn parse(row: &[u8]) -> Option<Self> {
        let mut fields = Fields(row);
        Some(Self { first_chunk: fields.u32()?, samples: fields.u32()? })
    }
}

/// The sizes of the samples not yet laid out.
enum Sizes<'m> {
    /// All alike: only counted, never walked, because the count is just a claim.
    Alike {
        bytes: u32,
        left: u32,
    },
    Each(std::slice::ChunksExact<'m, u8>),
}

impl<'m> Sizes<'m> {
    fn parse(tables: &'m [u8]) -> Option<Self> {
        let mut fields = Fields(find(tables, b"stsz")?);
        fields.version_and_flags()?;
        Some(match fields.u32()? {
            0 => Self::Each(counted_rows(fields, 4)?),
            bytes => Self::Alike { bytes, left: fields.u32()? },
        })
    }

    fn left(&self) -> usize {
        match self {
            Self::Alike { left, .. } => usize::try_from(*left).unwrap_or(usize::MAX),
            Self::Each(rows) => rows.len(),
        }
    }

    /// Lays up to `count` samples out from `start` on.
    fn lay_out(&mut self, start: u64, count: u32, extent: &mut Extent) {
        match self {
            Self::Alike { bytes, left } => {
                let (count, length) = (count.min(*left), u64::from(*bytes));
                *left -= count;
                add_alike(start, length, count, extent);
            }
            Self::Each(rows) => {
                let mut start = start;
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                for row in rows.take(count) {
                    let length = Fields(row).u32().map_or(0, u64::from);
                    extent.add(Span { start, length });
                    start = start.saturating_add(length);
                }
            }
        }
    }
}

/// Adds `count` samples of one length: the first few apart, the others as one.
pub fn add_alike(start: u64, length: u64, count: u32, extent: &mut Extent) {
    let apart = u64::from(count).min(HEAD_SAMPLES as u64);
    let at = |index: u64| start.saturating_add(index.saturating_mul(length));
    (0..apart).for_each(|index| extent.add(Span { start: at(index), length }));
    let others = u64::from(count) - apart;
    if others > 0 {
        extent.add(Span { start: at(apart), length: others.saturating_mul(length) });
    }
}

/// The places of the chunks, from whichever of the two tables there is.
fn chunks(tables: &[u8]) -> Option<impl Iterator<Item = u64>> {
    let (body, row_bytes) = match find(tables, b"stco") {
        Some(body) => (body, 4),
        None => (find(tables, b"co64")?, 8),
    };
    let version = u8::from(row_bytes == 8);
    Some(rows(body, row_bytes)?.map(move |row| Fields(row).time(version).unwrap_or(u64::MAX)))
}

fn ticks(tables: &[u8]) -> Option<u64> {
    let lengths = rows(find(tables, b"stts")?, 8)?.filter_map(|row| {
        let mut fields = Fields(row);
        Some(u64::from(fields.u32()?) * u64::from(fields.u32()?))
    });
    Some(lengths.fold(0, u64::saturating_add))
}
