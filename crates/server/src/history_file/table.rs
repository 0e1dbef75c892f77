//! Comma-separated values: one line for each place in time of each series, under a header.
//!
//! Samples leave the last four columns empty; buckets fill them. A reader finds its columns by the header and ignores
//! all others.

use jiff::Timestamp;
use muster_model::Metric;

use super::{
    entry::{Bucket, Entry, Read, Subject},
    prometheus::shown,
};
use crate::csv::{Line, cells};

/// The header of an export.
pub(super) const HEADER: &str = "time,resource,name,metric,value,width_seconds,count,min,max\n";

/// Writes one line.
pub(super) fn write_entry(out: &mut String, metric: Metric, subject: &Subject, entry: &Entry) {
    let Entry { at, value, bucket } = entry;
    let mut line = Line::begin(out);
    line.plain(at).plain(subject.id).text(subject.name.as_deref().unwrap_or_default()).plain(metric).plain(value);
    match bucket {
        Some(Bucket { tier, count, min, max }) => {
            let width = tier.width().map_or(0, |width| width.as_secs());
            line.plain(width).plain(count).plain(min).plain(max);
        }
        None => {
            line.plain("").plain("").plain("").plain("");
        }
    }
    line.end();
}

/// Where a file has the columns that are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    time: usize,
    resource: Option<usize>,
    metric: usize,
    value: usize,
}

impl Columns {
    /// Finds them in a header.
    pub(super) fn read(header: &str) -> Result<Self, String> {
        let names = cells(header.trim()).ok_or("the header has an open quotation mark")?;
        let place = |wanted: &str| names.iter().position(|name| name.trim().eq_ignore_ascii_case(wanted));
        let needed = |wanted: &str| {
            place(wanted).ok_or_else(|| format!("the header has no column `{wanted}`; it needs time, metric and value"))
        };
        Ok(Self {
            time: needed("time")?,
            resource: place("resource"),
            metric: needed("metric")?,
            value: needed("value")?,
        })
    }

    /// Picks the cells of a line; `None` for an empty line.
    pub(super) fn pick(self, line: &str) -> Result<Option<Picked>, String> {
        if line.trim().is_empty() {
            return Ok(None);
        }
        let mut cells = cells(line.trim_end()).ok_or("a quotation mark is left open or stands within a cell")?;
        let mut take = |place: usize| cells.get_mut(place).map(std::mem::take).ok_or("the line has too few cells");
        let (time, value) = (take(self.time)?, take(self.value)?);
        Ok(Some(Picked {
            at_ms: time_of(&time)?,
            metric: take(self.metric)?,
            resource: self.resource.map(take).transpose()?.unwrap_or_default(),
            value: value.trim().parse().map_err(|_| format!("`{}` is no number", shown(&value)))?,
        }))
    }
}

/// The cells of a line that are read.
#[derive(Debug)]
pub(super) struct Picked {
    at_ms: i64,
    metric: String,
    resource: String,
    value: f64,
}

impl Picked {
    pub(super) fn as_read(&self) -> Read<'_> {
        let Self { at_ms, metric, resource, value } = self;
        Read { resource: resource.trim().into(), metric: metric.trim(), at_ms: *at_ms, value: *value }
    }
}

fn time_of(text: &str) -> Result<i64, String> {
    let at: Result<Timestamp, _> = text.trim().parse();
    let at = at.map_err(|_| format!("`{}` is no time such as 2026-01-31T12:00:00Z", shown(text)))?;
    Ok(at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use muster_history::Tier;
    use muster_model::{ResourceId, ResourceKind};

    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let id = ResourceId::mint(ResourceKind::Agent, "x");
        let subject = Subject { id, name: Some("=nas, \"the\" one".into()) };
        let at = Timestamp::from_millisecond(1_800_000_000_500).unwrap();
        let mut text = HEADER.to_owned();
        let bucket = Bucket { tier: Tier::Minute, count: 6, min: -3.0, max: 4.5 };
        write_entry(&mut text, Metric::Cpu, &subject, &Entry { at, value: -1.5, bucket: None });
        write_entry(&mut text, Metric::Cpu, &subject, &Entry { at, value: 0.25, bucket: Some(bucket) });
        let mut lines = text.lines();
        let columns = Columns::read(lines.next().unwrap()).unwrap();
        for value in [-1.5, 0.25] {
            let picked = columns.pick(lines.next().unwrap()).unwrap().unwrap();
            let expected = Read { resource: id.to_string().into(), metric: "cpu", at_ms: 1_800_000_000_500, value };
            assert_eq!(picked.as_read(), expected);
        }
        assert!(text.ends_with(",0.25,60,6,-3,4.5\n"), "{text}");
    }

    #[test]
    fn what_is_missing_is_named() {
        assert!(Columns::read("time,value").unwrap_err().contains("`metric`"));
        let columns = Columns::read("value,metric,time").unwrap();
        assert!(columns.pick("1,cpu").unwrap_err().contains("too few"));
        assert!(columns.pick("x,cpu,2026-01-01T00:00:00Z").unwrap_err().contains("`x` is no number"));
        assert!(columns.pick("1,cpu,today").unwrap_err().contains("`today` is no time"));
        assert!(columns.pick("").unwrap().is_none());
    }
}
