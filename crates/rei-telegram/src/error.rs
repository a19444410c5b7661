//! What can become of a call, named for what the caller does next.

use std::time::Duration;

use rei_domain::ids::ChatId;

/// Why a call did not succeed. Texts never hold the token, an address or words of a customer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// What was asked for was so already: an unchanged edit, a charge given back before, a press that is
    /// too old. The typed methods turn it into success.
    #[error("there was nothing left to do")]
    Done,
    /// The customer blocked the bot, deleted the account, or the chat is not there for us.
    #[error("the recipient cannot be reached")]
    RecipientGone,
    /// The group became a supergroup: repeat once with the new id.
    #[error("the chat moved to {to}")]
    Moved {
        /// The chat's new id.
        to: ChatId,
    },
    /// The message to reply to is gone. Cannot happen with `allow_sending_without_reply`.
    #[error("the message to reply to is gone")]
    ReplyTargetGone,
    /// The topic is gone: repeat without `message_thread_id`.
    #[error("the topic is gone")]
    TopicGone,
    /// The file cannot be sent in this form: a photo becomes a document, a document a link.
    #[error("the file cannot be sent in this form")]
    WrongMediaForm,
    /// Telegram does not know this `file_id` any more: upload again, or ask for the file again.
    #[error("the file id is not valid any more")]
    BadFileId,
    /// The file is larger than a bot may download (20 MiB).
    #[error("the file is too big for a bot to download")]
    FileTooBig,
    /// The message cannot be edited any more: send a new one and keep its id.
    #[error("the message cannot be edited")]
    EditImpossible,
    /// Telegram found the call malformed. No repeat helps.
    #[error("telegram refused the call as malformed ({description})")]
    OurBug {
        /// Telegram's words.
        description: String,
    },
    /// The token or the address is wrong: stop sending, report not ready, alert.
    #[error("the token or the address of the bot api is wrong ({description})")]
    Configuration {
        /// Telegram's words, or the status.
        description: String,
    },
    /// Somebody else takes this bot's updates: alert and pause.
    #[error("somebody else takes the updates of this bot ({description})")]
    Conflict {
        /// Telegram's words, which tell a webhook from a second poller.
        description: String,
    },
    /// Too many calls: wait exactly this long before the next call to this chat.
    #[error("telegram asked to wait {retry_after} s")]
    Flood {
        /// Seconds, at most [`crate::limits::RETRY_AFTER_MAX_S`].
        retry_after: u64,
    },
    /// Telegram or a proxy before it has trouble: repeat later.
    #[error("telegram is in trouble (status {status})")]
    Transient {
        /// The HTTP status.
        status: u16,
        /// Telegram's words. None: the answer came from a proxy, which may have passed the call on.
        description: Option<String>,
    },
    /// The call never left: safe to repeat.
    #[error("the call was not sent")]
    NotSent(#[source] Transport),
    /// Sent, no readable answer: the call may have been carried out.
    #[error("the call was sent and not answered")]
    Unanswered(#[source] Transport),
}

impl CallError {
    /// The class as a short name for metrics and log fields.
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::RecipientGone => "recipient_gone",
            Self::Moved { .. } => "moved",
            Self::ReplyTargetGone => "reply_target_gone",
            Self::TopicGone => "topic_gone",
            Self::WrongMediaForm => "wrong_media_form",
            Self::BadFileId => "bad_file_id",
            Self::FileTooBig => "file_too_big",
            Self::EditImpossible => "edit_impossible",
            Self::OurBug { .. } => "our_bug",
            Self::Configuration { .. } => "configuration",
            Self::Conflict { .. } => "conflict",
            Self::Flood { .. } => "flood",
            Self::Transient { .. } => "transient",
            Self::NotSent(_) => "not_sent",
            Self::Unanswered(_) => "unanswered",
        }
    }

    /// Whether the call may have been carried out all the same: a message sent at most once must
    /// then not be repeated.
    pub const fn may_have_happened(&self) -> bool {
        matches!(self, Self::Unanswered(_) | Self::Transient { description: None, .. })
    }

    /// How long Telegram asked to wait.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Flood { retry_after } => Some(Duration::from_secs(*retry_after)),
            _ => None,
        }
    }

    /// Whether Telegram could not read the markup: resend once as plain words ([`crate::html::visible_text`]).
    pub fn is_broken_markup(&self) -> bool {
        let Self::OurBug { description } = self else { return false };
        let words = description.to_lowercase();
        words.contains("can't parse entities") || words.contains("can't find end")
    }

    /// Success for the methods that only want a state to be so.
    pub(crate) fn unless_done<T>(self, done: T) -> Result<T, Self> {
        if self == Self::Done { Ok(done) } else { Err(self) }
    }
}

/// What the network said, with the token and addresses taken out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Transport(pub(crate) String);

/// Why a client could not be made. Names the setting, never its value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The base address is not an http or https address without query.
    #[error("the address of the bot api is not an http(s) address without a query")]
    BaseUrl,
    /// The token holds characters that no token has, or is empty.
    #[error("the bot token holds characters that no token has")]
    Token,
    /// The proxy's address cannot be used.
    #[error("the address of the proxy cannot be used")]
    Proxy,
    /// TLS could not be set up, mostly because the system has no root certificates.
    #[error("the http client could not be set up")]
    Http(#[source] Transport),
}

/// Why a file could not be downloaded.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// More bytes than allowed; what was written is of no use.
    #[error("the file is larger than {limit} bytes")]
    TooBig {
        /// The limit in bytes.
        limit: u64,
    },
    /// The link is older than an hour or was never valid: ask `getFile` for a new one.
    #[error("the link to the file is not valid any more")]
    LinkGone,
    /// Telegram did not hand it out, or the connection broke: asking again is safe.
    #[error("the file could not be fetched")]
    Call(#[source] CallError),
    /// The bytes could not be written where they should go.
    #[error("the file could not be written")]
    Write(#[source] std::io::Error),
}
