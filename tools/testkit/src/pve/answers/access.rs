//! Users and their tokens.

use serde_json::{Value, json};

use super::{Asking, resources::object};

/// `/access/users`: without a right one sees oneself.
pub(super) fn users(asking: &Asking<'_>) -> Value {
    let sees_all = asking.may("/access/groups", "Sys.Audit");
    let is_full = asking.asked.flag("full");
    let visible = asking.access.users.values().filter(|user| sees_all || user.id == asking.who.id);
    visible
        .map(|user| {
            let realm = user.id.rsplit('@').next().unwrap_or_default();
            let mut row = object(
                json!({"userid": user.id, "realm-type": realm, "enable": 1, "expire": 0, "comment": "monitoring"}),
            );
            if is_full {
                let owned = asking.access.tokens.values().filter(|token| token.id.split('!').next() == Some(&user.id));
                let tokens: Vec<Value> = owned.map(|token| {
                let name = token.id.split('!').nth(1).unwrap_or_default();
                json!({
                    "tokenid": name, "expire": token.expires.unwrap_or(0), "privsep": u8::from(token.is_separated),
                    "comment": "polling",
                })
            }).collect();
                row.insert("groups".to_owned(), "".into());
                row.insert("tokens".to_owned(), if tokens.is_empty() { Value::Null } else { tokens.into() });
            }
            Value::Object(row)
        })
        .collect()
}
