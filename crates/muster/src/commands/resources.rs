//! `muster resources`: the estate as a list.

use jiff::Timestamp;
use muster_api::resource::{MetricReading, Resource, ResourceQuery};
use muster_model::{Metric, Unit};

use super::{CommandError, reach::Reach};
use crate::{
    cli::{OutputFormat, ResourcesArgs},
    output,
};

/// Lists what matches.
pub(crate) async fn run(args: ResourcesArgs, format: OutputFormat, now: Timestamp) -> Result<(), CommandError> {
    let ResourcesArgs { target, kind, status, source, tag, text } = args;
    let query = ResourceQuery { kind, status, source, tag, q: text, ..ResourceQuery::default() };
    let reach = Reach::server(&target).await?;
    let listed = reach.client().all_resources(&query).await;
    reach.close().await;
    let resources = listed?;
    Ok(output::print(format, &resources, |resources| table(resources, now))?)
}

fn table(resources: &[Resource], now: Timestamp) -> String {
    let header = ["status", "kind", "name", "parent", "cpu", "memory", "disk", "seen", "id"];
    output::table(header, resources.iter().map(|resource| row(resource, now)))
}

fn row(resource: &Resource, now: Timestamp) -> [String; 9] {
    [
        resource.status.to_string(),
        resource.kind.to_string(),
        resource.canonical_identity.display_name.to_string(),
        resource.parent_name.as_deref().unwrap_or_default().to_owned(),
        reading(resource, Metric::Cpu),
        reading(resource, Metric::Memory),
        disk(resource),
        resource.last_seen.map_or_else(|| "never".to_owned(), |at| ago(at, now)),
        resource.id.to_string(),
    ]
}

/// A storage says how full it is under another name than a host.
fn disk(resource: &Resource) -> String {
    let has = |metric| resource.metrics.as_ref().is_some_and(|metrics| metrics.contains_key(&metric));
    reading(resource, if has(Metric::Usage) { Metric::Usage } else { Metric::Disk })
}

fn reading(resource: &Resource, metric: Metric) -> String {
    match resource.metrics.as_ref().and_then(|metrics| metrics.get(&metric)) {
        Some(MetricReading::Known { value, unit, .. }) => amount(*value, *unit),
        Some(MetricReading::Unknown { .. }) => "unknown".to_owned(),
        // The resource has no such metric.
        None => String::new(),
    }
}

/// A value with its unit.
pub(super) fn amount(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Percent => format!("{value:.1} %"),
        Unit::Bytes => output::bytes(value),
        Unit::BytesPerSecond => format!("{}/s", output::bytes(value)),
        Unit::Celsius => format!("{value:.1} °C"),
        Unit::Number => format!("{value}"),
        Unit::Hours => format!("{value} h"),
    }
}

/// How long ago something was.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> String {
    format!("{} ago", output::span(now.duration_since(at).as_secs().max(0)))
}
