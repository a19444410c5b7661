//! The chat's door: updates in, the conversation asked, its effects carried out.
//!
//! Translates and wires; prices, money and states are decided below, words and screens in the conversation.

mod dispatcher;
mod effects;
mod handle;
mod identity;
mod poller;
mod profile;
mod replies;
mod translate;

pub use dispatcher::{Dispatcher, DispatcherOptions};
pub use handle::{HandleError, handle};
pub use identity::BotIdentity;
pub use poller::{PollStop, poll};
pub use profile::introduce;

/// The kinds of updates that the bot asks for.
pub const ALLOWED_UPDATES: [&str; 5] =
    ["message", "edited_message", "callback_query", "my_chat_member", "pre_checkout_query"];
