//! Finds the objects of a long list while it arrives, so that neither the text nor the list stands in memory as a whole.
//!
//! What is looked for is what stands directly in a list, at whatever depth the list is. Bodies come from outside: an object
//! has a bound, so has the depth, and a body that ends too early is told from one that is whole.

use super::decode::Senseless;

/// No object of a list that is read this way is larger, in bytes.
const MOST_OBJECT: usize = 64 * 1024;
/// No answer is nested deeper.
const MOST_DEPTH: usize = 48;

/// Where in the text we are.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    /// Closing brackets that are awaited, the innermost last.
    awaited: Vec<u8>,
    quoted: bool,
    escaped: bool,
    /// The object that is being read, and how deep it lies.
    object: Option<(usize, Vec<u8>)>,
    began: bool,
    wrong: Option<String>,
}

impl Objects {
    /// Takes the next piece of the text, and hands on each object that ends in it.
    pub(crate) fn push(&mut self, piece: &[u8], take: &mut impl FnMut(&[u8])) {
        for byte in piece {
            if self.wrong.is_some() {
                return;
            }
            self.step(*byte, take);
        }
    }

    /// Whether the text was whole.
    pub(crate) fn finish(self) -> Result<(), Senseless> {
        match self.wrong {
            Some(wrong) => Err(Senseless(wrong)),
            None if !self.began => Err(Senseless("the answer is empty".to_owned())),
            None if !self.awaited.is_empty() => Err(Senseless("the answer ends too early".to_owned())),
            None => Ok(()),
        }
    }

    fn step(&mut self, byte: u8, take: &mut impl FnMut(&[u8])) {
        if !self.quoted && matches!(byte, b'{' | b'[') {
            self.open(byte);
        }
        self.keep(byte);
        if self.quoted {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.quoted = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => self.quoted = true,
            b'}' | b']' => self.close(byte, take),
            _ => {}
        }
        if !self.began && !byte.is_ascii_whitespace() {
            self.wrong = Some("the answer is not JSON".to_owned());
        }
    }

    fn open(&mut self, byte: u8) {
        self.began |= byte == b'{' && self.awaited.is_empty();
        if self.awaited.len() == MOST_DEPTH {
            self.wrong = Some(format!("the answer is nested deeper than {MOST_DEPTH} levels"));
            return;
        }
        let in_list = self.awaited.last() == Some(&b']');
        self.awaited.push(if byte == b'{' { b'}' } else { b']' });
        if byte == b'{' && in_list && self.object.is_none() {
            self.object = Some((self.awaited.len(), Vec::new()));
        }
    }

    fn keep(&mut self, byte: u8) {
        let Some((_, object)) = &mut self.object else { return };
        object.push(byte);
        if object.len() > MOST_OBJECT {
            self.wrong = Some(format!("an object of the answer is larger than {MOST_OBJECT} bytes"));
        }
    }

    fn close(&mut self, byte: u8, take: &mut impl FnMut(&[u8])) {
        if self.awaited.pop() != Some(byte) {
            self.wrong = Some("brackets of the answer do not match".to_owned());
            return;
        }
        if let Some((_, object)) = self.object.take_if(|(depth, _)| *depth == self.awaited.len() + 1) {
            take(&object);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn objects_of_a_list_are_found_whatever_stands_in_them() {
        let check =
            |text: &str, expected: &[&str]| assert_eq!(found(text, 1), (expected_of(expected), Ok(())), "{text}");
        check(r#"{"data":{"data":[{"id":"a"},{"id":"b"}]}}"#, &[r#"{"id":"a"}"#, r#"{"id":"b"}"#]);
        check(r#"{"data":[{"a":"}]\"{","b":[{"c":1}]}]}"#, &[r#"{"a":"}]\"{","b":[{"c":1}]}"#]);
        check(r#" {"data":[]} "#, &[]);
        check(r#"{"data":null}"#, &[]);
    }

    #[test]
    fn what_is_not_whole_is_told() {
        let check = |text: &str, why: &str| {
            let Senseless(said) = found(text, 7).1.unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        };
        check("", "empty");
        check("<html>", "not JSON");
        check(r#"{"data":[{"id":"a"},{"id""#, "too early");
        check(r#"{"data":[}"#, "do not match");
        check(&format!(r#"{{"data":{}"#, "[".repeat(100)), "deeper");
        check(&format!(r#"{{"data":[{{"id":"{}"}}]}}"#, "x".repeat(MOST_OBJECT)), "larger");
    }

    proptest! {
        #[test]
        fn pieces_may_end_anywhere(names in prop::collection::vec(".*", 0..20), piece in 1_usize..40) {
            let rows: Vec<_> = names.iter().map(|name| serde_json::json!({"id": name, "more": [{"deep": name}]})).collect();
            let text = serde_json::json!({"data": {"data": rows}}).to_string();
            let (objects, whole) = found(&text, piece);
            prop_assert!(whole.is_ok());
            let read: Vec<serde_json::Value> = objects.iter().map(|object| serde_json::from_str(object).unwrap()).collect();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn nothing_panics(text in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut objects = Objects::default();
            objects.push(&text, &mut |_| {});
            let _ = objects.finish();
        }
    }

    fn found(text: &str, piece: usize) -> (Vec<String>, Result<(), Senseless>) {
        let (mut objects, mut found) = (Objects::default(), Vec::new());
        for piece in text.as_bytes().chunks(piece) {
            objects.push(piece, &mut |object| found.push(String::from_utf8(object.to_vec()).unwrap()));
        }
        (found, objects.finish())
    }

    fn expected_of(objects: &[&str]) -> Vec<String> {
        objects.iter().map(|object| (*object).to_owned()).collect()
    }
}
