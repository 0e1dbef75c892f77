//! The file of a recording: gzip over text, one line a series: what kind of thing, which one of that kind, the metric, and
//! a value for each tick. Names, serial numbers and addresses are not in it. An empty field is an unknown value.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read, Write},
    path::Path,
};

use anyhow::{Context, Result};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use muster_model::{Metric, NativeKey, Report, ResourceKind, SampleValue};

use super::as_reported;

/// One recorded series.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    pub(crate) kind: ResourceKind,
    /// Which one of its kind.
    pub(crate) number: usize,
    pub(crate) metric: Metric,
    /// A value for each tick; NaN where it is unknown.
    pub(crate) values: Vec<f64>,
}

/// A recording while it is made: reports without names.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    ticks: usize,
    numbers: BTreeMap<(ResourceKind, NativeKey), usize>,
    columns: BTreeMap<(ResourceKind, usize, Metric), Vec<f64>>,
}

impl Recorder {
    /// Takes the next tick.
    pub(crate) fn add(&mut self, report: &Report) {
        for sample in &report.samples {
            let SampleValue::Value(value) = sample.value else { continue };
            let record = &report.records[sample.record as usize];
            let number = self.number(record.kind, &record.key);
            let column = self.columns.entry((record.kind, number, sample.metric)).or_default();
            column.resize(self.ticks, f64::NAN);
            column.push(as_reported(sample.metric, value));
        }
        self.ticks += 1;
    }

    fn number(&mut self, kind: ResourceKind, key: &NativeKey) -> usize {
        let next = self.numbers.keys().filter(|(known, _)| *known == kind).count();
        *self.numbers.entry((kind, key.clone())).or_insert(next)
    }

    /// The recording, every series as long as it is.
    pub(crate) fn finish(self) -> Vec<Line> {
        let ticks = self.ticks;
        let line = |((kind, number, metric), mut values): ((ResourceKind, usize, Metric), Vec<f64>)| {
            values.resize(ticks, f64::NAN);
            Line { kind, number, metric, values }
        };
        self.columns.into_iter().map(line).collect()
    }
}

/// Writes a recording to a file.
pub(crate) fn write(path: &Path, lines: &[Line]) -> Result<()> {
    let file = File::create(path).with_context(|| format!("creating {}", path.display()))?;
    let mut out = GzEncoder::new(file, Compression::best());
    for line in lines {
        out.write_all(text(line).as_bytes()).with_context(|| format!("writing {}", path.display()))?;
    }
    out.finish().with_context(|| format!("writing {}", path.display()))?;
    Ok(())
}

/// Reads a recording from a file.
pub(crate) fn read(path: &Path) -> Result<Vec<Line>> {
    let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let mut text = String::new();
    GzDecoder::new(bytes.as_slice())
        .read_to_string(&mut text)
        .with_context(|| format!("reading {}", path.display()))?;
    text.lines().map(|line| parse(line).with_context(|| format!("reading {}: `{line:.80}`", path.display()))).collect()
}

fn text(Line { kind, number, metric, values }: &Line) -> String {
    let mut text = format!("{kind},{number},{metric}");
    for value in values {
        text.push(',');
        if !value.is_nan() {
            text.push_str(&value.to_string());
        }
    }
    text + "\n"
}

fn parse(line: &str) -> Result<Line> {
    let mut fields = line.split(',');
    let mut head = || fields.next().context("a field is missing");
    let (kind, number, metric) = (head()?.parse()?, head()?.parse()?, head()?.parse()?);
    let value = |field: &str| if field.is_empty() { Ok(f64::NAN) } else { field.parse() };
    let values = fields.map(value).collect::<Result<_, _>>()?;
    Ok(Line { kind, number, metric, values })
}

#[cfg(test)]
mod tests {
    use muster_testkit::{EstateSpec, SyntheticEstate};

    use super::*;

    #[test]
    fn a_recording_has_a_place_for_every_tick_and_no_names() {
        let mut estate = SyntheticEstate::new(EstateSpec { resources: 10, seed: 1 });
        let mut recorder = Recorder::default();
        let first = estate.single_report();
        recorder.add(&first);
        estate.pass(0);
        recorder.add(&estate.single_report());
        let lines = recorder.finish();
        assert!(lines.iter().all(|line| line.values.len() == 2));
        let disks = lines.iter().filter(|line| line.kind == ResourceKind::PhysicalDisk && line.metric == Metric::Disk);
        assert_eq!(disks.map(|line| line.number).collect::<Vec<_>>(), [0, 1]);
        // The first report has no rates yet.
        let rates = lines.iter().find(|line| line.metric == Metric::NetIn).unwrap();
        assert!(rates.values[0].is_nan() && !rates.values[1].is_nan());
        let text: String = lines.iter().map(text).collect();
        assert!(first.records.iter().all(|record| !text.contains(record.name.as_str()) || record.name.len() < 4));
    }

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let line = |number, values| Line { kind: ResourceKind::Agent, number, metric: Metric::Cpu, values };
        let lines = [line(0, vec![1.25, 0.0, 1e9]), line(1, vec![3.0, 7.5, 12_345_678.0])];
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file.gz");
        write(&path, &lines).unwrap();
        assert_eq!(read(&path).unwrap(), lines);
        assert!(parse("agent,0,cpu,,1").unwrap().values[0].is_nan());
        assert!(parse("agent,0").is_err());
        assert!(parse("agent,0,cpu,x").is_err());
    }
}
