//! One connection: the way there, encryption, login, and whether the server is new enough.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisError};
use rustls::pki_types::ServerName;
use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use crate::address::{self, Address};

/// The oldest server that has all commands we use (`ZADD` with `GT`).
pub const OLDEST: Version = Version(6, 2);

/// A connection that does not stand after this long is given up.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nothing to connect to.
    #[error("REDIS_URL is not a redis:// or rediss:// address")]
    BadUrl,
    /// A newer server must be installed.
    #[error("the redis server is version {found}, and {needed} is the oldest that will do")]
    TooOld {
        /// What the server says of itself.
        found: String,
        /// The oldest that will do.
        needed: Version,
    },
    /// The name or the password is wrong, or may too little.
    #[error("the redis server refuses the name or the password: {0}")]
    Refused(String),
    /// Nobody answers, or not as Redis does, or its certificate is not trusted.
    #[error("the redis server is out of reach: {0}")]
    Unreachable(String),
}

/// A server's version, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Opens connections to one server.
pub(crate) struct Connector {
    address: Address,
    tls: Option<TlsConnector>,
}

/// A connection; its clones share it, and the last one closes it.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) inner: MultiplexedConnection,
    /// As the server told; empty when it does not tell.
    pub(crate) version: String,
    _driver: Arc<Driver>,
}

/// The task that moves the bytes; it ends with the connection, even when an answer never comes.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Connector {
    pub(crate) fn new(url: &SecretString) -> Result<Self, ConnectError> {
        let address = address::parse(url).ok_or(ConnectError::BadUrl)?;
        let tls = if address.is_encrypted { Some(tls()?) } else { None };
        Ok(Self { address, tls })
    }

    /// A connection that has logged in to a server that is new enough.
    pub(crate) async fn open(&self) -> Result<Connection, ConnectError> {
        tokio::time::timeout(CONNECT_WITHIN, self.open_in_any_time())
            .await
            .unwrap_or_else(|_| Err(ConnectError::Unreachable("no answer in time".to_owned())))
    }

    async fn open_in_any_time(&self) -> Result<Connection, ConnectError> {
        let unreachable = |error: std::io::Error| ConnectError::Unreachable(error.to_string());
        let target = (self.address.host.as_str(), self.address.port);
        let tcp = TcpStream::connect(target).await.map_err(unreachable)?;
        tcp.set_nodelay(true).map_err(unreachable)?;
        let Some(tls) = &self.tls else { return self.log_in(tcp).await };
        let name =
            ServerName::try_from(self.address.host.clone()).map_err(|_| ConnectError::BadUrl)?;
        let encrypted = tls.connect(name, tcp).await.map_err(unreachable)?;
        self.log_in(encrypted).await
    }

    async fn log_in(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    ) -> Result<Connection, ConnectError> {
        // Each question has its own bound, and a listener's has none.
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let (mut inner, driver) =
            MultiplexedConnection::new_with_config(&self.address.login, stream, config)
                .await
                .map_err(|error| judge(&error))?;
        let driver = Arc::new(Driver(tokio::spawn(driver)));
        let info: Result<String, RedisError> =
            redis::cmd("INFO").arg("server").query_async(&mut inner).await;
        let version = match info {
            Ok(info) => told_version(&info),
            // A user who may not ask for it may still do what we need.
            Err(error) if error.code() == Some("NOPERM") => String::new(),
            Err(error) => return Err(judge(&error)),
        };
        if let Some(known) = parsed(&version)
            && known < OLDEST
        {
            return Err(ConnectError::TooOld { found: version, needed: OLDEST });
        }
        Ok(Connection { inner, version, _driver: driver })
    }
}

fn judge(error: &RedisError) -> ConnectError {
    let refused = matches!(error.kind(), redis::ErrorKind::AuthenticationFailed)
        || matches!(error.code(), Some("NOAUTH" | "WRONGPASS" | "NOPERM"));
    // The library quotes the server's words, never the password.
    let said = error.detail().map_or_else(|| error.to_string(), str::to_owned);
    if refused { ConnectError::Refused(said) } else { ConnectError::Unreachable(said) }
}

fn told_version(info: &str) -> String {
    let line = info.lines().find_map(|line| line.strip_prefix("redis_version:"));
    line.unwrap_or_default().trim().to_owned()
}

fn parsed(version: &str) -> Option<Version> {
    let mut numbers = version.split('.').map(str::parse);
    Some(Version(numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// The machine's own certificates, or those in `SSL_CERT_FILE`.
fn tls() -> Result<TlsConnector, ConnectError> {
    use rustls_platform_verifier::BuilderVerifierExt;
    let unfit =
        |error: rustls::Error| ConnectError::Unreachable(format!("TLS cannot be used: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map_err(unfit)?
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_first_two_numbers() {
        let info = "# Server\r\nredis_version:7.0.15\r\nredis_git_sha1:0\r\n";
        assert_eq!(told_version(info), "7.0.15");
        for (version, fits) in [
            ("6.2.0", true),
            ("7.0.15", true),
            ("10.0.1", true),
            ("6.0.16", false),
            ("3.2.1", false),
        ] {
            assert_eq!(parsed(version).expect("a version") >= OLDEST, fits, "{version}");
        }
        assert_eq!(parsed("unstable"), None);
    }
}
