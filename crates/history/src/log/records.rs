//! Reads one file of the sweep log, a record at a time: memory holds one sweep of it, however long the file is.
//!
//! A record that the file ends within is the torn tail of a crash, and so is one that is followed by nothing, or by
//! zeros: nobody was told that it was safe. Unless a whole record begins within it: then its length is not what was
//! written. That and anything else that cannot be read is damage. What follows it in the file is predicted from it, and
//! cannot be read either. Files are never changed here.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Take},
    path::Path,
};

use super::header::{self, Header};
use crate::{
    codec::{
        bytes::{CHECKSUM, Reader, unsealed},
        record::Decoder,
    },
    grid::Grid,
    sweep::LoggedRow,
};

/// What is wrong with a record that whole ones begin in.
const LONG: &str = "a record seems to be longer than it is";

/// How far behind a record that cannot be read whole ones are looked for, in bytes.
const MOST_AHEAD: u64 = 1 << 20;

/// So many bytes are looked at for that, if bytes can be taken for records in many ways.
const MOST_HASHED: usize = 1 << 28;

/// How a file ended, as far as it has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With a whole record, or it was not read to the end.
    Whole,
    /// In the middle of its last record.
    Torn { bytes: u64 },
    /// Something that is no record has more behind it, or the disk cannot read on.
    Damaged { bytes: u64, why: String },
}

/// A file that is being read.
#[derive(Debug)]
pub(crate) struct Records {
    reader: BufReader<Take<File>>,
    /// Bytes that are still to come.
    left: u64,
    decoder: Decoder,
    ending: Ending,
    record: Vec<u8>,
}

/// Why a record cannot be read.
enum Broken {
    /// The file ends within it.
    Short,
    /// It is not what was written.
    Bad(String),
    /// The checksum is right, and the content is not.
    Senseless(String),
    /// The disk refuses.
    Unreadable(io::Error),
}

impl Records {
    /// Opens a file that should have the given grid and number. Its first `most` bytes count. Where the disk cannot read
    /// its header, that is damaged, like everything else.
    ///
    /// # Errors
    /// When it is not there, or cannot be opened.
    pub(crate) fn open(path: &Path, grid: Grid, number: u64, most: u64) -> io::Result<(Header, Self)> {
        let file = File::open(path)?;
        let left = file.metadata()?.len().min(most);
        let mut reader = BufReader::new(file.take(left));
        let mut start = Vec::new();
        let (header, ending) = match reader.by_ref().take(header::LENGTH as u64).read_to_end(&mut start) {
            Ok(_) => (header::read(&mut Reader::new(&start), grid, number), Ending::Whole),
            Err(error) => (Header::Damaged, Ending::Damaged { bytes: left, why: error.to_string() }),
        };
        let left = left - start.len() as u64;
        let (decoder, record) = (Decoder::default(), Vec::new());
        Ok((header, Self { reader, left, decoder, ending, record }))
    }

    /// The next sweep, or `None` at the end: [`Records::ending`] tells which.
    pub(crate) fn next(&mut self) -> Option<Vec<LoggedRow>> {
        if self.left == 0 || self.ending != Ending::Whole {
            return None;
        }
        let bytes = self.left;
        match self.read() {
            Ok(rows) => Some(rows),
            Err(broken) => {
                self.ending = self.judge(broken, bytes);
                None
            }
        }
    }

    /// How it ended.
    pub(crate) fn ending(&self) -> &Ending {
        &self.ending
    }

    fn read(&mut self) -> Result<Vec<LoggedRow>, Broken> {
        self.record.clear();
        // A tail of zeros, as a crash may leave, must not look like endless empty records.
        let length = match self.number()? {
            0 => return Err(Broken::Bad("a record is empty".into())),
            length => length,
        };
        // A lie cannot reserve more memory than the file has bytes.
        let length = length.checked_add(4).filter(|length| *length <= self.left).ok_or(Broken::Short)?;
        self.record.resize(usize::try_from(length).map_err(|_| Broken::Short)?, 0);
        self.reader.read_exact(&mut self.record).map_err(Broken::Unreadable)?;
        self.left -= length;
        let body = unsealed(&self.record).map_err(|error| Broken::Bad(error.to_string()))?;
        self.decoder.read(body).map_err(|error| Broken::Senseless(error.to_string()))
    }

    fn number(&mut self) -> Result<u64, Broken> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            if self.left == 0 {
                return Err(Broken::Short);
            }
            let mut byte = [0];
            self.reader.read_exact(&mut byte).map_err(Broken::Unreadable)?;
            self.left -= 1;
            number |= u64::from(byte[0] & 0x7f) << shift;
            if byte[0] & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Broken::Bad("a record's length is no number".into()))
    }

    fn judge(&mut self, broken: Broken, bytes: u64) -> Ending {
        match broken {
            Broken::Short if self.has_record_ahead() => Ending::Damaged { bytes, why: LONG.to_owned() },
            Broken::Short => Ending::Torn { bytes },
            Broken::Bad(_) if self.is_followed_by_zeros() => {
                let is_long = has_record(&self.record);
                if is_long { Ending::Damaged { bytes, why: LONG.to_owned() } } else { Ending::Torn { bytes } }
            }
            Broken::Bad(why) | Broken::Senseless(why) => Ending::Damaged { bytes, why },
            Broken::Unreadable(error) => Ending::Damaged { bytes, why: error.to_string() },
        }
    }

    /// Whether a whole record begins in what follows.
    fn has_record_ahead(&mut self) -> bool {
        let mut ahead = Vec::new();
        // What the disk cannot read is no record.
        let _ = self.reader.by_ref().take(MOST_AHEAD).read_to_end(&mut ahead);
        has_record(&ahead)
    }

    /// Whether nothing but zeros is left.
    fn is_followed_by_zeros(&mut self) -> bool {
        while let Ok(bytes) = self.reader.fill_buf() {
            if bytes.is_empty() {
                return true;
            }
            if bytes.iter().any(|byte| *byte != 0) {
                return false;
            }
            let length = bytes.len();
            self.reader.consume(length);
        }
        false
    }
}

/// Whether a whole record that defines no plan begins anywhere in some bytes: most are of that kind, and it is what makes
/// looking for them cheap.
fn has_record(bytes: &[u8]) -> bool {
    let bytes = &bytes[..bytes.len().min(MOST_AHEAD as usize)];
    let mut hashed = 0;
    let mut starts = (0..bytes.len()).filter_map(|start| {
        let mut reader = Reader::new(&bytes[start..]);
        let length = reader.count().ok().filter(|length| *length > 1)?;
        let record = reader.take(length + CHECKSUM).ok()?;
        (record[CHECKSUM] == 0).then_some(record)
    });
    starts.any(|record| {
        hashed += record.len();
        hashed <= MOST_HASHED && unsealed(record).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::Arc};

    use jiff::SignedDuration;
    use muster_model::{Metric, ResourceId, ResourceKind, SourceId, TenantId};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        codec::record::Encoder,
        grid::{Period, Tick},
        plan::{Definition, Plan, PlanId, TrackId},
        sweep::Row,
    };

    const SWEEPS: usize = 6;

    #[test]
    fn a_file_ends_as_it_was_left() {
        let (bytes, ends) = sample();
        let check = |bytes: &[u8], sweeps: usize, expected: fn(&Ending) -> bool| {
            let (read, ending) = read(bytes);
            assert!(read == sweeps && expected(&ending), "{read} sweeps, {ending:?}");
        };
        let (last, middle) = (ends[SWEEPS - 2] + 7, ends[2] + 7);
        check(&bytes, SWEEPS, |ending| *ending == Ending::Whole);
        check(&bytes[..last], SWEEPS - 1, is_torn);
        check(&[&bytes[..last], &[0; 5000]].concat(), SWEEPS - 1, is_torn);
        check(&[&bytes[..], &[0; 5000]].concat(), SWEEPS, is_torn);
        check(&flipped(&bytes, last, 4), SWEEPS - 1, is_torn);
        check(&flipped(&bytes, middle, 4), 3, is_damaged);
        check(&[&bytes[..], &[0, 1]].concat(), SWEEPS, is_damaged);
        // A length that is too large: beyond the end of the file, and exactly up to it.
        let (start, end) = (ends[2], bytes.len());
        for length in [bytes[start] | 0x40, u8::try_from(end - start - 1 - CHECKSUM).unwrap()] {
            let mut bytes = bytes.clone();
            bytes[start] = length;
            check(&bytes, 3, is_damaged);
        }
    }

    #[test]
    fn a_flipped_bit_with_whole_records_behind_it_is_damage() {
        let (bytes, ends) = sample();
        for (at, bit) in (header::LENGTH..ends[SWEEPS - 2]).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let (read, ending) = read(&flipped(&bytes, at, bit));
            assert_eq!(read, ends.iter().filter(|end| **end <= at).count());
            assert!(is_damaged(&ending), "bit {bit} of byte {at}: {ending:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_a_beginning_of_what_was_written(at: prop::sample::Index, bit in 0..8u8, cut: bool) {
            let (bytes, ends) = sample();
            let at = header::LENGTH + at.index(bytes.len() - header::LENGTH);
            let whole = ends.iter().filter(|end| **end <= at).count();
            let (read, ending) = read(&if cut { bytes[..at].to_vec() } else { flipped(&bytes, at, bit) });
            prop_assert_eq!(read, whole);
            prop_assert!(!cut || !is_damaged(&ending));
            prop_assert!(cut || ending != Ending::Whole);
        }

        #[test]
        fn any_bytes_are_read_to_an_end(bytes: Vec<u8>) {
            let (start, _) = sample();
            let (sweeps, ending) = read(&[&start[..header::LENGTH], &bytes].concat());
            prop_assert_eq!(sweeps, 0);
            prop_assert_eq!(ending == Ending::Whole, bytes.is_empty());
        }
    }

    fn is_torn(ending: &Ending) -> bool {
        matches!(ending, Ending::Torn { .. })
    }

    fn is_damaged(ending: &Ending) -> bool {
        matches!(ending, Ending::Damaged { .. })
    }

    fn flipped(bytes: &[u8], at: usize, bit: u8) -> Vec<u8> {
        let mut flipped = bytes.to_vec();
        flipped[at] ^= 1 << bit;
        flipped
    }

    /// A file, and where each of its sweeps ends.
    fn sample() -> (Vec<u8>, Vec<usize>) {
        let vm = ResourceId::mint(ResourceKind::Vm, "100");
        let definition = Definition {
            id: PlanId(0),
            tenant: TenantId::DEFAULT,
            source: SourceId::local_agent(),
            period: Period::of_ticks(std::num::NonZeroU32::MIN),
            series: [Metric::Cpu, Metric::NetIn, Metric::SmartPowerOnHours].map(|metric| Some((vm, metric))).to_vec(),
        };
        let plan = Arc::new(Plan::new(&definition, |_| TrackId(0)));
        let (mut bytes, mut ends, mut encoder) = (header::encode(grid(), 1), Vec::new(), Encoder::default());
        for sweep in 0..SWEEPS {
            let values = [1.5 * sweep as f64, 1e9, (sweep * sweep * 7919) as f64].into();
            let row = Row { plan: Arc::clone(&plan), tick: Tick(sweep as i64), values };
            let new: &[&Plan] = if sweep == 0 { &[&plan] } else { &[] };
            bytes.extend(encoder.frame(new, &[row]));
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    fn read(bytes: &[u8]) -> (usize, Ending) {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        let (header, mut records) = Records::open(file.path(), grid(), 1, u64::MAX).unwrap();
        assert_eq!(header, Header::Ours);
        let mut read = 0;
        while let Some(rows) = records.next() {
            assert_eq!(rows[0].values[1], 1e9);
            read += 1;
        }
        (read, records.ending().clone())
    }

    fn grid() -> Grid {
        Grid::new(SignedDuration::from_secs(10)).unwrap()
    }
}
