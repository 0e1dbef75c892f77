//! `muster connections add`: tries, shows what would be trusted, asks, and makes the connection.
//!
//! The secret is sent to nobody whose certificate was not approved: the first probe only asks who answers.

use std::io::{self, IsTerminal};

use jiff::Timestamp;
use muster_api::{
    access::Secret,
    connection::{CertificateProbe, Connection, ConnectionAuth, NewConnection, ProbeRequest},
};
use muster_client::Client;
use muster_model::{Platform, PveOptions};

use super::{option, parse_interval, parse_user, secret, table, trouble};
use crate::{
    cli::{AddArgs, OutputFormat},
    commands::{CommandError, reach::Reach},
    output,
};

/// What to connect to.
struct Place {
    platform: Platform,
    endpoints: Vec<String>,
    auth: ConnectionAuth,
    secret: Secret,
    pins: Vec<String>,
}

/// Carries out the command.
pub(super) async fn run(args: AddArgs, format: OutputFormat, now: Timestamp) -> Result<(), CommandError> {
    let AddArgs { target, name, addresses, user, secret, pin, interval, option, disabled, no_probe, platform } = args;
    let interval_seconds = parse_interval(&interval)?;
    let options = option::chosen(PveOptions::default(), &option)?;
    let secret = match secret::named(&secret)? {
        Some(secret) => secret,
        None => secret::ask(&user)?,
    };
    let place = Place { platform, endpoints: addresses, auth: parse_user(&user), secret, pins: pin };
    let reach = Reach::server(&target).await?;
    let wanted = |place: Place| NewConnection {
        platform: place.platform,
        name,
        endpoints: place.endpoints,
        auth: place.auth,
        secret: place.secret,
        pins: place.pins,
        interval_seconds: Some(interval_seconds),
        enabled: Some(!disabled),
        options,
    };
    let added = add(reach.client(), place, !no_probe, wanted).await;
    reach.close().await;
    Ok(output::print(format, &added?, |connection| table::connections(std::slice::from_ref(connection), now))?)
}

async fn add(
    client: &Client,
    place: Place,
    probes: bool,
    wanted: impl FnOnce(Place) -> NewConnection,
) -> Result<Connection, CommandError> {
    let place = if probes { tried(client, place).await? } else { place };
    Ok(client.create_connection(&wanted(place)).await?)
}

/// Tries the place, and has certificates approved that nobody vouches for.
async fn tried(client: &Client, mut place: Place) -> Result<Place, CommandError> {
    let stranger = client.probe_connection(&question(&place, None)).await?;
    let shown =
        stranger.endpoints.iter().filter_map(|endpoint| Some((&endpoint.endpoint, endpoint.certificate.as_ref()?)));
    for (endpoint, certificate) in shown {
        let is_known = place.pins.contains(&certificate.fingerprint);
        if !certificate.trusted && !certificate.pinned && !is_known {
            approve(endpoint, certificate)?;
            place.pins.push(certificate.fingerprint.clone());
        }
    }
    let result = client.probe_connection(&question(&place, Some(&place.secret))).await?;
    if let Some(trouble) = trouble(&result) {
        return Err(CommandError::Failed(format!("{trouble}; nothing was added (--no-probe adds it all the same)")));
    }
    let (granted, there) = table::granted(&result.calls);
    if granted < there {
        let advice = "`muster connections doctor` shows what stays empty, and the commands that grant it";
        output::note(&format!("{granted} of {there} calls are granted; {advice}"));
    }
    Ok(place)
}

fn question(place: &Place, secret: Option<&Secret>) -> ProbeRequest {
    ProbeRequest {
        platform: place.platform,
        endpoints: place.endpoints.clone(),
        auth: secret.map(|_| place.auth.clone()),
        secret: secret.cloned(),
        pins: place.pins.clone(),
        connection: None,
    }
}

/// Has somebody compare the fingerprint. Where nobody can be asked, it has to be given.
fn approve(endpoint: &str, certificate: &CertificateProbe) -> Result<(), CommandError> {
    let CertificateProbe { fingerprint, subject, issuer, not_after, .. } = certificate;
    if !io::stdin().is_terminal() {
        return Err(CommandError::Failed(format!(
            "the certificate of {endpoint} is signed by nobody whom this system trusts; compare its SHA-256 with the \
             node's own, and repeat the command with --pin {fingerprint}"
        )));
    }
    output::note(&format!("{endpoint} shows a certificate that nobody vouches for"));
    for line in [
        format!("  for {subject}, signed by {issuer}, good until {not_after}"),
        format!("  SHA-256 {fingerprint}"),
        "Compare it with Node > System > Certificates. Type yes to trust it:".to_owned(),
    ] {
        output::note(&line);
    }
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if answer.trim().eq_ignore_ascii_case("yes") {
        return Ok(());
    }
    Err(CommandError::Failed("the certificate was not approved; nothing was added".to_owned()))
}
