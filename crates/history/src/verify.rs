//! Reads everything that is stored and says what is damaged.

use jiff::Timestamp;
use muster_model::ResourceId;

use crate::query::Tier;

/// How far a check has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Blocks checked.
    pub done: u64,
    /// Blocks in all.
    pub total: u64,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verified {
    /// Blocks read.
    pub blocks: u64,
    /// Samples and buckets read.
    pub points: u64,
    /// What cannot be read. It shows as gaps; everything else is served.
    pub damaged: Vec<Damage>,
}

/// A part of a block that cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Damage {
    /// The block's number.
    pub block: i64,
    /// What it holds.
    pub tier: Tier,
    /// Whose part of it, where that is known.
    pub resource: Option<ResourceId>,
    /// Start of the span that is affected.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// What is wrong.
    pub why: String,
}
