//! The members that an archive may have. A name is parsed into one of them, so that no archive can write elsewhere.

use std::{fmt, path::PathBuf, str::FromStr};

use serde::{Deserialize, Serialize};

/// A member of an archive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum MemberName {
    /// `state.db`.
    State,
    /// `history/history.db`.
    History,
    /// A file of the sweep log, `history/sweeps-<number>.log`.
    SweepLog(String),
    /// `secret.key`, the master key.
    Key,
}

impl MemberName {
    /// Where it lies below the data directory.
    pub fn path(&self) -> PathBuf {
        PathBuf::from(self.to_string())
    }

    /// Whether it is a database that carries the marker.
    pub(crate) fn is_database(&self) -> bool {
        match self {
            Self::State | Self::History => true,
            Self::SweepLog(_) | Self::Key => false,
        }
    }
}

impl fmt::Display for MemberName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State => f.write_str("state.db"),
            Self::History => f.write_str("history/history.db"),
            Self::SweepLog(file) => write!(f, "history/{file}"),
            Self::Key => f.write_str("secret.key"),
        }
    }
}

impl FromStr for MemberName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "state.db" => Ok(Self::State),
            "history/history.db" => Ok(Self::History),
            "secret.key" => Ok(Self::Key),
            other => sweep_log(other).ok_or_else(|| format!("`{other}` is no member of a backup")),
        }
    }
}

/// A sweep log's file name is digits between two fixed words: nothing that leads out of the directory.
fn sweep_log(path: &str) -> Option<MemberName> {
    let file = path.strip_prefix("history/")?;
    let number = file.strip_prefix("sweeps-")?.strip_suffix(".log")?;
    let is_number = !number.is_empty() && number.len() <= 20 && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| MemberName::SweepLog(file.to_owned()))
}

impl TryFrom<String> for MemberName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<MemberName> for String {
    fn from(name: MemberName) -> Self {
        name.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_none() {
        let paths = ["../state.db", "/etc/passwd", "history/../x", "history/sweeps-1/../../x.log", "history/", ""];
        for path in paths {
            assert!(path.parse::<MemberName>().is_err(), "{path}");
        }
        let log = "history/sweeps-00000007.log";
        assert_eq!(log.parse::<MemberName>().unwrap().to_string(), log);
    }

    proptest! {
        #[test]
        fn whatever_is_a_name_stays_below_the_directory(text: String, digits in "[0-9./]{0,12}") {
            for text in [text, format!("history/sweeps-{digits}.log")] {
                if let Ok(name) = text.parse::<MemberName>() {
                    prop_assert_eq!(name.to_string(), text);
                    let is_plain = |part| matches!(part, std::path::Component::Normal(_));
                    prop_assert!(name.path().components().all(is_plain));
                }
            }
        }
    }
}
