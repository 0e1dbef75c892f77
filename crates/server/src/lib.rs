//! The HTTP server: handlers, authentication, live updates, and the embedded web application.
//!
//! The composition root builds an [`App`] from its parts and hands it to a [`Server`] with a listener:
//!
//! ```no_run
//! # async fn example(parts: muster_server::Parts, tasks: muster_runtime::Tasks) -> Result<(), Box<dyn std::error::Error>> {
//! use muster_server::{App, Server};
//!
//! let listener = tokio::net::TcpListener::bind(parts.settings.listen).await?;
//! let app = App::new(parts)?;
//! let link = app.setup_link("http://127.0.0.1:7777").await?; // for the terminal only
//! Server::new(app, tasks).serve(listener).await;
//! # Ok(())
//! # }
//! ```
//!
//! The server reads snapshots and never writes to the estate. Every route stands in one table with its policy
//! ([`router`]); the API document is made from the same table ([`openapi`]). Unlisted paths below `/api` answer 404 and
//! wrong methods 405 to anybody: which routes there are is no secret, it stands in the repository.
//!
//! What it leaves to others: what resources are (`muster_estate`), storage, where certificates are kept, and the decision
//! where to listen.

mod app;
mod assets;
mod audit_log;
mod auth;
mod charts;
mod connections;
mod csv;
mod cursor;
mod extract;
mod feed;
mod grant;
mod history_cost;
mod history_file;
mod http;
mod identity;
mod in_force;
mod inventory;
mod live;
mod memory;
mod metrics_out;
pub mod openapi;
mod operations;
mod overview;
mod problem;
mod remote;
mod request_id;
mod rounding;
pub mod router;
mod routes;
mod serve;
mod service;
mod settings;
mod span;
mod subject;
mod text;
mod tls;

pub use app::{App, Parts, TellRemoteHealth};
pub use auth::{
    InvalidCost, SETUP_LIFETIME,
    oidc::{CALLBACK_PATH, IdentityProvider, OutboundTransport},
};
pub use charts::cache::ChartCounters;
pub use connections::Polling;
pub use grant::{Errand, TemporaryGrant};
pub use http::{
    forwarded::{ForwardedHeader, TrustedProxies},
    rate::Rate,
};
pub use in_force::InForce;
pub use metrics_out::{Family, FamilyKind, families};
pub use operations::{BackupArchive, OperationError, Operations, WriteArchive};
pub use serve::Server;
pub use settings::{Changeable, Hsts, Limits, PasswordCost, Settings};
pub use tls::{
    Certificates, Facts, InvalidCertificate, PairError, PairFiles, PemPair, SelfSignedError, self_signed,
    self_signed_with,
};
