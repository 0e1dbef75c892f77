//! What became of an import: for people, and for whoever looks at the exit code.

use std::{fmt::Write, path::Path};

use muster_api::history_file::{Imported, RefusedLine};

use crate::{commands::CommandError, output};

/// What was read, and what became of it.
pub(super) fn summary(imported: &Imported) -> String {
    let Imported { lines, samples, written, covered, shared_tick, without_value, refused, refusals } = imported;
    let (lines, samples) = (output::count(*lines, "line"), output::count(*samples, "sample"));
    let were = if *covered == 1 { "was" } else { "were" };
    let mut text = format!("{samples} in {lines}: {written} written, {covered} {were} covered already.");
    if *shared_tick > 0 {
        let shared = output::count(*shared_tick, "sample");
        add(&mut text, format_args!("{shared} shared a tick of 10 s with another; the last one counts."));
    }
    if *without_value > 0 {
        add(&mut text, format_args!("{} without a value.", output::count(*without_value, "line")));
    }
    for RefusedLine { line, field, value: _, message } in refusals {
        add(&mut text, format_args!("Left out: line {line}, {field}: {}", output::plain(message)));
    }
    let unnamed = refused.saturating_sub(refusals.len() as u64);
    if unnamed > 0 {
        add(&mut text, format_args!("Left out: {} more.", output::count(unnamed, "line")));
    }
    text
}

fn add(text: &mut String, line: std::fmt::Arguments<'_>) {
    write!(text, "\n{line}").expect("writing to a text cannot fail");
}

/// The command fails where nothing came of it, or less than the file says.
pub(super) fn conclude(imported: &Imported, path: &Path) -> Result<(), CommandError> {
    let Imported { samples, refused, .. } = imported;
    match (samples, refused) {
        (_, 1..) => Err(CommandError::Failed(format!(
            "{} of {} left out, because of values that cannot be; the rest was imported",
            output::count(*refused, "line"),
            path.display()
        ))),
        (0, 0) => Err(CommandError::Failed(format!(
            "there was nothing to import: {} has no line with a value",
            path.display()
        ))),
        (1.., 0) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_counts_as_people_do() {
        let one = Imported { lines: 1, samples: 1, covered: 1, ..Imported::default() };
        assert_eq!(summary(&one), "1 sample in 1 line: 0 written, 1 was covered already.");
        let refusal = RefusedLine { line: 2, field: "value".into(), value: 500.0, message: "cpu cannot be 500".into() };
        let many = Imported {
            lines: 20,
            samples: 3,
            written: 2,
            shared_tick: 1,
            without_value: 2,
            refused: 3,
            refusals: vec![refusal],
            ..Imported::default()
        };
        let said = "3 samples in 20 lines: 2 written, 0 were covered already.\n\
            1 sample shared a tick of 10 s with another; the last one counts.\n\
            2 lines without a value.\n\
            Left out: line 2, value: cpu cannot be 500\n\
            Left out: 2 lines more.";
        assert_eq!(summary(&many), said);
    }
}
