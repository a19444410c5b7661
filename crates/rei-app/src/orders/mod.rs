//! The life of an order: placed, submitted, settled, delivered; or cancelled, refused, expired.

mod begin;
mod cancel;
mod conclude;
mod deliver;
mod estimate;
mod expire;
mod fetch;
mod give_back;
mod inputs;
mod look_up;
mod picture;
mod place;
mod poisoned;
mod queues;
mod settle;
mod status;
mod submit;
mod tasks;

pub use cancel::{CancelOutcome, cancel};
pub use deliver::{PART_ORIGINAL, PART_PREVIEW, part_sent, send_original};
pub(crate) use estimate::wait_of;
pub use expire::expire_overdue;
pub use fetch::{FETCH_JOB, fetch};
pub use give_back::{GiveBack, Why, give_back};
pub use place::{PlaceOutcome, place};
pub use poisoned::poisoned;
pub use queues::{
    has_places, live_queues, measure_places, places_left, queue_of, queues_with_places,
};
pub use submit::{SUBMIT_JOB, submit};
pub use tasks::{hurry, poll_due};

/// The queue in which providers' work waits, but for models that have queues of their own (`providers/<group>`).
pub const PROVIDER_QUEUE: &str = "providers";
