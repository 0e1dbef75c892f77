//! When each lane of one connection is looked into next: a plain state machine over time, without a clock.
//!
//! Moments lie on wall time, so that looks keep their place on the grid; waits are monotonic, so that a wall clock that
//! jumps neither stops polling nor makes it run. A lane is never looked into twice at once: what is wished for meanwhile
//! is answered by the look that is under way. Moments that pass meanwhile are skipped.
//!
//! Lanes of details wait until the bulk lane has worked, and pause while it fails: there is no use in asking a platform
//! for details that does not answer for the whole. When it works again they are looked into at once.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use muster_model::ConnectionId;

use crate::{
    FailureCategory, Lane,
    patience::{Role, pause},
    slots::{Slots, part},
};

/// A look that was missed by more than this is of another time than it was meant for.
const PUNCTUAL: SignedDuration = crate::slots::TICK;

/// When a server starts, first looks of its connections are spread over this.
const START_SPREAD_MS: i64 = 5000;

/// One moment by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) wall: Timestamp,
    pub(crate) monotonic: Duration,
}

impl Moment {
    fn later(self, by: Duration) -> Self {
        let wall = SignedDuration::try_from(by).ok().and_then(|by| self.wall.checked_add(by).ok());
        Self { wall: wall.unwrap_or(Timestamp::MAX), monotonic: self.monotonic.saturating_add(by) }
    }

    /// The same moment as one of the wall clock, which is not before this one.
    fn at_wall(self, wall: Timestamp) -> Self {
        let wait = Duration::try_from(wall.duration_since(self.wall)).unwrap_or_default();
        Self { wall, monotonic: self.monotonic.saturating_add(wait) }
    }
}

/// When the first look is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum First {
    /// Now: somebody waits to see what comes of an edit.
    AtOnce,
    /// Within a few seconds: there are many of them.
    Spread,
}

/// A look that is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) lane: Lane,
    pub(crate) role: Role,
    /// For when it was planned.
    pub(crate) planned: Moment,
    /// Whether somebody waits for it.
    pub(crate) wished: bool,
}

impl Due {
    /// The moment of the grid for which a look is that begins now.
    pub(crate) fn tick(&self, begins: Timestamp) -> Timestamp {
        let is_punctual = begins.duration_since(self.planned.wall).abs() < PUNCTUAL;
        crate::slots::tick_of(if is_punctual { self.planned.wall } else { begins })
    }
}

/// A provider has no lane of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoSuchLane;

/// How the bulk lane went last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bulk {
    Untried,
    Works,
    Fails,
}

/// The lanes of one connection.
#[derive(Debug)]
pub(crate) struct Schedule {
    connection: ConnectionId,
    /// The bulk lane first.
    lanes: Vec<Planned>,
    bulk: Bulk,
}

#[derive(Debug)]
struct Planned {
    lane: Lane,
    role: Role,
    slots: Slots,
    /// Absent where it is looked into only when somebody wishes.
    next: Option<Moment>,
    is_wished: bool,
    is_under_way: bool,
    failures: u32,
}

impl Schedule {
    /// Plans the lanes of a connection, the first of which is its bulk lane.
    pub(crate) fn new(connection: ConnectionId, lanes: Vec<Lane>, first: First, now: Moment) -> Self {
        let mut schedule = Self::idle(connection, lanes);
        let wait = match first {
            First::AtOnce => 0,
            First::Spread => part(connection, "first", START_SPREAD_MS).unsigned_abs(),
        };
        for planned in &mut schedule.lanes {
            planned.next = Some(now.later(Duration::from_millis(wait)));
        }
        schedule
    }

    /// Lanes that are looked into only when somebody wishes.
    pub(crate) fn idle(connection: ConnectionId, lanes: Vec<Lane>) -> Self {
        let planned = |(place, lane): (usize, Lane)| Planned {
            role: if place == 0 { Role::Bulk } else { Role::Detail },
            slots: Slots::new(connection, lane.name, lane.every),
            lane,
            next: None,
            is_wished: false,
            is_under_way: false,
            failures: 0,
        };
        Self { connection, lanes: lanes.into_iter().enumerate().map(planned).collect(), bulk: Bulk::Untried }
    }

    /// The name of the bulk lane.
    pub(crate) fn bulk_lane(&self) -> Option<&'static str> {
        self.lanes.first().map(|planned| planned.lane.name)
    }

    /// Whether the bulk lane's last look failed.
    pub(crate) fn fails(&self) -> bool {
        self.bulk == Bulk::Fails
    }

    /// Wishes for a look into a lane as soon as may be. The look that is under way will do.
    pub(crate) fn wish(&mut self, lane: &str) -> Result<&'static str, NoSuchLane> {
        let planned = self.lanes.iter_mut().find(|planned| planned.lane.name == lane).ok_or(NoSuchLane)?;
        planned.is_wished = !planned.is_under_way;
        Ok(planned.lane.name)
    }

    /// Takes what is due now: each of them is under way until it has [`ended`](Self::ended).
    pub(crate) fn begin(&mut self, now: Moment) -> Vec<Due> {
        let bulk = self.bulk;
        self.lanes.iter_mut().filter(|planned| planned.is_due(bulk, now)).map(|planned| planned.begin(now)).collect()
    }

    /// A look is over.
    pub(crate) fn ended(&mut self, lane: &str, outcome: Result<(), FailureCategory>, now: Moment) {
        let Some(planned) = self.lanes.iter_mut().find(|planned| planned.lane.name == lane) else { return };
        planned.end(self.connection, outcome, now);
        if planned.role == Role::Bulk {
            let was = std::mem::replace(&mut self.bulk, if outcome.is_ok() { Bulk::Works } else { Bulk::Fails });
            if was == Bulk::Fails && self.bulk == Bulk::Works {
                self.resume(now);
            }
        }
    }

    /// When the bulk lane is looked into next; absent while it is not polled.
    pub(crate) fn next_report(&self) -> Option<Timestamp> {
        self.lanes.first()?.next.map(|next| next.wall)
    }

    /// How long until something is due; absent while nothing will be.
    pub(crate) fn until_next(&self, now: Moment) -> Option<Duration> {
        let waits = self.lanes.iter().filter_map(|planned| planned.wait(self.bulk, now));
        waits.min()
    }

    /// What failed together with the bulk lane is tried again with it.
    fn resume(&mut self, now: Moment) {
        for planned in self.lanes.iter_mut().filter(|planned| planned.failures > 0) {
            planned.failures = 0;
            planned.next = planned.next.map(|_| now);
        }
    }
}

impl Planned {
    fn is_due(&self, bulk: Bulk, now: Moment) -> bool {
        self.wait(bulk, now).is_some_and(|wait| wait.is_zero())
    }

    /// How long until it is due; absent where something else has to happen first.
    fn wait(&self, bulk: Bulk, now: Moment) -> Option<Duration> {
        if self.is_under_way {
            return None;
        }
        if self.is_wished {
            return Some(Duration::ZERO);
        }
        let is_held_back = self.role == Role::Detail && bulk != Bulk::Works;
        self.next.filter(|_| !is_held_back).map(|next| next.monotonic.saturating_sub(now.monotonic))
    }

    fn begin(&mut self, now: Moment) -> Due {
        let planned = self.next.filter(|next| next.monotonic <= now.monotonic).unwrap_or(now);
        let wished = std::mem::take(&mut self.is_wished);
        self.is_under_way = true;
        self.next = self.next.map(|_| now.at_wall(self.slots.after(now.wall)));
        Due { lane: self.lane.clone(), role: self.role, planned, wished }
    }

    fn end(&mut self, connection: ConnectionId, outcome: Result<(), FailureCategory>, now: Moment) {
        self.is_under_way = false;
        let wait = match outcome {
            Ok(()) => {
                self.failures = 0;
                Duration::ZERO
            }
            Err(category) => {
                self.failures = self.failures.saturating_add(1);
                pause(self.role, Duration::try_from(self.lane.every).unwrap_or_default(), self.failures, category)
            }
        };
        self.next = self.next.map(|_| match self.role {
            Role::Detail if self.failures > 0 => now.later(spread(connection, self.lane.name, wait)),
            Role::Bulk | Role::Detail => now.at_wall(self.slots.after(now.later(wait).wall)),
        });
    }
}

/// A wait and up to a quarter more, so that those who failed together do not return together.
fn spread(connection: ConnectionId, lane: &str, wait: Duration) -> Duration {
    let quarter_ms = i64::try_from(wait.as_millis() / 4).unwrap_or(i64::MAX);
    wait.saturating_add(Duration::from_millis(part(connection, lane, quarter_ms).unsigned_abs()))
}

#[cfg(test)]
mod tests;
