//! What every provider can be asked, and the answers.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use rei_domain::catalog::{Extra, Slot};

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

    /// Whether it hands out tasks: then it can be asked what became of a call whose answer was lost.
    fn has_tasks(&self) -> bool {
        false
    }

    /// Asks how tasks stand. Tasks that the provider does not know are missing from the answer.
    fn poll<'a>(
        &'a self,
        tasks: &'a [TaskRef],
    ) -> BoxFuture<'a, Result<BTreeMap<TaskRef, TaskState>, AskError>> {
        let _ = tasks;
        Box::pin(async { Err(AskError::NotSupported) })
    }

    /// Looks for the task of a `submit` whose answer was lost, by the key and the model of that request.
    fn lookup<'a>(
        &'a self,
        model: &'a str,
        key: &'a str,
    ) -> BoxFuture<'a, Result<Found, AskError>> {
        let _ = (model, key);
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
#[derive(Clone, Default)]
pub struct SubmitRequest {
    /// Our idempotency key of this attempt. Providers that take one are given it; all see it in the log.
    pub key: String,
    /// The provider's model, as the catalogue's row spells it: an id (Gemini), or the path of its endpoint
    /// (Kling: `text-to-video/kling-3.0-turbo`).
    pub model: String,
    /// The model's name in the provider's older generation of the API, where it has one.
    pub model_legacy: Option<String>,
    /// The customer's words; may be empty where the provider needs none.
    pub prompt: String,
    /// `width:height`; none follows the inputs.
    pub aspect_ratio: Option<String>,
    /// Pictures: `512`, `1K`, `2K`, `4K`. Videos: `720p`, `1080p`, `4k`. None takes the model's own.
    pub size: Option<String>,
    /// Videos: the length in whole seconds; none where it follows from an input.
    pub seconds: Option<u32>,
    /// Videos: `off`, `native` or `original`; none where the model has no such choice.
    pub sound: Option<String>,
    /// Fixed fields of the catalogue's row, by the provider's own names.
    pub extras: BTreeMap<String, Extra>,
    /// The customer's files, in order.
    pub inputs: Vec<InputFile>,
    /// Whether to insist on a picture: the second try after an answer in words.
    pub image_only: bool,
    /// Where the provider may report progress; only a hint to ask, never believed.
    pub callback_url: Option<String>,
}

impl fmt::Debug for SubmitRequest {
    /// Without the prompt, the files and the callback's address: they are the customer's or secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmitRequest")
            .field("key", &self.key)
            .field("model", &self.model)
            .field("aspect_ratio", &self.aspect_ratio)
            .field("size", &self.size)
            .field("seconds", &self.seconds)
            .field("sound", &self.sound)
            .field("inputs", &self.inputs)
            .field("image_only", &self.image_only)
            .finish_non_exhaustive()
    }
}

/// A customer's file, or a result of ours that is to be changed.
#[derive(Clone)]
pub struct InputFile {
    /// What it is for.
    pub slot: Slot,
    /// What it is, such as `image/png`.
    pub mime: String,
    /// Where its bytes are.
    pub content: InputContent,
    /// When it is a result that this provider made before: the words it was made from, and what was to be sent back.
    pub former_turn: Option<FormerTurn>,
}

/// Where the bytes of an input are.
#[derive(Clone)]
pub enum InputContent {
    /// In this file on our disk; the provider takes them as bytes in whatever form it has.
    File {
        /// Where.
        path: PathBuf,
        /// How many.
        size_bytes: u64,
    },
    /// At this address, which the provider can reach and which outlives its queue. Secret: whoever has it has the file.
    Url(String),
}

/// The turn of a conversation that a picture came from.
#[derive(Clone)]
pub struct FormerTurn {
    /// The words it was made from.
    pub prompt: String,
    /// The provider's signature of its thoughts, sent back unchanged; none when it gave none.
    pub thought_signature: Option<String>,
}

impl fmt::Debug for InputFile {
    /// Without the place and the words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let carried = match &self.content {
            InputContent::File { size_bytes, .. } => format!("{size_bytes} bytes"),
            InputContent::Url(_) => "by link".to_owned(),
        };
        write!(f, "{}: {} {carried}", self.slot.as_str(), self.mime)
    }
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
    /// Videos: their length by the provider's word, in milliseconds.
    pub duration_ms: Option<u64>,
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
