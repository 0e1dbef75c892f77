//! Which of its forms a client wants an answer in.

use axum::http::{HeaderMap, header::ACCEPT};

/// Whether a client prefers comma-separated values to JSON: it names `text/csv`, and not JSON before it or with more
/// weight.
pub(crate) fn prefers_csv(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut best: Option<(bool, f32)> = None;
    for (media, weight) in lists.flat_map(|list| list.split(',')).map(media_range) {
        let is_csv = media.eq_ignore_ascii_case("text/csv");
        let is_json = media.eq_ignore_ascii_case("application/json");
        if (is_csv || is_json) && weight > best.map_or(0.0, |(_, weight)| weight) {
            best = Some((is_csv, weight));
        }
    }
    best.is_some_and(|(is_csv, _)| is_csv)
}

fn media_range(range: &str) -> (&str, f32) {
    let mut parts = range.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |weight| weight.parse().ok());
    (media, weight.unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_is_sent_to_those_who_ask_for_it() {
        let check = |accept: &str, expected| {
            let headers = HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]);
            assert_eq!(prefers_csv(&headers), expected, "{accept}");
        };
        check("text/csv", true);
        check("Text/CSV; charset=utf-8, */*", true);
        check("application/json, text/csv", false);
        check("application/json;q=0.5, text/csv;q=0.9", true);
        check("text/csv;q=0", false);
        check("*/*", false);
        assert!(!prefers_csv(&HeaderMap::new()));
    }
}
