//! What a clip is, put together from its boxes.

use std::fs::File;

use super::avc::AvcConfig;
use super::boxes::{Fields, boxes, find, ms};
use super::fragments::{Defaults, add_fragment};
use super::samples::{Extent, Span, extent};
use super::top::{Placed, Source};
use super::track::{Track, Turn, indexed_length, scale_and_duration};
use crate::MediaError;

/// A clip has picture, sound, perhaps subtitles; beyond that, a stranger makes us search long lists.
const TRACKS_MAX: usize = 64;

/// A clip whose samples all lie inside its file.
#[derive(Clone, Debug)]
pub struct Clip {
    /// As shown.
    pub width: u32,
    /// As shown.
    pub height: u32,
    pub length_ms: u64,
    pub turn: Turn,
    /// `None`: not H.264.
    pub avc: Option<AvcConfig>,
    /// The first samples of the video track.
    pub head: Vec<Span>,
}

/// Reads a clip's description, wherever it stands in the file, and checks that what it describes is there.
///
/// # Errors
/// [`MediaError::NoVideo`] for sound alone, [`MediaError::Broken`] when the description is missing or contradicts the file.
pub fn read_clip(file: &mut File, size_bytes: u64) -> Result<Clip, MediaError> {
    let mut source = Source { file, size_bytes };
    let top = source.boxes()?;
    let moov = top.iter().find(|placed| placed.name == *b"moov");
    let moov = moov.ok_or(MediaError::broken("the clip has no description"))?;
    let moov = source.body(*moov)?;
    let tracks: Vec<Track<'_>> = boxes(&moov)
        .filter(|(name, _)| name == b"trak")
        .filter_map(|(_, body)| Track::parse(body))
        .take(TRACKS_MAX)
        .collect();
    let videos = || tracks.iter().filter(|track| track.is_video);
    let track = videos().find(|track| track.enabled).or_else(|| videos().next());
    let track = track.ok_or(MediaError::NoVideo)?;
    let frames = track.frames().ok_or(MediaError::broken("the frames are not described"))?;

    let mut found = extent(track.tables)?;
    let in_header = !found.head.is_empty();
    add_fragments(&mut found, &mut source, &top, track, &moov)?;
    if found.head.is_empty() {
        return Err(MediaError::broken("the clip has no frames"));
    }
    let sound_end = tracks.iter().filter(|other| other.id != track.id).map(sound_end).max();
    if found.end.max(sound_end.unwrap_or(0)) > size_bytes {
        return Err(MediaError::broken("the clip is cut off"));
    }
    let (width, height) = track.size(&frames);
    let length_ms = match length_ms(track, &found, in_header, &moov) {
        0 => indexed_ms(&mut source, &top)?,
        length_ms => length_ms,
    };
    if width == 0 || height == 0 || length_ms == 0 {
        return Err(MediaError::broken("the clip has no size or no length"));
    }
    Ok(Clip { width, height, length_ms, turn: track.turn, avc: frames.avc, head: found.head })
}

fn add_fragments(
    found: &mut Extent,
    source: &mut Source<'_>,
    top: &[Placed],
    track: &Track<'_>,
    moov: &[u8],
) -> Result<(), MediaError> {
    let Some(extends) = find(moov, b"mvex") else { return Ok(()) };
    let defaults: Vec<Defaults> = boxes(extends)
        .filter(|(name, _)| name == b"trex")
        .filter_map(|(_, body)| Defaults::parse(body))
        .take(TRACKS_MAX)
        .collect();
    for placed in top.iter().filter(|placed| placed.name == *b"moof") {
        let moof = source.body(*placed)?;
        add_fragment(found, placed.start, &moof, track.id, &defaults)
            .ok_or(MediaError::broken("a fragment is broken"))?;
    }
    Ok(())
}

/// Where another track ends, as far as it is sure: old QuickTime sound counts waves, not bytes, where all samples are
/// alike, and a broken table of what nobody watches is no reason to refuse a clip.
fn sound_end(track: &Track<'_>) -> u64 {
    let alike = find(track.tables, b"stsz").and_then(|body| Fields(body.get(4..)?).u32());
    if alike != Some(0) {
        return 0;
    }
    extent(track.tables).map_or(0, |extent| extent.end)
}

/// What its samples last, which no declaration can shorten, or the part of it that the edit list shows. Without
/// either, what is declared.
fn length_ms(track: &Track<'_>, found: &Extent, in_header: bool, moov: &[u8]) -> u64 {
    let movie_scale =
        find(moov, b"mvhd").and_then(scale_and_duration).map_or(0, |(scale, _)| scale);
    let sampled = ms(found.ticks, track.timescale);
    let shown = ms(track.shown_ticks, movie_scale);
    if sampled > 0 {
        return if in_header && shown > 0 { sampled.min(shown) } else { sampled };
    }
    match ms(track.declared_ticks, track.timescale) {
        0 => find(moov, b"mvex").and_then(|extends| find(extends, b"mehd")).map_or(0, |body| {
            let mut fields = Fields(body);
            let version = fields.version_and_flags().map_or(0, |(version, _)| version);
            ms(fields.time(version).unwrap_or(0), movie_scale)
        }),
        declared => declared,
    }
}

/// What the indexes of segments add up to; one for each track, so the longest counts.
fn indexed_ms(source: &mut Source<'_>, top: &[Placed]) -> Result<u64, MediaError> {
    let mut longest = 0;
    for placed in top.iter().filter(|placed| placed.name == *b"sidx") {
        let body = source.body(*placed)?;
        longest = longest.max(indexed_length(&body).map_or(0, |(ticks, scale)| ms(ticks, scale)));
    }
    Ok(longest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Film, Layout, boxed, file, full, words};

    fn read(bytes: &[u8]) -> Result<Clip, MediaError> {
        let file = file(bytes);
        let mut opened = File::open(file.path()).expect("it is there");
        read_clip(&mut opened, bytes.len() as u64)
    }

    #[test]
    fn the_edit_list_shortens_a_clip_and_never_lengthens_it() {
        let mut film = Film::new(32, 32, 5);
        let mut check = |edit_ms, length_ms| {
            film.edit_ms = edit_ms;
            assert_eq!(read(&film.bytes()).expect("it is a clip").length_ms, length_ms);
        };
        check(Some(200), 200);
        check(Some(9000), 500);
        // What fragmented and careless files write: the edit only says where to begin.
        check(Some(0), 500);
    }

    #[test]
    fn where_no_sample_says_how_long_it_lasts_the_index_does() {
        let mut film = Film::new(32, 32, 4);
        film.layout = Layout::Fragments;
        film.silent_samples = true;
        assert_eq!(read(&film.bytes()).expect("it is a clip").length_ms, 400);
    }

    /// Replaces the body of the only box of that name, which must keep its length.
    fn patched(film: &Film, name: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let mut bytes = film.bytes();
        let place = bytes.windows(4).position(|window| window == name).expect("it is there") + 4;
        bytes[place..place + body.len()].copy_from_slice(body);
        bytes
    }

    #[test]
    fn a_number_that_is_only_declared_costs_neither_time_nor_memory() {
        let film = Film::new(32, 32, 2);
        let all = u32::MAX;
        // Four milliards of samples of one length; four milliards of rows; a chunk of four milliards.
        for (name, numbers) in [
            (b"stsz", [0, 1, all]),
            (b"stsz", [0, all, all]),
            (b"stsz", [0, 0, all]),
            (b"stsc", [0, all, 1]),
            (b"stts", [0, all, all]),
            (b"stco", [0, all, 0]),
        ] {
            let found = read(&patched(&film, name, &words(&numbers)));
            assert!(
                matches!(found, Err(MediaError::Broken(_))) || name == b"stts",
                "{name:?} {found:?}"
            );
        }
        let found = read(&patched(&film, b"stsc", &words(&[0, 1, 1, all])));
        assert!(found.is_ok(), "{found:?}");
    }

    #[test]
    fn endless_small_boxes_come_to_an_end() {
        let film = Film::new(32, 32, 1).bytes();
        let endless =
            [boxed(b"ftyp", &[b"isom"]), boxed(b"free", &[]).repeat(70_000), film].concat();
        assert!(matches!(read(&endless), Err(MediaError::Broken(_))));
    }

    #[test]
    fn a_fragment_that_declares_milliards_of_samples_is_not_walked() {
        let film = Film::new(32, 32, 1).laid_out(Layout::Fragments);
        let run = boxed(b"trun", &[&words(&[0, u32::MAX])]);
        let track = boxed(b"tfhd", &[&words(&[0x2_0018, 1, 1000, 1000])]);
        let moof =
            boxed(b"moof", &[&full(b"mfhd", &[&words(&[1])]), &boxed(b"traf", &[&track, &run])]);
        let found = read(&[film.bytes(), moof].concat());
        assert!(matches!(found, Err(MediaError::Broken(_))), "{found:?}");
    }
}
