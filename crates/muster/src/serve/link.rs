//! Tells the operator where the server is, and how to create the first user (D-21).
//!
//! The set-up link goes to the terminal. Where standard output is none (a service, a pipe), it goes to a file that only
//! the owner can read, and the output names that file: a log must not hold the link.

use std::{
    io::{self, IsTerminal, Write},
    net::SocketAddr,
};

use muster_server::App;
use secrecy::ExposeSecret;

use crate::{commands::CommandError, data_dir::Held};

/// Prints the address, and the set-up link while there is no user.
pub(super) async fn show(app: &App, address: SocketAddr, held: &Held) -> Result<(), CommandError> {
    let base = format!("http://{address}");
    let mut lines = vec![format!("Muster is ready at {base}")];
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
