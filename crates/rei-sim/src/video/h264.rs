//! Pictures to H.264: few of them are drawn, the others repeat the one before.

use openh264::OpenH264API;
use openh264::encoder::{
    BitRate, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, QpRange,
    RateControlMode, UsageType,
};
use openh264::formats::{RgbSliceU8, YUVBuffer};

use super::FPS;

/// A drawn picture stands for this many of the clip: six a second are drawn.
const REPEATS: u32 = 4;
/// The most pixels that are drawn for one clip; large clips move in larger steps.
const DRAWN_PIXELS_MAX: u64 = 60_000_000;
/// A picture that needs no other comes this often, so that players can jump.
const KEY_EVERY: u32 = FPS * 2;
/// A still clip is made of copies of two groups of this many pictures.
const STILL_GROUP: u32 = 12;
const QUALITY: QpRange = QpRange::new(24, 32);
const NAL_SPS: u8 = 7;
const NAL_PPS: u8 = 8;

/// An encoded clip, ready to be packed.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// The sequence's parameters, without start code.
    pub(super) sps: Vec<u8>,
    /// The pictures' parameters, without start code.
    pub(super) pps: Vec<u8>,
    pub(super) samples: Vec<Sample>,
}

/// One picture: NAL units, each after its length in four bytes.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) bytes: Vec<u8>,
    pub(super) is_key: bool,
}

/// Encodes `count` pictures; `draw` gives the RGB of picture `index` of `count`.
pub(super) fn encode(
    width: u32,
    height: u32,
    count: u32,
    draw: impl Fn(u32, u32) -> Vec<u8>,
) -> Stream {
    let drawn_max = (DRAWN_PIXELS_MAX / (u64::from(width) * u64::from(height))).max(2);
    let repeats = REPEATS.max(count.div_ceil(u32::try_from(drawn_max).unwrap_or(u32::MAX)));
    let mut encoder = encoder(KEY_EVERY);
    let mut stream = Stream::default();
    let mut picture = None;
    for index in 0..count {
        let is_new = index.is_multiple_of(repeats) || index + 1 == count;
        let picture = match &mut picture {
            Some(picture) if !is_new => picture,
            picture => picture.insert(planes(&draw(index, count), width, height)),
        };
        push(&mut encoder, picture, &mut stream);
    }
    stream
}

/// Encodes `count` times the same picture, at the cost of a few.
pub(super) fn encode_still(
    width: u32,
    height: u32,
    count: u32,
    draw: impl FnOnce() -> Vec<u8>,
) -> Stream {
    let picture = planes(&draw(), width, height);
    let mut encoder = encoder(STILL_GROUP);
    let mut stream = Stream::default();
    // Two groups, as neighbouring key pictures must bear different ids.
    for _ in 0..count.min(STILL_GROUP * 2) {
        push(&mut encoder, &picture, &mut stream);
    }
    let groups = stream.samples.clone();
    stream.samples = groups.into_iter().cycle().take(count as usize).collect();
    stream
}

fn encoder(key_every: u32) -> Encoder {
    let config = EncoderConfig::new()
        .usage_type(UsageType::CameraVideoRealTime)
        .rate_control_mode(RateControlMode::Off)
        .complexity(Complexity::Low)
        .bitrate(BitRate::from_bps(4_000_000))
        .max_frame_rate(FrameRate::from_hz(FPS as f32))
        .intra_frame_period(IntraFramePeriod::from_num_frames(key_every))
        .qp(QUALITY)
        .skip_frames(false)
        .scene_change_detect(false)
        .adaptive_quantization(false)
        .background_detection(false)
        .num_threads(1);
    Encoder::with_api_config(OpenH264API::from_source(), config)
        .expect("the encoder that is built in needs nothing but memory")
}

fn planes(rgb: &[u8], width: u32, height: u32) -> YUVBuffer {
    YUVBuffer::from_rgb8_source(RgbSliceU8::new(rgb, (width as usize, height as usize)))
}

fn push(encoder: &mut Encoder, picture: &YUVBuffer, stream: &mut Stream) {
    let encoded = encoder.encode(picture).expect("even sides within the limits can be encoded");
    let is_key = matches!(encoded.frame_type(), FrameType::IDR | FrameType::I);
    let mut bytes = Vec::new();
    let whole = encoded.to_vec();
    for unit in openh264::nal_units(&whole).map(without_start_code) {
        match unit.first().map(|head| head & 0x1f) {
            Some(NAL_SPS) => unit.clone_into(&mut stream.sps),
            Some(NAL_PPS) => unit.clone_into(&mut stream.pps),
            Some(_) => {
                bytes.extend((unit.len() as u32).to_be_bytes());
                bytes.extend(unit);
            }
            None => {}
        }
    }
    stream.samples.push(Sample { bytes, is_key });
}

fn without_start_code(unit: &[u8]) -> &[u8] {
    let zeros = unit.iter().take_while(|byte| **byte == 0).count();
    unit.get(zeros + 1..).unwrap_or_default()
}
