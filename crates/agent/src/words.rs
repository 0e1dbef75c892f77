//! Splits what the kernel prints into lines, words and numbers. Works on bytes, because names and paths in kernel files
//! need not be UTF-8, and never fails: what is not there is `None`.

use std::{borrow::Cow, str::FromStr};

/// Lines, without their ends.
pub(crate) fn lines(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    content.split(|byte| *byte == b'\n')
}

/// Words between white space.
pub(crate) fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

/// A word that is a number.
pub(crate) fn number<T: FromStr>(word: &[u8]) -> Option<T> {
    str::from_utf8(word).ok()?.parse().ok()
}

/// Text for people: without outer white space and NULs, bytes that are not UTF-8 shown as U+FFFD.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned()
}

/// Text for keys: different bytes stay different text.
pub(crate) fn distinct(bytes: &[u8]) -> Cow<'_, str> {
    str::from_utf8(bytes).map_or_else(|_| Cow::Owned(bytes.escape_ascii().to_string()), Cow::Borrowed)
}

/// The values of a table, one a line, and how many lines made no sense.
#[derive(Debug)]
pub(crate) struct Table<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) malformed: usize,
}

/// Parses every line that is not blank.
pub(crate) fn table<T>(content: &[u8], parse: impl Fn(&[u8]) -> Option<T>) -> Table<T> {
    let mut table = Table { rows: Vec::new(), malformed: 0 };
    for line in lines(content).filter(|line| !line.trim_ascii().is_empty()) {
        match parse(line) {
            Some(row) => table.rows.push(row),
            None => table.malformed += 1,
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_for_people_and_for_keys_differ_where_bytes_are_not_text() {
        assert_eq!(lossy(b" nas\0\n"), "nas");
        assert_eq!(lossy(b"n\xffs"), "n\u{fffd}s");
        assert_eq!(distinct("/größe".as_bytes()), "/größe");
        assert_ne!(distinct(b"/mnt/\xfe"), distinct(b"/mnt/\xff"));
    }

    #[test]
    fn a_bad_line_costs_itself() {
        let table = table(b"1\nx\n\n3", number::<u8>);
        assert_eq!((table.rows, table.malformed), (vec![1, 3], 1));
    }
}
