//! Identity resolution, merge, change detection and the published snapshot. Pure.
//!
//! [`Estate`] is the only mutable canonical state of a tenant: a deterministic function of an ordered log of changed
//! records (D-3). It takes [`muster_model::Report`]s, decides which resource each record belongs to and records the
//! evidence, merges what several sources say, and tells what changed. [`Snapshot`] is its published form: immutable,
//! cheap to make from the one before, and the only thing that readers see.
//!
//! A report flows through [`Estate::apply`] (`apply`, `bind`, `matcher`, `rebuild`, `merge`, `diff`, `measure`);
//! silence through [`Estate::judge`]; a person's word on who is who through [`Estate::rule`] (`rule`, `split`, `story`);
//! the end of a source through [`Estate::dismiss`] and [`Estate::ignore`]; the stored log through [`Estate::restore`]; and
//! all of it out through [`Estate::snapshot`] (`publish`, `facts`).
//!
//! This crate performs no I/O, reads no clock, spawns nothing and cannot fail on what a source says: what breaks a
//! report's rules is left out and named. It stores nothing; the engine does, from what [`Applied`] hands it.

mod activity;
mod alias;
mod apply;
mod bind;
mod ceph;
mod clues;
mod conflict;
mod coordinates;
mod delta;
mod diff;
mod dismiss;
mod estate;
mod facts;
mod id_map;
mod ignore;
mod index;
mod infrastructure;
mod inside;
mod insider;
mod judge;
mod ledger;
mod linking;
mod matcher;
mod measure;
mod merge;
mod merged;
mod names;
mod parents;
mod parting;
mod publish;
mod readings;
mod rebuild;
mod refusal;
mod registry;
mod rejected;
mod relationship;
mod resource;
mod restore;
mod row;
mod row_index;
mod rule;
mod rulings;
mod snapshot;
mod source;
mod split;
mod story;
mod succession;
mod systems;
mod told;
mod view;
mod witness;

pub use conflict::{Conflict, ConflictKind};
pub use delta::Delta;
pub use estate::{Applied, BoundSample, Estate};
pub use infrastructure::{ActiveSystem, InfrastructureRow, connected_infrastructure, controlled};
pub use refusal::Refusal;
pub use rejected::Rejected;
pub use relationship::{Relationship, RelationshipBasis};
pub use restore::{RestoreError, Stored};
pub use row::{FacetEntry, Row, RowSource};
pub use rule::{Leaving, MOST_RULINGS, Order, Ruled, Wish};
pub use snapshot::Snapshot;
pub use source::SourceState;
pub use systems::{Reason, ReasonKind, StatusReason, Surface, System, SystemType};
pub use witness::Witnesses;
