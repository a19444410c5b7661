//! What a track in the movie header says about itself.

use super::avc::AvcConfig;
use super::boxes::{Fields, boxes, counted_rows, descend, find, rows};

/// How the frames are turned before they are shown, clockwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    None,
    Quarter,
    Half,
    ThreeQuarters,
}

/// One track; borrowed from the movie header.
#[derive(Clone, Debug)]
pub struct Track<'m> {
    pub id: u32,
    pub enabled: bool,
    pub is_video: bool,
    /// Ticks in a second of its media.
    pub timescale: u32,
    /// How long its media declares itself, in those ticks. Zero: it does not know.
    pub declared_ticks: u64,
    /// What its edit list shows of the media, in the movie's ticks. Zero: all of it.
    pub shown_ticks: u64,
    /// Width and height for showing, not yet turned. Zero: those of the frames.
    shown_size: (u32, u32),
    /// How it is turned.
    pub turn: Turn,
    /// The tables of its samples.
    pub tables: &'m [u8],
}

/// How the frames of a track are coded.
#[derive(Clone, Debug)]
pub struct Frames {
    size: (u32, u32),
    /// `None`: not H.264, or broken.
    pub avc: Option<AvcConfig>,
}

impl<'m> Track<'m> {
    /// Reads the body of a `trak` box; `None` when something that every track has is missing.
    pub fn parse(body: &'m [u8]) -> Option<Self> {
        let mut header = Fields(find(body, b"tkhd")?);
        let (version, flags) = header.version_and_flags()?;
        let (_created, _modified) = (header.time(version)?, header.time(version)?);
        let id = header.u32()?;
        let (_reserved, _duration) = (header.u32()?, header.time(version)?);
        let _reserved_layer_group_volume = header.take(16)?;
        let turn = turn(&mut header)?;
        let shown_size = (header.u32()? >> 16, header.u32()? >> 16);
        let media = find(body, b"mdia")?;
        let (timescale, declared_ticks) = scale_and_duration(find(media, b"mdhd")?)?;
        Some(Self {
            id,
            enabled: flags & 1 != 0,
            is_video: find(media, b"hdlr")?.get(8..12)? == b"vide",
            timescale,
            declared_ticks,
            shown_ticks: descend(body, &[b"edts", b"elst"]).and_then(edited_ticks).unwrap_or(0),
            shown_size,
            turn,
            tables: descend(media, &[b"minf", b"stbl"])?,
        })
    }

    /// Reads the first sample description.
    pub fn frames(&self) -> Option<Frames> {
        let mut table = Fields(find(self.tables, b"stsd")?);
        let (_version_and_flags, _count) = (table.u32()?, table.u32()?);
        let (coding, entry) = boxes(table.0).next()?;
        let mut fields = Fields(entry);
        let _reserved_and_versions = fields.take(24)?;
        let size = (u32::from(fields.u16()?), u32::from(fields.u16()?));
        let _resolution_name_depth = fields.take(50)?;
        let avc = matches!(&coding, b"avc1" | b"avc3").then(|| find(fields.0, b"avcC"));
        Some(Frames { size, avc: avc.flatten().and_then(AvcConfig::parse) })
    }

    /// Width and height as shown. The track's own beat those of its frames: pixels need not be square.
    pub fn size(&self, frames: &Frames) -> (u32, u32) {
        let known = self.shown_size.0 > 0 && self.shown_size.1 > 0;
        let (width, height) = if known { self.shown_size } else { frames.size };
        match self.turn {
            Turn::None | Turn::Half => (width, height),
            Turn::Quarter | Turn::ThreeQuarters => (height, width),
        }
    }
}

/// Ticks in a second and the length in ticks, from `mvhd` or `mdhd`, which begin alike.
pub fn scale_and_duration(body: &[u8]) -> Option<(u32, u64)> {
    let mut fields = Fields(body);
    let (version, _) = fields.version_and_flags()?;
    let (_created, _modified) = (fields.time(version)?, fields.time(version)?);
    let timescale = fields.u32()?;
    let unknown = if version == 1 { u64::MAX } else { u64::from(u32::MAX) };
    let duration = fields.time(version)?;
    Some((timescale, if duration == unknown { 0 } else { duration }))
}

/// Reads the nine numbers of a matrix; skewed and mirrored ones count as not turned.
fn turn(fields: &mut Fields<'_>) -> Option<Turn> {
    let mut number = || fields.array().map(i32::from_be_bytes).map(i32::signum);
    let (a, b, _, c, d, _) = (number()?, number()?, number()?, number()?, number()?, number()?);
    let _offsets_and_scale = (number()?, number()?, number()?);
    Some(match (a, b, c, d) {
        (0, 1, -1, 0) => Turn::Quarter,
        (-1, 0, 0, -1) => Turn::Half,
        (0, -1, 1, 0) => Turn::ThreeQuarters,
        _ => Turn::None,
    })
}

/// How much of the media the edits show; the empty ones only delay it.
fn edited_ticks(body: &[u8]) -> Option<u64> {
    let (version, _) = Fields(body).version_and_flags()?;
    let row_bytes = if version == 1 { 20 } else { 12 };
    let edits = rows(body, row_bytes)?.filter_map(|row| {
        let mut fields = Fields(row);
        let (ticks, from) = (fields.time(version)?, fields.time(version)?);
        let empty = if version == 1 { u64::MAX } else { u64::from(u32::MAX) };
        (from != empty).then_some(ticks)
    });
    Some(edits.fold(0, u64::saturating_add))
}

/// The length in an index of segments, in ticks, with their number in a second.
pub fn indexed_length(body: &[u8]) -> Option<(u64, u32)> {
    let mut fields = Fields(body);
    let (version, _) = fields.version_and_flags()?;
    let _reference = fields.u32()?;
    let timescale = fields.u32()?;
    let (_earliest, _first) = (fields.time(version)?, fields.time(version)?);
    // Two reserved bytes and two of the count make four, of which the first two are zero.
    let segments = counted_rows(fields, 12)?;
    let ticks = segments.filter_map(|row| Fields(row.get(4..)?).u32());
    Some((ticks.map(u64::from).fold(0, u64::saturating_add), timescale))
}
