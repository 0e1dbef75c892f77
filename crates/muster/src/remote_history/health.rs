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
        let Status { state, confirmed, shipped, dropped } = self.status.borrow().clone();
        let Dropped { refused, not_kept, not_a_number } = dropped;
        let (state, detail) = match state {
            State::Idle => (ShippingState::Idle, None),
            State::Sending => (ShippingState::Sending, None),
            State::Retrying { failures: _, why } => (ShippingState::Retrying, Some(why)),
            State::Stopped { why } => (ShippingState::Stopped, Some(why)),
        };
        // The queue notes the time before the samples are counted: until they are, it is not told.
        let confirmed_at = confirmed.and_then(|_| *self.confirmed_at.borrow());
        RemoteHealth { state, detail, confirmed_at, shipped, refused, not_kept, not_a_number }
    }
}

#[cfg(test)]
mod tests {
    use muster_remote::Position;

    use super::*;

    #[test]
    fn what_is_not_counted_yet_is_not_told_as_confirmed() {
        let (status, of_shipper) = watch::channel(Status::default());
        let (_noted, of_queue) = watch::channel(Some(Timestamp::UNIX_EPOCH));
        let health = Health::new(of_shipper, of_queue);
        assert_eq!((health.tell().confirmed_at, health.tell().shipped), (None, 0));
        status.send_modify(|status| (status.confirmed, status.shipped) = (Some(Position(1)), 13));
        assert_eq!((health.tell().confirmed_at, health.tell().shipped), (Some(Timestamp::UNIX_EPOCH), 13));
    }
}
