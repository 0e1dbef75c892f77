//! Brings values into one form, so that what means the same is stored and compared as the same (CC-6).
//!
//! Every string loses outer white space and NUL characters, which some inventories pad with; a whole number is written
//! as one, so that `16.0` is no change after `16`. Roles of fields have forms of their own: see [`crate::role`].

use serde_json::{Map, Number, Value};

use crate::{pointer::push_token, violation::Found, warning::Warning};

/// Characters that are kept of a text.
pub(crate) const LONGEST_TEXT: usize = 4_096;

/// The largest float below which every whole number is one.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Trims strings and straightens numbers, at every depth.
pub(crate) fn tidy(value: &mut Value) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => straighten(number),
        Value::String(text) => {
            let trimmed = text.trim_matches(is_outer);
            if trimmed.len() < text.len() {
                *text = trimmed.to_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(members) => members.values_mut().for_each(tidy),
    }
}

/// Whether a character at either end of a text is none of it.
pub(crate) fn is_outer(letter: char) -> bool {
    letter.is_whitespace() || letter == '\0'
}

fn straighten(number: &mut Number) {
    let whole = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT);
    if let Some(float) = whole {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within what a float holds exactly")]
        let whole = float as i64;
        *number = whole.into();
    }
}

/// Notes strings with a NUL character inside, which no database keeps.
pub(crate) fn refuse_nul(members: &mut Map<String, Value>, found: &mut Found) {
    each_text(members, &mut |place, text| {
        if text.contains('\0') {
            found.add(place, "type", "contains the NUL character, which is no text; leave it out");
        }
    });
}

/// Cuts texts that are longer than what is kept.
pub(crate) fn truncate(members: &mut Map<String, Value>, warnings: &mut Vec<Warning>) {
    each_text(members, &mut |place, text| {
        if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
            text.truncate(end);
            warnings.push(Warning::Truncated { pointer: place.to_owned(), kept: LONGEST_TEXT });
        }
    });
}

/// Shows every string with its pointer.
fn each_text(members: &mut Map<String, Value>, see: &mut impl FnMut(&str, &mut String)) {
    texts_of_members(&mut String::new(), members, see);
}

fn texts(place: &mut String, value: &mut Value, see: &mut impl FnMut(&str, &mut String)) {
    let end = place.len();
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => see(place, text),
        Value::Array(items) => {
            for (number, item) in items.iter_mut().enumerate() {
                place.push('/');
                place.push_str(&number.to_string());
                texts(place, item, see);
                place.truncate(end);
            }
        }
        Value::Object(members) => texts_of_members(place, members, see),
    }
}

fn texts_of_members(place: &mut String, members: &mut Map<String, Value>, see: &mut impl FnMut(&str, &mut String)) {
    let end = place.len();
    for (name, member) in members {
        push_token(place, name);
        texts(place, member, see);
        place.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn strings_are_trimmed_and_numbers_straightened() {
        // CC-6
        let check = |mut value: Value, expected: Value| {
            tidy(&mut value);
            assert_eq!(value, expected);
        };
        check(json!(" a b\u{a0}\0\0"), json!("a b"));
        check(json!([{"a": "\t"}, 16.0, -0.0, 0.5, true, null]), json!([{"a": ""}, 16, 0, 0.5, true, null]));
        check(json!(1e300), json!(1e300));
        check(json!(u64::MAX), json!(u64::MAX));
    }

    #[test]
    fn texts_are_found_at_every_depth() {
        let mut members = json!({"a/b": ["x", {"c": "a\0b"}], "d": "y\0y", "n": 1}).as_object().unwrap().clone();
        let mut found = Found::default();
        refuse_nul(&mut members, &mut found);
        let places: Vec<String> = found.finish().unwrap_err().list.into_iter().map(|it| it.pointer).collect();
        assert_eq!(places, ["/a~1b/1/c", "/d"]);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        // CC-7
        let mut members = json!({"a": ["ä".repeat(LONGEST_TEXT), "ä".repeat(LONGEST_TEXT + 1)]});
        let mut warnings = Vec::new();
        truncate(members.as_object_mut().unwrap(), &mut warnings);
        assert_eq!(warnings, [Warning::Truncated { pointer: "/a/1".into(), kept: LONGEST_TEXT }]);
        assert_eq!(members["a"][1], "ä".repeat(LONGEST_TEXT));
    }

    proptest! {
        #[test]
        fn once_is_enough(text in any::<String>(), number in any::<f64>()) {
            let mut once = json!([text, number]);
            tidy(&mut once);
            let mut twice = once.clone();
            tidy(&mut twice);
            prop_assert_eq!(once, twice);
        }
    }
}
