//! A batch in hand: which of its samples are still to be written, and what became of the others.
//!
//! Owned by the shipper. A parcel is cut into requests; a request that is refused is halved until the sample at fault stands
//! alone. What is read back from the remote is noted here, so that what is missing can be written again, and only that.
//! Pure: it performs no I/O and knows no time but that of the samples.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use muster_model::{Metric, ResourceId, TenantId};

use crate::{
    answer::Samples,
    feed::{Batch, FeedSample, FeedSeries, Position},
    question::{Question, Resources, Span},
    wire::{self, TimeSeries, WireSample, WriteRequest},
};

/// Samples that one question of an audit should bring back at most.
const QUESTION_SAMPLES: usize = 100_000;

/// Times further apart than this are asked for separately: a few late samples must not make us read everything between.
const QUESTION_GAP_MS: i64 = 300_000;

/// What became of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Not known to be at the remote.
    Missing,
    /// Seen at the remote.
    Seen,
    /// The remote does not want it.
    Refused,
}

/// Some consecutive samples of one series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    series: usize,
    samples: Range<usize>,
    /// Whether the markers of staleness before them are written too.
    markers: bool,
}

/// What one request carries; never empty.
pub(crate) type Load = Vec<Piece>;

/// A batch in hand.
#[derive(Debug)]
pub(crate) struct Parcel {
    position: Position,
    series: Vec<FeedSeries>,
    fates: Vec<Vec<Fate>>,
    index: BTreeMap<(TenantId, Metric), BTreeMap<ResourceId, Vec<usize>>>,
    not_a_number: u64,
}

impl Parcel {
    pub(crate) fn new(batch: Batch) -> Self {
        let Batch { position, mut series } = batch;
        let not_a_number = series.iter_mut().map(drop_not_a_number).sum();
        let fates = series.iter().map(|series| vec![Fate::Missing; series.samples.len()]).collect();
        let mut index = BTreeMap::<_, BTreeMap<_, Vec<usize>>>::new();
        for (at, one) in series.iter().enumerate() {
            let metric = index.entry((one.tenant.clone(), one.metric)).or_default();
            metric.entry(one.resource).or_default().push(at);
        }
        Self { position, series, fates, index, not_a_number }
    }

    /// Where the batch ends in the queue.
    pub(crate) fn position(&self) -> Position {
        self.position
    }

    /// How many samples were no numbers, and so are not sent.
    pub(crate) fn not_a_number(&self) -> u64 {
        self.not_a_number
    }

    /// How many samples were seen, are missing, and were refused, in this order.
    pub(crate) fn counts(&self) -> [u64; 3] {
        let of = |fate| self.fates.iter().flatten().filter(|one| **one == fate).count() as u64;
        [of(Fate::Seen), of(Fate::Missing), of(Fate::Refused)]
    }

    /// The missing samples in requests of at most so many, the last request first, to be taken from the end. A request goes
    /// through the series in order, and each series is written in order of time: some servers take nothing older than
    /// what they have.
    pub(crate) fn loads(&self, most: usize) -> Vec<Load> {
        let mut loads: Vec<Load> = vec![];
        let mut room = 0;
        for (series, mut samples) in self.missing() {
            while !samples.is_empty() {
                if room == 0 {
                    loads.push(vec![]);
                    room = most.max(1);
                }
                let end = samples.end.min(samples.start + room);
                let piece = Piece { series, samples: samples.start..end, markers: true };
                room -= piece.samples.len();
                samples.start = end;
                loads.last_mut().expect("a load was just begun").push(piece);
            }
        }
        loads.reverse();
        loads
    }

    /// Runs of missing samples, by series.
    fn missing(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        self.fates.iter().enumerate().flat_map(|(series, fates)| {
            let mut start = 0;
            fates.chunk_by(|a, b| a == b).filter_map(move |run| {
                let range = start..start + run.len();
                start = range.end;
                (run[0] == Fate::Missing).then_some((series, range))
            })
        })
    }

    /// A request's body.
    pub(crate) fn body(&self, load: &Load) -> Vec<u8> {
        let series = load.iter().map(|piece| {
            let series = &self.series[piece.series];
            let labels = wire::labels(&series.tenant, series.resource, series.metric);
            TimeSeries { labels, samples: wire_samples(series, piece) }
        });
        wire::body(&WriteRequest { series: series.collect() })
    }

    /// The two requests that a refused one becomes, the later first. A sample that stands alone is tried once more without
    /// its marker of staleness, which is older than itself; then there is nothing left to cut.
    pub(crate) fn cut(&self, load: &Load) -> Vec<Load> {
        let total: usize = load.iter().map(|piece| piece.samples.len()).sum();
        if total > 1 {
            let (earlier, later) = halves(load, total / 2);
            return vec![later, earlier];
        }
        let marked = load.iter().any(|piece| piece.markers && self.first_sample(piece).gap_before.is_some());
        let unmarked = load.iter().map(|piece| Piece { markers: false, ..piece.clone() }).collect();
        if marked { vec![unmarked] } else { vec![] }
    }

    fn first_sample(&self, piece: &Piece) -> FeedSample {
        self.series[piece.series].samples[piece.samples.start]
    }

    /// Notes that the remote does not want these.
    pub(crate) fn refuse(&mut self, load: &Load) {
        for piece in load {
            self.fates[piece.series][piece.samples.clone()].fill(Fate::Refused);
        }
    }

    /// Forgets what was seen, before it is looked at again.
    pub(crate) fn unsee(&mut self) {
        self.fates.iter_mut().flatten().filter(|fate| **fate == Fate::Seen).for_each(|fate| *fate = Fate::Missing);
    }

    /// What must be asked to see every sample of the batch.
    pub(crate) fn questions(&self) -> Vec<Question> {
        let about = |(tenant, metric): &(TenantId, Metric), span| Question {
            tenant: tenant.clone(),
            metric: *metric,
            resources: Resources::All,
            span,
        };
        let of_metric = |(key, by_resource)| self.spans(by_resource).into_iter().map(move |span| about(key, span));
        self.index.iter().flat_map(of_metric).collect()
    }

    /// The spans in which a metric's samples lie.
    fn spans(&self, by_resource: &BTreeMap<ResourceId, Vec<usize>>) -> Vec<Span> {
        let series = by_resource.values().flatten().map(|at| &self.series[*at]);
        let mut times: Vec<i64> = series.flat_map(|series| series.samples.iter().map(|sample| sample.at_ms)).collect();
        times.sort_unstable();
        let mut spans: Vec<(Span, usize)> = vec![];
        for at_ms in times {
            match spans.last_mut() {
                Some((span, _)) if span.contains(at_ms) => {}
                Some((span, count)) if *count < QUESTION_SAMPLES && at_ms - span.to_ms < QUESTION_GAP_MS => {
                    span.to_ms = at_ms + 1;
                }
                Some(_) | None => spans.push((Span { from_ms: at_ms, to_ms: at_ms + 1 }, 0)),
            }
            spans.last_mut().expect("a span was just begun").1 += 1;
        }
        spans.into_iter().map(|(span, _)| span).collect()
    }

    /// Notes what the remote holds. Only times are compared: some servers round values.
    pub(crate) fn see(&mut self, question: &Question, answer: &Samples) {
        let Some(by_resource) = self.index.get(&(question.tenant.clone(), question.metric)) else { return };
        for (resource, found) in answer {
            let times: BTreeSet<i64> = found.iter().map(|sample| sample.at_ms).collect();
            for at in by_resource.get(resource).into_iter().flatten() {
                let samples = self.series[*at].samples.iter().zip(&mut self.fates[*at]);
                samples.filter(|(sample, _)| times.contains(&sample.at_ms)).for_each(|(_, fate)| *fate = Fate::Seen);
            }
        }
    }
}

/// Takes out what is not a number; a gap before such a sample is a gap before the next one.
fn drop_not_a_number(series: &mut FeedSeries) -> u64 {
    let before = series.samples.len();
    let mut gap = None;
    series.samples.retain_mut(|sample| {
        gap = gap.or(sample.gap_before);
        if sample.value.is_nan() {
            return false;
        }
        sample.gap_before = gap.take();
        true
    });
    (before - series.samples.len()) as u64
}

fn wire_samples(series: &FeedSeries, piece: &Piece) -> Vec<WireSample> {
    let mut wired = Vec::with_capacity(piece.samples.len());
    for sample in &series.samples[piece.samples.clone()] {
        let marker = sample.gap_before.map(|last_ms| last_ms.saturating_add(series.period_ms));
        // A marker that does not stand before its sample would be a sample in the way of another.
        wired.extend(marker.filter(|at_ms| piece.markers && *at_ms < sample.at_ms).map(wire::stale_marker));
        wired.push(WireSample { value: sample.value, timestamp: sample.at_ms });
    }
    wired
}

/// The first so many samples of a request, and the others.
fn halves(load: &Load, first: usize) -> (Load, Load) {
    let (mut earlier, mut later) = (vec![], vec![]);
    let mut room = first;
    for piece in load {
        let (start, end) = (piece.samples.start, piece.samples.end);
        let cut = end.min(start + room);
        room -= cut - start;
        let part = |samples: Range<usize>| Piece { samples, ..piece.clone() };
        earlier.extend((start < cut).then(|| part(start..cut)));
        later.extend((cut < end).then(|| part(cut..end)));
    }
    (earlier, later)
}

#[cfg(test)]
mod tests {
    use muster_model::ResourceKind;
    use prost::Message;

    use super::*;
    use crate::{answer::RawSample, wire::STALE_MARKER_BITS};

    #[test]
    fn requests_are_full_and_in_order() {
        let parcel = parcel(&[&[1, 2, 3], &[1, 2]]);
        let mut loads = parcel.loads(2);
        let sent: Vec<Vec<i64>> = std::iter::from_fn(|| loads.pop()).map(|load| times(&parcel, &load)).collect();
        assert_eq!(sent, [vec![1, 2], vec![3, 1], vec![2]]);
    }

    #[test]
    fn what_is_seen_is_not_sent_again() {
        let mut parcel = parcel(&[&[1, 2, 3], &[1, 2]]);
        let questions = parcel.questions();
        let found = |at_ms| RawSample { at_ms, value: 9.0 };
        // A sample of a resource that is not in the batch, and one of a time that is not, are nothing to us.
        let held = [(vm(0), vec![found(2), found(77)]), (vm(1), vec![found(1), found(2)]), (vm(9), vec![found(1)])];
        parcel.see(&questions[0], &held.into());
        assert_eq!(parcel.counts(), [3, 2, 0]);
        assert_eq!(parcel.loads(9).iter().map(|load| times(&parcel, load)).collect::<Vec<_>>(), [[1, 3]]);
        parcel.unsee();
        assert_eq!(parcel.counts(), [0, 5, 0]);
    }

    #[test]
    fn a_refused_request_is_halved_down_to_the_sample() {
        let parcel = parcel(&[&[1, 2], &[3]]);
        let halves = parcel.cut(&parcel.loads(9)[0]);
        assert_eq!(halves.iter().map(|load| times(&parcel, load)).collect::<Vec<_>>(), [vec![2, 3], vec![1]]);
        assert_eq!(parcel.cut(&halves[1]), Vec::<Load>::new());
    }

    #[test]
    fn a_marker_stands_one_period_after_the_last_sample_and_yields_to_a_refusal() {
        // D-10
        let mut batch = batch(&[&[60_000]]);
        batch.series[0].samples[0].gap_before = Some(20_000);
        let parcel = Parcel::new(batch);
        let load = &parcel.loads(9)[0];
        assert_eq!(times(&parcel, load), [30_000, 60_000]);
        assert_eq!(sent(&parcel, load)[0].value.to_bits(), STALE_MARKER_BITS);
        let unmarked = parcel.cut(load);
        assert_eq!(times(&parcel, &unmarked[0]), [60_000]);
        assert_eq!(parcel.cut(&unmarked[0]), Vec::<Load>::new());
    }

    #[test]
    fn a_gap_outlives_the_sample_that_was_no_number() {
        let mut batch = batch(&[&[60_000, 70_000]]);
        batch.series[0].samples[0] = FeedSample { at_ms: 60_000, value: f64::NAN, gap_before: Some(20_000) };
        let parcel = Parcel::new(batch);
        assert_eq!(parcel.not_a_number(), 1);
        assert_eq!(times(&parcel, &parcel.loads(9)[0]), [30_000, 70_000]);
    }

    #[test]
    fn a_few_late_samples_do_not_make_us_read_everything_between() {
        let hour = 3_600_000;
        let spans: Vec<Span> = parcel(&[&[5, hour, hour + 10_000]]).questions().iter().map(|q| q.span).collect();
        let late = Span { from_ms: 5, to_ms: 6 };
        assert_eq!(spans, [late, Span { from_ms: hour, to_ms: hour + 10_001 }]);
    }

    #[test]
    fn questions_stay_small() {
        let times: Vec<i64> = (0..QUESTION_SAMPLES as i64 * 2 + 1).collect();
        let spans: Vec<Span> = parcel(&[&times]).questions().iter().map(|question| question.span).collect();
        assert_eq!(spans.len(), 3);
        assert!(spans.windows(2).all(|pair| pair[0].to_ms == pair[1].from_ms));
    }

    fn parcel(times: &[&[i64]]) -> Parcel {
        Parcel::new(batch(times))
    }

    /// One series for each list of times.
    fn batch(times: &[&[i64]]) -> Batch {
        let sample = |at_ms: &i64| FeedSample { at_ms: *at_ms, value: 1.0, gap_before: None };
        let series = times.iter().enumerate().map(|(at, times)| FeedSeries {
            tenant: TenantId::DEFAULT,
            resource: vm(at),
            metric: Metric::Cpu,
            period_ms: 10_000,
            samples: times.iter().map(sample).collect(),
        });
        Batch { position: Position(1), series: series.collect() }
    }

    fn vm(number: usize) -> ResourceId {
        ResourceId::mint(ResourceKind::Vm, &number.to_string())
    }

    fn times(parcel: &Parcel, load: &Load) -> Vec<i64> {
        sent(parcel, load).iter().map(|sample| sample.timestamp).collect()
    }

    fn sent(parcel: &Parcel, load: &Load) -> Vec<WireSample> {
        let plain = snap::raw::Decoder::new().decompress_vec(&parcel.body(load)).unwrap();
        WriteRequest::decode(plain.as_slice()).unwrap().series.into_iter().flat_map(|series| series.samples).collect()
    }
}
