//! What every provider can be asked, and the answers.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;

use crate::rejection::Rejection;

/// A service that makes pictures or videos. One call is one exchange: never repeated in here.
///
/// A provider that answers with the result itself (Gemini) implements `submit` alone; one that hands out a task
/// (Kling) implements the rest as well.
pub trait Provider: Send + Sync {
    /// The name in the catalogue, in orders and in metrics.
    fn name(&self) -> &str;

    /// Hands the work over. The caller has stored [`SubmitRequest::key`] before.
    fn submit<'a>(&'a self, request: &'a SubmitRequest) -> BoxFuture<'a, Submission>;

    /// Whether a call would be let through right now; asked before money is put on hold.
    fn availability(&self) -> Availability;

    /// Asks how tasks stand. Tasks that the provider does not know are missing from the answer.
    fn poll<'a>(
        &'a self,
        tasks: &'a [TaskRef],
    ) -> BoxFuture<'a, Result<BTreeMap<TaskRef, TaskState>, AskError>> {
        let _ = tasks;
        Box::pin(async { Err(AskError::NotSupported) })
    }

    /// Looks for the task of a `submit` whose answer was lost, by its key.
    fn lookup<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Found, AskError>> {
        let _ = key;
        Box::pin(async { Err(AskError::NotSupported) })
    }

    /// Downloads a result piece by piece.
    fn fetch<'a>(
        &'a self,
        file: &'a RemoteFile,
    ) -> BoxFuture<'a, Result<BoxStream<'static, Result<Bytes, Rejection>>, AskError>> {
        let _ = file;
        Box::pin(async { Err(AskError::NotSupported) })
    }
}

/// What is to be made.
#[derive(Clone)]
pub struct SubmitRequest {
    /// Our idempotency key of this attempt. Providers that take one are given it; all see it in the log.
    pub key: String,
    /// The provider's model id.
    pub model: String,
    /// The customer's words.
    pub prompt: String,
    /// `width:height`; none follows the inputs.
    pub aspect_ratio: Option<String>,
    /// `512`, `1K`, `2K`, `4K`; none takes the model's own.
    pub image_size: Option<String>,
    /// The customer's files, in order.
    pub inputs: Vec<InputFile>,
    /// Whether to insist on a picture: the second try after an answer in words.
    pub image_only: bool,
}

impl fmt::Debug for SubmitRequest {
    /// Without the prompt and the files: they are the customer's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmitRequest")
            .field("key", &self.key)
            .field("model", &self.model)
            .field("aspect_ratio", &self.aspect_ratio)
            .field("image_size", &self.image_size)
            .field("inputs", &self.inputs.len())
            .field("image_only", &self.image_only)
            .finish_non_exhaustive()
    }
}

/// A customer's file.
#[derive(Clone)]
pub struct InputFile {
    /// Its contents.
    pub bytes: Bytes,
    /// What it is, such as `image/png`.
    pub mime: String,
}

/// What came of a `submit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submission {
    /// The provider works on it; ask with `poll`.
    Accepted {
        /// The provider's name for it.
        task: TaskRef,
    },
    /// It is here.
    Done(Done),
    /// There will be nothing from this attempt.
    Rejected(Rejection),
}

/// A result and what it used up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// What was made; not verified yet, never empty.
    pub artifacts: Vec<Artifact>,
    /// What the provider will bill.
    pub usage: Usage,
    /// To be sent back unchanged when this picture is edited in a later turn.
    pub thought_signature: Option<String>,
}

/// One file that was made.
#[derive(Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Its contents.
    pub bytes: Bytes,
    /// By its first bytes where they are known, else the provider's word.
    pub mime: String,
}

impl fmt::Debug for Artifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Artifact({}, {} bytes)", self.mime, self.bytes.len())
    }
}

/// Tokens of one call, as the provider counted them; zero where it said nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Words and pictures that went in.
    pub input_tokens: u64,
    /// Everything that came out, except thoughts.
    pub output_tokens: u64,
    /// How many of `output_tokens` are pictures; they have a price of their own.
    pub image_tokens: u64,
    /// Thoughts, billed like words that came out.
    pub thought_tokens: u64,
}

/// The provider's name for a task.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskRef(pub String);

/// How a task stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// Waiting or being worked on.
    Running,
    /// Finished; fetch these.
    Succeeded(Vec<RemoteFile>),
    /// There will be nothing.
    Failed(Rejection),
}

/// A result at the provider's address. The address is never handed to anybody else.
#[derive(Clone, PartialEq, Eq)]
pub struct RemoteFile {
    /// Where it is.
    pub url: String,
}

impl fmt::Debug for RemoteFile {
    /// Without the address: it often carries a signature.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RemoteFile")
    }
}

/// What a `lookup` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The task was taken.
    Task(TaskRef, TaskState),
    /// The provider has never seen the key: the work may be handed over again with the same key.
    Nothing,
}

/// Why a question was not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// This provider has no such question.
    #[error("the provider cannot be asked that")]
    NotSupported,
    /// The provider declined or did not answer; questions may always be repeated.
    #[error("the provider did not answer the question ({})", .0.code)]
    Rejected(Rejection),
}

/// Whether calls are let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Yes.
    Up,
    /// No: the provider has failed too often just now.
    Down {
        /// When the next try is made.
        retry_after: Duration,
    },
}

impl Availability {
    /// Whether calls are refused.
    pub const fn is_down(self) -> bool {
        matches!(self, Self::Down { .. })
    }
}
