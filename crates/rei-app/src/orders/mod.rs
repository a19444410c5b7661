//! The life of an order: placed, submitted, settled, delivered; or cancelled, refused, expired.

mod cancel;
mod deliver;
mod expire;
mod give_back;
mod place;
mod poisoned;
mod reject;
mod settle;
mod status;
mod submit;

pub use cancel::{CancelOutcome, cancel};
pub use deliver::{PART_ORIGINAL, PART_PREVIEW, part_sent};
pub use expire::expire_overdue;
pub use give_back::{GiveBack, Why, give_back};
pub use place::{PlaceOutcome, place};
pub use poisoned::poisoned;
pub use submit::{SUBMIT_JOB, submit};

/// The queue in which providers' work waits.
pub const PROVIDER_QUEUE: &str = "providers";
