//! Polling under simulated time, with platforms that do what a script says.

#![expect(clippy::unwrap_used, reason = "a failed assumption fails the test")]

mod edits;
mod failures;
mod handing_on;
mod pace;
mod world;
