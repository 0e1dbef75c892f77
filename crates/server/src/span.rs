//! Spans of time as people write them: `24h`, or from and to.

use jiff::{SignedDuration, Timestamp};
use muster_history::{Retention, Tier};

use crate::problem::ApiError;

/// The shortest span that shows anything: two ticks of the grid, generously.
const SHORTEST: SignedDuration = SignedDuration::from_secs(60);

/// The longest span that anything may be kept for.
fn longest() -> SignedDuration {
    *Retention::limits(Tier::Hour).end()
}

/// A span that is not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

impl Span {
    /// A span that ends now.
    pub(crate) fn until(now: Timestamp, range: &str) -> Result<Self, ApiError> {
        let length = parse_range("range", range)?;
        let from = now.checked_sub(length).map_err(|_| too_long("range"))?;
        Ok(Self { from, to: now })
    }

    /// All that may be kept until now.
    pub(crate) fn everything(now: Timestamp) -> Self {
        Self { from: now.checked_sub(longest()).unwrap_or(Timestamp::MIN), to: now }
    }

    /// `range`, or `from` and `to`; `default` when neither is given.
    pub(crate) fn read(
        range: Option<&str>,
        from: Option<&str>,
        to: Option<&str>,
        now: Timestamp,
        default: &str,
    ) -> Result<Self, ApiError> {
        Self::given(range, from, to, now)?.map_or_else(|| Self::until(now, default), Ok)
    }

    /// `range`, or `from` and `to`; `None` when neither is given.
    pub(crate) fn given(
        range: Option<&str>,
        from: Option<&str>,
        to: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Self>, ApiError> {
        match (range, from, to) {
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
                Err(ApiError::query("range", "goes without `from` and `to`; send one or the other"))
            }
            (Some(range), None, None) => Self::until(now, range).map(Some),
            (None, None, None) => Ok(None),
            (None, None, Some(_)) => Err(ApiError::query("to", "goes with `from`")),
            (None, Some(from), to) => {
                let to = to.map(|to| parse_time("to", to)).transpose()?.unwrap_or(now);
                Self::between(parse_time("from", from)?, to).map(Some)
            }
        }
    }

    fn between(from: Timestamp, to: Timestamp) -> Result<Self, ApiError> {
        let length = to.duration_since(from);
        if length <= SignedDuration::ZERO {
            return Err(ApiError::query("from", format!("{from} is not before the end of the span, {to}")));
        }
        if length > longest() {
            return Err(too_long("from"));
        }
        Ok(Self { from, to })
    }
}

fn too_long(field: &str) -> ApiError {
    ApiError::query(field, "the span is longer than 100 years")
}

/// Reads a time; the refusal names the parameter.
pub(crate) fn parse_time(field: &str, text: &str) -> Result<Timestamp, ApiError> {
    text.parse().map_err(|_| ApiError::query(field, "use a time such as 2026-01-31T12:00:00Z"))
}

/// Reads the length of a span, such as `24h`; the refusal names the parameter.
pub(crate) fn parse_range(field: &str, text: &str) -> Result<SignedDuration, ApiError> {
    let length = parse_length(text).filter(|length| (SHORTEST..=longest()).contains(length));
    length.ok_or_else(|| ApiError::query(field, "use a number and s, m, h, d or y, from 1m to 100y, such as 24h"))
}

/// A number and a unit, however long that is. A year has 365 days.
pub(crate) fn parse_length(text: &str) -> Option<SignedDuration> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let count: i64 = digits.parse().ok()?;
    let seconds = match &text[digits.len()..] {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        "y" => 365 * 24 * 3600,
        _ => return None,
    };
    count.checked_mul(seconds).map(SignedDuration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    #[test]
    fn ranges_are_read() {
        let check = |text: &str, hours: Option<i64>| {
            let length = Span::until(NOW, text).ok().map(|span| span.to.duration_since(span.from).as_hours());
            assert_eq!(length, hours, "{text}");
        };
        check("24h", Some(24));
        check(" 7d ", Some(168));
        check("120m", Some(2));
        check("7200s", Some(2));
        check("1y", Some(8760));
        // As far back as the configuration lets anything be kept.
        check("100y", Some(876_000));
        assert_eq!(Span::until(NOW, "100y").unwrap(), Span::everything(NOW));
        for bad in ["", "h", "24", "24w", "-1h", "0h", "59s", "101y", "9223372036854775807y", "1h30m"] {
            check(bad, None);
        }
    }

    #[test]
    fn a_range_excludes_from_and_to() {
        let read = |range, from, to| Span::read(range, from, to, NOW, "24h");
        let (early, late) = (Some("2026-01-01T00:00:00Z"), Some("2026-01-02T00:00:00Z"));
        assert_eq!(read(None, None, None).unwrap().to, NOW);
        assert_eq!(read(None, early, late).unwrap().to.to_string(), "2026-01-02T00:00:00Z");
        assert_eq!(read(None, early, None).unwrap().to, NOW);
        for error in [read(Some("1h"), early, None), read(None, None, late), read(None, late, early)] {
            assert!(error.is_err());
        }
    }
}
