//! Keeps secrets out of everything that is written: each registered one becomes `***`, whoever wrote it.
//!
//! It works on the finished bytes, so a dependency that logs a URL with a token in it is covered as well.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::{Arc, PoisonError, RwLock};

use regex::bytes::{NoExpand, Regex};
use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::fmt::MakeWriter;
use url::form_urlencoded;

/// What stands in the place of a secret.
const MASK: &str = "***";

/// Shorter secrets are not looked for: `rei` or `test` as a password would blank out half of every line.
const SECRET_BYTES_MIN: usize = 6;

/// The list of secrets, shared by everything that writes. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    known: Arc<RwLock<Known>>,
}

#[derive(Default)]
struct Known {
    /// Every form of every secret, longest first, so that a part never hides the whole.
    forms: Vec<String>,
    pattern: Option<Regex>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Known({} forms)", self.forms.len())
    }
}

impl Redactor {
    /// A redactor of these secrets.
    pub fn new(secrets: &[SecretString]) -> Self {
        let redactor = Self::default();
        redactor.register(secrets);
        redactor
    }

    /// Adds secrets that were made at run time, such as the tag in a webhook's address.
    pub fn register(&self, secrets: &[SecretString]) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets.iter().map(ExposeSecret::expose_secret) {
            if secret.len() >= SECRET_BYTES_MIN {
                known.forms.extend(forms(secret));
            }
        }
        known
            .forms
            .sort_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
        known.forms.dedup();
        let alternatives: Vec<String> =
            known.forms.iter().map(|form| regex::escape(form)).collect();
        known.pattern = (!alternatives.is_empty()).then(|| {
            Regex::new(&alternatives.join("|"))
                .expect("escaped words make a valid pattern of bounded size")
        });
    }

    /// The bytes with every secret replaced; borrowed when there was none.
    pub fn redact<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        match &known.pattern {
            Some(pattern) => pattern.replace_all(bytes, NoExpand(MASK.as_bytes())),
            None => Cow::Borrowed(bytes),
        }
    }

    /// The text with every secret replaced.
    pub fn redact_text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.redact(text.as_bytes())).into_owned()
    }
}

/// A secret as itself, inside JSON or a Rust `Debug`, and inside a URL.
fn forms(secret: &str) -> [String; 4] {
    let unquoted = |quoted: String| quoted[1..quoted.len() - 1].to_owned();
    [
        secret.to_owned(),
        unquoted(serde_json::Value::from(secret).to_string()),
        unquoted(format!("{secret:?}")),
        form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
    ]
}

/// A writer factory for the log whose lines pass through a [`Redactor`].
#[derive(Clone, Debug)]
pub struct Redacting<M> {
    redactor: Redactor,
    inner: M,
}

impl<M> Redacting<M> {
    /// Puts the redactor before `inner`.
    pub fn new(redactor: Redactor, inner: M) -> Self {
        Self { redactor, inner }
    }
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Redacting<M> {
    type Writer = RedactingWriter<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        RedactingWriter { redactor: self.redactor.clone(), inner: self.inner.make_writer() }
    }
}

/// One line on its way out. The subscriber hands over whole lines, so a secret is never cut in two.
#[derive(Debug)]
pub struct RedactingWriter<W> {
    redactor: Redactor,
    inner: W,
}

impl<W: Write> Write for RedactingWriter<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.inner.write_all(&self.redactor.redact(line))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(secrets: &[&str], text: &str) -> String {
        let secrets: Vec<SecretString> =
            secrets.iter().map(|secret| SecretString::from(*secret)).collect();
        Redactor::new(&secrets).redact_text(text)
    }

    #[test]
    fn a_secret_is_replaced_wherever_it_stands() {
        let text =
            "GET https://api.telegram.org/bot123456:TopSecret/getMe failed, token=123456:TopSecret";
        assert_eq!(
            redacted(&["123456:TopSecret"], text),
            "GET https://api.telegram.org/bot***/getMe failed, token=***"
        );
    }

    #[test]
    fn a_secret_is_found_escaped_and_percent_encoded() {
        let secret = "pa\"ss\\wo rd/:é";
        let json = serde_json::json!({ "key": secret }).to_string();
        assert_eq!(redacted(&[secret], &json), r#"{"key":"***"}"#);
        assert_eq!(redacted(&[secret], &format!("{secret:?}")), r#""***""#);
        let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        assert_eq!(redacted(&[secret], &format!("?key={encoded}&x=1")), "?key=***&x=1");
    }

    #[test]
    fn the_longer_of_two_overlapping_secrets_goes_as_a_whole() {
        assert_eq!(
            redacted(&["secret", "secret-and-more"], "a secret-and-more, a secret"),
            "a ***, a ***"
        );
    }

    #[test]
    fn a_very_short_secret_does_not_blank_out_the_log() {
        assert_eq!(redacted(&["rei"], "rei_worker started"), "rei_worker started");
    }

    #[test]
    fn a_secret_registered_later_is_replaced_too() {
        let redactor = Redactor::default();
        assert_eq!(redactor.redact_text("tag-of-a-webhook"), "tag-of-a-webhook");
        redactor.register(&["tag-of-a-webhook".into()]);
        assert_eq!(redactor.redact_text("tag-of-a-webhook"), "***");
    }

    #[test]
    fn debug_of_the_redactor_shows_no_secret() {
        let redactor = Redactor::new(&["TopSecretWord".into()]);
        assert!(!format!("{redactor:?}").contains("TopSecretWord"));
    }
}
