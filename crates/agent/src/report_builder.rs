//! Puts a report together: keys stay unique, unchanged records are shared with the last report, and no sample carries a
//! number that is none.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use muster_model::{Issue, Metric, NativeKey, Record, Sample, SampleValue, UnknownReason};

/// Records by key, as the last report had them.
pub(crate) type Previous = BTreeMap<NativeKey, Arc<Record>>;

/// The parts of a report in the making.
pub(crate) struct ReportBuilder<'a> {
    previous: &'a Previous,
    taken: BTreeSet<NativeKey>,
    pub(crate) records: Vec<Arc<Record>>,
    pub(crate) samples: Vec<Sample>,
    pub(crate) issues: Vec<Issue>,
}

impl<'a> ReportBuilder<'a> {
    /// Nothing yet.
    pub(crate) fn new(previous: &'a Previous) -> Self {
        Self { previous, taken: BTreeSet::new(), records: Vec::new(), samples: Vec::new(), issues: Vec::new() }
    }

    /// Adds a record and returns its place.
    pub(crate) fn record(&mut self, mut record: Record) -> u32 {
        record.key = self.unique(&record.key);
        let place = u32::try_from(self.records.len()).expect("a machine has fewer than 2^32 parts");
        self.records.push(match self.previous.get(&record.key) {
            Some(previous) if **previous == record => Arc::clone(previous),
            Some(_) | None => Arc::new(record),
        });
        place
    }

    /// The record of the last report under a key.
    pub(crate) fn last(&self, key: &NativeKey) -> Option<&Record> {
        self.previous.get(key).map(AsRef::as_ref)
    }

    /// Adds a measured value, or why there is none.
    pub(crate) fn sample(&mut self, record: u32, metric: Metric, value: Result<f64, UnknownReason>) {
        let value = match value {
            Ok(value) if value.is_finite() => SampleValue::Value(value),
            Ok(_) => SampleValue::Unknown(UnknownReason::Malformed),
            Err(reason) => SampleValue::Unknown(reason),
        };
        self.samples.push(Sample { record, metric, value });
    }

    /// Two things may look alike once their names have become text; the later one is numbered.
    fn unique(&mut self, key: &NativeKey) -> NativeKey {
        let numbered = |n: u32| NativeKey::new(&format!("{key}~{n}")).expect("a key with a number is not empty");
        let free = std::iter::once(key.clone()).chain((2..).map(numbered)).find(|key| !self.taken.contains(key));
        let free = free.expect("there are more numbers than records");
        self.taken.insert(free.clone());
        free
    }
}
