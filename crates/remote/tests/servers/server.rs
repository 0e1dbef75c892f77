//! Real servers as the remote store of these tests.

use std::{sync::Arc, time::Duration};

use muster_outbound::{Limits, Outbound, Trust};
use muster_remote::{Credentials, Remote, Settings};
use muster_runtime::SystemClock;
pub(crate) use muster_testkit::metrics_store::{MetricsStore as Server, Program};

/// The server as a remote store.
pub(crate) fn remote(server: &Server) -> Remote {
    let read_address = server.address().parse().unwrap();
    let write_address = format!("{}/api/v1/write", server.address()).parse().unwrap();
    let settings = Settings { write_address, read_address, credentials: Credentials::None };
    Remote::new(&settings, outbound(Remote::LIMITS.total)).unwrap()
}

/// A client whose calls each take at most so long.
pub(crate) fn outbound(total: Duration) -> Outbound {
    Outbound::new(Limits { total, ..Remote::LIMITS }, Trust::System, Arc::new(SystemClock::new())).unwrap()
}
