//! Printing results: tables for people, JSON for programs. Results go to standard output, everything else to standard
//! error.

use std::io::{self, IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use crate::cli::OutputFormat;

/// Prints a result in the wanted format; the table is made only when it is shown.
pub(crate) fn print<T: Serialize>(
    format: OutputFormat,
    result: &T,
    table: impl FnOnce(&T) -> String,
) -> io::Result<()> {
    let mut text = match format {
        OutputFormat::Json => serde_json::to_string_pretty(result).map_err(io::Error::other)?,
        OutputFormat::Table => table(result),
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let written = io::stdout().lock().write_all(text.as_bytes());
    // A reader that has seen enough (`| head`) is no failure.
    written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// A table without lines, as wide as the terminal.
pub(crate) fn table<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header.map(str::to_uppercase));
    if io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    for row in rows {
        table.add_row(row.map(|cell| plain(&cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 1));
    }
    table.trim_fmt()
}

/// Makes text of monitored systems harmless on a terminal: control characters become spaces.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Bytes in binary units, three digits.
pub(crate) fn bytes(value: f64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let (mut value, mut unit) = (value, 0);
    while value >= 1023.5 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let digits = if unit == 0 || value >= 99.95 { 0 } else { 1 };
    format!("{value:.digits$} {}", UNITS[unit])
}

/// A span in its two largest units; the smaller one is left out where it is 0.
pub(crate) fn span(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let (large, small) = match (days, hours, minutes) {
        (0, 0, 0) => return format!("{seconds} s"),
        (0, 0, minutes) => ((minutes, "min"), (seconds % 60, "s")),
        (0, hours, minutes) => ((hours, "h"), (minutes, "min")),
        (days, hours, _) => ((days, "d"), (hours, "h")),
    };
    match (large, small) {
        ((count, unit), (0, _)) => format!("{count} {unit}"),
        ((count, unit), (rest, smaller)) => format!("{count} {unit} {rest} {smaller}"),
    }
}

/// So many things, by the word for one of them: `1 line`, `2 lines`.
pub(crate) fn count(count: u64, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}

/// Says something beside a result that may be read by a program.
#[expect(clippy::print_stderr, reason = "standard output belongs to the result")]
pub(crate) fn note(text: &str) {
    eprintln!("muster: {}", plain(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_well() {
        let check = |value: f64, expected: &str| assert_eq!(bytes(value), expected);
        check(0.0, "0 B");
        check(1023.0, "1023 B");
        check(1024.0, "1.0 KiB");
        check(1_048_575.0, "1.0 MiB");
        check(253.0 * 1024.0 * 1024.0 * 1024.0, "253 GiB");
        assert_eq!(span(59), "59 s");
        assert_eq!(span(61), "1 min 1 s");
        assert_eq!(span(90_000), "1 d 1 h");
        assert_eq!(span(7 * 86_400), "7 d");
        assert_eq!(span(7200), "2 h");
        assert_eq!(span(60), "1 min");
        assert_eq!([0, 1, 2].map(|lines| count(lines, "line")), ["0 lines", "1 line", "2 lines"]);
    }

    #[test]
    fn hostile_names_cannot_drive_the_terminal() {
        let shown = table(["name"], [["evil\u{1b}[2J\nname".to_owned()]]);
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
        assert_eq!(shown.lines().count(), 2);
    }
}
