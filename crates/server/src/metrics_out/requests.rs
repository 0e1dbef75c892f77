//! How long requests took, by method, route template and status class. The table of routes bounds how many series there are:
//! what has no route, such as the files of the web application, is told together.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::Response,
};

use super::{family, text::Exposition};
use crate::app::App;

/// Upper bounds of the buckets, in seconds, and how they are written.
const BOUNDS: [(f64, &str); 9] = [
    (0.001, "0.001"),
    (0.005, "0.005"),
    (0.01, "0.01"),
    (0.05, "0.05"),
    (0.1, "0.1"),
    (0.5, "0.5"),
    (1.0, "1.0"),
    (5.0, "5.0"),
    (30.0, "30.0"),
];

/// What has no route of its own.
const NO_ROUTE: &str = "other";

/// How long requests took since start.
#[derive(Debug, Default)]
pub(crate) struct RequestTimes(Mutex<BTreeMap<Series, Histogram>>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    route: String,
    method: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Histogram {
    /// Not cumulated; the last one has no bound.
    buckets: [u64; BOUNDS.len() + 1],
    seconds: f64,
}

impl RequestTimes {
    fn note(&self, series: Series, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.iter().position(|(bound, _)| seconds <= *bound).unwrap_or(BOUNDS.len());
        // Counts are valid whatever happened between two of them.
        let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = times.entry(series).or_default();
        histogram.buckets[bucket] += 1;
        histogram.seconds += seconds;
    }

    /// Writes the family.
    pub(super) fn write(&self, text: &mut Exposition, out: &mut String) {
        let times = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        text.begin(&family::REQUESTS, out);
        for (Series { route, method, status }, histogram) in &times {
            let labels = [("method", *method), ("route", route.as_str()), ("status", *status)];
            let bounds = BOUNDS.iter().map(|(_, written)| *written);
            text.histogram(&family::REQUESTS, &labels, (&histogram.buckets, bounds, histogram.seconds), out);
        }
    }
}

/// The layer that takes the time.
pub(crate) async fn measure(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or(NO_ROUTE, MatchedPath::as_str).to_owned();
    let method = method_name(request.method());
    let started = app.clock().monotonic();
    let response = next.run(request).await;
    let took = app.clock().monotonic().saturating_sub(started);
    app.request_times().note(Series { route, method, status: class(response.status()) }, took);
    response
}

/// Clients may send any word as a method.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => NO_ROUTE,
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use super::{super::text::Format, *};

    #[test]
    fn buckets_cumulate() {
        let times = RequestTimes::default();
        let series = || Series { route: "/api/state".into(), method: "GET", status: "2xx" };
        for millis in [1, 3, 300, 60_000] {
            times.note(series(), Duration::from_millis(millis));
        }
        let mut out = String::new();
        times.write(&mut Exposition::new(Format::Prometheus), &mut out);
        let has = |end: &str, value: &str| {
            let line = out.lines().find(|line| line.contains(end)).unwrap_or_else(|| panic!("no {end} in {out}"));
            assert!(line.ends_with(value), "{line}");
        };
        has("le=\"0.001\"", " 1");
        has("le=\"0.005\"", " 2");
        has("le=\"0.5\"", " 3");
        has("le=\"30.0\"", " 3");
        has("le=\"+Inf\"", " 4");
        has("_count", " 4");
        has("_sum", " 60.304");
    }
}
