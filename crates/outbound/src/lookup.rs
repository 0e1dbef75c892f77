//! From a name to the addresses that may be dialled.
//!
//! The HTTP client asks here once for each connection and dials what it is given; nobody looks the name up a second time.
//! A name whose answer changes between two look-ups (DNS rebinding) therefore gains nothing: each answer is judged before
//! it is dialled.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::may_dial;

/// Where the addresses of a name come from.
pub trait Lookup: Send + Sync + 'static {
    /// All addresses of a name; judged by the caller.
    fn lookup(&self, name: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;
}

/// Looks names up as the system does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, name: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Leaves out what may not be dialled.
pub(crate) struct Judged(pub(crate) Arc<dyn Lookup>);

#[derive(Debug, thiserror::Error)]
#[error("{name} has no address that may be dialled")]
struct NothingToDial {
    name: String,
}

impl Judged {
    /// The addresses of a name that may be dialled; at least one.
    pub(crate) fn addresses(&self, name: String) -> impl Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static {
        let looked_up = self.0.lookup(name.clone());
        async move {
            let mut addresses = looked_up.await?;
            addresses.retain(|address| may_dial(*address).is_ok());
            if addresses.is_empty() {
                return Err(io::Error::other(NothingToDial { name }));
            }
            Ok(addresses)
        }
    }
}

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = self.addresses(name.as_str().to_owned());
        Box::pin(async move {
            // The client puts in the port of the address that it was given.
            let addresses = addresses.await?.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}
