//! Shipping to and reading from real servers, and from one that misbehaves on purpose.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod clock;
mod exactness;
mod fake;
mod faults;
mod oracle;
mod outage;
mod reading;
mod refusals;
mod server;
