//! What a histogram of the program's own metrics says about a span of time.

use std::collections::BTreeMap;

/// How many fell below each bound, by the bound in microseconds; the last one has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Histogram(BTreeMap<u64, u64>);

impl Histogram {
    /// The histogram of a lane in what a program tells Prometheus; empty where there is none.
    pub(crate) fn of(text: &str, family: &str, lane: &str) -> Self {
        let start = format!("{family}_bucket{{");
        let lane = format!("lane=\"{lane}\"");
        let lines = text.lines().filter(|line| line.starts_with(&start) && line.contains(&lane));
        Self(lines.filter_map(bucket).collect())
    }

    /// What was added since an earlier time.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let before = |bound| earlier.0.get(bound).copied().unwrap_or_default();
        Self(self.0.iter().map(|(bound, count)| (*bound, count.saturating_sub(before(bound)))).collect())
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.0.values().copied().max().unwrap_or_default()
    }

    /// The bound that the given share did not exceed, in seconds: no more than a bound is known. Infinite where some
    /// exceeded them all, and not a number where there are none.
    pub(crate) fn at_most(&self, share: f64) -> f64 {
        let wanted = self.count() as f64 * share;
        let reached = self.0.iter().find(|(_, count)| **count > 0 && **count as f64 >= wanted);
        reached.map_or(f64::NAN, |(bound, _)| if *bound == u64::MAX { f64::INFINITY } else { *bound as f64 / 1e6 })
    }
}

fn bucket(line: &str) -> Option<(u64, u64)> {
    let (labels, count) = line.rsplit_once(' ')?;
    let (_, bound) = labels.split_once("le=\"")?;
    let bound: f64 = bound.split('"').next()?.parse().ok()?;
    let bound = if bound.is_finite() { (bound * 1e6).round() as u64 } else { u64::MAX };
    Some((bound, count.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_told_by_the_bound_that_it_stayed_below() {
        let text = |one: u64, five: u64, all: u64| {
            let line = |bound, count| format!("x_seconds_bucket{{lane=\"bulk\",le=\"{bound}\"}} {count}\n");
            let others = "x_seconds_bucket{lane=\"disks\",le=\"1.0\"} 900\nx_seconds_sum{lane=\"bulk\"} 3\n";
            line("1.0", one) + &line("5.0", five) + &line("+Inf", all) + others
        };
        let (before, after) = (text(10, 10, 10), text(107, 109, 110));
        let found = Histogram::of(&after, "x_seconds", "bulk").since(&Histogram::of(&before, "x_seconds", "bulk"));
        assert_eq!(found.count(), 100);
        assert_eq!(found.at_most(0.5), 1.0);
        assert_eq!(found.at_most(0.99), 5.0);
        assert_eq!(found.at_most(1.0), f64::INFINITY);
        assert!(Histogram::of(&after, "x_seconds", "absent").at_most(0.99).is_nan());
    }
}
