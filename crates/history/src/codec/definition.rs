//! A plan as bytes: in the log before the first row of the plan, and in the catalogue of the database.
//!
//! Names, not positions in our enums: a version that reads them may know fewer kinds of things.

use std::num::NonZeroU32;

use super::bytes::{Malformed, Reader, put_number, put_text};
use crate::{
    grid::Period,
    plan::{Definition, Plan, PlanId, Series},
};

/// Appends a plan with its id.
pub(crate) fn put(out: &mut Vec<u8>, plan: &Plan) {
    put_number(out, u64::from(plan.id.0));
    put_text(out, plan.tenant.as_str());
    put_text(out, &plan.source.to_string());
    put_number(out, u64::from(plan.period.ticks().get()));
    put_number(out, plan.width() as u64);
    for column in 0..plan.width() {
        let series = plan.series(column);
        let (resource, metric) = series.map_or_else(Default::default, |(id, metric)| (id.to_string(), metric.as_str()));
        put_text(out, &resource);
        put_text(out, metric);
    }
}

/// Reads a plan with its id.
pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Definition, Malformed> {
    let id = PlanId(reader.small()?);
    let tenant = reader.text()?.parse().map_err(|_| Malformed("a tenant id is not valid"))?;
    let source = reader.text()?.parse().map_err(|_| Malformed("a source id is not valid"))?;
    let period = NonZeroU32::new(reader.small()?).map(Period::of_ticks).ok_or(Malformed("a period is zero"))?;
    let count = reader.count()?;
    let series = (0..count).map(|_| read_series(reader)).collect::<Result<_, _>>()?;
    Ok(Definition { id, tenant, source, period, series })
}

fn read_series(reader: &mut Reader<'_>) -> Result<Option<Series>, Malformed> {
    let (resource, metric) = (reader.text()?, reader.text()?);
    Ok(resource.parse().ok().zip(metric.parse().ok()))
}

#[cfg(test)]
mod tests {
    use muster_model::{Metric, ResourceId, ResourceKind, SourceId, TenantId};
    use proptest::prelude::*;

    use super::*;
    use crate::plan::TrackId;

    #[test]
    fn a_plan_comes_back_as_it_was() {
        let mut out = Vec::new();
        put(&mut out, &plan());
        let mut reader = Reader::new(&out);
        assert_eq!(read(&mut reader), Ok(sample()));
        assert!(reader.is_empty());
    }

    #[test]
    fn a_series_of_a_newer_version_keeps_its_place() {
        let mut out = Vec::new();
        put(&mut out, &plan());
        let name = out.windows(3).position(|bytes| bytes == b"cpu").unwrap();
        out[name..name + 3].copy_from_slice(b"gpu");
        let read = read(&mut Reader::new(&out)).unwrap();
        assert_eq!(read.series[0], None);
        assert_eq!(read.series[1], sample().series[1]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_plan_or_refused(bytes: Vec<u8>) {
            if let Ok(definition) = read(&mut Reader::new(&bytes)) {
                let mut again = Vec::new();
                put(&mut again, &Plan::new(&definition, |_| TrackId(0)));
                prop_assert_eq!(read(&mut Reader::new(&again)), Ok(definition));
            }
        }
    }

    fn plan() -> Plan {
        Plan::new(&sample(), |_| TrackId(0))
    }

    fn sample() -> Definition {
        let vm = ResourceId::mint(ResourceKind::Vm, "100");
        Definition {
            id: PlanId(7),
            tenant: TenantId::DEFAULT,
            source: SourceId::local_agent(),
            period: Period::of_ticks(NonZeroU32::new(6).unwrap()),
            series: vec![Some((vm, Metric::Cpu)), Some((vm, Metric::NetIn))],
        }
    }
}
