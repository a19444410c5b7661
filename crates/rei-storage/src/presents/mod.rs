//! Money that the owner gives away by rule: promo codes, and the bonus of a first top-up.
//!
//! Each limit is kept by the statement that spends it, so a crowd at one code has exactly as many winners as the
//! code has uses. Money itself moves in the ledger.

mod codes;
mod first_topup;
#[cfg(test)]
mod tests;

pub use codes::{
    NewPromo, PromoRow, create, find, forget_guesses, forget_use, guess, guesses_since, has_bought,
    newest, switch_off, take, use_once, uses_of,
};
pub use first_topup::{FirstTopup, first_topup_of, is_first_topup, owe, owing, take_back};

use crate::Sql;

/// The statements of this folder.
pub(crate) fn all() -> impl Iterator<Item = &'static Sql> {
    [codes::ALL, first_topup::ALL].into_iter().flatten().copied()
}
