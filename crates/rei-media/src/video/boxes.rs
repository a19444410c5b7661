//! Boxes inside boxes, in memory. Nothing here allocates, and every step goes forward.

/// A box's four letters.
pub type Name = [u8; 4];

/// The boxes that lie one after another in `bytes`; it ends at the first that does not fit.
pub fn boxes(bytes: &[u8]) -> impl Iterator<Item = (Name, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let mut fields = Fields(rest);
        let size = u64::from(fields.u32()?);
        let name = fields.array::<4>()?;
        let box_bytes = match size {
            // To the end of what surrounds it.
            0 => rest.len(),
            1 => usize::try_from(fields.u64()?).ok()?,
            size => usize::try_from(size).ok()?,
        };
        let header_bytes = rest.len() - fields.0.len();
        let body = rest.get(header_bytes..box_bytes)?;
        rest = rest.get(box_bytes..)?;
        Some((name, body))
    })
}

/// The first box of that name.
pub fn find<'b>(bytes: &'b [u8], name: &Name) -> Option<&'b [u8]> {
    boxes(bytes).find_map(|(found, body)| (found == *name).then_some(body))
}

/// The box at the end of a path of names.
pub fn descend<'b>(bytes: &'b [u8], path: &[&Name]) -> Option<&'b [u8]> {
    path.iter().try_fold(bytes, |inside, name| find(inside, name))
}

/// Big-endian numbers, one after another; `None` once they run out.
pub struct Fields<'b>(pub &'b [u8]);

impl<'b> Fields<'b> {
    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    /// The next `count` bytes.
    pub fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (first, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(first)
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// A time, which version 1 of a box made twice as wide.
    pub fn time(&mut self, version: u8) -> Option<u64> {
        if version == 1 { self.u64() } else { self.u32().map(u64::from) }
    }

    /// The version and the flags that many boxes begin with.
    pub fn version_and_flags(&mut self) -> Option<(u8, u32)> {
        let [version, high, middle, low] = self.array()?;
        Some((version, u32::from_be_bytes([0, high, middle, low])))
    }
}

/// A box that is a table: its rows, each of `row_bytes`. `None` when it declares more rows than it holds.
pub fn rows(body: &[u8], row_bytes: usize) -> Option<std::slice::ChunksExact<'_, u8>> {
    let mut fields = Fields(body);
    fields.version_and_flags()?;
    counted_rows(fields, row_bytes)
}

/// The same, where the count comes next.
pub fn counted_rows(
    mut fields: Fields<'_>,
    row_bytes: usize,
) -> Option<std::slice::ChunksExact<'_, u8>> {
    let count = usize::try_from(fields.u32()?).ok()?;
    Some(fields.take(count.checked_mul(row_bytes)?)?.chunks_exact(row_bytes))
}

/// Whole milliseconds, rounded to the nearest; zero when the scale is.
pub fn ms(ticks: u64, ticks_per_second: u32) -> u64 {
    let scale = u128::from(ticks_per_second);
    let ms = (u128::from(ticks) * 1000 + scale / 2).checked_div(scale).unwrap_or_default();
    u64::try_from(ms).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_end_at_the_first_that_does_not_fit() {
        let names = |bytes: &[u8]| boxes(bytes).map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(b"\0\0\0\x08free\0\0\0\x09moov!"), [*b"free", *b"moov"]);
        assert_eq!(names(b"\0\0\0\x08free\0\0\0\x0amoov!"), [*b"free"]);
        assert_eq!(names(b"\0\0\0\0free and all the rest"), [*b"free"]);
        assert_eq!(names(b"\0\0\0\x01wide\0\0\0\0\0\0\0\x10\0\0\0\x08free"), [*b"wide", *b"free"]);
        // Smaller than its own header: it would never end.
        assert_eq!(names(b"\0\0\0\x07free\0\0\0\x08free"), [[0; 4]; 0]);
        assert_eq!(names(b"\0\0\0\x01wide\0\0\0\0\0\0\0\x0f"), [[0; 4]; 0]);
    }

    #[test]
    fn a_table_holds_what_it_declares() {
        let count = |body| rows(body, 2).map(|rows| rows.len());
        assert_eq!(count(b"\0\0\0\0\0\0\0\x02aabb"), Some(2));
        assert_eq!(count(b"\0\0\0\0\0\0\0\x03aabb"), None);
        assert_eq!(count(b"\0\0\0\0\xff\xff\xff\xffaabb"), None);
    }

    #[test]
    fn ticks_are_rounded_to_milliseconds() {
        assert_eq!(ms(90_000, 90_000), 1000);
        assert_eq!(ms(1, 3), 333);
        assert_eq!(ms(2, 3), 667);
        assert_eq!(ms(u64::MAX, 1), u64::MAX);
        assert_eq!(ms(1, 0), 0);
    }
}
