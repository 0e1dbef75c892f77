//! Push collectors (CC): an author declares a schema, and what is sent by it becomes the fields of an asset.
//!
//! [`PluginSet`] holds the [`Plugin`]s in force, each made of a [`Document`]. A plugin reads a [`Submission`] from
//! bytes: it checks it against its JSON Schema, brings its values into one form, and says what it changes; [`merge`]
//! applies that to the stored fields and tells the difference. [`compare`] tells an author and the set what a new
//! version takes away.
//!
//! This crate computes and nothing else: it reads no file, opens no connection, fetches no reference, knows no clock.
//! Who may send, how often, and where assets are kept is decided by its callers. It never panics on what others wrote,
//! and spends bounded time and memory on it.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use muster_plugins::{PluginSet, merge};
//!
//! let set = PluginSet::built_in();
//! let computers = &set.get("computers").ok_or("it is built in")?.plugin;
//! let now = "2026-03-01T12:00:00Z".parse()?;
//! let submission = computers.read(br#"{"hostname": "PC-1234 ", "memorygb": 16}"#, now)?;
//! assert_eq!(submission.identity, "pc-1234");
//! let merged = merge(None, &submission)?;
//! assert_eq!(merged.action.as_str(), "created");
//! # Ok(())
//! # }
//! ```

mod builtin;
mod compare;
mod document;
mod fault;
mod json;
mod merge;
mod name;
mod normalise;
mod patch;
mod plugin;
mod pointer;
mod role;
mod schema;
mod set;
mod submission;
mod violation;
mod vocabulary;
mod warning;

pub use compare::{Change, ChangeKind, Comparison, VersionFault, compare};
pub use document::{AdditionalFields, Document};
pub use fault::{DocumentFault, InvalidDocument};
pub use json::{JsonFault, JsonFaultKind, Limits, read as read_json};
pub use json_patch::Patch;
pub use merge::{Action, MOST_STORED_FIELDS, Merged, TooManyFields, merge};
pub use name::{AssetKind, InvalidName, PluginName};
pub use plugin::Plugin;
pub use role::Role;
pub use set::{InForce, Offer, Origin, Outcome, PluginSet, Verdict};
pub use submission::{Fields, Rejection, Submission};
pub use violation::{Violation, Violations};
pub use warning::Warning;
