//! The server over real HTTP: one test program, since each one links everything.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod access;
mod audit;
mod backups;
mod cadence;
mod changes;
mod charts;
mod connections;
mod document;
mod exposure;
mod hardening;
mod harness;
mod history;
mod history_file;
mod identity;
mod identity_provider;
mod infrastructure;
mod inventory;
mod limits;
mod live;
mod matrix;
mod memory;
mod metrics;
mod metrics_out;
mod oidc;
mod oidc_real;
mod oidc_tokens;
mod outside;
mod overview;
mod platform;
mod policy;
mod proxies;
mod rights;
mod second_factor;
mod sessions;
mod tokens;
mod views;
