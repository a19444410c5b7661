//! Telegram in small: a strict Bot API server with memory, and the people who talk to the bot.
//!
//! The bot gets [`TelegramSim::base_url`] and a token; the test, the bench or the demo page plays the people through [`User`]
//! in the same process, or over HTTP under `/sim/` (see `control`). Facts come from the Bot API reference and from the code of
//! the official server; where the live service silently forgives, this one refuses and remembers a [`Violation`].
//!
//! Not here: groups with members, inline mode, rich messages, stories, MarkdownV2.

mod calls;
mod chat;
mod control;
mod delivery;
mod error;
mod faults;
mod files;
mod html;
mod keyboards;
mod methods;
mod new_video;
mod params;
mod profile;
mod server;
mod shared;
mod stars;
mod state;
mod tapping;
mod taps;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod text;
mod user;
mod view;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::watch;

pub use calls::{SimCall, Violation};
pub use chat::CallbackAnswer;
pub use error::SimError;
pub use faults::{Fault, FaultKind};
pub use files::FileKind;
pub use new_video::NewVideo;
pub use stars::{CheckoutState, Invoice};
pub use tapping::Tap;
pub use user::User;
pub use view::{SimButton, SimDocument, SimMessage, SimVideo};

use crate::common::clock::SimClock;
use crate::common::server::Server;
use shared::Shared;
use state::World;

/// How a simulator starts.
#[derive(Clone, Debug)]
pub struct TelegramOptions {
    /// The bot's token; the number before the colon is the bot's id.
    pub token: String,
    /// The bot's `@name`, without the `@`.
    pub bot_username: String,
    /// The bot's first name.
    pub bot_name: String,
    /// The time that everything goes by.
    pub clock: SimClock,
    /// The port on 127.0.0.1; a free one when none.
    pub port: Option<u16>,
    /// Whether calls are kept for [`TelegramSim::calls`]; off is for load.
    pub keep_log: bool,
    /// How many messages of each chat are kept.
    pub history_per_chat: usize,
    /// How many bytes of files are kept; the oldest go first.
    pub files_max_bytes: u64,
}

impl Default for TelegramOptions {
    fn default() -> Self {
        Self {
            token: "1000000:simulated".to_owned(),
            bot_username: "rei_sim_bot".to_owned(),
            bot_name: "Rei".to_owned(),
            clock: SimClock::real(),
            port: None,
            keep_log: true,
            history_per_chat: 10_000,
            files_max_bytes: 512 * 1024 * 1024,
        }
    }
}

/// A running simulator; clones are the same one, and it stops when the last one goes.
#[derive(Clone)]
pub struct TelegramSim {
    shared: Arc<Shared>,
    running: Option<Arc<Running>>,
}

struct Running {
    shared: Arc<Shared>,
    base_url: String,
    server: Mutex<Option<Server>>,
}

impl Running {
    fn stop(&self) {
        self.shared.stopping.send_replace(true);
        self.server.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

impl TelegramSim {
    /// Starts the server on loopback.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start(options: TelegramOptions) -> io::Result<Self> {
        let world = World::new(&options);
        let shared = Arc::new(Shared::new(options.token, options.clock, world));
        let router = server::router(Arc::clone(&shared));
        let server = Server::start(router, options.port.unwrap_or(0)).await?;
        tokio::spawn(delivery::webhook::run(Arc::clone(&shared)));
        let running = Running {
            shared: Arc::clone(&shared),
            base_url: server.base_url(),
            server: Mutex::new(Some(server)),
        };
        Ok(Self { shared, running: Some(Arc::new(running)) })
    }

    /// A handle that does not keep the server alive, for the server's own use.
    pub(crate) fn around(shared: Arc<Shared>) -> Self {
        Self { shared, running: None }
    }

    /// Where it listens: `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base_url(&self) -> &str {
        self.running.as_ref().map_or("", |running| &running.base_url)
    }

    /// The bot's token.
    pub fn token(&self) -> &str {
        &self.shared.token
    }

    /// Takes no more connections, and ends polls and deliveries.
    pub fn stop(&self) {
        if let Some(running) = &self.running {
            running.stop();
        }
    }

    /// The clock that everything goes by.
    pub fn clock(&self) -> &SimClock {
        &self.shared.clock
    }

    /// A person, made on first use. Whoever never wrote to the bot is `chat not found` for it.
    pub fn user(&self, id: i64, first_name: &str, language_code: &str) -> User {
        let mut card = json!({"id": id, "is_bot": false, "first_name": first_name});
        if !language_code.is_empty() {
            card["language_code"] = language_code.into();
        }
        self.user_from(id, card)
    }

    /// A person with any `User` object, made on first use.
    pub fn user_from(&self, id: i64, card: Value) -> User {
        self.shared.with(|world| {
            world.people.entry(id).or_insert(card);
        });
        User::new(self.clone(), id)
    }

    /// A person who is known already.
    ///
    /// # Errors
    /// Nobody has this id.
    pub fn known_user(&self, id: i64) -> Result<User, SimError> {
        let known = self.shared.with(|world| world.people.contains_key(&id));
        known
            .then(|| User::new(self.clone(), id))
            .ok_or_else(|| SimError::new(format_args!("nobody has the id {id}")))
    }

    /// The revision of the newest change in any chat, now and whenever it grows.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }

    /// The revision of the newest change in any chat.
    pub fn revision(&self) -> u64 {
        self.shared.with(|world| world.revision)
    }

    /// The contents of a file.
    ///
    /// # Errors
    /// No such file, or it had to make room.
    pub fn file(&self, file_id: &str) -> Result<Bytes, SimError> {
        let file = self.shared.with(|world| world.files.find(file_id).cloned());
        let file = file.ok_or_else(|| SimError::new(format_args!("no file {file_id}")))?;
        Ok(files::contents(&file, file_id))
    }

    /// Keeps a file that nobody has sent yet, for messages made by hand; returns the object that stands for it in a message
    /// (for a photo the list of its sizes).
    pub fn add_file(
        &self,
        kind: FileKind,
        bytes: Bytes,
        name: Option<&str>,
        mime: Option<&str>,
    ) -> Value {
        let (width, height) = files::dimensions(&bytes).unwrap_or_default();
        let new = files::NewFile {
            bytes,
            name: name.map(str::to_owned),
            mime: mime.map(str::to_owned),
            width,
            height,
            ..files::NewFile::default()
        };
        self.shared.with(|world| world.files.store(kind, new).shown.clone())
    }

    /// The calls of the bot, oldest first; empty without a log.
    pub fn calls(&self) -> Vec<SimCall> {
        self.shared.with(|world| world.log.calls())
    }

    /// How often a method was called, log or no log.
    pub fn call_count(&self, method: &str) -> u64 {
        self.shared.with(|world| world.log.count(method))
    }

    /// Starts or stops to keep calls; stopping forgets those that are kept.
    pub fn keep_log(&self, keep: bool) {
        self.shared.with(|world| world.log.set_keep(keep));
    }

    /// What a correct bot never does, oldest first. A test ends with this empty.
    pub fn violations(&self) -> Vec<Violation> {
        self.shared.with(|world| world.log.violations.clone())
    }

    /// The same, forgetting them.
    pub fn take_violations(&self) -> Vec<Violation> {
        self.shared.with(|world| std::mem::take(&mut world.log.violations))
    }

    /// The most messages and edits that one chat got within a second.
    pub fn max_calls_per_second_per_chat(&self) -> usize {
        self.max_calls_per_chat(Duration::from_secs(1))
    }

    /// The most messages and edits that one chat got within any such time; an album counts as its items.
    pub fn max_calls_per_chat(&self, within: Duration) -> usize {
        let window_ms = i64::try_from(within.as_millis()).unwrap_or(i64::MAX);
        self.shared.with(|world| world.log.busiest(window_ms, true))
    }

    /// The most messages and edits that all chats together got within a second.
    pub fn max_calls_per_second(&self) -> usize {
        self.shared.with(|world| world.log.busiest(1_000, false))
    }

    /// Makes calls go wrong.
    pub fn fault(&self, fault: Fault) {
        self.shared.with(|world| world.faults.add(fault));
    }

    /// Faults that still wait for their calls.
    pub fn faults(&self) -> Vec<Fault> {
        self.shared.with(|world| world.faults.waiting())
    }

    /// Lets all calls go right again.
    pub fn clear_faults(&self) {
        self.shared.with(|world| world.faults.clear());
    }

    /// Delivers the next so many updates twice each.
    pub fn duplicate_updates(&self, count: u32) {
        self.shared.with(|world| world.updates.duplicate(count));
    }

    /// Holds the next so many updates back until all are there, then delivers them backwards.
    pub fn reorder_updates(&self, count: u32) {
        self.shared.with(|world| world.updates.reorder(count));
    }

    /// Delivers any JSON object as an update; an `update_id` is added if it has none. Returns the id.
    pub fn inject_update(&self, update: Value) -> i64 {
        self.shared.with(|world| world.updates.inject(update, world.now_ms))
    }

    /// Takes all updates that wait, oldest first: whoever does so carries them to the bot himself.
    pub fn take_updates(&self) -> Vec<String> {
        self.shared.with(|world| {
            world.updates.expire(world.now_ms);
            world.updates.take()
        })
    }

    /// Updates that were not delivered yet, or not confirmed.
    pub fn pending_updates(&self) -> usize {
        self.shared.with(|world| {
            world.updates.expire(world.now_ms);
            world.updates.count()
        })
    }

    /// Button presses that the bot has not answered and still can.
    pub fn unanswered_taps(&self) -> usize {
        self.shared.with(|world| world.taps.unanswered(world.now_ms))
    }

    /// The bot's balance in Stars.
    pub fn star_balance(&self) -> i64 {
        self.shared.with(|world| world.stars.balance)
    }

    /// What moved the bot's Stars: `StarTransaction` objects, oldest first.
    pub fn star_transactions(&self) -> Vec<Value> {
        self.shared.with(|world| world.stars.transactions.clone())
    }

    /// Gives a charge back past the bot, as its owner can with any program that has the token.
    ///
    /// # Errors
    /// No such charge, or it was given back before.
    pub fn gives_stars_back(&self, charge_id: &str) -> Result<(), SimError> {
        self.shared.with(|world| {
            let payer = world.stars.payer(charge_id);
            let payer =
                payer.ok_or_else(|| SimError::new(format_args!("no charge {charge_id}")))?;
            let given = methods::give_stars_back(world, payer, charge_id);
            given.map_err(|refusal| SimError::new(refusal.description))
        })
    }

    /// A text of the bot's card (`name`, `description`, `short_description`) in a language.
    pub fn bot_text(&self, what: &'static str, language: &str) -> String {
        self.shared.with(|world| world.profile.text(what, language).to_owned())
    }
}
