//! The tables of `finishReason` and `promptFeedback.blockReason`: what an answer without a picture means.
//!
//! Words are added by the provider now and then, so each table ends in an "any other".

use super::is_word;
use crate::rejection::{Reason, Rejection};

/// What the end of a candidate without a picture means. Nothing said at all counts as an answer in words.
pub(super) fn finished(reason: Option<&str>) -> Rejection {
    let code = reason.unwrap_or_default();
    match code {
        "" | "FINISH_REASON_UNSPECIFIED" | "STOP" => answered_in_words(),
        "NO_IMAGE" => Rejection::no_result(code, 1).because(Reason::NoImage),
        "IMAGE_OTHER" | "OTHER" | "MALFORMED_RESPONSE" => Rejection::no_result(code, 1),
        "MAX_TOKENS" => Rejection::no_result(code, 1),
        "SAFETY" | "IMAGE_SAFETY" => Rejection::user_fault(code, Reason::Moderation),
        "PROHIBITED_CONTENT" | "IMAGE_PROHIBITED_CONTENT" | "BLOCKLIST" | "SPII" => {
            Rejection::user_fault(code, Reason::Moderation)
        }
        "RECITATION" | "IMAGE_RECITATION" => Rejection::user_fault(code, Reason::Recitation),
        "LANGUAGE" => Rejection::user_fault(code, Reason::Language),
        "MISSING_THOUGHT_SIGNATURE"
        | "UNEXPECTED_TOOL_CALL"
        | "TOO_MANY_TOOL_CALLS"
        | "MALFORMED_FUNCTION_CALL" => Rejection::owner_fault(code),
        "MODEL_ARMOR" => Rejection::no_result(code, 0).because(Reason::Moderation),
        // CONTINUATION, ESCALATION, PUP_LIMITED_DISABLED and whatever comes next.
        other if is_word(other) => Rejection::no_result(other, 0),
        _ => Rejection::no_result("UNREADABLE_WORD", 0),
    }
}

/// What a blocked prompt means: whatever the word, the same prompt is blocked again.
pub(super) fn blocked(reason: &str) -> Rejection {
    let reason = if is_word(reason) { reason } else { "UNREADABLE_WORD" };
    Rejection::user_fault(&format!("PROMPT_{reason}"), Reason::Moderation)
}

/// `STOP` without a picture: once more, asking for pictures alone.
fn answered_in_words() -> Rejection {
    Rejection::no_result(Reason::NO_IMAGE_CODE, 1).because(Reason::NoImage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rejection::Class;

    #[test]
    fn every_finish_reason_has_its_outcome() {
        let retry = |at_most| Class::Retry { at_most };
        let owner = Class::OwnerFault { pause: false };
        let rows = [
            ("STOP", retry(1), Reason::NoImage),
            ("NO_IMAGE", retry(1), Reason::NoImage),
            ("IMAGE_OTHER", retry(1), Reason::NoResult),
            ("OTHER", retry(1), Reason::NoResult),
            ("MALFORMED_RESPONSE", retry(1), Reason::NoResult),
            ("MAX_TOKENS", retry(1), Reason::NoResult),
            ("SAFETY", Class::UserFault, Reason::Moderation),
            ("IMAGE_SAFETY", Class::UserFault, Reason::Moderation),
            ("PROHIBITED_CONTENT", Class::UserFault, Reason::Moderation),
            ("IMAGE_PROHIBITED_CONTENT", Class::UserFault, Reason::Moderation),
            ("BLOCKLIST", Class::UserFault, Reason::Moderation),
            ("SPII", Class::UserFault, Reason::Moderation),
            ("RECITATION", Class::UserFault, Reason::Recitation),
            ("IMAGE_RECITATION", Class::UserFault, Reason::Recitation),
            ("LANGUAGE", Class::UserFault, Reason::Language),
            ("MISSING_THOUGHT_SIGNATURE", owner, Reason::OurFault),
            ("UNEXPECTED_TOOL_CALL", owner, Reason::OurFault),
            ("TOO_MANY_TOOL_CALLS", owner, Reason::OurFault),
            ("MALFORMED_FUNCTION_CALL", owner, Reason::OurFault),
            ("CONTINUATION", retry(0), Reason::NoResult),
            ("ESCALATION", retry(0), Reason::NoResult),
            ("PUP_LIMITED_DISABLED", retry(0), Reason::NoResult),
            ("MODEL_ARMOR", retry(0), Reason::Moderation),
            ("A_WORD_OF_NEXT_YEAR", retry(0), Reason::NoResult),
            ("words: with a customer's prompt", retry(0), Reason::NoResult),
            ("FINISH_REASON_UNSPECIFIED", retry(1), Reason::NoImage),
        ];
        for (word, class, reason) in rows {
            let rejection = finished(Some(word));
            assert_eq!((rejection.class, rejection.reason), (class, reason), "{word}");
        }
        assert_eq!(finished(None), finished(Some("STOP")));
        assert_eq!(finished(Some("STOP")).code, Reason::NO_IMAGE_CODE);
        assert_eq!(finished(Some("IMAGE_SAFETY")).code, "IMAGE_SAFETY");
        assert_eq!(finished(Some("a prompt")).code, "UNREADABLE_WORD");
    }

    #[test]
    fn every_blocked_prompt_is_refused_without_a_repeat() {
        let words = ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY"];
        for word in words.into_iter().chain(["MODEL_ARMOR", "JAILBREAK", "A_WORD_OF_NEXT_YEAR"]) {
            let rejection = blocked(word);
            assert_eq!(
                (rejection.class, rejection.reason),
                (Class::UserFault, Reason::Moderation),
                "{word}"
            );
            assert_eq!(rejection.code, format!("PROMPT_{word}"));
        }
    }
}
