//! Reads JSON from bytes, for plugin documents and for submissions alike.
//!
//! It is stricter than most readers, because two of them must never understand one text differently: a name that
//! stands twice in an object, half of a surrogate pair and numbers outside of JSON are faults. It stops at limits
//! before it builds what a sender made up to hurt. It knows nothing of schemas.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::pointer;

/// How much is read at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the text.
    pub size_bytes: usize,
    /// Objects and lists inside each other.
    pub depth: usize,
    /// Members of one object.
    pub members: usize,
    /// Items of one list.
    pub items: usize,
    /// Values of all kinds together, which bounds the memory that the text turns into.
    pub values: usize,
}

impl Limits {
    /// Of a plugin document.
    pub const DOCUMENT: Self = Self { size_bytes: 256 * 1024, depth: 32, members: 1_000, items: 1_000, values: 20_000 };
    /// Of one submission (CC-8).
    pub const SUBMISSION: Self =
        Self { size_bytes: 1024 * 1024, depth: 32, members: 1_000, items: 20_000, values: 100_000 };
}

/// Why a text could not be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}{}: {kind}", place(.pointer))]
pub struct JsonFault {
    /// JSON pointer of the value that was being read.
    pub pointer: String,
    /// Line of the fault, from 1.
    pub line: usize,
    /// Column of the fault in bytes, from 1; 0 at the end of a line.
    pub column: usize,
    /// What is wrong.
    pub kind: JsonFaultKind,
}

fn place(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!(", in {}", pointer::clip(pointer, 200)) }
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonFaultKind {
    /// More bytes than the limit.
    #[error("there are {size} bytes, and at most {limit} are read; send less at once")]
    TooLarge {
        /// Bytes of the text.
        size: usize,
        /// Bytes that are read.
        limit: usize,
    },
    /// Not UTF-8.
    #[error("the text is not UTF-8; encode it as UTF-8 before you send it")]
    NotUtf8,
    /// Not JSON.
    #[error("this is not JSON: {0}")]
    Syntax(String),
    /// A name twice in one object.
    #[error("this name stands twice in one object; keep one of them")]
    DuplicateName,
    /// A name with a NUL character, which no database keeps.
    #[error("a name contains the NUL character; leave it out")]
    NulInName,
    /// Too many levels.
    #[error("more than {0} objects and lists stand inside each other; make it flatter")]
    TooDeep(usize),
    /// Too many members in one object.
    #[error("an object has more than {0} members; send fewer")]
    TooManyMembers(usize),
    /// Too many items in one list.
    #[error("a list has more than {0} items; send fewer")]
    TooManyItems(usize),
    /// Too many values.
    #[error("there are more than {0} values in all; send fewer at once")]
    TooManyValues(usize),
}

/// Reads one value.
///
/// A byte order mark at the start is passed over: some shells write one whatever they are told.
///
/// # Errors
/// The first fault. A reader that went on after it would guess.
pub fn read(bytes: &[u8], limits: Limits) -> Result<Value, JsonFault> {
    let at_start = |kind| JsonFault { pointer: String::new(), line: 1, column: 1, kind };
    if bytes.len() > limits.size_bytes {
        return Err(at_start(JsonFaultKind::TooLarge { size: bytes.len(), limit: limits.size_bytes }));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = str::from_utf8(bytes).map_err(|fault| not_utf8(&bytes[..fault.valid_up_to()]))?;
    let mut walk = Walk { limits, path: Vec::new(), values: 0, kind: None };
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Place(&mut walk).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| walk.fault(&error))
}

fn not_utf8(readable: &[u8]) -> JsonFault {
    let line = readable.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = readable.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    JsonFault { pointer: String::new(), line, column, kind: JsonFaultKind::NotUtf8 }
}

/// Where the reader stands. After a fault the path is that of the fault.
struct Walk {
    limits: Limits,
    path: Vec<String>,
    values: usize,
    kind: Option<JsonFaultKind>,
}

impl Walk {
    fn fault(self, error: &serde_json::Error) -> JsonFault {
        let text = error.to_string();
        let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
        let kind = self.kind.unwrap_or_else(|| JsonFaultKind::Syntax(pointer::clip(message, 200)));
        JsonFault { pointer: pointer::of(&self.path), line: error.line(), column: error.column(), kind }
    }

    /// Refuses, by way of an error that carries nothing but the place.
    fn refuse<E: serde::de::Error>(&mut self, kind: JsonFaultKind) -> E {
        self.kind = Some(kind);
        E::custom("refused")
    }

    fn enter<E: serde::de::Error>(&mut self) -> Result<(), E> {
        let depth = self.limits.depth;
        if self.path.len() >= depth { Err(self.refuse(JsonFaultKind::TooDeep(depth))) } else { Ok(()) }
    }

    fn count<E: serde::de::Error>(&mut self) -> Result<(), E> {
        self.values += 1;
        let most = self.limits.values;
        if self.values > most { Err(self.refuse(JsonFaultKind::TooManyValues(most))) } else { Ok(()) }
    }
}

/// The place of one value.
struct Place<'a>(&'a mut Walk);

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.0.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let walk = self.0;
        walk.enter()?;
        let (mut items, most) = (Vec::new(), walk.limits.items);
        walk.path.push("0".to_owned());
        while let Some(item) = list.next_element_seed(Place(walk))? {
            items.push(item);
            if items.len() > most {
                return Err(walk.refuse(JsonFaultKind::TooManyItems(most)));
            }
            *walk.path.last_mut().expect("the place of an item was pushed above") = items.len().to_string();
        }
        walk.path.pop();
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let walk = self.0;
        walk.enter()?;
        let (mut members, most) = (Map::new(), walk.limits.members);
        while let Some(name) = object.next_key::<String>()? {
            walk.path.push(name.clone());
            if name.contains('\0') {
                return Err(walk.refuse(JsonFaultKind::NulInName));
            }
            if members.contains_key(&name) {
                return Err(walk.refuse(JsonFaultKind::DuplicateName));
            }
            if members.len() >= most {
                return Err(walk.refuse(JsonFaultKind::TooManyMembers(most)));
            }
            let value = object.next_value_seed(Place(walk))?;
            walk.path.pop();
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const SMALL: Limits = Limits { size_bytes: 200, depth: 3, members: 3, items: 3, values: 8 };

    #[test]
    fn what_is_json_is_read_as_it_stands() {
        let assert_read =
            |text: &str, expected: Value| assert_eq!(read(text.as_bytes(), SMALL), Ok(expected), "{text}");
        assert_read(" {\"a\": [1, -2, 0.5], \"b\": \"\\ud83d\\ude00\"}\n", json!({"a": [1, -2, 0.5], "b": "😀"}));
        assert_read("\u{feff}null", json!(null));
        assert_read("18446744073709551615", json!(u64::MAX));
    }

    #[test]
    fn bad_texts_are_refused_with_their_place() {
        // CC-8 and the list of bad input: duplicate keys, lone surrogates, NaN, what is no JSON at all.
        use JsonFaultKind as K;
        assert_fault(b"{\"a\": {\"x\": 1, \"x\": 1}}", "/a/x", K::DuplicateName);
        assert_fault(b"{\"a\": 1, \"\\u0061\": 2}", "/a", K::DuplicateName);
        assert_fault(b"{\"a\\u0000\": 1}", "/a\0", K::NulInName);
        assert_syntax_fault(b"{\"a\": \"\\ud800\"}", "/a");
        assert_syntax_fault(b"{\"a\": \"\\udc00x\"}", "/a");
        assert_syntax_fault(b"{\"a\": [0, NaN]}", "/a/1");
        assert_syntax_fault(b"{\"a\": -Infinity}", "/a");
        assert_syntax_fault(b"{\"a\": 1e999}", "/a");
        assert_syntax_fault(b"{\"a\": 01}", "/a");
        assert_syntax_fault(b"", "");
        assert_syntax_fault(b"{} {}", "");
        assert_syntax_fault(b"{\"a\": 1,}", "");
        assert_syntax_fault(b"{'a': 1}", "");
    }

    #[test]
    fn other_encodings_are_named() {
        let utf16: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&utf16, SMALL).unwrap_err().kind, JsonFaultKind::NotUtf8);
        let fault = read(b"{\n \"a\": \"\xff\"}", SMALL).unwrap_err();
        assert_eq!((fault.line, fault.column, fault.kind), (2, 8, JsonFaultKind::NotUtf8));
    }

    #[test]
    fn limits_hold() {
        // The list of bad input: deep nesting, 100,000 software rows.
        use JsonFaultKind as K;
        assert_fault(&[b' '; 201], "", K::TooLarge { size: 201, limit: 200 });
        assert_fault(b"[[[[]]]]", "/0/0/0", K::TooDeep(3));
        assert_fault(b"{\"a\": [1, 2, 3, 4]}", "/a/3", K::TooManyItems(3));
        assert_fault(b"{\"a\": 1, \"b\": 2, \"c\": 3, \"d\": 4}", "/d", K::TooManyMembers(3));
        assert_fault(b"[[1, 2, 3], [1, 2, 3]]", "/1/2", K::TooManyValues(8));
        let rows = format!("{{\"installedsoftware\": [{}]}}", vec!["{}"; 100_000].join(","));
        let fault = read(rows.as_bytes(), Limits::SUBMISSION).unwrap_err();
        assert_eq!(fault.kind, K::TooManyItems(20_000));
        let deep = "[".repeat(200_000);
        assert_eq!(read(deep.as_bytes(), Limits::SUBMISSION).unwrap_err().kind, K::TooDeep(32));
    }

    #[test]
    fn messages_say_where_and_what_to_do() {
        let fault = read(b"{\"a\": 1,\n \"a\": 2}", SMALL).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "line 2, column 4, in /a: this name stands twice in one object; keep one of them"
        );
    }

    proptest! {
        #[test]
        fn what_is_read_of_any_bytes_is_what_others_read(bytes in prop_oneof![bytes(), nearly_json()]) {
            match read(&bytes, SMALL) {
                Ok(value) => prop_assert_eq!(serde_json::from_slice(&bytes).ok(), Some(value)),
                Err(fault) => prop_assert!(fault.line >= 1 && fault.column <= bytes.len() + 1, "{}", fault),
            }
        }

        #[test]
        fn what_was_written_is_read_again(texts in prop::collection::btree_map(".{0,6}", ".{0,8}", 0..3)) {
            let written = serde_json::to_vec(&texts).unwrap();
            let names_nul = texts.keys().any(|name| name.contains('\0'));
            let read = read(&written, Limits::SUBMISSION);
            prop_assert_eq!(read.ok(), (!names_nul).then(|| json!(texts)));
        }
    }

    /// Without the mark of its encoding, which others do not take.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(any::<u8>(), 0..64)
            .prop_filter("begins with a mark", |bytes| bytes.first() != Some(&0xef))
    }

    fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
        r#"[\[\]{}":, 0-3eE.\\untrfalse-]{0,12}"#.prop_map(String::into_bytes)
    }

    fn assert_fault(bytes: &[u8], pointer: &str, kind: JsonFaultKind) {
        let fault = read(bytes, SMALL).unwrap_err();
        assert_eq!((fault.pointer.as_str(), fault.kind), (pointer, kind), "{}", String::from_utf8_lossy(bytes));
    }

    fn assert_syntax_fault(bytes: &[u8], pointer: &str) {
        let fault = read(bytes, SMALL).unwrap_err();
        assert!(matches!(fault.kind, JsonFaultKind::Syntax(_)), "{fault}");
        assert_eq!(fault.pointer, pointer, "{fault}");
    }
}
