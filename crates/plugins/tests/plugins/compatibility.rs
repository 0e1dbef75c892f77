//! What counts as a break of a plugin's contract, and that nothing else does (CC-4).

use muster_plugins::{Comparison, Plugin, compare};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::making::{document, noon, parsed, plugin};

#[test]
fn removed_renamed_and_required_fields_are_breaks() {
    // CC-4
    let old = json!({"a": {"type": "string"}, "b": {"type": "number"}, "c": true});
    check(&old, &json!({"a": {"type": "string"}, "b": {"type": "number"}}), &["/fields/c was removed"]);
    check(
        &old,
        &json!({"a": {"type": "string"}, "beta": {"type": "number", "title": "B"}, "c": true}),
        &["/fields/b was renamed to `beta`", "/fields/beta is new"],
    );
    check(&old, &json!({"a": {"type": "string"}, "b": {"type": "number"}, "c": true, "d": {}}), &["/fields/d is new"]);
    let with = |required: Value| parsed(&document("1.1.0", json!({"fields": old.clone(), "required": required})));
    let found = compare(&with(json!(["id"])), &with(json!(["id", "b"])));
    assert_eq!(said(&found), ["/fields/b became required"]);
    assert!(!found.is_compatible());
    assert!(compare(&with(json!(["id", "b"])), &with(json!(["id"]))).is_compatible());
}

#[test]
fn fields_that_take_less_are_breaks() {
    // CC-4
    assert_break(json!({"type": "string"}), json!({"type": "number"}), "`type` from \"string\" to \"number\"");
    assert_break(json!({"type": "string"}), json!({"type": "string", "maxLength": 9}), "`maxLength` from nothing to 9");
    assert_break(json!({"type": "number"}), json!({"type": "integer"}), "`type`");
    assert_break(
        json!({"minimum": 0}),
        json!({"exclusiveMinimum": 0}),
        "`exclusiveMinimum` from nothing to 0, `minimum`",
    );
    assert_break(json!({"enum": ["a", "b"]}), json!({"enum": ["a"]}), "`enum` from [\"a\",\"b\"] to [\"a\"]");
    assert_break(json!({"type": "string"}), json!({"type": "string", "format": "date-time"}), "`format`");
    assert_break(json!({"type": "string"}), json!({"type": "string", "pattern": "^a"}), "`pattern`");
    assert_break(json!({"pattern": "^a"}), json!({"pattern": "^b"}), "`pattern` from \"^a\" to \"^b\"");
    assert_break(json!({"type": "array"}), json!({"type": "array", "items": {"type": "string"}}), "`items` differs");
    assert_break(json!({"items": {"maximum": 5}}), json!({"items": {"maximum": 4}}), "`items` differs");
    assert_break(json!({"type": "object"}), json!({"type": "object", "required": ["a"]}), "`required`");
    assert_break(json!({"type": "object"}), json!({"type": "object", "additionalProperties": false}), "`additional");
    assert_break(json!(true), json!(false), "it takes less");
    assert_break(json!({"anyOf": [{"type": "string"}, {"type": "null"}]}), json!({"type": "string"}), "`anyOf`");
    assert_break(json!({"type": "string"}), json!({"type": "string", "x-identity": "mac"}), "only hardware addresses");
}

#[test]
fn fields_that_take_more_are_none() {
    // CC-4
    assert_no_break(json!({"type": "string", "maxLength": 5}), json!({"type": "string", "maxLength": 9}));
    assert_no_break(json!({"type": "string", "maxLength": 5}), json!({"type": "string"}));
    assert_no_break(json!({"type": "integer"}), json!({"type": "number"}));
    assert_no_break(json!({"type": "string"}), json!({"type": ["string", "null"]}));
    assert_no_break(json!({"enum": ["a"]}), json!({"enum": ["b", "a"]}));
    assert_no_break(json!({"const": "a"}), json!({"type": "string"}));
    assert_no_break(json!({"exclusiveMinimum": 0}), json!({"minimum": 0}));
    assert_no_break(json!({"type": "string", "format": "date-time"}), json!({"type": "string"}));
    assert_no_break(json!({"type": "string"}), json!({"anyOf": [{"type": "string"}, {"type": "array"}]}));
    assert_no_break(json!({"type": "array", "maxItems": 5}), json!({"type": "array", "maxItems": 6}));
    assert_no_break(
        json!({"type": "array", "items": {"type": "object", "required": ["name"], "properties": {"name": {}}}}),
        json!({"type": "array", "items": {"type": "object", "properties": {"name": {}}}}),
    );
    assert_no_break(
        json!({"properties": {"a": {"type": "string"}}, "additionalProperties": false}),
        json!({"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "additionalProperties": false}),
    );
    assert_no_break(
        json!({"type": "string", "description": "a"}),
        json!({"type": "string", "description": "b", "default": 1}),
    );
    assert_no_break(json!({"unevaluatedProperties": false}), json!({"unevaluatedProperties": false, "title": "t"}));
    assert_no_break(json!(false), json!({"type": "string"}));
}

#[test]
fn definitions_count_where_they_are_used() {
    // CC-4
    let with = |most: u32| {
        let parts = json!({"fields": {"f": {"$ref": "#/$defs/small"}}, "$defs": {"small": {"maximum": most}}});
        parsed(&document("1.1.0", parts))
    };
    assert!(compare(&with(5), &with(6)).is_compatible());
    assert_eq!(said(&compare(&with(5), &with(4)))[0], "/fields/f was tightened: `$defs` differs");
    // The same demand in other words.
    let inline = parsed(&document("1.1.0", json!({"fields": {"f": {"maximum": 5}}})));
    assert!(compare(&with(5), &inline).is_compatible() && compare(&inline, &with(5)).is_compatible());
}

#[test]
fn another_identity_makes_other_assets() {
    // CC-4, CC-6
    let with = |parts: Value| {
        let mut parts = parts;
        parts["fields"] = json!({"hostname": {"type": "string"}});
        parts["required"] = json!(["id", "hostname"]);
        parsed(&document("1.1.0", parts))
    };
    let old = with(json!({}));
    let check = |parts: Value, expected: &str| assert_eq!(said(&compare(&old, &with(parts))), [expected]);
    check(
        json!({"identityfield": "hostname"}),
        "/identityfield changed the identity of assets: from `id` to `hostname`",
    );
    check(json!({"assetkind": "box"}), "/assetkind changed the identity of assets: from `thing` to `box`");
    check(
        json!({"additionalfields": "reject"}),
        "/additionalfields changed from `warn` to `reject`, which takes in less",
    );
    assert!(compare(&old, &with(json!({"additionalfields": "store"}))).is_compatible());
    let plain = |schema: Value| parsed(&document("1.1.0", json!({"fields": {"id": schema}})));
    let found = compare(&plain(json!({"type": "string"})), &plain(json!({"type": "string", "x-identity": "hostname"})));
    assert_eq!(said(&found), ["/identityfield changed the identity of assets: `id` is read in another way"]);
}

#[test]
fn the_version_says_what_was_done() {
    // CC-4
    let old = json!({"fields": {"a": {"type": "string"}}});
    let wider = json!({"fields": {"a": {}}});
    let narrower = json!({"fields": {"a": {"type": "null"}}});
    let check = |old_version: &str, new: &Value, new_version: &str, expected: Option<&str>| {
        let old = parsed(&document(old_version, old.clone()));
        let found = compare(&old, &parsed(&document(new_version, new.clone()))).check_version();
        let message = found.err().map(|fault| fault.to_string());
        assert_eq!(message.is_some(), expected.is_some(), "{message:?}");
        assert!(message.unwrap_or_default().starts_with(expected.unwrap_or_default()));
    };
    check("1.0.0", &old, "1.0.0", None);
    check("1.0.0", &json!({"description": "d", "fields": {"a": {"type": "string", "title": "t"}}}), "1.0.0", None);
    check("1.0.0", &wider, "1.0.1", None);
    check("1.0.0", &wider, "1.0.0", Some("version 1.0.0 is in force with another document"));
    check("1.0.0", &wider, "0.9.0", Some("version 0.9.0 is lower than 1.0.0"));
    check(
        "1.4.2",
        &narrower,
        "1.5.0",
        Some("version 1.5.0 after 1.4.2 needs to be 2.0.0, since /fields/a was tightened"),
    );
    check("0.4.2", &narrower, "0.5.0", Some("version 0.5.0 after 0.4.2 needs to be 1.0.0"));
    check("1.4.2", &narrower, "2.0.0", None);
    check("1.4.2", &narrower, "2.0.0-rc.1", None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_compatible_takes_all_that_was_taken(
        old in schema(),
        other in schema(),
        change in any::<prop::sample::Index>(),
        values in prop::collection::vec(value(), 40),
    ) {
        // CC-4: for schemas that have nothing to do with each other, and for those that differ in one place.
        for new in [other.clone(), mixed(&old, &other, change), json!({"anyOf": [old, other]})] {
            let (before, after) = (of_schema("1.0.0", &old), of_schema("1.1.0", &new));
            if !compare(before.document(), after.document()).is_compatible() {
                continue;
            }
            for value in &values {
                let send = json!({"id": "1", "f": value});
                if before.accept(send.clone(), noon()).is_ok() {
                    prop_assert!(after.accept(send, noon()).is_ok(), "{old} took {value}, {new} does not");
                }
            }
        }
    }

    #[test]
    fn the_published_schema_takes_what_the_plugin_takes(
        schema in schema(),
        other in schema(),
        values in prop::collection::vec(value(), 20),
    ) {
        // CC-6, CC-11: whoever validates beforehand, by any validator, is told the same; null clears `f` and not `g`.
        let parts = json!({"fields": {"f": schema, "g": other}, "required": ["id", "g"], "$defs": definitions()});
        let plugin = plugin(&document("1.0.0", parts));
        let published = jsonschema::options().should_validate_formats(true).build(&plugin.published_schema()).unwrap();
        for (f, g) in values.iter().zip(values.iter().rev()) {
            let send = json!({"id": "1", "f": f, "g": g});
            prop_assert_eq!(plugin.accept(send.clone(), noon()).is_ok(), published.is_valid(&send), "{}", send);
        }
    }

    #[test]
    fn every_plugin_is_compatible_with_itself(schema in schema()) {
        // CC-4
        let plugin = of_schema("1.0.0", &schema);
        let found = compare(plugin.document(), plugin.document());
        prop_assert!(found.is_compatible() && found.check_version().is_ok());
    }
}

fn of_schema(version: &str, schema: &Value) -> Plugin {
    plugin(&document(version, json!({"fields": {"f": schema}, "$defs": definitions()})))
}

fn definitions() -> Value {
    json!({"word": {"type": "string", "maxLength": 2}, "small": {"type": "integer", "maximum": 3}})
}

fn check(old: &Value, new: &Value, expected: &[&str]) {
    let parsed = |fields: &Value| parsed(&document("1.1.0", json!({ "fields": fields })));
    let found = compare(&parsed(old), &parsed(new));
    assert_eq!(said(&found), expected);
    let only_news = expected.iter().all(|line| line.ends_with("is new"));
    assert_eq!(found.is_compatible(), only_news);
}

#[expect(clippy::needless_pass_by_value, reason = "literals read better without references")]
fn assert_break(old: Value, new: Value, reason: &str) {
    let parsed = |schema: &Value| parsed(&document("1.1.0", json!({"fields": {"f": schema}})));
    let found = compare(&parsed(&old), &parsed(&new));
    let said = said(&found);
    assert!(!found.is_compatible(), "{old} -> {new}");
    assert!(said[0].starts_with(&format!("/fields/f was tightened: {reason}")), "{said:?}");
}

#[expect(clippy::needless_pass_by_value, reason = "literals read better without references")]
fn assert_no_break(old: Value, new: Value) {
    let parsed = |schema: &Value| parsed(&document("1.1.0", json!({"fields": {"f": schema}})));
    let found = compare(&parsed(&old), &parsed(&new));
    assert_eq!(said(&found), [""; 0], "{old} -> {new}");
}

fn said(found: &Comparison) -> Vec<String> {
    found.changes.iter().map(|change| format!("{} {}", change.pointer, change.kind)).collect()
}

/// The old schema with one keyword as the other has it, or without one of its own.
fn mixed(old: &Value, other: &Value, change: prop::sample::Index) -> Value {
    let (Some(old), Some(other)) = (old.as_object(), other.as_object()) else { return other.clone() };
    let names: Vec<&String> = old.keys().chain(other.keys()).collect();
    let mut mixed = old.clone();
    if !names.is_empty() {
        let name = names[change.index(names.len())];
        match other.get(name) {
            Some(value) => drop(mixed.insert(name.clone(), value.clone())),
            None => drop(mixed.remove(name)),
        }
    }
    Value::Object(mixed)
}

/// Keywords over a world so small that values often come to lie on the edges.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![any::<bool>().prop_map(|it| json!(it)), assertions()];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let one = |name: &'static str| inner.clone().prop_map(move |schema| json!({ name: schema }));
        let many = |name: &'static str| {
            prop::collection::vec(inner.clone(), 1..3).prop_map(move |schemas| json!({ name: schemas }))
        };
        let named = |name: &'static str, names: &'static str| {
            prop::collection::btree_map(names, inner.clone(), 1..3).prop_map(move |schemas| json!({ name: schemas }))
        };
        let applied = prop_oneof![
            one("items"),
            one("contains"),
            one("not"),
            one("additionalProperties"),
            one("propertyNames"),
            one("unevaluatedProperties"),
            one("if"),
            one("then"),
            one("else"),
            many("allOf"),
            many("anyOf"),
            many("oneOf"),
            many("prefixItems"),
            named("properties", "[ab]"),
            named("patternProperties", "\\^[ab]"),
            named("dependentSchemas", "[ab]"),
        ];
        (assertions(), prop::collection::vec(applied, 0..3))
            .prop_map(|(own, applied)| applied.into_iter().fold(own, joined))
    })
}

fn joined(one: Value, other: Value) -> Value {
    let members = |value: Value| match value {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let mut joined = members(one);
    joined.extend(members(other));
    Value::Object(joined)
}

fn assertions() -> impl Strategy<Value = Value> {
    let types =
        prop::sample::subsequence(vec!["null", "boolean", "integer", "number", "string", "array", "object"], 1..4);
    let count = |name: &'static str| (0..4_u32).prop_map(move |count| json!({ name: count }));
    let bound = |name: &'static str| (-4..8_i32).prop_map(move |half| json!({ name: f64::from(half) / 2.0 }));
    let pattern = prop::sample::select(vec!["^a", "b$", "^[ab]*$", "^.{2}$"]);
    let format = prop::sample::select(vec!["date-time", "date", "ipv4", "uuid", "hostname"]);
    let definition = prop::sample::select(vec!["#/$defs/word", "#/$defs/small"]);
    let assertion = prop_oneof![
        4 => types.prop_map(|types| json!({ "type": types })),
        1 => prop::collection::vec(simple(), 1..4).prop_map(|values| json!({ "enum": values })),
        1 => simple().prop_map(|value| json!({ "const": value })),
        1 => pattern.prop_map(|pattern| json!({ "pattern": pattern })),
        1 => format.prop_map(|format| json!({ "format": format })),
        1 => definition.prop_map(|definition| json!({ "$ref": definition })),
        1 => (1..5_u32).prop_map(|half| json!({ "multipleOf": f64::from(half) / 2.0 })),
        1 => any::<bool>().prop_map(|unique| json!({ "uniqueItems": unique })),
        1 => prop::collection::btree_set("[ab]", 0..3).prop_map(|names| json!({ "required": names })),
        2 => prop_oneof![bound("minimum"), bound("maximum"), bound("exclusiveMinimum"), bound("exclusiveMaximum")],
        2 => prop_oneof![count("minLength"), count("maxLength"), count("minItems"), count("maxItems")],
        1 => prop_oneof![count("minProperties"), count("maxProperties"), count("minContains"), count("maxContains")],
    ];
    prop::collection::vec(assertion, 0..4).prop_map(|parts| parts.into_iter().fold(json!({}), joined))
}

fn simple() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|it| json!(it)),
        (-4..8_i32).prop_map(|half| json!(f64::from(half) / 2.0)),
        (-2..5_i32).prop_map(|number| json!(number)),
        "[ab]{0,3}".prop_map(|text| json!(text)),
        prop::sample::select(vec!["2026-01-01T00:00:00Z", "2026-01-01", "10.0.0.1"]).prop_map(|text| json!(text)),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    simple().prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| json!(items)),
            prop::collection::btree_map("[abc]", inner, 0..3).prop_map(|members| json!(members)),
        ]
    })
}
