//! The store from outside, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a failed assumption fails the test")]

mod access;
mod common;
mod connections;
mod crash;
mod credentials;
mod group_commit;
mod ignored;
mod log;
mod opening;
mod rulings;
mod timeline;
mod views;
