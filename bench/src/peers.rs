//! What a user would have instead. Each is written the way a careful user writes it, not to lose.

pub(crate) mod documents;
pub(crate) mod dump;
pub(crate) mod exporter;
pub(crate) mod row_table;
pub(crate) mod victoria;
