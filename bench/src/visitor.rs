//! A whole server, and a browser that asks it.

use std::path::Path;

use anyhow::Result;
use hyper::body::Bytes;
use muster_model::{ResourceId, TenantId};
use muster_runtime::{Clock, SystemClock};
use muster_server::TemporaryGrant;
use tokio::runtime::Runtime;

use crate::{
    http::{Connection, Get},
    site::{self, Site},
};

/// A running server on a directory, with resources but without samples.
pub(crate) struct Served {
    runtime: Runtime,
    pub(crate) site: Site,
}

/// Who asks it, signed in for two minutes.
pub(crate) struct Visitor<'a> {
    runtime: &'a Runtime,
    grant: TemporaryGrant,
    connection: Connection,
}

impl Served {
    /// Starts a server with so many resources, of which nothing is measured yet.
    pub(crate) fn start(directory: &Path, resources: usize) -> Result<Self> {
        let runtime = site::runtime()?;
        let mut reports = site::estate(resources, &SystemClock::new());
        for report in &mut reports {
            report.samples.clear();
        }
        let site = runtime.block_on(async {
            let site = Site::start(directory).await?;
            site.fill(reports, resources).await?;
            anyhow::Ok(site)
        })?;
        Ok(Self { runtime, site })
    }

    /// Its resources.
    pub(crate) fn resources(&self) -> Vec<ResourceId> {
        let snapshot = self.site.engine.snapshot(&TenantId::DEFAULT);
        snapshot.rows().iter().map(|row| row.id).collect()
    }

    /// What time it is there.
    pub(crate) fn now(&self) -> jiff::Timestamp {
        SystemClock::new().now()
    }

    /// Signs somebody in.
    pub(crate) fn visit(&self) -> Result<Visitor<'_>> {
        let (grant, connection) = self.runtime.block_on(async {
            let grant = self.site.grant().await?;
            anyhow::Ok((grant, Connection::open(self.site.address, &self.site.tasks).await?))
        })?;
        Ok(Visitor { runtime: &self.runtime, grant, connection })
    }

    /// Ends it in order.
    pub(crate) fn stop(self) -> Result<()> {
        self.runtime.block_on(self.site.stop())
    }
}

impl Visitor<'_> {
    /// Asks for what must be there.
    pub(crate) fn get(&mut self, path: &str) -> Result<Bytes> {
        let get = Get { path, token: Some(self.grant.secret()), known: None };
        Ok(self.runtime.block_on(self.connection.get_ok(get))?.body)
    }

    /// Signs out.
    pub(crate) fn leave(self) {
        let Self { runtime, grant, connection } = self;
        runtime.block_on(grant.revoke());
        drop(connection);
    }
}
