//! Money that the owner gives away by rule: promo codes, and the bonus of a first top-up.
//!
//! It goes into the bonus pocket, is spent like money and never paid out. The welcome gift is given where customers
//! are met.

pub mod admin;
mod first_topup;
mod promo;
mod spec;
#[cfg(test)]
mod tests;

pub use first_topup::{collect_owed_bonus, first_topup_bonus, take_back_first_topup_bonus};
pub use promo::{PromoOutcome, use_promo};
pub use spec::{PromoSpec, PromoSpecError};

/// The memo of a welcome gift.
pub(crate) const WELCOME_MEMO: &str = "welcome";
/// The memo of the bonus for a first top-up.
pub(crate) const FIRST_TOPUP_MEMO: &str = "first-topup";
/// The memo under which that bonus goes back.
pub(crate) const TAKEN_BACK_MEMO: &str = "first-topup-back";
