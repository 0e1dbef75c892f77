//! One plan's rows as a block: an axis of times, shared by all series, and a chunk of values for each series.
//!
//! The axis holds start, stride and a presence bitmap, no timestamp column (D-10): the stride is the greatest number
//! of ticks that all distances between rows are multiples of, the plan's period in a steady state. Chunks are
//! independent of each other, so that a query reads those of the series it is asked for. Axis and chunk each
//! begin with the CRC-32 of the rest.

use super::{
    bytes::{Malformed, Reader, put_number, sealed, unsealed, unzigzag, zigzag},
    scale::Scale,
    symbols,
};
use crate::{grid::Tick, plan::Plan, segment::Segment};

/// The most ticks that a block may span. Bounds the bitmap, and what a reader may be made to allocate.
pub(crate) const MOST_TICKS: i64 = 8192;

/// A block, ready to be stored.
#[derive(Debug, PartialEq)]
pub(crate) struct Block {
    pub(crate) first: Tick,
    pub(crate) last: Tick,
    pub(crate) samples: u64,
    pub(crate) axis: Vec<u8>,
    /// Column and bytes; columns without any value are left out.
    pub(crate) chunks: Vec<(u32, Vec<u8>)>,
}

/// Packs rows, if there are any. They span at most [`MOST_TICKS`].
pub(crate) fn encode(plan: &Plan, rows: &Segment) -> Option<Block> {
    let (first, last) = (*rows.ticks().first()?, *rows.ticks().last()?);
    let mut samples = 0;
    let mut chunks = Vec::new();
    for column in 0..plan.width() {
        let known = rows.known(column);
        if known > 0 {
            samples += known;
            let number = u32::try_from(column).expect("a plan has at most 2^20 series");
            chunks.push((number, encode_chunk(rows.values(column), plan.scale(column))));
        }
    }
    Some(Block { first, last, samples, axis: encode_axis(rows.ticks()), chunks })
}

fn encode_chunk(values: impl Iterator<Item = f64>, scale: Scale) -> Vec<u8> {
    let (mut body, mut prediction) = (Vec::new(), 0);
    let mut writer = symbols::Writer::new(&mut body);
    for value in values {
        writer.push(value, scale, &mut prediction);
    }
    writer.finish();
    sealed(&body)
}

/// Reads a chunk of so many rows.
pub(crate) fn decode_chunk(bytes: &[u8], rows: usize, scale: Scale) -> Result<Vec<f64>, Malformed> {
    let mut reader = Reader::new(unsealed(bytes)?);
    let mut values = symbols::Values::new(&mut reader);
    let mut prediction = 0;
    let read = (0..rows).map(|_| values.next(scale, &mut prediction)).collect::<Result<_, _>>()?;
    values.finish()?;
    if reader.is_empty() { Ok(read) } else { Err(Malformed("a chunk is longer than its axis")) }
}

fn encode_axis(ticks: &[Tick]) -> Vec<u8> {
    let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
    let stride = ticks.windows(2).map(|pair| pair[1].0 - pair[0].0).fold(0, greatest_common_divisor).max(1);
    let slot = |tick: &Tick| usize::try_from((tick.0 - first.0) / stride).expect("ticks ascend");
    let mut presence = vec![0_u8; slot(&last) / 8 + 1];
    for tick in ticks {
        presence[slot(tick) / 8] |= 1 << (slot(tick) % 8);
    }
    let mut body = Vec::with_capacity(presence.len() + 12);
    put_number(&mut body, zigzag(first.0));
    put_number(&mut body, stride.unsigned_abs());
    body.extend(presence);
    sealed(&body)
}

/// Reads an axis: ascending ticks, at least one.
pub(crate) fn decode_axis(bytes: &[u8]) -> Result<Vec<Tick>, Malformed> {
    let mut reader = Reader::new(unsealed(bytes)?);
    let first = Tick::checked(unzigzag(reader.number()?)).ok_or(Malformed("a block lies outside of time"))?;
    let stride = i64::from(reader.small()?);
    let presence = reader.take(reader.left())?;
    if presence.len() as i64 > MOST_TICKS / 8 + 1 || stride > MOST_TICKS {
        return Err(Malformed("a block spans too much time"));
    }
    let present = |slot: &usize| presence[slot / 8] & (1 << (slot % 8)) != 0;
    let ticks: Vec<_> = (0..presence.len() * 8).filter(present).map(|slot| first.plus(slot as i64 * stride)).collect();
    if ticks.is_empty() || (stride == 0 && ticks.len() > 1) {
        return Err(Malformed("a block has no axis"));
    }
    Ok(ticks)
}

fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use muster_model::{Metric, ResourceId, ResourceKind, SourceId, TenantId};
    use proptest::prelude::*;

    use super::*;
    use crate::{grid::Period, plan::PlanId};

    #[test]
    fn a_steady_axis_is_a_bit_a_row() {
        // D-10
        let hourly: Vec<_> = (0..20).map(|hour| Tick(1_000_000 + hour * 360)).collect();
        assert_eq!(encode_axis(&hourly).len(), 4 + 3 + 2 + 3);
        assert_eq!(decode_axis(&encode_axis(&hourly)), Ok(hourly));
    }

    proptest! {
        #[test]
        fn any_rows_round_trip(rows in prop::collection::btree_map(-4000..4000i64, prop::collection::vec(any_value(), 31), 1..50)) {
            let plan = plan();
            let segment = segment(&rows);
            let block = encode(&plan, &segment).unwrap();
            let ticks = decode_axis(&block.axis).unwrap();
            prop_assert_eq!(&ticks, segment.ticks());
            prop_assert_eq!((block.first, block.last), (ticks[0], ticks[ticks.len() - 1]));
            for column in 0..plan.width() {
                let expected: Vec<_> = segment.values(column).collect();
                let chunk = block.chunks.iter().find(|(number, _)| *number as usize == column);
                let read = chunk.map_or_else(
                    || vec![f64::NAN; ticks.len()],
                    |(_, bytes)| decode_chunk(bytes, ticks.len(), plan.scale(column)).unwrap(),
                );
                let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
                prop_assert!(read.iter().zip(&expected).all(same), "{:?} {:?}", read, expected);
            }
        }

        #[test]
        fn any_bytes_are_a_block_or_refused(bytes: Vec<u8>, rows in 0..2000usize) {
            let _ = decode_axis(&bytes);
            let _ = decode_axis(&sealed(&bytes));
            let _ = decode_chunk(&bytes, rows, Scale::Whole);
            let _ = decode_chunk(&sealed(&bytes), rows, Scale::Digits(3));
        }
    }

    fn any_value() -> impl Strategy<Value = f64> {
        prop_oneof![3 => Just(f64::NAN), 2 => (0..100i32).prop_map(f64::from), 1 => any::<f64>()]
    }

    fn segment(rows: &BTreeMap<i64, Vec<f64>>) -> Segment {
        let mut segment = Segment::new(31);
        for (tick, values) in rows {
            segment.write(Tick(*tick), values);
        }
        segment
    }

    fn plan() -> Plan {
        let vm = ResourceId::mint(ResourceKind::Vm, "1");
        Plan {
            id: PlanId(0),
            tenant: TenantId::DEFAULT,
            source: SourceId::local_agent(),
            period: Period::of_ticks(std::num::NonZeroU32::MIN),
            series: Metric::ALL.iter().map(|metric| Some((vm, *metric))).collect(),
        }
    }
}
