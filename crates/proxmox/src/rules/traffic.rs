//! How fast a node receives and sends: the platform tells it only as the mean of each whole minute.

use jiff::{SignedDuration, Timestamp};

use crate::wire::metrics::RrdRow;

/// What is shown of where the values come from.
pub(crate) const SOURCE: &str = "rrd-average";
/// An average older than this is no rate of now.
const LONGEST_AGO: SignedDuration = SignedDuration::from_mins(4);

/// How long it speaks for now after it was read.
const FRESH: SignedDuration = SignedDuration::from_secs(150);

/// Bytes a second over the last minute that is complete.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Traffic {
    read_at: Timestamp,
    pub(crate) received: f64,
    pub(crate) sent: f64,
}

impl Traffic {
    /// The newest minute of a history that has both values; absent where it is long before the history's end, which is
    /// the present by the platform's own clock.
    pub(crate) fn newest(rows: &[RrdRow], now: Timestamp) -> Option<Self> {
        let end = rows.iter().map(|row| row.time).max()?;
        let whole = |row: &RrdRow| {
            let (received, sent) = (row.netin?, row.netout?);
            let is_rate = |value: f64| value.is_finite() && value >= 0.0;
            (is_rate(received) && is_rate(sent)).then_some((row.time, Self { read_at: now, received, sent }))
        };
        let (at, newest) = rows.iter().filter_map(whole).max_by_key(|(at, _)| *at)?;
        (end.duration_since(at) <= LONGEST_AGO).then_some(newest)
    }

    /// Whether it speaks for now.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.read_at) <= FRESH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_whole_minute_counts() {
        // D-9
        let at = |second| Timestamp::from_second(second).unwrap();
        let text =
            r#"[{"time":600,"netin":100,"netout":"10"},{"time":660,"netin":200.5,"netout":20},{"time":720,"netin":9}]"#;
        let found = Traffic::newest(&rows(text), at(50)).unwrap();
        assert_eq!((found.received, found.sent), (200.5, 20.0));
        assert!(found.is_fresh(at(200)) && !found.is_fresh(at(201)));
        let late = r#"[{"time":660,"netin":200.5,"netout":20},{"time":960}]"#;
        assert_eq!(Traffic::newest(&rows(late), at(0)), None, "it is no rate of now any more");
        assert_eq!(Traffic::newest(&[], at(0)), None);
    }

    fn rows(text: &str) -> Vec<RrdRow> {
        serde_json::from_str(text).unwrap()
    }
}
