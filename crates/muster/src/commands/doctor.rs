//! `muster doctor`: what is in force, where it comes from, and what is not as it should be.

use jiff::Timestamp;
use muster_api::doctor::{DoctorReport, Finding, FindingLevel, SettingInForce};

use super::{
    CommandError,
    reach::{Place, Reach},
};
use crate::{
    cli::{DoctorArgs, OutputFormat},
    doctor::offline,
    output,
};

/// Examines the server, or the data directory where none runs. Fails when anything does.
pub(crate) async fn run(args: DoctorArgs, format: OutputFormat, now: Timestamp) -> Result<(), CommandError> {
    let DoctorArgs { target, config, all } = args;
    let report = match Reach::find(&target, config)? {
        Place::Stopped(config) => offline::examine(&config, now).await,
        Place::Running(running) => {
            let reach = running.reach(muster_server::Errand::Short).await?;
            let report = reach.client().doctor().await;
            reach.close().await;
            report?
        }
    };
    output::print(format, &report, |report| text(report, all))?;
    match report.failures {
        0 => Ok(()),
        failures => {
            let failed = output::count(u64::from(failures), "check");
            Err(CommandError::Failed(format!("{failed} failed; what to do stands above")))
        }
    }
}

fn text(report: &DoctorReport, all: bool) -> String {
    let findings: Vec<_> = report.findings.iter().map(finding).collect();
    let shown = |setting: &&SettingInForce| all || setting.origin != "built-in default";
    let settings: Vec<_> = report.settings.iter().filter(shown).map(row).collect();
    let settings = if settings.is_empty() {
        "Every setting has its default; `--all` lists them.".to_owned()
    } else {
        output::table(["setting", "value", "from"], settings)
    };
    format!("{}\n\n{settings}", findings.join("\n"))
}

fn finding(finding: &Finding) -> String {
    let Finding { check, level, what, why, remedy } = finding;
    let level = match level {
        FindingLevel::Ok => "ok  ",
        FindingLevel::Warn => "WARN",
        FindingLevel::Fail => "FAIL",
    };
    let mut text = format!("{level}  {check}: {}", output::plain(what));
    for line in [why, remedy].into_iter().flatten() {
        text.push_str("\n      ");
        text.push_str(&output::plain(line));
    }
    text
}

fn row(setting: &SettingInForce) -> [String; 3] {
    let value = match (&setting.value, setting.secret_is_set) {
        (_, true) => "(set, not shown)".to_owned(),
        (Some(value), false) => value.clone(),
        (None, false) => "-".to_owned(),
    };
    [setting.key.clone(), value, setting.origin.clone()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_stands_below_what_was_found() {
        let broken = Finding {
            check: "disk".into(),
            level: FindingLevel::Fail,
            what: "1 B is free.".into(),
            why: Some("Nothing is stored.".into()),
            remedy: Some("Free some space.".into()),
        };
        let expected = "FAIL  disk: 1 B is free.\n      Nothing is stored.\n      Free some space.";
        assert_eq!(finding(&broken), expected);
    }
}
