//! Whether an export has anything in it: every file has a header or comments, and only some have values.

use muster_client::FileFormat;

/// Looks for lines with values: all but the header of a table, all but comments of the other format.
#[derive(Debug)]
pub(super) struct ValueLines {
    format: FileFormat,
    begins_line: bool,
    is_first_line: bool,
}

impl ValueLines {
    /// Looks at a file of this format from its beginning.
    pub(super) fn new(format: FileFormat) -> Self {
        Self { format, begins_line: true, is_first_line: true }
    }

    /// Whether a value's line begins in the next piece of the file.
    pub(super) fn are_in(&mut self, piece: &[u8]) -> bool {
        let mut found = false;
        for byte in piece {
            let has_value = match self.format {
                FileFormat::Csv => !self.is_first_line,
                FileFormat::Prometheus => *byte != b'#',
            };
            found |= self.begins_line && has_value;
            self.begins_line = *byte == b'\n';
            self.is_first_line &= !self.begins_line;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_values_is_recognised_however_it_is_cut() {
        let check = |format, file: &str, expected| {
            for cut in 0..=file.len() {
                let mut lines = ValueLines::new(format);
                let (one, two) = file.as_bytes().split_at(cut);
                assert_eq!(lines.are_in(one) | lines.are_in(two), expected, "{file:?} at {cut}");
            }
        };
        check(FileFormat::Csv, "time,value\n", false);
        check(FileFormat::Csv, "time,value\n1,2\n", true);
        check(FileFormat::Prometheus, "# HELP a\n# TYPE a gauge\n", false);
        check(FileFormat::Prometheus, "# HELP a\na 1 5\n", true);
        check(FileFormat::Prometheus, "", false);
    }
}
