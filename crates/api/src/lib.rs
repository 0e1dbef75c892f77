//! The HTTP contract of Muster: what requests and responses look like, and which problems there are.
//!
//! The server answers in these types, the command line and the agent read them, and the web application's types are
//! generated from the API document that they make. JSON is camelCase, times are RFC 3339 UTC (columnar charts: epoch
//! milliseconds), collections are never `null` (D-24, R-5).
//!
//! This crate has no handler and no transport; it depends on the vocabulary and on serialisation alone.

pub mod access;
pub mod audit;
pub mod charts;
pub mod connection;
pub mod doctor;
pub mod history;
pub mod history_file;
pub mod history_stats;
pub mod identity;
pub mod infrastructure;
pub mod live;
pub mod overview;
mod page;
mod problem;
pub mod resource;
pub mod search;
pub mod state;
pub mod summary;
pub mod system;
mod values;
pub mod view;

pub use page::{Page, PageToken};
pub use problem::{FieldError, Problem, ProblemCode};
pub use values::Values;
