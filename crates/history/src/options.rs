//! How much history is kept, where, and how safely. Checked once, when history is opened.

use jiff::SignedDuration;

use crate::{grid::Grid, retention::Retention};

/// How a history behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The base tick of the grid: 1 s to 1 h. A directory keeps the tick it was created with.
    pub tick: SignedDuration,
    /// How much of the past is held in memory. Queries within it touch no disk.
    pub memory_window: SignedDuration,
    /// How many bytes of samples may be held in memory, whatever the window says: at least 1 MiB. The oldest go first.
    pub memory_bytes: usize,
    /// How much time a stored block covers. A block is written when this much has gathered.
    pub block_span: SignedDuration,
    /// How far back each resolution is kept.
    pub retention: Retention,
    /// How exactly values are stored.
    pub rounding: Rounding,
    /// Whether an acknowledged sweep survives a power cut.
    pub sync: Sync,
}

/// How exactly values are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// At the precision that each metric declares.
    Declared,
    /// Every bit, whatever the metric says. For those who measure, and who want to spend the space.
    Exact,
}

/// What a write waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// The disk has it.
    Full,
    /// The kernel has it: it survives the process, not the machine. For tests.
    None,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tick: SignedDuration::from_secs(10),
            memory_window: SignedDuration::from_hours(24),
            memory_bytes: 64 << 20,
            block_span: SignedDuration::from_hours(2),
            retention: Retention::default(),
            rounding: Rounding::Declared,
            sync: Sync::Full,
        }
    }
}

/// An option that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOptions {
    /// The tick is out of range.
    #[error("the tick of {0:#} is not a whole number of milliseconds from 1 s to 1 h")]
    Tick(SignedDuration),
    /// A span is shorter than it may be.
    #[error("the {name} of {given:#} is shorter than {least:#}")]
    TooShort {
        /// Which option.
        name: &'static str,
        /// What was given.
        given: SignedDuration,
        /// The least that works.
        least: SignedDuration,
    },
    /// Too little memory to gather a block in.
    #[error("{0} bytes of memory are not enough; give at least 1 MiB")]
    TooLittleMemory(usize),
}

/// Checked options, in ticks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) grid: Grid,
    pub(crate) memory_ticks: i64,
    pub(crate) memory_bytes: usize,
    pub(crate) block_rows: usize,
    pub(crate) retention_ticks: i64,
    pub(crate) sync: Sync,
}

impl Settings {
    pub(crate) fn check(options: &Options) -> Result<Self, InvalidOptions> {
        let Options { tick, memory_window, memory_bytes, block_span, retention, rounding: _, sync } = *options;
        let grid = Grid::new(tick).ok_or(InvalidOptions::Tick(tick))?;
        for (name, given, least) in [
            ("memory window", memory_window, tick),
            ("block span", block_span, tick),
            ("retention", retention.raw, block_span),
        ] {
            if given < least {
                return Err(InvalidOptions::TooShort { name, given, least });
            }
        }
        if memory_bytes < 1 << 20 {
            return Err(InvalidOptions::TooLittleMemory(memory_bytes));
        }
        Ok(Self {
            grid,
            memory_ticks: grid.ticks_in(memory_window),
            memory_bytes,
            block_rows: usize::try_from(grid.ticks_in(block_span)).unwrap_or(usize::MAX),
            retention_ticks: grid.ticks_in(retention.raw),
            sync,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_senseless_option_is_named() {
        let check = |options: Options, part: &str| {
            let error = Settings::check(&options).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        };
        let standard = Options::default();
        assert!(Settings::check(&standard).is_ok());
        check(Options { tick: SignedDuration::ZERO, ..standard }, "tick");
        check(Options { memory_window: SignedDuration::ZERO, ..standard }, "memory window");
        check(Options { block_span: SignedDuration::from_secs(-1), ..standard }, "block span");
        check(
            Options { retention: Retention { raw: SignedDuration::from_mins(1), ..Retention::default() }, ..standard },
            "retention",
        );
        check(Options { memory_bytes: 1, ..standard }, "1 MiB");
    }
}
