//! What was changed, as a JSON Patch (RFC 6902) in which a `test` before each operation holds the value before: one who
//! reads it sees both, and one who applies it to anything else is refused. Lists are replaced whole.

use serde::Serialize;
use serde_json::{Map, Value, json};

/// From one value to another; an empty list where they are equal.
pub(super) fn between(before: &impl Serialize, after: &impl Serialize) -> Value {
    let [before, after] = [serde_json::to_value(before), serde_json::to_value(after)]
        .map(|value| value.expect("what is recorded has text keys"));
    let mut operations = Vec::new();
    compare("", &before, &after, &mut operations);
    Value::Array(operations)
}

fn compare(path: &str, before: &Value, after: &Value, operations: &mut Vec<Value>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => compare_fields(path, before, after, operations),
        (before, after) if before == after => {}
        (before, after) => operations.extend([test(path, before), operation("replace", path, after)]),
    }
}

fn compare_fields(path: &str, before: &Map<String, Value>, after: &Map<String, Value>, operations: &mut Vec<Value>) {
    for (name, value) in before {
        let path = format!("{path}/{}", escaped(name));
        match after.get(name) {
            Some(changed) => compare(&path, value, changed, operations),
            None => operations.extend([test(&path, value), json!({"op": "remove", "path": path})]),
        }
    }
    for (name, value) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
        operations.push(operation("add", &format!("{path}/{}", escaped(name)), value));
    }
}

fn test(path: &str, value: &Value) -> Value {
    operation("test", path, value)
}

fn operation(op: &str, path: &str, value: &Value) -> Value {
    json!({"op": op, "path": path, "value": value})
}

/// A name as a part of a JSON Pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_patch_holds_both_values() {
        let patch = between(&json!({"role": "viewer", "name": "anna"}), &json!({"role": "admin", "name": "anna"}));
        let expected = json!([
            {"op": "test", "path": "/role", "value": "viewer"},
            {"op": "replace", "path": "/role", "value": "admin"},
        ]);
        assert_eq!(patch, expected);
    }

    proptest! {
        #[test]
        fn a_patch_leads_from_one_to_the_other(before in value(), after in value()) {
            let mut reached = before.clone();
            for operation in between(&before, &after).as_array().unwrap() {
                apply(&mut reached, operation);
            }
            prop_assert_eq!(reached, after);
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), "[a/~]{0,2}".prop_map(Value::from)];
        leaf.prop_recursive(3, 20, 4, |inner| {
            let object = prop::collection::btree_map("[ab/~]{0,2}", inner.clone(), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect()));
            prop_oneof![object, prop::collection::vec(inner, 0..3).prop_map(Value::Array)]
        })
    }

    /// As much of RFC 6902 as the patches use.
    fn apply(document: &mut Value, operation: &Value) {
        let path = operation["path"].as_str().unwrap();
        if operation["op"] == "test" {
            assert_eq!(document.pointer(path), operation.get("value"));
            return;
        }
        let Some((parent, name)) = path.rsplit_once('/') else {
            *document = operation["value"].clone();
            return;
        };
        let fields = document.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        let name = name.replace("~1", "/").replace("~0", "~");
        match operation["op"].as_str().unwrap() {
            "remove" => drop(fields.remove(&name).unwrap()),
            _ => drop(fields.insert(name, operation["value"].clone())),
        }
    }
}
