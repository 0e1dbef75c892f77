//! What is wrong with a plugin document: every fault with its place and what to do about it (CC-2).

use std::{collections::BTreeSet, fmt};

use crate::{PluginName, pointer};

/// Faults that are told at once. Whoever repairs a hundred may look again.
const MOST_FAULTS: usize = 100;

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentFault {
    /// JSON pointer into the plugin document.
    pub pointer: String,
    /// What is wrong and what to do, in one sentence.
    pub message: String,
}

impl fmt::Display for DocumentFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the document" } else { &self.pointer };
        write!(f, "{place}: {}", self.message)
    }
}

/// A document that is no plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the plugin document has {} fault(s), the first at {}", .faults.len(), first(.faults))]
pub struct InvalidDocument {
    /// What it calls itself, where that could be read.
    pub name: Option<PluginName>,
    /// What is wrong: at least one, by pointer, at most a hundred.
    pub faults: Vec<DocumentFault>,
}

fn first(faults: &[DocumentFault]) -> String {
    faults.first().map_or("an unknown place".to_owned(), DocumentFault::to_string)
}

impl InvalidDocument {
    pub(crate) fn one(name: Option<PluginName>, pointer: &str, message: impl Into<String>) -> Self {
        let mut faults = Faults::default();
        faults.add(pointer, message);
        Self { name, faults: faults.into_vec() }
    }
}

/// The faults found so far: one for each place, so that the first and plainest word about it stands.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    faults: BTreeSet<DocumentFault>,
    places: BTreeSet<String>,
}

impl Faults {
    pub(crate) fn add(&mut self, pointer: &str, message: impl Into<String>) {
        if self.faults.len() < MOST_FAULTS && self.places.insert(pointer.to_owned()) {
            let message = pointer::clip(&message.into(), 500);
            self.faults.insert(DocumentFault { pointer: pointer.to_owned(), message });
        }
    }

    /// Whether something at or below a place was found wrong.
    pub(crate) fn is_known(&self, pointer: &str) -> bool {
        let below = format!("{pointer}/");
        self.places.iter().any(|place| place == pointer || place.starts_with(&below))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    pub(crate) fn into_vec(self) -> Vec<DocumentFault> {
        self.faults.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fault_for_each_place_and_no_flood() {
        let mut faults = Faults::default();
        faults.add("/b", "first");
        faults.add("/b", "second");
        faults.add("", "whole");
        assert!(faults.is_known("/b") && !faults.is_known("/a"));
        for number in 0..1_000 {
            faults.add(&format!("/c/{number}"), "more");
        }
        let told: Vec<String> = faults.into_vec().iter().map(DocumentFault::to_string).collect();
        assert_eq!(told[..2], ["the document: whole", "/b: first"]);
        assert_eq!(told.len(), MOST_FAULTS);
    }
}
