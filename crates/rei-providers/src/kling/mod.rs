//! The Kling API: videos from words, pictures and clips.
//!
//! A task with a key of ours: what got lost on the way is found again by that key, so nothing is ever ordered twice.
//! Two generations of the API are spoken: the newer one with an opaque key, the older one with a pair of keys.
//!
//! Source: Kling API reference (read 2026-11-22).

mod auth;
mod body;
pub mod callback;
mod calls;
mod endpoint;
mod errors;
mod fetch;
mod legacy;
mod media;
mod mention;
mod questions;
mod reply;
#[cfg(test)]
mod samples;
mod submit;
mod task;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use rei_domain::clock::SharedClock;
use rei_domain::shared::SharedLimits;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use self::auth::Auth;
use self::calls::Call;
use self::fetch::FileLimits;
use self::reply::Reply;
use crate::answer::RawAnswer;
use crate::policy::wire::{Wire, checked_base};
use crate::policy::{Gate, GateLimits, WireError, WireLimits};
use crate::provider::{
    AskError, Availability, Found, Provider, RemoteFile, Submission, SubmitRequest, TaskRef,
    TaskState,
};
use crate::rejection::Rejection;
use crate::telemetry;

pub use crate::policy::wire::ClientError;

/// The name in the catalogue.
pub const NAME: &str = "kling";

/// How long the free check of the key may take.
const CHECK_TIMEOUT: Duration = Duration::from_secs(20);
/// The largest answer of the API, in bytes: twenty tasks take some tens of thousands.
const ANSWER_MAX_BYTES: usize = 4 * 1024 * 1024;

/// Whether a key is a pair, which only the older generation of the API takes: some models are not sold there.
pub fn is_pair(key: &SecretString) -> bool {
    key.expose_secret().contains([':', '|'])
}

/// What a client needs to know.
pub struct KlingOptions {
    /// The address, such as `https://api-singapore.klingai.com`.
    pub base_url: String,
    /// An opaque key, or `access:secret` (also `access|secret`), which only the older generation takes.
    pub api_key: SecretString,
    /// An http, https or socks5 proxy for all calls and downloads.
    pub proxy: Option<SecretString>,
    /// Timeouts and sizes of calls; downloads have their own.
    pub wire: WireLimits,
    /// Concurrency, rate and breaker of new tasks; questions are free.
    pub limits: GateLimits,
    /// The largest result that is downloaded, in bytes.
    pub file_max_bytes: u64,
}

impl fmt::Debug for KlingOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KlingOptions")
            .field("proxy", &self.proxy.is_some())
            .field("wire", &self.wire)
            .field("limits", &self.limits)
            .field("file_max_bytes", &self.file_max_bytes)
            .finish_non_exhaustive()
    }
}

/// The Kling API for one key. Cheap to clone; clones share connections, limits and the signed token.
#[derive(Clone)]
pub struct Kling {
    wire: Wire,
    /// For downloads, which come from other hosts than the API.
    files: Wire,
    file_limits: FileLimits,
    gate: Gate,
    base: Url,
    auth: Arc<Auth>,
}

impl fmt::Debug for Kling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kling").field("is_legacy", &self.is_legacy()).finish_non_exhaustive()
    }
}

impl Kling {
    /// A client. `shared`: what it keeps together with the other processes.
    ///
    /// # Errors
    /// [`ClientError`] names what is wrong with the settings.
    pub fn new(
        options: KlingOptions,
        clock: SharedClock,
        shared: SharedLimits,
    ) -> Result<Self, ClientError> {
        let base = checked_base(&options.base_url)?;
        let auth = Auth::read(&options.api_key, clock.clone())?;
        let limits = WireLimits {
            answer_max_bytes: options.wire.answer_max_bytes.min(ANSWER_MAX_BYTES),
            ..options.wire
        };
        let mut secrets = auth.secrets();
        secrets.push(options.api_key);
        let client = |plain| Wire::new(limits, options.proxy.as_ref(), plain, secrets.clone());
        let plain = base.scheme() == "http";
        let wire = client(plain)?;
        // Results of an API without TLS may still lie behind TLS, but a machine without certificates must start.
        let files =
            if plain { client(false).unwrap_or_else(|_| wire.clone()) } else { wire.clone() };
        let file_limits = FileLimits {
            max_bytes: options.file_max_bytes,
            stall: fetch::STALL_MAX.min(limits.total_timeout),
        };
        let gate = Gate::new(NAME, options.limits, clock, shared);
        Ok(Self { wire, files, file_limits, gate, base, auth: Arc::new(auth) })
    }

    /// Whether only the older generation of the API is spoken: the key is a pair. Models without a name there
    /// ([`SubmitRequest::model_legacy`]) are refused then.
    pub fn is_legacy(&self) -> bool {
        matches!(*self.auth, Auth::Signed(_))
    }

    /// Asks for a task that does not exist, which costs nothing: whether the key, the address and the way there are
    /// right.
    ///
    /// # Errors
    /// The rejection that a real call would have met.
    pub async fn check_key(&self) -> Result<(), Rejection> {
        let call = if self.is_legacy() {
            let mut url = self.url(&["v1", "videos", "text2video"]);
            url.set_query(Some("pageNum=1&pageSize=1"));
            Call::Get(url)
        } else {
            let mut url = self.url(&["tasks"]);
            url.set_query(Some("task_ids=0"));
            Call::Get(url)
        };
        let reply = match tokio::time::timeout(CHECK_TIMEOUT, self.call(&call)).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(error)) => return Err(lost(&error)),
            Err(_) => return Err(Rejection::unknown("unanswered")),
        };
        match reply.code() {
            // Whoever is told that the task is not there was let in.
            Some(0 | 1201 | 1203) => Ok(()),
            // A gateway's welcome page is a success as well.
            None if reply.is_success() => Err(Rejection::owner_fault_for_all("not-an-api")),
            _ => Err(errors::classify(&reply)),
        }
    }
}

impl Provider for Kling {
    fn name(&self) -> &str {
        NAME
    }

    fn has_tasks(&self) -> bool {
        true
    }

    fn submit<'a>(&'a self, request: &'a SubmitRequest) -> BoxFuture<'a, Submission> {
        Box::pin(async move {
            let started = tokio::time::Instant::now();
            let submission = self.submit_once(request).await;
            telemetry::submitted(NAME, request, &submission, started.elapsed());
            submission
        })
    }

    fn availability(&self) -> Availability {
        self.gate.availability()
    }

    fn poll<'a>(
        &'a self,
        tasks: &'a [TaskRef],
    ) -> BoxFuture<'a, Result<BTreeMap<TaskRef, TaskState>, AskError>> {
        Box::pin(self.states(tasks))
    }

    fn lookup<'a>(
        &'a self,
        model: &'a str,
        key: &'a str,
    ) -> BoxFuture<'a, Result<Found, AskError>> {
        Box::pin(self.find(model, key))
    }

    fn fetch<'a>(
        &'a self,
        file: &'a RemoteFile,
    ) -> BoxFuture<'a, Result<BoxStream<'static, Result<Bytes, Rejection>>, AskError>> {
        Box::pin(fetch::open(&self.files, file, self.file_limits))
    }
}

/// What an answer to a new task means, when no task of its key was there before.
pub fn read_created(answer: RawAnswer<'_>) -> Submission {
    let reply = Reply::read(&answer.into());
    match reply.created() {
        Some(id) => Submission::Accepted { task: TaskRef(id) },
        None => Submission::Rejected(errors::classify(&reply)),
    }
}

/// The tasks of an answer to a question, each with its id as far as it has one; none when it holds no tasks at all.
pub fn read_tasks(answer: RawAnswer<'_>) -> Option<Vec<(Option<String>, TaskState)>> {
    let tasks = Reply::read(&answer.into()).tasks()?;
    Some(tasks.into_iter().map(|task| (task.id.clone(), task.state())).collect())
}

/// What a broken exchange means.
fn lost(error: &WireError) -> Rejection {
    match error {
        // Nothing was sent, so nothing was created; how often is for the settings to say.
        WireError::NotSent(_) => Rejection::retry("unreachable", u32::MAX),
        WireError::Unanswered(_) => Rejection::unknown("unanswered"),
        WireError::TooLarge(_) => Rejection::unknown("answer-too-large"),
    }
}

#[cfg(test)]
mod tests {
    use rei_domain::clock::{ManualClock, Timestamp};
    use rei_domain::shared::Alone;

    use super::*;

    fn client(base_url: &str, key: &str, proxy: Option<&str>) -> Result<Kling, ClientError> {
        let options = options(base_url, key, proxy);
        Kling::new(options, Arc::new(ManualClock::at(Timestamp(0))), Arc::new(Alone))
    }

    fn options(base_url: &str, key: &str, proxy: Option<&str>) -> KlingOptions {
        KlingOptions {
            base_url: base_url.to_owned(),
            api_key: key.to_owned().into(),
            proxy: proxy.map(|proxy| proxy.to_owned().into()),
            wire: WireLimits::default(),
            limits: GateLimits::default(),
            file_max_bytes: 1 << 20,
        }
    }

    #[test]
    fn wrong_settings_are_named() {
        let error = |base, key, proxy| client(base, key, proxy).map(|_| ()).expect_err("refused");
        assert_eq!(error("h", "k", None), ClientError::BaseUrl);
        assert_eq!(error("http://h", "", None), ClientError::Key);
        assert_eq!(error("http://h", "ak:", None), ClientError::Key);
        assert_eq!(error("http://h", "k", Some("nowhere")), ClientError::Proxy);
    }

    #[test]
    fn only_a_pair_of_keys_is_legacy() {
        let is_legacy = |key| client("http://h", key, None).expect("a client").is_legacy();
        assert!(!is_legacy("api-key-kling-1") && !is_legacy("AKLT1234"));
        assert!(is_legacy("ak:sk") && is_legacy("ak|sk"));
    }

    #[test]
    fn debug_output_says_nothing_secret() {
        for key in ["api-key-SECRET", "ak-SECRET:sk-SECRET"] {
            let proxy = Some("http://u:SECRET@p:1");
            let shown = format!(
                "{:?} {:?}",
                options("http://h", key, proxy),
                client("http://h", key, proxy)
            );
            assert!(!shown.contains("SECRET"), "{shown}");
        }
    }

    #[test]
    fn a_model_cannot_leave_its_place_in_the_path() {
        let kling = client("http://h/gateway/", "k", None).expect("a client");
        let url = |model: &str| kling.url(&["omni-video", model]).to_string();
        assert_eq!(url("kling-o1"), "http://h/gateway/omni-video/kling-o1");
        assert_eq!(url("../x?key=1#"), "http://h/gateway/omni-video/..%2Fx%3Fkey=1%23");
    }
}
