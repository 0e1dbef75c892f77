//! What a history promises, seen from outside.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod aliases;
mod backfills;
mod budget;
mod common;
mod crowd;
mod damage;
mod damaged_blocks;
mod damaged_log;
mod disk_full;
mod kill_nine;
mod months;
mod opening;
mod outage;
mod plans;
mod readers;
mod reference;
mod retention;
mod rules;
mod sharing;
mod shipping;
mod walks;
