//! Relational state: entities, migrations and queries on SQLite or PostgreSQL.
//!
//! One [`Store`] holds what must survive a restart and is not a metric: the log of which the estate is a function
//! (D-3), the timeline, users with their sessions and tokens, the audit log, settings. SQLite is the default;
//! a PostgreSQL URL changes nothing but the place. Statements that only one engine has stand in `sqlite` and `postgres`.
//!
//! Every function takes the tenant first (D-4). The exceptions are those that find out the tenant from a credential,
//! and clean-up by time. Functions are named after what they are about (`user_get`), and return the vocabulary of
//! `muster_model` or plain structs of this crate, never rows.
//!
//! All writes go through one writer and share commits; a write that was answered is on the disk. This crate reads no
//! clock, decides nothing about the estate, and never sees a credential, only hashes of them.

mod audit;
mod backend;
mod change;
mod column;
mod connection;
mod database_url;
mod entity;
mod error;
mod federated;
mod gap;
mod ignored;
mod log;
mod look;
mod postgres;
mod resource;
mod schema;
mod sealed;
mod second_factor;
mod session;
mod setting;
mod sqlite;
mod store;
mod token;
mod user;
mod view;
mod writer;

pub use audit::{
    AnchorState, AuditCursor, AuditEntry, AuditFault, AuditFinding, AuditHead, AuditPruned, AuditQuery, AuditRecord,
    AuditStream, AuditVerdict, InvalidAuditHead, OutcomeFilter,
};
pub use change::{ChangeCursor, ChangeQuery};
pub use connection::{ConnectionBody, ConnectionSaveError, Login, MOST_CONNECTIONS, NewConnection, StoredConnection};
pub use database_url::{DatabaseUrl, InvalidDatabaseUrl};
pub use error::{StoreError, Trouble};
pub use federated::{Admission, FederatedIdentity, FederatedUser};
pub use ignored::Ignoring;
pub use log::{CommitError, LoadError, StoredLog, SweepCommit};
pub use look::{Look, StoredLevel, known_level, look};
pub use resource::StoredResource;
pub use second_factor::SecondFactor;
pub use session::{NewSession, Session};
pub use store::{OpenError, Store, StoreStats};
pub use token::{ApiToken, NewToken, TokenInsertError};
pub use user::{FirstUserError, NewUser, User, UserChange, UserInsertError};
pub use view::{MOST_VIEWS, SavedView, ViewBody, ViewSaveError};
