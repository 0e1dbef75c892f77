//! The whole protocol against simulated remotes that fail in every way: what arrives is compared with what was in the queue.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use muster_model::{Metric, ResourceId, ResourceKind, TenantId};
use muster_runtime::Entropy;
use proptest::prelude::*;
use prost::Message;

use super::{Next, Shipper};
use crate::{
    answer::{RawSample, Samples},
    error::RemoteError,
    feed::{Batch, FeedError, FeedSample, FeedSeries, Position},
    question::Question,
    settings::Pace,
    status::Dropped,
    wire::{STALE_MARKER_BITS, WireSample, WriteRequest},
};

type Key = (Metric, ResourceId);

/// How a simulated remote treats what it accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Temper {
    /// Takes anything at any time, keeps copies, and has it on disk only five seconds later.
    Forgetful,
    /// Takes nothing older than the newest of a series, whole requests or nothing; what it took is safe.
    Strict,
}

/// How long a forgetful remote keeps samples in memory alone.
const IN_MEMORY: Duration = Duration::from_secs(5);

struct Remote {
    temper: Temper,
    stored: BTreeMap<Key, Vec<(Duration, WireSample)>>,
}

impl Remote {
    fn write(&mut self, now: Duration, body: &[u8]) -> Result<(), RemoteError> {
        let plain = snap::raw::Decoder::new().decompress_vec(body).unwrap();
        let request = WriteRequest::decode(plain.as_slice()).unwrap();
        let before = self.stored.clone();
        for series in request.series {
            let label = |at: usize| series.labels[at].value.as_str();
            assert_eq!(label(2), TenantId::DEFAULT.as_str());
            let key = (Metric::from_exposition_name(label(0)).unwrap(), label(1).parse().unwrap());
            let stored = self.stored.entry(key).or_default();
            for sample in series.samples {
                if self.temper == Temper::Strict && refuses(stored, sample) {
                    self.stored = before;
                    return Err(refused(400, "out of order sample"));
                }
                let known = self.temper == Temper::Strict && stored.iter().any(|(_, old)| same(*old, sample));
                stored.extend((!known).then_some((now, sample)));
            }
        }
        Ok(())
    }

    fn ask(&self, question: &Question) -> Samples {
        let of_metric = self.stored.iter().filter(|((metric, _), _)| *metric == question.metric);
        let answers = of_metric.map(|((_, resource), stored)| {
            let samples = stored.iter().map(|(_, sample)| RawSample { at_ms: sample.timestamp, value: sample.value });
            (*resource, samples.filter(|one| question.span.contains(one.at_ms) && !one.value.is_nan()).collect())
        });
        answers.collect()
    }

    fn crash(&mut self, now: Duration) {
        let lost = |written: Duration| self.temper == Temper::Forgetful && now < written + IN_MEMORY;
        self.stored.values_mut().for_each(|stored| stored.retain(|(written, _)| !lost(*written)));
    }
}

fn same(a: WireSample, b: WireSample) -> bool {
    a.timestamp == b.timestamp && a.value.to_bits() == b.value.to_bits()
}

fn refuses(stored: &[(Duration, WireSample)], sample: WireSample) -> bool {
    let newest = stored.iter().map(|(_, old)| old).max_by_key(|old| old.timestamp);
    newest.is_some_and(|newest| newest.timestamp >= sample.timestamp && !same(*newest, sample))
}

fn refused(status: u16, text: &str) -> RemoteError {
    RemoteError::Refused { server: "s".into(), status, text: text.into(), retry_after: None }
}

/// What goes wrong at one step.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// Nothing.
    None,
    /// The call is lost on its way there.
    LostCall,
    /// The answer is lost on its way back.
    LostAnswer,
    /// The remote is busy.
    Busy,
    /// The remote falls over during the call.
    Crash,
    /// The remote falls over between two calls, and is back before anybody notices.
    UnseenCrash,
    /// We fall over.
    OwnCrash,
    /// The queue cannot be used.
    Queue,
}

struct World {
    now: Duration,
    remote: Remote,
    shipper: Shipper,
    queue: VecDeque<Batch>,
    dropped: Dropped,
    shipped: u64,
}

impl World {
    fn new(temper: Temper, batches: Vec<Batch>) -> Self {
        let remote = Remote { temper, stored: BTreeMap::new() };
        let (dropped, shipped) = (Dropped::default(), 0);
        Self { now: Duration::ZERO, remote, shipper: shipper(), queue: batches.into(), dropped, shipped }
    }

    fn turn(&mut self, fault: Fault) {
        let next = self.shipper.step(self.now);
        self.strike(fault);
        match next {
            Next::Wait(how_long) => self.now += how_long,
            Next::Fetch(_) => {
                let batch = self.queue.front().cloned();
                self.shipper.fetched(self.now, queue_fault(fault).map_or(Ok(batch), Err));
            }
            Next::Write(body) => {
                let arrives = !matches!(fault, Fault::LostCall | Fault::Busy);
                let outcome = if arrives { self.remote.write(self.now, &body) } else { Ok(()) };
                self.shipper.written(self.now, call_fault(fault).map_or(outcome, Err));
            }
            Next::Ask(question) => {
                let answer = self.remote.ask(&question);
                self.shipper.answered(self.now, call_fault(fault).map_or(Ok(answer), Err));
            }
            Next::Confirm(position) => match queue_fault(fault) {
                Some(error) => self.shipper.confirmed(self.now, Err(error)),
                None => self.confirm(position),
            },
        }
        if matches!(fault, Fault::OwnCrash) {
            self.count();
            self.shipper = shipper();
        }
    }

    fn strike(&mut self, fault: Fault) {
        match fault {
            Fault::Crash | Fault::UnseenCrash => self.remote.crash(self.now),
            Fault::None | Fault::LostCall | Fault::LostAnswer | Fault::Busy | Fault::OwnCrash | Fault::Queue => {}
        }
    }

    fn confirm(&mut self, position: Position) {
        let batch = self.queue.pop_front().unwrap();
        assert_eq!(batch.position, position);
        self.shipper.confirmed(self.now, Ok(()));
    }

    fn count(&mut self) {
        let status = self.shipper.status();
        self.shipped += status.shipped;
        self.dropped.refused += status.dropped.refused;
        self.dropped.not_kept += status.dropped.not_kept;
    }

    /// The values that the remote holds for a series, by time; each must be there once.
    fn held(&self, key: &Key) -> BTreeMap<i64, u64> {
        let stored = self.remote.stored.get(key).into_iter().flatten();
        let mut held = BTreeMap::new();
        for (_, sample) in stored {
            let twice = held.insert(sample.timestamp, sample.value.to_bits());
            assert_eq!(twice, None, "{key:?} has {} twice", sample.timestamp);
        }
        held
    }
}

fn call_fault(fault: Fault) -> Option<RemoteError> {
    match fault {
        Fault::LostCall | Fault::LostAnswer | Fault::Crash => Some(refused(502, "bad gateway")),
        Fault::Busy => Some(refused(429, "slow down")),
        Fault::None | Fault::UnseenCrash | Fault::OwnCrash | Fault::Queue => None,
    }
}

fn queue_fault(fault: Fault) -> Option<FeedError> {
    matches!(fault, Fault::Queue).then(|| FeedError::new("reading the queue", "disk on fire"))
}

fn shipper() -> Shipper {
    let pace = Pace { request_samples: 7, ..Pace::default() };
    Shipper::new(pace, Arc::new(Entropy::seeded(1)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_is_lost_or_doubled_by_a_forgetful_remote(batches in batches(), faults in faults()) {
        let world = run(Temper::Forgetful, &batches, &faults);
        prop_assert_eq!(world.dropped, Dropped::default());
        prop_assert_eq!(world.shipped, total(&batches));
        for (key, expected) in expected(&batches) {
            prop_assert_eq!(world.held(&key), expected, "{:?}", key.0);
        }
    }

    #[test]
    fn a_strict_remote_lacks_only_what_came_too_late(batches in batches(), faults in faults()) {
        let world = run(Temper::Strict, &batches, &faults);
        let mut refused = 0;
        for (key, expected) in expected(&batches) {
            let held = world.held(&key);
            let in_time = in_time(&batches, key);
            for (at_ms, bits) in expected {
                let value = held.get(&at_ms);
                prop_assert!(value == Some(&bits) || !in_time.contains(&at_ms), "{key:?} lacks {at_ms}");
                refused += u64::from(value.is_none() && bits != STALE_MARKER_BITS);
            }
        }
        prop_assert_eq!(world.dropped, Dropped { refused, ..Dropped::default() });
        prop_assert_eq!(world.shipped + refused, total(&batches));
    }
}

fn run(temper: Temper, batches: &[Batch], faults: &[Fault]) -> World {
    let mut world = World::new(temper, batches.to_vec());
    let mut faults = faults.iter().copied();
    // Trouble first, then calm: the queue must become empty.
    for _ in 0..5_000 {
        let idle = world.queue.is_empty() && matches!(world.shipper.step(world.now), Next::Fetch(_));
        if idle {
            world.count();
            return world;
        }
        world.turn(faults.next().unwrap_or(Fault::None));
    }
    panic!("not done after 5,000 steps; now {:?}", world.shipper.status());
}

fn total(batches: &[Batch]) -> u64 {
    batches.iter().flat_map(|batch| &batch.series).map(|series| series.samples.len() as u64).sum()
}

/// What should be at a remote that takes everything: values and markers.
fn expected(batches: &[Batch]) -> BTreeMap<Key, BTreeMap<i64, u64>> {
    let mut expected: BTreeMap<Key, BTreeMap<i64, u64>> = BTreeMap::new();
    for series in batches.iter().flat_map(|batch| &batch.series) {
        let of_series = expected.entry((series.metric, series.resource)).or_default();
        for sample in &series.samples {
            of_series.insert(sample.at_ms, sample.value.to_bits());
            of_series.extend(sample.gap_before.map(|last| (last + series.period_ms, STALE_MARKER_BITS)));
        }
    }
    expected
}

/// The times of a series that were newest when their batch came.
fn in_time(batches: &[Batch], key: Key) -> Vec<i64> {
    let (mut newest, mut in_time) = (i64::MIN, vec![]);
    for series in batches.iter().flat_map(|batch| &batch.series).filter(|one| (one.metric, one.resource) == key) {
        for sample in series.samples.iter().filter(|sample| sample.at_ms > newest) {
            in_time.push(sample.at_ms);
        }
        newest = newest.max(series.samples.last().map_or(i64::MIN, |sample| sample.at_ms));
    }
    in_time
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let fault = prop_oneof![
        12 => Just(Fault::None),
        1 => Just(Fault::LostCall),
        1 => Just(Fault::LostAnswer),
        1 => Just(Fault::Busy),
        1 => Just(Fault::Crash),
        1 => Just(Fault::OwnCrash),
        1 => Just(Fault::Queue),
    ];
    // A remote that falls over unseen at every look could not be told from one that keeps nothing.
    (prop::collection::vec(fault, 0..120), prop::collection::vec(any::<prop::sample::Index>(), 0..3)).prop_map(
        |(mut faults, unseen)| {
            let length = faults.len();
            unseen.iter().filter(|_| length > 0).for_each(|at| faults[at.index(length)] = Fault::UnseenCrash);
            faults
        },
    )
}

/// A few batches of three series: ascending with gaps, and a few samples that come a batch late.
fn batches() -> impl Strategy<Value = Vec<Batch>> {
    let slot =
        (0..3usize, prop_oneof![8 => Just(1i64), 1 => Just(5i64)], prop::num::f64::NORMAL, prop::bool::weighted(0.05));
    prop::collection::vec(prop::collection::vec(slot, 0..25), 1..5).prop_map(|batches| {
        let mut clocks = [0i64; 3];
        let made = batches.into_iter().zip(1..).map(|(slots, position)| make_batch(position, &slots, &mut clocks));
        made.collect()
    })
}

fn make_batch(position: i64, slots: &[(usize, i64, f64, bool)], clocks: &mut [i64; 3]) -> Batch {
    const PERIOD: i64 = 10_000;
    let mut series: Vec<FeedSeries> = (0..3).map(empty_series).collect();
    for (which, step, value, late) in slots {
        let last = clocks[*which];
        let at = last + step;
        clocks[*which] = at;
        let gap_before = (*step > 2 && last > 0).then_some(last * PERIOD);
        // A late sample lies between two slots, so that it meets no other.
        let at_ms = if *late { at * PERIOD - 200_000 + 7 } else { at * PERIOD };
        series[*which].samples.push(FeedSample { at_ms, value: *value, gap_before: gap_before.filter(|_| !late) });
    }
    series.iter_mut().for_each(|series| series.samples.sort_by_key(|sample| sample.at_ms));
    series.retain(|series| !series.samples.is_empty());
    Batch { position: Position(position), series }
}

fn empty_series(which: usize) -> FeedSeries {
    let resource = ResourceId::mint(ResourceKind::Vm, &(which / 2).to_string());
    let metric = [Metric::Cpu, Metric::NetIn][which % 2];
    FeedSeries { tenant: TenantId::DEFAULT, resource, metric, period_ms: 10_000, samples: vec![] }
}
