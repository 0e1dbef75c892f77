//! What the query API answers, turned into samples.
//!
//! Markers of staleness are no values: one server leaves them out, another shows them as `NaN`; here they are always left
//! out, and what remains is a gap. A sample that the remote holds twice counts once.

use std::{borrow::Cow, collections::BTreeMap};

use muster_model::ResourceId;
use serde::Deserialize;

use crate::question::Question;

/// A stored sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RawSample {
    /// When, in ms since 1970.
    pub at_ms: i64,
    /// What, in the metric's unit; never not-a-number.
    pub value: f64,
}

/// Samples by resource, ascending by time, no time twice.
pub type Samples = BTreeMap<ResourceId, Vec<RawSample>>;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(rename = "resultType", borrow)]
    result_type: Cow<'a, str>,
    #[serde(borrow)]
    result: Vec<Series<'a>>,
}

#[derive(Deserialize)]
struct Series<'a> {
    #[serde(borrow)]
    metric: Labels<'a>,
    #[serde(borrow, default)]
    values: Vec<Pair<'a>>,
}

#[derive(Deserialize)]
struct Labels<'a> {
    #[serde(borrow)]
    resource: Option<Cow<'a, str>>,
}

/// Seconds since 1970, and the value as text.
#[derive(Deserialize)]
struct Pair<'a>(f64, #[serde(borrow)] Cow<'a, str>);

/// Reads the answer to a question.
///
/// # Errors
/// What is wrong with the answer.
pub(crate) fn parse(body: &[u8], question: &Question) -> Result<Samples, String> {
    let envelope: Envelope<'_> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if envelope.data.result_type != "matrix" {
        return Err(format!("expected a matrix, got a {}", shortened(&envelope.data.result_type)));
    }
    let mut samples = Samples::new();
    for series in envelope.data.result {
        // A series that merely looks like ours, written by somebody else, is nobody's.
        let Some(resource) = series.metric.resource.and_then(|text| text.parse().ok()) else { continue };
        read_values(&series.values, question, samples.entry(resource).or_default())?;
    }
    samples.values_mut().for_each(collapse);
    samples.retain(|_, samples| !samples.is_empty());
    Ok(samples)
}

fn read_values(values: &[Pair<'_>], question: &Question, into: &mut Vec<RawSample>) -> Result<(), String> {
    for Pair(seconds, text) in values {
        let value: f64 = text.parse().map_err(|_| format!("`{}` is no number", shortened(text)))?;
        let sample = RawSample { at_ms: (seconds * 1000.0).round() as i64, value };
        if !value.is_nan() && question.span.contains(sample.at_ms) {
            into.push(sample);
        }
    }
    Ok(())
}

/// Sorts, and keeps one sample for each time. Copies are equal unless somebody else writes the same series; then the
/// larger counts, so that the answer does not depend on the order in which they were found.
fn collapse(samples: &mut Vec<RawSample>) {
    samples.sort_by(|a, b| a.at_ms.cmp(&b.at_ms).then(b.value.total_cmp(&a.value)));
    samples.dedup_by_key(|sample| sample.at_ms);
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use muster_model::{Metric, ResourceKind, TenantId};
    use serde_json::json;

    use super::*;
    use crate::question::{Resources, Span};

    #[test]
    fn copies_count_once_and_markers_are_no_values() {
        let values =
            json!([[9.999, "7"], [10, "1"], [10, "1"], [20.001, "NaN"], [30.5, "-0"], [25, "+Inf"], [40, "8"]]);
        let found = read(&matrix(&values)).unwrap();
        let found: Vec<(i64, u64)> = found[&host()].iter().map(|s| (s.at_ms, s.value.to_bits())).collect();
        let expected = [(10_000, 1.0), (25_000, f64::INFINITY), (30_500, -0.0)];
        assert_eq!(found, expected.map(|(at, value): (i64, f64)| (at, value.to_bits())));
    }

    #[test]
    fn series_of_others_are_nobody_s() {
        let series = |labels| json!({"metric": labels, "values": [[10, "1"]]});
        let result = [series(json!({})), series(json!({"resource": "printer"}))];
        let body = json!({"status": "success", "data": {"resultType": "matrix", "result": result}});
        assert_eq!(read(&body.to_string()).unwrap(), Samples::new());
    }

    #[test]
    fn what_is_not_of_the_protocol_is_said() {
        let check = |body: &str, why: &str| {
            let error = read(body).unwrap_err();
            assert!(error.contains(why), "{body}: {error}");
        };
        check("", "EOF");
        check("<html>", "expected value");
        check("{\"data\":{\"resultType\":\"vector\",\"result\":[]}}", "expected a matrix, got a vector");
        check(&matrix(&json!([[10, "a lot"]])), "`a lot` is no number");
        check(&matrix(&json!([[10]])), "invalid length");
    }

    fn read(body: &str) -> Result<Samples, String> {
        let span = Span { from_ms: 10_000, to_ms: 40_000 };
        let question = Question { tenant: TenantId::DEFAULT, metric: Metric::Cpu, resources: Resources::All, span };
        parse(body.as_bytes(), &question)
    }

    fn matrix(values: &serde_json::Value) -> String {
        let series = json!({"metric": {"resource": host().to_string(), "more": "x"}, "values": values});
        json!({"status": "success", "data": {"resultType": "matrix", "result": [series]}}).to_string()
    }

    fn host() -> ResourceId {
        ResourceId::mint(ResourceKind::Agent, "host")
    }
}
