//! A source as the estate knows it: what it listed last, whether it still speaks, and its published face.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use muster_model::{ChangeId, Issue, NativeKey, Record, ResourceId, SourceFreshness, SourceId};

use crate::readings::{Block, Roster};

/// What is published of a source.
#[derive(Debug, Clone)]
pub struct SourceState {
    /// Which source.
    pub id: SourceId,
    /// Whether what it said is still current. After a restart every source is stale until it reports again.
    pub freshness: SourceFreshness,
    /// When its last report arrived, by our clock.
    pub last_seen: Option<Timestamp>,
    /// How long from one of its reports to the next; zero while it has not said.
    pub interval: SignedDuration,
    /// What its last report could not read.
    pub issues: Vec<Issue>,
    /// Records in its last report.
    pub record_count: u32,
    /// What it measured last.
    pub(crate) readings: Option<Arc<Block>>,
    /// Grows with every sweep that changed what this source's readings say.
    pub(crate) readings_sequence: u64,
    /// Records that its degraded reports have left out, and when each was last in one.
    pub(crate) left_out: BTreeMap<NativeKey, Timestamp>,
}

impl SourceState {
    /// When the source last spoke of the thing with this key.
    pub(crate) fn last_seen_of(&self, key: &NativeKey) -> Option<Timestamp> {
        self.left_out.get(key).copied().or(self.last_seen)
    }
}

/// A source's private side.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) state: Arc<SourceState>,
    /// What it lists, by its own keys.
    pub(crate) listed: HashMap<NativeKey, Listed>,
    /// Keys that it no longer lists, and whose they were.
    pub(crate) gone: HashMap<NativeKey, ResourceId>,
    /// Keys of records by the key that they name as parent, whether that parent exists or not.
    pub(crate) children: HashMap<NativeKey, BTreeSet<NativeKey>>,
    pub(crate) roster: Arc<Roster>,
    /// The judgement that the log knows.
    pub(crate) judged: SourceFreshness,
    /// Restored from the log and silent since: shown as stale, whatever was judged.
    pub(crate) awaited: bool,
    /// Silence is counted from here: the last report, or the restart.
    pub(crate) silent_since: Option<Timestamp>,
    /// The lines that its last report's activities made.
    pub(crate) told: BTreeSet<ChangeId>,
    /// Counts reports, to tell what the current one has named.
    pub(crate) round: u32,
}

/// One record that a source lists.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) record: Arc<Record>,
    /// As bound; look through the aliases before use.
    pub(crate) resource: ResourceId,
    /// Its place in the source's last report.
    pub(crate) place: u32,
    /// The round that named it last.
    pub(crate) round: u32,
}

impl Source {
    pub(crate) fn new(id: SourceId) -> Self {
        let state = SourceState {
            id,
            freshness: SourceFreshness::Unknown,
            last_seen: None,
            interval: SignedDuration::ZERO,
            issues: Vec::new(),
            record_count: 0,
            readings: None,
            readings_sequence: 0,
            left_out: BTreeMap::new(),
        };
        Self {
            state: Arc::new(state),
            listed: HashMap::new(),
            gone: HashMap::new(),
            children: HashMap::new(),
            roster: Arc::default(),
            judged: SourceFreshness::Unknown,
            awaited: false,
            silent_since: None,
            told: BTreeSet::new(),
            round: 0,
        }
    }

    /// The published face, for writing.
    pub(crate) fn state_mut(&mut self) -> &mut SourceState {
        Arc::make_mut(&mut self.state)
    }

    /// Lets go of it, with all that it said but whose its keys were.
    pub(crate) fn dismiss(&mut self) {
        let gone = std::mem::take(&mut self.gone);
        *self = Self { gone, ..Self::new(self.state.id.clone()) };
    }

    /// Whether it was let go of and has not reported since. Whatever else is known was sighted.
    pub(crate) fn is_dismissed(&self) -> bool {
        self.judged == SourceFreshness::Unknown
    }

    /// The freshness to publish.
    pub(crate) fn freshness(&self) -> SourceFreshness {
        if self.awaited { SourceFreshness::Stale } else { self.judged }
    }

    /// Lists a record, new or changed.
    pub(crate) fn list(&mut self, record: &Arc<Record>, resource: ResourceId, place: u32) {
        self.gone.remove(&record.key);
        if let Some(parent) = &record.parent {
            self.children.entry(parent.clone()).or_default().insert(record.key.clone());
        }
        let listed = Listed { record: Arc::clone(record), resource, place, round: self.round };
        if let Some(before) = self.listed.insert(record.key.clone(), listed)
            && before.record.parent != record.parent
        {
            self.orphan(&before.record);
        }
    }

    /// Takes a record off the list and remembers whose it was.
    pub(crate) fn unlist(&mut self, key: &NativeKey, resource: ResourceId) {
        if let Some(before) = self.listed.remove(key) {
            self.orphan(&before.record);
        }
        self.gone.insert(key.clone(), resource);
    }

    /// Keys of the records that name `parent` as theirs.
    pub(crate) fn children_of(&self, parent: &NativeKey) -> impl Iterator<Item = &Listed> {
        self.children.get(parent).into_iter().flatten().filter_map(|key| self.listed.get(key))
    }

    fn orphan(&mut self, record: &Record) {
        let Some(parent) = &record.parent else { return };
        if let Some(siblings) = self.children.get_mut(parent) {
            siblings.remove(&record.key);
            if siblings.is_empty() {
                self.children.remove(parent);
            }
        }
    }
}
