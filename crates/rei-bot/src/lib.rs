//! The chat's door: updates in, the conversation asked, its effects carried out.
//!
//! Translates and wires; prices, money and states are decided below, words and screens in the conversation.

mod dispatcher;
mod effects;
mod handle;
mod identity;
mod money;
mod poller;
mod profile;
mod translate;

pub use dispatcher::{Dispatcher, DispatcherOptions};
pub use handle::{HandleError, handle};
pub use identity::BotIdentity;
pub use poller::{PollStop, poll};
pub use profile::introduce;
pub use translate::{Person, Said, translate};

/// The kinds of updates that the bot asks for.
pub const ALLOWED_UPDATES: [&str; 5] =
    ["message", "edited_message", "callback_query", "my_chat_member", "pre_checkout_query"];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rei_app::admin;
    use rei_conversation::ADMIN_COMMANDS;

    #[test]
    fn every_command_that_the_application_answers_is_passed_on_to_it_and_no_other() {
        let passed_on: BTreeSet<&str> = ADMIN_COMMANDS.iter().copied().collect();
        let answered: BTreeSet<&str> = admin::COMMANDS.into_iter().collect();
        assert_eq!(passed_on, answered);
    }
}
