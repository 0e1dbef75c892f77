//! Says in the log what changes about shipping, once: not every attempt, and not every dropped sample.

use std::mem::discriminant;

use tracing::{error, info, warn};

use crate::status::{Dropped, State, Status};

/// What was said last.
#[derive(Debug, Default)]
pub(crate) struct Herald {
    said: State,
    dropped: Dropped,
}

impl Herald {
    /// Says what is new.
    pub(crate) fn tell(&mut self, status: &Status) {
        self.tell_state(&status.state);
        self.tell_dropped(status.dropped);
    }

    fn tell_state(&mut self, state: &State) {
        let trouble = |state: &State| matches!(state, State::Retrying { .. } | State::Stopped { .. });
        let same = discriminant(state) == discriminant(&self.said);
        match state {
            State::Retrying { .. } | State::Stopped { .. } if same => {}
            State::Retrying { why, .. } => {
                warn!(%why, "shipping to the remote store waits; the queue keeps everything");
            }
            State::Stopped { why } => error!(%why, "shipping to the remote store stopped; the queue keeps everything"),
            State::Idle | State::Sending if trouble(&self.said) => info!("shipping to the remote store goes on"),
            State::Idle | State::Sending => {}
        }
        if !same {
            self.said = state.clone();
        }
    }

    /// The first of each kind is said; how many there are is in the status.
    fn tell_dropped(&mut self, now: Dropped) {
        let first = |before: u64, now: u64| before == 0 && now > 0;
        if first(self.dropped.refused, now.refused) {
            warn!(samples = now.refused, "the remote store refuses samples older than it takes; they are left out");
        }
        if first(self.dropped.not_kept, now.not_kept) {
            warn!(
                samples = now.not_kept,
                "the remote store accepts samples and does not keep them; check its retention and deduplication"
            );
        }
        if first(self.dropped.not_a_number, now.not_a_number) {
            warn!(samples = now.not_a_number, "samples that are no numbers are left out");
        }
        self.dropped = now;
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use super::*;

    #[test]
    fn everything_is_said_once() {
        let retrying = |failures| State::Retrying { failures, why: "no route".into() };
        let stopped = || State::Stopped { why: "bad password".into() };
        let states = [State::Sending, retrying(1), retrying(2), stopped(), stopped(), State::Sending, State::Idle];
        let mut statuses: Vec<Status> = states.map(|state| Status { state, ..Status::default() }).into();
        let dropped = |refused| Dropped { refused, ..Dropped::default() };
        statuses.extend([4, 9].map(|count| Status { dropped: dropped(count), ..Status::default() }));
        let said = listen(|| {
            let mut herald = Herald::default();
            statuses.iter().for_each(|status| herald.tell(status));
        });
        let check = |line: &str, words: &str| assert!(line.contains(words), "{line}");
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), 4, "{said}");
        check(lines[0], "no route");
        check(lines[1], "bad password");
        check(lines[2], "goes on");
        check(lines[3], "samples=4");
    }

    fn listen(speak: impl FnOnce()) -> String {
        let heard = Heard::default();
        let writer = heard.clone();
        let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(lines, speak);
        let bytes = heard.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Heard {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
