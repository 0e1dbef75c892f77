//! What history holds and costs, for people.

use std::cmp::Ordering;

use jiff::Timestamp;
use muster_api::{
    history::HistoryTier,
    history_stats::{HistoryForecast, HistoryRetention, HistoryStats, RetentionProposal},
};

use super::super::resources::ago;
use crate::output;

/// What a cell says of a resolution that has nothing.
const NOTHING: &str = "none yet";

/// What a cell says of what is to come while nothing is sampled.
const NOT_KNOWN: &str = "not known";

/// The whole answer as text.
pub(super) fn text(stats: &HistoryStats, now: Timestamp) -> String {
    let facts = [
        ("series", format!("{} ({} sampled now)", stats.series, stats.active_series)),
        ("samples", format!("{} stored, {:.0} more a day", stats.stored_samples, stats.samples_per_day)),
        ("on disk", output::bytes(stats.size_bytes as f64)),
        (
            "a sample",
            stats
                .bytes_per_sample
                .map_or_else(|| "too little stored to say".to_owned(), |bytes| format!("{bytes:.2} B")),
        ),
        ("in memory", output::bytes(stats.memory_bytes as f64)),
        ("remote store", super::remote(stats.remote.as_ref(), now)),
    ];
    let facts = facts.map(|(name, value)| format!("{name:<12} {}", output::plain(&value)));
    format!("{}\n\n{}\n\n{}", facts.join("\n"), tiers(stats, now), outlook(stats))
}

fn tiers(stats: &HistoryStats, now: Timestamp) -> String {
    let header = ["resolution", "kept", "points", "size", "oldest", "a day"];
    let rows = stats.forecast.tiers.iter().map(|share| {
        let content = stats.tiers.iter().find(|content| content.tier == share.tier && content.points > 0);
        [
            name(share.tier).to_owned(),
            days(kept_seconds(&stats.retention, share.tier)),
            content.map_or_else(|| NOTHING.to_owned(), |content| content.points.to_string()),
            content.map_or_else(|| NOTHING.to_owned(), |content| output::bytes(content.bytes as f64)),
            content.and_then(|it| it.oldest).map_or_else(|| NOTHING.to_owned(), |oldest| ago(oldest, now)),
            if stats.active_series == 0 { NOT_KNOWN.to_owned() } else { output::bytes(share.bytes_per_day) },
        ]
    });
    output::table(header, rows)
}

/// What is to come, as far as anything can be said about it.
fn outlook(stats: &HistoryStats) -> String {
    if stats.active_series == 0 {
        return "No series is sampled now, so there is nothing to say about the future.".to_owned();
    }
    let is_empty = stats.tiers.iter().all(|content| content.points == 0);
    let basis = format!("Nothing is stored yet; the figures are estimates from {} series.", stats.active_series);
    let paragraphs = [is_empty.then_some(basis), Some(going_on(&stats.forecast)), stats.proposal.as_ref().map(what_if)];
    paragraphs.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

fn going_on(forecast: &HistoryForecast) -> String {
    format!(
        "Going on as now: {} a day, {} after a year, {} once as much is deleted as is added.",
        output::bytes(forecast.bytes_per_day),
        output::bytes(forecast.bytes_after_year),
        output::bytes(forecast.bytes_at_rest)
    )
}

fn what_if(proposal: &RetentionProposal) -> String {
    let RetentionProposal { retention, forecast, bytes_at_rest_change } = proposal;
    let kept = |tier| format!("{} {}", name(tier), days(kept_seconds(retention, tier)));
    let kept = [HistoryTier::Raw, HistoryTier::Minute, HistoryTier::TenMinutes, HistoryTier::Hour].map(kept);
    let change = output::bytes(bytes_at_rest_change.abs());
    let change = match bytes_at_rest_change.total_cmp(&0.0) {
        Ordering::Less => format!("{change} less than now"),
        Ordering::Equal => "as much as now".to_owned(),
        Ordering::Greater => format!("{change} more than now"),
    };
    format!(
        "With {}: {} after a year, {} at rest, {change}.",
        kept.join(", "),
        output::bytes(forecast.bytes_after_year),
        output::bytes(forecast.bytes_at_rest)
    )
}

pub(super) fn name(tier: HistoryTier) -> &'static str {
    match tier {
        HistoryTier::Raw => "samples",
        HistoryTier::Minute => "1 min",
        HistoryTier::TenMinutes => "10 min",
        HistoryTier::Hour => "1 h",
    }
}

fn kept_seconds(retention: &HistoryRetention, tier: HistoryTier) -> u64 {
    match tier {
        HistoryTier::Raw => retention.raw_seconds,
        HistoryTier::Minute => retention.minute_seconds,
        HistoryTier::TenMinutes => retention.ten_minutes_seconds,
        HistoryTier::Hour => retention.hour_seconds,
    }
}

fn days(seconds: u64) -> String {
    output::span(i64::try_from(seconds).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use muster_api::history_stats::{TierContent, TierForecast};

    use super::*;

    #[test]
    fn what_the_figures_rest_on_is_said() {
        let check = |active_series, points, parts: &[&str]| {
            let said = outlook(&stats(active_series, points));
            for part in parts {
                assert!(said.contains(part), "{said}");
            }
            said
        };
        let basis = "Nothing is stored yet; the figures are estimates from 7 series.";
        check(7, 0, &[basis, "Going on as now: 1.0 KiB a day, ", "With samples 7 d, 1 min 90 d, "]);
        assert!(!check(7, 1, &["Going on as now: ", "1.0 KiB less than now"]).contains(basis));
        assert!(!check(0, 1, &["No series is sampled now"]).contains("0 B"));
    }

    #[test]
    fn a_day_of_which_nothing_is_known_does_not_cost_nothing() {
        let said = |active_series| {
            let mut stats = stats(active_series, 1);
            let tier = HistoryTier::Raw;
            stats.forecast.tiers = vec![TierForecast { tier, bytes_per_day: 0.0, bytes_at_rest: 0.0 }];
            text(&stats, Timestamp::UNIX_EPOCH)
        };
        let (idle, sampled) = (said(0), said(7));
        let cost = |text: &str| text.lines().find(|line| line.contains(NOTHING)).unwrap().trim_end().to_owned();
        assert!(cost(&idle).ends_with(NOT_KNOWN), "{idle}");
        assert!(cost(&sampled).ends_with("0 B"), "{sampled}");
    }

    fn stats(active_series: u64, points: u64) -> HistoryStats {
        let retention = HistoryRetention {
            raw_seconds: 7 * 86_400,
            minute_seconds: 90 * 86_400,
            ten_minutes_seconds: 730 * 86_400,
            hour_seconds: 3650 * 86_400,
        };
        let forecast = HistoryForecast {
            bytes_per_day: 1024.0,
            bytes_after_year: 4096.0,
            bytes_at_rest: 8192.0,
            tiers: Vec::new(),
        };
        let proposal = RetentionProposal { retention, forecast: forecast.clone(), bytes_at_rest_change: -1024.0 };
        HistoryStats {
            series: 7,
            active_series,
            samples_per_day: 10.0,
            stored_samples: points,
            size_bytes: 0,
            memory_bytes: 0,
            bytes_per_sample: None,
            tiers: vec![TierContent { tier: HistoryTier::Raw, points, bytes: 0, oldest: None, newest: None }],
            retention,
            forecast,
            proposal: Some(proposal),
            remote: None,
        }
    }
}
