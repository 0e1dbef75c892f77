//! Which database to use, as an operator writes it.

use std::{fmt, path::PathBuf, str::FromStr};

use sea_orm::sqlx::postgres::PgConnectOptions;
use secrecy::{ExposeSecret, SecretString};

/// Which database to use. Shows itself without user and password.
#[derive(Debug, Clone)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, as a `postgresql://` URL. It may contain a password.
    Postgres(SecretString),
}

/// Why a text names no database. The text is not repeated, since it may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDatabaseUrl {
    /// The scheme is neither.
    #[error("the database URL must start with `sqlite:` or `postgresql:`, such as `sqlite:/var/lib/muster/state.db`")]
    Scheme,
    /// No file is named.
    #[error("the database URL names no file: write `sqlite:/path/to/state.db`")]
    NoFile,
    /// The rest of the URL is malformed.
    #[error("the database URL is malformed: write `postgresql://user:password@host:5432/database`")]
    Malformed,
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        let text = text.trim();
        let (scheme, rest) = text.split_once(':').ok_or(InvalidDatabaseUrl::Scheme)?;
        match scheme {
            "sqlite" => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                if path.is_empty() { Err(InvalidDatabaseUrl::NoFile) } else { Ok(Self::Sqlite(path.into())) }
            }
            "postgres" | "postgresql" => {
                PgConnectOptions::from_str(text).map_err(|_| InvalidDatabaseUrl::Malformed)?;
                Ok(Self::Postgres(text.into()))
            }
            _ => Err(InvalidDatabaseUrl::Scheme),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => match PgConnectOptions::from_str(url.expose_secret()) {
                Ok(options) => {
                    let (host, port) = (options.get_host(), options.get_port());
                    write!(f, "postgresql://{host}:{port}/{}", options.get_database().unwrap_or_default())
                }
                Err(_) => f.write_str("postgresql:"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_are_named_by_url() {
        let check = |text: &str, expected: &str| {
            assert_eq!(text.parse::<DatabaseUrl>().unwrap().to_string(), expected);
        };
        check("sqlite:/var/lib/muster/state.db", "sqlite:/var/lib/muster/state.db");
        check("sqlite:///var/lib/a b?.db", "sqlite:/var/lib/a b?.db");
        check("sqlite:state.db", "sqlite:state.db");
        check("postgres://muster:hunter2@db.lan/muster", "postgresql://db.lan:5432/muster");
    }

    #[test]
    fn passwords_never_show() {
        let url: DatabaseUrl = "postgresql://muster:hunter2@db.lan/muster".parse().unwrap();
        assert!(!format!("{url:?} {url}").contains("hunter2"));
        let error = "postgresql://muster:hunter2@db.lan:port/x".parse::<DatabaseUrl>().unwrap_err();
        assert_eq!(error, InvalidDatabaseUrl::Malformed);
        assert!(!format!("{error:?} {error}").contains("hunter2"));
        assert_eq!("mysql://a:hunter2@b".parse::<DatabaseUrl>().unwrap_err(), InvalidDatabaseUrl::Scheme);
        assert_eq!("sqlite:".parse::<DatabaseUrl>().unwrap_err(), InvalidDatabaseUrl::NoFile);
    }
}
