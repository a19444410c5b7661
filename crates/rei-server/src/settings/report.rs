//! What `rei check` and the log say about settings: a masked table, remarks, and the list of secrets for the redactor.

use rei_yookassa::authenticity::{Mode, Signer};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use super::model::{Database, Settings};
use super::notes::Note;
use super::payments_model::Payments;
use super::sources::Origin;
use super::table::Variable;
use super::words::{self, Language};

/// One line of the table of settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The variable.
    pub name: String,
    /// Its value as it may be shown; `None`: not set.
    pub value: Option<Shown>,
    /// Where the value stood; `None`: not set.
    pub origin: Option<Origin>,
}

/// A value as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Open, with `***` in place of a password in a URL.
    Text(String),
    /// It is there, and that is all that is told.
    Hidden,
}

impl Shown {
    /// What may be shown of `value`.
    pub fn of(variable: &Variable, value: &str) -> Self {
        match (variable.secret, variable.credentials) {
            (true, _) => Self::Hidden,
            (false, true) => masked_url(value).map_or(Self::Hidden, Self::Text),
            (false, false) => Self::Text(value.to_owned()),
        }
    }
}

/// A URL with its password replaced; `None` when it is no URL, so that nobody can tell where a password would be.
/// A query is left out: it is a second place for passwords.
fn masked_url(value: &str) -> Option<String> {
    if value.starts_with("sqlite://") {
        return Some(value.to_owned());
    }
    let mut url = Url::parse(value).ok()?;
    if url.password().is_some() {
        url.set_password(Some("***")).ok()?;
    }
    url.set_query(None);
    Some(url.into())
}

impl Row {
    /// Value and source in words.
    pub fn texts(&self, language: Language) -> (String, String) {
        let value = match &self.value {
            None => words::say(language, "unset", &[]),
            Some(Shown::Hidden) => words::say(language, "hidden", &[]),
            Some(Shown::Text(text)) => text.clone(),
        };
        let origin = match self.origin {
            None => String::new(),
            Some(Origin::Environment) => words::say(language, "origin-environment", &[]),
            Some(Origin::Dotenv) => words::say(language, "origin-dotenv", &[]),
            Some(Origin::Default) => words::say(language, "origin-default", &[]),
        };
        (value, origin)
    }
}

impl Settings {
    /// The table for `rei check`, one row per variable, without any secret.
    pub fn describe(&self) -> &[Row] {
        &self.rows
    }

    /// Remarks: older names that were read, unknown ones, what has no effect in this version.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Every secret that the settings hold, whole and in parts, for the redactor of the log.
    pub fn secrets(&self) -> Vec<SecretString> {
        let mut secrets = vec![self.telegram.token.clone(), self.telegram.webhook_secret.clone()];
        secrets.extend(self.images.iter().map(|images| images.api_key.clone()));
        if let Some(videos) = &self.videos {
            secrets.push(videos.api_key.clone());
            secrets.extend(videos.api_key.expose_secret().split(':').map(SecretString::from));
            secrets.extend(videos.webhook_secret.clone());
        }
        if let Some(payments) = &self.payments {
            secrets.push(payments.secret_key.clone());
            secrets.extend(payments.webhook_secret.clone());
            secrets.extend(payments.webhook_secret_previous.clone());
            secrets.extend(payments.relay_secret.clone());
            secrets.extend(payments.address_tags());
        }
        if let Some(s3) = &self.files.s3 {
            secrets.extend([s3.access_key.clone(), s3.secret_key.clone()]);
        }
        let database = match &self.database {
            Database::Postgres { url } => Some(url),
            Database::Sqlite { .. } => None,
        };
        let urls = [database, self.redis_url.as_ref(), self.outbound_proxy.as_ref()];
        secrets.extend(urls.into_iter().flatten().flat_map(passwords));
        secrets
    }
}

impl Payments {
    /// Root of our signatures.
    pub fn signing_root(&self) -> &SecretString {
        self.webhook_secret.as_ref().unwrap_or(&self.secret_key)
    }

    /// What makes our notification address unguessable, of the present root and of the previous one.
    fn address_tags(&self) -> impl Iterator<Item = SecretString> {
        let roots = [Some(self.signing_root()), self.webhook_secret_previous.as_ref()];
        let mode = Mode::of_shop(self.is_test);
        let signers =
            roots.map(|root| root.and_then(|it| Signer::new(&self.shop_id, mode, it, None).ok()));
        signers.into_iter().flatten().filter_map(|signer| {
            let path = signer.webhook_path();
            path.rsplit_once('/').map(|(_, tag)| SecretString::from(tag))
        })
    }
}

/// The passwords inside a URL, before its host and among its parameters, as written and as meant.
fn passwords(url: &SecretString) -> Vec<SecretString> {
    let Ok(url) = Url::parse(url.expose_secret()) else { return Vec::new() };
    let mut found: Vec<String> = url.password().map(str::to_owned).into_iter().collect();
    let pair = found.first().map(|written| format!("password={}", written.replace('+', "%2B")));
    let meant = pair.iter().flat_map(|pair| form_urlencoded::parse(pair.as_bytes()));
    let meant: Vec<String> = meant
        .chain(url.query_pairs())
        .filter(|(name, _)| name == "password")
        .map(|(_, value)| value.into_owned())
        .collect();
    found.extend(meant);
    found.into_iter().map(SecretString::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_as_written_and_as_meant_and_among_parameters() {
        let url =
            SecretString::from("postgres://u:pa%40ss+1@host/db?sslmode=require&password=third");
        let found = passwords(&url);
        let found: Vec<&str> = found.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!(found, ["pa%40ss+1", "pa@ss+1", "third"]);
    }

    #[test]
    fn a_url_is_shown_without_its_password_and_parameters() {
        let shown =
            masked_url("postgres://rei:word@db.local:5432/rei?password=word").expect("a URL");
        assert_eq!(shown, "postgres://rei:***@db.local:5432/rei");
        assert_eq!(masked_url("no url: word"), None);
    }
}
