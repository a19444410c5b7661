//! Answering presses of inline buttons: at once, exactly once.

use serde::{Deserialize, Serialize};

use super::is_false;
use crate::client::Client;
use crate::error::CallError;

/// The answer to a press.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerCallbackQuery {
    /// The press.
    pub callback_query_id: String,
    /// A few plain words, at most 200 characters: see [`crate::limits::clip`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// In a box with a button instead of a passing line.
    #[serde(default, skip_serializing_if = "is_false")]
    pub show_alert: bool,
}

impl Client {
    /// Answers a press; one that is too old or answered before is success.
    ///
    /// # Errors
    /// Any class of [`CallError`].
    pub async fn answer_callback_query(
        &self,
        request: &AnswerCallbackQuery,
    ) -> Result<(), CallError> {
        let reply = self.plain("answerCallbackQuery", request).await;
        reply.map(drop).or_else(|error| error.unless_done(()))
    }
}
