//! The engine on a real store and a real history.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kill_nine;
mod sweep;
mod world;
