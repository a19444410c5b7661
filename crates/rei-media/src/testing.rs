//! Small pictures and clips for tests, made on the spot.

use std::io::{Cursor, Write};

use bytes::Bytes;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use openh264::OpenH264API;
use openh264::encoder::{Encoder, EncoderConfig};
use openh264::formats::{RgbSliceU8, YUVBuffer};
use tempfile::NamedTempFile;

/// Red on the left, blue on the right, and some noise so that it does not pack into nothing.
pub fn scene(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let noise = u8::try_from((x * 7 + y * 13) % 32).expect("under 32");
        if x < width / 2 {
            Rgb([220 + noise, noise, noise])
        } else {
            Rgb([noise, noise, 220 + noise])
        }
    })
}

/// The same as a file.
pub fn picture(width: u32, height: u32, format: ImageFormat) -> Bytes {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(scene(width, height))
        .write_to(&mut bytes, format)
        .expect("memory takes it");
    Bytes::from(bytes.into_inner())
}

/// Puts a note into a JPEG: turn it so before showing it.
pub fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0, 0]);
    let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
}

/// A file with these bytes, gone when dropped.
pub fn file(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a temporary folder");
    file.write_all(bytes).expect("room for it");
    file
}

/// How a clip lies in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    HeaderFirst,
    HeaderLast,
    Fragments,
}

/// A clip to be made: frames of a tenth of a second each.
#[derive(Clone, Debug)]
pub struct Film {
    pub brand: [u8; 4],
    pub layout: Layout,
    pub handler: [u8; 4],
    pub coding: [u8; 4],
    /// a, b, c, d of the track's matrix.
    pub matrix: [i32; 4],
    /// What the edit list shows, in milliseconds.
    pub edit_ms: Option<u32>,
    /// The index of segments is all that tells the length.
    pub silent_samples: bool,
    width: u16,
    height: u16,
    config: Vec<u8>,
    pub samples: Vec<Vec<u8>>,
}

const SAMPLE_MS: u32 = 100;

impl Film {
    /// Encodes a film of so many frames.
    pub fn new(width: u16, height: u16, frames: usize) -> Self {
        let mut encoder =
            Encoder::with_api_config(OpenH264API::from_source(), EncoderConfig::new())
                .expect("the encoder is built in");
        let pixels = scene(u32::from(width), u32::from(height));
        let source = RgbSliceU8::new(&pixels, (usize::from(width), usize::from(height)));
        let frame = YUVBuffer::from_rgb8_source(source);
        let mut film = Self {
            brand: *b"isom",
            layout: Layout::HeaderFirst,
            handler: *b"vide",
            coding: *b"avc1",
            matrix: [1, 0, 0, 1],
            edit_ms: None,
            silent_samples: false,
            width,
            height,
            config: Vec::new(),
            samples: Vec::new(),
        };
        let (mut sps, mut pps) = (Vec::new(), Vec::new());
        for _ in 0..frames {
            let stream = encoder.encode(&frame).expect("it encodes").to_vec();
            let mut sample = Vec::new();
            for unit in units(&stream) {
                match unit[0] & 0x1f {
                    7 => sps = unit,
                    8 => pps = unit,
                    _ => sample.extend([length_of(&unit).to_be_bytes().as_slice(), &unit].concat()),
                }
            }
            film.samples.push(sample);
        }
        film.config = [
            &[1, sps[1], sps[2], sps[3], 0xff, 0xe1][..],
            &short(&sps),
            &sps,
            &[1],
            &short(&pps),
            &pps,
        ]
        .concat();
        film
    }

    /// The same film in another layout.
    pub fn laid_out(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let ftyp = boxed(b"ftyp", &[&self.brand, &[0; 4], &self.brand]);
        let media = boxed(b"mdat", &self.samples.iter().map(Vec::as_slice).collect::<Vec<_>>());
        match self.layout {
            Layout::HeaderFirst => {
                let start = ftyp.len() + self.moov(0).len() + 8;
                [ftyp, self.moov(start), media].concat()
            }
            Layout::HeaderLast => {
                let moov = self.moov(ftyp.len() + 8);
                [ftyp, media, moov].concat()
            }
            Layout::Fragments => {
                let mut file = [ftyp, self.moov(0)].concat();
                if self.silent_samples {
                    file.extend(self.sidx());
                }
                for samples in self.samples.chunks(2) {
                    file.extend(self.fragment(samples));
                }
                file
            }
        }
    }

    fn moov(&self, start: usize) -> Vec<u8> {
        let whole_ms = SAMPLE_MS * length_of(&self.samples);
        let fragmented = self.layout == Layout::Fragments;
        let declared_ms = if fragmented { 0 } else { whole_ms };
        let mvhd = full(b"mvhd", &[&words(&[0, 0, 1000, declared_ms]), &[0; 80]]);
        let trex = full(b"trex", &[&words(&[1, 1, 0, 0, 0])]);
        let mvex = if fragmented { boxed(b"mvex", &[&trex]) } else { Vec::new() };
        boxed(b"moov", &[&mvhd, &self.trak(start, declared_ms), &mvex])
    }

    fn trak(&self, start: usize, declared_ms: u32) -> Vec<u8> {
        let [a, b, c, d] = self.matrix.map(|number| (number << 16).to_be_bytes());
        let matrix = [a, b, [0; 4], c, d, [0; 4], [0; 4], [0; 4], [0x40, 0, 0, 0]].concat();
        let size = words(&[u32::from(self.width) << 16, u32::from(self.height) << 16]);
        let tkhd = [&words(&[7, 0, 0, 1, 0, declared_ms]), &[0; 16][..], &matrix, &size].concat();
        let elst = self.edit_ms.map_or_else(Vec::new, |edit_ms| {
            boxed(
                b"edts",
                &[&full(b"elst", &[&words(&[2, 50, u32::MAX, 1 << 16, edit_ms, 0, 1 << 16])])],
            )
        });
        let mdhd = full(b"mdhd", &[&words(&[0, 0, 1000, declared_ms, 0])]);
        let hdlr = full(b"hdlr", &[&[0; 4], &self.handler, &[0; 13]]);
        let minf = boxed(b"minf", &[&boxed(b"stbl", &[&self.tables(start)])]);
        let mdia = boxed(b"mdia", &[&mdhd, &hdlr, &minf]);
        boxed(b"trak", &[&boxed(b"tkhd", &[&tkhd]), &elst, &mdia])
    }

    fn tables(&self, start: usize) -> Vec<u8> {
        let size = [self.width.to_be_bytes(), self.height.to_be_bytes()].concat();
        let avcc = boxed(b"avcC", &[&self.config]);
        let entry = boxed(&self.coding, &[&[0; 24], &size, &[0; 50], &avcc]);
        let stsd = full(b"stsd", &[&words(&[1]), &entry]);
        if self.layout == Layout::Fragments {
            let stsz = full(b"stsz", &[&words(&[0, 0])]);
            let empty =
                [b"stts", b"stsc", b"stco"].map(|name| full(name, &[&words(&[0])])).concat();
            return [stsd, stsz, empty].concat();
        }
        let count = length_of(&self.samples);
        let sizes: Vec<u32> = self.samples.iter().map(|sample| length_of(sample)).collect();
        let stts = full(b"stts", &[&words(&[1, count, SAMPLE_MS])]);
        let stsc = full(b"stsc", &[&words(&[1, 1, count, 1])]);
        let stsz = full(b"stsz", &[&words(&[0, count]), &words(&sizes)]);
        let stco = full(b"stco", &[&words(&[1, u32::try_from(start).expect("small")])]);
        [stsd, stts, stsc, stsz, stco].concat()
    }

    fn fragment(&self, samples: &[Vec<u8>]) -> Vec<u8> {
        let ticks = if self.silent_samples { 0 } else { SAMPLE_MS };
        let rows: Vec<u32> = samples.iter().flat_map(|sample| [ticks, length_of(sample)]).collect();
        let moof = |offset: u32| {
            let tfhd = boxed(b"tfhd", &[&words(&[0x2_0000, 1])]);
            let trun =
                boxed(b"trun", &[&words(&[0x301, length_of(samples), offset]), &words(&rows)]);
            boxed(b"moof", &[&full(b"mfhd", &[&words(&[1])]), &boxed(b"traf", &[&tfhd, &trun])])
        };
        let offset = length_of(&moof(0)) + 8;
        let media = boxed(b"mdat", &samples.iter().map(Vec::as_slice).collect::<Vec<_>>());
        [moof(offset), media].concat()
    }

    fn sidx(&self) -> Vec<u8> {
        let whole_ms = SAMPLE_MS * length_of(&self.samples);
        full(b"sidx", &[&words(&[1, 1000, 0, 0, 1, 0, whole_ms, 0])])
    }
}

fn units(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut starts: Vec<usize> =
        (0..stream.len()).filter(|at| stream[*at..].starts_with(&[0, 0, 1])).collect();
    starts.push(stream.len() + 1);
    let unit = |pair: &[usize]| {
        let end = (pair[1] - 1).min(stream.len());
        let body = &stream[pair[0] + 3..end.max(pair[0] + 3)];
        body.to_vec()
    };
    starts.windows(2).map(unit).collect()
}

/// A box.
pub fn boxed(name: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&(length_of(&body) + 8).to_be_bytes(), &name[..], &body].concat()
}

/// A box of version 0 without flags.
pub fn full(name: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    boxed(name, &[&[0; 4], &parts.concat()])
}

/// Big-endian numbers.
pub fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

fn length_of<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).expect("small")
}

fn short(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len()).expect("small").to_be_bytes()
}
