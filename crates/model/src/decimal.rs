//! Decimal numbers of a few digits, and the doubles nearest to them.
//!
//! [`Precision`](crate::Precision) rounds with them, and history numbers the values of a metric by them. Whatever cannot
//! be answered exactly by one multiplication or division is refused, so that the caller takes the long way round.

/// The powers of ten that have an exact double, so that one multiplication or division by one is correctly rounded.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// The powers of ten that any mantissa can be multiplied by in 64 bits.
const WHOLE_POWERS: [i64; 10] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

/// Doubles up to here, and a little beyond, have room for a fraction bit.
const ROUNDABLE: f64 = 2_251_799_813_685_248.0;

/// A positive decimal number: `mantissa × 10^power`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    mantissa: u32,
    power: i32,
}

impl Decimal {
    /// The furthest power of ten from 0, either way.
    pub const FURTHEST_POWER: i32 = 22;

    /// The most digits of a mantissa.
    pub const MOST_DIGITS: u8 = 9;

    /// The number of this mantissa and power; a power beyond [`Decimal::FURTHEST_POWER`] is taken for that.
    #[inline]
    pub fn new(mantissa: u32, power: i32) -> Self {
        Self { mantissa, power: power.clamp(-Self::FURTHEST_POWER, Self::FURTHEST_POWER) }
    }

    /// The decimal number of exactly so many digits, 1 to [`Decimal::MOST_DIGITS`], that is nearest to the magnitude of
    /// a value. None for 0, for what is not finite or too far from 1, and when two numbers are about equally near.
    #[inline]
    pub fn nearest(value: f64, digits: u8) -> Option<Self> {
        if !(1..=Self::MOST_DIGITS).contains(&digits) {
            return None;
        }
        let (magnitude, below) = (value.abs(), i32::from(digits) - 1);
        let lowest = POWERS[usize::from(digits) - 1];
        let mut power = (magnitude_power(magnitude) - below).clamp(-Self::FURTHEST_POWER, Self::FURTHEST_POWER);
        let mut scaled = shift(magnitude, -power)?;
        // The estimate may be off by one next to a power of ten, and so may rounding.
        if scaled >= lowest * 10.0 - 0.5 {
            power += 1;
            scaled = shift(magnitude, -power)?;
        } else if scaled < lowest - 0.05 {
            power -= 1;
            scaled = shift(magnitude, -power)?;
        }
        let mantissa = round_to_whole(scaled);
        let is_settled = (scaled - mantissa).abs() < 0.499_999;
        is_settled.then_some(Self { mantissa: mantissa as u32, power })
    }

    /// The digits as a whole number.
    #[inline]
    pub fn mantissa(self) -> u32 {
        self.mantissa
    }

    /// The power of ten that the mantissa is multiplied by.
    #[inline]
    pub fn power(self) -> i32 {
        self.power
    }

    /// The nearest double.
    #[inline]
    pub fn value(self) -> f64 {
        shift(f64::from(self.mantissa), self.power).expect("a power is at most the furthest")
    }

    /// How many thousandths it is, the same as [`round_to_whole`] of a thousand times its value but without any doubles.
    /// None where that is not told so easily: of what is very small or very large.
    #[inline]
    pub fn thousandths(self) -> Option<i64> {
        let power = usize::try_from(self.power + 3).ok()?;
        let thousandths = i64::from(self.mantissa) * WHOLE_POWERS.get(power)?;
        (thousandths < ROUNDABLE as i64).then_some(thousandths)
    }
}

/// Rounds to the nearest whole number, ties to the even one: the same as `round_ties_even`, in two additions where the
/// processor that is compiled for has no instruction for it.
#[inline]
pub fn round_to_whole(value: f64) -> f64 {
    const SHIFT: f64 = 3.0 * ROUNDABLE;
    if value.abs() < ROUNDABLE { ((value.abs() + SHIFT) - SHIFT).copysign(value) } else { value.round_ties_even() }
}

/// The greatest power of ten that is at most this magnitude, give or take one next to a power of ten.
fn magnitude_power(magnitude: f64) -> i32 {
    const LOG10_OF_2: i64 = 315_653; // in units of 2^-20
    // Read as a whole number, a double is about its own logarithm: the exponent, then a fraction that starts at 0.
    let log2 = (magnitude.to_bits() >> 32) as i64 - (1023 << 20);
    ((log2 * LOG10_OF_2) >> 40) as i32
}

/// Multiplies by an exact power of ten, correctly rounded.
fn shift(value: f64, power: i32) -> Option<f64> {
    let factor = POWERS.get(power.unsigned_abs() as usize)?;
    Some(if power < 0 { value / factor } else { value * factor })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_few_digits_are_read_off_a_double() {
        let check = |value: f64, digits, mantissa, power| {
            let decimal = Decimal::nearest(value, digits);
            assert_eq!(decimal, Some(Decimal { mantissa, power }), "{value} in {digits} digits");
        };
        check(123_456.7, 3, 123, 3);
        check(0.001, 3, 100, -5);
        check(-999.6, 3, 100, 1);
        check(1e22, 1, 1, 22);
        check(9.996, 1, 1, 1);
        check(f64::from_bits(1000.0_f64.to_bits() - 1), 4, 1000, 0);
    }

    #[test]
    fn what_one_operation_cannot_settle_is_refused() {
        for value in [0.0, -0.0, f64::NAN, f64::INFINITY, f64::MAX, 1e30, 1e-30, f64::MIN_POSITIVE, 5e-324, 1235.0] {
            assert_eq!(Decimal::nearest(value, 3), None, "{value}");
        }
        assert_eq!(Decimal::nearest(1.0, 0), None);
        assert_eq!(Decimal::nearest(1.0, 10), None);
    }

    proptest! {
        #[test]
        fn a_decimal_is_the_double_of_its_text(mantissa in 1..1_000_000_000_u32, power in -22..=22) {
            let text: f64 = format!("{mantissa}e{power}").parse().unwrap();
            prop_assert_eq!(Decimal::new(mantissa, power).value().to_bits(), text.to_bits());
        }

        #[test]
        fn thousandths_are_those_of_the_double(mantissa: u32, power in -22..=22) {
            let decimal = Decimal::new(mantissa, power);
            let expected = round_to_whole(decimal.value() * 1000.0);
            prop_assert!(decimal.thousandths().is_none_or(|thousandths| thousandths as f64 == expected));
            prop_assert!(decimal.thousandths().is_some() || !(-3..=2).contains(&power));
        }

        #[test]
        fn everyday_values_are_settled(digits in 1..=9_u8, mantissa in 100_000_000..1_000_000_000_u32, power in -22..=22) {
            let value = Decimal::new(mantissa / 10_u32.pow(9 - u32::from(digits)), power).value();
            prop_assert_eq!(Decimal::nearest(value, digits).map(Decimal::value), Some(value));
        }

        #[test]
        fn wholes_are_those_of_the_standard_library(value: f64, near in -1e16..1e16_f64) {
            for value in [value, near, near.trunc() + 0.5] {
                prop_assert_eq!(round_to_whole(value).to_bits(), value.round_ties_even().to_bits());
            }
        }
    }
}
