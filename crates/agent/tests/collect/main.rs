//! Whole reports of recorded machines: what is in them, and what becomes of them when the machine misbehaves.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its machine has failed")]

mod disks;
mod failures;
mod filesystems;
mod host;
mod machine;
mod network;
mod rates;
mod stability;

use std::time::Duration;

const TEN_SECONDS: Duration = Duration::from_secs(10);
