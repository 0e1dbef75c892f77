//! What history holds and costs, for people.

use jiff::Timestamp;
use muster_api::{
    history::HistoryTier,
    history_stats::{HistoryForecast, HistoryRetention, HistoryStats, RetentionProposal, TierContent},
};

use super::super::resources::ago;
use crate::output;

/// The whole answer as text.
pub(super) fn text(stats: &HistoryStats, now: Timestamp) -> String {
    let facts = [
        ("series", format!("{} ({} sampled now)", stats.series, stats.active_series)),
        ("samples", format!("{} stored, {:.0} more a day", stats.stored_samples, stats.samples_per_day)),
        ("on disk", output::bytes(stats.size_bytes as f64)),
        ("a sample", stats.bytes_per_sample.map_or_else(|| "unknown".to_owned(), |bytes| format!("{bytes:.2} B"))),
        ("in memory", output::bytes(stats.memory_bytes as f64)),
        ("remote store", super::remote(stats.remote.as_ref(), now)),
    ];
    let facts = facts.map(|(name, value)| format!("{name:<12} {}", output::plain(&value)));
    let mut text = format!("{}\n\n{}\n\n{}", facts.join("\n"), tiers(stats, now), outlook(&stats.forecast));
    if let Some(proposal) = &stats.proposal {
        text.push_str("\n\n");
        text.push_str(&what_if(proposal));
    }
    text
}

fn tiers(stats: &HistoryStats, now: Timestamp) -> String {
    let header = ["resolution", "kept", "points", "size", "oldest", "a day"];
    let rows = stats.forecast.tiers.iter().map(|share| {
        let content = stats.tiers.iter().find(|content| content.tier == share.tier);
        [
            name(share.tier).to_owned(),
            days(kept_seconds(&stats.retention, share.tier)),
            content.map_or_else(String::new, |content| content.points.to_string()),
            content.map_or_else(String::new, |content| output::bytes(content.bytes as f64)),
            content.and_then(|TierContent { oldest, .. }| *oldest).map_or_else(String::new, |oldest| ago(oldest, now)),
            output::bytes(share.bytes_per_day),
        ]
    });
    output::table(header, rows)
}

fn outlook(forecast: &HistoryForecast) -> String {
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
    let direction = if *bytes_at_rest_change < 0.0 { "less" } else { "more" };
    format!(
        "With {}: {} after a year, {} at rest, {} {direction}.",
        kept.join(", "),
        output::bytes(forecast.bytes_after_year),
        output::bytes(forecast.bytes_at_rest),
        output::bytes(bytes_at_rest_change.abs())
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
