//! The types of the answers: one for each shape that the API has over all its versions.
//!
//! Everything but what a row is about is optional, keys that we do not know are passed over, and numbers are checked
//! . Fields carry the API's own names. Nothing here decides anything.

pub(crate) mod access;
pub(crate) mod agent;
pub(crate) mod backup;
pub(crate) mod ceph;
pub(crate) mod cluster;
pub(crate) mod disk;
pub(crate) mod guest;
pub(crate) mod json;
pub(crate) mod metrics;
pub(crate) mod node;
mod rows;
mod scalar;
pub(crate) mod storage;
pub(crate) mod tasks;
#[cfg(test)]
mod tests;

pub(crate) use rows::Rows;
