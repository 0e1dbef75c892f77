//! One websocket client: sends what waits for it, hears its subscriptions, and ends when its credential does.
//!
//! Close codes: 1001 the server stops, 1008 the credential no longer holds or the client sent what it may not, 1013 the
//! client does not keep up.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use muster_api::live::{ClientFrame, LiveQuery};
use muster_estate::Snapshot;
use muster_model::{Revision, Scope};
use tokio::sync::broadcast::Receiver;
use tracing::debug;

use super::{
    hub::{self, Seat},
    outbox::{Item, Outbox},
    readings::{ReadingsBlock, Subscription},
};
use crate::{
    app::App,
    auth::{Revoked, caller::Caller, hold},
};

/// The times of a live stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LivePolicy {
    /// How often the credential is checked again; below the 5 s of D-22.
    pub(crate) recheck: Duration,
    /// How often a quiet client is asked for a sign of life.
    pub(crate) ping: Duration,
    /// Pings that may go unanswered.
    pub(crate) missed_pongs: u32,
    /// How long a close frame may take to leave.
    pub(crate) farewell: Duration,
}

impl LivePolicy {
    /// What every stream uses.
    pub(crate) const STANDARD: Self = Self {
        recheck: hold::RECHECK,
        ping: Duration::from_secs(20),
        missed_pongs: 2,
        farewell: Duration::from_secs(2),
    };
}

/// Resources that one client may subscribe to one by one.
const MAX_SUBSCRIBED: usize = 1000;

/// The largest frame that a client may send: a full subscription and some room.
pub(crate) const MAX_CLIENT_FRAME: usize = 64 * 1024;

/// Why a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client left, or its connection broke.
    Gone,
    /// The server stops.
    Stopping,
    /// The credential was revoked or expired.
    Revoked,
    /// The client does not read fast enough.
    TooSlow,
    /// The client did not answer pings.
    Silent,
    /// The client sent what it may not.
    Refused(&'static str),
}

impl End {
    fn close_frame(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::Stopping => (close_code::AWAY, "the server is stopping"),
            Self::Revoked => (close_code::POLICY, "the credential no longer holds"),
            Self::TooSlow => (close_code::AGAIN, "the client does not keep up; connect again"),
            Self::Silent => (close_code::POLICY, "no sign of life"),
            Self::Refused(reason) => (close_code::POLICY, reason),
        };
        Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) })
    }
}

/// One client.
pub(crate) struct Client {
    pub(crate) app: App,
    pub(crate) caller: Caller,
    pub(crate) query: LiveQuery,
    pub(crate) revoked: Receiver<Revoked>,
    pub(crate) policy: LivePolicy,
}

impl Client {
    /// Serves the client until its end.
    pub(crate) async fn run(self, mut socket: WebSocket) {
        let Self { app, caller, query, mut revoked, policy } = self;
        let seat = app.live().join(&caller.tenant, app.engine());
        let outbox = seat.outbox.clone();
        let mut stream = Stream {
            app: &app,
            caller: &caller,
            socket: &mut socket,
            subscription: Subscription::None,
            unanswered: 0,
            next_ping: app.clock().monotonic() + policy.ping,
            policy,
        };
        let interrupted = interruption(&app, &caller, &mut revoked, &outbox, policy);
        // Dropping the stream's future in the middle of a send is harmless: only the close frame follows.
        let end = tokio::select! {
            end = stream.serve(&seat, &query) => end,
            end = interrupted => end,
        };
        drop(seat);
        debug!(?end, "live stream ended");
        farewell(&app, socket, end, policy).await;
    }
}

/// Waits for whatever ends a stream from outside.
async fn interruption(
    app: &App,
    caller: &Caller,
    revoked: &mut Receiver<Revoked>,
    outbox: &Outbox,
    policy: LivePolicy,
) -> End {
    // Every branch is cancel-safe and is polled again from its start only after the select has ended.
    tokio::select! {
        () = app.shutdown().requested() => End::Stopping,
        () = outbox.overflow() => End::TooSlow,
        () = hold::until_lost(app, caller, revoked, policy.recheck) => End::Revoked,
    }
}

async fn farewell(app: &App, mut socket: WebSocket, end: End, policy: LivePolicy) {
    let Some(frame) = end.close_frame() else { return };
    // Cancel-safe: the socket is dropped afterwards in any case.
    tokio::select! {
        sent = socket.send(Message::Close(Some(frame))) => debug!(ok = sent.is_ok(), "close frame sent"),
        () = app.clock().sleep(policy.farewell) => debug!("close frame did not leave in time"),
    }
}

struct Stream<'a> {
    app: &'a App,
    caller: &'a Caller,
    socket: &'a mut WebSocket,
    subscription: Subscription,
    unanswered: u32,
    /// When to ask, by monotonic time.
    next_ping: Duration,
    policy: LivePolicy,
}

impl Stream<'_> {
    async fn serve(&mut self, seat: &Seat<'_>, query: &LiveQuery) -> End {
        match self.greet(&seat.snapshot, query).await {
            Ok(()) => {}
            Err(end) => return end,
        }
        loop {
            if let Err(end) = self.step(&seat.outbox).await {
                return end;
            }
        }
    }

    /// The first frame: what changed since the client was here last, else everything.
    async fn greet(&mut self, snapshot: &Arc<Snapshot>, query: &LiveQuery) -> Result<(), End> {
        let since = query.since.map(Revision).filter(|since| *since <= snapshot.revision());
        let snapshot = snapshot.clone();
        // A large estate takes a while to encode; other requests of this thread must not wait for it.
        let encoded = tokio::task::spawn_blocking(move || {
            since.and_then(|since| hub::delta(&snapshot, since)).unwrap_or_else(|| hub::state(&snapshot))
        });
        let frame = encoded.await.map_err(|_| End::Gone)?;
        self.send(Message::Text(frame)).await
    }

    async fn step(&mut self, outbox: &Outbox) -> Result<(), End> {
        // By a deadline: traffic must not put off the question whether the client is still there.
        let until_ping = self.next_ping.saturating_sub(self.app.clock().monotonic());
        // Cancel-safe: an item leaves the outbox, and a message the socket, only when its branch is taken.
        tokio::select! {
            item = outbox.next() => self.deliver(item).await,
            message = self.socket.recv() => self.hear(message).await,
            () = self.app.clock().sleep(until_ping) => self.ping().await,
        }
    }

    async fn deliver(&mut self, item: Item) -> Result<(), End> {
        match item {
            Item::Frame(frame) => self.send(Message::Text(frame)).await,
            Item::Readings(block) => match block.frame(&self.subscription) {
                Some(frame) => self.send(Message::Text(frame)).await,
                None => Ok(()),
            },
            Item::Resync(snapshot) => self.greet(&snapshot, &LiveQuery::default()).await,
        }
    }

    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        self.unanswered = 0;
        match message {
            Some(Ok(Message::Text(text))) => self.obey(&text).await,
            // The library answers pings.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Binary(_))) => Err(End::Refused("binary frames are not understood")),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
        }
    }

    async fn obey(&mut self, text: &str) -> Result<(), End> {
        let frame = serde_json::from_str(text).map_err(|_| End::Refused("not a frame that the server understands"))?;
        let ClientFrame::Subscribe { resources, all } = frame;
        if !self.caller.has(Scope::MetricsRead) {
            return Err(End::Refused("readings need the scope metrics:read"));
        }
        if resources.len() > MAX_SUBSCRIBED {
            return Err(End::Refused("subscribe to at most 1000 resources, or to all"));
        }
        let snapshot = self.app.engine().snapshot(&self.caller.tenant);
        let known = |id| snapshot.canonical(id);
        self.subscription =
            if all { Subscription::All } else { Subscription::Some(resources.into_iter().map(known).collect()) };
        self.catch_up(&snapshot).await
    }

    /// A new subscription begins with what is known now.
    async fn catch_up(&mut self, snapshot: &Snapshot) -> Result<(), End> {
        let now = self.app.now();
        let block = match &self.subscription {
            Subscription::None => return Ok(()),
            Subscription::All => ReadingsBlock::read(snapshot, snapshot.rows().iter().map(|row| row.id), now),
            Subscription::Some(ids) => ReadingsBlock::read(snapshot, ids.iter().copied(), now),
        };
        match block.frame(&self.subscription) {
            Some(frame) => self.send(Message::Text(frame)).await,
            None => Ok(()),
        }
    }

    async fn ping(&mut self) -> Result<(), End> {
        if self.unanswered >= self.policy.missed_pongs {
            return Err(End::Silent);
        }
        self.unanswered += 1;
        self.next_ping = self.app.clock().monotonic() + self.policy.ping;
        self.send(Message::Ping(axum::body::Bytes::new())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        self.socket.send(message).await.map_err(|_| End::Gone)
    }
}
