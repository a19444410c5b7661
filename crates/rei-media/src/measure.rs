//! Looking at a customer's file before it is priced and sent anywhere.

use std::fs::File;
use std::path::Path;

use rei_domain::catalog::Measured;
use rei_domain::media::MediaType;

use crate::MediaError;

use crate::kind::sniff_file;
use crate::{picture, video};

/// What a customer's file is: kind, size in bytes, width and height as shown, and for a clip its length.
/// A picture is decoded fully and a clip's samples are looked for, so that a torn file is noticed here.
///
/// # Errors
/// [`MediaError`]: everything but [`MediaError::Io`] is about the file and stays true.
pub fn measure(path: &Path) -> Result<Measured, MediaError> {
    let mut file = File::open(path).map_err(MediaError::Io)?;
    let size_bytes = file.metadata().map_err(MediaError::Io)?.len();
    let kind = sniff_file(&mut file)?;
    let (width, height, length_ms) = match kind {
        MediaType::Heic => return Err(MediaError::Heic),
        MediaType::Csv => return Err(MediaError::NotMedia),
        MediaType::Png | MediaType::Jpeg | MediaType::Webp => {
            let (width, height) = picture::shown_size(&picture::read_whole(file)?, kind)?;
            (width, height, None)
        }
        MediaType::Mp4 | MediaType::Mov => {
            let clip = video::read_clip(&mut file, size_bytes)?;
            (clip.width, clip.height, Some(clip.length_ms))
        }
    };
    Ok(Measured { file_type: kind.extension().to_owned(), size_bytes, width, height, length_ms })
}

#[cfg(test)]
mod tests {
    use image::ImageFormat;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{Film, Layout, file, picture, with_orientation};

    fn measured(bytes: &[u8]) -> Result<Measured, MediaError> {
        measure(file(bytes).path())
    }

    #[test]
    fn a_picture_is_measured_by_its_contents() {
        for (format, file_type) in
            [(ImageFormat::Png, "png"), (ImageFormat::Jpeg, "jpg"), (ImageFormat::WebP, "webp")]
        {
            let bytes = picture(40, 30, format);
            let expected = Measured {
                file_type: file_type.to_owned(),
                size_bytes: bytes.len() as u64,
                width: 40,
                height: 30,
                length_ms: None,
            };
            assert_eq!(measured(&bytes).expect("it is a picture"), expected);
        }
    }

    #[test]
    fn a_photo_taken_upright_is_upright() {
        let lying = picture(40, 30, ImageFormat::Jpeg);
        let check = |orientation, size| {
            let found = measured(&with_orientation(&lying, orientation)).expect("it is a picture");
            assert_eq!((found.width, found.height), size, "orientation {orientation}");
        };
        (1..=4).for_each(|kept| check(kept, (40, 30)));
        (5..=8).for_each(|turned| check(turned, (30, 40)));
        check(77, (40, 30));
    }

    #[test]
    fn a_torn_picture_is_noticed_wherever_it_is_torn() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let whole = picture(24, 24, format);
            // A PNG's last chunk carries nothing.
            let needed = if format == ImageFormat::Png { whole.len() - 12 } else { whole.len() };
            for length in 16..needed {
                let found = measured(&whole[..length]);
                assert!(
                    matches!(found, Err(MediaError::Broken(_))),
                    "{format:?} {length}: {found:?}"
                );
            }
        }
    }

    #[test]
    fn a_picture_that_would_fill_the_memory_is_refused_before_it_does() {
        let mut bomb = picture(8, 8, ImageFormat::Png).to_vec();
        // Width and height follow the first chunk's name; its checksum comes after them.
        bomb[16..24].copy_from_slice(&[0, 0, 0x80, 0, 0, 0, 0x80, 0]);
        let checksum = crc32(&bomb[12..29]).to_be_bytes();
        bomb[29..33].copy_from_slice(&checksum);
        assert!(matches!(measured(&bomb), Err(MediaError::TooLarge { .. })));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
        })
    }

    #[test]
    fn what_the_house_does_not_handle_is_told_apart() {
        let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
        assert!(matches!(measured(heic), Err(MediaError::Heic)));
        let avif = b"\0\0\0\x18ftypavif\0\0\0\0mif1miaf";
        for other in
            [avif.as_slice(), b"GIF89a", b"", b"<svg xmlns=\"http://www.w3.org/2000/svg\">"]
        {
            assert!(matches!(measured(other), Err(MediaError::NotMedia)));
        }
        assert!(matches!(measure(Path::new("/nowhere/at/all")), Err(MediaError::Io(_))));
    }

    #[test]
    fn a_clip_is_measured_however_it_lies_in_its_file() {
        let mut film = Film::new(64, 48, 5);
        for layout in [Layout::HeaderFirst, Layout::HeaderLast, Layout::Fragments] {
            film.layout = layout;
            let bytes = film.bytes();
            let expected = Measured {
                file_type: "mp4".to_owned(),
                size_bytes: bytes.len() as u64,
                width: 64,
                height: 48,
                length_ms: Some(500),
            };
            assert_eq!(measured(&bytes).expect("it is a clip"), expected, "{layout:?}");
        }
        film.brand = *b"qt  ";
        assert_eq!(measured(&film.bytes()).expect("it is a clip").file_type, "mov");
        // The oldest QuickTime files have no brand; here the pixels come first.
        let unbranded = film.laid_out(Layout::HeaderLast).bytes().split_off(20);
        assert_eq!(measured(&unbranded).expect("it is a clip").file_type, "mov");
    }

    #[test]
    fn any_picture_and_clip_may_be_mangled() {
        let film = |layout| Film::new(32, 32, 3).laid_out(layout).bytes();
        let wholes = [
            picture(16, 16, ImageFormat::Png).to_vec(),
            with_orientation(&picture(16, 16, ImageFormat::Jpeg), 6),
            picture(16, 16, ImageFormat::WebP).to_vec(),
            film(Layout::HeaderFirst),
            film(Layout::HeaderLast),
            film(Layout::Fragments),
        ];
        let mangled = (
            any::<prop::sample::Index>(),
            prop::collection::vec(any::<(prop::sample::Index, u8)>(), 1..20),
        );
        proptest!(ProptestConfig::with_cases(512), |((whole, changes) in mangled)| {
            let mut bytes = wholes[whole.index(wholes.len())].clone();
            for (place, value) in changes {
                let place = place.index(bytes.len());
                bytes[place] = value;
            }
            let _ = measured(&bytes);
        });
    }

    proptest! {
        #[test]
        fn any_bytes_may_be_measured(start in 0_usize..7, bytes: Vec<u8>) {
            let starts: [&[u8]; 7] = [
                b"\x89PNG\r\n\x1a\n",
                b"\xff\xd8\xff",
                b"RIFF\x10\0\0\0WEBP",
                b"\0\0\0\x10ftypisom\0\0\0\0",
                b"\0\0\0\x10ftypqt  \0\0\0\0\0\0\0\0moov",
                b"\0\0\x10\0moov",
                b"",
            ];
            let _ = measured(&[starts[start], &bytes].concat());
        }
    }
}
