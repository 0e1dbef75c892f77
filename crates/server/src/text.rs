//! Small decisions about words that people type.

/// The known word that is most like a misspelt one, if any comes close.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const CLOSE: f64 = 0.75;
    let scored = known.into_iter().map(|candidate| (strsim::jaro_winkler(word, candidate), candidate));
    let best = scored.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    (best.0 >= CLOSE).then_some(best.1)
}

/// The words of a comma-separated list, trimmed, without empty ones.
pub(crate) fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_close_words_are_suggested() {
        assert_eq!(nearest("pageTokn", ["limit", "pageToken"]), Some("pageToken"));
        assert_eq!(nearest("zzz", ["limit", "pageToken"]), None);
    }

    #[test]
    fn lists_ignore_blanks() {
        assert_eq!(list(" a, ,b,").collect::<Vec<_>>(), ["a", "b"]);
    }
}
