//! From the bytes of an answer to what stands in its envelope.
//!
//! Bodies come from outside: broken characters become the replacement character rather than losing the answer, and a body
//! that is nested deeper than any answer is refused before anything recurses into it.

use std::borrow::Cow;

use serde::{Deserialize, de::DeserializeOwned};

use crate::wire::json;

/// No answer of the platform is nested deeper; a pool's tree of devices comes closest.
const MOST_DEPTH: usize = 48;
/// Larger bodies are decoded apart from the threads that serve connections.
const LARGE: usize = 256 * 1024;

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

/// Why an answer makes no sense, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Senseless(pub(crate) String);

/// What stands in the envelope.
pub(crate) async fn decode<T: DeserializeOwned + Send + 'static>(body: Vec<u8>) -> Result<T, Senseless> {
    if body.len() < LARGE {
        return envelope(&body);
    }
    let decoded = tokio::task::spawn_blocking(move || envelope(&body)).await;
    decoded.unwrap_or_else(|_| Err(Senseless("decoding was given up".to_owned())))
}

fn envelope<T: DeserializeOwned>(body: &[u8]) -> Result<T, Senseless> {
    let text = String::from_utf8_lossy(body);
    if !text.trim_start().starts_with('{') {
        return Err(Senseless("the answer is not JSON".to_owned()));
    }
    if depth(&text) > MOST_DEPTH {
        return Err(Senseless(format!("the answer is nested deeper than {MOST_DEPTH} levels")));
    }
    let repaired = repaired(&text);
    let Envelope { data } = json::read(&repaired).map_err(|why| Senseless(why.to_string()))?;
    Ok(data)
}

/// How deep lists and objects are nested.
fn depth(text: &str) -> usize {
    let (mut deep, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => deep += 1,
            b'}' | b']' if !quoted => deep = deep.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(deep);
    }
    deepest
}

/// Replaces halves of surrogate pairs, which name no character and would lose the answer.
fn repaired(text: &str) -> Cow<'_, str> {
    let Some(mut at) = next_surrogate(text, 0) else { return Cow::Borrowed(text) };
    let (mut out, mut copied) = (String::with_capacity(text.len()), 0);
    loop {
        let pair = is_high(unit(text, at)) && is_low(unit(text, at + 6));
        if !pair {
            out.push_str(&text[copied..at]);
            out.push_str("\\ufffd");
            copied = at + 6;
        }
        match next_surrogate(text, at + if pair { 12 } else { 6 }) {
            Some(next) => at = next,
            None => break,
        }
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// Where the next escape of a surrogate begins.
fn next_surrogate(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(found) = bytes.get(at..)?.iter().position(|byte| *byte == b'\\') {
        at += found;
        if unit(text, at).is_some_and(|unit| (0xD800..0xE000).contains(&unit)) {
            return Some(at);
        }
        // The character behind a backslash is no backslash of its own.
        at += 2;
    }
    None
}

/// The code unit that is escaped here, if one is.
fn unit(text: &str, at: usize) -> Option<u16> {
    let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
    u16::from_str_radix(digits, 16).ok()
}

fn is_high(unit: Option<u16>) -> bool {
    unit.is_some_and(|unit| (0xD800..0xDC00).contains(&unit))
}

fn is_low(unit: Option<u16>) -> bool {
    unit.is_some_and(|unit| (0xDC00..0xE000).contains(&unit))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::wire::{
        Rows,
        cluster::{MemberRow, ResourceRow},
        disk::ZfsDetail,
    };

    #[test]
    fn broken_characters_lose_no_answer() {
        let check = |body: &[u8], name: &str| {
            let rows: Rows<MemberRow> = envelope(body).unwrap();
            assert_eq!(rows[0].name, name, "{}", String::from_utf8_lossy(body));
        };
        check(br#"{"data":[{"name":"a\ud800b"}]}"#, "a\u{fffd}b");
        check(br#"{"data":[{"name":"\udc00\ud800"}]}"#, "\u{fffd}\u{fffd}");
        check(br#"{"data":[{"name":"\ud83d\ude00\ud83d"}]}"#, "\u{1f600}\u{fffd}");
        check(br#"{"data":[{"name":"\\ud800"}]}"#, "\\ud800");
        check(b"{\"data\":[{\"name\":\"a\xffb\"}]}", "a\u{fffd}b");
    }

    #[test]
    fn odd_values_lose_a_row_at_most() {
        // R-88
        let body = br#"{"data":[
            {"type":"qemu","vmid":"100","node":"pve1","mem":"1024","cpu":null,"netin":-1,"name":"<b>\u0007\ud800"},
            {"type":"qemu","vmid":{},"node":"pve1"}, null, 7, {"type":"qemu","vmid":1e30},
            {"type":"node","node":"pve1","maxmem":18446744073709551616,"uptime":"many"}]}"#;
        let rows: Rows<ResourceRow> = envelope(body).unwrap();
        assert_eq!(rows.odd, 4);
        let [ResourceRow::Qemu(guest), ResourceRow::Node(node)] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((guest.vmid, guest.mem, guest.cpu, guest.netin), (100, Some(1024), None, None));
        assert_eq!(guest.name.as_deref(), Some("<b>\u{7}\u{fffd}"));
        assert_eq!((node.maxmem, node.uptime), (Some(u64::MAX), None));
    }

    #[test]
    fn what_is_no_envelope_is_told() {
        for body in ["", "<html>", "null", "[]", "{}", "{\"data\":", "{\"data\":[1,2"] {
            assert!(envelope::<Rows<MemberRow>>(body.as_bytes()).is_err(), "{body}");
        }
        assert_eq!(envelope::<Rows<MemberRow>>(br#"{"data":null}"#), Ok(Rows::default()));
    }

    #[test]
    fn a_tower_is_not_climbed() {
        for (open, close) in [("[", "]"), (r#"{"name":"x","children":["#, "]}")] {
            let tower = format!("{{\"data\":{}{}}}", open.repeat(200_000), close.repeat(200_000));
            assert!(envelope::<ZfsDetail>(tower.as_bytes()).is_err());
        }
        assert_eq!(depth(r#"{"a":["\"[[[["]}"#), 2);
    }

    proptest! {
        #[test]
        fn sound_texts_stay_as_they_are(text in ".*") {
            let body = serde_json::json!({ "data": text }).to_string();
            prop_assert_eq!(envelope::<Value>(body.as_bytes()), Ok(Value::String(text)));
        }

        #[test]
        fn nothing_panics(body in proptest::collection::vec(any::<u8>(), 0..200), escapes in "(\\\\u[dD][89a-fA-F][0-9]{2}|\\\\|u|\"|a){0,20}") {
            let _ = envelope::<Value>(&body);
            let _ = envelope::<Value>(format!("{{\"data\":\"{escapes}\"}}").as_bytes());
        }
    }
}
