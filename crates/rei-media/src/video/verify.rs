//! Checking a clip before its price is captured.

use std::fs::File;
use std::path::Path;

use bytes::Bytes;
use rei_domain::media::MediaType;

use super::clip::read_clip;
use super::cover::cover;
use super::top::Source;
use crate::MediaError;

use crate::kind::sniff_file;

/// How far a clip may be from the ordered length: a tenth of it …
const TOLERANCE_PERCENT: u64 = 10;
/// … but at least this, because a provider's clip is a whole number of its own groups of frames.
const TOLERANCE_MIN_MS: u64 = 700;

/// A clip that was looked at.
#[derive(Clone, Debug)]
pub struct VerifiedVideo {
    /// Pixels from side to side, as shown.
    pub width: u32,
    /// Pixels from top to bottom, as shown.
    pub height: u32,
    /// How long it runs, in milliseconds.
    pub length_ms: u64,
    /// Its first frame as a JPEG, at most 1280 px; `None` when it can't be decoded here, which says nothing against
    /// the clip.
    pub cover: Option<Bytes>,
}

/// Checks that the file is an MP4 with something to watch, that none of it is missing, and that it runs about as long as
/// was ordered; makes its cover. `length_ms`: as ordered; `None` when the order left it open.
///
/// # Errors
/// [`MediaError`] when there is nothing to sell. A frame that can't be decoded is no error: the clip may be in a format
/// that only the customer's player knows.
pub fn verify_video(path: &Path, length_ms: Option<u64>) -> Result<VerifiedVideo, MediaError> {
    let mut file = File::open(path).map_err(MediaError::Io)?;
    let size_bytes = file.metadata().map_err(MediaError::Io)?.len();
    if sniff_file(&mut file)? != MediaType::Mp4 {
        return Err(MediaError::NotMedia);
    }
    let clip = read_clip(&mut file, size_bytes)?;
    if let Some(ordered_ms) = length_ms.filter(|ordered_ms| !fits(clip.length_ms, *ordered_ms)) {
        return Err(MediaError::WrongLength { found_ms: clip.length_ms, ordered_ms });
    }
    let cover = cover(&mut Source { file: &mut file, size_bytes }, &clip);
    Ok(VerifiedVideo { width: clip.width, height: clip.height, length_ms: clip.length_ms, cover })
}

fn fits(found_ms: u64, ordered_ms: u64) -> bool {
    let tolerance_ms = (ordered_ms / 100 * TOLERANCE_PERCENT).max(TOLERANCE_MIN_MS);
    found_ms.abs_diff(ordered_ms) <= tolerance_ms
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{Film, Layout, file};

    fn verified(film: &Film, length_ms: Option<u64>) -> Result<VerifiedVideo, MediaError> {
        verify_video(file(&film.bytes()).path(), length_ms)
    }

    #[test]
    fn a_clip_gets_a_cover_however_it_lies_in_its_file() {
        let mut film = Film::new(64, 48, 5);
        for layout in [Layout::HeaderFirst, Layout::HeaderLast, Layout::Fragments] {
            film.layout = layout;
            let clip = verified(&film, Some(500)).expect("it is a clip");
            assert_eq!((clip.width, clip.height, clip.length_ms), (64, 48, 500));
            let cover = clip.cover.expect("it can be decoded");
            let cover = image::load_from_memory(&cover).expect("it is a JPEG").into_rgb8();
            assert_eq!((cover.width(), cover.height()), (64, 48));
            let (left, right) = (cover.get_pixel(8, 24), cover.get_pixel(56, 24));
            assert!(left.0[0] > 150 && right.0[2] > 150, "{left:?} {right:?}");
        }
    }

    #[test]
    fn a_large_clip_gets_a_cover_that_telegram_takes() {
        let clip = verified(&Film::new(1920, 1080, 1), None).expect("it is a clip");
        let cover = clip.cover.expect("it can be decoded");
        let cover = image::load_from_memory(&cover).expect("it is a JPEG");
        assert_eq!((cover.width(), cover.height()), (1280, 720));
    }

    #[test]
    fn a_turned_clip_is_shown_as_it_was_filmed() {
        let mut film = Film::new(64, 32, 1);
        let mut check = |matrix, size: (u32, u32), red: (u32, u32)| {
            film.matrix = matrix;
            let clip = verified(&film, None).expect("it is a clip");
            assert_eq!((clip.width, clip.height), size);
            let cover = image::load_from_memory(&clip.cover.expect("it can be decoded"));
            let cover = cover.expect("it is a JPEG").into_rgb8();
            assert_eq!((cover.width(), cover.height()), size);
            assert!(cover.get_pixel(red.0, red.1).0[0] > 150, "{matrix:?}");
        };
        check([1, 0, 0, 1], (64, 32), (8, 16));
        check([0, 1, -1, 0], (32, 64), (16, 8));
        check([-1, 0, 0, -1], (64, 32), (56, 16));
        check([0, -1, 1, 0], (32, 64), (16, 56));
    }

    #[test]
    fn a_clip_of_another_length_is_not_sold() {
        let film = Film::new(32, 32, 20);
        assert!(verified(&film, Some(2700)).is_ok());
        let wrong = verified(&film, Some(2701));
        assert!(matches!(wrong, Err(MediaError::WrongLength { found_ms: 2000, ordered_ms: 2701 })));
        // From seven seconds on, a tenth is more.
        assert!(fits(9000, 10_000) && !fits(8999, 10_000));
        assert!(fits(11_000, 10_000) && !fits(11_001, 10_000));
    }

    #[test]
    fn a_clip_that_was_cut_off_is_not_sold() {
        for layout in [Layout::HeaderFirst, Layout::HeaderLast, Layout::Fragments] {
            let whole = Film::new(32, 32, 3).laid_out(layout).bytes();
            for length in (32..whole.len()).step_by(7).chain([whole.len() - 1]) {
                let torn = verify_video(file(&whole[..length]).path(), Some(300));
                // A fragmented file cut between two fragments is a whole shorter one; the order tells its length.
                let fragments = layout == Layout::Fragments && torn.is_ok();
                let refused = matches!(torn, Err(MediaError::Broken(_)));
                assert!(refused || fragments, "{layout:?} {length}: {torn:?}");
            }
        }
    }

    #[test]
    fn a_clip_that_cannot_be_decoded_here_is_sold_without_a_cover() {
        let mut film = Film::new(64, 48, 3);
        film.coding = *b"hvc1";
        assert!(verified(&film, None).expect("it is a clip").cover.is_none());
        let mut broken = Film::new(64, 48, 3);
        for sample in &mut broken.samples {
            sample.iter_mut().skip(5).for_each(|byte| *byte ^= 0x5a);
        }
        assert!(verified(&broken, None).expect("its boxes are whole").cover.is_none());
    }

    #[test]
    fn only_an_mp4_with_something_to_watch_is_sold() {
        let mut film = Film::new(32, 32, 1);
        film.handler = *b"soun";
        assert!(matches!(verified(&film, None), Err(MediaError::NoVideo)));
        film.handler = *b"vide";
        film.brand = *b"qt  ";
        assert!(matches!(verified(&film, None), Err(MediaError::NotMedia)));
    }

    #[test]
    fn any_frames_may_be_mangled() {
        let whole = Film::new(48, 48, 3);
        let changes = prop::collection::vec(any::<(prop::sample::Index, u8)>(), 1..8);
        proptest!(ProptestConfig::with_cases(128), |(changes in changes)| {
            let mut film = whole.clone();
            for (place, value) in changes {
                let sample = &mut film.samples[0];
                let place = place.index(sample.len());
                sample[place] = value;
            }
            prop_assert!(verified(&film, None).is_ok());
        });
    }
}
