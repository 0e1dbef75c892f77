//! The plugins in force, put together from everywhere that documents come from (CC-2).
//!
//! Whoever watches the directory and the admin's documents hands in all of them at once and gets a new set with a
//! report; nothing here reads a file or keeps state. A document that is bad changes nothing: what was in force from its
//! place, or under its name, stays in force. A document that is gone takes its plugin with it, and a built-in plugin of
//! that name is back.

use std::{collections::BTreeMap, fmt, sync::Arc};

use semver::Version;

use crate::{Document, DocumentFault, InvalidDocument, Plugin, PluginName, VersionFault, builtin, compare};

/// Plugins in force at once.
const MOST_PLUGINS: usize = 256;

/// Where a document comes from. The first of these that declares a name decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// An admin put it there, under this name.
    Admin(PluginName),
    /// A file of the directory, by its name.
    File(String),
    /// It is part of Muster.
    BuiltIn,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admin(name) => write!(f, "the administrator's document `{name}`"),
            Self::File(name) => f.write_str(name),
            Self::BuiltIn => f.write_str("the built-in plugins"),
        }
    }
}

/// A document to be put in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Where it comes from. No two offers come from one place.
    pub origin: Origin,
    /// Its text.
    pub content: Vec<u8>,
}

/// What became of an offered document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Where it comes from.
    pub origin: Origin,
    /// What it calls itself, where that could be read.
    pub name: Option<PluginName>,
    /// What became of it.
    pub verdict: Verdict,
}

/// What became of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is in force.
    InForce(Version),
    /// Another document of the same name goes before.
    Shadowed(Origin),
    /// It is bad.
    Refused {
        /// Why, by JSON pointer; at least one.
        faults: Vec<DocumentFault>,
        /// The last good version, which is in force in its stead.
        kept: Option<Version>,
    },
}

/// A plugin in force.
#[derive(Debug, Clone)]
pub struct InForce {
    /// Where its document comes from.
    pub origin: Origin,
    /// The plugin. As long as its document stays the same it is not compiled again.
    pub plugin: Arc<Plugin>,
}

/// All plugins in force, by name.
#[derive(Debug, Clone)]
pub struct PluginSet {
    built_in: Vec<InForce>,
    in_force: BTreeMap<PluginName, InForce>,
}

impl PluginSet {
    /// The built-in plugins, and no others.
    pub fn built_in() -> Self {
        let built_in: Vec<InForce> =
            builtin::plugins().map(|plugin| InForce { origin: Origin::BuiltIn, plugin: Arc::new(plugin) }).collect();
        let in_force = built_in.iter().map(|it| (it.plugin.document().name.clone(), it.clone())).collect();
        Self { built_in, in_force }
    }

    /// A plugin by name.
    pub fn get(&self, name: &str) -> Option<&InForce> {
        self.in_force.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &InForce> {
        self.in_force.values()
    }

    /// The set after these documents, all there are beside the built-in ones, took the place of those before; and what
    /// became of each, in the order of their origins.
    ///
    /// Every document that changed is [compared](compare) and compiled, so call it where waiting is allowed.
    ///
    /// After a restart, hand in the documents that were in force first, and those that are there now then: so a file
    /// that went bad in between does not take its plugin away.
    #[must_use]
    pub fn with(&self, offers: &[Offer]) -> (Self, Vec<Outcome>) {
        let mut offers: Vec<&Offer> = offers.iter().collect();
        offers.sort_by(|one, other| one.origin.cmp(&other.origin));
        let mut next = Reload { before: self, in_force: BTreeMap::new() };
        let mut outcomes: Vec<Outcome> = offers.iter().map(|offer| next.offer(offer)).collect();
        for outcome in &mut outcomes {
            next.keep_last_good(outcome);
        }
        for built_in in &self.built_in {
            next.in_force.entry(built_in.plugin.document().name.clone()).or_insert_with(|| built_in.clone());
        }
        (Self { built_in: self.built_in.clone(), in_force: next.in_force }, outcomes)
    }
}

struct Reload<'a> {
    before: &'a PluginSet,
    in_force: BTreeMap<PluginName, InForce>,
}

impl Reload<'_> {
    fn offer(&mut self, offer: &Offer) -> Outcome {
        let origin = offer.origin.clone();
        let mut outcome = match Document::parse(&offer.content) {
            Ok(document) => {
                let name = document.name.clone();
                let verdict = self.document(&origin, document);
                Outcome { origin, name: Some(name), verdict }
            }
            Err(InvalidDocument { name, faults }) => {
                Outcome { origin, name, verdict: Verdict::Refused { faults, kept: None } }
            }
        };
        // No file takes the place of an administrator's document because that went bad.
        if matches!(outcome.origin, Origin::Admin(_)) {
            self.keep_last_good(&mut outcome);
        }
        outcome
    }

    fn document(&mut self, origin: &Origin, document: Document) -> Verdict {
        let (name, version) = (document.name.clone(), document.version.clone());
        if let Some(first) = self.in_force.get(&name) {
            return shadowed(origin, &first.origin);
        }
        match self.compiled(origin, document) {
            Ok(plugin) => {
                self.in_force.insert(name, InForce { origin: origin.clone(), plugin });
                Verdict::InForce(version)
            }
            Err(faults) => Verdict::Refused { faults, kept: None },
        }
    }

    /// The plugin of a document that may follow what is in force, the same one where nothing changed.
    fn compiled(&self, origin: &Origin, document: Document) -> Result<Arc<Plugin>, Vec<DocumentFault>> {
        if let Origin::Admin(name) = origin
            && *name != document.name
        {
            return Err(fault(
                "/name",
                format!("is not `{name}`, under which the document was put; make them the same"),
            ));
        }
        if self.in_force.len() >= MOST_PLUGINS {
            return Err(fault("", format!("is one plugin more than the {MOST_PLUGINS} that may be in force")));
        }
        if let Some(before) = self.before.get(document.name.as_str()) {
            if before.plugin.document().source() == document.source() {
                return Ok(Arc::clone(&before.plugin));
            }
            compare(before.plugin.document(), &document).check_version().map_err(version_faults)?;
        }
        Plugin::compile(document).map(Arc::new).map_err(|invalid| invalid.faults)
    }

    /// Leaves in force what was there before a document went bad.
    fn keep_last_good(&mut self, outcome: &mut Outcome) {
        let Verdict::Refused { kept, .. } = &mut outcome.verdict else { return };
        let by_origin = self.before.in_force.iter().find(|(_, it)| it.origin == outcome.origin);
        let by_name = outcome.name.as_ref().and_then(|name| self.before.in_force.get_key_value(name));
        for (name, before) in by_name.into_iter().chain(by_origin) {
            let now = self.in_force.entry(name.clone()).or_insert_with(|| before.clone());
            if kept.is_none() && Arc::ptr_eq(&now.plugin, &before.plugin) {
                *kept = Some(before.plugin.document().version.clone());
            }
        }
    }
}

/// Of two documents of one name, one of higher rank is put there on purpose; two files are somebody's mistake.
fn shadowed(origin: &Origin, first: &Origin) -> Verdict {
    if let (Origin::File(_), Origin::File(other)) = (origin, first) {
        let message = format!("is that of the plugin in {other}; remove one of the two, or give it another name");
        return Verdict::Refused { faults: fault("/name", message), kept: None };
    }
    Verdict::Shadowed(first.clone())
}

fn fault(pointer: &str, message: String) -> Vec<DocumentFault> {
    vec![DocumentFault { pointer: pointer.to_owned(), message }]
}

/// One fault for each field that was removed, renamed or tightened.
fn version_faults(version_fault: VersionFault) -> Vec<DocumentFault> {
    let VersionFault::NeedsMajor { old, new, breaks } = version_fault else {
        return fault("/version", version_fault.to_string());
    };
    let told = breaks.into_iter().map(|change| DocumentFault {
        message: format!(
            "{} since {old}; that takes version {}.0.0 instead of {new}, or leave it as it was",
            change.kind,
            old.major + 1
        ),
        pointer: change.pointer,
    });
    told.collect()
}
