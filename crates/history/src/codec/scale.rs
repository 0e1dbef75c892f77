//! Values as whole numbers, exactly and back again.
//!
//! Values arrive rounded to their metric's precision, so that nearly all are a whole number of steps. The few that are
//! not (too large, or written before the precision changed) say so, and are stored as they are.

use muster_model::{Metric, Precision};

/// Whole numbers up to here have an exact double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The powers of ten that have an exact double, so that one multiplication or division by one is correctly rounded.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// The greatest of them.
const EXACT_POWER: i32 = 22;

/// How a metric's values map to whole numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    /// The value is the number.
    Whole,
    /// So many steps to a unit.
    PerUnit(f64),
    /// So many units to a step.
    Step(f64),
    /// Numbers of so many decimal digits, in ascending order: neighbours in it are neighbours in value, near 0 as near
    /// a billion, so that a rate that changes by some percent changes by few steps.
    Digits(u32),
}

impl Scale {
    pub(crate) fn of(metric: Metric) -> Self {
        match metric.precision() {
            Precision::Exact => Self::Whole,
            Precision::Decimal { per_unit } => Self::PerUnit(per_unit),
            Precision::Step { units } => Self::Step(units),
            Precision::Significant { digits } => Self::Digits(u32::from(digits.clamp(1, 9))),
        }
    }

    /// The number that stands for the value, if exactly this value comes back from it.
    pub(crate) fn number(self, value: f64) -> Option<i64> {
        let number = match self {
            Self::Whole => whole(value),
            Self::PerUnit(steps) => whole((value * steps).round()),
            Self::Step(units) => whole((value / units).round()),
            Self::Digits(digits) => ordinal(value, digits),
        }?;
        (self.value(number).to_bits() == value.to_bits()).then_some(number)
    }

    /// The value behind a number.
    pub(crate) fn value(self, number: i64) -> f64 {
        match self {
            Self::Whole => number as f64,
            Self::PerUnit(steps) => number as f64 / steps,
            Self::Step(units) => number as f64 * units,
            Self::Digits(digits) => nth(number, digits),
        }
    }
}

fn whole(value: f64) -> Option<i64> {
    (value.abs() < EXACT && value.fract() == 0.0).then_some(value as i64)
}

/// The place of a value among all numbers of so many digits: 0 is 0, negative values mirror positive ones.
fn ordinal(value: f64, digits: u32) -> Option<i64> {
    if value == 0.0 {
        return Some(0);
    }
    let lowest = 10_i64.pow(digits - 1);
    let mut power = value.abs().log10().floor() as i32 - (digits as i32 - 1);
    if power.abs() > EXACT_POWER {
        return None;
    }
    let mut mantissa = shift(value.abs(), -power).round() as i64;
    // The logarithm may be off by one next to a power of ten.
    if mantissa >= lowest * 10 {
        mantissa = lowest;
        power += 1;
    }
    if mantissa < lowest || power > EXACT_POWER {
        return None;
    }
    let place = i64::from(power + EXACT_POWER) * lowest * 9 + (mantissa - lowest) + 1;
    Some(if value < 0.0 { -place } else { place })
}

/// Undoes [`ordinal`]. A number that stands for no value gives one all the same: what is asked for was checksummed.
fn nth(number: i64, digits: u32) -> f64 {
    if number == 0 {
        return 0.0;
    }
    let lowest = 10_i64.pow(digits - 1);
    let place = number.unsigned_abs().min(i64::MAX as u64) as i64 - 1;
    let power = i32::try_from(place / (lowest * 9)).unwrap_or(i32::MAX).min(2 * EXACT_POWER) - EXACT_POWER;
    let mantissa = place % (lowest * 9) + lowest;
    let value = shift(mantissa as f64, power);
    if number < 0 { -value } else { value }
}

/// Multiplies by an exact power of ten, correctly rounded.
fn shift(value: f64, power: i32) -> f64 {
    let factor = POWERS[power.unsigned_abs() as usize];
    if power < 0 { value / factor } else { value * factor }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_metric_stores_is_a_whole_number_of_steps() {
        let check = |metric: Metric, value: f64, near: f64| {
            let scale = Scale::of(metric);
            let number = |value| scale.number(metric.precision().apply(value)).unwrap();
            let distance = (number(value) - number(near)).abs();
            assert!((1..=63).contains(&distance), "{metric}: {value} and {near} are {distance} steps apart");
        };
        check(Metric::Cpu, 12.34, 13.0);
        check(Metric::MemoryUsed, 8e9, 8e9 + 40_960.0);
        check(Metric::NetIn, 123_456.7, 130_000.0);
        check(Metric::NetIn, 0.0123, 0.0125);
        check(Metric::SmartPowerOnHours, 12_345.0, 12_346.0);
    }

    #[test]
    fn what_is_no_whole_number_of_steps_is_left_alone() {
        for value in [0.123_456, 1e300, -0.0, f64::INFINITY] {
            assert_eq!(Scale::of(Metric::Cpu).number(value), None, "{value}");
            assert_eq!(Scale::of(Metric::NetIn).number(value).filter(|_| value != 0.0), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_value_comes_back_exactly_or_is_refused(value: f64) {
            for metric in Metric::ALL {
                let (scale, rounded) = (Scale::of(*metric), metric.precision().apply(value));
                if let Some(number) = scale.number(rounded) {
                    prop_assert_eq!(scale.value(number).to_bits(), rounded.to_bits());
                }
            }
        }

        #[test]
        fn everyday_values_are_never_refused(value in -1e12..1e12f64) {
            for metric in Metric::ALL {
                let rounded = metric.precision().apply(value) + 0.0;
                let exact_fraction = metric.precision() == Precision::Exact && rounded.fract() != 0.0;
                prop_assert!(exact_fraction || Scale::of(*metric).number(rounded).is_some(), "{} {}", metric, rounded);
            }
        }

        #[test]
        fn any_number_gives_a_value(number: i64) {
            for metric in Metric::ALL {
                prop_assert!(Scale::of(*metric).value(number).is_finite());
            }
        }
    }
}
