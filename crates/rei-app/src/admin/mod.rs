//! What owners do and are told.

mod add;
pub mod alert;
mod stats;

pub use add::{AddOutcome, add};
pub use stats::{Figures, Stats, stats};
