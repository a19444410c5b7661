//! Reads what a video file says of itself, and its first picture.

use openh264::decoder::Decoder;
use openh264::formats::YUVSource;

/// A first picture of more pixels is not decoded.
const PIXELS_MAX: usize = 10_000_000;
const START_CODE: [u8; 4] = [0, 0, 0, 1];

/// What a video file says of itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probe {
    /// `ftyp`'s major brand: `isom`, `qt  ` …
    pub brand: [u8; 4],
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Of the video track.
    pub duration_ms: u64,
    /// How many pictures it has.
    pub frames: u32,
    /// Whether it can play while it loads: `moov` before `mdat`.
    pub is_fast_start: bool,
}

impl Probe {
    /// Pictures a second.
    pub fn fps(&self) -> f64 {
        f64::from(self.frames) * 1_000.0 / (self.duration_ms.max(1) as f64)
    }
}

/// Reads the boxes of an MP4 or MOV file; none: it is no such file, or has no video in it.
pub fn probe(bytes: &[u8]) -> Option<Probe> {
    let ftyp = child(bytes, b"ftyp")?;
    let order: Vec<[u8; 4]> = Boxes(bytes).map(|(kind, _)| kind).collect();
    let place = |kind: &[u8; 4]| order.iter().position(|known| known == kind);
    let track = video_track(bytes)?;
    let media = child(child(track, b"mdia")?, b"mdhd")?;
    let (timescale, ticks) = match media.first()? {
        0 => (u32_at(media, 12)?, u64::from(u32_at(media, 16)?)),
        _ => (
            u32_at(media, 20)?,
            u64::from(u32_at(media, 24)?) << 32 | u64::from(u32_at(media, 28)?),
        ),
    };
    let header = child(track, b"tkhd")?;
    // Width and height are its last two fields, as 16.16.
    let sides = header.len().checked_sub(8)?;
    Some(Probe {
        brand: ftyp.get(..4)?.try_into().ok()?,
        width: u32_at(header, sides)? >> 16,
        height: u32_at(header, sides + 4)? >> 16,
        duration_ms: ticks.checked_mul(1_000)?.checked_div(u64::from(timescale))?,
        frames: u32_at(child(tables(track)?, b"stsz")?, 8)?,
        is_fast_start: place(b"moov") < place(b"mdat"),
    })
}

/// The first picture of an H.264 track, as RGB with its width and height; none where it cannot be decoded.
pub fn first_picture(bytes: &[u8]) -> Option<(Vec<u8>, u32, u32)> {
    let tables = tables(video_track(bytes)?)?;
    // 16: the entry behind the table's head and the box's own; 78: the fixed part of `avc1`.
    let config = child(child(tables, b"stsd")?.get(8 + 8 + 78..)?, b"avcC")?;
    let at = match child(tables, b"stco") {
        Some(offsets) => u32_at(offsets, 8)? as usize,
        None => u32_at(child(tables, b"co64")?, 12)? as usize,
    };
    let sizes = child(tables, b"stsz")?;
    let size = match u32_at(sizes, 4)? {
        0 => u32_at(sizes, 12)?,
        all => all,
    };
    let mut stream = parameters(config)?;
    let mut sample = bytes.get(at..at.checked_add(size as usize)?)?;
    while let Some(length) = u32_at(sample, 0) {
        stream.extend(START_CODE);
        stream.extend(sample.get(4..4 + length as usize)?);
        sample = &sample[4 + length as usize..];
    }
    let mut decoder = Decoder::new().ok()?;
    let picture = decoder.decode(&stream).ok()??;
    let (width, height) = picture.dimensions();
    if width * height > PIXELS_MAX {
        return None;
    }
    let mut rgb = vec![0; width * height * 3];
    picture.write_rgb8(&mut rgb);
    Some((rgb, width as u32, height as u32))
}

/// The parameter sets of an `avcC`, each after a start code.
fn parameters(config: &[u8]) -> Option<Vec<u8>> {
    let mut stream = Vec::new();
    let mut rest = config.get(5..)?;
    for mask in [0x1f, 0xff] {
        let count = rest.first()? & mask;
        rest = &rest[1..];
        for _ in 0..count {
            let length = usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?));
            stream.extend(START_CODE);
            stream.extend(rest.get(2..2 + length)?);
            rest = &rest[2 + length..];
        }
    }
    Some(stream)
}

fn video_track(bytes: &[u8]) -> Option<&[u8]> {
    let tracks = Boxes(child(bytes, b"moov")?).filter(|(kind, _)| kind == b"trak");
    tracks.map(|(_, track)| track).find(|track| {
        let handler = child(track, b"mdia").and_then(|mdia| child(mdia, b"hdlr"));
        handler.and_then(|handler| handler.get(8..12)) == Some(b"vide")
    })
}

fn tables(track: &[u8]) -> Option<&[u8]> {
    child(child(child(track, b"mdia")?, b"minf")?, b"stbl")
}

fn child<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    Boxes(bytes).find(|(known, _)| known == kind).map(|(_, body)| body)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// The boxes that follow one another; it ends where the bytes make no box.
pub(super) struct Boxes<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Boxes<'a> {
    type Item = ([u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let kind = self.0.get(4..8)?.try_into().ok()?;
        let (head, size) = match u32_at(self.0, 0)? {
            0 => (8, self.0.len()),
            1 => {
                let size = u64::from_be_bytes(self.0.get(8..16)?.try_into().ok()?);
                (16, usize::try_from(size).ok()?)
            }
            size => (8, size as usize),
        };
        let body = self.0.get(head..size)?;
        self.0 = &self.0[size..];
        Some((kind, body))
    }
}
