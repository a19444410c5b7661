//! What people of the tests send: small real files, each known by the word on it.

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use rei_sim::draw::Drawing;
use rei_sim::gemini::Call;
use rei_sim::video::sample_clip;
use serde_json::Value;

/// Small enough to cost little, large enough for every provider.
const PICTURE_PX: (u32, u32) = (400, 300);
/// A WebP of one colour, lossless. Its pixels take no room, so that its head alone says how many there are.
const WEBP: &str = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==";
/// Where the head has the sides, less one each, in 14 bits.
const WEBP_SIDES: std::ops::Range<usize> = 21..25;
/// The most that one comment of a JPEG holds.
const COMMENT_MAX_BYTES: usize = 60_000;

/// A picture as a telephone takes it.
pub fn photo(word: &str) -> Vec<u8> {
    drawing(word).jpeg()
}

/// A picture that is sent as a file.
pub fn png(word: &str) -> Vec<u8> {
    drawing(word).png()
}

/// A picture of the third kind that is taken.
pub fn webp() -> Vec<u8> {
    let mut bytes = STANDARD.decode(WEBP).expect("it is base64");
    let has_alpha = 1 << 28;
    let sides = (PICTURE_PX.0 - 1) | (PICTURE_PX.1 - 1) << 14 | has_alpha;
    bytes[WEBP_SIDES].copy_from_slice(&sides.to_le_bytes());
    bytes
}

/// The beginning of a picture in Apple's format, as far as anybody here reads it.
pub fn heic() -> Vec<u8> {
    let mut bytes = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec();
    bytes.resize(4_000, 7);
    bytes
}

/// The picture with comments in it that make it this long: as heavy as one from a real camera, and as quick to read as
/// a small one.
pub fn heavy(jpeg: &[u8], bytes: usize) -> Vec<u8> {
    let (start, rest) = jpeg.split_at(2);
    let mut heavy = start.to_vec();
    while heavy.len() + rest.len() < bytes {
        let length = u16::try_from(COMMENT_MAX_BYTES + 2).expect("it fits");
        heavy.extend([0xff, 0xfe]);
        heavy.extend(length.to_be_bytes());
        heavy.extend(std::iter::repeat_n(b'.', COMMENT_MAX_BYTES));
    }
    heavy.extend(rest);
    heavy
}

/// A clip of three seconds.
pub fn clip() -> Bytes {
    static CLIP: OnceLock<Bytes> = OnceLock::new();
    CLIP.get_or_init(|| sample_clip(1280, 720, 3_000)).clone()
}

/// The pictures inside a call to Gemini, in their order.
pub fn pictures_in(call: &Call) -> Vec<Vec<u8>> {
    let turns = call.body["contents"].as_array().into_iter().flatten();
    let parts = turns.flat_map(|turn| turn["parts"].as_array().into_iter().flatten());
    let data = parts.filter_map(|part| part["inlineData"]["data"].as_str());
    data.map(|data| STANDARD.decode(data).expect("it is base64")).collect()
}

/// A setting of the drawing that a call to Gemini asks for.
pub fn drawn_as<'a>(call: &'a Call, name: &str) -> &'a Value {
    &call.body["generationConfig"]["imageConfig"][name]
}

fn drawing(word: &str) -> Drawing<'_> {
    let (width, height) = PICTURE_PX;
    Drawing { width, height, prompt: word, note: "", reference: None }
}
