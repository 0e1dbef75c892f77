//! One column of buckets as bytes, field by field, each as the difference from what the fields before make likely.
//!
//! Whole buckets, whose fields are whole numbers of the metric's scale, hold their counts, their least values, how far
//! the greatest and the last are above the least, and how far the sum is off the middle between least and greatest. What
//! was sampled once or never changed so costs nothing but its value. Sums of values of few digits end in many zeros,
//! which are counted instead of stored. Buckets of any other values are stored field by field as they are.

use std::iter;

use super::{
    bytes::{Malformed, Reader},
    chunk::{next_values, put_values},
    numbers::{put_numbers, read_numbers, skip_numbers},
    scale::{Scale, nth, nth_in_steps},
};
use crate::rollup::Bucket;

const WHOLE: u8 = 0;
const AS_THEY_ARE: u8 = 1;

/// The powers of ten of 64 bits.
const POWERS: [i64; 19] = {
    let mut powers = [1; 19];
    let mut zeros = 1;
    while zeros < powers.len() {
        powers[zeros] = powers[zeros - 1] * 10;
        zeros += 1;
    }
    powers
};

const IMPOSSIBLE_SUM: Malformed = Malformed("a bucket has an impossible sum");
const IMPOSSIBLE_COUNT: Malformed = Malformed("a bucket has an impossible count");

/// Which fields of buckets are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fields {
    All,
    /// What charts of most metrics draw: there may be no number for the last value.
    AllButLast,
}

/// Appends a column of buckets, at least one, whose fields are finite.
pub(crate) fn put_buckets(out: &mut Vec<u8>, buckets: &[Bucket], scale: Scale) {
    match buckets.iter().map(|bucket| Parts::of(bucket, scale)).collect::<Option<Vec<_>>>() {
        Some(parts) => put_whole(out, &parts, scale),
        None => put_as_they_are(out, buckets, scale),
    }
}

/// Reads a column of so many buckets, which is all there is.
pub(crate) fn read_buckets(bytes: &[u8], count: usize, fields: Fields) -> Result<Vec<Bucket>, Malformed> {
    let mut reader = Reader::new(bytes);
    let buckets = match reader.array()? {
        [WHOLE] => read_whole(&mut reader, count, fields),
        [AS_THEY_ARE] => read_as_they_are(&mut reader, count),
        _ => Err(Malformed("buckets are in an unknown form")),
    }?;
    if reader.is_empty() { Ok(buckets) } else { Err(Malformed("a column is longer than its axis")) }
}

/// A bucket as whole numbers: in the scale of the metric, but for the sum.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Parts {
    count: i64,
    min: i64,
    max_above_min: i64,
    /// Unless it is not asked for.
    last_above_min: Option<i64>,
    sum_zeros: i64,
    sum_off_middle: i64,
}

impl Parts {
    /// The parts, if exactly this bucket comes back from them.
    fn of(bucket: &Bucket, scale: Scale) -> Option<Self> {
        let (min, max, last) = (scale.number(bucket.min)?, scale.number(bucket.max)?, scale.number(bucket.last)?);
        let (sum, middle) = (Scale::Whole.number(bucket.sum)?, middle(bucket.count, bucket.min, bucket.max, scale));
        let sum_zeros = match scale {
            Scale::Digits(_) if sum != middle => zeros(sum),
            Scale::Digits(_) | Scale::Whole | Scale::PerUnit(_) | Scale::Step(_) | Scale::Exact => 0,
        };
        let power = POWERS[sum_zeros];
        let parts = Self {
            count: i64::from(bucket.count),
            min,
            max_above_min: max - min,
            last_above_min: Some(last - min),
            sum_zeros: sum_zeros as i64,
            sum_off_middle: sum / power - above_zeros(middle, power),
        };
        (parts.bucket(scale) == *bucket).then_some(parts)
    }

    fn bucket(&self, scale: Scale) -> Bucket {
        match scale {
            Scale::Digits(digits) => self.of_digits(digits),
            Scale::Whole | Scale::PerUnit(_) | Scale::Step(_) | Scale::Exact => self.of_steps(|it| scale.value(it)),
        }
    }

    /// Puts a bucket together whose numbers are steps: no zeros of its sum were counted.
    #[inline]
    fn of_steps(&self, value: impl Fn(i64) -> f64) -> Bucket {
        let middle = self.count.wrapping_mul(self.min.wrapping_mul(2).wrapping_add(self.max_above_min)) >> 1;
        let (min, max) = (value(self.min), value(self.min.wrapping_add(self.max_above_min)));
        self.with_sum(middle.wrapping_add(self.sum_off_middle), min, max, value)
    }

    /// Puts a bucket together whose numbers are places among the numbers of so many digits.
    #[inline]
    fn of_digits(&self, digits: u8) -> Bucket {
        let (min, min_steps) = nth_in_steps(self.min, digits);
        let (max, max_steps) = nth_in_steps(self.min.wrapping_add(self.max_above_min), digits);
        let middle = self.count.wrapping_mul(min_steps.wrapping_add(max_steps)) >> 1;
        let power = POWERS[self.sum_zeros as usize];
        let sum = above_zeros(middle, power).wrapping_add(self.sum_off_middle).wrapping_mul(power);
        self.with_sum(sum, min, max, |number| nth(number, digits))
    }

    #[inline]
    fn with_sum(&self, sum: i64, min: f64, max: f64, value: impl Fn(i64) -> f64) -> Bucket {
        let last = self.last_above_min.map_or(f64::NAN, |above| value(self.min.wrapping_add(above)));
        Bucket { count: self.count as u32, sum: sum as f64, min, max, last }
    }
}

/// What the sum would be, in steps, if the mean lay in the middle.
fn middle(count: u32, min: f64, max: f64, scale: Scale) -> i64 {
    let (min, max) = (scale.steps(min) as i64, scale.steps(max) as i64);
    i64::from(count).wrapping_mul(min.wrapping_add(max)) >> 1
}

/// The number without so many of its last digits, rounded down.
fn above_zeros(number: i64, power: i64) -> i64 {
    // Most metrics count no zeros, and divisions are slow.
    if power == 1 { number } else { number.div_euclid(power) }
}

/// How many decimal zeros a number ends with.
fn zeros(mut number: i64) -> usize {
    let mut zeros = 0;
    while number != 0 && number % 10 == 0 {
        number /= 10;
        zeros += 1;
    }
    zeros
}

fn put_whole(out: &mut Vec<u8>, parts: &[Parts], scale: Scale) {
    const FIELDS: [fn(&Parts) -> i64; 6] = [
        |parts| parts.count,
        |parts| parts.min,
        |parts| parts.max_above_min,
        |parts| parts.last_above_min.expect("whole buckets have all fields"),
        |parts| parts.sum_zeros,
        |parts| parts.sum_off_middle,
    ];
    out.push(WHOLE);
    scale.put(out);
    for field in FIELDS {
        put_numbers(out, &parts.iter().map(field).collect::<Vec<_>>());
    }
}

/// The fields of whole buckets, one row a bucket.
#[derive(Debug)]
struct Columns {
    counts: Vec<i64>,
    mins: Vec<i64>,
    maxs_above_min: Vec<i64>,
    lasts_above_min: Option<Vec<i64>>,
    sums_zeros: Vec<i64>,
    sums_off_middle: Vec<i64>,
}

fn read_whole(reader: &mut Reader<'_>, count: usize, fields: Fields) -> Result<Vec<Bucket>, Malformed> {
    let scale = Scale::read(reader)?;
    let columns = Columns::read(reader, count, fields)?;
    columns.check(scale)?;
    Ok(match scale {
        // A loop of its own for each kind of scale: a chart of a year is made of tens of thousands of buckets.
        Scale::Whole | Scale::Exact => columns.buckets(|parts| parts.of_steps(|number| number as f64)),
        Scale::PerUnit(steps) => columns.buckets(|parts| parts.of_steps(|number| number as f64 / steps)),
        Scale::Step(units) => columns.buckets(|parts| parts.of_steps(|number| number as f64 * units)),
        // Nearly all have three: what the compiler knows it can divide by quickly.
        Scale::Digits(3) => columns.buckets(|parts| parts.of_digits(3)),
        Scale::Digits(digits) => columns.buckets(|parts| parts.of_digits(digits)),
    })
}

impl Columns {
    fn read(reader: &mut Reader<'_>, count: usize, fields: Fields) -> Result<Self, Malformed> {
        Ok(Self {
            counts: read_numbers(reader, count)?,
            mins: read_numbers(reader, count)?,
            maxs_above_min: read_numbers(reader, count)?,
            lasts_above_min: match fields {
                Fields::All => Some(read_numbers(reader, count)?),
                Fields::AllButLast => skip_numbers(reader, count).map(|()| None)?,
            },
            sums_zeros: read_numbers(reader, count)?,
            sums_off_middle: read_numbers(reader, count)?,
        })
    }

    /// Whether the fields can be put together. Asked once for all, so that the loop over them has nothing to ask.
    fn check(&self, scale: Scale) -> Result<(), Malformed> {
        let most_zeros = match scale {
            Scale::Digits(_) => POWERS.len() as i64 - 1,
            Scale::Whole | Scale::PerUnit(_) | Scale::Step(_) | Scale::Exact => 0,
        };
        if self.counts.iter().any(|count| u32::try_from(*count).is_err()) {
            return Err(IMPOSSIBLE_COUNT);
        }
        if self.sums_zeros.iter().any(|zeros| !(0..=most_zeros).contains(zeros)) {
            return Err(IMPOSSIBLE_SUM);
        }
        Ok(())
    }

    fn buckets(&self, bucket: impl Fn(&Parts) -> Bucket) -> Vec<Bucket> {
        match &self.lasts_above_min {
            Some(lasts) => self.rows(lasts.iter().map(|last| Some(*last)), bucket),
            None => self.rows(iter::repeat(None), bucket),
        }
    }

    #[inline]
    fn rows(&self, lasts: impl Iterator<Item = Option<i64>>, bucket: impl Fn(&Parts) -> Bucket) -> Vec<Bucket> {
        let rows = self.counts.iter().zip(&self.mins).zip(&self.maxs_above_min).zip(lasts);
        let rows = rows.zip(&self.sums_zeros).zip(&self.sums_off_middle);
        let parts = rows.map(|(((((count, min), max), last_above_min), zeros), off)| Parts {
            count: *count,
            min: *min,
            max_above_min: *max,
            last_above_min,
            sum_zeros: *zeros,
            sum_off_middle: *off,
        });
        parts.map(|parts| bucket(&parts)).collect()
    }
}

fn put_as_they_are(out: &mut Vec<u8>, buckets: &[Bucket], scale: Scale) {
    const FIELDS: [fn(&Bucket) -> f64; 3] = [|bucket| bucket.min, |bucket| bucket.max, |bucket| bucket.last];
    out.push(AS_THEY_ARE);
    put_numbers(out, &buckets.iter().map(|bucket| i64::from(bucket.count)).collect::<Vec<_>>());
    put_values(out, &buckets.iter().map(|bucket| bucket.sum).collect::<Vec<_>>(), Scale::Exact);
    for field in FIELDS {
        put_values(out, &buckets.iter().map(field).collect::<Vec<_>>(), scale);
    }
}

fn read_as_they_are(reader: &mut Reader<'_>, count: usize) -> Result<Vec<Bucket>, Malformed> {
    let counts = read_numbers(reader, count)?;
    let (sums, mins) = (next_values(reader, count)?, next_values(reader, count)?);
    let (maxs, lasts) = (next_values(reader, count)?, next_values(reader, count)?);
    let bucket = |(row, count): (usize, i64)| {
        let count = u32::try_from(count).map_err(|_| IMPOSSIBLE_COUNT)?;
        Ok(Bucket { count, sum: sums[row], min: mins[row], max: maxs[row], last: lasts[row] })
    };
    counts.into_iter().enumerate().map(bucket).collect()
}

#[cfg(test)]
mod tests {
    use muster_model::Metric;
    use proptest::prelude::*;

    use super::*;
    use crate::options::Rounding;

    #[test]
    fn constant_buckets_cost_next_to_nothing() {
        let check = |metric: Metric, value: f64| {
            let scale = Scale::of(metric);
            let bytes = packed(&rolled_up(&[value; 1440], 10, scale), scale);
            assert!(bytes.len() < 30, "{metric} {value}: {} bytes", bytes.len());
        };
        check(Metric::Cpu, 12.3);
        check(Metric::MemoryUsed, 68_719_476_736.0);
        check(Metric::NetIn, 123_000.0);
        check(Metric::SmartPowerOnHours, 54_321.0);
    }

    #[test]
    fn noisy_buckets_cost_less_than_a_double() {
        let noise = |row: u32| f64::from(row.wrapping_mul(2_654_435_761) >> 22);
        let samples: Vec<_> = (0..144 * 60).map(|row| noise(row) / 10.0).collect();
        let bytes = packed(&rolled_up(&samples, 60, Scale::PerUnit(10.0)), Scale::PerUnit(10.0));
        assert!(bytes.len() < 144 * 5, "{} bytes", bytes.len());
    }

    proptest! {
        #[test]
        fn any_readings_round_trip(
            readings in prop::collection::vec(any_reading(), 1..300),
            size in 1..20_usize,
            metric in prop::sample::select(Metric::ALL),
            rounding in prop::sample::select(&[Rounding::Declared, Rounding::Exact]),
            is_rounded: bool,
        ) {
            let scale = Scale::of_code(metric.code(), rounding);
            let apply = |reading: &f64| if is_rounded { metric.precision().apply(*reading) } else { *reading };
            let buckets = rolled_up(&readings.iter().map(apply).collect::<Vec<_>>(), size, scale);
            let bytes = packed(&buckets, scale);
            let read = read_buckets(&bytes, buckets.len(), Fields::All).unwrap();
            prop_assert_eq!(bits(&read), bits(&buckets));
            let drawn = read_buckets(&bytes, buckets.len(), Fields::AllButLast).unwrap();
            prop_assert_eq!(without_last(&drawn), without_last(&buckets));
        }

        #[test]
        fn any_bytes_are_buckets_or_refused(form in 0..3_u8, bytes: Vec<u8>, count in 0..500_usize) {
            for fields in [Fields::All, Fields::AllButLast] {
                let read = read_buckets(&[&[form], &bytes[..]].concat(), count, fields);
                prop_assert!(read.is_err() || read.is_ok_and(|buckets| buckets.len() == count));
            }
        }
    }

    fn rolled_up(samples: &[f64], size: usize, scale: Scale) -> Vec<Bucket> {
        let bucket = |samples: &[f64]| {
            let mut bucket = Bucket::of(samples[0], scale);
            samples[1..].iter().for_each(|sample| bucket.add(*sample, scale));
            bucket
        };
        samples.chunks(size).map(bucket).collect()
    }

    fn packed(buckets: &[Bucket], scale: Scale) -> Vec<u8> {
        let mut out = Vec::new();
        put_buckets(&mut out, buckets, scale);
        out
    }

    fn bits(buckets: &[Bucket]) -> Vec<[u64; 5]> {
        let bits = |bucket: &Bucket| {
            let Bucket { count, sum, min, max, last } = *bucket;
            [u64::from(count), sum.to_bits(), min.to_bits(), max.to_bits(), last.to_bits()]
        };
        buckets.iter().map(bits).collect()
    }

    fn without_last(buckets: &[Bucket]) -> Vec<[u64; 5]> {
        bits(&buckets.iter().map(|bucket| Bucket { last: 0.0, ..*bucket }).collect::<Vec<_>>())
    }

    fn any_reading() -> impl Strategy<Value = f64> {
        prop_oneof![8 => 0.0..100.0_f64, 4 => -1e12..1e12_f64, 2 => Just(0.0), 1 => Just(-0.0), 1 => -1e300..1e300_f64]
    }
}
