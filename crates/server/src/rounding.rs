//! How exactly numbers leave: one digit more than they are stored with, so that an average is worth its characters.
//!
//! Presentation only; nothing rounded here is computed with or stored.

use muster_api::Values;
use muster_model::{Decimal, Metric, Precision};

/// A column of a metric's values.
pub(crate) fn column(metric: Metric, mut values: Vec<Option<f64>>) -> Values {
    for value in values.iter_mut().flatten() {
        *value = number(metric, *value);
    }
    Values(values)
}

/// One value of a metric.
pub(crate) fn number(metric: Metric, value: f64) -> f64 {
    match metric.precision() {
        Precision::Exact => value,
        // Exact in the decimal digits that are left: a whole number divided by a power of ten.
        Precision::Decimal { per_unit } => (value * per_unit * 10.0).round() / (per_unit * 10.0),
        // An eighth of a step of bytes is a whole number of bytes; a tenth would not be.
        Precision::Step { units } => (value / (units / 8.0)).round() * (units / 8.0),
        Precision::Significant { digits } => significant(value, digits + 1),
    }
}

fn significant(value: f64, digits: u8) -> f64 {
    match Decimal::nearest(value, digits) {
        Some(decimal) => decimal.value().copysign(value),
        None => in_between(value, i32::from(digits)),
    }
}

/// The same for what lies about halfway between two numbers of so many digits, or very far from 1.
fn in_between(value: f64, digits: i32) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the magnitude of a double is below 400")]
    let shift = digits - 1 - value.abs().log10().floor() as i32;
    // Powers of ten up to 10^22 are exact, so what is divided by one is the nearest double to its decimal text.
    if shift >= 0 {
        let scale = 10f64.powi(shift);
        (value * scale).round() / scale
    } else {
        let scale = 10f64.powi(-shift);
        (value / scale).round() * scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_digit_more_than_stored_is_kept() {
        let check =
            |metric, value, expected: &str| assert_eq!(format!("{}", number(metric, value)), expected, "{metric}");
        check(Metric::Cpu, 100.0 / 3.0, "33.33");
        check(Metric::Load1, 2.0 / 3.0, "0.667");
        check(Metric::NetIn, 123_456.789, "123500");
        check(Metric::NetIn, 0.001_234_56, "0.001235");
        check(Metric::NetIn, 0.0, "0");
        check(Metric::NetIn, -123_456.789, "-123500");
        check(Metric::NetIn, 12_345.0, "12350");
        check(Metric::NetIn, 9_999.5, "10000");
        check(Metric::Used, 8192.0 / 3.0, "2560");
        check(Metric::SmartPowerOnHours, 12_345.0, "12345");
        check(Metric::Temperature, -1.0 / 3.0, "-0.33");
    }

    #[test]
    fn stored_values_pass_unchanged() {
        for metric in Metric::ALL {
            for value in [0.0, 0.1, 73.7, 99.9, 4096.0, 123_000.0, 1.23e9] {
                let stored = metric.precision().apply(value);
                assert_eq!(number(*metric, stored), stored, "{metric}");
            }
        }
    }
}
