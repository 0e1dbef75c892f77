//! How shipping goes, for whoever shows it.

use crate::feed::Position;

/// How shipping goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// What the shipper is at.
    pub state: State,
    /// Up to where in the queue everything is at the remote; `None` until this process has confirmed something.
    pub confirmed: Option<Position>,
    /// Samples that were seen at the remote and confirmed, since start.
    pub shipped: u64,
    /// Samples that never will be, since start.
    pub dropped: Dropped,
}

/// What the shipper is at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum State {
    /// The queue has nothing new.
    #[default]
    Idle,
    /// A batch is on its way.
    Sending,
    /// There is trouble that passes by itself; the queue keeps everything.
    Retrying {
        /// Failures in a row.
        failures: u32,
        /// The last failure, with its causes.
        why: String,
    },
    /// Somebody must do something; the queue keeps everything. From time to time it is tried again.
    Stopped {
        /// What was refused, and what to do.
        why: String,
    },
}

/// Samples that are not at the remote and never will be, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dropped {
    /// The remote refuses them: they are older than it takes, or it has another value for that time.
    pub refused: u64,
    /// The remote accepts them and does not have them: beyond its retention, or thinned out by it.
    pub not_kept: u64,
    /// They are not numbers.
    pub not_a_number: u64,
}
