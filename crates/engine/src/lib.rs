//! The sweep: the one task that owns the estate (D-2).
//!
//! Sources hand in reports through an [`EngineHandle`]. The engine drains them, applies them to the estate, writes what
//! changed to the state log in one transaction, appends the samples to history, publishes an immutable snapshot and
//! tells live clients. Everybody else reads snapshots; nobody else can change anything.
//!
//! Order matters. The log is committed before the snapshot is published, so that a revision that somebody has seen is
//! not reused after a crash; where the log cannot be written, the engine goes on publishing, keeps what is owed in
//! memory and tries again, and a restart skips far enough ahead ([`RESTART_SKIP`]) to stay clear of what was published
//! meanwhile.
//!
//! This crate decides nothing about identity, merging or health (`estate` does), knows no HTTP, and reads no clock but
//! the one it is given.

mod debt;
mod gaps;
mod handle;
mod plans;
mod publication;
mod rest;
mod state_log;
mod stats;
mod sweep;
mod tenant;

pub use handle::{Accepted, Decision, EngineHandle, RuleError, SubmitError};
pub use publication::Publication;
pub use rest::{Rest, RestError};
pub use state_log::StateLog;
pub use stats::EngineStats;
pub use sweep::{Engine, Parts, RESTART_SKIP, StartError};
