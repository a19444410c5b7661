//! The services that make pictures and videos: one trait, one policy for every outside call, one client each.
//!
//! A client makes one exchange and says exactly what came of it; it never repeats a call and never waits for a
//! better moment. [`next_step`] alone says whether an order is tried again, and the queue does the waiting.
//! Nothing here knows of orders, customers or money.

mod answer;
pub mod gemini;
mod in_base64;
pub mod kling;
mod next_step;
pub mod policy;
mod provider;
mod redact;
mod rejection;
mod telemetry;

pub use answer::RawAnswer;
pub use next_step::{NextStep, RetryPolicy, next_step};
pub use provider::{
    Artifact, AskError, Availability, Done, FormerTurn, Found, InputContent, InputFile, Provider,
    RemoteFile, Submission, SubmitRequest, TaskRef, TaskState, Usage,
};
pub use rejection::{Class, Reason, Rejection};
