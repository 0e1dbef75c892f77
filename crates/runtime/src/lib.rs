//! Clock, randomness, tasks, shutdown, backoff and telemetry: everything that must be replaced in a test.
//!
//! This is the only crate that reads the system clock or asks the system for randomness; a clippy ban keeps the
//! others from it. Decision code takes `now` as an argument; edges hold a [`Clock`].

mod backoff;
mod chain;
mod clock;
mod entropy;
mod tasks;
pub mod telemetry;

pub use backoff::Backoff;
pub use chain::chain;
pub use clock::{Clock, ManualClock, SystemClock, Wakeup};
pub use entropy::Entropy;
pub use tasks::{Shutdown, Tasks};
