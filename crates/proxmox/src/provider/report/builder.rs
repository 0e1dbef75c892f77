//! Puts a report together: what is the same as in the report before is shared with it, and no sample carries a number
//! that is none.

use std::{collections::BTreeMap, sync::Arc};

use muster_model::{Facet, Metric, NativeKey, Record, Sample, SampleValue, UnknownReason};

/// A report in the making.
pub(super) struct Builder {
    previous: BTreeMap<NativeKey, Arc<Record>>,
    pub(super) reported: BTreeMap<NativeKey, Arc<Record>>,
    pub(super) records: Vec<Arc<Record>>,
    pub(super) samples: Vec<Sample>,
}

impl Builder {
    /// Nothing yet.
    pub(super) fn new(previous: BTreeMap<NativeKey, Arc<Record>>) -> Self {
        Self { previous, reported: BTreeMap::new(), records: Vec::new(), samples: Vec::new() }
    }

    /// Adds a record and gives its place.
    pub(super) fn record(&mut self, mut record: Record) -> u32 {
        let place = u32::try_from(self.records.len()).expect("a cluster has fewer than 2^32 parts");
        let record = match self.previous.remove(&record.key) {
            Some(previous) if *previous == record => previous,
            Some(previous) => {
                record.facets.iter_mut().for_each(|facet| share(facet, &previous.facets));
                Arc::new(record)
            }
            None => Arc::new(record),
        };
        self.reported.insert(record.key.clone(), Arc::clone(&record));
        self.records.push(record);
        place
    }

    /// Adds a measured value, or why there is none.
    pub(super) fn sample(&mut self, record: u32, metric: Metric, value: Result<f64, UnknownReason>) {
        let value = match value {
            Ok(value) if value.is_finite() => SampleValue::Value(value),
            Ok(_) => SampleValue::Unknown(UnknownReason::Malformed),
            Err(reason) => SampleValue::Unknown(reason),
        };
        self.samples.push(Sample { record, metric, value });
    }

    /// Adds a value that may be missing.
    pub(super) fn reading(&mut self, record: u32, metric: Metric, value: Option<f64>, why_not: UnknownReason) {
        self.sample(record, metric, value.ok_or(why_not));
    }
}

/// Takes the facet of before where it is the same.
fn share(facet: &mut Arc<Facet>, before: &[Arc<Facet>]) {
    if let Some(same) = before.iter().find(|before| *before == facet) {
        *facet = Arc::clone(same);
    }
}

#[cfg(test)]
mod tests {
    use muster_model::{Identity, ResourceKind, Status};

    use super::*;

    #[test]
    fn what_is_the_same_is_shared() {
        let mut first = Builder::new(BTreeMap::new());
        first.record(record("a", "one"));
        first.record(record("b", "one"));
        let before = first.records.clone();
        let mut second = Builder::new(first.reported);
        second.record(record("a", "one"));
        second.record(record("b", "two"));
        assert!(Arc::ptr_eq(&second.records[0], &before[0]));
        assert!(!Arc::ptr_eq(&second.records[1], &before[1]));
        assert!(Arc::ptr_eq(&second.records[1].facets[0], &before[1].facets[0]));
    }

    #[test]
    fn no_sample_is_not_a_number() {
        // D-9
        let mut builder = Builder::new(BTreeMap::new());
        builder.sample(0, Metric::Cpu, Ok(f64::NAN));
        builder.sample(0, Metric::Cpu, Ok(f64::INFINITY));
        assert!(builder.samples.iter().all(|sample| sample.value == SampleValue::Unknown(UnknownReason::Malformed)));
    }

    fn record(key: &str, name: &str) -> Record {
        Record {
            key: NativeKey::new(key).unwrap(),
            kind: ResourceKind::Storage,
            name: name.into(),
            status: Status::Online,
            technology: None,
            identity: Identity::default(),
            parent: None,
            links: vec![],
            tags: std::collections::BTreeSet::new(),
            facets: vec![Arc::new(Facet::Storage(muster_model::StorageFacet::default()))],
        }
    }
}
