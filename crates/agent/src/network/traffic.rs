//! Traffic of interfaces, from `/proc/net/dev`.

use std::{collections::BTreeMap, time::Duration};

use muster_model::UnknownReason;

use crate::{
    rate::RateWindow,
    read::{Files, ReadError},
    words::{self, Table},
};

/// What goes through an interface, in bytes a second, each value or why it is unknown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TrafficRates {
    pub(crate) received: Result<f64, UnknownReason>,
    pub(crate) sent: Result<f64, UnknownReason>,
}

impl TrafficRates {
    /// The rates of an interface of which nothing is known.
    pub(crate) fn unknown(reason: UnknownReason) -> Self {
        Self { received: Err(reason), sent: Err(reason) }
    }
}

/// The counters of each interface, as last seen.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    windows: BTreeMap<Vec<u8>, (RateWindow, RateWindow)>,
}

impl Traffic {
    /// Observes all interfaces, by name; those that are gone are forgotten.
    pub(crate) fn observe(
        &mut self,
        files: &Files<'_>,
        at: Duration,
    ) -> Result<BTreeMap<Vec<u8>, TrafficRates>, ReadError> {
        let path = files.roots.proc("net/dev");
        let content = files.bytes(&path)?;
        let headless = content.splitn(3, |byte| *byte == b'\n').nth(2).unwrap_or_default();
        let Table { rows, malformed: _ } = words::table(headless, Counters::parse);
        if rows.is_empty() {
            return Err(ReadError::Malformed { path, expected: "interfaces with 16 numbers below two header lines" });
        }
        self.windows.retain(|name, _| rows.iter().any(|row| row.name == *name));
        Ok(rows.into_iter().map(|row| self.rates(at, row)).collect())
    }

    fn rates(&mut self, at: Duration, counters: Counters) -> (Vec<u8>, TrafficRates) {
        let (received, sent) = self.windows.entry(counters.name.clone()).or_default();
        let rates = TrafficRates {
            received: received.observe(at, counters.received_bytes),
            sent: sent.observe(at, counters.sent_bytes),
        };
        (counters.name, rates)
    }
}

/// One line of the file.
#[derive(Debug, PartialEq, Eq)]
struct Counters {
    name: Vec<u8>,
    received_bytes: u64,
    sent_bytes: u64,
}

impl Counters {
    /// A name may contain a colon; numbers do not.
    fn parse(line: &[u8]) -> Option<Self> {
        let colon = line.iter().rposition(|byte| *byte == b':')?;
        let name = line[..colon].trim_ascii().to_owned();
        let mut words = words::words(&line[colon + 1..]);
        let received_bytes = words::number(words.next()?)?;
        let sent_bytes = words::number(words.nth(7)?)?;
        Some(Self { name, received_bytes, sent_bytes })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn recorded_lines() {
        let check = |line: &[u8], name: &[u8], received_bytes, sent_bytes| {
            assert_eq!(Counters::parse(line), Some(Counters { name: name.to_owned(), received_bytes, sent_bytes }));
        };
        check(b"  ens9:    2852       9    0    0    0     0          0         0     5328      52    0    0    0     0       0          0", b"ens9", 2852, 5328);
        check(b"eth0:1:1 2 3 4 5 6 7 8 9 10", b"eth0:1", 1, 9);
        check(b"e\xff: 1 2 3 4 5 6 7 8 9", b"e\xff", 1, 9);
        assert_eq!(Counters::parse(b"  ens9:    2852       9    0"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(line in prop::collection::vec(any::<u8>(), 0..200)) {
            Counters::parse(&line);
        }
    }
}
