//! What a provider's "no" means: what to do next, and what the customer is told.

use std::time::Duration;

/// The longest wait that a provider may ask for. A longer one is shortened: the order's deadline ends it anyway.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// The longest code that is kept, in bytes.
const CODE_MAX: usize = 64;

/// An attempt that brought no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What to do next.
    pub class: Class,
    /// The provider's word in capitals, or ours in lower case; for the log, the metrics and support.
    pub code: String,
    /// What the customer's text is chosen by.
    pub reason: Reason,
    /// How long the provider, or our own limit, asks to wait; [`RETRY_AFTER_MAX`] at most.
    pub retry_after: Option<Duration>,
}

/// What to do after a rejection. [`next_step`](crate::next_step) alone acts upon it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Again after a pause, at most so many repeats for this code; then the money goes back.
    Retry {
        /// Repeats after the first try; zero gives back at once.
        at_most: u32,
    },
    /// Stay queued until the order's deadline; costs no attempt.
    Queue,
    /// The customer's words or files are refused: give back, never repeat.
    UserFault,
    /// Our key, settings or request are wrong, and only the owner can mend it: give back and alert.
    OwnerFault {
        /// Whether every other call would fail as well, so that the provider rests for a while.
        pause: bool,
    },
    /// Our account there is empty: give back, alert, and sell nothing of this provider until a person has filled it.
    OutOfFunds,
    /// The provider does not know the model any more: give back, alert, take it off sale.
    ModelGone,
    /// Sent, and no answer that can be read: the work may have been done and billed.
    Unknown,
}

/// Why there is no result, as far as the customer is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Against the provider's rules.
    Moderation,
    /// Too close to somebody's work.
    Recitation,
    /// The language of the prompt is not understood.
    Language,
    /// The provider answered in words, or drew nothing.
    NoImage,
    /// The provider cannot take these settings or files.
    BadInput,
    /// The provider worked and made nothing usable, for reasons it does not name.
    NoResult,
    /// Overloaded, broken, unreachable or silent.
    Overloaded,
    /// A fault of ours: key, settings, request.
    OurFault,
}

impl Reason {
    /// The code of an answer in words instead of a picture. The next try asks for pictures alone
    /// ([`SubmitRequest::image_only`](crate::SubmitRequest::image_only)).
    pub const NO_IMAGE_CODE: &str = "STOP_WITHOUT_IMAGE";
    /// The code of a conversation that cannot go on. The next try passes the picture without its former turn.
    pub const NO_SIGNATURE_CODE: &str = "THOUGHT_SIGNATURE";

    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::Moderation,
        Self::Recitation,
        Self::Language,
        Self::NoImage,
        Self::BadInput,
        Self::NoResult,
        Self::Overloaded,
        Self::OurFault,
    ];

    /// Whether the customer can mend it by asking for something else.
    pub const fn is_refusal(self) -> bool {
        match self {
            Self::Moderation | Self::Recitation | Self::Language => true,
            Self::NoImage | Self::BadInput => true,
            Self::NoResult | Self::Overloaded | Self::OurFault => false,
        }
    }
}

impl Class {
    /// The word for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retry { .. } => "retry",
            Self::Queue => "queue",
            Self::UserFault => "user-fault",
            Self::OwnerFault { .. } => "owner-fault",
            Self::OutOfFunds => "out-of-funds",
            Self::ModelGone => "model-gone",
            Self::Unknown => "unknown",
        }
    }

    /// Whether only the owner can mend it.
    pub const fn is_for_the_owner(self) -> bool {
        matches!(self, Self::OwnerFault { .. } | Self::OutOfFunds | Self::ModelGone)
    }
}

impl Rejection {
    /// Something went wrong that may go right next time.
    pub fn retry(code: &str, at_most: u32) -> Self {
        Self::new(Class::Retry { at_most }, code, Reason::Overloaded)
    }

    /// The provider worked and made nothing usable: it is not in trouble, yet another try may do better.
    pub fn no_result(code: &str, at_most: u32) -> Self {
        Self::new(Class::Retry { at_most }, code, Reason::NoResult)
    }

    /// Not now; nothing was done and nothing was lost.
    pub fn queue(code: &str, retry_after: Option<Duration>) -> Self {
        Self::new(Class::Queue, code, Reason::Overloaded).after(retry_after)
    }

    /// The customer asked for something that is refused.
    pub fn user_fault(code: &str, reason: Reason) -> Self {
        Self::new(Class::UserFault, code, reason)
    }

    /// This one request of ours is wrong; others may pass.
    pub fn owner_fault(code: &str) -> Self {
        Self::new(Class::OwnerFault { pause: false }, code, Reason::OurFault)
    }

    /// Nothing passes until the owner mends it.
    pub fn owner_fault_for_all(code: &str) -> Self {
        Self::new(Class::OwnerFault { pause: true }, code, Reason::OurFault)
    }

    /// Nothing passes until the owner has paid the provider.
    pub fn out_of_funds(code: &str) -> Self {
        Self::new(Class::OutOfFunds, code, Reason::OurFault)
    }

    /// The model is not there any more.
    pub fn model_gone(code: &str) -> Self {
        Self::new(Class::ModelGone, code, Reason::OurFault)
    }

    /// Sent, and nothing is known.
    pub fn unknown(code: &str) -> Self {
        Self::new(Class::Unknown, code, Reason::Overloaded)
    }

    /// The same with another reason.
    #[must_use]
    pub fn because(mut self, reason: Reason) -> Self {
        self.reason = reason;
        self
    }

    /// The same with the wait that was asked for.
    #[must_use]
    pub fn after(mut self, retry_after: Option<Duration>) -> Self {
        self.retry_after = retry_after.map(|wait| wait.min(RETRY_AFTER_MAX));
        self
    }

    fn new(class: Class, code: &str, reason: Reason) -> Self {
        Self { class, code: clean(code), reason, retry_after: None }
    }
}

/// A code that is safe in a log line and as a label, whatever the provider sent.
fn clean(code: &str) -> String {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-:.".contains(byte);
    let kept: String = code.bytes().filter(allowed).take(CODE_MAX).map(char::from).collect();
    if kept.is_empty() { "UNNAMED".to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_short_and_plain_whatever_was_sent() {
        assert_eq!(Rejection::unknown("IMAGE_SAFETY").code, "IMAGE_SAFETY");
        assert_eq!(Rejection::unknown("a b\n\"c\" мяу").code, "abc");
        assert_eq!(Rejection::unknown("мяу").code, "UNNAMED");
        assert_eq!(Rejection::unknown(&"X".repeat(1000)).code.len(), CODE_MAX);
    }

    #[test]
    fn no_provider_makes_an_order_sleep_for_days() {
        let days = Some(Duration::from_secs(7 * 86_400));
        assert_eq!(Rejection::queue("QUOTA", days).retry_after, Some(RETRY_AFTER_MAX));
    }
}
