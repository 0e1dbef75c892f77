//! The types of the answers: one for each shape that the API has over all its versions.
//!
//! Everything but what a row is about is optional, keys that we do not know are passed over, and numbers are checked
//! . Fields carry the API's own names. Nothing here decides anything.

pub mod access;
pub mod agent;
pub mod backup;
pub mod ceph;
pub mod cluster;
pub mod disk;
pub mod guest;
pub(crate) mod json;
pub mod metrics;
pub mod node;
mod rows;
mod scalar;
pub mod storage;
pub mod tasks;
#[cfg(test)]
mod tests;

pub use rows::Rows;
