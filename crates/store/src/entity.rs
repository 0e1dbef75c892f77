//! The tables as SeaORM sees them: one module each, columns in plain storage types.
//!
//! Used by the query modules only. Conversion to and from the vocabulary happens there, through `column`.

pub(crate) mod api_token;
pub(crate) mod audit_entry;
pub(crate) mod audit_link;
pub(crate) mod audit_segment;
pub(crate) mod connection;
pub(crate) mod ignored_machine;
pub(crate) mod known_gap;
pub(crate) mod log_entry;
pub(crate) mod resource;
pub(crate) mod resource_alias;
pub(crate) mod resource_change;
pub(crate) mod saved_view;
pub(crate) mod schema_version;
pub(crate) mod setting;
pub(crate) mod source_stamp;
pub(crate) mod user_account;
pub(crate) mod user_recovery_code;
pub(crate) mod user_session;
pub(crate) mod user_totp;
