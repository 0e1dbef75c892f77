//! Who we are and what we may.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use smol_str::SmolStr;

use super::{Rows, scalar};

/// `GET /access/permissions`: what we may, by path. An empty map means that nobody granted anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Permissions(BTreeMap<SmolStr, Privileges>);

/// Privileges on one path. Each key counts as granted, whatever its value; the value says whether it is inherited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Privileges(BTreeMap<SmolStr, bool>);

#[derive(Deserialize)]
struct Inherited(#[serde(deserialize_with = "scalar::flag")] Option<bool>);

impl<'de> Deserialize<'de> for Privileges {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let privileges = scalar::object::<BTreeMap<SmolStr, Inherited>, D>(deserializer)?.unwrap_or_default();
        Ok(Self(privileges.into_iter().map(|(privilege, inherited)| (privilege, inherited.0 == Some(true))).collect()))
    }
}

impl Permissions {
    /// Whether a privilege is held on a path.
    ///
    /// The answer lists a few fixed paths and those with an entry of their own; the nearest listed path above counts, and
    /// there only what is inherited.
    pub(crate) fn hold(&self, path: &str, privilege: &str) -> bool {
        if let Some(privileges) = self.0.get(path) {
            return privileges.0.contains_key(privilege);
        }
        let listed = above(path).find_map(|path| self.0.get(path));
        listed.is_some_and(|privileges| privileges.0.get(privilege) == Some(&true))
    }

    /// Paths below a path on which a privilege is not held though it is held above: parts that lists leave out.
    pub(crate) fn holes<'a>(&'a self, below: &'a str, privilege: &'a str) -> impl Iterator<Item = &'a str> {
        let beneath = move |path: &str| path.strip_prefix(below).is_some_and(|rest| rest.starts_with('/'));
        let lacking = self.0.iter().filter(move |(path, held)| beneath(path) && !held.0.contains_key(privilege));
        lacking.map(|(path, _)| path.as_str())
    }
}

/// Paths above a path, the nearest first.
fn above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(parent(path), |path| parent(path))
}

fn parent(path: &str) -> Option<&str> {
    match path.rfind('/') {
        Some(0) | None => (path != "/").then_some("/"),
        Some(end) => Some(&path[..end]),
    }
}

/// A row of `GET /access/users?full=1`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct UserRow {
    /// With realm.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) userid: SmolStr,
    /// Until when; absent means for ever.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub(crate) expire: Option<Timestamp>,
    /// Tokens of the user.
    #[serde(default)]
    pub(crate) tokens: Rows<TokenRow>,
}

/// A token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct TokenRow {
    /// Its name, without the user.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) tokenid: SmolStr,
    /// Until when; absent means for ever.
    #[serde(default, deserialize_with = "scalar::moment")]
    pub(crate) expire: Option<Timestamp>,
}

/// `POST /access/ticket`.
#[derive(Default, Deserialize)]
pub(crate) struct Ticket {
    /// What proves who we are, for two hours.
    #[serde(default, deserialize_with = "secret")]
    pub(crate) ticket: Option<SecretString>,
    /// Whether a second factor is asked for.
    #[serde(default, rename = "NeedTFA", deserialize_with = "scalar::flag")]
    pub(crate) second_factor: Option<bool>,
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("second_factor", &self.second_factor).finish_non_exhaustive()
    }
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(scalar::text(deserializer)?.map(|text| text.as_str().into()))
}
