//! A task as the provider tells it, in answers and callbacks of both generations. Tolerant: unknown words and fields
//! are skipped, and a field of an odd type counts as absent.

use serde_json::Value;

use crate::provider::{RemoteFile, TaskState};
use crate::rejection::{Reason, Rejection};

/// Beginnings of words that only appear when the customer's words or files were refused.
const AGAINST_THE_RULES: [&str; 4] = ["risk", "safe", "polic", "sensitiv"];
/// Beginnings of words that only appear when a file cannot be used.
const UNUSABLE: [&str; 5] = ["pixel", "size", "format", "unreadable", "duration"];

/// What is known of one task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) id: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) status: Status,
}

/// Where the provider says it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Status {
    /// Also every word that this version does not know.
    #[default]
    Running,
    Succeeded(Vec<RemoteFile>),
    Failed {
        message: String,
    },
}

impl Task {
    /// Reads one element of `data`, or a callback's body.
    pub(super) fn read(task: &Value) -> Self {
        let field = |new: &str, legacy: &str| text(&task[new]).or_else(|| text(&task[legacy]));
        let status = field("status", "task_status").unwrap_or_default();
        let external_id = || text(&task["task_info"]["external_task_id"]);
        Self {
            id: field("id", "task_id"),
            external_id: text(&task["external_id"]).or_else(external_id),
            status: match status.as_str() {
                "succeeded" | "succeed" => Status::Succeeded(videos(task)),
                "failed" => {
                    let message = field("message", "task_status_msg").unwrap_or_default();
                    Status::Failed { message }
                }
                _ => Status::Running,
            },
        }
    }

    /// What it means for the order.
    pub(super) fn state(self) -> TaskState {
        match self.status {
            Status::Running => TaskState::Running,
            Status::Succeeded(files) if files.is_empty() => {
                TaskState::Failed(Rejection::no_result("NO_VIDEO", 0))
            }
            Status::Succeeded(files) => TaskState::Succeeded(files),
            Status::Failed { message } => TaskState::Failed(failure(&message)),
        }
    }
}

/// Words, or a number where words were expected; empty counts as absent.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The results that are videos at an address that can be asked.
fn videos(task: &Value) -> Vec<RemoteFile> {
    let new = task["outputs"].as_array().into_iter().flatten();
    let new = new.filter(|output| output["type"] == "video");
    let legacy = task["task_result"]["videos"].as_array().into_iter().flatten();
    new.chain(legacy)
        .filter_map(|output| {
            let url = text(&output["url"]).filter(|url| is_address(url))?;
            let duration_ms = text(&output["duration"]).and_then(|seconds| millis(&seconds));
            Some(RemoteFile { url, duration_ms })
        })
        .collect()
}

pub(super) fn is_address(url: &str) -> bool {
    reqwest::Url::parse(url)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Reads decimal seconds without a detour over floating point; digits below a millisecond are dropped.
fn millis(seconds: &str) -> Option<u64> {
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let whole: u64 = whole.parse().ok()?;
    whole.checked_mul(1000)?.checked_add(thousandths.parse().ok()?)
}

/// What the reason of a failed task means. The words themselves may quote the customer and are not kept.
fn failure(message: &str) -> Rejection {
    let message = message.to_ascii_lowercase();
    let has = |beginnings: &[&str]| {
        let mut words = message.split(|letter: char| !letter.is_ascii_alphabetic());
        words.any(|word| beginnings.iter().any(|beginning| word.starts_with(beginning)))
    };
    if has(&AGAINST_THE_RULES) {
        Rejection::user_fault("TASK_REFUSED", Reason::Moderation)
    } else if has(&UNUSABLE) {
        Rejection::user_fault("TASK_BAD_INPUT", Reason::BadInput)
    } else {
        Rejection::no_result("TASK_FAILED", 0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::rejection::Class;

    fn file(url: &str, duration_ms: Option<u64>) -> RemoteFile {
        RemoteFile { url: url.to_owned(), duration_ms }
    }

    #[test]
    fn a_finished_task_of_the_facts_sheet_is_read() {
        let task = Task::read(&json!({"id": "893", "status": "succeeded", "message": "",
            "create_time": 1_781_080_778_802_i64, "external_id": "job-42",
            "outputs": [{"type": "video", "id": "v1", "url": "https://cdn.example/v.mp4",
                         "watermark_url": "", "duration": "5.041"}],
            "billing": [{"charge_type": "unit", "package_type": "video", "amount": "3.0"}]}));
        assert_eq!(task.id.as_deref(), Some("893"));
        assert_eq!(task.external_id.as_deref(), Some("job-42"));
        let files = vec![file("https://cdn.example/v.mp4", Some(5041))];
        assert_eq!(task.state(), TaskState::Succeeded(files));
    }

    #[test]
    fn a_finished_task_of_the_older_generation_is_read() {
        let task = Task::read(&json!({"task_id": 893, "task_status": "succeed",
            "task_status_msg": "", "task_info": {"external_task_id": "job-42"},
            "task_result": {"videos": [{"id": "v1", "url": "http://cdn.example/v.mp4",
                                        "duration": "5"}]}}));
        assert_eq!(task.id.as_deref(), Some("893"));
        assert_eq!(task.external_id.as_deref(), Some("job-42"));
        let files = vec![file("http://cdn.example/v.mp4", Some(5000))];
        assert_eq!(task.state(), TaskState::Succeeded(files));
    }

    #[test]
    fn a_word_of_next_year_means_that_it_goes_on() {
        for status in [json!("submitted"), json!("processing"), json!("QUEUED"), json!(7)] {
            assert_eq!(
                Task::read(&json!({"id": "1", "status": status})).state(),
                TaskState::Running
            );
        }
        assert_eq!(Task::read(&json!([])).state(), TaskState::Running);
    }

    #[test]
    fn success_without_a_video_is_no_success() {
        for outputs in [
            json!(null),
            json!([]),
            json!([{"type": "image", "url": "https://cdn.example/i.png"}]),
            json!([{"type": "video", "url": ""}]),
            json!([{"type": "video", "url": "file:///etc/passwd"}]),
            json!([{"type": "video", "url": null}]),
        ] {
            let task = Task::read(&json!({"status": "succeeded", "outputs": outputs}));
            let TaskState::Failed(rejection) = task.state() else { panic!("{outputs}") };
            assert_eq!(
                (rejection.class, rejection.code.as_str()),
                (Class::Retry { at_most: 0 }, "NO_VIDEO")
            );
            assert_eq!(rejection.reason, Reason::NoResult);
        }
    }

    #[test]
    fn every_reason_of_a_failed_task_has_its_outcome() {
        let refused = (Class::UserFault, Reason::Moderation, "TASK_REFUSED");
        let unusable = (Class::UserFault, Reason::BadInput, "TASK_BAD_INPUT");
        let nothing = (Class::Retry { at_most: 0 }, Reason::NoResult, "TASK_FAILED");
        let rows = [
            ("Failure to pass the risk control system", refused),
            ("Content safety check failed", refused),
            ("violates our policies", refused),
            ("Contains sensitive information", refused),
            ("The pixel limit was exceeded", unusable),
            ("Image size is too small", unusable),
            ("Unsupported format.", unusable),
            ("media unreadable", unusable),
            ("Video duration must be at least 3s", unusable),
            ("the duration of a risk", refused),
            ("asterisk *** inside", nothing),
            ("internal error", nothing),
            ("", nothing),
            ("мяу", nothing),
        ];
        for (message, (class, reason, code)) in rows {
            let rejection = failure(message);
            assert_eq!((rejection.class, rejection.reason), (class, reason), "{message}");
            assert_eq!(rejection.code, code, "{message}");
        }
    }

    #[test]
    fn lengths_are_read_to_the_millisecond() {
        for (text, expected) in [
            ("5.041", Some(5041)),
            ("5", Some(5000)),
            ("5.0419", Some(5041)),
            ("0.5", Some(500)),
            ("", None),
            (".5", None),
            ("5s", None),
            ("-1", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(millis(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_json_is_some_task(text: String, number: i64) {
            let odd = json!({"id": number, "status": text, "outputs": text, "task_info": number});
            let _ = Task::read(&odd).state();
            let _ = failure(&text);
            let _ = millis(&text);
        }
    }
}
