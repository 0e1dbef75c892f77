//! JSON whose numbers may be beyond every bound (R-88): such a number is unknown, and what stands beside it is not lost.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

/// Numbers of fewer digits and without an exponent are finite.
const LONG: usize = 300;

/// Reads a text. One that cannot be read is read once more with `null` in place of numbers that no float can hold.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    serde_json::from_str(text).or_else(|why| match tamed(text) {
        Cow::Borrowed(_) => Err(why),
        Cow::Owned(tamed) => serde_json::from_str(&tamed),
    })
}

/// The text without endless numbers.
fn tamed(text: &str) -> Cow<'_, str> {
    let (mut out, mut copied) = (String::new(), 0);
    for (at, number) in numbers(text) {
        let is_suspect = number.len() > LONG || number.contains(['e', 'E']);
        if is_suspect && number.parse::<f64>().is_ok_and(f64::is_infinite) {
            out.push_str(&text[copied..at]);
            out.push_str("null");
            copied = at + number.len();
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// What looks like a number outside of texts, and where it begins.
fn numbers(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let bytes = text.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    let (mut at, mut quoted) = (0, false);
    std::iter::from_fn(move || {
        loop {
            match *bytes.get(at)? {
                b'\\' if quoted => at += 2,
                b'"' => (at, quoted) = (at + 1, !quoted),
                b'-' | b'0'..=b'9' if !quoted => {
                    let length = bytes[at..].iter().take_while(|byte| is_part(byte)).count();
                    let found = (at, &text[at..at + length]);
                    at += length;
                    return Some(found);
                }
                _ => at += 1,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_endless_number_is_unknown_and_takes_nothing_with_it() {
        // R-88
        let check = |text: &str, expected: Value| assert_eq!(read::<Value>(text).unwrap(), expected, "{text}");
        check(r#"{"a":1e999,"b":2}"#, json!({"a": null, "b": 2}));
        check(r#"[-1E+999, 1e-999, "1e999", "\"1e999"]"#, json!([null, 0.0, "1e999", "\"1e999"]));
        check(&format!("[{},7]", "9".repeat(400)), json!([null, 7]));
        check("1e5", json!(1e5));
        assert!(read::<Value>("{").is_err() && read::<Value>("[1e999").is_err());
    }

    proptest! {
        #[test]
        fn nothing_panics(text in r#"[\\"{}\[\]:,0-9eE.+\-a]{0,60}"#) {
            let _ = read::<Value>(&text);
        }

        #[test]
        fn what_can_be_read_stays_as_it_is(text in ".*", number: f64) {
            let written = json!({"text": text, "number": number}).to_string();
            prop_assert!(matches!(tamed(&written), Cow::Borrowed(_)));
        }
    }
}
