//! The engine on a real store and a real history.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ignoring;
mod kill_nine;
mod rulings;
mod sweep;
mod world;
