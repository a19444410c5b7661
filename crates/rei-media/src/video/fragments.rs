//! Where the samples lie in a fragmented file, and how long they last.

use super::boxes::{Fields, boxes, find};
use super::samples::{Extent, Span, add_alike};

/// What the samples of a track are unless a fragment says otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Defaults {
    pub track: u32,
    ticks: u32,
    bytes: u32,
}

impl Defaults {
    /// Reads the body of a `trex` box.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let mut fields = Fields(body);
        fields.version_and_flags()?;
        let (track, _description) = (fields.u32()?, fields.u32()?);
        Some(Self { track, ticks: fields.u32()?, bytes: fields.u32()? })
    }
}

/// The parts of one track in one fragment, or of another track, which only has to lie inside the file.
struct Part {
    track: u32,
    /// Where its data begin, if it says so.
    base: Option<u64>,
    ticks: u32,
    bytes: u32,
}

/// Adds the samples of the fragment at `start` (its `moof`) to `extent` where they belong to `video`, and else only
/// their end. `None` when the fragment is broken.
pub fn add_fragment(
    extent: &mut Extent,
    start: u64,
    moof: &[u8],
    video: u32,
    defaults: &[Defaults],
) -> Option<()> {
    // Unless it says otherwise, the first track's data count from the fragment and each other's from the one before.
    let mut base = start;
    for (_, traf) in boxes(moof).filter(|(name, _)| name == b"traf") {
        let part = Part::parse(find(traf, b"tfhd")?, start, defaults)?;
        let base_here = part.base.unwrap_or(base);
        let mut place = base_here;
        let mut others = Extent::default();
        let into = if part.track == video { &mut *extent } else { &mut others };
        for (_, run) in boxes(traf).filter(|(name, _)| name == b"trun") {
            place = part.add_run(run, base_here, place, into)?;
        }
        extent.end = extent.end.max(others.end);
        base = place;
    }
    Some(())
}

impl Part {
    fn parse(body: &[u8], moof_start: u64, defaults: &[Defaults]) -> Option<Self> {
        let mut fields = Fields(body);
        let (_, flags) = fields.version_and_flags()?;
        let track = fields.u32()?;
        let own = defaults.iter().find(|one| one.track == track);
        let base = if flags & 0x1 != 0 { Some(fields.u64()?) } else { None };
        if flags & 0x2 != 0 {
            fields.u32()?;
        }
        let (mut ticks, mut bytes) = own.map_or((0, 0), |own| (own.ticks, own.bytes));
        if flags & 0x8 != 0 {
            ticks = fields.u32()?;
        }
        if flags & 0x10 != 0 {
            bytes = fields.u32()?;
        }
        let base = base.or((flags & 0x2_0000 != 0).then_some(moof_start));
        Some(Self { track, base, ticks, bytes })
    }

    /// Adds one run of samples and returns where it ends.
    fn add_run(&self, body: &[u8], base: u64, place: u64, extent: &mut Extent) -> Option<u64> {
        let mut fields = Fields(body);
        let (_, flags) = fields.version_and_flags()?;
        let count = fields.u32()?;
        let mut place = place;
        if flags & 0x1 != 0 {
            let offset = i32::from_be_bytes(fields.array()?);
            place = base.checked_add_signed(i64::from(offset))?;
        }
        if flags & 0x4 != 0 {
            fields.u32()?;
        }
        let row_bytes = 4 * usize::try_from((flags & 0xf00).count_ones()).ok()?;
        if row_bytes == 0 {
            // Nothing stands behind the count but the file's word, so it is not walked.
            let (count_wide, length) = (u64::from(count), u64::from(self.bytes));
            extent.ticks = extent.ticks.saturating_add(count_wide * u64::from(self.ticks));
            add_alike(place, length, count, extent);
            return place.checked_add(count_wide * length);
        }
        let rows = fields.take(usize::try_from(count).ok()?.checked_mul(row_bytes)?)?;
        for row in rows.chunks_exact(row_bytes) {
            let mut row = Fields(row);
            let ticks = if flags & 0x100 != 0 { row.u32()? } else { self.ticks };
            let length = u64::from(if flags & 0x200 != 0 { row.u32()? } else { self.bytes });
            extent.ticks = extent.ticks.saturating_add(u64::from(ticks));
            extent.add(Span { start: place, length });
            place = place.checked_add(length)?;
        }
        Some(place)
    }
}
