//! What the service shall do with a call: the ordinary thing, or one of the ways in which it can go wrong.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// What happens to one `generateContent` call that passed the checks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Behaviour {
    /// A finished picture, PNG.
    #[default]
    Image,
    /// A finished picture, JPEG.
    Jpeg,
    /// A thought in words, a draft picture marked as thought, then the finished one.
    DraftThenImage,
    /// `STOP` with words and no picture.
    TextOnly {
        /// What the model says.
        text: String,
    },
    /// No candidates, `promptFeedback.blockReason`.
    PromptBlocked {
        /// `SAFETY`, `PROHIBITED_CONTENT` …
        reason: String,
    },
    /// A candidate without `content`.
    Finish {
        /// `finishReason`: `IMAGE_SAFETY`, `NO_IMAGE` …
        reason: String,
    },
    /// A conversation with a former turn ends in `MISSING_THOUGHT_SIGNATURE`; a plain request gets its picture.
    RefuseFormerTurn,
    /// A body with neither candidates nor feedback.
    Empty,
    /// An error in the service's own form.
    Error {
        /// Which one.
        error: ServiceError,
    },
    /// 429.
    Quota {
        /// `RetryInfo.retryDelay`; none: no `RetryInfo` at all.
        retry_after_ms: Option<u64>,
        /// The quota's value is 0: waiting never helps (a project without billing).
        limit_zero: bool,
    },
    /// An error whose body is a page, as proxies answer.
    Html {
        /// HTTP status.
        code: u16,
    },
    /// A picture after this time, on the simulator's clock.
    Slow {
        /// Milliseconds before the answer begins.
        ms: u64,
    },
    /// The answer begins at once and trickles for this time.
    SlowBody {
        /// Milliseconds from the first byte to the last.
        ms: u64,
    },
    /// No answer, ever.
    Hang,
    /// The connection breaks before any work is done.
    CutBefore,
    /// The picture is made (and billed), then the connection breaks without an answer.
    CutAfter,
    /// The connection breaks in the middle of the body.
    CutInBody,
    /// 200 whose JSON ends early although the HTTP message is whole.
    TruncatedJson,
    /// 200 with an endless looking body.
    HugeBody {
        /// How many bytes it has.
        bytes: u64,
    },
    /// 200 with a picture whose second half is missing.
    TornPicture,
    /// 200 with `inlineData` whose bytes are no picture.
    NotAPicture,
    /// 200 with `inlineData` that is not base64.
    NotBase64,
    /// 200 with a picture of another ratio than ordered.
    WrongRatio,
}

/// The errors that the service words itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceError {
    /// 400 `INVALID_ARGUMENT`.
    InvalidArgument,
    /// 400 `INVALID_ARGUMENT`, the picture in the request cannot be read.
    UnreadablePicture,
    /// 400 `INVALID_ARGUMENT`, the signature of a former turn is not taken.
    ThoughtSignature,
    /// 400 `INVALID_ARGUMENT` with reason `API_KEY_INVALID`.
    KeyInvalid,
    /// 400 `FAILED_PRECONDITION`: the country is not served.
    Location,
    /// 400 `FAILED_PRECONDITION`: billing is off.
    BillingOff,
    /// 403 `PERMISSION_DENIED`.
    PermissionDenied,
    /// 404 `NOT_FOUND`: the model was retired.
    ModelNotFound,
    /// 413.
    BodyTooLarge,
    /// 499 `CANCELLED`.
    Cancelled,
    /// 500 `INTERNAL`.
    Internal,
    /// 503 `UNAVAILABLE`.
    Unavailable,
    /// 504 `DEADLINE_EXCEEDED`.
    DeadlineExceeded,
}

impl Behaviour {
    /// [`Behaviour::Error`] in short.
    pub fn error(error: ServiceError) -> Self {
        Self::Error { error }
    }

    /// [`Behaviour::Finish`] in short.
    pub fn finish(reason: &str) -> Self {
        Self::Finish { reason: reason.to_owned() }
    }

    /// [`Behaviour::PromptBlocked`] in short.
    pub fn blocked(reason: &str) -> Self {
        Self::PromptBlocked { reason: reason.to_owned() }
    }
}

/// What happens to one upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum UploadBehaviour {
    /// The file is there as soon as its last byte is.
    #[default]
    Active,
    /// The file is looked at until somebody has asked for it so often.
    Processing {
        /// Questions that are answered with `PROCESSING`.
        polls: u32,
    },
    /// The file cannot be used.
    Failed,
    /// The connection breaks while the first part arrives.
    Cut,
    /// The session is refused.
    Error {
        /// How.
        error: ServiceError,
    },
}

/// What has been arranged: first the queue, then the rules by prompt, then the standing behaviour.
#[derive(Debug, Default)]
pub struct Plan(Mutex<Arranged>);

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Arranged {
    next: VecDeque<Behaviour>,
    by_prompt: Vec<(String, Behaviour)>,
    always: Option<Behaviour>,
    uploads: VecDeque<UploadBehaviour>,
}

impl Plan {
    pub(super) fn next(&self, times: usize, behaviour: &Behaviour) {
        self.lock().next.extend(std::iter::repeat_n(behaviour, times).cloned());
    }

    pub(super) fn by_prompt(&self, contains: &str, behaviour: Behaviour) {
        self.lock().by_prompt.push((contains.to_lowercase(), behaviour));
    }

    pub(super) fn always(&self, behaviour: Behaviour) {
        self.lock().always = Some(behaviour);
    }

    pub(super) fn clear(&self) {
        *self.lock() = Arranged::default();
    }

    pub(super) fn take(&self, prompt: &str) -> Behaviour {
        let mut arranged = self.lock();
        if let Some(behaviour) = arranged.next.pop_front() {
            return behaviour;
        }
        let prompt = prompt.to_lowercase();
        let by_prompt = arranged.by_prompt.iter().find(|(contains, _)| prompt.contains(contains));
        by_prompt
            .map(|(_, behaviour)| behaviour.clone())
            .or_else(|| arranged.always.clone())
            .unwrap_or_default()
    }

    pub(super) fn next_upload(&self, behaviour: UploadBehaviour) {
        self.lock().uploads.push_back(behaviour);
    }

    pub(super) fn take_upload(&self) -> UploadBehaviour {
        self.lock().uploads.pop_front().unwrap_or_default()
    }

    pub(super) fn arranged(&self) -> Arranged {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Arranged> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_goes_before_the_prompt_and_the_prompt_before_the_standing_behaviour() {
        let plan = Plan::default();
        plan.always(Behaviour::Hang);
        plan.by_prompt("КОТ", Behaviour::Empty);
        plan.next(2, &Behaviour::CutBefore);
        let taken: Vec<_> =
            ["кот", "пёс", "рыжий кот", "пёс"].map(|prompt| plan.take(prompt)).into();
        assert_eq!(
            taken,
            [Behaviour::CutBefore, Behaviour::CutBefore, Behaviour::Empty, Behaviour::Hang]
        );
        plan.clear();
        assert_eq!(plan.take("кот"), Behaviour::Image);
    }

    #[test]
    fn behaviours_are_written_as_json() {
        for (behaviour, json) in [
            (Behaviour::Image, r#"{"kind":"image"}"#),
            (
                Behaviour::error(ServiceError::Unavailable),
                r#"{"kind":"error","error":"unavailable"}"#,
            ),
            (Behaviour::finish("IMAGE_SAFETY"), r#"{"kind":"finish","reason":"IMAGE_SAFETY"}"#),
            (
                Behaviour::Quota { retry_after_ms: None, limit_zero: true },
                r#"{"kind":"quota","retry_after_ms":null,"limit_zero":true}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&behaviour).expect("it is plain data"), json);
            assert_eq!(
                serde_json::from_str::<Behaviour>(json).expect("it is its own form"),
                behaviour
            );
        }
    }
}
