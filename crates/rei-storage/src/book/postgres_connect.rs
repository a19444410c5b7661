//! Connecting to PostgreSQL: the address, the limits of a session, TLS.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use postgres::config::{Host, SslMode};
use postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::postgres_session::words;
use crate::BookError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A server that vanished without a word is noticed after this long.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// No statement of ours takes this long; a transaction must not keep its locks longer either.
const SESSION: &str = "set statement_timeout = '120s'; set idle_in_transaction_session_timeout = '60s'; \
                       set lock_timeout = '30s'";

/// Reads an address; what it does not say about waiting gets our limits.
pub(crate) fn parse(url: &str) -> Result<Config, BookError> {
    let known_modes = ["verify-full", "verify-ca"].iter().fold(url.to_owned(), |url, mode| {
        url.replace(&format!("sslmode={mode}"), "sslmode=require")
    });
    // The parser's error may quote the address, which holds a password.
    let mut config: Config = known_modes
        .parse()
        .map_err(|_| BookError::Unfit("DATABASE_URL is not a PostgreSQL address".to_owned()))?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENCE_MAX);
        config.keepalives_idle(SILENCE_MAX);
    }
    if config.get_application_name().is_none() {
        config.application_name("rei");
    }
    Ok(config)
}

pub(crate) fn connect(config: &Config) -> Result<Client, BookError> {
    let connected = match config.get_ssl_mode() {
        SslMode::Disable => config.connect(NoTls),
        SslMode::Prefer if stays_here(config) => config.connect(NoTls),
        _ => config.connect(tls()?),
    };
    let mut client = connected.map_err(|error| BookError::Unavailable(words(&error)))?;
    client.batch_execute(SESSION).map_err(|error| BookError::Unavailable(words(&error)))?;
    Ok(client)
}

/// Whether the server is on this machine, where Debian's servers show a certificate that nobody signed.
fn stays_here(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

fn tls() -> Result<MakeRustlsConnect, BookError> {
    use rustls_platform_verifier::BuilderVerifierExt;
    let unfit = |error: rustls::Error| BookError::Unfit(format!("TLS cannot be used: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map_err(unfit)?
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> (SslMode, bool) {
        let config = parse(url).expect("an address");
        (config.get_ssl_mode(), stays_here(&config))
    }

    #[test]
    fn the_address_says_whether_to_encrypt() {
        assert_eq!(mode("postgres://u:p@localhost/db"), (SslMode::Prefer, true));
        assert_eq!(mode("postgres://u:p@127.0.0.1:5433/db"), (SslMode::Prefer, true));
        assert_eq!(mode("postgres:///db?host=/run/postgresql"), (SslMode::Prefer, true));
        assert_eq!(mode("postgres://u:p@db.example/db"), (SslMode::Prefer, false));
        assert_eq!(mode("postgres://u:p@db.example/db?sslmode=disable").0, SslMode::Disable);
        for required in ["require", "verify-ca", "verify-full"] {
            let url = format!("postgres://u:p@localhost/db?sslmode={required}");
            assert_eq!(mode(&url).0, SslMode::Require);
        }
    }

    #[test]
    fn a_broken_address_is_refused_without_repeating_it() {
        let error = parse("postgres://u:secret@host:port/db").expect_err("no address");
        assert!(matches!(&error, BookError::Unfit(why) if !why.contains("secret")), "{error}");
    }
}
