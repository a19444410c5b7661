//! Where a book is or is to be.

use std::fmt;
use std::path::PathBuf;

use postgres::config::Host;

use crate::BookError;
use crate::book::parse_postgres;

/// A database by its address. Shown without user and password.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A file.
    Sqlite(PathBuf),
    /// `postgres://user:password@host:port/database`; see [`Self::postgres`].
    Postgres(String),
}

impl Place {
    /// A server's database, by an address as in [`crate::PostgresOptions::url`].
    ///
    /// # Errors
    /// [`BookError::Unfit`] when it is no such address. Never repeats it: it may hold a password.
    pub fn postgres(url: &str) -> Result<Self, BookError> {
        parse_postgres(url)?;
        Ok(Self::Postgres(url.to_owned()))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => {
                let config = parse_postgres(url).map_err(|_| fmt::Error)?;
                let host = match config.get_hosts().first() {
                    Some(Host::Tcp(name)) => name.clone(),
                    #[cfg(unix)]
                    Some(Host::Unix(folder)) => folder.display().to_string(),
                    None => "localhost".to_owned(),
                };
                let port = config.get_ports().first().map(|port| format!(":{port}"));
                let name = config.get_dbname().unwrap_or_default();
                write!(f, "postgres://{host}{}/{name}", port.unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        let url = "postgres://rei:secret@db.example:5433/rei";
        let place = Place::postgres(url).expect("an address");
        assert_eq!(
            format!("{place} {place:?}"),
            "postgres://db.example:5433/rei postgres://db.example:5433/rei"
        );
        let file = Place::Sqlite("/srv/rei.db".into());
        assert_eq!(format!("{file}"), "sqlite:///srv/rei.db");
        for broken in ["postgres://rei:secret@db:port/rei", "postgres://rei:secret@db/rei?what=1"] {
            let why = Place::postgres(broken).expect_err("no address").to_string();
            assert!(!why.contains("secret"), "{why}");
        }
    }
}
