//! What history holds and costs, on the wire: for the System page, the statistics route and the command line alike.

use jiff::SignedDuration;
use muster_api::history_stats::{
    HistoryForecast, HistoryRetention, HistoryStats, HistoryStatsQuery, RemoteHealth, RetentionProposal, TierContent,
    TierForecast,
};
use muster_history::{Forecast, Retention, Stats, TierStats};

use crate::{problem::ApiError, span::parse_range, subject::tier};

/// Everything about a history that is kept for so long; with what another retention would come to, if one is given.
pub(crate) fn statistics(
    stats: &Stats,
    kept: &Retention,
    proposed: Option<&Retention>,
    remote: Option<RemoteHealth>,
) -> HistoryStats {
    let today = stats.forecast(kept);
    let at_rest = today.bytes_at_rest;
    let proposal = |proposed: &Retention| {
        let forecast = stats.forecast(proposed);
        RetentionProposal {
            retention: retention(proposed),
            bytes_at_rest_change: forecast.bytes_at_rest - at_rest,
            forecast: self::forecast(forecast),
        }
    };
    HistoryStats {
        series: stats.series,
        active_series: stats.active_series,
        samples_per_day: stats.samples_per_day,
        stored_samples: stats.stored_samples,
        size_bytes: stats.size_bytes(),
        memory_bytes: stats.memory_bytes,
        bytes_per_sample: stats.bytes_per_sample(),
        tiers: stats.tiers.iter().map(content).collect(),
        retention: retention(kept),
        proposal: proposed.map(proposal),
        forecast: forecast(today),
        remote,
    }
}

/// The retention that a query proposes: what it leaves out stays. `None` where it names nothing.
pub(crate) fn proposal(query: &HistoryStatsQuery, kept: &Retention) -> Result<Option<Retention>, ApiError> {
    let HistoryStatsQuery { raw, minute, ten_minutes, hour } = query;
    if [raw, minute, ten_minutes, hour].iter().all(|given| given.is_none()) {
        return Ok(None);
    }
    let read = |field, given: &Option<String>, kept| given.as_deref().map_or(Ok(kept), |text| parse_range(field, text));
    let proposed = Retention {
        raw: read("raw", raw, kept.raw)?,
        minute: read("minute", minute, kept.minute)?,
        ten_minutes: read("tenMinutes", ten_minutes, kept.ten_minutes)?,
        hour: read("hour", hour, kept.hour)?,
    };
    check_order(&proposed)?;
    Ok(Some(proposed))
}

fn check_order(proposed: &Retention) -> Result<(), ApiError> {
    let steps = [
        ("minute", proposed.minute, "raw", proposed.raw),
        ("tenMinutes", proposed.ten_minutes, "minute", proposed.minute),
        ("hour", proposed.hour, "tenMinutes", proposed.ten_minutes),
    ];
    match steps.iter().find(|(_, coarse, _, fine)| coarse < fine) {
        Some((coarse, _, fine, _)) => {
            Err(ApiError::query(coarse, format!("must be at least as long as `{fine}`, which it takes over from")))
        }
        None => Ok(()),
    }
}

/// What is stored of one resolution.
pub(crate) fn content(stats: &TierStats) -> TierContent {
    let TierStats { tier: of, points, bytes, oldest, newest } = *stats;
    TierContent { tier: tier(of), points, bytes, oldest, newest }
}

/// How long each resolution is kept.
pub(crate) fn retention(retention: &Retention) -> HistoryRetention {
    let seconds = |kept: SignedDuration| u64::try_from(kept.as_secs()).unwrap_or(0);
    HistoryRetention {
        raw_seconds: seconds(retention.raw),
        minute_seconds: seconds(retention.minute),
        ten_minutes_seconds: seconds(retention.ten_minutes),
        hour_seconds: seconds(retention.hour),
    }
}

/// What a retention comes to, in whole bytes.
pub(crate) fn forecast(forecast: Forecast) -> HistoryForecast {
    let Forecast { bytes_per_day, bytes_after_year, bytes_at_rest, tiers } = forecast;
    let share = |of: muster_history::TierForecast| TierForecast {
        tier: tier(of.tier),
        bytes_per_day: of.bytes_per_day.round(),
        bytes_at_rest: of.bytes_at_rest.round(),
    };
    HistoryForecast {
        bytes_per_day: bytes_per_day.round(),
        bytes_after_year: bytes_after_year.round(),
        bytes_at_rest: bytes_at_rest.round(),
        tiers: tiers.into_iter().map(share).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_keeps_what_it_does_not_name() {
        let kept = Retention::default();
        assert_eq!(proposal(&HistoryStatsQuery::default(), &kept).unwrap(), None);
        let query = HistoryStatsQuery { raw: Some("30d".into()), ..HistoryStatsQuery::default() };
        let proposed = proposal(&query, &kept).unwrap().unwrap();
        assert_eq!(proposed, Retention { raw: SignedDuration::from_hours(30 * 24), ..kept });
    }

    #[test]
    fn a_coarser_resolution_cannot_end_before_a_finer_one() {
        let query = HistoryStatsQuery { raw: Some("180d".into()), ..HistoryStatsQuery::default() };
        let error = format!("{:?}", proposal(&query, &Retention::default()).unwrap_err());
        assert!(error.contains("field: \"minute\"") && error.contains("`raw`"), "{error}");
    }
}
