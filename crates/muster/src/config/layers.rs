//! The layers that a value may come from, and reading a checked value out of them.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Span};
use toml::de::{DeTable, DeValue};

use super::{
    Flags,
    error::{ConfigError, Origin},
    keys::{self, KEYS, Key, Shape},
};

/// A value that somebody gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Given {
    Text(String),
    Flag(bool),
    List(Vec<String>),
}

/// What was given, the strongest layer last.
#[derive(Clone, Default)]
pub(crate) struct Layers(BTreeMap<(&'static str, &'static str), (Given, Origin)>);

/// The configuration file that the environment names.
pub(super) fn config_file_of(environment: &[(String, String)]) -> Option<PathBuf> {
    environment.iter().find(|(name, _)| name == "MUSTER_CONFIG").map(|(_, path)| PathBuf::from(path))
}

impl Layers {
    /// Adds the configuration file.
    pub(super) fn add_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let read = std::fs::read_to_string(path);
        let text = read.map_err(|cause| ConfigError::ReadFile { path: path.to_owned(), cause })?;
        let origin_at = |offset: usize| Origin::File {
            path: path.to_owned(),
            line: text[..offset.min(text.len())].lines().count().max(1),
        };
        let document = DeTable::parse(&text).map_err(|error| ConfigError::Malformed {
            origin: origin_at(error.span().map_or(0, |span| span.end)),
            problem: error.message().to_owned(),
        })?;
        for (section, content) in document.get_ref() {
            let section_at = origin_at(section.span().end);
            if !KEYS.iter().any(|key| key.section == section.get_ref()) {
                return Err(unknown(section_at, "section", section.get_ref(), KEYS.iter().map(|key| key.section)));
            }
            let table = content.get_ref().as_table().ok_or_else(|| ConfigError::Malformed {
                origin: section_at,
                problem: format!("`{}` is a section: write [{}]", section.get_ref(), section.get_ref()),
            })?;
            for (name, place, value) in flattened(section.get_ref(), table) {
                let origin = origin_at(place);
                let key = known_key(section.get_ref(), &name, &origin)?;
                let given = from_toml(key, value, &origin)?;
                self.0.insert((key.section, key.name), (given, origin));
            }
        }
        Ok(())
    }

    /// Adds `MUSTER_<SECTION>__<KEY>`, and for secrets `…_FILE`.
    pub(super) fn add_environment(&mut self, environment: &[(String, String)]) -> Result<(), ConfigError> {
        let ours = environment.iter().filter(|(name, _)| name.starts_with("MUSTER_") && name.contains("__"));
        for (name, value) in ours {
            let origin = Origin::Environment { name: name.clone() };
            let lower = name["MUSTER_".len()..].to_ascii_lowercase();
            let (section, key_name) = lower.split_once("__").expect("the name contains two underscores");
            let key_name = &key_name.replace("__", ".");
            let file_of = key_name.strip_suffix("_file").and_then(|stem| keys::find(section, stem));
            let (key, text) = match file_of.filter(|key| key.shape == Shape::Secret) {
                Some(key) => (key, read_secret(Path::new(value), &origin)?),
                None => (known_key(section, key_name, &origin)?, value.clone()),
            };
            let given = from_text(key, &text, &origin)?;
            self.0.insert((key.section, key.name), (given, origin));
        }
        Ok(())
    }

    /// Adds the command line.
    pub(super) fn add_flags(&mut self, flags: &Flags) {
        let Flags { config: _, data_dir, listen, database_url, local_agent } = flags;
        let mut add = |section, name, flag, given: Option<Given>| {
            if let Some(given) = given {
                self.0.insert((section, name), (given, Origin::Flag { name: flag }));
            }
        };
        let data_dir = data_dir.as_ref().map(|path| Given::Text(path.to_string_lossy().into_owned()));
        add("server", "data_dir", "--data-dir", data_dir);
        add("server", "listen", "--listen", listen.clone().map(Given::Text));
        add("database", "url", "--database-url", database_url.clone().map(Given::Text));
        add("agent", "local", "--local-agent", local_agent.map(Given::Flag));
    }

    /// What was given, if anything.
    pub(super) fn given(&self, section: &'static str, name: &'static str) -> Option<&Given> {
        self.0.get(&(section, name)).map(|(given, _)| given)
    }

    /// A text.
    pub(super) fn text(&self, section: &'static str, name: &'static str) -> Result<String, ConfigError> {
        match self.value(section, name) {
            (Given::Text(text), _) => Ok(text),
            (Given::Flag(_) | Given::List(_), _) => Err(self.refuse(section, name, "expected a text")),
        }
    }

    /// A path. Empty is refused.
    pub(super) fn path(&self, section: &'static str, name: &'static str) -> Result<PathBuf, ConfigError> {
        let text = self.text(section, name)?;
        if text.is_empty() {
            return Err(self.refuse(section, name, "expected a path"));
        }
        Ok(PathBuf::from(text))
    }

    /// A switch.
    pub(super) fn flag(&self, section: &'static str, name: &'static str) -> Result<bool, ConfigError> {
        match self.value(section, name) {
            (Given::Flag(flag), _) => Ok(flag),
            (Given::Text(_) | Given::List(_), _) => Err(self.refuse(section, name, "expected true or false")),
        }
    }

    /// A list.
    pub(super) fn list(&self, section: &'static str, name: &'static str) -> Result<Vec<String>, ConfigError> {
        match self.value(section, name) {
            (Given::List(list), _) => Ok(list),
            (Given::Text(_) | Given::Flag(_), _) => Err(self.refuse(section, name, "expected a list")),
        }
    }

    /// Whatever `parse` makes of a text.
    pub(super) fn parsed<T>(
        &self,
        section: &'static str,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        parse(&self.text(section, name)?).map_err(|problem| self.refuse(section, name, &problem))
    }

    /// A span of time within limits.
    pub(super) fn span(
        &self,
        section: &'static str,
        name: &'static str,
        limits: Range<&str>,
    ) -> Result<SignedDuration, ConfigError> {
        let text = self.text(section, name)?;
        let (least, most) = (parse_span(limits.start), parse_span(limits.end));
        parse_span(&text).filter(|span| Some(*span) >= least && Some(*span) <= most).ok_or_else(|| {
            let problem = format!("expected a span from {} to {}, found `{text}`", limits.start, limits.end);
            self.refuse(section, name, &problem)
        })
    }

    /// Refuses a key's value.
    pub(super) fn refuse(&self, section: &'static str, name: &'static str, problem: &str) -> ConfigError {
        let (_, origin) = self.value(section, name);
        ConfigError::Value { origin, key: format!("{section}.{name}"), problem: problem.to_owned() }
    }

    /// The value in force and where it comes from.
    pub(super) fn value(&self, section: &'static str, name: &'static str) -> (Given, Origin) {
        self.0.get(&(section, name)).cloned().unwrap_or_else(|| {
            let key = keys::find(section, name).expect("only keys of the table are read");
            let given = from_text(key, key.default, &Origin::Default).expect("defaults are well-formed");
            (given, Origin::Default)
        })
    }
}

/// A number and a unit: `10s`, `5m`, `24h`, `7d`. A day has 24 hours.
pub(crate) fn parse_span(text: &str) -> Option<SignedDuration> {
    let span: Span = text.parse().ok()?;
    let hours = i64::from(span.get_weeks()) * 7 * 24 + i64::from(span.get_days()) * 24;
    let rest = Span::new().hours(span.get_hours()).minutes(span.get_minutes()).seconds(span.get_seconds());
    let calendar = span.get_years() != 0 || span.get_months() != 0;
    if calendar || span.is_negative() {
        return None;
    }
    Some(SignedDuration::from_hours(hours) + SignedDuration::try_from(rest).ok()?)
}

/// The entries of a section, each with where its name ends. A table within it (`[server.tls]`) is one where some key has a
/// name that begins with its own.
fn flattened<'a>(section: &str, table: &'a DeTable<'a>) -> Vec<(String, usize, &'a DeValue<'a>)> {
    let mut entries = Vec::new();
    for (name, value) in table {
        let (name, place) = (name.get_ref().to_string(), name.span().end);
        let prefix = format!("{name}.");
        let has_parts = KEYS.iter().any(|key| key.section == section && key.name.starts_with(&prefix));
        match value.get_ref().as_table().filter(|_| has_parts) {
            None => entries.push((name, place, value.get_ref())),
            Some(parts) => entries.extend(
                parts
                    .iter()
                    .map(|(part, value)| (format!("{prefix}{}", part.get_ref()), part.span().end, value.get_ref())),
            ),
        }
    }
    entries
}

fn known_key(section: &str, name: &str, origin: &Origin) -> Result<&'static Key, ConfigError> {
    if let Some(key) = keys::find(section, name) {
        return Ok(key);
    }
    let known: Vec<String> = KEYS.iter().map(Key::path).collect();
    let in_section = known.iter().filter(|path| path.split('.').next() == Some(section)).map(String::as_str);
    let everywhere = known.iter().map(String::as_str);
    let wrong = format!("{section}.{name}");
    if KEYS.iter().any(|key| key.section == section) {
        return Err(unknown(origin.clone(), "key", &wrong, in_section));
    }
    Err(unknown(origin.clone(), "key", &wrong, everywhere))
}

fn unknown<'a>(origin: Origin, what: &'static str, name: &str, known: impl Iterator<Item = &'a str>) -> ConfigError {
    ConfigError::Unknown { origin, what, name: name.to_owned(), advice: keys::advice(name, known) }
}

fn from_toml(key: &Key, value: &DeValue<'_>, origin: &Origin) -> Result<Given, ConfigError> {
    let refuse = |expected: String| ConfigError::Value {
        origin: origin.clone(),
        key: key.path(),
        problem: format!("expected {expected}, found {}", article(value.type_str())),
    };
    match key.shape {
        Shape::Text | Shape::Secret => value
            .as_str()
            .map(|text| Given::Text(text.to_owned()))
            .ok_or_else(|| refuse(format!("a text, such as \"{}\"", key.example))),
        Shape::Number => value
            .as_integer()
            .map(|number| Given::Text(number.to_string()))
            .ok_or_else(|| refuse(format!("a number, such as {}", key.example))),
        Shape::Flag => value.as_bool().map(Given::Flag).ok_or_else(|| refuse("true or false".to_owned())),
        Shape::List => {
            let items =
                value.as_array().map(|items| items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)));
            let texts: Option<Vec<String>> = items.and_then(Iterator::collect);
            texts.map(Given::List).ok_or_else(|| refuse(format!("a list of texts, such as [\"{}\"]", key.example)))
        }
    }
}

fn from_text(key: &Key, text: &str, origin: &Origin) -> Result<Given, ConfigError> {
    Ok(match key.shape {
        Shape::Text | Shape::Secret => Given::Text(text.to_owned()),
        Shape::Number => Given::Text(text.trim().to_owned()),
        Shape::Flag => match text.trim() {
            "true" | "1" | "yes" | "on" => Given::Flag(true),
            "false" | "0" | "no" | "off" => Given::Flag(false),
            _ => {
                let problem = format!("expected true or false, found `{text}`");
                return Err(ConfigError::Value { origin: origin.clone(), key: key.path(), problem });
            }
        },
        Shape::List => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Given::List(items.map(str::to_owned).collect())
        }
    })
}

fn read_secret(path: &Path, origin: &Origin) -> Result<String, ConfigError> {
    let read = std::fs::read_to_string(path);
    let text =
        read.map_err(|cause| ConfigError::ReadSecret { origin: origin.clone(), path: path.to_owned(), cause })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn article(type_name: &str) -> String {
    let vowel = type_name.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {type_name}", if vowel { "an" } else { "a" })
}
