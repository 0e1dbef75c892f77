//! A column of whole numbers as bytes: whichever form comes out shortest, named by the first byte.
//!
//! | form | followed by | good for |
//! |---|---|---|
//! | constant | the number | what never changes |
//! | symbols | differences and runs | what seldom changes, and short columns |
//! | bits | the least number, a width, the numbers above the least in so many bits each | short noisy columns |
//! | packed | the least number, then pco on the numbers above it, in the narrowest type that holds them | everything else |

use pco::data_types::Number;

use super::{
    bytes::{Malformed, Reader, put_number, unzigzag, zigzag},
    pcodec, symbols,
};

const CONSTANT: u8 = 0;
const SYMBOLS: u8 = 1;
const BITS: u8 = 2;
const PACKED_8: u8 = 3;
const PACKED_16: u8 = 4;
const PACKED_32: u8 = 5;
const PACKED_64: u8 = 6;

/// What a packed column takes before its first number: shorter forms than this need not be compared with it.
const PACKED_LEAST: usize = 16;

/// So many numbers are a short column.
const SHORT: usize = 512;

/// Numbers further from 0 than this only go into the packed form, which wraps around without harm.
const FURTHEST: u64 = 1 << 60;

/// Appends a column of numbers, at least one.
pub(crate) fn put_numbers(out: &mut Vec<u8>, numbers: &[i64]) {
    let (least, most) = extremes(numbers);
    if least >= most {
        out.push(CONSTANT);
        return put_number(out, zigzag(least));
    }
    let mut best = None;
    if least.unsigned_abs().max(most.unsigned_abs()) < FURTHEST {
        consider(&mut best, as_symbols(numbers));
        consider(&mut best, as_bits(numbers, least, most));
    }
    if best.as_ref().is_none_or(|best| best.len() > PACKED_LEAST) {
        let packed = as_packed(numbers, least, most);
        if best.as_ref().is_none_or(|best| is_worth_it(&packed, best, numbers.len())) {
            best = Some(packed);
        }
    }
    out.extend(best.expect("the packed form is there if no other is"));
}

/// Whether the packed form saves enough. Its tables are built anew for each column: in a short one that takes longer
/// than reading all its numbers, and a chart of a year is made of very many short ones.
fn is_worth_it(packed: &[u8], other: &[u8], count: usize) -> bool {
    if count <= SHORT { packed.len() * 5 < other.len() * 4 } else { packed.len() < other.len() }
}

/// Reads a column of so many numbers.
pub(crate) fn read_numbers(reader: &mut Reader<'_>, count: usize) -> Result<Vec<i64>, Malformed> {
    let [form] = reader.array()?;
    match form {
        CONSTANT => Ok(vec![unzigzag(reader.number()?); count]),
        SYMBOLS => read_symbols(reader, count),
        BITS => read_bits(reader, count),
        PACKED_8 => read_packed::<u8>(reader, count),
        PACKED_16 => read_packed::<u16>(reader, count),
        PACKED_32 => read_packed::<u32>(reader, count),
        PACKED_64 => pcodec::read(reader, count),
        _ => Err(Malformed("numbers are in an unknown form")),
    }
}

/// Reads over a column of so many numbers. Forms that do not tell their length are read, but not kept.
pub(crate) fn skip_numbers(reader: &mut Reader<'_>, count: usize) -> Result<(), Malformed> {
    let mut ahead = reader.clone();
    match ahead.array()? {
        [CONSTANT] => {
            ahead.number()?;
        }
        [BITS] => {
            bits(&mut ahead, count)?;
        }
        [_] => return read_numbers(reader, count).map(drop),
    }
    *reader = ahead;
    Ok(())
}

fn consider(best: &mut Option<Vec<u8>>, form: Vec<u8>) {
    if best.as_ref().is_none_or(|best| form.len() < best.len()) {
        *best = Some(form);
    }
}

fn extremes(numbers: &[i64]) -> (i64, i64) {
    numbers.iter().fold((i64::MAX, i64::MIN), |(least, most), number| (least.min(*number), most.max(*number)))
}

fn as_symbols(numbers: &[i64]) -> Vec<u8> {
    let (mut out, mut prediction) = (vec![SYMBOLS], 0);
    let mut writer = symbols::Writer::new(&mut out);
    for number in numbers {
        writer.push_number(*number, &mut prediction);
    }
    writer.finish();
    out
}

fn read_symbols(reader: &mut Reader<'_>, count: usize) -> Result<Vec<i64>, Malformed> {
    let (mut values, mut prediction) = (symbols::Values::new(reader), 0);
    let numbers = (0..count).map(|_| values.next_number(&mut prediction)).collect::<Result<_, _>>()?;
    values.finish()?;
    Ok(numbers)
}

fn as_bits(numbers: &[i64], least: i64, most: i64) -> Vec<u8> {
    let width = 64 - most.abs_diff(least).leading_zeros();
    let mut out = vec![BITS];
    put_number(&mut out, zigzag(least));
    out.push(width as u8);
    let (mut buffer, mut filled) = (0_u128, 0);
    for number in numbers {
        buffer |= u128::from(number.abs_diff(least)) << filled;
        filled += width;
        while filled >= 8 {
            out.push(buffer as u8);
            buffer >>= 8;
            filled -= 8;
        }
    }
    if filled > 0 {
        out.push(buffer as u8);
    }
    out
}

/// Numbers above the least one, in so many bits each.
#[derive(Debug)]
struct Bits<'a> {
    least: i64,
    width: u32,
    bytes: &'a [u8],
}

fn bits<'a>(reader: &mut Reader<'a>, count: usize) -> Result<Bits<'a>, Malformed> {
    let least = unzigzag(reader.number()?);
    let width = match reader.array()? {
        [width @ 1..=64] => u32::from(width),
        _ => return Err(Malformed("numbers have an impossible width")),
    };
    let bytes = reader.take((count * width as usize).div_ceil(8))?;
    Ok(Bits { least, width, bytes })
}

fn read_bits(reader: &mut Reader<'_>, count: usize) -> Result<Vec<i64>, Malformed> {
    let Bits { least, width, bytes } = bits(reader, count)?;
    // With the bits before it, a number of up to 57 bits fits into 64.
    Ok(if width <= 57 {
        numbers_of_bits(bytes, width as usize, count, |here, bit| {
            let (here, _) = here.split_first_chunk().expect("the first half of 16 bytes");
            least.wrapping_add_unsigned(u64::from_le_bytes(*here) >> bit & u64::MAX >> (64 - width))
        })
    } else {
        numbers_of_bits(bytes, width as usize, count, |here, bit| {
            least.wrapping_add_unsigned((u128::from_le_bytes(*here) >> bit) as u64 & u64::MAX >> (64 - width))
        })
    })
}

/// Reads each number in one go, from the 16 bytes that begin where it does; `bit` of them are of the number before.
fn numbers_of_bits(bytes: &[u8], width: usize, count: usize, read: impl Fn(&[u8; 16], usize) -> i64) -> Vec<i64> {
    let start = |number: usize| (number * width / 8, number * width % 8);
    // The last of them once more, with room to read over behind them.
    let last = bytes.len().saturating_sub(16);
    let mut tail = [0; 32];
    tail[..bytes.len() - last].copy_from_slice(&bytes[last..]);
    let before_last = (last * 8).div_ceil(width).min(count);
    let mut numbers = Vec::with_capacity(count);
    let read_at = |bytes: &[u8], (byte, bit)| {
        let (here, _) = bytes[byte..].split_first_chunk().expect("there is room to read over");
        read(here, bit)
    };
    numbers.extend((0..before_last).map(|number| read_at(bytes, start(number))));
    numbers.extend((before_last..count).map(|number| {
        let (byte, bit) = start(number);
        read_at(&tail, (byte - last, bit))
    }));
    numbers
}

fn as_packed(numbers: &[i64], least: i64, most: i64) -> Vec<u8> {
    let range = most.abs_diff(least);
    let mut out = Vec::new();
    if u8::try_from(range).is_ok() {
        pack(&mut out, PACKED_8, numbers, least, |above| above as u8);
    } else if u16::try_from(range).is_ok() {
        pack(&mut out, PACKED_16, numbers, least, |above| above as u16);
    } else if u32::try_from(range).is_ok() {
        pack(&mut out, PACKED_32, numbers, least, |above| above as u32);
    } else {
        out.push(PACKED_64);
        pcodec::put(&mut out, numbers);
    }
    out
}

fn pack<T: Number>(out: &mut Vec<u8>, form: u8, numbers: &[i64], least: i64, narrow: impl Fn(u64) -> T) {
    out.push(form);
    put_number(out, zigzag(least));
    let above: Vec<T> = numbers.iter().map(|number| narrow(number.abs_diff(least))).collect();
    pcodec::put(out, &above);
}

fn read_packed<T: Number + Into<u64>>(reader: &mut Reader<'_>, count: usize) -> Result<Vec<i64>, Malformed> {
    let least = unzigzag(reader.number()?);
    let above: Vec<T> = pcodec::read(reader, count)?;
    Ok(above.into_iter().map(|above| least.wrapping_add_unsigned(above.into())).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_form_is_the_shortest_for_something() {
        let check = |form, numbers: Vec<i64>, at_most| {
            let mut out = Vec::new();
            put_numbers(&mut out, &numbers);
            assert!(out[0] == form && out.len() <= at_most, "form {} in {} bytes", out[0], out.len());
            assert_eq!(read_numbers(&mut Reader::new(&out), numbers.len()), Ok(numbers));
        };
        check(CONSTANT, vec![-700; 5000], 3);
        check(SYMBOLS, (0..5000).map(|row| row / 2500).collect(), 9);
        check(BITS, noise(40, 500), 1 + 2 + 1 + 45);
        check(PACKED_8, bell(5000, 25), 5000 * 6 / 8);
        check(PACKED_16, bell(5000, 250), 5000 * 9 / 8);
        check(PACKED_32, bell(5000, 1 << 16), 5000 * 17 / 8);
        check(PACKED_64, bell(5000, 1 << 40), 5000 * 41 / 8);
    }

    proptest! {
        #[test]
        fn any_numbers_round_trip(numbers in any_numbers(), trail: Vec<u8>) {
            let mut out = Vec::new();
            put_numbers(&mut out, &numbers);
            out.extend_from_slice(&trail);
            let mut reader = Reader::new(&out);
            let mut skipped = reader.clone();
            prop_assert_eq!(skip_numbers(&mut skipped, numbers.len()), Ok(()));
            prop_assert_eq!(read_numbers(&mut reader, numbers.len()), Ok(numbers));
            prop_assert_eq!(reader.left(), trail.len());
            prop_assert_eq!(skipped.left(), trail.len());
        }

        #[test]
        fn any_form_round_trips(numbers in prop::collection::vec(-(1_i64 << 59)..1 << 59, 1..300)) {
            let (least, most) = extremes(&numbers);
            prop_assume!(least < most);
            for bytes in [as_symbols(&numbers), as_bits(&numbers, least, most), as_packed(&numbers, least, most)] {
                let mut skipped = Reader::new(&bytes);
                prop_assert_eq!(skip_numbers(&mut skipped, numbers.len()), Ok(()));
                prop_assert!(skipped.is_empty());
                prop_assert_eq!(read_numbers(&mut Reader::new(&bytes), numbers.len()), Ok(numbers.clone()));
            }
        }

        #[test]
        fn any_bytes_are_numbers_or_refused(form in 0..8_u8, bytes: Vec<u8>, count in 0..2000_usize) {
            if let Ok(numbers) = read_numbers(&mut Reader::new(&[vec![form], bytes].concat()), count) {
                prop_assert_eq!(numbers.len(), count);
            }
        }
    }

    fn any_numbers() -> impl Strategy<Value = Vec<i64>> {
        let near = (any::<i64>(), 0..1_000_000_i64).prop_flat_map(|(base, spread)| {
            prop::collection::vec((0..=spread).prop_map(move |n| base.wrapping_add(n)), 1..500)
        });
        prop_oneof![near, prop::collection::vec(any::<i64>(), 1..100), prop::collection::vec(-3..3_i64, 1..800)]
    }

    /// Numbers below a bound, all equally frequent.
    fn noise(count: u64, bound: u64) -> Vec<i64> {
        let scrambled =
            |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (1..=count).map(|n| (scrambled(n) % bound) as i64).collect()
    }

    /// Numbers that are mostly near twice a scale, less often near 0 or four times the scale.
    fn bell(count: u64, scale: u64) -> Vec<i64> {
        noise(4 * count, scale).chunks(4).map(|four| four.iter().sum()).collect()
    }
}
