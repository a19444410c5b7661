//! What a file is, by its first bytes. Names and senders' words are not believed.

/// The bytes from the start of a file that [`sniff`] wants to see.
pub const SNIFF_BYTES: usize = 256;

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
    /// `text/csv`: tables that we make; nobody's file is taken for one
    Csv,
}

impl MediaType {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Png, Self::Jpeg, Self::Webp, Self::Heic, Self::Mp4, Self::Mov, Self::Csv];

    /// The name for HTTP.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Heic => "image/heic",
            Self::Mp4 => "video/mp4",
            Self::Mov => "video/quicktime",
            Self::Csv => "text/csv",
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
            Self::Csv => "csv",
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
            Self::Mp4 | Self::Mov | Self::Csv => false,
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
            by_brands(rest.get(..box_bytes.saturating_sub(8)).unwrap_or(rest))
        }
        // QuickTime is older than `ftyp`: its first files begin with whatever box comes first.
        [_, _, _, _, name @ ..] if old_quicktime(name) => Some(MediaType::Mov),
        _ => None,
    }
}

fn old_quicktime(name: &[u8]) -> bool {
    name.first_chunk::<4>()
        .is_some_and(|name| matches!(name, b"moov" | b"mdat" | b"wide" | b"pnot"))
}

/// One container, many kinds; the brands tell: the major one, its version, then those it is compatible with.
fn by_brands(brands: &[u8]) -> Option<MediaType> {
    let (major, rest) = brands.split_first_chunk::<4>()?;
    if is_still_or_sound(major) {
        return None;
    }
    let compatible = || rest.get(4..).unwrap_or_default().chunks_exact(4);
    // HEIC and AVIF may both begin with these; the compatible brands say which it is.
    if matches!(major, b"mif1" | b"msf1") {
        return compatible().any(is_heic).then_some(MediaType::Heic);
    }
    by_brand(major).or_else(|| compatible().find_map(by_brand))
}

fn by_brand(brand: &[u8]) -> Option<MediaType> {
    if is_heic(brand) {
        return Some(MediaType::Heic);
    }
    match brand {
        b"qt  " => Some(MediaType::Mov),
        [b'i', b's', b'o', b'm' | b'2'..=b'9'] => Some(MediaType::Mp4),
        b"mp41" | b"mp42" | b"mp71" | b"avc1" | b"hvc1" | b"dash" => Some(MediaType::Mp4),
        b"M4V " | b"M4VH" | b"M4VP" | b"MSNV" => Some(MediaType::Mp4),
        _ => None,
    }
}

/// Kinds that call themselves compatible with MP4 and are none of ours.
fn is_still_or_sound(brand: &[u8; 4]) -> bool {
    matches!(brand, b"avif" | b"avis" | b"crx " | b"jp2 " | b"M4A " | b"M4B " | b"M4P ")
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
        let check = |bytes: &[u8], kind| assert_eq!(sniff(bytes), kind, "{bytes:x?}");
        check(b"\x89PNG\r\n\x1a\n", Some(MediaType::Png));
        check(b"\xff\xd8\xff\xe0\0\x10JFIF", Some(MediaType::Jpeg));
        check(b"RIFF\x10\0\0\0WEBPVP8 ", Some(MediaType::Webp));
        check(b"RIFF\x10\0\0\0WAVEfmt ", None);
        check(&container(&[b"heic", b"mif1"]), Some(MediaType::Heic));
        check(&container(&[b"mif1", b"mif1", b"heic"]), Some(MediaType::Heic));
        check(&container(&[b"mif1", b"avif"]), None);
        check(&container(&[b"avif", b"mif1"]), None);
        check(&container(&[b"avis", b"iso8"]), None);
        check(&container(&[b"isom", b"iso2", b"mp41"]), Some(MediaType::Mp4));
        check(&container(&[b"mp42"]), Some(MediaType::Mp4));
        check(&container(&[b"XAVC", b"mp42"]), Some(MediaType::Mp4));
        check(&container(&[b"M4A ", b"isom"]), None);
        check(&container(&[b"qt  "]), Some(MediaType::Mov));
        check(b"\0\0\x10\0moov", Some(MediaType::Mov));
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
