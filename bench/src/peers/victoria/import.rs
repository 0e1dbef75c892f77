//! Samples as VictoriaMetrics imports them: one JSON line a series.

use std::fmt::Write;

use crate::data::Hour;

/// The lines of an hour. A series without a known value has none.
pub(super) fn lines(hour: &Hour) -> Vec<u8> {
    let mut text = String::with_capacity(hour.values.len() * 24);
    for place in 0..hour.series.len() {
        line(&mut text, hour, place);
    }
    text.into_bytes()
}

fn line(text: &mut String, hour: &Hour, place: usize) {
    if hour.column(place).next().is_none() {
        return;
    }
    let series = &hour.series[place];
    let (metric, resource) = (series.metric, &series.text);
    write!(text, r#"{{"metric":{{"__name__":"{metric}","resource":"{resource}"}},"values":["#).expect(INFALLIBLE);
    join(text, hour.column(place).map(|(_, value)| value));
    text.push_str(r#"],"timestamps":["#);
    join(text, hour.column(place).map(|(at, _)| at.as_millisecond()));
    text.push_str("]}\n");
}

fn join(text: &mut String, values: impl Iterator<Item = impl std::fmt::Display>) {
    for (number, value) in values.enumerate() {
        let separator = if number == 0 { "" } else { "," };
        write!(text, "{separator}{value}").expect(INFALLIBLE);
    }
}

const INFALLIBLE: &str = "a string takes everything";

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use muster_model::{Metric, ResourceId, ResourceKind};
    use serde_json::json;

    use super::*;
    use crate::data::{BEGINNING, Series};

    #[test]
    fn each_series_with_values_has_a_line() {
        let resource = ResourceId::mint(ResourceKind::Vm, "one");
        let series: Arc<[Series]> = Series::of(resource, &[Metric::Cpu, Metric::NetIn]).collect();
        let none = f64::NAN;
        let hour = Hour { start: BEGINNING, series, source_width: 2, values: vec![1.25, none, none, none, 3.0, none] };
        let text = String::from_utf8(lines(&hour)).unwrap();
        let start = BEGINNING.as_millisecond();
        let expected = json!({
            "metric": {"__name__": "cpu", "resource": resource.to_string()},
            "values": [1.25, 3],
            "timestamps": [start, start + 20_000],
        });
        assert_eq!(text.lines().count(), 1);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), expected);
    }
}
