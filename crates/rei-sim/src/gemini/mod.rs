//! Google's image models in small: `generateContent`, the list of models and the Files API, with strict checks.
//!
//! [`GeminiSim`] answers with real pictures, or with any of the ways in which the service is known to fail
//! ([`Behaviour`]). A request that the live service would refuse, or that a careful client would not send, is refused
//! and noted: see [`GeminiSim::violations`].

mod answers;
mod ask;
mod behaviour;
mod collage;
mod contents;
mod control;
mod fields;
mod files;
mod models;
mod pictures;
mod record;
mod refusals;
mod service;
mod uploads;
mod work;

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use behaviour::{Behaviour, ServiceError, UploadBehaviour};
pub use pictures::PictureMode;
pub use record::Call;

use crate::common::clock::SimClock;
use crate::common::recorder::Recorder;
use crate::common::server::Server;
use behaviour::Plan;
use files::Files;
use pictures::Pictures;

/// No request may be larger, whatever it is for.
const BODY_MAX_BYTES: usize = 120 * 1024 * 1024;
/// A `generateContent` body above this belongs into the Files API.
const INLINE_MAX_BYTES: usize = 20 * 1024 * 1024;
const VIOLATIONS_MAX: usize = 1_000;

/// How the service is started.
#[derive(Clone, Debug)]
pub struct GeminiOptions {
    /// The only key that is taken.
    pub api_key: String,
    /// Time of latencies and of expiring files.
    pub clock: SimClock,
    /// 0: a free one.
    pub port: u16,
    /// How the pictures are made.
    pub picture: PictureMode,
    /// How long drawing takes.
    pub latency: Latency,
    /// How many calls are remembered; 0 for benches.
    pub calls_max: usize,
    /// A larger `generateContent` body gets 413.
    pub inline_max_bytes: usize,
}

impl Default for GeminiOptions {
    fn default() -> Self {
        Self {
            api_key: "simulated-gemini-key".to_owned(),
            clock: SimClock::real(),
            port: 0,
            picture: PictureMode::default(),
            latency: Latency::default(),
            calls_max: 500,
            inline_max_bytes: INLINE_MAX_BYTES,
        }
    }
}

/// How long drawing takes, on the simulator's clock: a time between these two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    /// Milliseconds.
    pub min_ms: u64,
    /// Milliseconds.
    pub max_ms: u64,
}

/// The running service; clones are the same one, and it stops when the last one goes.
#[derive(Clone, Debug)]
pub struct GeminiSim {
    state: SharedState,
    server: Arc<Server>,
}

impl GeminiSim {
    /// Starts it on loopback.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start(options: GeminiOptions) -> io::Result<Self> {
        let port = options.port;
        let state = Arc::new(Shared {
            api_key: options.api_key,
            inline_max_bytes: options.inline_max_bytes,
            files: Files::new(options.clock.clone()),
            clock: options.clock,
            plan: Plan::default(),
            pictures: Pictures::new(options.picture),
            latency: Mutex::new(options.latency),
            calls: Recorder::new(options.calls_max),
            violations: Recorder::new(VIOLATIONS_MAX),
            images_made: AtomicU64::new(0),
        });
        let router = control::routes().fallback(service::serve).with_state(Arc::clone(&state));
        let server = Arc::new(Server::start(router, port).await?);
        Ok(Self { state, server })
    }

    /// `http://127.0.0.1:PORT`, to be used instead of Google's.
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// Arranges what happens to the next call that has nothing arranged yet.
    pub fn next(&self, behaviour: Behaviour) {
        self.next_n(1, behaviour);
    }

    /// Arranges the same for several next calls.
    pub fn next_n(&self, times: usize, behaviour: Behaviour) {
        self.state.plan.next(times, &behaviour);
    }

    /// Arranges what happens to the next upload that has nothing arranged yet.
    pub fn next_upload(&self, behaviour: UploadBehaviour) {
        self.state.plan.next_upload(behaviour);
    }

    /// Arranges what happens to every prompt that contains these words, in any case, until [`GeminiSim::clear`].
    pub fn when_prompt_contains(&self, words: &str, behaviour: Behaviour) {
        self.state.plan.by_prompt(words, behaviour);
    }

    /// Arranges what happens to every call for which nothing else is arranged, until [`GeminiSim::clear`].
    pub fn always(&self, behaviour: Behaviour) {
        self.state.plan.always(behaviour);
    }

    /// Back to ordinary pictures; the latency stays.
    pub fn clear(&self) {
        self.state.plan.clear();
    }

    /// How long drawing takes from now on: a time between the two.
    pub fn set_latency(&self, min: Duration, max: Duration) {
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.state.set_latency(Latency { min_ms: ms(min), max_ms: ms(max) });
    }

    /// The newest calls, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.state.calls.all()
    }

    /// Those of them that asked for a picture.
    pub fn generate_calls(&self) -> Vec<Call> {
        let mut calls = self.state.calls.all();
        calls.retain(|call| call.model.is_some());
        calls
    }

    /// How many calls there have been.
    pub fn calls_total(&self) -> u64 {
        self.state.calls.total()
    }

    /// How many pictures were drawn, and would be billed, whether or not their answers arrived.
    pub fn images_made(&self) -> u64 {
        self.state.images_made.load(Ordering::Relaxed)
    }

    /// Requests that were refused because they were wrong; arranged errors are not among them.
    pub fn violations(&self) -> Vec<String> {
        self.state.violations.all()
    }

    /// Forgets the violations, for a test that makes one on purpose.
    pub fn forget_violations(&self) {
        self.state.violations.forget();
    }
}

type SharedState = Arc<Shared>;

#[derive(Debug)]
struct Shared {
    api_key: String,
    inline_max_bytes: usize,
    clock: SimClock,
    plan: Plan,
    files: Files,
    pictures: Pictures,
    latency: Mutex<Latency>,
    calls: Recorder<Call>,
    violations: Recorder<String>,
    images_made: AtomicU64,
}

impl Shared {
    fn latency(&self) -> Latency {
        *self.latency.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_latency(&self, latency: Latency) {
        *self.latency.lock().unwrap_or_else(PoisonError::into_inner) = latency;
    }

    fn violation(&self, text: String) {
        tracing::warn!(violation = text, "the simulated Gemini was called wrongly");
        self.violations.record(text);
    }
}
