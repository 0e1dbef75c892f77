//! When memory covers a window well enough to answer alone.

use jiff::SignedDuration;

/// Whether samples that span so much cover a window: at least three quarters of it, less a tenth of it or two minutes,
/// whichever is shorter.
pub(crate) fn covers(window: SignedDuration, span: SignedDuration) -> bool {
    let tolerance = (window / 10).min(SignedDuration::from_mins(2));
    span >= window / 4 * 3 - tolerance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_quarters_less_a_little_suffice() {
        //
        let check = |window, span, expected| {
            assert_eq!(
                covers(SignedDuration::from_mins(window), SignedDuration::from_mins(span)),
                expected,
                "{span} of {window}"
            );
        };
        check(60, 45, true);
        check(60, 43, true);
        check(60, 42, false);
        check(60, 40, false);
        check(8, 6, true);
        check(8, 5, false);
        check(24 * 60, 18 * 60 - 2, true);
        check(24 * 60, 18 * 60 - 3, false);
    }
}
