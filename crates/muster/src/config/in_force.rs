//! The configuration in force: every key with its value and where that comes from, and what differs from another one.
//! Secrets show that they are set, and nothing else.

use std::fmt;

use muster_api::doctor::SettingInForce;

use super::{
    error::Origin,
    keys::{KEYS, Key, Shape},
    layers::{Given, Layers},
};

/// The keys whose new value a reload brings into force. Everything else is built into what runs: it waits for a restart.
const RELOADABLE: &[(&str, &str)] = &[
    ("server", "allowed_hosts"),
    ("server", "tls.hsts"),
    ("server", "trusted_proxies"),
    ("server", "forwarded_header"),
    ("limits", "connections"),
    ("limits", "connections_per_address"),
    ("limits", "requests_per_address"),
    ("limits", "requests_per_credential"),
    ("limits", "header_timeout"),
    ("limits", "request_timeout"),
    ("limits", "idle_timeout"),
    ("limits", "stall_timeout"),
    ("limits", "body_bytes"),
    ("history", "retention_raw"),
    ("history", "retention_minute"),
    ("history", "retention_ten_minutes"),
    ("history", "retention_hour"),
    ("sessions", "idle"),
    ("sessions", "absolute"),
    ("log", "level"),
];

/// Whether a reload brings a key's new value into force.
pub(crate) fn is_reloadable(key: &Key) -> bool {
    RELOADABLE.contains(&(key.section, key.name))
}

impl Layers {
    /// Every key, in the order of the table.
    pub(crate) fn in_force(&self) -> Vec<SettingInForce> {
        KEYS.iter().map(|key| self.setting(key)).collect()
    }

    /// The keys that have another value here than there.
    pub(crate) fn different(&self, other: &Self) -> Vec<&'static Key> {
        let differs = |key: &&Key| self.value(key.section, key.name).0 != other.value(key.section, key.name).0;
        KEYS.iter().filter(differs).collect()
    }

    fn setting(&self, key: &'static Key) -> SettingInForce {
        let (given, origin) = self.value(key.section, key.name);
        let (value, secret_is_set) = match (key.shape, text(&given)) {
            (Shape::Secret, text) => (None, !text.is_empty()),
            (Shape::Text | Shape::Number | Shape::Flag | Shape::List, text) => {
                (Some(text).filter(|text| !text.is_empty()), false)
            }
        };
        let (origin, reloadable) = (origin.to_string(), is_reloadable(key));
        SettingInForce { key: key.path(), value, secret_is_set, origin, reloadable }
    }

    /// The values that somebody gave, with their places.
    pub(crate) fn given_at(&self) -> impl Iterator<Item = (&'static Key, Origin)> {
        let given = KEYS.iter().map(|key| (key, self.value(key.section, key.name).1));
        given.filter(|(_, origin)| *origin != Origin::Default)
    }
}

impl fmt::Debug for Layers {
    /// Names what was given and never a value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.given_at().map(|(key, origin)| (key.path(), origin.to_string()))).finish()
    }
}

fn text(given: &Given) -> String {
    match given {
        Given::Text(text) => text.clone(),
        Given::Flag(flag) => flag.to_string(),
        Given::List(items) => items.join(","),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reloadable_keys_exist() {
        for (section, name) in RELOADABLE {
            assert!(super::super::keys::find(section, name).is_some(), "{section}.{name}");
        }
    }

    #[test]
    fn what_a_reload_brings_into_force_is_documented() {
        let guide = include_str!("../../../../docs/operating/service.md");
        // Of a row of names, those after the first leave out what they have in common.
        for (section, name) in RELOADABLE {
            let short = name.strip_prefix("retention").map(|rest| format!("`…{rest}`")).unwrap_or_default();
            let named = guide.contains(&format!("`{section}.{name}`")) || (!short.is_empty() && guide.contains(&short));
            assert!(named, "docs/operating/service.md does not name {section}.{name}");
        }
    }

    #[test]
    fn every_value_says_where_it_comes_from_and_no_secret_shows() {
        // UX-10
        let mut layers = Layers::default();
        let environment = [
            ("MUSTER_DATABASE__URL".to_owned(), "postgres://m:hunter2@db/m".to_owned()),
            ("MUSTER_SERVER__ALLOWED_HOSTS".to_owned(), "a.example,b.example".to_owned()),
        ];
        layers.add_environment(&environment).unwrap();
        let settings = layers.in_force();
        let find = |key: &str| settings.iter().find(|setting| setting.key == key).unwrap();
        assert_eq!(find("server.allowed_hosts").value.as_deref(), Some("a.example,b.example"));
        assert_eq!(find("server.allowed_hosts").origin, "environment variable MUSTER_SERVER__ALLOWED_HOSTS");
        assert_eq!(find("agent.local").origin, "built-in default");
        assert_eq!((&find("database.url").value, find("database.url").secret_is_set), (&None, true));
        assert!(!find("history.remote_token").secret_is_set);
        assert!(!format!("{settings:?} {layers:?}").contains("hunter2"));
    }

    #[test]
    fn differences_are_named() {
        let (before, mut after) = (Layers::default(), Layers::default());
        let environment =
            [("MUSTER_LOG__LEVEL", "debug"), ("MUSTER_AGENT__LOCAL", "true"), ("MUSTER_SESSIONS__IDLE", "1h")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()));
        after.add_environment(&environment).unwrap();
        let keys: Vec<_> = after.different(&before).into_iter().map(Key::path).collect();
        assert_eq!(keys, ["sessions.idle", "log.level"], "a default that is written out is no difference");
    }
}
