//! What came of a call, in terms of what the caller does next.

use std::fmt;
use std::time::Duration;

/// Why a call brought no object. Each variant is one way to go on; what is quoted is without secrets and personal
/// data.
///
/// Every variant speaks of one attempt. An earlier attempt with the same key may have been carried out whatever
/// [`CallError::NotExecuted`] says about this one, so a key is given up only after [`CallError::Refused`] and the
/// other definite answers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It may have been carried out: repeat the same bytes with the same key, in growing pauses.
    #[error("yookassa did not say what came of it: {lost}")]
    Unknown {
        /// The least pause that YooKassa asked for.
        after: Option<Duration>,
        /// How the answer was lost.
        lost: Lost,
    },
    /// It is being carried out: repeat the same bytes with the same key.
    #[error("yookassa is still working on it")]
    Processing {
        /// The least pause that YooKassa asked for.
        after: Option<Duration>,
    },
    /// This attempt was not carried out: repeat the same bytes with the same key.
    #[error("not carried out: {held}")]
    NotExecuted {
        /// The least pause.
        after: Option<Duration>,
        /// What held it up.
        held: Held,
    },
    /// Not carried out, and never will be in this form: tell the owner. A key conflict is no failed payment; see
    /// [`CallError::is_key_conflict`].
    #[error("yookassa refused the request: {0}")]
    Refused(Complaint),
    /// The shop id, the key or the mode is wrong: nothing works until the owner mends it.
    #[error("yookassa does not accept the shop id with this key: {0}")]
    Credentials(Complaint),
    /// The shop has no right to this: tell the owner.
    #[error("yookassa does not allow this shop to do it: {0}")]
    Forbidden(Complaint),
    /// There is no such object, or it is another shop's: never a reason to credit.
    #[error("yookassa knows no such object of this shop: {0}")]
    NotFound(Complaint),
    /// Removed on purpose.
    #[error("the object was removed: {0}")]
    Gone(Complaint),
    /// We asked in a wrong way; only a new version mends it.
    #[error("our request was wrong: {0}")]
    Bug(Complaint),
}

/// What YooKassa said about a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The number of the refusal, which YooKassa's support asks for.
    pub id: Option<String>,
    /// YooKassa's word, such as `invalid_request`; ours in the same form when it said none.
    pub code: String,
    /// The field that is wrong.
    pub parameter: Option<String>,
    /// Words for people, without quotations, e-mails and numbers.
    pub description: Option<String>,
}

/// How an answer was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// No connection was made.
    Unreachable(String),
    /// A timeout or a broken connection after the request had begun to leave.
    Unanswered(String),
    /// YooKassa or something in front of it broke, or spoke words that are not YooKassa's.
    Server {
        /// The HTTP status.
        status: u16,
        /// What it said, when it said it in YooKassa's form.
        complaint: Option<Box<Complaint>>,
    },
    /// The answer is not the object that was asked for.
    Unreadable(&'static str),
}

/// What held a call up before it was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// YooKassa: too many requests.
    TooMany,
    /// We: YooKassa failed too often and is left alone for a while.
    Resting,
    /// We: YooKassa does not accept our key, and is not asked again for a while.
    Locked,
    /// We: all our connections are in use.
    NoPlace,
}

impl Complaint {
    pub(crate) fn ours(code: &str) -> Self {
        Self { id: None, code: code.to_owned(), parameter: None, description: None }
    }
}

impl CallError {
    /// The least pause before a repeat, when one was named.
    pub fn after(&self) -> Option<Duration> {
        match self {
            Self::Unknown { after, .. }
            | Self::Processing { after }
            | Self::NotExecuted { after, .. } => *after,
            _ => None,
        }
    }

    /// Whether the same bytes are to be sent again with the same key.
    pub fn is_to_be_repeated(&self) -> bool {
        matches!(self, Self::Unknown { .. } | Self::Processing { .. } | Self::NotExecuted { .. })
    }

    /// Whether the key was used before for other bytes: make no new payment, look the order up.
    pub fn is_key_conflict(&self) -> bool {
        let Self::Refused(complaint) = self else { return false };
        complaint
            .parameter
            .as_deref()
            .is_some_and(|parameter| parameter.eq_ignore_ascii_case("Idempotence-Key"))
    }

    /// What YooKassa said, when it said something.
    pub fn complaint(&self) -> Option<&Complaint> {
        match self {
            Self::Refused(complaint)
            | Self::Credentials(complaint)
            | Self::Forbidden(complaint)
            | Self::NotFound(complaint)
            | Self::Gone(complaint)
            | Self::Bug(complaint) => Some(complaint),
            Self::Unknown { lost: Lost::Server { complaint, .. }, .. } => complaint.as_deref(),
            Self::Unknown { .. } | Self::Processing { .. } | Self::NotExecuted { .. } => None,
        }
    }

    /// A short name for metrics and rows.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "unknown",
            Self::Processing { .. } => "processing",
            Self::NotExecuted { .. } => "not_executed",
            Self::Refused(_) => "refused",
            Self::Credentials(_) => "credentials",
            Self::Forbidden(_) => "forbidden",
            Self::NotFound(_) => "not_found",
            Self::Gone(_) => "gone",
            Self::Bug(_) => "bug",
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        if let Some(parameter) = &self.parameter {
            write!(f, ", parameter {parameter}")?;
        }
        if let Some(id) = &self.id {
            write!(f, ", id {id}")?;
        }
        if let Some(description) = &self.description {
            write!(f, " ({description})")?;
        }
        Ok(())
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(said) => write!(f, "no connection: {said}"),
            Self::Unanswered(said) => write!(f, "no answer: {said}"),
            Self::Server { status, complaint: None } => write!(f, "HTTP {status}"),
            Self::Server { status, complaint: Some(complaint) } => {
                write!(f, "HTTP {status}, {complaint}")
            }
            Self::Unreadable(what) => write!(f, "an unreadable answer: {what}"),
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooMany => "yookassa takes no more requests for now",
            Self::Resting => "yookassa failed too often and is left alone for a while",
            Self::Locked => "yookassa does not accept our key and is not asked for a while",
            Self::NoPlace => "all our connections to yookassa are in use",
        })
    }
}
