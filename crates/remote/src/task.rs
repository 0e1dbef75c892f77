//! The thin shell around the shipper: it does what the shipper says, and tells the log what changes.
//!
//! The composition root spawns [`Shipping::run`] as a task of its own. Nothing is decided here.

use std::{fmt, panic, sync::Arc};

use muster_runtime::{Clock, Shutdown};
use tokio::{sync::watch, task};

use crate::{
    feed::Feed,
    herald::Herald,
    remote::Remote,
    shipper::{Next, Shipper},
    status::Status,
};

/// Takes samples from a queue to a remote store, for as long as the process runs.
pub struct Shipping {
    feed: Option<Box<dyn Feed>>,
    remote: Remote,
    shipper: Shipper,
    clock: Arc<dyn Clock>,
    status: watch::Sender<Status>,
    herald: Herald,
}

impl Shipping {
    /// Prepares shipping; nothing is read or sent yet. The receiver always holds the newest status.
    pub fn new(
        feed: Box<dyn Feed>,
        remote: Remote,
        shipper: Shipper,
        clock: Arc<dyn Clock>,
    ) -> (Self, watch::Receiver<Status>) {
        let (status, receiver) = watch::channel(shipper.status().clone());
        let herald = Herald::default();
        (Self { feed: Some(feed), remote, shipper, clock, status, herald }, receiver)
    }

    /// Ships until shutdown begins. What is on its way then is not confirmed, and is looked for at the next start.
    pub async fn run(mut self, shutdown: Shutdown) {
        tokio::select! {
            // Cancel-safe: an outcome that is not waited for is one that is not confirmed.
            () = shutdown.requested() => {}
            () = self.go_on() => {}
        }
    }

    async fn go_on(&mut self) {
        loop {
            self.turn().await;
            self.herald.tell(self.shipper.status());
            self.status.send_if_modified(|status| {
                let changed = status != self.shipper.status();
                status.clone_from(self.shipper.status());
                changed
            });
        }
    }

    async fn turn(&mut self) {
        match self.shipper.step(self.clock.monotonic()) {
            Next::Wait(how_long) => self.clock.sleep(how_long).await,
            Next::Fetch(most) => {
                let outcome = self.on_feed(move |feed| feed.next(most)).await;
                self.shipper.fetched(self.clock.monotonic(), outcome);
            }
            Next::Write(body) => {
                let outcome = self.remote.write(body).await;
                self.shipper.written(self.clock.monotonic(), outcome);
            }
            Next::Ask(question) => {
                let outcome = self.remote.ask(&question).await;
                self.shipper.answered(self.clock.monotonic(), outcome);
            }
            Next::Confirm(position) => {
                let outcome = self.on_feed(move |feed| feed.confirm(position)).await;
                self.shipper.confirmed(self.clock.monotonic(), outcome);
            }
        }
    }

    /// Calls the queue where waiting for a disk is allowed.
    async fn on_feed<T: Send + 'static>(&mut self, call: impl FnOnce(&mut dyn Feed) -> T + Send + 'static) -> T {
        let mut feed = self.feed.take().expect("the queue is returned after every call");
        let called = task::spawn_blocking(move || {
            let outcome = call(feed.as_mut());
            (feed, outcome)
        });
        match called.await {
            Ok((feed, outcome)) => {
                self.feed = Some(feed);
                outcome
            }
            Err(error) => panic::resume_unwind(error.into_panic()),
        }
    }
}

impl fmt::Debug for Shipping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shipping").field("remote", &self.remote).field("shipper", &self.shipper).finish_non_exhaustive()
    }
}
