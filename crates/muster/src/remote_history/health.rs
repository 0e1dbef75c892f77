//! How shipping goes, in the words of the API.

use jiff::Timestamp;
use muster_api::history_stats::{RemoteHealth, ShippingState};
use muster_remote::{Dropped, State, Status};
use tokio::sync::watch;

/// Knows how shipping goes just now.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    status: watch::Receiver<Status>,
    confirmed_at: watch::Receiver<Option<Timestamp>>,
}

impl Health {
    pub(super) fn new(status: watch::Receiver<Status>, confirmed_at: watch::Receiver<Option<Timestamp>>) -> Self {
        Self { status, confirmed_at }
    }

    /// How it goes.
    pub(crate) fn tell(&self) -> RemoteHealth {
        let Status { state, confirmed: _, shipped, dropped } = self.status.borrow().clone();
        let Dropped { refused, not_kept, not_a_number } = dropped;
        let (state, detail) = match state {
            State::Idle => (ShippingState::Idle, None),
            State::Sending => (ShippingState::Sending, None),
            State::Retrying { failures: _, why } => (ShippingState::Retrying, Some(why)),
            State::Stopped { why } => (ShippingState::Stopped, Some(why)),
        };
        let confirmed_at = *self.confirmed_at.borrow();
        RemoteHealth { state, detail, confirmed_at, shipped, refused, not_kept, not_a_number }
    }
}
