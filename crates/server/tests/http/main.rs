//! The server over real HTTP: one test program, since each one links everything.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod access;
mod cadence;
mod charts;
mod document;
mod hardening;
mod harness;
mod history;
mod history_file;
mod inventory;
mod live;
mod metrics;
mod outside;
mod policy;
mod sessions;
