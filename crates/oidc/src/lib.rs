//! Signing in through an OpenID provider: discovery, keys, tokens, and the code flow with PKCE.
//!
//! ```no_run
//! # async fn example(settings: muster_oidc::Settings, transport: std::sync::Arc<dyn muster_oidc::Transport>, clock: std::sync::Arc<dyn muster_runtime::Clock>, entropy: &muster_runtime::Entropy) -> Result<(), muster_oidc::OidcError> {
//! use muster_oidc::{Provider, Returned};
//!
//! let provider = Provider::new(settings, transport, clock);
//! let begun = provider.begin(entropy).await?; // send the browser to `begun.url`, keep the rest
//! # let (code, state) = ("", "");
//! let returned = Returned { code, issuer: None };
//! let person = provider.finish(&begun.attempt, returned).await?;
//! let role = provider.settings().roles.most_powerful(&person.groups);
//! # Ok(())
//! # }
//! ```
//!
//! It knows no route, no session, no user and no client library: requests leave through [`Transport`]. Time is a
//! [`Clock`](muster_runtime::Clock), so that every expiry is testable. Neither an error nor a log line of it contains a
//! token or a code.
//!
//! Signatures are checked with `ring`, which the TLS of this process rests on already. What a ready-made library would
//! add is what must not be there: only public-key algorithms exist here, so that a token that says `none`, or an HMAC
//! with the public key as its secret, does not even parse.

mod claims;
mod discovery;
mod error;
mod jwk;
mod jwt;
mod keys;
mod person;
mod provider;
mod roles;
mod settings;
mod sign_in;
mod transport;

pub use claims::TokenError;
pub use error::OidcError;
pub use person::Person;
pub use provider::{Health, Provider};
pub use roles::RoleMapping;
pub use settings::{InvalidSettings, Settings};
pub use sign_in::{Attempt, Begun, Returned};
pub use transport::{Answer, Credentials, Transport, TransportError};
