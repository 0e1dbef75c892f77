//! What waits to be sent to one client: bounded in bytes, filled by the hub, emptied by the client's task.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use axum::extract::ws::Utf8Bytes;
use muster_estate::Snapshot;
use tokio::sync::Notify;

use super::readings::ReadingsBlock;

/// The most that may wait for one client. Beyond it the client is closed with 1013 (try again later): it does not keep
/// up, and what it misses it gets by connecting anew.
pub(crate) const MAX_WAITING_BYTES: usize = 1024 * 1024;

/// One thing to send.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    /// A frame that is the same for everybody.
    Frame(Utf8Bytes),
    /// New readings; the client sends the part that it subscribes to.
    Readings(Arc<ReadingsBlock>),
    /// Deltas no longer reach back far enough: send everything.
    Resync(Arc<Snapshot>),
}

impl Item {
    fn bytes(&self) -> usize {
        match self {
            Self::Frame(text) => text.len(),
            Self::Readings(block) => block.bytes(),
            Self::Resync(_) => 0,
        }
    }
}

/// The queue of one client.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    filled: Notify,
    overflowed: Notify,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    bytes: usize,
    overflowed: bool,
}

impl Outbox {
    /// Puts something in. Says whether the client still counts; `false` once it has fallen too far behind.
    pub(crate) fn push(&self, item: Item) -> bool {
        let mut state = self.lock();
        if state.overflowed {
            return false;
        }
        if matches!(item, Item::Resync(_)) {
            // What waited is contained in what follows.
            *state = State::default();
        }
        // One large item alone is no backlog: the client has just not had the chance to take it.
        let waiting = !state.items.is_empty();
        state.bytes += item.bytes();
        if waiting && state.bytes > MAX_WAITING_BYTES {
            *state = State { overflowed: true, ..State::default() };
            self.overflowed.notify_one();
            return false;
        }
        state.items.push_back(item);
        self.filled.notify_one();
        true
    }

    /// Takes the next item out, waiting for it. Cancel-safe: an item is taken only when it is returned.
    pub(crate) async fn next(&self) -> Item {
        loop {
            if let Some(item) = self.pop() {
                return item;
            }
            self.filled.notified().await;
        }
    }

    /// Waits until the client has fallen too far behind. Cancel-safe.
    pub(crate) async fn overflow(&self) {
        while !self.lock().overflowed {
            self.overflowed.notified().await;
        }
    }

    fn pop(&self) -> Option<Item> {
        let mut state = self.lock();
        let item = state.items.pop_front()?;
        state.bytes -= item.bytes();
        Some(item)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // The state is consistent after each assignment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use muster_model::TenantId;

    use super::*;

    fn frame(bytes: usize) -> Item {
        Item::Frame("x".repeat(bytes).into())
    }

    #[tokio::test]
    async fn items_come_out_in_order() {
        let outbox = Outbox::default();
        assert!(outbox.next().now_or_never().is_none());
        assert!(outbox.push(frame(1)) && outbox.push(frame(2)));
        assert_eq!(outbox.next().await.bytes(), 1);
        assert_eq!(outbox.next().await.bytes(), 2);
        assert!(outbox.next().now_or_never().is_none());
    }

    #[tokio::test]
    async fn a_client_that_does_not_keep_up_overflows() {
        // D-25
        let outbox = Outbox::default();
        assert!(outbox.push(frame(MAX_WAITING_BYTES)));
        assert!(outbox.overflow().now_or_never().is_none());
        assert!(!outbox.push(frame(1)));
        outbox.overflow().await;
        assert!(!outbox.push(frame(1)));
    }

    #[tokio::test]
    async fn one_large_item_is_no_backlog() {
        // D-25: closed are those who are behind, not those whose estate is large.
        let outbox = Outbox::default();
        assert!(outbox.push(frame(2 * MAX_WAITING_BYTES)));
        assert!(!outbox.push(frame(1)));
    }

    #[tokio::test]
    async fn what_was_sent_no_longer_counts() {
        let outbox = Outbox::default();
        for _ in 0..10 {
            assert!(outbox.push(frame(MAX_WAITING_BYTES)));
            outbox.next().await;
        }
    }

    #[tokio::test]
    async fn a_resync_replaces_what_waited() {
        let outbox = Outbox::default();
        outbox.push(frame(1));
        outbox.push(Item::Resync(Arc::new(Snapshot::empty(TenantId::DEFAULT))));
        assert!(matches!(outbox.next().await, Item::Resync(_)));
        assert!(outbox.next().now_or_never().is_none());
    }
}
