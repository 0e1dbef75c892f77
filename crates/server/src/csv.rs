//! Comma-separated values: one line at a time, cells quoted where they must be (RFC 4180), and text that a spreadsheet
//! would take for a formula made harmless (D-22).

use std::fmt::{Display, Write};

/// Writes one line, cell by cell.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    out: &'a mut String,
    first: bool,
}

impl<'a> Line<'a> {
    /// Begins a line at the end of a text.
    pub(crate) fn begin(out: &'a mut String) -> Self {
        Self { out, first: true }
    }

    /// A text. One that begins like a formula gets an apostrophe in front; control characters become spaces.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.comma();
        let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let quoted = text.contains([',', '"']) || text.contains(char::is_control);
        if quoted {
            self.out.push('"');
        }
        if formula {
            self.out.push('\'');
        }
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\"\""),
                c if c.is_control() => self.out.push(' '),
                c => self.out.push(c),
            }
        }
        if quoted {
            self.out.push('"');
        }
        self
    }

    /// A number, a time or a name of ours: nothing in it needs care, and a minus sign is one.
    pub(crate) fn plain(&mut self, value: impl Display) -> &mut Self {
        self.comma();
        write!(self.out, "{value}").expect("writing to a text cannot fail");
        self
    }

    /// A number; an empty cell where there is none.
    pub(crate) fn number(&mut self, value: Option<f64>) -> &mut Self {
        match value {
            Some(value) => self.plain(value),
            None => self.plain(""),
        }
    }

    /// Ends the line.
    pub(crate) fn end(&mut self) {
        self.out.push('\n');
    }

    fn comma(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.out.push(',');
        }
    }
}

/// The cells of a line; `None` where a quotation mark is left open or stands in the middle of a cell.
pub(crate) fn cells(line: &str) -> Option<Vec<String>> {
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        cells.push(cell);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return after.is_empty().then_some(cells),
        }
    }
}

/// The text up to the closing quotation mark, and what follows it.
fn unquoted(mut rest: &str) -> Option<(String, &str)> {
    let mut cell = String::new();
    loop {
        let end = rest.find('"')?;
        cell.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                cell.push('"');
                rest = more;
            }
            None => return Some((cell, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(cell: &str) -> String {
        let mut out = String::new();
        Line::begin(&mut out).text(cell);
        out
    }

    #[test]
    fn no_text_can_become_a_formula() {
        // D-22
        for start in ["=", "+", "-", "@"] {
            let cell = text(&format!("{start}SUM(A1)"));
            assert!(cell.starts_with('\''), "{cell}");
        }
        assert_eq!(text("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"");
        assert_eq!(text("nas-01"), "nas-01");
        assert_eq!(text("a\nb"), "\"a b\"");
    }

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let mut line = String::new();
        Line::begin(&mut line).text("a,b").text("say \"x\"").plain("").number(Some(-0.5)).number(None).end();
        let cells = cells(line.trim_end()).unwrap();
        assert_eq!(cells, ["a,b", "say \"x\"", "", "-0.5", ""]);
    }

    #[test]
    fn broken_quotation_is_noticed() {
        for bad in ["\"a", "\"a\"b,c", "\"a\" ,b"] {
            assert_eq!(cells(bad), None, "{bad}");
        }
        assert_eq!(cells(""), Some(vec![String::new()]));
    }
}
