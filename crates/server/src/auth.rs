//! Who is asking, and may they: sessions, API tokens, passwords, second factors, identity providers, the set-up link, and a
//! row in the audit log for each.

pub(crate) mod audit;
pub(crate) mod caller;
pub(crate) mod cookie;
pub(crate) mod credential;
pub(crate) mod guard;
pub(crate) mod hold;
pub(crate) mod login;
pub(crate) mod oidc;
pub(crate) mod password;
mod revocation;
pub(crate) mod second_factor;
pub(crate) mod secret;
pub(crate) mod session;
pub(crate) mod setup;
mod throttle;

pub(crate) use password::Passwords;
pub use password::{InvalidCost, PasswordCost};
pub(crate) use revocation::{Revocations, Revoked};
pub use setup::SETUP_LIFETIME;
pub(crate) use throttle::Throttle;
