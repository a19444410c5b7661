//! From text to value, one function per kind of setting. Pure: a text in, a value or a [`Fault`] out.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;
use rei_yookassa::authenticity::ROOT_MIN_BYTES;
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;
use url::{Host, Url};

use super::model::{Database, Network};
use super::problems::Fault;

/// `1 0 true false yes no on off`, in any case.
pub fn switch(text: &str) -> Result<bool, Fault> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err(Fault::NotSwitch),
    }
}

/// A whole number within `min..=max`.
pub fn number(text: &str, min: u64, max: u64) -> Result<u64, Fault> {
    let number = digits(text).and_then(|text| text.parse().ok());
    number.filter(|number| (min..=max).contains(number)).ok_or(Fault::NotNumber { min, max })
}

/// Seconds with at most three decimals.
pub fn seconds(text: &str, min: &'static str, max: &'static str) -> Result<Duration, Fault> {
    between(text, min, max).map(Duration::from_millis).ok_or(Fault::NotSeconds { min, max })
}

/// A decimal factor in thousandths: `1.8` is 1800.
pub fn factor(text: &str, min: &'static str, max: &'static str) -> Result<u64, Fault> {
    between(text, min, max).ok_or(Fault::NotFactor { min, max })
}

fn between(text: &str, min: &str, max: &str) -> Option<u64> {
    let bounds = thousandths(min)?..=thousandths(max)?;
    thousandths(text).filter(|value| bounds.contains(value))
}

/// A plain decimal number times 1000, without floating point.
fn thousandths(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    if fraction.len() > 3 {
        return None;
    }
    let whole: u64 = digits(whole)?.parse().ok()?;
    let fraction: u64 = format!("{:0<3}", digits(fraction)?).parse().ok()?;
    whole.checked_mul(1000)?.checked_add(fraction)
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

/// Digits only, kept as text: an id of somebody else's system.
pub fn digit_text(text: &str) -> Result<String, Fault> {
    digits(text).map(str::to_owned).ok_or(Fault::NotDigits)
}

/// A positive sum in rubles.
pub fn rubles(text: &str) -> Result<Kopecks, Fault> {
    Kopecks::parse_rubles(text).map_err(|_| Fault::NotSum)
}

/// The same, or `0`.
pub fn rubles_or_nothing(text: &str) -> Result<Kopecks, Fault> {
    if text == "0" { Ok(Kopecks::ZERO) } else { rubles(text) }
}

/// Whole rubles within `min..=max`.
pub fn whole_rubles(text: &str, min: u64, max: u64) -> Result<Kopecks, Fault> {
    let fault = Fault::NotNumber { min, max };
    i64::try_from(number(text, min, max)?).map(Kopecks::from_rubles).map_err(|_| fault)
}

/// Comma separated sums in whole rubles, each once, as many as there are buttons.
pub fn whole_sums(text: &str) -> Result<Vec<Kopecks>, Fault> {
    let mut sums = Vec::new();
    for item in items(text) {
        let sum = whole_rubles(item, 1, 1_000_000);
        let sum = sum.map_err(|_| Fault::NotSumOfList { item: item.to_owned() })?;
        if sums.contains(&sum) {
            return Err(Fault::Twice { item: item.to_owned() });
        }
        sums.push(sum);
    }
    let (min, max) = (1, 12);
    if (min..=max).contains(&sums.len()) { Ok(sums) } else { Err(Fault::ListLength { min, max }) }
}

/// Whom people can write to: `@name`, an e-mail or an https page.
pub fn contact(text: &str) -> Result<String, Fault> {
    let is_short = text.chars().count() <= 128 && !text.contains(char::is_whitespace);
    let is_name = text.strip_prefix('@').is_some_and(|name| {
        (4..=32).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    let is_email = text
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'));
    let is_page = text.starts_with("https://") && page_url(text).is_ok();
    if is_short && (is_name || is_email || is_page) {
        Ok(text.to_owned())
    } else {
        Err(Fault::NotContact)
    }
}

/// One of the words of `choices`.
pub fn choice<T: Copy>(text: &str, choices: &[(&'static str, T)]) -> Result<T, Fault> {
    let found = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        Fault::NotChoice { choices: words.join(", ") }
    })
}

/// Comma separated Telegram ids, each positive.
pub fn ids(text: &str) -> Result<Vec<CustomerId>, Fault> {
    items(text)
        .map(|item| match digits(item).and_then(|item| item.parse().ok()) {
            Some(id) if id > 0 => Ok(CustomerId(id)),
            _ => Err(Fault::NotId { item: item.to_owned() }),
        })
        .collect()
}

/// Comma separated addresses or networks (`10.0.0.0/8`).
pub fn networks(text: &str) -> Result<Vec<Network>, Fault> {
    items(text)
        .map(|item| network(item).ok_or_else(|| Fault::NotNetwork { item: item.to_owned() }))
        .collect()
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn network(item: &str) -> Option<Network> {
    let (address, prefix) = match item.split_once('/') {
        Some((address, prefix)) => (address, Some(digits(prefix)?.parse().ok()?)),
        None => (item, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let bits = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.unwrap_or(bits);
    (prefix <= bits).then_some(Network { address, prefix })
}

/// `address:port`.
pub fn socket(text: &str) -> Result<SocketAddr, Fault> {
    text.replace("localhost:", "127.0.0.1:").parse().map_err(|_| Fault::NotSocket)
}

/// `digits:letters`, tolerant about lengths: only BotFather knows them.
pub fn bot_token(text: &str) -> Result<SecretString, Fault> {
    let (id, tail) = text.split_once(':').ok_or(Fault::NotToken)?;
    let id_fits = digits(id).is_some_and(|id| id.len() <= 20);
    let tail_fits = (16..=128).contains(&tail.len())
        && tail.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if id_fits && tail_fits { Ok(text.into()) } else { Err(Fault::NotToken) }
}

/// A key of an outside service: visible ASCII without blanks, since it travels in a header.
pub fn key(text: &str) -> Result<SecretString, Fault> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.into())
    } else {
        Err(Fault::Spaces)
    }
}

/// A secret of the owner's own making, at least `min` bytes.
pub fn own_secret(text: &str, min: usize) -> Result<SecretString, Fault> {
    if text.len() >= min { Ok(text.into()) } else { Err(Fault::TooShort { min }) }
}

/// The root of signatures: long, and not one letter again and again.
pub fn root_secret(text: &str) -> Result<SecretString, Fault> {
    const LETTERS_MIN: usize = 8;
    let secret = own_secret(text, ROOT_MIN_BYTES)?;
    let letters: BTreeSet<u8> = text.bytes().collect();
    if letters.len() < LETTERS_MIN { Err(Fault::Guessable) } else { Ok(secret) }
}

/// What Kling's console shows as the secret of its webhooks.
pub fn kling_webhook_secret(text: &str) -> Result<SecretString, Fault> {
    let secret = own_secret(text, 16)?;
    if rei_providers::kling::callback::is_secret(&secret) {
        Ok(secret)
    } else {
        Err(Fault::NotConsoleSecret)
    }
}

/// What Telegram accepts as `secret_token`.
pub fn webhook_secret(text: &str) -> Result<SecretString, Fault> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if text.len() <= 256 && text.bytes().all(allowed) {
        Ok(text.into())
    } else {
        Err(Fault::Characters { allowed: "A-Z a-z 0-9 _ -", min: 1, max: 256 })
    }
}

/// A non-empty word without blanks.
pub fn word(text: &str) -> Result<String, Fault> {
    if text.contains(char::is_whitespace) { Err(Fault::Spaces) } else { Ok(text.to_owned()) }
}

/// One of YooKassa's words, such as `full_payment`.
pub fn word_of_yookassa(text: &str) -> Result<String, Fault> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    if text.len() <= 32 && text.bytes().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err(Fault::Characters { allowed: "a-z _", min: 1, max: 32 })
    }
}

/// The address of a service, without the slash at its end: https, or http to this computer; no password, no query.
pub fn base_url(text: &str) -> Result<String, Fault> {
    let url = checked_url(text, &["https", "http"], "https://")?;
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(Fault::UrlPlain);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Fault::UrlCredentials);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Fault::UrlExtra);
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// The same, but any host may be plain: a collector in the owner's own network.
pub fn collector_url(text: &str) -> Result<String, Fault> {
    let url = checked_url(text, &["https", "http"], "http://, https://")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Fault::UrlCredentials);
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Where a browser is sent: any https address.
pub fn page_url(text: &str) -> Result<String, Fault> {
    let url = checked_url(text, &["https", "http"], "https://")?;
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(Fault::UrlPlain);
    }
    Ok(url.into())
}

/// A proxy, perhaps with a password.
pub fn proxy(text: &str) -> Result<SecretString, Fault> {
    let schemes = "http://, https://, socks5://, socks5h://";
    checked_url(text, &["http", "https", "socks5", "socks5h"], schemes).map(|_| text.into())
}

/// A Redis server, perhaps with a password.
pub fn redis(text: &str) -> Result<SecretString, Fault> {
    checked_url(text, &["redis", "rediss"], "redis://, rediss://").map(|_| text.into())
}

/// `sqlite://path` or `postgres://…`.
pub fn database(text: &str) -> Result<Database, Fault> {
    const SCHEMES: &str = "sqlite://, postgres://";
    if let Some(path) = text.strip_prefix("sqlite://") {
        return if path.is_empty() {
            Err(Fault::NotUrl)
        } else {
            Ok(Database::Sqlite { path: path.into() })
        };
    }
    if !text.contains("://") {
        return Err(Fault::UrlScheme { schemes: SCHEMES });
    }
    let url = checked_url(text, &["postgres", "postgresql"], SCHEMES)?;
    if url.path().trim_matches('/').is_empty() {
        return Err(Fault::UrlDatabase);
    }
    Ok(Database::Postgres { url: text.into() })
}

/// A filter that the log understands, kept as text.
pub fn log_filter(text: &str) -> Result<String, Fault> {
    match EnvFilter::builder().parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(Fault::NotFilter { detail: error.to_string() }),
    }
}

fn checked_url(text: &str, schemes: &[&str], shown: &'static str) -> Result<Url, Fault> {
    let url = Url::parse(text).map_err(|_| Fault::NotUrl)?;
    if !schemes.contains(&url.scheme()) {
        return Err(Fault::UrlScheme { schemes: shown });
    }
    match url.host_str() {
        Some(host) if !host.is_empty() => Ok(url),
        _ => Err(Fault::NotUrl),
    }
}

/// Whether an address that was taken leads to this computer.
pub fn is_on_this_machine(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| is_loopback(&url))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_factors_are_exact() {
        assert_eq!(seconds("0.5", "0.05", "60"), Ok(Duration::from_millis(500)));
        assert_eq!(seconds("1,25", "0.05", "60"), Ok(Duration::from_millis(1250)));
        assert_eq!(factor("1.8", "1", "10"), Ok(1800));
        for wrong in ["", "-1", "1e3", ".5", "1.", "61", "0.0001", "٣"] {
            assert!(seconds(wrong, "0.05", "60").is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn networks_are_addresses_with_a_possible_prefix() {
        assert_eq!(networks("127.0.0.1, 10.0.0.0/8,::1/128").map(|all| all.len()), Ok(3));
        for wrong in ["10.0.0.0/33", "10.0.0/8", "host", "::1/129", "10.0.0.0/-1"] {
            assert!(networks(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_base_url_loses_its_last_slash() {
        assert_eq!(
            base_url("https://api.example.org/v3/").as_deref(),
            Ok("https://api.example.org/v3")
        );
        assert_eq!(base_url("http://[::1]:90").as_deref(), Ok("http://[::1]:90"));
    }

    #[test]
    fn a_sqlite_path_may_be_relative_or_absolute() {
        let path = |text| match database(text) {
            Ok(Database::Sqlite { path }) => path,
            other => panic!("{other:?}"),
        };
        assert_eq!(path("sqlite://rei-data/rei.db"), std::path::Path::new("rei-data/rei.db"));
        assert_eq!(path("sqlite:///var/lib/rei.db"), std::path::Path::new("/var/lib/rei.db"));
    }
}
