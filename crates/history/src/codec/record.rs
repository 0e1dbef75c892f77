//! One sweep as one record of the sweep log, delta-packed against the sweeps before it in the same file.
//!
//! | part | shape |
//! |---|---|
//! | length of the body | number, never 0 |
//! | CRC-32 of the body | 4 bytes |
//! | body: plans | count, then definitions of plans that the file has not had yet |
//! | body: rows | count, then for each: plan, tick minus the expected tick, its values as symbols |
//!
//! What is expected is what the plan had last in the file: its tick plus its period, its values. A record is therefore
//! read only after those before it. A plan without an earlier row is expected at tick 0 with all values 0.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    bytes::{Malformed, Reader, put_number, sealed, unzigzag, zigzag},
    definition, symbols,
};
use crate::{
    grid::Tick,
    plan::{Definition, Plan, PlanId},
    sweep::{LoggedRow, Row},
};

/// What the next row of each plan is expected to be.
#[derive(Debug, Default)]
struct Expectations(BTreeMap<PlanId, Expected>);

#[derive(Debug)]
struct Expected {
    tick: Tick,
    numbers: Vec<i64>,
}

impl Expectations {
    fn of(&mut self, plan: PlanId, width: usize) -> &mut Expected {
        self.0.entry(plan).or_insert_with(|| Expected { tick: Tick(0), numbers: vec![0; width] })
    }
}

/// Packs the sweeps of one file.
#[derive(Debug, Default)]
pub(crate) struct Encoder {
    expected: Expectations,
}

impl Encoder {
    /// Packs one sweep, preceded by the definitions of the given plans.
    pub(crate) fn frame(&mut self, definitions: &[&Plan], rows: &[Row]) -> Vec<u8> {
        let mut body = Vec::with_capacity(16 + 2 * rows.iter().map(|row| row.values.len()).sum::<usize>());
        put_number(&mut body, definitions.len() as u64);
        for plan in definitions {
            definition::put(&mut body, plan);
        }
        put_number(&mut body, rows.len() as u64);
        for row in rows {
            self.put_row(&mut body, row);
        }
        let mut frame = Vec::with_capacity(body.len() + 9);
        put_number(&mut frame, body.len() as u64);
        frame.extend(sealed(&body));
        frame
    }

    fn put_row(&mut self, out: &mut Vec<u8>, row: &Row) {
        let expected = self.expected.of(row.plan.id, row.plan.width());
        put_number(out, u64::from(row.plan.id.0));
        put_number(out, zigzag(row.tick.0 - expected.tick.0));
        expected.tick = row.tick.plus(row.plan.period.get());
        let mut writer = symbols::Writer::new(out);
        for (column, value) in row.values.iter().enumerate() {
            writer.push(*value, row.plan.scale(column), &mut expected.numbers[column]);
        }
        writer.finish();
    }
}

/// Unpacks the sweeps of one file, in order.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    expected: Expectations,
    plans: BTreeMap<PlanId, Arc<Definition>>,
}

impl Decoder {
    /// Reads the body of one record. After an error nothing more of the file can be read.
    pub(crate) fn read(&mut self, body: &[u8]) -> Result<Vec<LoggedRow>, Malformed> {
        let body = &mut Reader::new(body);
        for _ in 0..body.count()? {
            let plan = definition::read(body)?;
            // What is expected of its rows would be of the first one's width.
            if self.plans.contains_key(&plan.id) {
                return Err(Malformed("a plan is defined twice"));
            }
            self.plans.insert(plan.id, Arc::new(plan));
        }
        let count = body.count()?;
        let rows = (0..count).map(|_| self.read_row(body)).collect::<Result<_, _>>()?;
        if body.is_empty() { Ok(rows) } else { Err(Malformed("a record is longer than its rows")) }
    }

    fn read_row(&mut self, body: &mut Reader<'_>) -> Result<LoggedRow, Malformed> {
        let plan = self.plans.get(&PlanId(body.small()?)).ok_or(Malformed("a row is of a plan that nobody defined"))?;
        let expected = self.expected.of(plan.id, plan.series.len());
        let tick = expected.tick.0.checked_add(unzigzag(body.number()?)).and_then(Tick::checked);
        let tick = tick.ok_or(Malformed("a row lies outside of time"))?;
        expected.tick = tick.plus(plan.period.get());
        let mut values = symbols::Values::new(body);
        let numbers = expected.numbers.iter_mut().enumerate();
        let row = numbers.map(|(column, number)| values.next(plan.scale(column), number)).collect::<Result<_, _>>()?;
        values.finish()?;
        Ok(LoggedRow { plan: Arc::clone(plan), tick, values: row })
    }
}

#[cfg(test)]
mod tests {
    use muster_model::{Metric, ResourceId, ResourceKind, SourceId, TenantId};
    use proptest::prelude::*;

    use super::*;
    use crate::{codec::bytes::unsealed, grid::Period, plan::TrackId};

    #[test]
    fn a_steady_host_costs_less_than_two_bytes_a_sample() {
        // D-12. Values that move as they do on a real host; the definition is amortised over the file.
        let metrics = [Metric::Cpu, Metric::MemoryUsed, Metric::Swap, Metric::NetIn, Metric::DiskWrite, Metric::Load1];
        let plan = Arc::new(plan(1, &metrics.repeat(10)));
        let mut encoder = Encoder::default();
        let mut bytes = encoder.frame(&[&plan], &[]).len();
        let mut noise = 1_u64;
        for sweep in 0..720 {
            let values = (0..plan.width()).map(|column| {
                let (_, metric) = plan.series(column).unwrap();
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let wobble = (noise >> 40) as f64 / f64::from(1 << 24) - 0.5;
                let value = match metric {
                    Metric::Cpu => 40.0 + 8.0 * wobble,
                    Metric::MemoryUsed => 8e9 + 1e6 * wobble,
                    Metric::NetIn | Metric::DiskWrite => 1e6 * (1.0 + wobble),
                    Metric::Load1 => 1.0 + 0.2 * wobble,
                    _ => column as f64,
                };
                metric.precision().apply(value)
            });
            let values = values.collect::<Vec<_>>().into();
            bytes += encoder.frame(&[], &[Row { plan: Arc::clone(&plan), tick: Tick(1000 + sweep), values }]).len();
        }
        let per_sample = bytes as f64 / (720.0 * plan.width() as f64);
        println!("{per_sample:.2} bytes a sample");
        assert!(per_sample < 2.0, "{per_sample} bytes a sample");
    }

    #[test]
    fn a_plan_is_defined_once_in_a_file() {
        // Rows are predicted from those before them: a wider plan of the same number has nothing to be predicted from.
        let (narrow, wide) = (plan(1, &[Metric::Cpu]), Arc::new(plan(1, &[Metric::Cpu, Metric::Memory])));
        let row = Row { plan: Arc::clone(&wide), tick: Tick(7), values: [1.0, 2.0].into() };
        let mut decoder = Decoder::default();
        decoder.read(body(&Encoder::default().frame(&[&narrow], &[]))).unwrap();
        let refused = decoder.read(body(&Encoder::default().frame(&[&wide], &[row])));
        assert_eq!(refused, Err(Malformed("a plan is defined twice")));
    }

    proptest! {
        #[test]
        fn any_sweeps_round_trip(sweeps in prop::collection::vec(prop::collection::vec(any_row(), 0..4), 0..12)) {
            let plans: Vec<_> = (0..3).map(|id| Arc::new(plan(id, &Metric::ALL[..=id as usize * 7]))).collect();
            let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
            let defined = encoder.frame(&plans.iter().map(Arc::as_ref).collect::<Vec<_>>(), &[]);
            prop_assert_eq!(decoder.read(body(&defined)).unwrap().len(), 0);
            let sweeps: Vec<Vec<Row>> = sweeps.into_iter().map(|rows| rows.into_iter().map(|row| fit(row, &plans)).collect()).collect();
            for rows in sweeps {
                let read = decoder.read(body(&encoder.frame(&[], &rows))).unwrap();
                let rows: Vec<_> = rows.iter().map(|row| (row.plan.id, row.tick, &*row.values)).collect();
                let read: Vec<_> = read.iter().map(|row| (row.plan.id, row.tick, &*row.values)).collect();
                prop_assert_eq!(bits(&read), bits(&rows));
            }
        }

        #[test]
        fn any_bytes_are_rows_or_refused(bytes: Vec<u8>, known: bool) {
            let plan = Arc::new(definition(0, Metric::ALL));
            let mut decoder = Decoder::default();
            decoder.plans.extend(known.then_some((PlanId(0), plan)));
            for row in decoder.read(&bytes).into_iter().flatten() {
                prop_assert_eq!(row.values.len(), row.plan.series.len());
            }
        }

        #[test]
        fn records_of_several_files_in_a_row_are_rows_or_refused(
            records in prop::collection::vec((0..3u32, 1..9usize, any_row()), 1..6)
        ) {
            // Each is sound by itself; together they define plans again, in other widths.
            let mut decoder = Decoder::default();
            for (id, width, (_, tick, values)) in records {
                let plan = Arc::new(plan(id, &Metric::ALL[..width]));
                let row = Row { plan: Arc::clone(&plan), tick: Tick(tick), values: values[..width].into() };
                let frame = Encoder::default().frame(&[&plan], &[row]);
                for row in decoder.read(body(&frame)).into_iter().flatten() {
                    prop_assert_eq!(row.values.len(), row.plan.series.len());
                }
            }
        }
    }

    /// A frame without its length and checksum.
    fn body(frame: &[u8]) -> &[u8] {
        let mut reader = Reader::new(frame);
        let length = reader.count().unwrap();
        unsealed(reader.take(length + 4).unwrap()).unwrap()
    }

    type Bits = Vec<(PlanId, Tick, Vec<u64>)>;

    fn bits(rows: &[(PlanId, Tick, &[f64])]) -> Bits {
        let canonical = |value: &f64| if value.is_nan() { u64::MAX } else { value.to_bits() };
        rows.iter().map(|(id, tick, values)| (*id, *tick, values.iter().map(canonical).collect())).collect()
    }

    fn any_row() -> impl Strategy<Value = (usize, i64, Vec<f64>)> {
        let value = prop_oneof![Just(f64::NAN), Just(1.5), (0..1000i32).prop_map(f64::from), any::<f64>()];
        (0..3usize, -1_000_000..1_000_000i64, prop::collection::vec(value, 31))
    }

    fn fit((plan, tick, mut values): (usize, i64, Vec<f64>), plans: &[Arc<Plan>]) -> Row {
        values.truncate(plans[plan].width());
        Row { plan: Arc::clone(&plans[plan]), tick: Tick(tick), values: values.into() }
    }

    fn plan(id: u32, metrics: &[Metric]) -> Plan {
        Plan::new(&definition(id, metrics), |_| TrackId(0))
    }

    fn definition(id: u32, metrics: &[Metric]) -> Definition {
        let vm = |number: usize| ResourceId::mint(ResourceKind::Vm, &number.to_string());
        Definition {
            id: PlanId(id),
            tenant: TenantId::DEFAULT,
            source: SourceId::local_agent(),
            period: Period::of_ticks(std::num::NonZeroU32::MIN),
            series: metrics.iter().enumerate().map(|(number, metric)| Some((vm(number), *metric))).collect(),
        }
    }
}
