//! A stream of values as symbols: missing, same as predicted, so much more than predicted, or verbatim.
//!
//! | symbol | followed by | meaning |
//! |---|---|---|
//! | 0 | count | so many values are missing |
//! | 1 | 8 bytes | the value itself |
//! | 2 | count | so many values are as predicted |
//! | 3 + n | | n, zigzagged, is what to add to the prediction |
//!
//! The prediction is the last number of the same series, which the caller keeps; verbatim and missing values leave it.

use super::{
    bytes::{Malformed, Reader, put_number, unzigzag, zigzag},
    scale::Scale,
};

const MISSING: u64 = 0;
const VERBATIM: u64 = 1;
const AS_PREDICTED: u64 = 2;
const FIRST_DIFFERENCE: u64 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    Missing,
    AsPredicted,
}

/// Writes values as symbols.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    run: Run,
    length: u64,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, run: Run::Missing, length: 0 }
    }

    /// Writes one value, NaN for a missing one, and moves the prediction on.
    pub(crate) fn push(&mut self, value: f64, scale: Scale, prediction: &mut i64) {
        if value.is_nan() {
            return self.extend(Run::Missing);
        }
        let Some(number) = scale.number(value) else {
            self.end_run();
            put_number(self.out, VERBATIM);
            return self.out.extend_from_slice(&value.to_le_bytes());
        };
        self.push_number(number, prediction);
    }

    /// Writes a number, which is neither missing nor verbatim, and moves the prediction on.
    pub(crate) fn push_number(&mut self, number: i64, prediction: &mut i64) {
        let difference = zigzag(number.wrapping_sub(*prediction));
        *prediction = number;
        match difference {
            0 => self.extend(Run::AsPredicted),
            _ => {
                self.end_run();
                put_number(self.out, FIRST_DIFFERENCE + difference);
            }
        }
    }

    /// Writes what is held back. Without it the last run is lost.
    pub(crate) fn finish(mut self) {
        self.end_run();
    }

    fn extend(&mut self, run: Run) {
        if self.run != run {
            self.end_run();
            self.run = run;
        }
        self.length += 1;
    }

    fn end_run(&mut self) {
        match (self.run, std::mem::take(&mut self.length)) {
            (_, 0) => {}
            // A single one is shorter as a difference of nothing.
            (Run::AsPredicted, 1) => put_number(self.out, FIRST_DIFFERENCE),
            (Run::AsPredicted, length) => {
                put_number(self.out, AS_PREDICTED);
                put_number(self.out, length);
            }
            (Run::Missing, length) => {
                put_number(self.out, MISSING);
                put_number(self.out, length);
            }
        }
    }
}

/// Reads values from symbols.
#[derive(Debug)]
pub(crate) struct Values<'r, 'a> {
    reader: &'r mut Reader<'a>,
    run: Run,
    left: u64,
}

impl<'r, 'a> Values<'r, 'a> {
    pub(crate) fn new(reader: &'r mut Reader<'a>) -> Self {
        Self { reader, run: Run::Missing, left: 0 }
    }

    /// Reads one value, NaN for a missing one, and moves the prediction on.
    pub(crate) fn next(&mut self, scale: Scale, prediction: &mut i64) -> Result<f64, Malformed> {
        if self.left == 0 {
            match self.reader.number()? {
                MISSING => self.begin(Run::Missing)?,
                AS_PREDICTED => self.begin(Run::AsPredicted)?,
                VERBATIM => return Ok(f64::from_le_bytes(self.reader.array()?)),
                symbol => {
                    *prediction = prediction.wrapping_add(unzigzag(symbol - FIRST_DIFFERENCE));
                    return Ok(scale.value(*prediction));
                }
            }
        }
        self.left -= 1;
        Ok(match self.run {
            Run::Missing => f64::NAN,
            Run::AsPredicted => scale.value(*prediction),
        })
    }

    /// Reads one number and moves the prediction on. Numbers alone are neither missing nor verbatim.
    pub(crate) fn next_number(&mut self, prediction: &mut i64) -> Result<i64, Malformed> {
        if self.left == 0 {
            match self.reader.number()? {
                AS_PREDICTED => self.begin(Run::AsPredicted)?,
                MISSING | VERBATIM => return Err(Malformed("a number is missing")),
                symbol => {
                    *prediction = prediction.wrapping_add(unzigzag(symbol - FIRST_DIFFERENCE));
                    return Ok(*prediction);
                }
            }
        }
        self.left -= 1;
        Ok(*prediction)
    }

    /// Ends the reading; a run must not reach beyond the values that there are.
    pub(crate) fn finish(self) -> Result<(), Malformed> {
        if self.left == 0 { Ok(()) } else { Err(Malformed("a run of values is too long")) }
    }

    fn begin(&mut self, run: Run) -> Result<(), Malformed> {
        (self.run, self.left) = (run, self.reader.number()?);
        if self.left == 0 { Err(Malformed("a run of values is empty")) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use muster_model::Metric;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_does_not_change_costs_next_to_nothing() {
        assert_eq!(packed(&[0.0; 1000], Metric::Swap).len(), 3);
        assert_eq!(packed(&[f64::NAN; 1000], Metric::Swap).len(), 3);
        assert_eq!(packed(&[50.0, 50.3, 49.8, 49.8, 50.1], Metric::Cpu).len(), 2 + 4);
    }

    proptest! {
        #[test]
        fn any_values_round_trip(values in prop::collection::vec(any_value(), 0..200), metric in any_metric()) {
            let bytes = packed(&values, metric);
            let mut reader = Reader::new(&bytes);
            let mut read = Values::new(&mut reader);
            let mut prediction = 0;
            for value in &values {
                let back = read.next(Scale::of(metric), &mut prediction).unwrap();
                prop_assert!(back.to_bits() == value.to_bits() || (back.is_nan() && value.is_nan()));
            }
            prop_assert!(read.finish().is_ok());
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn any_bytes_are_values_or_refused(bytes: Vec<u8>, metric in any_metric()) {
            let mut reader = Reader::new(&bytes);
            let mut read = Values::new(&mut reader);
            let mut prediction = 0;
            let values = std::iter::from_fn(|| read.next(Scale::of(metric), &mut prediction).ok());
            let values: Vec<f64> = values.take(1000).collect();
            let packed = packed(&values, metric);
            let (mut reader, mut prediction) = (Reader::new(&packed), 0);
            let mut again = Values::new(&mut reader);
            for value in values {
                let back = again.next(Scale::of(metric), &mut prediction).unwrap();
                prop_assert!(back.to_bits() == value.to_bits() || (back.is_nan() && value.is_nan()));
            }
        }
    }

    fn packed(values: &[f64], metric: Metric) -> Vec<u8> {
        let (mut out, mut prediction) = (Vec::new(), 0);
        let mut writer = Writer::new(&mut out);
        for value in values {
            writer.push(*value, Scale::of(metric), &mut prediction);
        }
        writer.finish();
        out
    }

    fn any_metric() -> impl Strategy<Value = Metric> {
        prop::sample::select(Metric::ALL)
    }

    fn any_value() -> impl Strategy<Value = f64> {
        prop_oneof![
            Just(f64::NAN),
            Just(0.0),
            (-1000..1000i32).prop_map(|tenths| f64::from(tenths) / 10.0),
            any::<f64>()
        ]
    }
}
