//! Where references between the schemas of a document lead: never in a circle, and not to so much that a check takes
//! for ever. A few definitions that each name the next one twice come to billions of schemas.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{fault::Faults, pointer, vocabulary};

/// Schemas that the fields of a plugin come to with every reference followed.
const MOST_SCHEMAS: usize = 2_000;

const PREFIX: &str = "#/$defs/";

/// The definition that a reference names, if it names one of this document.
pub(super) fn target(reference: &str) -> Option<String> {
    let name = reference.strip_prefix(PREFIX)?;
    let is_plain = !name.is_empty() && !name.contains(['/', '%']);
    is_plain.then(|| name.replace("~1", "/").replace("~0", "~"))
}

/// Notes circles, and fields that come to too much.
pub(super) fn check(fields: &BTreeMap<String, Value>, definitions: &Map<String, Value>, faults: &mut Faults) {
    let mut walk = Walk { definitions, sizes: BTreeMap::new(), way: Vec::new(), circle: None };
    for name in definitions.keys() {
        walk.definition(name);
        if let Some(circle) = walk.circle.take() {
            let place = pointer::of(&["$defs", &circle[0]]);
            let message = format!("leads back to itself: {}; a schema must come to an end", circle.join(", "));
            return faults.add(&place, message);
        }
    }
    let size = fields.values().map(|schema| walk.schema(schema)).fold(0, usize::saturating_add);
    if size > MOST_SCHEMAS {
        let message =
            format!("come to more than {MOST_SCHEMAS} schemas with every reference followed; make them simpler");
        faults.add("/fields", message);
    }
}

struct Walk<'a> {
    definitions: &'a Map<String, Value>,
    /// What is known of definitions that were walked through.
    sizes: BTreeMap<&'a str, usize>,
    /// Definitions that are being walked through.
    way: Vec<&'a str>,
    circle: Option<Vec<String>>,
}

impl<'a> Walk<'a> {
    /// How many schemas a definition comes to; 0 where it is part of a circle or not there.
    fn definition(&mut self, name: &str) -> usize {
        let Some((name, schema)) = self.definitions.get_key_value(name) else { return 0 };
        if let Some(size) = self.sizes.get(name.as_str()) {
            return *size;
        }
        if let Some(start) = self.way.iter().position(|known| known == name) {
            let circle = self.way[start..].iter().copied().chain([name.as_str()]);
            self.circle = Some(circle.map(str::to_owned).collect());
            return 0;
        }
        self.way.push(name);
        let size = self.schema(schema);
        self.way.pop();
        self.sizes.insert(name, size);
        size
    }

    fn schema(&mut self, schema: &'a Value) -> usize {
        let Some(members) = schema.as_object() else { return 1 };
        let reference = members.get("$ref").and_then(Value::as_str).and_then(target);
        let referred = reference.map_or(0, |name| self.definition(&name));
        let children = vocabulary::children(members).into_iter();
        children.map(|(_, child)| self.schema(child)).fold(referred.saturating_add(1), usize::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_name_definitions_only() {
        assert_eq!(target("#/$defs/row").as_deref(), Some("row"));
        assert_eq!(target("#/$defs/a~1b").as_deref(), Some("a/b"));
        for other in ["#", "#/$defs/", "#/$defs/a/items", "#/properties/x", "other.json", "http://x/#/$defs/a", "#a"] {
            assert_eq!(target(other), None, "{other}");
        }
    }
}
