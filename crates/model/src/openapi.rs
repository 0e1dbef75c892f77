//! How the types that write themselves as text appear in the API document.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

macro_rules! text_schema {
    ($($name:ident: $description:literal, $example:literal;)+) => {$(
        impl PartialSchema for crate::$name {
            fn schema() -> RefOr<Schema> {
                let object = ObjectBuilder::new().schema_type(Type::String);
                object.description(Some($description)).examples([$example]).into()
            }
        }

        impl ToSchema for crate::$name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )+};
}

text_schema! {
    AddressWithPrefix: "An address with the length of its network prefix.", "10.0.0.5/24";
    ChangeId: "A UUID derived from the change itself.", "5f0c7d6e-9a41-8b3c-9d0e-3f1f6f0f6a5b";
    MacAddress: "A 48-bit hardware address.", "52:54:00:12:34:56";
    ResourceId: "A resource: its kind, a dash, 16 hexadecimal digits. Never changes.", "agent-0123456789abcdef";
    SourceId: "A source: its kind, a colon, which connection or agent.", "agent:local";
}

impl PartialSchema for crate::Revision {
    fn schema() -> RefOr<Schema> {
        let object = ObjectBuilder::new().schema_type(Type::Integer);
        object.description(Some("A position in the log of changes; only grows.")).examples([42]).into()
    }
}

impl ToSchema for crate::Revision {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Revision")
    }
}

/// Its bounds are those of the check.
impl<const MIN: u32, const MAX: u32> PartialSchema for crate::Within<MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(MIN)).maximum(Some(MAX)).into()
    }
}

impl<const MIN: u32, const MAX: u32> ToSchema for crate::Within<MIN, MAX> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("From{MIN}To{MAX}"))
    }
}
