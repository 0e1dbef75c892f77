//! Types that are one text on the wire.

/// Makes serde write a type as what it displays, straight into the output: an intermediate `String` for every id of every
/// row of a long list costs more than the rest of the row.
macro_rules! serialize_as_display {
    ($($name:ty),+ $(,)?) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}

serialize_as_display!(crate::AddressWithPrefix, crate::MacAddress, crate::ResourceId, crate::SourceId);

/// The same for what is kept as a text already.
macro_rules! serialize_as_str {
    ($($name:ty),+ $(,)?) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    )+};
}

serialize_as_str!(crate::NativeKey, crate::TenantId);
