//! How busy disks are, from `/proc/diskstats`.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use muster_model::UnknownReason;

use crate::{
    rate::RateWindow,
    read::{Files, ReadError},
    words::{self, Table},
};

/// Always 512 here, whatever the drive's own block size.
const SECTOR_BYTES: u64 = 512;

/// What one disk does, each value or why it is unknown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct DiskRates {
    /// Bytes a second.
    pub(crate) read: Result<f64, UnknownReason>,
    /// Bytes a second.
    pub(crate) written: Result<f64, UnknownReason>,
    /// Share of time with a request in flight.
    pub(crate) busy_percent: Result<f64, UnknownReason>,
}

/// The counters of each disk, as last seen.
#[derive(Debug, Default)]
pub(crate) struct DiskActivity {
    windows: BTreeMap<String, Windows>,
}

#[derive(Debug, Default)]
struct Windows {
    read: RateWindow,
    written: RateWindow,
    busy: RateWindow,
}

impl DiskActivity {
    /// Observes the named disks; those that are gone are forgotten.
    pub(super) fn observe(
        &mut self,
        files: &Files<'_>,
        at: Duration,
        names: &BTreeSet<&str>,
    ) -> Result<BTreeMap<String, DiskRates>, ReadError> {
        let path = files.roots.proc("diskstats");
        let Table { rows, malformed } = words::table(&files.bytes(&path)?, Counters::parse);
        if malformed > 0 && rows.is_empty() {
            return Err(ReadError::Malformed { path, expected: "disks with at least 11 numbers" });
        }
        let rows: BTreeMap<_, _> = rows
            .into_iter()
            .filter(|row| names.contains(row.name.as_str()))
            .map(|row| (row.name.clone(), row))
            .collect();
        self.windows.retain(|name, _| rows.contains_key(name));
        Ok(rows.into_values().map(|row| self.rates(at, row)).collect())
    }

    fn rates(&mut self, at: Duration, counters: Counters) -> (String, DiskRates) {
        let windows = self.windows.entry(counters.name.clone()).or_default();
        let rates = DiskRates {
            read: windows.read.observe(at, counters.read_bytes),
            written: windows.written.observe(at, counters.written_bytes),
            busy_percent: windows.busy.observe(at, counters.busy_milliseconds).map(|rate| (rate / 10.0).min(100.0)),
        };
        (counters.name, rates)
    }
}

/// One line of the file.
#[derive(Debug, PartialEq, Eq)]
struct Counters {
    name: String,
    read_bytes: u64,
    written_bytes: u64,
    busy_milliseconds: u64,
}

impl Counters {
    fn parse(line: &[u8]) -> Option<Self> {
        let mut words = words::words(line).skip(2);
        let name = words::lossy(words.next()?);
        let fields: Vec<u64> = words.take(11).map(words::number).collect::<Option<_>>()?;
        let [_, _, read, _, _, _, written, _, _, busy, _] = fields.as_slice() else { return None };
        let bytes = |sectors: &u64| sectors.saturating_mul(SECTOR_BYTES);
        Some(Self { name, read_bytes: bytes(read), written_bytes: bytes(written), busy_milliseconds: *busy })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_recorded_line() {
        let line = b" 254       0 vda 2255 741 251522 5420 548 346 164936 2982 0 6492 8554 0 0 0 0 43 151";
        let expected = Counters {
            name: "vda".into(),
            read_bytes: 251_522 * 512,
            written_bytes: 164_936 * 512,
            busy_milliseconds: 6492,
        };
        assert_eq!(Counters::parse(line), Some(expected));
        assert_eq!(Counters::parse(b" 254 0 vda 2255 741 251522 5420 548 346 164936"), None);
    }

    #[test]
    fn busy_never_exceeds_all_of_the_time() {
        //
        let mut activity = DiskActivity::default();
        let counters =
            |busy_milliseconds| Counters { name: "sda".into(), read_bytes: 0, written_bytes: 0, busy_milliseconds };
        activity.rates(Duration::ZERO, counters(0));
        let (_, rates) = activity.rates(Duration::from_secs(10), counters(10_400));
        assert_eq!(rates.busy_percent, Ok(100.0));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(line in prop::collection::vec(any::<u8>(), 0..200)) {
            Counters::parse(&line);
        }
    }
}
