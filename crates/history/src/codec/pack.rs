//! A pack: everything that one resource has in one block, some metrics with their samples or their buckets.
//!
//! Read whole and checked once, then decoded column by column as asked for. Layout: the CRC-32 of the rest, what
//! is in the columns, the axes and their lengths, the directory (metric, axis if there are several, length) and the
//! columns one after another. Columns with the same ticks share an axis.

use std::{
    cell::{OnceCell, RefCell},
    collections::VecDeque,
    sync::Arc,
};

use super::{
    axis::Axis,
    buckets::{Fields, put_buckets, read_buckets},
    bytes::{CHECKSUM, Malformed, Reader, put_number, sealed, unsealed},
    chunk::{put_values, read_values},
    scale::Scale,
};
use crate::{options::Rounding, rollup::Bucket};

const SAMPLES: u8 = 1;
const BUCKETS: u8 = 2;

const IMPOSSIBLE_ENTRY: Malformed = Malformed("a directory has an impossible entry");

/// One metric's samples.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SampleColumn {
    /// The metric's code, which a newer version may have written.
    pub(crate) metric: u8,
    /// When the samples were taken.
    pub(crate) axis: Arc<Axis>,
    /// Finite, one a tick.
    pub(crate) values: Vec<f64>,
}

/// One metric's buckets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BucketColumn {
    /// The metric's code, which a newer version may have written.
    pub(crate) metric: u8,
    /// The first tick of each bucket.
    pub(crate) axis: Arc<Axis>,
    /// One a tick.
    pub(crate) buckets: Vec<Bucket>,
}

/// Packs samples: columns of distinct metrics.
pub(crate) fn encode_samples(columns: &[SampleColumn], rounding: Rounding) -> Vec<u8> {
    let mut draft = Draft::default();
    for SampleColumn { metric, axis, values } in columns {
        draft.push(*metric, axis, |out| put_values(out, values, Scale::of_code(*metric, rounding)));
    }
    draft.sealed(SAMPLES)
}

/// Packs buckets: columns of distinct metrics.
pub(crate) fn encode_buckets(columns: &[BucketColumn], rounding: Rounding) -> Vec<u8> {
    let mut draft = Draft::default();
    for BucketColumn { metric, axis, buckets } in columns {
        draft.push(*metric, axis, |out| put_buckets(out, buckets, Scale::of_code(*metric, rounding)));
    }
    draft.sealed(BUCKETS)
}

/// A pack in the making.
#[derive(Debug, Default)]
struct Draft<'a> {
    axes: Vec<&'a Axis>,
    /// Metric, axis and length.
    directory: Vec<(u8, usize, usize)>,
    chunks: Vec<u8>,
}

impl<'a> Draft<'a> {
    fn push(&mut self, metric: u8, axis: &'a Axis, put: impl FnOnce(&mut Vec<u8>)) {
        let known = self.axes.iter().position(|known| std::ptr::eq(*known, axis) || *known == axis);
        let axis = known.unwrap_or_else(|| {
            self.axes.push(axis);
            self.axes.len() - 1
        });
        let start = self.chunks.len();
        put(&mut self.chunks);
        self.directory.push((metric, axis, self.chunks.len() - start));
    }

    fn sealed(self, contents: u8) -> Vec<u8> {
        let mut body = vec![contents];
        put_number(&mut body, self.axes.len() as u64);
        for axis in &self.axes {
            let mut bytes = Vec::new();
            axis.put(&mut bytes);
            put_number(&mut body, bytes.len() as u64);
            body.extend(bytes);
        }
        put_number(&mut body, self.directory.len() as u64);
        for (metric, axis, length) in self.directory {
            body.push(metric);
            if self.axes.len() > 1 {
                put_number(&mut body, axis as u64);
            }
            put_number(&mut body, length as u64);
        }
        body.extend(self.chunks);
        sealed(&body)
    }
}

/// A pack as stored, with its directory read.
#[derive(Debug)]
pub(crate) struct Pack<'a> {
    contents: u8,
    axes: Vec<StoredAxis<'a>>,
    columns: Vec<StoredColumn<'a>>,
}

#[derive(Debug)]
struct StoredAxis<'a> {
    bytes: &'a [u8],
    decoded: OnceCell<Arc<Axis>>,
}

#[derive(Debug, Clone, Copy)]
struct StoredColumn<'a> {
    metric: u8,
    axis: usize,
    chunk: &'a [u8],
}

impl<'a> Pack<'a> {
    /// Checks the checksum and reads the directory. Decodes no column.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, Malformed> {
        Self::read(Reader::new(unsealed(bytes)?))
    }

    /// Opens what never left memory since it was packed: it needs no checking.
    pub(crate) fn remembered(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        reader.take(CHECKSUM)?;
        Self::read(reader)
    }

    fn read(mut reader: Reader<'a>) -> Result<Self, Malformed> {
        let [contents] = reader.array()?;
        if !matches!(contents, SAMPLES | BUCKETS) {
            return Err(Malformed("it is no pack"));
        }
        let axes = (0..reader.count()?).map(|_| StoredAxis::read(&mut reader)).collect::<Result<Vec<_>, _>>()?;
        let columns = read_directory(&mut reader, axes.len())?;
        if reader.is_empty() { Ok(Self { contents, axes, columns }) } else { Err(Malformed("a pack is too long")) }
    }

    /// The codes of the metrics that are in it, in the order they were packed.
    #[cfg(test)]
    pub(crate) fn metrics(&self) -> impl Iterator<Item = u8> {
        self.columns.iter().map(|column| column.metric)
    }

    /// When the values of one metric are, if it is there. Decodes none of them.
    pub(crate) fn axis(&self, metric: u8) -> Result<Option<Arc<Axis>>, Malformed> {
        self.column(metric).map(|column| self.axes[column.axis].get()).transpose()
    }

    /// The samples of one metric, if it is there.
    pub(crate) fn samples(&self, metric: u8) -> Result<Option<SampleColumn>, Malformed> {
        self.column(metric).map(|column| self.read_samples(column)).transpose()
    }

    /// The buckets of one metric, if it is there.
    pub(crate) fn buckets(&self, metric: u8, fields: Fields) -> Result<Option<BucketColumn>, Malformed> {
        self.column(metric).map(|column| self.read_buckets(column, fields)).transpose()
    }

    /// The samples of all metrics.
    pub(crate) fn all_samples(&self) -> Result<Vec<SampleColumn>, Malformed> {
        self.columns.iter().map(|column| self.read_samples(column)).collect()
    }

    /// The buckets of all metrics.
    pub(crate) fn all_buckets(&self) -> Result<Vec<BucketColumn>, Malformed> {
        self.columns.iter().map(|column| self.read_buckets(column, Fields::All)).collect()
    }

    fn column(&self, metric: u8) -> Option<&StoredColumn<'a>> {
        self.columns.iter().find(|column| column.metric == metric)
    }

    fn read_samples(&self, column: &StoredColumn<'a>) -> Result<SampleColumn, Malformed> {
        if self.contents != SAMPLES {
            return Err(Malformed("a pack of buckets has no samples"));
        }
        let axis = self.axes[column.axis].get()?;
        let values = read_values(column.chunk, axis.ticks.len())?;
        Ok(SampleColumn { metric: column.metric, axis, values })
    }

    fn read_buckets(&self, column: &StoredColumn<'a>, fields: Fields) -> Result<BucketColumn, Malformed> {
        if self.contents != BUCKETS {
            return Err(Malformed("a pack of samples has no buckets"));
        }
        let axis = self.axes[column.axis].get()?;
        let buckets = read_buckets(column.chunk, axis.ticks.len(), fields)?;
        Ok(BucketColumn { metric: column.metric, axis, buckets })
    }
}

impl<'a> StoredAxis<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let length = reader.count()?;
        Ok(Self { bytes: reader.take(length)?, decoded: OnceCell::new() })
    }

    /// The axis, decoded the first time it is asked for.
    fn get(&self) -> Result<Arc<Axis>, Malformed> {
        if let Some(axis) = self.decoded.get() {
            return Ok(Arc::clone(axis));
        }
        let axis = LAST_AXES.with_borrow_mut(|last| last.read(self.bytes))?;
        Ok(Arc::clone(self.decoded.get_or_init(|| axis)))
    }
}

thread_local! {
    /// Questions about many resources read the same few blocks again and again, and nearly all packs of a block have the
    /// same axis.
    static LAST_AXES: RefCell<LastAxes> = RefCell::default();
}

/// The axes that were read last, with what they were read from.
#[derive(Debug, Default)]
struct LastAxes(VecDeque<(Box<[u8]>, Arc<Axis>)>);

impl LastAxes {
    const MOST: usize = 4;

    fn read(&mut self, bytes: &[u8]) -> Result<Arc<Axis>, Malformed> {
        if let Some((_, axis)) = self.0.iter().find(|(known, _)| **known == *bytes) {
            return Ok(Arc::clone(axis));
        }
        let mut reader = Reader::new(bytes);
        let axis = Arc::new(Axis::read(&mut reader)?);
        if !reader.is_empty() {
            return Err(Malformed("an axis is too long"));
        }
        self.0.truncate(Self::MOST - 1);
        self.0.push_front((bytes.into(), Arc::clone(&axis)));
        Ok(axis)
    }
}

/// Reads the directory, and behind it all columns.
fn read_directory<'a>(reader: &mut Reader<'a>, axes: usize) -> Result<Vec<StoredColumn<'a>>, Malformed> {
    let mut entries = reader.clone();
    let count = reader.count()?;
    for _ in 0..count {
        read_entry(reader, axes)?;
    }
    // Now that it is known where the directory ends, it is read once more, together with what it tells of.
    entries.count()?;
    let mut columns: Vec<StoredColumn<'a>> = Vec::with_capacity(count);
    for _ in 0..count {
        let (metric, axis, length) = read_entry(&mut entries, axes)?;
        if columns.iter().any(|known| known.metric == metric) {
            return Err(IMPOSSIBLE_ENTRY);
        }
        columns.push(StoredColumn { metric, axis, chunk: reader.take(length)? });
    }
    Ok(columns)
}

/// Reads a metric, the place of its axis and the length of its column.
fn read_entry(reader: &mut Reader<'_>, axes: usize) -> Result<(u8, usize, usize), Malformed> {
    let [metric] = reader.array()?;
    let axis = if axes > 1 { reader.small()? as usize } else { 0 };
    if axis >= axes {
        return Err(IMPOSSIBLE_ENTRY);
    }
    Ok((metric, axis, reader.small()? as usize))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use muster_model::Metric;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        codec::axis::PeriodRun,
        grid::{Period, Tick},
    };

    #[test]
    fn columns_of_the_same_ticks_share_an_axis() {
        // D-10
        let column = |metric, rows| SampleColumn { metric, axis: axis(rows), values: vec![1.0; rows] };
        let packed = |columns: &[SampleColumn]| encode_samples(columns, Rounding::Declared).len();
        let one = packed(&[column(0, 720)]);
        assert!(packed(&[column(0, 720), column(1, 720)]) < one + 10);
        let bytes = encode_samples(&[column(0, 720), column(1, 720), column(2, 5)], Rounding::Declared);
        let columns = Pack::open(&bytes).unwrap().all_samples().unwrap();
        assert!(Arc::ptr_eq(&columns[0].axis, &columns[1].axis));
        assert_eq!(columns[2].axis.ticks.len(), 5);
    }

    #[test]
    fn a_metric_that_is_not_there_is_not_an_error() {
        let bytes =
            encode_samples(&[SampleColumn { metric: 200, axis: axis(2), values: vec![1.0, 2.0] }], Rounding::Declared);
        let pack = Pack::open(&bytes).unwrap();
        assert_eq!(pack.metrics().collect::<Vec<_>>(), [200]);
        assert_eq!(pack.samples(0), Ok(None));
        assert_eq!(pack.samples(200).unwrap().unwrap().values, [1.0, 2.0]);
        assert!(pack.buckets(200, Fields::All).is_err(), "samples are not buckets");
    }

    proptest! {
        #[test]
        fn any_samples_round_trip(columns in any_columns(), rounding in any_rounding()) {
            let bytes = encode_samples(&columns, rounding);
            let pack = Pack::open(&bytes).unwrap();
            prop_assert_eq!(&pack.all_samples().unwrap(), &columns);
            for column in &columns {
                prop_assert_eq!(pack.samples(column.metric), Ok(Some(column.clone())));
            }
        }

        #[test]
        fn any_buckets_round_trip(columns in any_columns(), rounding in any_rounding()) {
            let columns: Vec<_> = columns.iter().map(|column| bucket_column(column, rounding)).collect();
            let bytes = encode_buckets(&columns, rounding);
            let pack = Pack::open(&bytes).unwrap();
            prop_assert_eq!(&pack.all_buckets().unwrap(), &columns);
            for column in &columns {
                prop_assert_eq!(pack.buckets(column.metric, Fields::All), Ok(Some(column.clone())));
            }
        }

        #[test]
        fn a_flipped_bit_is_refused(columns in any_columns(), at: prop::sample::Index, bit in 0..8_u8) {
            let mut bytes = encode_samples(&columns, Rounding::Declared);
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(Pack::open(&bytes).is_err());
        }

        #[test]
        fn any_bytes_are_a_pack_or_refused(bytes: Vec<u8>) {
            prop_assert!(Pack::open(&bytes).is_err());
            read_everything(&bytes);
        }

        #[test]
        fn a_damaged_pack_with_a_right_checksum_does_no_harm(
            columns in any_columns(),
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ) {
            let buckets: Vec<_> = columns.iter().map(|column| bucket_column(column, Rounding::Declared)).collect();
            for bytes in [encode_samples(&columns, Rounding::Declared), encode_buckets(&buckets, Rounding::Declared)] {
                let mut body = bytes[4..].to_vec();
                for (at, byte) in &damage {
                    let at = at.index(body.len());
                    body[at] = *byte;
                }
                read_everything(&body);
            }
        }
    }

    fn read_everything(body: &[u8]) {
        if let Ok(pack) = Pack::open(&sealed(body)) {
            for column in pack.all_samples().into_iter().flatten() {
                assert_eq!(column.values.len(), column.axis.ticks.len());
            }
            for column in pack.all_buckets().into_iter().flatten() {
                assert_eq!(column.buckets.len(), column.axis.ticks.len());
            }
        }
    }

    fn axis(rows: usize) -> Arc<Axis> {
        let period = Period::of_ticks(NonZeroU32::MIN);
        let ticks = (0..rows as i64).map(|row| Tick(179_000_000 + row)).collect();
        Arc::new(Axis { ticks, periods: vec![PeriodRun { period, count: rows as u32 }] })
    }

    fn bucket_column(column: &SampleColumn, rounding: Rounding) -> BucketColumn {
        let scale = Scale::of_code(column.metric, rounding);
        let bucket = |pair: (&f64, &f64)| {
            let mut bucket = Bucket::of(*pair.0, scale);
            bucket.add(*pair.1, scale);
            bucket
        };
        let buckets = column.values.iter().zip(column.values.iter().rev()).map(bucket).collect();
        BucketColumn { metric: column.metric, axis: Arc::clone(&column.axis), buckets }
    }

    fn any_rounding() -> impl Strategy<Value = Rounding> {
        prop::sample::select(&[Rounding::Declared, Rounding::Exact])
    }

    /// Columns of distinct metrics, one of which no version knows, of a few lengths.
    fn any_columns() -> impl Strategy<Value = Vec<SampleColumn>> {
        let column = (1..4_usize, prop::collection::vec(0.0..1e6_f64, 300), any::<bool>());
        prop::collection::btree_map(0..=Metric::ALL.len() as u8, column, 0..6).prop_map(|columns| {
            let column = |(metric, (third, mut values, is_rounded)): (u8, (usize, Vec<f64>, bool))| {
                values.truncate(third * 100);
                if let (true, Some(metric)) = (is_rounded, Metric::from_code(metric)) {
                    values.iter_mut().for_each(|value| *value = metric.precision().apply(*value));
                }
                SampleColumn { metric, axis: axis(values.len()), values }
            };
            columns.into_iter().map(column).collect()
        })
    }
}
