//! Values as whole numbers, exactly and back again.
//!
//! Values arrive rounded to their metric's precision, so that nearly all are a whole number of steps. The few that are
//! not (too large, or written before the precision changed) say so, and are stored as they are.

use muster_model::{Decimal, Metric, Precision, round_to_whole};

use super::bytes::{Malformed, Reader, put_number};
use crate::options::Rounding;

/// Whole numbers up to here have an exact double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Sums of values of so many digits are kept in thousandths.
const PER_UNIT_OF_DIGITS: f64 = 1000.0;

// The kinds as stored.
const WHOLE: u8 = 0;
const PER_UNIT: u8 = 1;
const STEP: u8 = 2;
const DIGITS: u8 = 3;

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
    Digits(u8),
    /// Nothing is known of the values but that every bit counts. Those that happen to be whole are numbers.
    Exact,
}

impl Scale {
    /// The scale of a metric's values at its declared precision.
    pub(crate) fn of(metric: Metric) -> Self {
        match metric.precision() {
            Precision::Exact => Self::Whole,
            Precision::Decimal { per_unit } => Self::PerUnit(per_unit),
            Precision::Step { units } => Self::Step(units),
            Precision::Significant { digits } => Self::Digits(digits.clamp(1, Decimal::MOST_DIGITS)),
        }
    }

    /// The scale of the values of a stored metric, which a newer version may have named.
    pub(crate) fn of_code(code: u8, rounding: Rounding) -> Self {
        match rounding {
            Rounding::Declared => Metric::from_code(code).map_or(Self::Whole, Self::of),
            Rounding::Exact => Self::Exact,
        }
    }

    /// The number that stands for the value, if exactly this value comes back from it.
    #[inline]
    pub(crate) fn number(self, value: f64) -> Option<i64> {
        let number = match self {
            Self::Whole | Self::Exact => whole(value),
            Self::PerUnit(_) | Self::Step(_) => whole(self.steps(value)),
            Self::Digits(digits) => return ordinal(value, digits),
        }?;
        (self.value(number).to_bits() == value.to_bits()).then_some(number)
    }

    /// The value behind a number.
    #[inline]
    pub(crate) fn value(self, number: i64) -> f64 {
        match self {
            Self::Whole | Self::Exact => number as f64,
            Self::PerUnit(steps) => number as f64 / steps,
            Self::Step(units) => number as f64 * units,
            Self::Digits(digits) => nth(number, digits),
        }
    }

    /// The numbers that stand for all of the values, if each has one.
    pub(crate) fn numbers(self, values: &[f64]) -> Option<Vec<i64>> {
        values.iter().map(|value| self.number(*value)).collect()
    }

    /// The values behind numbers, in their place.
    pub(crate) fn values(self, numbers: Vec<i64>) -> Vec<f64> {
        let numbers = numbers.into_iter();
        match self {
            Self::Whole | Self::Exact => numbers.map(|number| number as f64).collect(),
            Self::PerUnit(steps) => numbers.map(|number| number as f64 / steps).collect(),
            Self::Step(units) => numbers.map(|number| number as f64 * units).collect(),
            Self::Digits(digits) => numbers.map(|number| nth(number, digits)).collect(),
        }
    }

    /// The value as a whole number of the finest fixed step that its sums are kept in. Sums of less than 2^53 steps are
    /// exact, so that they do not depend on the order of adding.
    #[inline]
    pub(crate) fn steps(self, value: f64) -> f64 {
        match self {
            Self::Whole | Self::Exact => value,
            Self::PerUnit(steps) => round_to_whole(value * steps),
            Self::Step(units) => round_to_whole(value / units),
            Self::Digits(_) => steps_of_digits(value),
        }
    }

    /// The sum of the steps of values, added up in their order.
    pub(crate) fn sum_of_steps(self, values: &[f64]) -> f64 {
        match self {
            Self::Whole | Self::Exact => values[1..].iter().fold(values[0], |sum, value| sum + value),
            Self::PerUnit(steps) => sum_by(values, |value| round_to_whole(value * steps)),
            Self::Step(units) => sum_by(values, |value| round_to_whole(value / units)),
            Self::Digits(_) => sum_by(values, steps_of_digits),
        }
    }

    /// Undoes [`Scale::steps`].
    #[inline]
    pub(crate) fn unsteps(self, steps: f64) -> f64 {
        match self {
            Self::Whole | Self::Exact => steps,
            Self::PerUnit(to_a_unit) => steps / to_a_unit,
            Self::Step(units) => steps * units,
            Self::Digits(_) => steps / PER_UNIT_OF_DIGITS,
        }
    }

    /// Appends the scale: its kind, then its parameter where it has one. Exact is stored as whole, which reads the same.
    /// A scale whose parameter is no whole number cannot be stored.
    pub(crate) fn put(self, out: &mut Vec<u8>) {
        let (kind, parameter) = match self {
            Self::Whole | Self::Exact => return out.push(WHOLE),
            Self::PerUnit(steps) => (PER_UNIT, steps as u64),
            Self::Step(units) => (STEP, units as u64),
            Self::Digits(digits) => (DIGITS, u64::from(digits)),
        };
        out.push(kind);
        put_number(out, parameter);
    }

    /// Reads a scale.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let [kind] = reader.array()?;
        if kind == WHOLE {
            return Ok(Self::Whole);
        }
        let parameter = reader.number()?;
        match (kind, u8::try_from(parameter)) {
            (PER_UNIT, _) if parameter > 0 => Ok(Self::PerUnit(parameter as f64)),
            (STEP, _) if parameter > 0 => Ok(Self::Step(parameter as f64)),
            (DIGITS, Ok(digits @ 1..=Decimal::MOST_DIGITS)) => Ok(Self::Digits(digits)),
            _ => Err(Malformed("it has an unknown scale")),
        }
    }
}

fn sum_by(values: &[f64], steps: impl Fn(f64) -> f64) -> f64 {
    values[1..].iter().fold(steps(values[0]), |sum, value| sum + steps(*value))
}

fn whole(value: f64) -> Option<i64> {
    let number = value as i64;
    (value.abs() < EXACT && (number as f64).to_bits() == value.to_bits()).then_some(number)
}

/// The place of a value among all numbers of so many digits: 0 is 0, negative values mirror positive ones.
fn ordinal(value: f64, digits: u8) -> Option<i64> {
    if value == 0.0 {
        return value.is_sign_positive().then_some(0);
    }
    let decimal = Decimal::nearest(value, digits)?;
    let lowest = lowest(digits);
    let place = i64::from(decimal.power() + Decimal::FURTHEST_POWER) * (lowest * 9) + i64::from(decimal.mantissa())
        - lowest
        + 1;
    let is_exact = decimal.value().to_bits() == value.abs().to_bits();
    is_exact.then_some(if value < 0.0 { -place } else { place })
}

/// The whole number of steps that a value of few digits is added up as.
#[inline]
pub(super) fn steps_of_digits(value: f64) -> f64 {
    round_to_whole(value * PER_UNIT_OF_DIGITS)
}

/// Undoes [`ordinal`]. A number that stands for no value gives one all the same: what is asked for was checksummed.
#[inline]
pub(super) fn nth(number: i64, digits: u8) -> f64 {
    if number == 0 {
        return 0.0;
    }
    let value = magnitude(number, digits).value();
    if number < 0 { -value } else { value }
}

/// A number's value, and the steps that it is added up as.
#[inline]
pub(super) fn nth_in_steps(number: i64, digits: u8) -> (f64, i64) {
    if number == 0 {
        return (0.0, 0);
    }
    let magnitude = magnitude(number, digits);
    let (value, thousandths) = (magnitude.value(), magnitude.thousandths());
    let (value, thousandths) = if number < 0 { (-value, thousandths.map(|it| -it)) } else { (value, thousandths) };
    (value, thousandths.unwrap_or_else(|| steps_of_digits(value) as i64))
}

#[inline]
fn magnitude(number: i64, digits: u8) -> Decimal {
    let decade = lowest(digits) as u64 * 9;
    let place = number.unsigned_abs() - 1;
    // All metrics of few digits have three: a division by what the compiler knows takes a fraction of the time.
    let power = if decade == 900 { place / 900 } else { place / decade };
    let rest = (place - power * decade) as u32;
    let power = power.min(2 * Decimal::FURTHEST_POWER as u64) as i32 - Decimal::FURTHEST_POWER;
    Decimal::new(rest + lowest(digits) as u32, power)
}

/// The lowest number of so many digits.
fn lowest(digits: u8) -> i64 {
    const LOWEST: [i64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
    LOWEST[usize::from(digits.clamp(1, Decimal::MOST_DIGITS)) - 1]
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

    #[test]
    fn a_stored_scale_is_the_same_scale() {
        let check = |scale: Scale, expected| {
            let mut bytes = Vec::new();
            scale.put(&mut bytes);
            assert_eq!(Scale::read(&mut Reader::new(&bytes)), Ok(expected));
        };
        for metric in Metric::ALL {
            check(Scale::of(*metric), Scale::of(*metric));
            check(Scale::of_code(metric.code(), Rounding::Exact), Scale::Whole);
        }
        check(Scale::of_code(255, Rounding::Declared), Scale::Whole);
        for bytes in [&[][..], &[4, 1], &[PER_UNIT, 0], &[STEP, 0], &[DIGITS, 10], &[DIGITS, 0]] {
            assert!(Scale::read(&mut Reader::new(bytes)).is_err(), "{bytes:?}");
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

        #[test]
        fn numbers_of_few_digits_are_in_the_order_of_their_values(a in -40_000..40_000i64, b in -40_000..40_000i64) {
            let scale = Scale::Digits(3);
            prop_assert_eq!(a.cmp(&b), scale.value(a).total_cmp(&scale.value(b)));
            prop_assert_eq!(scale.number(scale.value(a)), Some(a));
        }

        #[test]
        fn steps_of_a_number_are_those_of_its_value(number in -50_000..50_000i64, digits in 1..=9_u8) {
            let value = nth(number, digits);
            prop_assert_eq!(nth_in_steps(number, digits), (value, steps_of_digits(value) as i64));
        }

        #[test]
        fn steps_lead_back_to_what_a_metric_stores(value in -1e9..1e9f64) {
            for metric in Metric::ALL {
                let (scale, rounded) = (Scale::of(*metric), metric.precision().apply(value) + 0.0);
                if scale != Scale::Digits(3) || rounded.abs() >= 0.1 {
                    prop_assert_eq!(scale.unsteps(scale.steps(rounded)), rounded, "{}", metric);
                }
            }
        }
    }
}
