//! Lines out of a body that arrives in pieces.

use axum::body::Bytes;

/// The longest line. Names and labels are short; what is longer is another kind of file.
pub(super) const MOST_LINE_BYTES: usize = 16 * 1024;

/// Cuts pieces into lines. Knows the number of each.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The beginning of a line whose end has not arrived.
    begun: Vec<u8>,
    number: u64,
}

/// Why a line cannot be read as one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum LineError {
    #[error("the line is longer than {MOST_LINE_BYTES} bytes; is this a history file?")]
    TooLong,
    #[error("the line is not UTF-8 text")]
    NotText,
}

impl Lines {
    /// The number of the line handed over last, from 1 on.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Hands over every line that a piece completes, without its end.
    pub(super) fn push<E: From<LineError>>(
        &mut self,
        piece: &Bytes,
        mut line: impl FnMut(u64, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = &piece[..];
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            if self.begun.is_empty() {
                self.hand_over(&rest[..end], &mut line)?;
            } else {
                let mut begun = std::mem::take(&mut self.begun);
                begun.extend_from_slice(&rest[..end]);
                self.hand_over(&begun, &mut line)?;
            }
            rest = &rest[end + 1..];
        }
        self.begun.extend_from_slice(rest);
        if self.begun.len() > MOST_LINE_BYTES {
            self.number += 1;
            return Err(LineError::TooLong.into());
        }
        Ok(())
    }

    /// Hands over the last line, where it had no end.
    pub(super) fn finish<E: From<LineError>>(
        &mut self,
        mut line: impl FnMut(u64, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let begun = std::mem::take(&mut self.begun);
        if begun.is_empty() { Ok(()) } else { self.hand_over(&begun, &mut line) }
    }

    fn hand_over<E: From<LineError>>(
        &mut self,
        bytes: &[u8],
        line: &mut impl FnMut(u64, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        self.number += 1;
        if bytes.len() > MOST_LINE_BYTES {
            return Err(LineError::TooLong.into());
        }
        let text = std::str::from_utf8(bytes).map_err(|_| LineError::NotText)?;
        line(self.number, text.strip_suffix('\r').unwrap_or(text))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lines_do_not_depend_on_the_pieces(text in "[a-z\n]{0,200}", cuts in prop::collection::vec(0..200usize, 0..8)) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let (mut lines, mut seen) = (Lines::default(), Vec::new());
            let mut note = |number, line: &str| -> Result<(), LineError> { seen.push((number, line.to_owned())); Ok(()) };
            for cut in cuts.windows(2) {
                lines.push(&Bytes::copy_from_slice(&text.as_bytes()[cut[0]..cut[1]]), &mut note).unwrap();
            }
            lines.finish(&mut note).unwrap();
            let expected: Vec<_> = (1..).zip(text.lines().map(str::to_owned)).collect();
            prop_assert_eq!(seen, expected);
        }
    }

    #[test]
    fn a_line_that_never_ends_is_refused_early() {
        let mut lines = Lines::default();
        let piece = Bytes::from(vec![b'x'; MOST_LINE_BYTES + 1]);
        assert_eq!(lines.push(&piece, |_, _| Ok::<(), LineError>(())), Err(LineError::TooLong));
        assert_eq!(lines.number(), 1);
    }
}
