//! The boxes of an MP4 file with one video track: `ftyp`, then `moov`, then `mdat`, so that it plays while it loads.

use super::h264::Stream;
use super::{Container, FPS};

/// Ticks of one picture; a second has `FPS` times as many.
const TICKS: u32 = 512;
const TIMESCALE: u32 = FPS * TICKS;
/// The identity matrix of a transformation.
const MATRIX: [u32; 9] = [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000];
const RESOLUTION_72_DPI: u32 = 0x0048_0000;
/// The language code `und`: none is stated.
const UNDETERMINED: u16 = 0x55c4;

/// Packs an encoded clip.
pub(super) fn pack(stream: &Stream, width: u32, height: u32, container: Container) -> Vec<u8> {
    let mut file = ftyp(container);
    // The box has the same size whatever the offset in it, so it is written twice.
    let data_at = file.len() + moov(stream, width, height, 0).len() + 8;
    file.extend(moov(stream, width, height, data_at as u32));
    let length: usize = stream.samples.iter().map(|sample| sample.bytes.len()).sum();
    file.reserve(length + 8);
    file.extend(((length + 8) as u32).to_be_bytes());
    file.extend(b"mdat");
    for sample in &stream.samples {
        file.extend(&sample.bytes);
    }
    file
}

fn ftyp(container: Container) -> Vec<u8> {
    let mut body = Body::default();
    match container {
        Container::Mp4 => body.text(b"isom").u32(0x200).text(b"isomiso2avc1mp41"),
        Container::Mov => body.text(b"qt  ").u32(0x200).text(b"qt  "),
    };
    body.into_box(b"ftyp")
}

fn moov(stream: &Stream, width: u32, height: u32, data_at: u32) -> Vec<u8> {
    let ticks = stream.samples.len() as u32 * TICKS;
    let mut head = Body::full(0, 0);
    head.u32(0).u32(0).u32(TIMESCALE).u32(ticks);
    head.u32(0x0001_0000).u16(0x0100).zeros(10);
    head.matrix().zeros(24).u32(2);
    let mut body = Body::default();
    body.add(head.into_box(b"mvhd")).add(trak(stream, width, height, data_at));
    body.into_box(b"moov")
}

fn trak(stream: &Stream, width: u32, height: u32, data_at: u32) -> Vec<u8> {
    let ticks = stream.samples.len() as u32 * TICKS;
    // 3: the track is on and part of the presentation.
    let mut track = Body::full(0, 3);
    track.u32(0).u32(0).u32(1).u32(0).u32(ticks).zeros(16);
    track.matrix().u32(width << 16).u32(height << 16);
    let mut media = Body::full(0, 0);
    media.u32(0).u32(0).u32(TIMESCALE).u32(ticks).u16(UNDETERMINED).u16(0);
    let mut handler = Body::full(0, 0);
    handler.u32(0).text(b"vide").zeros(12).text(b"VideoHandler\0");
    let mut mdia = Body::default();
    mdia.add(media.into_box(b"mdhd")).add(handler.into_box(b"hdlr"));
    mdia.add(minf(stream, width, height, data_at));
    let mut body = Body::default();
    body.add(track.into_box(b"tkhd")).add(mdia.into_box(b"mdia"));
    body.into_box(b"trak")
}

fn minf(stream: &Stream, width: u32, height: u32, data_at: u32) -> Vec<u8> {
    let mut header = Body::full(0, 1);
    header.zeros(8);
    // 1: the data is in this very file.
    let mut references = Body::full(0, 0);
    references.u32(1).add(Body::full(0, 1).into_box(b"url "));
    let mut information = Body::default();
    information.add(references.into_box(b"dref"));
    let mut body = Body::default();
    body.add(header.into_box(b"vmhd")).add(information.into_box(b"dinf"));
    body.add(stbl(stream, width, height, data_at));
    body.into_box(b"minf")
}

fn stbl(stream: &Stream, width: u32, height: u32, data_at: u32) -> Vec<u8> {
    let count = stream.samples.len() as u32;
    let mut descriptions = Body::full(0, 0);
    descriptions.u32(1).add(avc1(stream, width, height));
    let mut times = Body::full(0, 0);
    times.u32(1).u32(count).u32(TICKS);
    let keys: Vec<u32> =
        (1..).zip(&stream.samples).filter(|(_, s)| s.is_key).map(|(n, _)| n).collect();
    let mut key_pictures = Body::full(0, 0);
    key_pictures.u32(keys.len() as u32);
    for number in keys {
        key_pictures.u32(number);
    }
    // All samples lie in one chunk.
    let mut chunks = Body::full(0, 0);
    chunks.u32(1).u32(1).u32(count).u32(1);
    let mut sizes = Body::full(0, 0);
    sizes.u32(0).u32(count);
    for sample in &stream.samples {
        sizes.u32(sample.bytes.len() as u32);
    }
    let mut offsets = Body::full(0, 0);
    offsets.u32(1).u32(data_at);
    let mut body = Body::default();
    body.add(descriptions.into_box(b"stsd")).add(times.into_box(b"stts"));
    body.add(key_pictures.into_box(b"stss")).add(chunks.into_box(b"stsc"));
    body.add(sizes.into_box(b"stsz")).add(offsets.into_box(b"stco"));
    body.into_box(b"stbl")
}

fn avc1(stream: &Stream, width: u32, height: u32) -> Vec<u8> {
    let mut entry = Body::default();
    entry.zeros(6).u16(1).zeros(16).u16(width as u16).u16(height as u16);
    entry.u32(RESOLUTION_72_DPI).u32(RESOLUTION_72_DPI).u32(0).u16(1).zeros(32);
    entry.u16(24).u16(0xffff);
    entry.add(avcc(stream));
    entry.into_box(b"avc1")
}

fn avcc(stream: &Stream) -> Vec<u8> {
    let mut body = Body::default();
    let profile = stream.sps.get(1..4).unwrap_or(&[66, 0xc0, 31]);
    body.text(&[1]).text(profile);
    // Lengths of four bytes; one SPS; one PPS.
    body.text(&[0xff, 0xe1]).u16(stream.sps.len() as u16).text(&stream.sps);
    body.text(&[1]).u16(stream.pps.len() as u16).text(&stream.pps);
    body.into_box(b"avcC")
}

/// The contents of a box while they are written.
#[derive(Default)]
struct Body(Vec<u8>);

impl Body {
    fn full(version: u8, flags: u32) -> Self {
        let mut body = Self::default();
        body.u32(u32::from(version) << 24 | flags);
        body
    }

    fn text(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend(bytes);
        self
    }

    fn add(&mut self, child: Vec<u8>) -> &mut Self {
        self.0.extend(child);
        self
    }

    fn u16(&mut self, value: u16) -> &mut Self {
        self.text(&value.to_be_bytes())
    }

    fn u32(&mut self, value: u32) -> &mut Self {
        self.text(&value.to_be_bytes())
    }

    fn zeros(&mut self, count: usize) -> &mut Self {
        self.0.resize(self.0.len() + count, 0);
        self
    }

    fn matrix(&mut self) -> &mut Self {
        for value in MATRIX {
            self.u32(value);
        }
        self
    }

    fn into_box(self, kind: &[u8; 4]) -> Vec<u8> {
        let mut whole = ((self.0.len() + 8) as u32).to_be_bytes().to_vec();
        whole.extend(kind);
        whole.extend(self.0);
        whole
    }
}
