//! Refusals that concern what was sent along with the words, told from those that concern the words or the model.

use super::Refused;
use super::carriage::Load;
use crate::rejection::{Class, Reason, Rejection};

/// What a refusal may be about.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Attached {
    /// A picture of the model's own, and perhaps its signature.
    pub(super) former_turn: bool,
    /// Files that were uploaded before.
    pub(super) uploads: bool,
}

impl Attached {
    pub(super) fn of(load: &Load) -> Self {
        Self { former_turn: load.former.is_some(), uploads: load.goes_ahead() }
    }

    /// The same refusal, or the one that it is in truth.
    pub(super) fn judge(self, refused: Refused) -> Refused {
        if self.former_turn && is_about_signature(&refused) {
            // Once more as a plain edit: the caller leaves the former turn out when it sees this code.
            let rejection = Rejection::no_result(Reason::NO_SIGNATURE_CODE, 1);
            return Refused { rejection, said: refused.said };
        }
        if self.uploads && is_about_file(&refused) {
            // Neither the model is gone nor the key refused: the file is uploaded anew.
            let rejection = Rejection::no_result("FILE_LOST", 1);
            return Refused { rejection, said: refused.said };
        }
        refused
    }
}

fn is_about_signature(refused: &Refused) -> bool {
    let said = refused.said.to_lowercase().replace(['_', ' '], "");
    match refused.rejection.code.as_str() {
        "MISSING_THOUGHT_SIGNATURE" => true,
        _ => refused.rejection.class == Class::UserFault && said.contains("thoughtsignature"),
    }
}

/// A file that has expired (404), that another key uploaded (403), or that is not ready after all (400).
fn is_about_file(refused: &Refused) -> bool {
    let said = &refused.said;
    let named = said.starts_with("File ") || said.starts_with("The File ");
    let code = refused.rejection.code.as_str();
    (named || said.contains(" the File "))
        && matches!(code, "NOT_FOUND" | "PERMISSION_DENIED" | "FAILED_PRECONDITION")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(attached: Attached, rejection: Rejection, said: &str) -> Rejection {
        attached.judge(Refused { rejection, said: said.to_owned() }).rejection
    }

    const TURNS: Attached = Attached { former_turn: true, uploads: false };
    const UPLOADS: Attached = Attached { former_turn: false, uploads: true };
    const NONE: Attached = Attached { former_turn: false, uploads: false };

    #[test]
    fn a_conversation_that_cannot_go_on_is_tried_once_as_a_plain_edit() {
        let again = Rejection::no_result(Reason::NO_SIGNATURE_CODE, 1);
        let finish = || Rejection::owner_fault("MISSING_THOUGHT_SIGNATURE");
        let invalid = || Rejection::user_fault("INVALID_ARGUMENT", Reason::BadInput);
        assert_eq!(judged(TURNS, finish(), ""), again);
        for said in [
            "Image part is missing a thought_signature.",
            "Thought signature is not valid.",
            "bad [contents[1].parts[0].thoughtSignature]",
        ] {
            assert_eq!(judged(TURNS, invalid(), said), again, "{said}");
            assert_eq!(judged(NONE, invalid(), said), invalid(), "{said}");
        }
        assert_eq!(judged(TURNS, invalid(), "Unable to process input image."), invalid());
        // Without a former turn it is our own mistake.
        assert_eq!(judged(NONE, finish(), ""), finish());
    }

    #[test]
    fn a_lost_file_takes_neither_the_model_nor_the_key_away() {
        let gone = || Rejection::model_gone("NOT_FOUND");
        let denied = || Rejection::owner_fault_for_all("PERMISSION_DENIED");
        let lost = Rejection::no_result("FILE_LOST", 1);
        let words = "You do not have permission to access the File abc or it may not exist.";
        assert_eq!(judged(UPLOADS, gone(), "File not found or expired: x"), lost);
        assert_eq!(judged(UPLOADS, denied(), words), lost);
        let not_ready = Rejection::owner_fault_for_all("FAILED_PRECONDITION");
        let words_then = "The File files/abc is not in an ACTIVE state and usage is not allowed.";
        assert_eq!(judged(UPLOADS, not_ready.clone(), words_then), lost);
        let country = "User location is not supported for the API use.";
        assert_eq!(judged(UPLOADS, not_ready.clone(), country), not_ready);
        assert_eq!(judged(UPLOADS, gone(), "models/x is not found"), gone());
        assert_eq!(judged(UPLOADS, denied(), "Your API key was reported as leaked."), denied());
        assert_eq!(judged(NONE, denied(), words), denied());
    }
}
