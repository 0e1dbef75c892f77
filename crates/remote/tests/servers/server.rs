//! Real servers as the remote store of these tests.

use muster_remote::{Credentials, Remote, Settings};
pub(crate) use muster_testkit::metrics_store::{MetricsStore as Server, Program};

/// The server as a remote store.
pub(crate) fn remote(server: &Server) -> Remote {
    let read_address = server.address().parse().unwrap();
    let write_address = format!("{}/api/v1/write", server.address()).parse().unwrap();
    Remote::new(&Settings { write_address, read_address, credentials: Credentials::None }).unwrap()
}
