//! Storage types and back: the one place where columns become vocabulary.
//!
//! Times are epoch microseconds: they sort and compare as integers on both engines, and no engine's text format or time
//! zone can come between. Parts of a microsecond are cut off; where they matter (the log) the value also stands in JSON.

use std::{any::type_name, error::Error, fmt, str::FromStr, sync::Arc};

use jiff::Timestamp;
use sea_orm::{DbErr, DeriveValueType};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};

/// A text column that must not appear in logs.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub(crate) struct Sealed(String);

impl Sealed {
    pub(crate) fn seal(secret: &SecretString) -> Self {
        Self(secret.expose_secret().to_owned())
    }

    pub(crate) fn into_secret(self) -> SecretString {
        self.0.into()
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

pub(crate) fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

pub(crate) fn time(micros: i64, column: &'static str) -> Result<Timestamp, DbErr> {
    Timestamp::from_microsecond(micros).map_err(|error| unreadable::<Timestamp>(column, error))
}

pub(crate) fn optional_time(micros: Option<i64>, column: &'static str) -> Result<Option<Timestamp>, DbErr> {
    micros.map(|micros| time(micros, column)).transpose()
}

/// A text that both engines can hold: PostgreSQL's cannot contain NUL, and sources say what they like.
pub(crate) fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

pub(crate) fn optional_text(value: Option<&str>) -> Option<String> {
    value.map(text)
}

/// A name as it compares: without outer white space, in lower case.
pub(crate) fn name_key(name: &str) -> String {
    text(name.trim()).to_lowercase()
}

pub(crate) fn parse<T>(text: &str, column: &'static str) -> Result<T, DbErr>
where
    T: FromStr<Err: Error + Send + Sync + 'static>,
{
    text.parse().map_err(|error: T::Err| unreadable::<T>(column, error))
}

/// JSON text. Its escapes keep every character storable, NUL included.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("our own types have text keys and cannot fail to serialise")
}

pub(crate) fn from_json<T: DeserializeOwned>(text: &str, column: &'static str) -> Result<T, DbErr> {
    serde_json::from_str(text).map_err(|error| unreadable::<T>(column, error))
}

pub(crate) fn digest(bytes: Vec<u8>, column: &'static str) -> Result<[u8; 32], DbErr> {
    let length = bytes.len();
    bytes.try_into().map_err(|_| unreadable::<[u8; 32]>(column, WrongLength(length)))
}

#[derive(Debug, thiserror::Error)]
#[error("expected 32 bytes, found {0}")]
struct WrongLength(usize);

fn unreadable<T>(column: &'static str, error: impl Error + Send + Sync + 'static) -> DbErr {
    DbErr::TryIntoErr { from: column, into: type_name::<T>(), source: Arc::new(error) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sealed_text_does_not_print() {
        let sealed = Sealed::seal(&"argon2-hash".into());
        assert_eq!(format!("{sealed:?}"), "***");
        assert_eq!(sealed.into_secret().expose_secret(), "argon2-hash");
    }

    #[test]
    fn what_is_wrong_names_the_column() {
        let error = parse::<muster_model::Role>("emperor", "user_account.role").unwrap_err();
        assert!(error.to_string().contains("user_account.role"), "{error}");
        assert!(digest(vec![0; 31], "user_session.token_hash").is_err());
    }

    proptest! {
        #[test]
        fn times_survive_to_the_microsecond(micros in -1_000_000_000_000_000_i64..4_000_000_000_000_000) {
            let time = time(micros, "t").unwrap();
            prop_assert_eq!(super::micros(time), micros);
        }

        #[test]
        fn every_text_is_storable(input in ".*") {
            let with_nul = input.clone() + "\0" + &input;
            let (text, json) = (text(&with_nul), json(&with_nul));
            prop_assert!(!text.contains('\0') && !json.contains('\0'));
            prop_assert_eq!(from_json::<String>(&json, "t").unwrap(), with_nul);
        }
    }
}
