//! Where a guest was, and whether it ran, from when to when.

/// Whether a guest runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunState {
    Running,
    Paused,
    Stopped,
}

/// From a time on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Phase {
    since: i64,
    node: usize,
    state: RunState,
}

/// A time in which a guest has run on one node without a break: counters count from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) node: usize,
    pub(crate) since: i64,
    pub(crate) is_paused: bool,
}

/// Everything that happened to one guest, in order.
#[derive(Debug, Clone)]
pub(crate) struct Life(Vec<Phase>);

impl Life {
    pub(super) fn new(since: i64, node: usize, state: RunState) -> Self {
        Self(vec![Phase { since, node, state }])
    }

    pub(super) fn node(&self) -> usize {
        self.last().node
    }

    pub(super) fn state(&self) -> RunState {
        self.last().state
    }

    /// What it is from now on.
    pub(super) fn turn(&mut self, now: i64, state: RunState) {
        let node = self.node();
        self.0.push(Phase { since: now, node, state });
    }

    /// Where it is from now on.
    pub(super) fn go(&mut self, now: i64, node: usize) {
        let state = self.state();
        self.0.push(Phase { since: now, node, state });
    }

    /// Where it was at a time; before its beginning, where it began.
    pub(super) fn node_at(&self, time: i64) -> usize {
        let phases = self.0.partition_point(|phase| phase.since <= time);
        self.0[phases.saturating_sub(1)].node
    }

    /// The run that a time lies in.
    pub(super) fn run(&self, time: i64) -> Option<Run> {
        let phases = &self.0[..self.0.partition_point(|phase| phase.since <= time)];
        let last = phases.last().filter(|phase| phase.state != RunState::Stopped)?;
        let same = phases.iter().rev().take_while(|phase| phase.node == last.node && phase.state != RunState::Stopped);
        let since = same.last().expect("the last one is one of them").since;
        Some(Run { node: last.node, since, is_paused: last.state == RunState::Paused })
    }

    fn last(&self) -> &Phase {
        self.0.last().expect("a life begins with a phase")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_with_a_stop_or_a_move_and_not_with_a_pause() {
        let mut life = Life::new(0, 0, RunState::Running);
        life.turn(100, RunState::Paused);
        life.turn(200, RunState::Running);
        life.go(300, 1);
        life.turn(400, RunState::Stopped);
        let run = |node, since, is_paused| Some(Run { node, since, is_paused });
        assert_eq!(life.run(-1), None);
        assert_eq!(life.run(150), run(0, 0, true));
        assert_eq!(life.run(250), run(0, 0, false));
        assert_eq!(life.run(300), run(1, 300, false));
        assert_eq!(life.run(400), None);
        assert_eq!(life.node(), 1);
    }
}
