//! Kling in small: tasks of both generations of its API, real clips as results, callbacks, and strict checks.
//!
//! [`KlingSim`] makes a playable video of every order, or goes wrong in any of the ways in which the service is known
//! to ([`Behaviour`]). A request that the live service would refuse, or that a careful client would not send, is noted:
//! see [`KlingSim::violations`].

mod auth;
mod behaviour;
mod callbacks;
mod control;
mod creating;
mod fields;
mod latency;
mod legacy;
mod matrix;
mod order;
mod queries;
mod record;
mod refusals;
mod results;
mod rules;
mod service;
mod sources;
mod tasks;
mod wire;
mod work;

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::Value;

pub use auth::AccessKey;
pub use behaviour::{Behaviour, CallbackFault, ResultFault};
pub use latency::{Latency, StageLatency};
pub use order::Role;
pub use record::{Callback, Create, Poll, SentInput};
pub use wire::Billing;

use crate::common::client::client;
use crate::common::clock::SimClock;
use crate::common::recorder::Recorder;
use crate::common::server::Server;
use crate::video::{VideoMode, Videos};
use behaviour::Plan;
use tasks::Book;

/// No request may be larger.
const BODY_MAX_BYTES: usize = 120 * 1024 * 1024;
/// The most ids of one query.
const IDS_MAX: usize = 20;
const VIOLATIONS_MAX: usize = 1_000;

/// How the service is started.
#[derive(Clone, Debug)]
pub struct KlingOptions {
    /// The opaque key.
    pub api_key: String,
    /// The older kind of key, taken beside the opaque one by the older generation.
    pub access: Option<AccessKey>,
    /// Time of tasks, tokens and signatures.
    pub clock: SimClock,
    /// 0: a free one.
    pub port: u16,
    /// How long a task stands in each stage.
    pub latency: StageLatency,
    /// How the clips are made.
    pub video: VideoMode,
    /// `whsec_…`: callbacks are signed with it.
    pub webhook_secret: Option<String>,
    /// How finished tasks are billed.
    pub billing: Billing,
    /// How many calls of each kind are remembered; 0 for benches.
    pub calls_max: usize,
    /// How many tasks are remembered; they hold their clips.
    pub tasks_max: usize,
}

impl Default for KlingOptions {
    fn default() -> Self {
        Self {
            api_key: "api-key-kling-simulated".to_owned(),
            access: None,
            clock: SimClock::real(),
            port: 0,
            latency: StageLatency::default(),
            video: VideoMode::default(),
            webhook_secret: None,
            billing: Billing::default(),
            calls_max: 1_000,
            tasks_max: 10_000,
        }
    }
}

/// The running service; clones are the same one, and it stops when the last one goes.
#[derive(Clone, Debug)]
pub struct KlingSim {
    state: SharedState,
    server: Arc<Mutex<Option<Server>>>,
}

impl KlingSim {
    /// Starts it on loopback.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start(options: KlingOptions) -> io::Result<Self> {
        let port = options.port;
        let state = Arc::new(Shared {
            api_key: options.api_key,
            access: options.access,
            clock: options.clock,
            webhook_secret: options.webhook_secret,
            billing: options.billing,
            base_url: OnceLock::new(),
            http: client(),
            plan: Plan::default(),
            switches: Switches::default(),
            latency: Mutex::new(options.latency),
            packs: Mutex::default(),
            videos: Videos::new(options.video),
            book: Book::new(options.tasks_max),
            creates: Recorder::new(options.calls_max),
            polls: Recorder::new(options.calls_max),
            callbacks: Recorder::new(options.calls_max),
            violations: Recorder::new(VIOLATIONS_MAX),
            requests: AtomicU64::new(0),
            tasks_made: AtomicU64::new(0),
            callbacks_sent: AtomicU64::new(0),
        });
        let router = control::routes().fallback(service::serve).with_state(Arc::clone(&state));
        let server = Server::start(router, port).await?;
        // Nobody has set it: the state was made a moment ago.
        let _set = state.base_url.set(server.base_url());
        Ok(Self { state, server: Arc::new(Mutex::new(Some(server))) })
    }

    /// `http://127.0.0.1:PORT`, to be used instead of Kling's.
    pub fn base_url(&self) -> String {
        self.state.base_url().to_owned()
    }

    /// Stops it for all its clones; open lines break at their next request.
    pub fn stop(&self) {
        self.state.switches.stopped.store(true, Ordering::SeqCst);
        drop(self.server.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Arranges what happens to the next task that has nothing arranged yet.
    pub fn next(&self, behaviour: Behaviour) {
        self.next_n(1, behaviour);
    }

    /// Arranges the same for several next tasks.
    pub fn next_n(&self, times: usize, behaviour: Behaviour) {
        self.state.plan.next(times, &behaviour);
    }

    /// Arranges what happens to the next query: errors, cuts, slow and broken answers, and `Hidden` for `data: []`.
    pub fn next_poll(&self, behaviour: Behaviour) {
        self.state.plan.next_poll(1, &behaviour);
    }

    /// Arranges what happens to the next prompt that contains these words, in any case, whatever comes in between.
    pub fn once_prompt_contains(&self, words: &str, behaviour: Behaviour) {
        self.state.plan.once_by_prompt(words, behaviour);
    }

    /// Arranges what happens to every prompt that contains these words, in any case, until [`KlingSim::clear`].
    pub fn when_prompt_contains(&self, words: &str, behaviour: Behaviour) {
        self.state.plan.by_prompt(words, behaviour);
    }

    /// Arranges what happens to every task for which nothing else is arranged, until [`KlingSim::clear`].
    pub fn always(&self, behaviour: Behaviour) {
        self.state.plan.always(behaviour);
    }

    /// Back to ordinary tasks, and all switches off; the latency stays, and so does what was arranged for tasks that
    /// exist.
    pub fn clear(&self) {
        self.state.clear();
    }

    /// Every call gets 503 with a page.
    pub fn down(&self, on: bool) {
        self.state.switches.down.store(on, Ordering::SeqCst);
    }

    /// Every call waits for this time on the clock.
    pub fn slow(&self, ms: u64) {
        self.state.switches.slow_ms.store(ms, Ordering::SeqCst);
    }

    /// Every answer breaks in the middle of its body, after the work was done.
    pub fn cut_bodies(&self, on: bool) {
        self.state.switches.cut_bodies.store(on, Ordering::SeqCst);
    }

    /// Every call gets 200 with junk; no work is done.
    pub fn garbage(&self, on: bool) {
        self.state.switches.garbage.store(on, Ordering::SeqCst);
    }

    /// How long tasks that are yet to come stand in each stage.
    pub fn set_latency(&self, latency: StageLatency) {
        *self.state.latency.lock().unwrap_or_else(PoisonError::into_inner) = latency;
    }

    /// What `GET /account/costs` tells of the prepaid packs: `resource_pack_subscribe_infos`.
    pub fn set_packs(&self, packs: Vec<Value>) {
        *self.state.packs.lock().unwrap_or_else(PoisonError::into_inner) = packs;
    }

    /// Lets a task succeed now, by its external id or its own; false: there is none that has not ended yet.
    pub fn finish(&self, id: &str) -> bool {
        self.state.end(id, None)
    }

    /// Lets a task fail now, by its external id or its own; false: there is none that has not ended yet.
    pub fn fail(&self, id: &str, reason: &str) -> bool {
        self.state.end(id, Some(reason.to_owned()))
    }

    /// The newest calls that wanted to create a task, oldest first.
    pub fn creates(&self) -> Vec<Create> {
        self.state.creates.all()
    }

    /// How many of them there have been.
    pub fn creates_total(&self) -> u64 {
        self.state.creates.total()
    }

    /// How many tasks came into being.
    pub fn tasks_made(&self) -> u64 {
        self.state.tasks_made.load(Ordering::Relaxed)
    }

    /// The most tasks of each model's version that there were at once, from the call to the end: what the live service
    /// counts against a pack.
    pub fn most_at_once(&self) -> BTreeMap<&'static str, usize> {
        self.state.book.most_at_once()
    }

    /// The newest queries, oldest first.
    pub fn polls(&self) -> Vec<Poll> {
        self.state.polls.all()
    }

    /// How many of them there have been.
    pub fn polls_total(&self) -> u64 {
        self.state.polls.total()
    }

    /// The newest callbacks that were sent, oldest first.
    pub fn callbacks(&self) -> Vec<Callback> {
        self.state.callbacks.all()
    }

    /// What was wrong with requests and with the files that they named; arranged errors are not among them.
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
    access: Option<AccessKey>,
    clock: SimClock,
    webhook_secret: Option<String>,
    billing: Billing,
    base_url: OnceLock<String>,
    http: reqwest::Client,
    plan: Plan,
    switches: Switches,
    latency: Mutex<StageLatency>,
    packs: Mutex<Vec<Value>>,
    videos: Videos,
    book: Book,
    creates: Recorder<Create>,
    polls: Recorder<Poll>,
    callbacks: Recorder<Callback>,
    violations: Recorder<String>,
    requests: AtomicU64,
    tasks_made: AtomicU64,
    callbacks_sent: AtomicU64,
}

#[derive(Debug, Default)]
struct Switches {
    down: AtomicBool,
    slow_ms: AtomicU64,
    cut_bodies: AtomicBool,
    garbage: AtomicBool,
    stopped: AtomicBool,
}

impl Shared {
    fn base_url(&self) -> &str {
        self.base_url.get().map_or("", String::as_str)
    }

    fn latency(&self) -> StageLatency {
        *self.latency.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clear(&self) {
        self.plan.clear();
        let Switches { down, slow_ms, cut_bodies, garbage, stopped: _ } = &self.switches;
        for switch in [down, cut_bodies, garbage] {
            switch.store(false, Ordering::SeqCst);
        }
        slow_ms.store(0, Ordering::SeqCst);
    }

    fn packs(&self) -> Vec<Value> {
        self.packs.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn end(&self, id: &str, reason: Option<String>) -> bool {
        let task = self.book.by_external_id(id).or_else(|| self.book.by_id(id));
        task.is_some_and(|task| task.end(self.clock.now_ms(), reason))
    }

    fn violation(&self, text: String) {
        tracing::warn!(violation = text, "the simulated Kling was called wrongly");
        self.violations.record(text);
    }
}
