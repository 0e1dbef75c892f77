//! What history holds and costs, on the wire: for the System page, the statistics route and the command line alike.

use jiff::SignedDuration;
use muster_api::history_stats::{
    HistoryForecast, HistoryRetention, HistoryStats, HistoryStatsQuery, RemoteHealth, RetentionProposal, TierContent,
    TierForecast,
};
use muster_history::{Forecast, InvalidRetention, Retention, Stats, Tier, TierStats};

use crate::{problem::ApiError, span::parse_length, subject::tier};

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
    let read = |of: Tier, given: &Option<String>| match given {
        Some(text) => parse_length(text).ok_or_else(|| refused(InvalidRetention::outside(of))),
        None => Ok(kept.of(of)),
    };
    let proposed = Retention {
        raw: read(Tier::Raw, raw)?,
        minute: read(Tier::Minute, minute)?,
        ten_minutes: read(Tier::TenMinutes, ten_minutes)?,
        hour: read(Tier::Hour, hour)?,
    };
    proposed.check().map_err(refused)?;
    Ok(Some(proposed))
}

fn refused(error: InvalidRetention) -> ApiError {
    let parameter = match error.tier {
        Tier::Raw => "raw",
        Tier::Minute => "minute",
        Tier::TenMinutes => "tenMinutes",
        Tier::Hour => "hour",
    };
    ApiError::query(parameter, error.to_string())
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
    fn the_limits_are_those_of_the_configuration() {
        let check = |query: HistoryStatsQuery, field: &str, said: &str| {
            let error = format!("{:?}", proposal(&query, &Retention::default()).unwrap_err());
            assert!(error.contains(&format!("field: \"{field}\"")) && error.contains(said), "{error}");
        };
        let standard = HistoryStatsQuery::default();
        for raw in ["1h", "3651d", "soon"] {
            check(HistoryStatsQuery { raw: Some(raw.into()), ..standard.clone() }, "raw", "from 1d to 3650d");
        }
        check(HistoryStatsQuery { raw: Some("180d".into()), ..standard.clone() }, "minute", "every sample");
        let long = HistoryStatsQuery { hour: Some("36500d".into()), ..standard };
        let proposed = proposal(&long, &Retention::default()).unwrap().unwrap();
        assert_eq!(proposed.hour, SignedDuration::from_hours(36_500 * 24));
    }
}
