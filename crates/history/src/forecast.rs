//! What a history costs, and what another retention would change.

use crate::{query::Tier, retention::Retention, stats::Stats};

/// What is stored of one resolution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TierStats {
    /// Which.
    pub tier: Tier,
    /// Samples, or buckets.
    pub points: u64,
    /// Bytes of the blocks that hold them.
    pub bytes: u64,
    /// When the oldest was taken.
    pub oldest: Option<jiff::Timestamp>,
    /// When the newest was taken.
    pub newest: Option<jiff::Timestamp>,
}

/// What a history comes to with a certain retention, at today's rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// What one more day writes, in all resolutions, before anything is deleted.
    pub bytes_per_day: f64,
    /// Size on disk after a year.
    pub bytes_after_year: f64,
    /// Size on disk once as much is deleted as is added.
    pub bytes_at_rest: f64,
    /// The same by resolution.
    pub tiers: Vec<TierForecast>,
}

/// One resolution's share of a forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TierForecast {
    /// Which.
    pub tier: Tier,
    /// What one more day writes.
    pub bytes_per_day: f64,
    /// Its size once as much is deleted as is added.
    pub bytes_at_rest: f64,
}

/// Bytes of a sample where none is stored yet to measure: about what `make bench` finds for noisy metrics. Steady hosts
/// come to less.
const USUAL_RAW_BYTES: f64 = 1.3;

/// Bytes of a bucket where none is stored yet to measure, likewise.
const USUAL_BUCKET_BYTES: f64 = 6.0;

/// Fewer points than this say nothing about the size of one.
const ENOUGH_POINTS: u64 = 10_000;

const DAY_SECONDS: f64 = 86_400.0;

impl Stats {
    /// What this history comes to with a certain retention, if it goes on as it does now.
    pub fn forecast(&self, retention: &Retention) -> Forecast {
        let tiers: Vec<TierForecast> = Tier::ALL.into_iter().map(|tier| self.tier_forecast(tier, retention)).collect();
        let after = |days: f64| {
            let size = |of: &TierForecast| of.bytes_per_day * days.min(kept_days(of.tier, retention));
            tiers.iter().map(size).sum::<f64>()
        };
        Forecast {
            bytes_per_day: tiers.iter().map(|of| of.bytes_per_day).sum(),
            bytes_after_year: after(365.0),
            bytes_at_rest: tiers.iter().map(|of| of.bytes_at_rest).sum(),
            tiers,
        }
    }

    fn tier_forecast(&self, tier: Tier, retention: &Retention) -> TierForecast {
        let points_per_day = match tier.width() {
            None => self.samples_per_day,
            Some(width) => (self.active_series as f64 * DAY_SECONDS / width.as_secs_f64()).min(self.samples_per_day),
        };
        let stored = self.tiers.iter().find(|stored| stored.tier == tier && stored.points >= ENOUGH_POINTS);
        let usual = if tier == Tier::Raw { USUAL_RAW_BYTES } else { USUAL_BUCKET_BYTES };
        let bytes_per_point = stored.map_or(usual, |stored| stored.bytes as f64 / stored.points as f64);
        let bytes_per_day = points_per_day * bytes_per_point;
        TierForecast { tier, bytes_per_day, bytes_at_rest: bytes_per_day * kept_days(tier, retention) }
    }
}

/// How many days of a resolution there are. Buckets of a minute are made of samples that are about to be deleted.
fn kept_days(tier: Tier, retention: &Retention) -> f64 {
    let kept = match tier {
        Tier::Minute => retention.minute - retention.raw,
        Tier::Raw | Tier::TenMinutes | Tier::Hour => retention.of(tier),
    };
    (kept.as_secs_f64() / DAY_SECONDS).max(0.0)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_longer_retention_costs_what_it_keeps() {
        let stats = Stats {
            active_series: 100,
            samples_per_day: 864_000.0,
            tiers: vec![TierStats { tier: Tier::Raw, points: 1_000_000, bytes: 2_000_000, oldest: None, newest: None }],
            ..Stats::default()
        };
        let week = stats.forecast(&Retention::default());
        let raw = |forecast: &Forecast| forecast.tiers[0];
        assert_eq!(raw(&week).bytes_per_day, 1_728_000.0);
        assert_eq!(raw(&week).bytes_at_rest, 7.0 * 1_728_000.0);
        let month = Retention { raw: SignedDuration::from_hours(30 * 24), ..Retention::default() };
        let month = stats.forecast(&month);
        assert_eq!(raw(&month).bytes_at_rest, 30.0 * 1_728_000.0);
        assert!(month.tiers[1].bytes_at_rest < week.tiers[1].bytes_at_rest, "fewer minutes are needed");
        assert!(week.bytes_after_year < week.bytes_at_rest, "hours are kept for longer than a year");
    }
}
