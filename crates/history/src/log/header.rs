//! The first bytes of every sweep log: what it is, which version wrote it, on which grid.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `MUSTRSWP` |
//! | 2 | version of the format |
//! | 4 | tick in milliseconds |
//! | 8 | number of the file |
//! | 4 | CRC-32 of all before it |
//!
//! Numbers are little-endian. A newer version may change everything behind its number, which is why that is looked at
//! before the checksum.

use crate::{codec::bytes::Reader, grid::Grid};

const MAGIC: &[u8; 8] = b"MUSTRSWP";

/// The format that this version reads and writes.
pub(crate) const VERSION: u16 = 1;

/// Length of a header.
pub(super) const LENGTH: usize = 26;

/// What the first bytes of a file say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    /// Records follow.
    Ours,
    /// A newer version wrote it.
    Newer(u16),
    /// It ends within the header: a crash came before the first record.
    Torn,
    /// It is something else, or was damaged.
    Damaged,
}

pub(crate) fn encode(grid: Grid, number: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(LENGTH);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    let tick_ms = u32::try_from(grid.tick_ms()).expect("a tick is at most an hour");
    out.extend_from_slice(&tick_ms.to_le_bytes());
    out.extend_from_slice(&number.to_le_bytes());
    let crc = crc32fast::hash(&out);
    out.extend_from_slice(&crc.to_le_bytes());
    out
}

/// Reads the header off a file that should have the given grid and number.
pub(crate) fn read(reader: &mut Reader<'_>, grid: Grid, number: u64) -> Header {
    let start = reader.clone();
    match (reader.array::<8>(), reader.array::<2>().map(u16::from_le_bytes)) {
        (Ok(magic), Ok(version)) if magic == *MAGIC && version > VERSION => return Header::Newer(version),
        (_, _) => *reader = start,
    }
    match reader.array::<LENGTH>() {
        Ok(bytes) if bytes.as_slice() == encode(grid, number) => Header::Ours,
        Ok(_) => Header::Damaged,
        Err(_) => Header::Torn,
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_header_says_what_follows() {
        let check = |change: fn(&mut Vec<u8>), expected| {
            let mut bytes = encode(grid(), 7);
            change(&mut bytes);
            assert_eq!(read(&mut Reader::new(&bytes), grid(), 7), expected);
        };
        check(|_| {}, Header::Ours);
        check(|bytes| bytes[8] = 2, Header::Newer(2));
        check(|bytes| bytes.truncate(25), Header::Torn);
        check(Vec::clear, Header::Torn);
        check(|bytes| bytes[0] ^= 1, Header::Damaged);
        check(|bytes| bytes[15] ^= 1, Header::Damaged);
        check(|bytes| bytes.fill(0), Header::Damaged);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_header_or_refused(bytes: Vec<u8>) {
            prop_assert_ne!(read(&mut Reader::new(&bytes), grid(), 1), Header::Ours);
        }
    }

    fn grid() -> Grid {
        Grid::new(SignedDuration::from_secs(10)).unwrap()
    }
}
