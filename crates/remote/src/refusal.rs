//! What a refusal says: its text, made safe to show, and how long to stay away.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{
    StatusCode,
    header::{DATE, HeaderMap, HeaderName, RETRY_AFTER},
};
use serde::Deserialize;

/// As much of a refusal as is shown.
const SHOWN_CHARACTERS: usize = 300;

/// The query API's form of a refusal.
#[derive(Deserialize)]
struct ApiError {
    error: String,
}

/// The text of a refusal on one line: from the query API's form or as it is; never empty.
pub(crate) fn safe_text(status: StatusCode, body: &[u8]) -> String {
    let text = match serde_json::from_slice::<ApiError>(body) {
        Ok(api) => api.error,
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    let printable = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let shown: String = printable.take(SHOWN_CHARACTERS).collect();
    match shown.trim() {
        "" => status.canonical_reason().unwrap_or("no reason given").to_owned(),
        shown => shown.to_owned(),
    }
}

/// How long the remote wants to be left alone. A date is compared with the answer's own date, so that the two clocks need
/// not agree.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = date(headers, RETRY_AFTER)?;
    Some(Duration::try_from(until.duration_since(date(headers, DATE)?)).unwrap_or_default())
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<Timestamp> {
    let text = headers.get(name)?.to_str().ok()?;
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_short_and_on_one_line() {
        let check = |body: &str, text: &str| assert_eq!(safe_text(StatusCode::BAD_GATEWAY, body.as_bytes()), text);
        check("out of order sample\n", "out of order sample");
        check("a\u{1b}[31mb\r\nc", "a [31mb  c");
        check("", "Bad Gateway");
        check("{\"status\":\"error\",\"error\":\"too many samples\"}", "too many samples");
        assert_eq!(safe_text(StatusCode::BAD_GATEWAY, &[b'x'; 9_999]).len(), SHOWN_CHARACTERS);
    }

    #[test]
    fn waits_are_seconds_or_a_date() {
        let check = |pairs: &[(HeaderName, &str)], seconds: Option<u64>| {
            let headers = pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
            assert_eq!(retry_after(&headers), seconds.map(Duration::from_secs), "{pairs:?}");
        };
        check(&[], None);
        check(&[(RETRY_AFTER, "7")], Some(7));
        check(&[(RETRY_AFTER, "soon")], None);
        let (date, later) = ("Sat, 21 Nov 2026 09:00:00 GMT", "Sat, 21 Nov 2026 09:01:30 GMT");
        check(&[(RETRY_AFTER, later), (DATE, date)], Some(90));
        check(&[(RETRY_AFTER, date), (DATE, later)], Some(0));
        check(&[(RETRY_AFTER, later)], None);
    }
}
