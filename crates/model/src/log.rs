//! The ordered log of which canonical state is a function (D-3).
//!
//! An entry carries the decision that was taken when it was written (which resource a record belongs to, and on what
//! evidence), so that a replay repeats it rather than taking it anew. Keeping only the last entry of each
//! (source, key) and of each ruling, with all joins and splits, loses nothing that the state depends on.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Evidence, Identity, Incarnation, NativeKey, Record, RecordRef, ResourceId, Revision, Ruling, RulingId,
    SourceFreshness, SourceId,
};

/// One entry of a tenant's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry {
    /// Its place; strictly increasing.
    pub revision: Revision,
    /// `now` of the sweep that wrote it: an input of the state, not a reading of some clock at replay.
    pub at: Timestamp,
    /// What changed.
    pub op: LogOp,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum LogOp {
    /// A source describes a thing for the first time, or differently than before.
    Observed {
        /// Who.
        source: SourceId,
        /// The whole record.
        record: Arc<Record>,
        /// Which resource it belongs to, and why.
        binding: Binding,
    },
    /// A source no longer has a thing.
    Withdrawn {
        /// Who.
        source: SourceId,
        /// The record's key.
        key: NativeKey,
        /// The resource that it belonged to; the id is kept for the thing's return.
        binding: Binding,
        /// What identified the thing when it was last seen; boxed, since entries of other kinds are many and small.
        identity: Box<Identity>,
    },
    /// A source fell silent, or spoke again; or it was let go of, and then it is as if it had never been sighted. An input
    /// of the state: replay repeats the judgement rather than judging by its own clock.
    SourceJudged {
        /// Who.
        source: SourceId,
        /// The new judgement.
        freshness: SourceFreshness,
    },
    /// Two resources turned out to be one thing. The absorbed id stays as an alias.
    Joined {
        /// The id that stays.
        survivor: ResourceId,
        /// The id that becomes an alias.
        absorbed: ResourceId,
        /// Why.
        evidence: Vec<Evidence>,
        /// When the absorbed one was first seen: it may be taken out again. Older logs do not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        absorbed_first_seen_at: Option<Timestamp>,
    },
    /// A person ruled on who is who. Whatever sources say later does not undo it.
    Ruled {
        /// What was ruled, and by whom.
        ruling: Ruling,
        /// Of two that are one from now on: when the absorbed one was first seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        absorbed_first_seen_at: Option<Timestamp>,
    },
    /// A person took a ruling back.
    RulingWithdrawn {
        /// Which one.
        ruling: RulingId,
    },
    /// A person took records out of a resource. The ruling keeps the two apart from then on.
    Split {
        /// That the two are not one.
        ruling: Ruling,
        /// The resource that stays.
        survivor: ResourceId,
        /// When that was first seen.
        survivor_first_seen_at: Timestamp,
        /// The resource of the records that left: one that was absorbed once, or a new one.
        departed: ResourceId,
        /// When that was first seen.
        departed_first_seen_at: Timestamp,
        /// Former ids that lead to the departed one from now on.
        aliases: Vec<ResourceId>,
        /// The records that left, and those of the past that went with them.
        records: Vec<RecordRef>,
    },
}

impl LogOp {
    /// Whether programs from before there were rulings would not understand it (D-15): it is a ruling, or tells facts or
    /// evidence of a kind that came with them.
    pub fn is_since_rulings(&self) -> bool {
        let rests_on = |evidence: &[Evidence]| evidence.iter().any(|evidence| evidence.kind.is_since_rulings());
        match self {
            Self::Ruled { .. } | Self::RulingWithdrawn { .. } | Self::Split { .. } => true,
            Self::Observed { record, binding, .. } => {
                rests_on(&binding.evidence) || record.facets.iter().any(|facet| facet.kind().is_since_rulings())
            }
            Self::Withdrawn { binding, .. } => rests_on(&binding.evidence),
            Self::Joined { evidence, .. } => rests_on(evidence),
            Self::SourceJudged { .. } => false,
        }
    }
}

/// Which resource a record belongs to, and on what evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Binding {
    /// The resource.
    pub resource_id: ResourceId,
    /// Why. Empty when the resource was created for this record.
    pub evidence: Vec<Evidence>,
    /// When the resource was first seen, by whatever source. It stands in every entry, so that it outlives compaction.
    pub first_seen_at: Timestamp,
    /// What the source last knew of the guest's making. It stands in every entry as well.
    #[serde(default, skip_serializing_if = "Incarnation::is_unknown")]
    pub incarnation: Incarnation,
    /// The id under which the record was known before its resource was absorbed, where it was. A split leads back there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<ResourceId>,
}
