//! The results as a table for people.

use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};

use crate::result::{Bar, Failure, Of, Op, Results, Row};

/// Renders the machine and all rows.
pub(crate) fn render(results: &Results) -> String {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(["what", "unit", "ours", "peer", "ratio", "bar", "holds"]);
    table.add_rows(results.rows.iter().map(cells));
    for numeric in 2..=4 {
        let column = table.column_mut(numeric).expect("the header has seven columns");
        column.set_cell_alignment(CellAlignment::Right);
    }
    let machine = &results.machine;
    let cpu = machine.cpu.as_deref().unwrap_or("processor not named");
    format!("{cpu}, {} threads, Linux {}\n\n{table}", machine.threads, machine.kernel)
}

/// Names the rows whose bar does not hold and the groups that could not be measured, one a line; nothing where all is well.
pub(crate) fn failed(results: &Results) -> String {
    let failed = results.rows.iter().filter(|row| !row.holds());
    let row_line = |row: &Row| format!("{}: {} {}, {}", row.id, number(row.ours), row.unit, bar(row.bar));
    let group_line = |Failure { group, why }: &Failure| format!("{group}: {why}");
    section("bars that do not hold", failed.map(row_line))
        + &section("not measured", results.failures.iter().map(group_line))
}

fn section(title: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() { String::new() } else { format!("\n{title}:\n{}\n", lines.join("\n")) }
}

fn cells(row: &Row) -> [String; 7] {
    let peer = row.peer.as_ref().map(|peer| format!("{} ({})", number(peer.value), peer.name));
    [
        row.what.to_owned(),
        row.unit.to_owned(),
        number(row.ours),
        peer.unwrap_or_default(),
        row.ratio().map(number).unwrap_or_default(),
        bar(row.bar),
        if row.holds() { "yes" } else { "NO" }.to_owned(),
    ]
}

fn bar(bar: Option<Bar>) -> String {
    let Some(bar) = bar else { return "told only".to_owned() };
    let side = match bar.op {
        Op::AtMost => "at most",
        Op::AtLeast => "at least",
    };
    let of = match bar.of {
        Of::Peer => " × peer",
        Of::Absolute => "",
    };
    format!("{side} {}{of}", number(bar.value))
}

/// Three significant digits.
fn number(value: f64) -> String {
    let digits = if value == 0.0 { 0.0 } else { value.abs().log10().floor() };
    let decimals = (2.0 - digits).clamp(0.0, 6.0) as usize;
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{machine::Machine, result::Peer};

    #[test]
    fn numbers_show_three_digits() {
        let check = |value, expected: &str| assert_eq!(number(value), expected);
        check(0.0, "0.00");
        check(0.123_456, "0.123");
        check(12.345, "12.3");
        check(123.4, "123");
        check(98_765.4, "98765");
    }

    #[test]
    fn a_failed_bar_stands_out() {
        let row = Row {
            id: "x",
            what: "something",
            unit: "ms",
            ours: 9.0,
            peer: Some(Peer { name: "a script", value: 6.0 }),
            bar: Some(Bar { op: Op::AtMost, value: 0.5, of: Of::Peer }),
        };
        let machine = Machine { cpu: None, threads: 2, memory_bytes: 1, kernel: "6.1".to_owned() };
        let failures = vec![Failure { group: "y", why: "opening a port: in use".to_owned() }];
        let results = Results { machine, rows: vec![row], failures };
        assert!(!results.hold());
        let expected =
            "\nbars that do not hold:\nx: 9.00 ms, at most 0.500 × peer\n\nnot measured:\ny: opening a port: in use\n";
        assert_eq!(failed(&results), expected);
        let text = render(&results);
        assert!(text.starts_with("processor not named, 2 threads, Linux 6.1\n"), "{text}");
        for part in ["9.00", "6.00 (a script)", "1.50", "at most 0.500 × peer", "NO"] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }
}
