//! `redis://user:password@host:port/db`, read once.

use redis::{ConnectionAddr, IntoConnectionInfo, ProtocolVersion, RedisConnectionInfo};
use secrecy::{ExposeSecret, SecretString};

/// Where a server is and how to log in.
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) is_encrypted: bool,
    pub(crate) login: RedisConnectionInfo,
}

/// Reads an address; `None` when it is none of a Redis server.
pub(crate) fn parse(url: &SecretString) -> Option<Address> {
    let text = url.expose_secret().trim();
    let (is_encrypted, rest) = match text.strip_prefix("rediss://") {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix("redis://")?),
    };
    // A fragment could switch the check of certificates off; ours is never off.
    if rest.contains('#') {
        return None;
    }
    // The encryption is ours, so the library is told of an address without.
    let info = format!("redis://{rest}").into_connection_info().ok()?;
    let ConnectionAddr::Tcp(host, port) = info.addr() else { return None };
    let login = info.redis_settings().clone();
    let login = login.set_protocol(ProtocolVersion::RESP2).set_skip_set_lib_name();
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    Some(Address { host, port: *port, is_encrypted, login })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_host_login_database_and_encryption() {
        let address = parse(&"rediss://anna:p%40ss@redis.example:6380/3".into()).expect("read");
        assert_eq!((address.host.as_str(), address.port), ("redis.example", 6380));
        assert!(address.is_encrypted);
        assert_eq!(address.login.username(), Some("anna"));
        assert_eq!(address.login.password(), Some("p@ss"));
        assert_eq!(address.login.db(), 3);

        let address = parse(&"redis://:secret@[::1]".into()).expect("read");
        assert_eq!((address.host.as_str(), address.port), ("::1", 6379));
        assert!(!address.is_encrypted);
        assert_eq!((address.login.username(), address.login.db()), (None, 0));
    }

    #[test]
    fn what_is_no_address_of_a_redis_server_is_refused() {
        for url in [
            "",
            "localhost:6379",
            "http://localhost",
            "redis://",
            "rediss://h/#insecure",
            "redis://h/x",
        ] {
            assert!(parse(&url.into()).is_none(), "{url}");
        }
    }
}
