//! What VictoriaMetrics answers: a matrix of points, and its own metrics as text.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The answer to a question over a span, as far as it is looked into: how many points each series has.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Matrix {
    pub(crate) points: Vec<usize>,
}

#[derive(Deserialize)]
struct Envelope {
    status: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    result: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    values: Vec<(IgnoredAny, IgnoredAny)>,
}

impl Matrix {
    /// Reads an answer.
    pub(crate) fn read(body: &[u8]) -> Result<Self> {
        let Envelope { status, data } = serde_json::from_slice(body).context("reading an answer of VictoriaMetrics")?;
        ensure!(status == "success", "VictoriaMetrics answered `{status}`");
        Ok(Self { points: data.result.iter().map(|line| line.values.len()).collect() })
    }

    /// Whether it has so many series with at least so many points each.
    pub(crate) fn is_full(&self, series: usize, points: usize) -> bool {
        self.points.len() == series && self.points.iter().all(|have| *have >= points)
    }
}

/// The sum of a metric over all its labels, in the text that `/metrics` answers. Nothing where it is not named.
pub(super) fn metric(text: &str, name: &str) -> f64 {
    let values = text.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        let value = match rest.strip_prefix('{') {
            Some(labelled) => labelled.rsplit_once('}')?.1,
            None => rest.strip_prefix(' ')?,
        };
        value.trim().parse::<f64>().ok()
    });
    values.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_counted_by_series() {
        let body = br#"{"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{"__name__":"cpu","rollup":"avg"},"values":[[1795132800,"1.5"],[1795133088,"2"]]},
            {"metric":{"__name__":"cpu","rollup":"min"},"values":[[1795132800,"1"]]}]}}"#;
        let matrix = Matrix::read(body).unwrap();
        assert_eq!(matrix.points, [2, 1]);
        assert!(matrix.is_full(2, 1) && !matrix.is_full(2, 2) && !matrix.is_full(3, 1));
    }

    #[test]
    fn a_refusal_is_an_error() {
        assert!(Matrix::read(br#"{"status":"error","data":{"result":[]}}"#).is_err());
        assert!(Matrix::read(b"cannot parse").is_err());
    }

    #[test]
    fn metrics_are_added_up_over_their_labels() {
        let text = "# TYPE x gauge\nvm_merges{type=\"a\"} 2\nvm_merges{type=\"b\"} 1\nvm_merges_total 9\nvm_rows 4\n";
        assert_eq!(metric(text, "vm_merges"), 3.0);
        assert_eq!(metric(text, "vm_rows"), 4.0);
        assert_eq!(metric(text, "vm_absent"), 0.0);
    }
}
