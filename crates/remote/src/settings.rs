//! Where the remote store is, how to be let in, and how fast to go. The composition root fills these in.

use std::{fmt, time::Duration};

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::{dial::Address, error::InvalidSettings};

/// Where the remote store is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The whole address that takes remote write, such as `http://127.0.0.1:8428/api/v1/write`.
    pub write_address: Address,
    /// What precedes `/api/v1/query` of the Prometheus query API, such as `http://127.0.0.1:8428`.
    pub read_address: Address,
    /// How to be let in; the same for both addresses.
    pub credentials: Credentials,
}

/// How to be let in.
#[derive(Clone, Default)]
pub enum Credentials {
    /// The store asks for nothing.
    #[default]
    None,
    /// HTTP basic authentication.
    Basic {
        /// The user's name.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// A bearer token.
    Bearer(SecretString),
}

impl Credentials {
    /// Checks that they can be sent.
    ///
    /// # Errors
    /// When a token has characters that no header can carry.
    pub fn check(&self) -> Result<(), InvalidSettings> {
        match self {
            // Basic credentials are encoded, so that they may hold anything.
            Self::None | Self::Basic { .. } => Ok(()),
            Self::Bearer(token) => {
                HeaderValue::try_from(token.expose_secret()).map(drop).map_err(|_| InvalidSettings::Credentials)
            }
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Basic { .. } => "Basic",
            Self::Bearer(_) => "Bearer",
        })
    }
}

/// How fast the shipper goes, and how patient it is.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Samples of a batch: what is in memory at once, and what one confirmation covers.
    pub batch_samples: usize,
    /// Samples of a request.
    pub request_samples: usize,
    /// How long after the last request of a batch its samples are read back. Longer than the remote keeps accepted samples
    /// in memory alone: a remote that is killed loses those, and reading back is what notices.
    pub settle: Duration,
    /// How long to rest when the queue has nothing new.
    pub rest: Duration,
    /// The first wait after trouble; it doubles with each failure, up to `retry_cap`.
    pub retry_first: Duration,
    /// The longest wait after trouble that passes by itself.
    pub retry_cap: Duration,
    /// The wait after a refusal that somebody must do something about.
    pub stopped: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            batch_samples: 400_000,
            request_samples: 5_000,
            settle: Duration::from_secs(15),
            rest: Duration::from_secs(10),
            retry_first: Duration::from_secs(2),
            retry_cap: Duration::from_secs(120),
            stopped: Duration::from_secs(300),
        }
    }
}
