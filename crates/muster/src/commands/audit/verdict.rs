//! What a check of the audit log found, in words, and whether that is a failure.

use muster_api::audit::{AuditAnchorState, AuditFault, AuditFinding, AuditVerdict};

use crate::{cli::OutputFormat, commands::CommandError, output};

/// Prints the verdict; fails when anything is wrong.
pub(super) fn conclude(verdict: &AuditVerdict, format: OutputFormat) -> Result<(), CommandError> {
    output::print(format, verdict, text)?;
    if verdict.sound {
        return Ok(());
    }
    let why = match verdict.faults {
        0 => "the audit log fits in itself, but not to the head that was noted".to_owned(),
        faults => format!("the audit log is not what was written: {}", output::count(faults, "finding")),
    };
    Err(CommandError::Failed(format!("{why}; docs/operating/audit.md says what to do")))
}

fn text(verdict: &AuditVerdict) -> String {
    let [rows, links, segments] = [(verdict.entries, "row"), (verdict.links, "link"), (verdict.segments, "segment")]
        .map(|(many, one)| output::count(many, one));
    let mut lines = vec![format!("Recomputed {rows} in {links} and {segments}.")];
    if let Some(until) = verdict.dropped_until {
        let (rows, until) = (output::count(verdict.dropped_entries, "row"), until);
        lines.push(format!("Retention has dropped {rows} until {until}; the chain rests on what they closed with."));
    }
    if verdict.faults == 0 {
        lines.push("Nothing is wrong within the log.".to_owned());
    } else {
        lines.push(findings(verdict));
    }
    lines.extend(verdict.anchors.iter().map(|anchor| format!("{}: {}", anchor.head, words(anchor.state))));
    lines.join("\n")
}

fn words(state: AuditAnchorState) -> &'static str {
    match state {
        AuditAnchorState::Confirmed => "confirmed; nothing before it was rewritten",
        AuditAnchorState::Contradicted => "contradicted; the log was rewritten since",
        AuditAnchorState::Absent => "absent; the end of the log was cut off, or this is another log",
        AuditAnchorState::Dropped => "too old; retention dropped that part of the log, so note a newer head",
    }
}

fn findings(verdict: &AuditVerdict) -> String {
    let header = ["fault", "segment", "link", "rows", "id", "what is wrong"];
    let table = output::table(header, verdict.findings.iter().map(row));
    match verdict.faults.saturating_sub(verdict.findings.len() as u64) {
        0 => table,
        unnamed => format!("{table}\n{} more.", output::count(unnamed, "finding")),
    }
}

fn row(finding: &AuditFinding) -> [String; 6] {
    let AuditFinding { fault, segment, link, first_row, last_row, id, what } = finding;
    let rows = match (first_row, last_row) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(row), _) | (None, Some(row)) => row.to_string(),
        (None, None) => String::new(),
    };
    let optional = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    [word(*fault).to_owned(), segment.to_string(), optional(*link), rows, id, what.clone()]
}

fn word(fault: AuditFault) -> &'static str {
    match fault {
        AuditFault::Changed => "changed",
        AuditFault::Missing => "missing",
        AuditFault::Reordered => "reordered",
        AuditFault::Truncated => "truncated",
        AuditFault::Added => "added",
    }
}

#[cfg(test)]
mod tests {
    use muster_api::audit::AuditAnchor;

    use super::*;

    #[test]
    fn a_sound_log_says_so() {
        let verdict = verdict(0, AuditAnchorState::Confirmed);
        assert!(text(&verdict).starts_with("Recomputed 3 rows in 2 links and 1 segment.\nNothing is wrong"));
        assert!(conclude(&verdict, OutputFormat::Table).is_ok());
    }

    #[test]
    fn what_is_wrong_is_a_failure() {
        let changed = verdict(2, AuditAnchorState::Confirmed);
        let said = text(&changed);
        assert!(said.contains("changed") && said.contains("4 to 5") && said.contains("1 finding more."), "{said}");
        assert_eq!(conclude(&changed, OutputFormat::Table).unwrap_err().exit_code(), 1);
        let cut = verdict(0, AuditAnchorState::Absent);
        let error = conclude(&cut, OutputFormat::Table).unwrap_err();
        assert!(error.to_string().contains("not to the head"), "{error}");
    }

    fn verdict(faults: u64, state: AuditAnchorState) -> AuditVerdict {
        let what = "the rows are gone".to_owned();
        let finding = AuditFinding {
            fault: AuditFault::Changed,
            segment: 1,
            link: None,
            first_row: Some(4),
            last_row: Some(5),
            id: None,
            what,
        };
        AuditVerdict {
            sound: faults == 0 && state == AuditAnchorState::Confirmed,
            segments: 1,
            links: 2,
            entries: 3,
            dropped_segments: 0,
            dropped_entries: 0,
            dropped_until: None,
            faults,
            findings: if faults == 0 { vec![] } else { vec![finding] },
            anchors: vec![AuditAnchor { head: "actions.main.1.1.00".into(), state }],
            heads: vec![],
        }
    }
}
