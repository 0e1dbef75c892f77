//! The one client for everything that the server dials, and the one reader of files that it is told to read (D-23).
//!
//! Whoever can tell a server where to connect can make it ask in their place: for the credentials that clouds hand out at
//! link-local addresses, above all. An [`Outbound`] dials http and https at any address but those that are
//! [`Forbidden`], in whatever form they are written; a name is looked up once for each connection, and the
//! connection goes to what that look-up found and was checked. It speaks HTTP/1.1 and follows no proxy variables; redirects
//! are off unless asked for, counted, and checked like the first address; every call has a bound for its time and every body
//! one for its size, also where it is unpacked on demand. TLS is verified as the system does, or by pinned certificates;
//! [`Outbound::peek`] shows the certificate of somebody who is not believed yet.
//!
//! [`Roots`] is the same for files and environment variables: what is named by somebody who may only name things is
//! read below the directories that the configuration lists, and nowhere else.
//!
//! What it leaves to others: what to ask, what an answer means, and when to try again.
//!
//! ```no_run
//! # use std::{sync::Arc, time::Duration};
//! # use muster_outbound::*;
//! # async fn run(clock: Arc<dyn muster_runtime::Clock>) -> Result<(), Box<dyn std::error::Error>> {
//! let outbound = Outbound::new(Limits::default(), Trust::System, clock)?;
//! let request = Request::get("https://id.example.org/.well-known/openid-configuration".parse()?);
//! let answer = outbound.send(request).await?;
//! let document = answer.body(256 * 1024).await?;
//! # drop(document);
//! # Ok(())
//! # }
//! ```

mod address;
mod client;
mod error;
mod failure;
mod fingerprint;
mod lookup;
mod peek;
mod request;
mod response;
mod roots;
mod target;
mod trust;
mod unpack;

pub use address::Forbidden;
pub use client::{Limits, Outbound};
pub use error::{InvalidTarget, OutboundError, SetUpError};
pub use fingerprint::{Fingerprint, InvalidFingerprint};
pub use lookup::Lookup;
pub use peek::{Peek, ShownCertificate};
pub use request::Request;
pub use response::Response;
pub use roots::{InvalidReference, InvalidRoot, ReadError, Reference, Roots};
pub use target::Target;
pub use trust::{Trust, pinned_tls};
