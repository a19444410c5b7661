//! Where a book is or is to be.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use postgres::config::Host;

use super::MoveError;
use crate::BookError;
use crate::book::parse_postgres;

/// A database by its address. Shown without user and password.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A file.
    Sqlite(PathBuf),
    /// `postgres://user:password@host:port/database`; see [`crate::PostgresOptions::url`].
    Postgres(String),
}

impl FromStr for Place {
    type Err = MoveError;

    /// Reads what `DATABASE_URL` takes. An error never repeats the address, which may hold a password.
    fn from_str(url: &str) -> Result<Self, MoveError> {
        if let Some(path) = url.strip_prefix("sqlite://").filter(|path| !path.is_empty()) {
            return Ok(Self::Sqlite(path.into()));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            parse_postgres(url)?;
            return Ok(Self::Postgres(url.to_owned()));
        }
        let wanted = "an address begins with sqlite:// or postgres://".to_owned();
        Err(BookError::Unfit(wanted).into())
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
        let place: Place = "postgres://rei:secret@db.example:5433/rei".parse().expect("an address");
        assert_eq!(
            format!("{place} {place:?}"),
            "postgres://db.example:5433/rei postgres://db.example:5433/rei"
        );
        let file: Place = "sqlite:///srv/rei.db".parse().expect("an address");
        assert_eq!(file, Place::Sqlite("/srv/rei.db".into()));
        for broken in
            ["mysql://rei:secret@db/rei", "postgres://rei:secret@db:port/rei", "sqlite://"]
        {
            let why = broken.parse::<Place>().expect_err("no address").to_string();
            assert!(!why.contains("secret"), "{why}");
        }
    }
}
