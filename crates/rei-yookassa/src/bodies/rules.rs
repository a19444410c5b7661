//! Limits that payments and refunds share.

use std::collections::BTreeMap;

use rei_domain::money::Kopecks;
use serde::Serialize;

use super::BodyError;
use crate::money::{Amount, SUM_MAX};

const NAMES_MAX: usize = 16;
const NAME_MAX: usize = 32;
const TEXT_MAX: usize = 512;

/// A sum that can be paid.
pub(super) fn amount(sum: Kopecks) -> Result<Amount, BodyError> {
    if sum.is_positive() && sum <= SUM_MAX { Ok(Amount::rubles(sum)) } else { Err(BodyError::Sum) }
}

/// Metadata within the API's limits, counted in characters.
pub(super) fn check_metadata(metadata: &BTreeMap<&str, &str>) -> Result<(), BodyError> {
    let fits = |(name, text): (&&str, &&str)| {
        (1..=NAME_MAX).contains(&name.chars().count()) && text.chars().count() <= TEXT_MAX
    };
    let is_fine = metadata.len() <= NAMES_MAX && metadata.iter().all(fits);
    if is_fine { Ok(()) } else { Err(BodyError::Metadata) }
}

/// A text cut to so many characters.
pub(super) fn cut(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).collect()
}

/// The bytes of a body whose sums were checked.
pub(super) fn bytes(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("bodies have only plain fields and checked sums")
}
