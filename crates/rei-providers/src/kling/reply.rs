//! The envelope of every answer: `code`, `message`, `data`. Success is a zero code; the message says nothing.

use std::time::Duration;

use serde_json::{Map, Value};

use super::task::{Task, text};
use crate::policy::wire::Answer;

/// A token that is not valid yet, or no more.
const STALE_TOKEN: [i64; 2] = [1003, 1004];

/// An answer that was read to its end.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) size_bytes: usize,
    /// None: not the API's own words, such as a gateway's page.
    pub(super) envelope: Option<Envelope>,
}

/// The API's own words.
pub(super) struct Envelope {
    pub(super) code: i64,
    pub(super) message: String,
    pub(super) data: Value,
}

impl Reply {
    pub(super) fn read(answer: &Answer) -> Self {
        Self {
            status: answer.status,
            retry_after: answer.retry_after,
            size_bytes: answer.body.len(),
            envelope: Envelope::read(&answer.body),
        }
    }

    /// The API's number; none when it did not speak.
    pub(super) fn code(&self) -> Option<i64> {
        self.envelope.as_ref().map(|envelope| envelope.code)
    }

    /// What was asked for, when it was granted.
    pub(super) fn granted(&self) -> Option<&Value> {
        let envelope = self.envelope.as_ref().filter(|envelope| envelope.code == 0)?;
        self.is_success().then_some(&envelope.data)
    }

    /// The tasks in the answer; none when it is not an answer with tasks at all.
    pub(super) fn tasks(&self) -> Option<Vec<Task>> {
        match self.granted()? {
            Value::Array(tasks) => Some(tasks.iter().map(Task::read).collect()),
            task @ Value::Object(_) => Some(vec![Task::read(task)]),
            _ => None,
        }
    }

    /// The id of a new task; none when the answer holds none.
    pub(super) fn created(&self) -> Option<String> {
        self.tasks()?.into_iter().next()?.id
    }

    pub(super) const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    pub(super) fn has_stale_token(&self) -> bool {
        self.code().is_some_and(|code| STALE_TOKEN.contains(&code))
    }

    /// Whether a task of this key was created before.
    pub(super) fn says_duplicate(&self) -> bool {
        self.says(1201, &["already exist"])
    }

    /// Whether the task that was asked for is not there. Other troubles have the same number, so words decide.
    pub(super) fn says_missing(&self) -> bool {
        let words = ["task not found", "task not exist", "task does not exist"];
        self.says(1201, &words) || self.says(1203, &words)
    }

    fn says(&self, code: i64, words: &[&str]) -> bool {
        self.envelope.as_ref().is_some_and(|envelope| {
            let message = envelope.message.to_ascii_lowercase();
            envelope.code == code && words.iter().any(|word| message.contains(word))
        })
    }
}

impl Envelope {
    fn read(body: &[u8]) -> Option<Self> {
        let mut fields: Map<String, Value> = serde_json::from_slice(body).ok()?;
        let code = fields.get("code").and_then(text)?.parse().ok()?;
        let message = fields.get("message").and_then(text).unwrap_or_default();
        Some(Self { code, message, data: fields.remove("data").unwrap_or_default() })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::*;

    pub(in super::super) fn reply(status: u16, body: impl Into<Bytes>) -> Reply {
        Reply::read(&Answer { status, retry_after: None, body: body.into() })
    }

    #[test]
    fn the_code_alone_tells_success() {
        let granted = |body: Value| reply(200, body.to_string()).granted().cloned();
        assert_eq!(granted(json!({"code": 0, "message": "odd", "data": [1]})), Some(json!([1])));
        assert_eq!(granted(json!({"code": "0", "data": {}})), Some(json!({})));
        assert_eq!(granted(json!({"code": 1200, "message": "SUCCEED", "data": {}})), None);
        assert_eq!(granted(json!({"message": "SUCCEED", "data": {}})), None);
        assert!(reply(500, r#"{"code":0,"data":[]}"#).granted().is_none());
        assert_eq!(reply(200, "<html>").code(), None);
    }

    #[test]
    fn a_missing_task_is_told_from_a_wrong_question() {
        let says = |code: i64, message: &str| {
            let body = json!({"code": code, "message": message});
            let reply = reply(400, body.to_string());
            (reply.says_duplicate(), reply.says_missing())
        };
        assert_eq!(says(1201, "external_task_id already exists"), (true, false));
        assert_eq!(says(1201, "Task not found"), (false, true));
        assert_eq!(says(1203, "the task does not exist"), (false, true));
        assert_eq!(says(1203, "model not found"), (false, false));
        assert_eq!(says(1201, "duration is invalid"), (false, false));
        assert_eq!(says(1200, "already exists"), (false, false));
    }
}
