//! The difference between two states of an asset, as JSON Patch (RFC 6902), for the audit log (CC-10).
//!
//! Lists are compared from both ends. Compared place by place, one program installed at the top of a list of hundreds
//! would be hundreds of replacements, and the entry would hide what happened; this is why the difference is worked out
//! here.

use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation, jsonptr::PointerBuf};
use serde_json::{Map, Value};

/// Steps by which a list is changed. What differs in more places is replaced as a whole.
const MOST_STEPS: usize = 100;

/// The operations that turn one state into the other.
pub(crate) fn difference(before: &Map<String, Value>, after: &Map<String, Value>) -> Patch {
    let mut steps = Vec::new();
    objects(&mut PointerBuf::new(), before, after, &mut steps);
    Patch(steps)
}

fn values(place: &mut PointerBuf, before: &Value, after: &Value, steps: &mut Vec<PatchOperation>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Value::Object(before), Value::Object(after)) => objects(place, before, after, steps),
        (Value::Array(before), Value::Array(after)) => lists(place, before, after, steps),
        (_, after) => steps.push(replace(place, after)),
    }
}

fn objects(
    place: &mut PointerBuf,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    steps: &mut Vec<PatchOperation>,
) {
    for (name, value) in after {
        place.push_back(name);
        match before.get(name) {
            Some(old) => values(place, old, value, steps),
            None => steps.push(add(place, value)),
        }
        place.pop_back();
    }
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        place.push_back(name);
        steps.push(remove(place));
        place.pop_back();
    }
}

fn lists(place: &mut PointerBuf, before: &[Value], after: &[Value], steps: &mut Vec<PatchOperation>) {
    let is_same = |(one, other): &(&Value, &Value)| one == other;
    let start = before.iter().zip(after).take_while(is_same).count();
    let end = before[start..].iter().rev().zip(after[start..].iter().rev()).take_while(is_same).count();
    let (old, new) = (&before[start..before.len() - end], &after[start..after.len() - end]);
    let known = steps.len();
    for (at, (old, new)) in (start..).zip(old.iter().zip(new)) {
        place.push_back(at);
        values(place, old, new, steps);
        place.pop_back();
    }
    let common = old.len().min(new.len());
    for (at, new) in (start + common..).zip(&new[common..]) {
        place.push_back(at);
        steps.push(add(place, new));
        place.pop_back();
    }
    for _ in common..old.len() {
        place.push_back(start + common);
        steps.push(remove(place));
        place.pop_back();
    }
    if steps.len() - known > MOST_STEPS {
        steps.truncate(known);
        steps.push(replace(place, &Value::Array(after.to_vec())));
    }
}

fn add(place: &PointerBuf, value: &Value) -> PatchOperation {
    PatchOperation::Add(AddOperation { path: place.clone(), value: value.clone() })
}

fn replace(place: &PointerBuf, value: &Value) -> PatchOperation {
    PatchOperation::Replace(ReplaceOperation { path: place.clone(), value: value.clone() })
}

fn remove(place: &PointerBuf) -> PatchOperation {
    PatchOperation::Remove(RemoveOperation { path: place.clone() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_that_grew_at_its_head_is_one_step() {
        // CC-10
        let before: Vec<Value> = (0..300).map(|number| json!({"name": format!("p{number}"), "version": "1"})).collect();
        let mut after = before.clone();
        after.insert(0, json!({"name": "new", "version": "2"}));
        assert_leads(&json!({"a/b": before}), &json!({"a/b": after}), 1);
        let mut after = before.clone();
        after[200]["version"] = json!("2");
        after.remove(210);
        assert_leads(&json!({"a/b": before}), &json!({"a/b": after}), 22);
        assert_leads(&json!({"list": [1, 2, 3]}), &json!({"list": [0, 1, 2, 3]}), 1);
        assert_leads(&json!({"list": [1, 2, 3, 4]}), &json!({"list": [1, 4]}), 2);
    }

    #[test]
    fn a_list_that_is_another_is_replaced() {
        let list = |first: i32| (first..first + 300).collect::<Vec<_>>();
        assert_leads(&json!({"list": list(0)}), &json!({"list": list(1_000)}), 1);
    }

    proptest! {
        #[test]
        fn the_patch_leads_from_one_to_the_other(before in object(), after in object()) {
            // CC-10
            let patch = difference(before.as_object().unwrap(), after.as_object().unwrap());
            prop_assert_eq!(patch.is_empty(), before == after);
            let mut patched = before;
            json_patch::patch(&mut patched, &patch).unwrap();
            prop_assert_eq!(patched, after);
        }
    }

    fn assert_leads(before: &Value, after: &Value, most_steps: usize) {
        let patch = difference(before.as_object().unwrap(), after.as_object().unwrap());
        assert!(patch.len() <= most_steps, "{patch}");
        let mut patched = before.clone();
        json_patch::patch(&mut patched, &patch).unwrap();
        assert_eq!(patched, *after);
    }

    fn object() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(json!(null)), (0..3).prop_map(|n| json!(n)), "[a~/]{0,2}".prop_map(|s| json!(s))];
        let value = leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(|items| json!(items)),
                prop::collection::btree_map("[a-c~/]{1,2}", inner, 0..4).prop_map(|members| json!(members)),
            ]
        });
        prop::collection::btree_map("[a-c]", value, 0..4).prop_map(|members| json!(members))
    }
}
