//! What a file is, by its first bytes. Names and senders' words are not believed.

/// The bytes from the start of a file that [`sniff`] wants to see.
pub const SNIFF_BYTES: usize = 64;

/// A kind of file that the house handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MediaType {
    /// `image/png`
    Png,
    /// `image/jpeg`
    Jpeg,
    /// `image/webp`
    Webp,
    /// `image/heic`, and HEIF in general
    Heic,
    /// `video/mp4`
    Mp4,
    /// `video/quicktime`: what iPhones record
    Mov,
}

impl MediaType {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Png, Self::Jpeg, Self::Webp, Self::Heic, Self::Mp4, Self::Mov];

    /// The name for HTTP.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Heic => "image/heic",
            Self::Mp4 => "video/mp4",
            Self::Mov => "video/quicktime",
        }
    }

    /// The ending of file names, without a dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
            Self::Heic => "heic",
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
        }
    }

    /// The kind with this ending, as [`Self::extension`] spells it.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|media| media.extension() == extension)
    }

    /// Whether it stands still.
    pub const fn is_picture(self) -> bool {
        match self {
            Self::Png | Self::Jpeg | Self::Webp | Self::Heic => true,
            Self::Mp4 | Self::Mov => false,
        }
    }
}

/// Looks at a file's first bytes; `None` for anything that the house does not handle.
pub fn sniff(bytes: &[u8]) -> Option<MediaType> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(MediaType::Png),
        [0xff, 0xd8, 0xff, ..] => Some(MediaType::Jpeg),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(MediaType::Webp),
        [a, b, c, d, b'f', b't', b'y', b'p', rest @ ..] => {
            let box_bytes = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).ok()?;
            iso_media(rest.get(..box_bytes.saturating_sub(8)).unwrap_or(rest))
        }
        _ => None,
    }
}

/// HEIC, MP4 and MOV share a container; its brands tell them apart. Brands: the major one, a version, compatible ones.
fn iso_media(brands: &[u8]) -> Option<MediaType> {
    let (major, rest) = brands.split_first_chunk::<4>()?;
    if let Some(media) = by_brand(major) {
        return Some(media);
    }
    // Both HEIC and AVIF begin with these; the compatible brands say which.
    if !matches!(major, b"mif1" | b"msf1") {
        return None;
    }
    let mut compatible = rest.get(4..)?.chunks_exact(4);
    compatible.any(is_heic).then_some(MediaType::Heic)
}

fn by_brand(brand: &[u8]) -> Option<MediaType> {
    if is_heic(brand) {
        return Some(MediaType::Heic);
    }
    match brand {
        [b'i', b's', b'o', b'm' | b'2'..=b'9'] => Some(MediaType::Mp4),
        b"mp41" | b"mp42" | b"mp71" | b"avc1" | b"hvc1" | b"dash" => Some(MediaType::Mp4),
        b"M4V " | b"M4VH" | b"M4VP" | b"MSNV" => Some(MediaType::Mp4),
        b"qt  " => Some(MediaType::Mov),
        _ => None,
    }
}

fn is_heic(brand: &[u8]) -> bool {
    matches!(brand, b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn container(brands: &[&[u8; 4]]) -> Vec<u8> {
        let (major, compatible) = brands.split_first().expect("a major brand");
        let size = u32::try_from(16 + 4 * compatible.len()).expect("small");
        let mut bytes = size.to_be_bytes().to_vec();
        bytes.extend_from_slice(b"ftyp");
        bytes.extend_from_slice(*major);
        bytes.extend_from_slice(&[0, 0, 2, 0]);
        compatible.iter().for_each(|brand| bytes.extend_from_slice(*brand));
        bytes.extend_from_slice(b"\0\0\0\x08mdatheic");
        bytes
    }

    #[test]
    fn the_first_bytes_tell() {
        let check = |bytes: &[u8], media| assert_eq!(sniff(bytes), media, "{bytes:x?}");
        check(b"\x89PNG\r\n\x1a\n", Some(MediaType::Png));
        check(b"\xff\xd8\xff\xe0\0\x10JFIF", Some(MediaType::Jpeg));
        check(b"RIFF\x10\0\0\0WEBPVP8 ", Some(MediaType::Webp));
        check(b"RIFF\x10\0\0\0WAVEfmt ", None);
        check(&container(&[b"heic", b"mif1"]), Some(MediaType::Heic));
        check(&container(&[b"mif1", b"mif1", b"heic"]), Some(MediaType::Heic));
        check(&container(&[b"mif1", b"avif"]), None);
        check(&container(&[b"avif", b"mif1"]), None);
        check(&container(&[b"isom", b"iso2", b"mp41"]), Some(MediaType::Mp4));
        check(&container(&[b"mp42"]), Some(MediaType::Mp4));
        check(&container(&[b"qt  "]), Some(MediaType::Mov));
        check(&container(&[b"qt  ", b"qt  ", b"mp42"]), Some(MediaType::Mov));
        check(b"<html>", None);
        check(b"GIF89a", None);
        check(b"", None);
    }

    #[test]
    fn every_kind_is_found_by_its_ending() {
        for media in MediaType::ALL {
            assert_eq!(MediaType::from_extension(media.extension()), Some(media));
        }
        assert_eq!(MediaType::from_extension("svg"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_may_be_looked_at(bytes: Vec<u8>, container in any::<bool>()) {
            let mut bytes = bytes;
            if container && bytes.len() >= 8 {
                bytes[4..8].copy_from_slice(b"ftyp");
            }
            let _ = sniff(&bytes);
        }
    }
}
