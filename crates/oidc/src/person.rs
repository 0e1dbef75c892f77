//! Who a token is about.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::claims::Claims;

/// The longest name that is taken over, in characters.
const NAME_CHARACTERS: usize = 64;

/// Groups of one person that are looked at.
const MOST_GROUPS: usize = 10_000;

/// Whom a provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The provider's id of the person; never given to another.
    pub subject: String,
    /// What to call the person. Chosen by the provider or the person, so it proves nothing.
    pub name: String,
    /// The groups that the provider names.
    pub groups: Vec<String>,
    /// When the token was issued, if it says so.
    pub issued_at: Option<Timestamp>,
    /// When the token ends.
    pub expires_at: Timestamp,
}

impl Person {
    pub(crate) fn of(claims: Claims, group_claim: &str) -> Self {
        let (issued_at, expires_at) = (claims.issued_at(), claims.expires_at());
        let groups = groups(&claims.rest, group_claim);
        Self { name: name(&claims), subject: claims.sub, groups, issued_at, expires_at }
    }
}

fn name(claims: &Claims) -> String {
    let told = ["preferred_username", "email", "name"].into_iter().filter_map(|claim| claims.rest.get(claim)?.as_str());
    let readable = |text: &str| {
        let text: String = text.trim().chars().filter(|c| !c.is_control()).take(NAME_CHARACTERS).collect();
        (!text.is_empty()).then_some(text)
    };
    let subject = || readable(&claims.sub).unwrap_or_else(|| "somebody".to_owned());
    told.filter_map(readable).next().unwrap_or_else(subject)
}

/// A claim of that very name, else a path into objects; one text or a list of them.
fn groups(claims: &Map<String, Value>, claim: &str) -> Vec<String> {
    let found = claims.get(claim).or_else(|| {
        let mut path = claim.split('.');
        let first = claims.get(path.next()?)?;
        path.try_fold(first, |value, name| value.get(name))
    });
    match found {
        Some(Value::String(group)) => vec![group.clone()],
        Some(Value::Array(groups)) => {
            groups.iter().take(MOST_GROUPS).filter_map(|group| group.as_str().map(str::to_owned)).collect()
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn person(claims: &Value, group_claim: &str) -> Person {
        let mut all = json!({"iss": "i", "sub": "s-1", "aud": "a", "exp": 1});
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        Person::of(Claims::read(all.to_string().as_bytes()).unwrap(), group_claim)
    }

    #[test]
    fn groups_stand_in_a_claim_or_below_one() {
        let check = |claims: Value, claim: &str, expected: &[&str]| {
            assert_eq!(person(&claims, claim).groups, expected, "{claims}");
        };
        check(json!({"groups": ["a", 1, "b"]}), "groups", &["a", "b"]);
        check(json!({"groups": "a"}), "groups", &["a"]);
        check(json!({"realm_access": {"roles": ["a"]}}), "realm_access.roles", &["a"]);
        check(json!({"urn:x.y": ["a"]}), "urn:x.y", &["a"]);
        check(json!({"groups": {"a": true}}), "groups", &[]);
        check(json!({}), "groups", &[]);
    }

    #[test]
    fn a_name_is_readable_and_never_empty() {
        assert_eq!(person(&json!({"preferred_username": "ada", "email": "x@y"}), "g").name, "ada");
        assert_eq!(person(&json!({"preferred_username": " \u{7}", "email": "x@y"}), "g").name, "x@y");
        assert_eq!(person(&json!({"name": "a".repeat(100)}), "g").name.len(), 64);
        assert_eq!(person(&json!({}), "g").name, "s-1");
    }
}
