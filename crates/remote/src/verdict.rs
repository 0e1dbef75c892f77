//! What a failed call means for the samples in question. Pure: the shipper asks, and acts.

use std::time::Duration;

use crate::error::RemoteError;

/// What to do after a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It passes by itself, and whether the samples were taken is unknown: look before writing them again.
    Unknown {
        /// How long the remote wants to be left alone.
        after: Option<Duration>,
    },
    /// It passes by itself, and the samples were not taken.
    Later {
        /// How long the remote wants to be left alone.
        after: Option<Duration>,
    },
    /// The remote does not want some of the samples.
    Samples,
    /// The request is too large; a smaller one may pass.
    TooBig,
    /// Somebody must do something first.
    Stop,
}

/// How servers say that it is a sample they refuse: too old, out of order, or another value for the same time. Every other
/// 400 may be the fault of a setting or a proxy and must cost no sample.
const SAMPLE_WORDS: &[&str] =
    &["out of order", "out-of-order", "out of bounds", "out-of-bounds", "too old", "too-old", "duplicate sample"];

/// Judges a failed call.
pub(crate) fn verdict(error: &RemoteError) -> Verdict {
    match error {
        RemoteError::Unreachable { .. } => Verdict::Unknown { after: None },
        RemoteError::Unauthorised { .. } => Verdict::Stop,
        RemoteError::Refused { status, text, retry_after, .. } => of_status(*status, text, *retry_after),
        RemoteError::Malformed { .. } | RemoteError::TooLarge { .. } => Verdict::Unknown { after: None },
    }
}

fn of_status(status: u16, text: &str, retry_after: Option<Duration>) -> Verdict {
    match status {
        // Receivers say it with 400 or 409, and one of Prometheus' own refusals comes as 500.
        400 | 409 | 500 if speaks_of_samples(text) => Verdict::Samples,
        413 => Verdict::TooBig,
        429 => Verdict::Later { after: retry_after },
        408 | 500.. => Verdict::Unknown { after: retry_after },
        _ => Verdict::Stop,
    }
}

fn speaks_of_samples(text: &str) -> bool {
    let text = text.to_lowercase();
    SAMPLE_WORDS.iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_apart() {
        let check = |status, text, verdict| assert_eq!(of_status(status, text, None), verdict, "{status} {text}");
        let (unknown, later) = (Verdict::Unknown { after: None }, Verdict::Later { after: None });
        check(400, "out of order sample", Verdict::Samples);
        check(400, "Out of bounds", Verdict::Samples);
        check(400, "sample too old", Verdict::Samples);
        check(409, "out of order", Verdict::Samples);
        check(400, "snappy: corrupt input", Verdict::Stop);
        check(404, "remote write receiver is not enabled", Verdict::Stop);
        check(302, "Found", Verdict::Stop);
        check(413, "too large", Verdict::TooBig);
        check(429, "slow down", later);
        check(500, "too old sample", Verdict::Samples);
        check(500, "disk full", unknown);
        check(503, "", unknown);
    }
}
