//! How long a node's certificate is still good.

use jiff::{SignedDuration, Timestamp};
use muster_model::CertificateState;

/// How long before its end somebody is told.
const SOON: SignedDuration = SignedDuration::from_hours(21 * 24);

/// How long a certificate with this end is still good.
pub(crate) fn state(not_after: Timestamp, now: Timestamp) -> CertificateState {
    match not_after.duration_since(now) {
        left if left <= SignedDuration::ZERO => CertificateState::Expired,
        left if left < SOON => CertificateState::EndsSoon,
        _ => CertificateState::Good,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_weeks_before_its_end_it_ends_soon() {
        let day = 24 * 3600;
        let check = |days: i64, expected| {
            let at = |second| Timestamp::from_second(second).unwrap();
            assert_eq!(state(at(1_767_225_600 + days * day), at(1_767_225_600)), expected, "{days}");
        };
        check(-1, CertificateState::Expired);
        check(0, CertificateState::Expired);
        check(20, CertificateState::EndsSoon);
        check(21, CertificateState::Good);
    }
}
