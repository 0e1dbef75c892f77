//! Tells the operator where the server is, and how to create the first user (D-21).
//!
//! The set-up link goes to the terminal. Where standard output is none (a service, a pipe), it goes to a file that only
//! the owner can read, and the output names that file: a log must not hold the link.

use std::{
    io::{self, IsTerminal, Write},
    net::SocketAddr,
};

use muster_server::{App, Certificates};
use secrecy::ExposeSecret;

use crate::{
    commands::CommandError,
    data_dir::{Held, reachable},
};

/// Prints the address, and the set-up link while there is no user.
pub(super) async fn show(
    app: &App,
    address: SocketAddr,
    certificates: Option<&Certificates>,
    held: &Held,
) -> Result<(), CommandError> {
    let scheme = if certificates.is_some() { "https" } else { "http" };
    let base = format!("{scheme}://{}", reachable(address));
    let mut lines = vec![format!("Muster is ready at {base}")];
    if let Some(facts) = certificates.map(Certificates::facts).filter(|facts| facts.self_signed) {
        lines.push("Nobody vouches for its certificate; compare the SHA-256 when a browser shows it:".to_owned());
        lines.push(format!("  {}", facts.fingerprint));
    }
    held.remove_setup_link();
    if let Some(link) = app.setup_link(&base).await.map_err(|error| CommandError::failed(&error))? {
        lines.push("There is no user yet. To create the administrator, open within 30 minutes:".to_owned());
        if io::stdout().is_terminal() {
            lines.push(format!("  {}", link.expose_secret()));
        } else {
            let path = held.write_setup_link(link.expose_secret())?;
            lines.push(format!("  the link in the file {}", path.display()));
        }
    }
    let mut out = io::stdout().lock();
    Ok(writeln!(out, "{}", lines.join("\n")).and_then(|()| out.flush())?)
}
