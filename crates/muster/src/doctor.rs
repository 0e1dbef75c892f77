//! Self-examination: what is in force and where it comes from, and whether what the server stands on is sound (UX-10).
//!
//! Each check is a function of facts that somebody gathered, and says what it found, why that matters and what to do.
//! [`running`] gathers them inside a server, [`offline`] on a data directory that no server holds. No finding carries a
//! secret, and nothing is repaired here.

mod clock;
mod database;
mod disk;
mod history;
mod network;
pub(crate) mod offline;
mod permissions;
pub(crate) mod running;

use jiff::Timestamp;
use muster_api::doctor::{DoctorReport, Finding, FindingLevel};

use crate::config::Config;

/// All is well.
fn ok(check: &str, what: impl Into<String>) -> Finding {
    Finding { check: check.to_owned(), level: FindingLevel::Ok, what: what.into(), why: None, remedy: None }
}

/// It works, and should be looked at.
fn warn(check: &str, what: impl Into<String>, why: &str, remedy: impl Into<String>) -> Finding {
    let (why, remedy) = (Some(why.to_owned()), Some(remedy.into()));
    Finding { check: check.to_owned(), level: FindingLevel::Warn, what: what.into(), why, remedy }
}

/// It does not work, or will not for long.
fn fail(check: &str, what: impl Into<String>, why: &str, remedy: impl Into<String>) -> Finding {
    Finding { level: FindingLevel::Fail, ..warn(check, what, why, remedy) }
}

/// The findings with what is in force.
fn report(mut findings: Vec<Finding>, config: &Config, now: Timestamp) -> DoctorReport {
    // Stable: within a level the order is that of the checks.
    findings.sort_by_key(|finding| finding.level);
    let count = |level| u32::try_from(findings.iter().filter(|finding| finding.level == level).count());
    DoctorReport {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        examined_at: now,
        warnings: count(FindingLevel::Warn).unwrap_or(u32::MAX),
        failures: count(FindingLevel::Fail).unwrap_or(u32::MAX),
        findings,
        settings: config.layers.in_force(),
    }
}

/// Where the configuration came from.
fn configuration(config: &Config) -> Finding {
    let given = config.layers.given_at().count();
    let keys = crate::output::count(given as u64, "setting");
    match &config.file {
        Some(path) => ok("configuration", format!("{} and the environment were read; {keys} given.", path.display())),
        None => ok("configuration", format!("No file was named (`--config` or MUSTER_CONFIG); {keys} given.")),
    }
}
