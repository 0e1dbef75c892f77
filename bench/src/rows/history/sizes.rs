//! What a stored sample takes on disk.
//!
//! The same hours go into three stores in turn: ours keeping every bit, ours at each metric's precision, and
//! VictoriaMetrics. Each is weighed once it has come to rest, all files counted.

use anyhow::{Context, Result};
use muster_history::{History, Options, Rounding, Sync};

use super::{VICTORIA, ours::Ours};
use crate::{
    data::{DataSet, mix::Mix, recorded::Recorded, reference::Reference},
    disk,
    peers::victoria::Victoria,
    result::{Bar, Of, Op, Peer, Row},
    site,
};

const RESOURCES: usize = 300;

const HOURS: usize = 24;

/// Resources of the mixed data set at a time.
const MIXED: usize = 150;

/// Machines that the recording stands for.
const COPIES: usize = 100;

/// How a data set's two rows are told.
struct Told {
    lossless: (&'static str, &'static str),
    declared: (&'static str, &'static str),
    /// How much of the peer's size it may be, lossless and declared.
    bars: [Option<f64>; 2],
}

const REFERENCE: Told = Told {
    lossless: (
        "history.size.lossless",
        "history: bytes per stored sample, lossless, reference data over 24 h, all files",
    ),
    declared: ("history.size", "history: the same at each metric's precision (peer lossless)"),
    bars: [Some(0.95), Some(0.6)],
};

const MIX: Told = Told {
    lossless: (
        "history.size.mix.lossless",
        "history: bytes per stored sample, lossless, mixed data over 24 h, all files",
    ),
    declared: ("history.size.mix", "history: the same at each metric's precision (peer lossless)"),
    // Nothing is promised of lossless columns where few are long.
    bars: [None, Some(1.0)],
};

const RECORDED: Told = Told {
    lossless: (
        "history.size.recorded.lossless",
        "history: bytes per stored sample, lossless, a recorded machine 100 times, all files",
    ),
    declared: ("history.size.recorded", "history: the same at each metric's precision (peer lossless)"),
    // Nothing is promised of lossless columns where few are long.
    bars: [None, Some(1.0)],
};

/// What a data set came to.
#[derive(Debug, Default)]
struct Weighed {
    samples: usize,
    /// Absent where what was stored is not what came in.
    lossless_bytes: Option<u64>,
    declared_bytes: u64,
    victoria_bytes: u64,
}

pub(in crate::rows) fn rows() -> Result<Vec<Row>> {
    let reference = weigh(&mut Reference::new(RESOURCES), HOURS).context("weighing the reference data")?;
    let mix = weigh(&mut Mix::new(MIXED), HOURS).context("weighing the mixed data")?;
    let mut recording = Recorded::open(COPIES)?;
    let hours = recording.hours();
    let recorded = weigh(&mut recording, hours).context("weighing the recorded data")?;
    let mut rows = Vec::new();
    for (told, weighed) in [(REFERENCE, &reference), (MIX, &mix), (RECORDED, &recorded)] {
        rows.extend(told.rows(weighed));
    }
    Ok(rows)
}

fn weigh(data: &mut dyn DataSet, hours: usize) -> Result<Weighed> {
    let directories = [disk::scratch()?, disk::scratch()?];
    let [exact, declared] = directories.each_ref().map(tempfile::TempDir::path);
    // Waiting for the disk would change no length.
    let options = Options { sync: Sync::None, ..Options::default() };
    let mut lossless = Ours::new(History::open(exact, Options { rounding: Rounding::Exact, ..options })?);
    let mut ours = Ours::new(History::open(declared, options)?);
    let mut victoria = Victoria::start(site::runtime()?)?;
    let mut weighed = Weighed::default();
    let mut last = None;
    for _ in 0..hours {
        let hour = data.next_hour();
        weighed.samples += hour.samples();
        lossless.append(&hour)?;
        ours.append(&hour)?;
        victoria.import(&hour)?;
        last = Some(hour);
    }
    victoria.settle()?;
    lossless.history().flush()?;
    let every_bit = lossless.has_every_bit(&last.context("a data set has at least one hour")?)?;
    let bytes = lossless.close(exact)?;
    weighed.lossless_bytes = every_bit.then_some(bytes);
    weighed.declared_bytes = ours.close(declared)?;
    weighed.victoria_bytes = victoria.bytes()?;
    Ok(weighed)
}

impl Weighed {
    /// What is not known is no number, and reaches no bar.
    fn per_sample(&self, bytes: Option<u64>) -> f64 {
        bytes.map_or(f64::NAN, |bytes| bytes as f64 / self.samples as f64)
    }
}

impl Told {
    fn rows(&self, weighed: &Weighed) -> [Row; 2] {
        let row = |(id, what), bytes, bar: Option<f64>| Row {
            id,
            what,
            unit: "B/sample",
            ours: weighed.per_sample(bytes),
            peer: Some(Peer { name: VICTORIA, value: weighed.per_sample(Some(weighed.victoria_bytes)) }),
            bar: bar.map(|value| Bar { op: Op::AtMost, value, of: Of::Peer }),
        };
        let [lossless, declared] = self.bars;
        [
            row(self.lossless, weighed.lossless_bytes, lossless),
            row(self.declared, Some(weighed.declared_bytes), declared),
        ]
    }
}
