//! Connections to platforms: from what a request says to what is stored and what is polled, and back to what is shown.
//!
//! The routes call it, and the composition root when the server starts. The store is told first and the collector second:
//! whoever dies between the two finds the truth in the store at the next start. A stored secret is sealed for the very
//! places that it may be sent to (D-20); what polls is `muster_collect`'s affair.

mod address;
mod binding;
mod change;
mod desk;
mod draft;
mod ignoring;
mod launch;
mod secret;
mod wire;

pub(crate) use address::written;
pub(crate) use change::{Change, create, remove, renew, update};
pub(crate) use desk::Desk;
pub use desk::Polling;
pub(crate) use draft::{Draft, Wanted};
pub(crate) use ignoring::{ignore, restore};
pub(crate) use secret::{accept, resolve, unsealed};
pub(crate) use wire::{facts, probed, shown};
