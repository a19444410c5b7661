//! What players and our own checks rely on.

use super::probe::Boxes;
use super::*;

fn clip(width: u32, height: u32, length_ms: u64) -> Clip {
    Clip {
        width, height, length_ms, prompt: "кот на скейте".to_owned(), ..Clip::default()
    }
}

/// Colours are far from each other on average.
fn differs(one: &[u8], other: &[u8]) -> bool {
    let sum: u64 = one.iter().zip(other).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum / one.len() as u64 > 8
}

#[test]
fn a_clip_says_its_size_and_length_and_plays_while_it_loads() {
    let bytes = clip(320, 180, 1_041).encode();
    let kinds: Vec<[u8; 4]> = Boxes(&bytes).map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [*b"ftyp", *b"moov", *b"mdat"]);
    let whole: usize = Boxes(&bytes).map(|(_, body)| body.len() + 8).sum();
    assert_eq!(whole, bytes.len());
    let probe = probe(&bytes).expect("a video");
    assert_eq!((probe.width, probe.height, probe.frames), (320, 180, 25));
    assert_eq!((probe.duration_ms, &probe.brand, probe.is_fast_start), (1_041, b"isom", true));
    assert!((probe.fps() - 24.0).abs() < 0.1);
}

#[test]
fn the_first_picture_decodes_to_what_was_drawn() {
    let drawn = clip(320, 180, 500);
    let (rgb, width, height) = first_picture(&drawn.encode()).expect("it decodes");
    assert_eq!((width, height), (320, 180));
    let wanted = Frames::new(&drawn, 320, 180).at(0, 12);
    assert!(!differs(&rgb, &wanted));
}

#[test]
fn every_picture_decodes_and_something_moves() {
    let stream = h264::encode(64, 64, 60, |index, _| vec![(index * 4) as u8; 64 * 64 * 3]);
    assert_eq!(stream.samples.len(), 60);
    let keys: Vec<usize> = (0..60).filter(|index| stream.samples[*index].is_key).collect();
    assert_eq!(keys, [0, 48]);
    let clip = clip(320, 180, 2_000);
    let frames = Frames::new(&clip, 320, 180);
    assert_ne!(frames.at(0, 48), frames.at(20, 48));
}

#[test]
fn the_source_begins_the_clip_and_the_last_picture_ends_it() {
    let picture = |shade: u8| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::RgbImage::from_pixel(64, 36, image::Rgb([shade; 3]))
            .write_to(&mut bytes, image::ImageFormat::Png)
            .expect("memory takes it");
        Bytes::from(bytes.into_inner())
    };
    let clip = Clip { first: Some(picture(250)), last: Some(picture(10)), ..clip(320, 180, 1_000) };
    let frames = Frames::new(&clip, 320, 180);
    let corner = |index: u32| frames.at(index, 24)[(320 * 5 + 100) * 3];
    assert!(corner(0) > 240 && corner(12) > 240 && corner(23) < 40);
}

#[test]
fn a_customers_clip_is_still_small_and_of_the_size_that_kling_takes() {
    let bytes = sample_clip(1280, 720, 5_000);
    let probe = probe(&bytes).expect("a video");
    assert_eq!(
        (probe.width, probe.height, probe.duration_ms, probe.frames),
        (1280, 720, 5_000, 120)
    );
    assert!(bytes.len() < 1_500_000, "{}", bytes.len());
    assert_eq!(super::probe(&sample_mov(320, 320, 40)).expect("a video").brand, *b"qt  ");
}

#[test]
fn sides_are_even_and_within_what_the_encoder_takes() {
    assert_eq!(sides(321, 181), (320, 180));
    assert_eq!(sides(9_000, 5_000), (3840, 2160));
    assert_eq!(sides(1, 9_000), (16, 3840));
}

#[tokio::test]
async fn cached_clips_are_made_once_and_tiny() {
    let videos = Videos::new(VideoMode::Cached);
    let first = videos.make(clip(1280, 720, 5_041)).await;
    let again = videos.make(Clip { prompt: "пёс".to_owned(), ..clip(1280, 720, 5_041) }).await;
    assert_eq!(first.as_ptr(), again.as_ptr());
    assert!(first.len() < 100_000, "{}", first.len());
    let seen = probe(&first).expect("a video");
    assert_eq!((seen.width, seen.height, seen.duration_ms), (1280, 720, 5_041));
    assert!(first_picture(&first).is_some());
}

#[test]
fn junk_is_no_video() {
    for junk in [&b""[..], b"junk", b"\0\0\0\x08ftyp", &[0; 64], &[255; 64]] {
        assert_eq!(probe(junk), None);
        assert!(first_picture(junk).is_none());
    }
    let whole = clip(64, 64, 100).encode();
    for end in 0..whole.len() {
        let _ = (probe(&whole[..end]), first_picture(&whole[..end]).is_none());
    }
}
