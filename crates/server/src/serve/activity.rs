//! Whether anything happens on a connection, so that one on which nothing does can be closed.
//!
//! Two things end it: nobody asks for anything, or somebody asked and takes nothing of the answer. The second is looked at
//! for each answer by itself and not on the socket: whoever lets no byte of one HTTP/2 answer come can be lively otherwise.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::body::Body;
use muster_runtime::Clock;

use super::sending::Sending;

/// What happens on one connection.
#[derive(Debug, Default)]
pub(crate) struct Activity(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Answers that have not left yet, by their number.
    open: BTreeMap<u64, Progress>,
    /// Requests so far.
    asked: u64,
    /// When the last answer had left, by monotonic time.
    quiet_since: Duration,
}

/// How far an answer has come.
#[derive(Debug, Clone, Copy)]
struct Progress {
    /// Whether it is us who have to say more.
    owed: bool,
    /// Pieces that are on their way and have not left.
    leaving: usize,
    /// When something of it was given or had left, by monotonic time.
    moved: Duration,
}

/// How long a connection may be quiet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Before its first request.
    pub(crate) first: Duration,
    /// Between requests.
    pub(crate) idle: Duration,
    /// While it takes nothing of an answer.
    pub(crate) stall: Duration,
}

/// Why there is no more patience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// Nothing is asked.
    Quiet,
    /// Nothing is taken of an answer.
    Stalled,
}

impl Activity {
    /// A connection that begins now.
    pub(crate) fn starting(now: Duration) -> Self {
        Self(Mutex::new(State { quiet_since: now, ..State::default() }))
    }

    /// A request begins; it ends when the guard is dropped.
    pub(crate) fn begin(self: &Arc<Self>, clock: Arc<dyn Clock>) -> Busy {
        let progress = Progress { owed: true, leaving: 0, moved: clock.monotonic() };
        let number = self.change(|state| {
            state.asked += 1;
            state.open.insert(state.asked, progress);
            state.asked
        });
        Busy { activity: Arc::clone(self), number, clock }
    }

    /// Waits until nothing has happened for longer than there is patience.
    pub(crate) async fn over(&self, clock: &dyn Clock, patience: Patience) -> Over {
        loop {
            match self.change(|state| state.judge(clock.monotonic(), patience)) {
                // What begins or ends meanwhile has the patience of its own, which may be less.
                Ok(look_after) => clock.sleep(look_after.min(patience.idle).min(patience.stall)).await,
                Err(over) => return over,
            }
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        // Plain numbers are not left half-written.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    /// When to look again, as nothing can be over sooner.
    fn judge(&self, now: Duration, patience: Patience) -> Result<Duration, Over> {
        if self.open.is_empty() {
            let limit = if self.asked > 0 { patience.idle } else { patience.first };
            return left(self.quiet_since, limit, now).ok_or(Over::Quiet);
        }
        let waiting = self.open.values().filter(|answer| !answer.owed || answer.leaving > 0);
        match waiting.map(|answer| answer.moved).min() {
            Some(moved) => left(moved, patience.stall, now).ok_or(Over::Stalled),
            None => Ok(patience.stall),
        }
    }
}

/// What is left of a time; `None` when it has passed.
fn left(since: Duration, limit: Duration, now: Duration) -> Option<Duration> {
    (since + limit).checked_sub(now).filter(|left| !left.is_zero())
}

/// A request whose answer has not left yet.
pub(crate) struct Busy {
    activity: Arc<Activity>,
    number: u64,
    clock: Arc<dyn Clock>,
}

impl Busy {
    /// Stays until the body has left or was given up.
    pub(crate) fn until_sent(self, body: Body) -> Body {
        self.moved(|answer| answer.owed = false);
        Body::new(Sending::new(body, self))
    }

    /// There is nothing to send just now; more will come.
    pub(super) fn owes(&self) {
        self.change(|answer, _| answer.owed = true);
    }

    /// A piece was given to be sent.
    pub(super) fn gives(&self) {
        self.moved(|answer| {
            answer.owed = false;
            answer.leaving += 1;
        });
    }

    /// A piece has left.
    pub(super) fn given(&self) {
        self.moved(|answer| answer.leaving -= 1);
    }

    fn moved(&self, change: impl FnOnce(&mut Progress)) {
        self.change(|answer, now| {
            change(answer);
            answer.moved = now;
        });
    }

    fn change(&self, change: impl FnOnce(&mut Progress, Duration)) {
        let now = self.clock.monotonic();
        self.activity.change(|state| {
            let answer = state.open.get_mut(&self.number).expect("an answer is open for as long as its guard is there");
            change(answer, now);
        });
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let now = self.clock.monotonic();
        self.activity.change(|state| {
            state.open.remove(&self.number);
            state.quiet_since = now;
        });
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use futures::{FutureExt, StreamExt, poll, stream};
    use jiff::Timestamp;
    use muster_runtime::ManualClock;

    use super::*;

    const PATIENCE: Patience =
        Patience { first: Duration::from_secs(10), idle: Duration::from_secs(120), stall: Duration::from_secs(60) };

    #[tokio::test]
    async fn who_asks_nothing_is_quiet_soon() {
        let (clock, activity) = (ManualClock::at(Timestamp::UNIX_EPOCH), Activity::default());
        let mut over = std::pin::pin!(activity.over(&clock, PATIENCE).fuse());
        assert!(poll!(&mut over).is_pending());
        clock.advance(Duration::from_secs(10));
        assert_eq!(over.now_or_never(), Some(Over::Quiet));
    }

    #[tokio::test]
    async fn an_answer_counts_until_its_last_piece_has_left() {
        let (clock, activity) = (ManualClock::at(Timestamp::UNIX_EPOCH), Arc::new(Activity::default()));
        let mut over = std::pin::pin!(activity.over(&clock, PATIENCE).fuse());
        let body = activity.begin(Arc::new(clock.clone())).until_sent(vec![7; 100_000].into());
        // Somebody slow, whose pieces wait in line long after the body was read to its end.
        let mut pieces = body.into_data_stream().collect::<Vec<_>>().await;
        assert!(pieces.len() > 5, "{}", pieces.len());
        while pieces.pop().is_some() {
            assert!(poll!(&mut over).is_pending());
            clock.advance(Duration::from_secs(59));
        }
        assert!(poll!(&mut over).is_pending());
        clock.advance(Duration::from_secs(60));
        assert!(poll!(&mut over).is_pending(), "119 s");
        clock.advance(Duration::from_secs(1));
        assert_eq!(over.now_or_never(), Some(Over::Quiet));
    }

    #[tokio::test]
    async fn who_takes_nothing_of_one_answer_has_stalled_whatever_else_happens() {
        let (clock, activity) = (ManualClock::at(Timestamp::UNIX_EPOCH), Arc::new(Activity::default()));
        let begin = || activity.begin(Arc::new(clock.clone()));
        for read in [false, true] {
            let mut over = std::pin::pin!(activity.over(&clock, PATIENCE).fuse());
            let mut stalled = begin().until_sent(vec![7; 100_000].into()).into_data_stream();
            let held = if read { stalled.next().await } else { None };
            for _ in 0..6 {
                assert!(poll!(&mut over).is_pending());
                clock.advance(Duration::from_secs(10));
                let other = begin().until_sent("other".into());
                assert_eq!(axum::body::to_bytes(other, 10).await.unwrap(), "other");
            }
            assert_eq!(over.now_or_never(), Some(Over::Stalled), "{read}");
            drop(held);
        }
    }

    #[tokio::test]
    async fn an_answer_that_we_owe_may_take_its_time() {
        let (clock, activity) = (ManualClock::at(Timestamp::UNIX_EPOCH), Arc::new(Activity::default()));
        let mut over = std::pin::pin!(activity.over(&clock, PATIENCE).fuse());
        let busy = activity.begin(Arc::new(clock.clone()));
        clock.advance(Duration::from_secs(3600));
        assert!(poll!(&mut over).is_pending(), "nothing is answered yet");
        let one = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"one"))]);
        let mut live = busy.until_sent(Body::from_stream(one.chain(stream::pending()))).into_data_stream();
        drop(live.next().await);
        assert!(poll!(live.next()).is_pending());
        clock.advance(Duration::from_secs(3600));
        assert!(poll!(&mut over).is_pending(), "the stream has nothing to say");
        drop(live);
    }
}
