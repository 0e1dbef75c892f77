//! How much history is kept, where, and how safely. Checked once, when history is opened.

use jiff::SignedDuration;

use crate::{calendar::Calendar, grid::Grid, query::Tier, retention::Retention};

/// How a history behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The base tick of the grid: 10 s to 60 s, a whole part of a minute. A directory keeps the tick it was created with.
    pub tick: SignedDuration,
    /// How much of the past is held in memory. Queries within it touch no disk.
    pub memory_window: SignedDuration,
    /// How many bytes of samples may be held in memory, whatever the window says: at least 1 MiB. The oldest go first.
    /// With very many series it is 256 bytes for each instead: with less, blocks would not be worth writing.
    pub memory_bytes: usize,
    /// How much time may gather in memory before it is written to blocks. The end of every second full hour (UTC)
    /// writes them too.
    pub block_span: SignedDuration,
    /// How far back each resolution is kept.
    pub retention: Retention,
    /// How exactly values are stored.
    pub rounding: Rounding,
    /// Whether samples are shipped to a store elsewhere: blocks then wait until what they hold has arrived there.
    pub ships: bool,
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
            ships: false,
            sync: Sync::Full,
        }
    }
}

/// An option that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOptions {
    /// The tick is out of range.
    #[error("the tick of {0:#} is not a whole part of a minute from 10 s to 60 s")]
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

/// How far back each tier is kept, in ticks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RetentionTicks([i64; 4]);

impl RetentionTicks {
    fn new(grid: Grid, retention: &Retention) -> Self {
        Self(Tier::ALL.map(|tier| grid.ticks_in(retention.of(tier))))
    }

    pub(crate) fn of(&self, tier: Tier) -> i64 {
        self.0[tier as usize]
    }
}

/// Checked options, in ticks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) grid: Grid,
    pub(crate) memory_ticks: i64,
    pub(crate) memory_bytes: usize,
    pub(crate) block_ticks: i64,
    pub(crate) calendar: Calendar,
    pub(crate) retention: RetentionTicks,
    pub(crate) rounding: Rounding,
    pub(crate) ships: bool,
    pub(crate) sync: Sync,
}

impl Settings {
    pub(crate) fn check(options: &Options) -> Result<Self, InvalidOptions> {
        let Options { tick, memory_window, memory_bytes, block_span, retention, rounding, ships, sync } = *options;
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
        check_order(&retention)?;
        if memory_bytes < 1 << 20 {
            return Err(InvalidOptions::TooLittleMemory(memory_bytes));
        }
        Ok(Self {
            grid,
            memory_ticks: grid.ticks_in(memory_window),
            memory_bytes,
            block_ticks: grid.ticks_in(block_span),
            calendar: Calendar::new(grid),
            retention: RetentionTicks::new(grid, &retention),
            rounding,
            ships,
            sync,
        })
    }

    /// Another retention beside these options, in ticks.
    pub(crate) fn retention_ticks(&self, retention: &Retention) -> Result<RetentionTicks, InvalidOptions> {
        let block_span = SignedDuration::from_millis(self.block_ticks * self.grid.tick_ms());
        if retention.raw < block_span {
            return Err(InvalidOptions::TooShort { name: "retention", given: retention.raw, least: block_span });
        }
        check_order(retention)?;
        Ok(RetentionTicks::new(self.grid, retention))
    }
}

/// Coarser resolutions are kept at least as long as finer ones.
fn check_order(retention: &Retention) -> Result<(), InvalidOptions> {
    let mut longest = SignedDuration::ZERO;
    for tier in Tier::ALL {
        let kept = retention.of(tier);
        if kept < longest {
            return Err(InvalidOptions::TooShort { name: "retention", given: kept, least: longest });
        }
        longest = kept;
    }
    Ok(())
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
