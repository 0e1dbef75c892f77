//! The whole way over a real socket: the provider through its client, against a simulated cluster.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod client;
mod doctor;
mod provider;
