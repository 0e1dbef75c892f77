//! `muster status`: how the server and its sources are doing.

use jiff::Timestamp;
use muster_api::{
    state::Summary,
    system::{Source, System},
};
use serde::Serialize;

use super::{CommandError, history::remote, reach::Reach, resources::ago};
use crate::{
    cli::{OutputFormat, Target},
    output,
};

#[derive(Debug, Serialize)]
struct Status {
    system: System,
    summary: Summary,
    sources: Vec<Source>,
}

/// Shows the server, what it knows, and who tells it.
pub(crate) async fn run(target: &Target, format: OutputFormat, now: Timestamp) -> Result<(), CommandError> {
    let reach = Reach::server(target).await?;
    let asked = ask(&reach).await;
    reach.close().await;
    Ok(output::print(format, &asked?, |status| text(status, now))?)
}

async fn ask(reach: &Reach) -> Result<Status, CommandError> {
    let client = reach.client();
    let (system, state, sources) = futures::try_join!(client.system(), client.summary(), client.sources())?;
    Ok(Status { system, summary: state.summary, sources: sources.items })
}

fn text(status: &Status, now: Timestamp) -> String {
    let Status { system, summary, sources } = status;
    let facts = [
        ("version", system.version.clone()),
        ("running for", output::span(now.duration_since(system.started_at).as_secs().max(0))),
        ("listens on", system.listen.clone()),
        ("memory", known(system.memory_bytes)),
        ("resources", counts(summary)),
        ("revision", system.engine.revision.to_string()),
        ("state", store(system)),
        ("history", history(system)),
        ("remote store", remote(system.history.remote.as_ref(), now)),
    ];
    let facts = facts.map(|(name, value)| format!("{name:<12} {}", output::plain(&value)));
    format!("{}\n\n{}", facts.join("\n"), source_table(sources, now))
}

fn known(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "unknown".to_owned(), |bytes| output::bytes(bytes as f64))
}

fn counts(summary: &Summary) -> String {
    let by_status = summary.by_status.iter().map(|(status, count)| format!("{count} {status}"));
    let details: Vec<_> = by_status.collect();
    if details.is_empty() { "none yet".to_owned() } else { format!("{} ({})", summary.total, details.join(", ")) }
}

fn store(system: &System) -> String {
    let store = &system.store;
    let trouble = store.last_error.as_ref().map(|error| format!("; does not accept writes: {error}"));
    format!("{}, {}{}", store.engine, known(store.size_bytes), trouble.unwrap_or_default())
}

fn history(system: &System) -> String {
    let history = &system.history;
    let trouble = history.last_error.as_ref().map(|error| format!("; does not accept writes: {error}"));
    let size = output::bytes(history.size_bytes as f64);
    let cost = output::bytes(history.forecast.bytes_per_day);
    format!("{} series, {size}, {cost} a day{}", history.series, trouble.unwrap_or_default())
}

fn source_table(sources: &[Source], now: Timestamp) -> String {
    let header = ["source", "status", "every", "last report", "resources", "issues"];
    let rows = sources.iter().map(|source| {
        let issues: Vec<_> = source.observed.issues.iter().map(|issue| issue.message.as_str()).collect();
        [
            source.id.to_string(),
            <&str>::from(source.status).to_owned(),
            output::span(i64::from(source.poll.interval_seconds)),
            source.poll.last_success_at.map_or_else(|| "never".to_owned(), |at| ago(at, now)),
            source.observed.resource_count.to_string(),
            issues.join("; "),
        ]
    });
    output::table(header, rows)
}
