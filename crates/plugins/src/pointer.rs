//! JSON pointers (RFC 6901): where in a document something stands. Every fault and warning of this crate carries one.

/// The pointer of a member or item of what `parent` points at.
pub(crate) fn child(parent: &str, token: &str) -> String {
    let mut pointer = parent.to_owned();
    push_token(&mut pointer, token);
    pointer
}

/// Makes a pointer lead to a member of what it pointed at.
pub(crate) fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    for letter in token.chars() {
        match letter {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// The pointer of a way from the root.
pub(crate) fn of<T: AsRef<str>>(tokens: &[T]) -> String {
    tokens.iter().fold(String::new(), |parent, token| child(&parent, token.as_ref()))
}

/// A text as it may stand in a message: at most `most` characters.
pub(crate) fn clip(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_and_tildes_are_escaped() {
        assert_eq!(of(&["fields", "a/b", "~", ""]), "/fields/a~1b/~0/");
        assert_eq!(of::<&str>(&[]), "");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(clip("häuser", 2), "hä…");
        assert_eq!(clip("hä", 2), "hä");
    }
}
