//! What the service shall do with a task: the ordinary thing, or one of the ways in which it can go wrong.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// What happens to one call that passed the checks: to a creating one and to its task, or to a query
/// ([`KlingSim::next_poll`](super::KlingSim::next_poll)).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Behaviour {
    /// A task that succeeds.
    #[default]
    Ok,
    /// An error in the service's own form; the HTTP status follows from the code.
    Error {
        /// 1000–1004, 1100–1103, 1200–1203, 1300–1304, 5000–5002.
        code: u16,
        /// The task was created all the same, and goes on.
        created: bool,
    },
    /// The connection breaks without an answer.
    Cut {
        /// The task was created before.
        created: bool,
    },
    /// The task is created at once, the answer comes after this time on the simulator's clock.
    Slow {
        /// Milliseconds.
        ms: u64,
    },
    /// No answer, ever.
    Hang {
        /// The task was created.
        created: bool,
    },
    /// An answer that is a page, as proxies give it.
    Html {
        /// HTTP status.
        status: u16,
        /// The task was created before.
        created: bool,
    },
    /// The task is created; the JSON of the answer ends early although the HTTP message is whole.
    TruncatedJson,
    /// The task is created, yet the answer is 1201 "already exists", as after a repeat that somebody in between made.
    DuplicateId,
    /// The task is created and ends as `failed`, under code 0.
    Fail {
        /// `risk control`, `pixel limits` …
        reason: String,
    },
    /// The task stays in `processing` for this much longer; none: until it is ended by hand.
    Stuck {
        /// Milliseconds on the simulator's clock.
        ms: Option<u64>,
    },
    /// The task is created, yet the next queries for it find nothing (`data: []`).
    Hidden {
        /// How many of them.
        polls: u32,
    },
    /// The task succeeds; its file cannot be had as it should.
    Result {
        /// In which way.
        fault: ResultFault,
    },
    /// The task succeeds; its callbacks come otherwise than they should.
    Callbacks {
        /// In which way.
        fault: CallbackFault,
    },
}

/// What is wrong with a result's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultFault {
    /// 403 for the first download, as hot-link protection does; fine afterwards.
    ForbiddenOnce,
    /// 404, as after the thirty days.
    Gone,
    /// The first download ends in the middle of the body; the next ones are whole.
    TruncatedOnce,
    /// Every download ends in the middle of the body.
    Truncated,
    /// The body trickles for this time, on the simulator's clock.
    Slow {
        /// Milliseconds from the first byte to the last.
        ms: u64,
    },
    /// `video/mp4` that is no MP4.
    NotMp4,
    /// A whole MP4 of a second, whatever was ordered.
    WrongDuration,
    /// 200 with a page instead of the file.
    Html,
    /// `Content-Length` says this, and bytes come without end.
    Huge {
        /// How many bytes are announced.
        bytes: u64,
    },
}

/// What is unusual with a task's callbacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackFault {
    /// Each comes twice, under the same `webhook-id`.
    Repeated,
    /// The last one comes first.
    OutOfOrder,
    /// They never come.
    None,
    /// Their signature does not fit.
    Forged,
}

impl Behaviour {
    /// An error; nothing was created.
    pub fn error(code: u16) -> Self {
        Self::Error { code, created: false }
    }

    /// An error for a task that was created all the same.
    pub fn error_after(code: u16) -> Self {
        Self::Error { code, created: true }
    }

    /// [`Behaviour::Fail`] in short.
    pub fn fail(reason: &str) -> Self {
        Self::Fail { reason: reason.to_owned() }
    }

    /// [`Behaviour::Result`] in short.
    pub fn result(fault: ResultFault) -> Self {
        Self::Result { fault }
    }

    /// [`Behaviour::Callbacks`] in short.
    pub fn callbacks(fault: CallbackFault) -> Self {
        Self::Callbacks { fault }
    }

    /// [`Behaviour::Stuck`] until it is ended by hand.
    pub fn stuck() -> Self {
        Self::Stuck { ms: None }
    }

    /// Whether a task comes into being.
    pub(super) fn creates(&self) -> bool {
        match self {
            Self::Error { created, .. }
            | Self::Cut { created }
            | Self::Hang { created }
            | Self::Html { created, .. } => *created,
            _ => true,
        }
    }
}

/// What has been arranged: first the queue, then the rules by prompt, those for a single call before the lasting ones,
/// then the standing behaviour; queries have a queue of their own.
#[derive(Debug, Default)]
pub(super) struct Plan(Mutex<Arranged>);

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Arranged {
    next: VecDeque<Behaviour>,
    once_by_prompt: Vec<(String, Behaviour)>,
    by_prompt: Vec<(String, Behaviour)>,
    always: Option<Behaviour>,
    polls: VecDeque<Behaviour>,
}

impl Plan {
    pub(super) fn next(&self, times: usize, behaviour: &Behaviour) {
        self.lock().next.extend(std::iter::repeat_n(behaviour, times).cloned());
    }

    pub(super) fn next_poll(&self, times: usize, behaviour: &Behaviour) {
        self.lock().polls.extend(std::iter::repeat_n(behaviour, times).cloned());
    }

    pub(super) fn once_by_prompt(&self, contains: &str, behaviour: Behaviour) {
        self.lock().once_by_prompt.push((contains.to_lowercase(), behaviour));
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
        let once =
            arranged.once_by_prompt.iter().position(|(contains, _)| prompt.contains(contains));
        if let Some(at) = once {
            return arranged.once_by_prompt.remove(at).1;
        }
        let by_prompt = arranged.by_prompt.iter().find(|(contains, _)| prompt.contains(contains));
        by_prompt
            .map(|(_, behaviour)| behaviour.clone())
            .or_else(|| arranged.always.clone())
            .unwrap_or_default()
    }

    pub(super) fn take_poll(&self) -> Behaviour {
        self.lock().polls.pop_front().unwrap_or_default()
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
        plan.always(Behaviour::stuck());
        plan.by_prompt("КОТ", Behaviour::TruncatedJson);
        plan.next(2, &Behaviour::error(1303));
        let taken: Vec<_> = ["кот", "пёс", "рыжий кот", "пёс"].map(|words| plan.take(words)).into();
        let refused = Behaviour::error(1303);
        assert_eq!(taken, [refused.clone(), refused, Behaviour::TruncatedJson, Behaviour::stuck()]);
        plan.once_by_prompt("Рыжий", Behaviour::DuplicateId);
        let taken: Vec<_> = ["рыжий кот", "рыжий кот"].map(|words| plan.take(words)).into();
        assert_eq!(taken, [Behaviour::DuplicateId, Behaviour::TruncatedJson]);
        plan.clear();
        assert_eq!((plan.take("кот"), plan.take_poll()), (Behaviour::Ok, Behaviour::Ok));
    }

    #[test]
    fn behaviours_are_written_as_json() {
        for (behaviour, json) in [
            (Behaviour::Ok, r#"{"kind":"ok"}"#),
            (Behaviour::error_after(5002), r#"{"kind":"error","code":5002,"created":true}"#),
            (
                Behaviour::result(ResultFault::Slow { ms: 5 }),
                r#"{"kind":"result","fault":{"slow":{"ms":5}}}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&behaviour).expect("it is plain data"), json);
            let read: Behaviour = serde_json::from_str(json).expect("it is its own form");
            assert_eq!(read, behaviour);
        }
    }
}
