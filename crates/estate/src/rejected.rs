//! What a report may not contain. The rest of the report still applies.

use muster_model::{FacetKind, Metric, NativeKey, TenantId};

/// A part of a report that breaks the report's own rules and was left out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Rejected {
    /// The report belongs to another tenant; nothing of it was applied.
    #[error("applying a report of tenant {theirs} to the estate of tenant {ours}: send it to its own tenant")]
    WrongTenant {
        /// Whose estate it is.
        ours: TenantId,
        /// Whose report it is.
        theirs: TenantId,
    },
    /// Two records have one key; the first one counts.
    #[error("reading record {place}: key `{key}` stands in the report twice; keys must be unique within a report")]
    DuplicateKey {
        /// The key.
        key: NativeKey,
        /// Place of the second record.
        place: usize,
    },
    /// A record carries two facets of one kind; it was left out.
    #[error("reading record `{key}`: it has two facets of kind {facet:?}; send at most one of each kind")]
    DuplicateFacet {
        /// The record's key.
        key: NativeKey,
        /// Which facet.
        facet: FacetKind,
    },
    /// A sample points behind the last record, or at a record that was left out.
    #[error("reading sample {place} ({metric}): it points at record {record}, which the report does not have")]
    UnknownRecord {
        /// Place of the sample.
        place: usize,
        /// What was measured.
        metric: Metric,
        /// The record it points at.
        record: u32,
    },
    /// Something happened to a thing that the source does not list.
    #[error("reading activity {place}: it happened to `{key}`, which the source does not list")]
    UnknownActivity {
        /// Place of the activity.
        place: usize,
        /// The key that it names.
        key: NativeKey,
    },
    /// Something happened that has no type, or neither an id nor a title nor a message.
    #[error("reading activity {place}: it needs a type, and at least one of native id, title and message")]
    EmptyActivity {
        /// Place of the activity.
        place: usize,
    },
    /// A value that is no number.
    #[error(
        "reading sample {place} ({metric}): the value is not a finite number; send a reason where there is no value"
    )]
    NotFinite {
        /// Place of the sample.
        place: usize,
        /// What was measured.
        metric: Metric,
    },
    /// The same thing was measured twice; the first value counts.
    #[error("reading sample {place} ({metric}): the report measures this of record {record} twice; send it once")]
    DuplicateSample {
        /// Place of the second sample.
        place: usize,
        /// What was measured.
        metric: Metric,
        /// The record.
        record: u32,
    },
}
