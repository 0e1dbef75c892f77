//! One column of values as bytes, which say themselves how they are to be read; only the count is kept elsewhere.
//!
//! | first byte | followed by | good for |
//! |---|---|---|
//! | constant | the value | what never changes and is no whole number of any scale |
//! | numbers | a scale, the values as [numbers](super::numbers) of it | nearly everything |
//! | symbols | a scale, [`symbols`] | columns with a few values that are no whole numbers of it |
//! | floats | pco on the doubles | what has no scale |
//!
//! The scale is the metric's own, or else the decimal one with the fewest digits that all values are whole numbers of.

use super::{
    bytes::{Malformed, Reader},
    numbers::{put_numbers, read_numbers},
    pcodec,
    scale::Scale,
    symbols,
};

const CONSTANT: u8 = 0;
const NUMBERS: u8 = 1;
const SYMBOLS: u8 = 2;
const FLOATS: u8 = 3;

/// The scales that are tried when the metric's own does not fit.
const DECIMALS: [Scale; 7] = [
    Scale::Whole,
    Scale::PerUnit(1e1),
    Scale::PerUnit(1e2),
    Scale::PerUnit(1e3),
    Scale::PerUnit(1e4),
    Scale::PerUnit(1e5),
    Scale::PerUnit(1e6),
];

/// Appends a column of finite values, at least one.
pub(crate) fn put_values(out: &mut Vec<u8>, values: &[f64], scale: Scale) {
    if let Some((scale, numbers)) = as_numbers(values, scale) {
        out.push(NUMBERS);
        scale.put(out);
        put_numbers(out, &numbers);
    } else if values.iter().all(|value| value.to_bits() == values[0].to_bits()) {
        out.push(CONSTANT);
        out.extend_from_slice(&values[0].to_le_bytes());
    } else {
        let (symbols, floats) = (as_symbols(values, scale), as_floats(values));
        out.extend(if symbols.len() < floats.len() { symbols } else { floats });
    }
}

/// Reads a column of so many finite values, which is all there is.
pub(crate) fn read_values(bytes: &[u8], count: usize) -> Result<Vec<f64>, Malformed> {
    let mut reader = Reader::new(bytes);
    let values = next_values(&mut reader, count)?;
    if reader.is_empty() { Ok(values) } else { Err(Malformed("a column is longer than its axis")) }
}

/// Reads a column of so many finite values, which more may follow.
pub(crate) fn next_values(reader: &mut Reader<'_>, count: usize) -> Result<Vec<f64>, Malformed> {
    let [form] = reader.array()?;
    let values = match form {
        CONSTANT => vec![f64::from_le_bytes(reader.array()?); count],
        NUMBERS => {
            let scale = Scale::read(reader)?;
            scale.values(read_numbers(reader, count)?)
        }
        SYMBOLS => read_symbols(reader, count)?,
        FLOATS => pcodec::read(reader, count)?,
        _ => return Err(Malformed("values are in an unknown form")),
    };
    if values.iter().all(|value| value.is_finite()) { Ok(values) } else { Err(Malformed("a value is not a number")) }
}

fn as_numbers(values: &[f64], scale: Scale) -> Option<(Scale, Vec<i64>)> {
    let fitting = |scale: Scale| Some((scale, scale.numbers(values)?));
    fitting(scale).or_else(|| DECIMALS.into_iter().find_map(fitting))
}

fn as_symbols(values: &[f64], scale: Scale) -> Vec<u8> {
    let (mut out, mut prediction) = (vec![SYMBOLS], 0);
    scale.put(&mut out);
    let mut writer = symbols::Writer::new(&mut out);
    for value in values {
        writer.push(*value, scale, &mut prediction);
    }
    writer.finish();
    out
}

fn read_symbols(reader: &mut Reader<'_>, count: usize) -> Result<Vec<f64>, Malformed> {
    let scale = Scale::read(reader)?;
    let (mut symbols, mut prediction) = (symbols::Values::new(reader), 0);
    let values = (0..count).map(|_| symbols.next(scale, &mut prediction)).collect::<Result<_, _>>()?;
    symbols.finish()?;
    Ok(values)
}

fn as_floats(values: &[f64]) -> Vec<u8> {
    let mut out = vec![FLOATS];
    pcodec::put(&mut out, values);
    out
}

#[cfg(test)]
mod tests {
    use muster_model::Metric;
    use proptest::prelude::*;

    use super::*;
    use crate::options::Rounding;

    #[test]
    fn a_constant_column_costs_next_to_nothing() {
        let check = |metric: Metric, rounding, value: f64| {
            let bytes = packed(&[value; 8640], Scale::of_code(metric.code(), rounding));
            assert!(bytes.len() < 12, "{metric} {value}: {} bytes", bytes.len());
        };
        check(Metric::Cpu, Rounding::Declared, 12.3);
        check(Metric::MemoryUsed, Rounding::Declared, 68_719_476_736.0);
        check(Metric::NetIn, Rounding::Declared, 123_000.0);
        check(Metric::SmartPowerOnHours, Rounding::Declared, 54_321.0);
        check(Metric::Cpu, Rounding::Exact, 12.345_678_901_234);
        check(Metric::Cpu, Rounding::Declared, -0.0);
    }

    #[test]
    fn exact_decimals_are_stored_as_such() {
        let values: Vec<_> = (0..720).map(|row| f64::from(row * 7919 % 1000) / 1000.0).collect();
        let bytes = packed(&values, Scale::Exact);
        assert_eq!(bytes[0], NUMBERS);
        assert!(bytes.len() < 720 * 10 / 8 + 100, "{} bytes", bytes.len());
    }

    #[test]
    fn an_odd_value_does_not_spoil_a_column() {
        let mut values = vec![12.5; 8640];
        values[4000] = std::f64::consts::PI;
        assert!(packed(&values, Scale::of(Metric::Cpu)).len() < 40);
    }

    proptest! {
        #[test]
        fn any_readings_round_trip(
            readings in prop_oneof![
                prop::collection::vec(any_reading(), 1..400),
                (any_reading(), 1..400_usize).prop_map(|(reading, count)| vec![reading; count]),
            ],
            metric in prop::sample::select(Metric::ALL),
            rounding in prop::sample::select(&[Rounding::Declared, Rounding::Exact]),
            is_rounded: bool,
        ) {
            let apply = |reading: &f64| if is_rounded { metric.precision().apply(*reading) } else { *reading };
            let values: Vec<_> = readings.iter().map(apply).collect();
            let read = read_values(&packed(&values, Scale::of_code(metric.code(), rounding)), values.len()).unwrap();
            let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&read), bits(&values));
        }

        #[test]
        fn any_bytes_are_values_or_refused(form in 0..5_u8, bytes: Vec<u8>, count in 0..2000_usize) {
            if let Ok(values) = read_values(&[vec![form], bytes].concat(), count) {
                prop_assert_eq!(values.len(), count);
                prop_assert!(values.iter().all(|value| value.is_finite()));
            }
        }
    }

    fn packed(values: &[f64], scale: Scale) -> Vec<u8> {
        let mut out = Vec::new();
        put_values(&mut out, values, scale);
        out
    }

    fn any_reading() -> impl Strategy<Value = f64> {
        let finite = any::<f64>().prop_map(|value| if value.is_finite() { value } else { 0.5 });
        prop_oneof![8 => 0.0..100.0_f64, 4 => 0.0..1e12_f64, 2 => Just(0.0), 1 => Just(-0.0), 1 => finite]
    }
}
