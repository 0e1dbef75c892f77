//! Long columns of numbers, packed by pco: without its file header, and with a guard in front of its reader.
//!
//! What a reader may be made to allocate is bounded by the count of numbers and by the modes that are let through: a
//! dictionary may announce 2^25 entries in four bytes, and a look-back window 2^24, so both are refused. The writer never
//! asks for either.

use pco::{
    ChunkConfig, DeltaSpec,
    data_types::Number,
    wrapped::{FileCompressor, FileDecompressor},
};

use super::bytes::{Malformed, Reader};

/// The version of pco's format that everything is stored in; what it would write as the header of a file.
const FORMAT: [u8; 2] = [4, 1];

/// Higher ones take twice the time for less than a percent.
const LEVEL: usize = 6;

/// Appends numbers, at least one, in the shorter of two forms: as they are, or as differences.
pub(crate) fn put<T: Number>(out: &mut Vec<u8>, numbers: &[T]) {
    let (plain, differences) = (packed(numbers, DeltaSpec::NoOp), packed(numbers, DeltaSpec::TryConsecutive(1)));
    out.extend(if differences.len() < plain.len() { differences } else { plain });
}

fn packed<T: Number>(numbers: &[T], delta: DeltaSpec) -> Vec<u8> {
    let config = ChunkConfig::default().with_compression_level(LEVEL).with_delta_spec(delta).with_enable_8_bit(true);
    let mut chunk =
        FileCompressor::default().chunk_compressor(numbers, &config).expect("the configuration suits all numbers");
    let out = chunk.write_meta(Vec::new()).expect("memory can be written to");
    chunk.write_page(0, out).expect("memory can be written to")
}

/// Reads so many numbers.
pub(crate) fn read<T: Number>(reader: &mut Reader<'_>, count: usize) -> Result<Vec<T>, Malformed> {
    let bytes = reader.clone().take(reader.left())?;
    guard(bytes, size_of::<T>())?;
    let mut numbers = vec![T::default(); count];
    let rest = fill(bytes, &mut numbers).map_err(|_| Malformed("packed numbers cannot be read"))?;
    reader.take(bytes.len() - rest)?;
    Ok(numbers)
}

/// Fills the numbers, and says how many bytes are left.
fn fill<T: Number>(bytes: &[u8], numbers: &mut [T]) -> pco::errors::PcoResult<usize> {
    let (file, _) = FileDecompressor::new(FORMAT.as_slice())?;
    let (mut chunk, rest) = file.chunk_decompressor::<T, _>(bytes)?;
    let mut page = chunk.page_decompressor(rest, numbers.len())?;
    page.read(numbers)?;
    Ok(page.into_src().len())
}

/// Lets through what [`put`] may have written: plain or multiplied numbers, as they are or as differences.
fn guard(bytes: &[u8], size: usize) -> Result<(), Malformed> {
    let first = *bytes.first().ok_or(Malformed("it ends too early"))?;
    // The mode takes the low half of the first byte, then comes its parameter, then the differencing in four bits.
    let parameter = match first & 0xf {
        0 => 0,
        1 | 2 => size,
        3 => 1,
        _ => return Err(Malformed("packed numbers have a mode that is never written")),
    };
    match bytes.get(parameter).map(|byte| byte >> 4) {
        Some(0 | 1) => Ok(()),
        Some(_) | None => Err(Malformed("packed numbers differ in a way that is never written")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_format_is_the_one_that_is_stored() {
        assert_eq!(FileCompressor::default().write_header(Vec::new()).unwrap(), FORMAT);
    }

    #[test]
    fn every_mode_that_is_written_is_let_through() {
        let noise = |n: u32| n.wrapping_mul(2_654_435_761).wrapping_add(n * n) >> 16;
        let check = |mode, bytes: &[u8]| assert_eq!(bytes[0] & 0xf, mode);
        let plain: Vec<_> = (0..2000).map(|n| i64::from(noise(n))).collect();
        check(0, &round_tripped(&plain, &[]));
        let multiplied: Vec<_> = (0..2000).map(|n| i64::from(noise(n)) * 1000).collect();
        check(1, &round_tripped(&multiplied, &[]));
        let decimal: Vec<_> = (0..2000).map(|n| f64::from(noise(n)) / 10.0).collect();
        check(2, &round_tripped(&decimal, &[]));
        let single: Vec<_> = (0..2000).map(|n| f64::from((noise(n) as f32).sqrt())).collect();
        check(3, &round_tripped(&single, &[]));
    }

    #[test]
    fn what_would_reserve_much_memory_is_refused() {
        let look_back = packed(&[1_i64; 300].map(|n| n * 7), DeltaSpec::TryLookback);
        assert!(read::<i64>(&mut Reader::new(&look_back), 300).is_err());
        let dictionary = [0xf4, 0xff, 0xff, 0xff];
        assert!(read::<i64>(&mut Reader::new(&dictionary), 300).is_err());
    }

    proptest! {
        #[test]
        fn any_numbers_round_trip(
            bytes in prop::collection::vec(any::<u8>(), 1..600),
            floats in prop::collection::vec(any::<f64>(), 1..300),
            trail: Vec<u8>,
        ) {
            round_tripped(&bytes, &trail);
            round_tripped(&bytes.iter().map(|n| u16::from(*n) * 250).collect::<Vec<_>>(), &trail);
            round_tripped(&bytes.iter().map(|n| u32::from(*n) << 20).collect::<Vec<_>>(), &trail);
            round_tripped(&bytes.iter().map(|n| (i64::from(*n) - 77) << 45).collect::<Vec<_>>(), &trail);
            round_tripped(&floats.iter().map(|float| float.to_bits() as i64).collect::<Vec<_>>(), &trail);
            round_tripped(&floats, &trail);
        }

        #[test]
        fn any_bytes_are_numbers_or_refused(mut bytes: Vec<u8>, mode in 0..4_u8, count in 0..1000_usize) {
            if let Some(first) = bytes.first_mut() {
                *first = *first & 0x10 | mode;
            }
            let lengths = [
                read::<u8>(&mut Reader::new(&bytes), count).map(|it| it.len()),
                read::<u16>(&mut Reader::new(&bytes), count).map(|it| it.len()),
                read::<u32>(&mut Reader::new(&bytes), count).map(|it| it.len()),
                read::<i64>(&mut Reader::new(&bytes), count).map(|it| it.len()),
                read::<f64>(&mut Reader::new(&bytes), count).map(|it| it.len()),
            ];
            prop_assert!(lengths.into_iter().flatten().all(|length| length == count));
        }

        #[test]
        fn damaged_numbers_are_read_wrong_or_refused(
            numbers in prop::collection::vec(0..5000_u16, 1..600),
            at: prop::sample::Index,
            byte: u8,
        ) {
            let mut bytes = Vec::new();
            put(&mut bytes, &numbers);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok(read) = read::<u16>(&mut Reader::new(&bytes), numbers.len()) {
                prop_assert_eq!(read.len(), numbers.len());
            }
        }
    }

    /// What the numbers are packed as, once it was seen to lead back to them, to the bit.
    fn round_tripped<T: Number>(numbers: &[T], trail: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, numbers);
        out.extend_from_slice(trail);
        let mut reader = Reader::new(&out);
        let read: Vec<T> = read(&mut reader, numbers.len()).unwrap();
        let bits = |numbers: &[T]| numbers.iter().map(|number| number.to_latent_ordered()).collect::<Vec<_>>();
        assert!(bits(&read) == bits(numbers), "{read:?} {numbers:?}");
        assert_eq!(reader.left(), trail.len());
        out
    }
}
