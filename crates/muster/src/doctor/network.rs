//! Where the server listens, and whether what it talks to can be reached.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use jiff::Timestamp;
use muster_api::doctor::Finding;
use muster_outbound::{Limits, Outbound, Request, Target, Trust};
use muster_runtime::{Clock, chain};
use muster_server::Facts;
use tokio::net::TcpListener;

use super::{fail, ok, warn};

/// Nobody who is well takes so long to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// A certificate that ends sooner should have been renewed by now.
const EXPIRES_SOON_DAYS: i64 = 14;

/// Where a running server listens.
pub(super) fn listening(address: SocketAddr) -> Finding {
    let reach = if address.ip().is_loopback() { "this machine only" } else { "other machines too" };
    ok("listen", format!("The server listens on {address}, for {reach}."))
}

/// How long a certificate holds, and whether browsers will trust it; without one, plain text is spoken.
pub(super) fn certificate(facts: Option<&Facts>, listen: SocketAddr, now: Timestamp) -> Finding {
    let why = "Clients refuse a certificate that does not hold, and nobody reaches the server.";
    let remedy = "Renew it: new files come into force by themselves, one that the server made is renewed by itself.";
    let Some(Facts { not_before, not_after, self_signed, .. }) = facts else {
        if listen.ip().is_loopback() {
            return ok("certificate", "No TLS is spoken, and only this machine can connect.");
        }
        let why = "Passwords and tokens cross the network in plain text, unless a proxy in front speaks TLS.";
        let remedy = "Set `server.tls.certificate` and `server.tls.key`, or `server.tls.self_signed`.";
        return warn("certificate", "No TLS is spoken, and other machines can connect.", why, remedy);
    };
    let days = not_after.duration_since(now).as_hours() / 24;
    if now < *not_before || now >= *not_after {
        let what = format!("The certificate holds from {not_before} to {not_after}, which is not now.");
        return fail("certificate", what, why, remedy);
    }
    let signed = if *self_signed { "; nobody but itself vouches for it" } else { "" };
    let what = format!("The certificate holds for {days} more days{signed}.");
    if days < EXPIRES_SOON_DAYS { warn("certificate", what, why, remedy) } else { ok("certificate", what) }
}

/// Whether a server could listen there.
pub(super) async fn free(address: SocketAddr) -> Finding {
    match TcpListener::bind(address).await {
        Ok(_) => ok("listen", format!("{address} is free to listen on.")),
        Err(error) => {
            let why = "A server that is started now would end at once.";
            let remedy = "Stop the program that uses the address, or choose another with `server.listen`.";
            fail("listen", format!("{address} cannot be listened on: {error}."), why, remedy)
        }
    }
}

/// Whether somebody answers at an address such as `https://tsdb:8428/api`, asked in the way the server asks (D-23). Any
/// answer will do.
pub(super) async fn reachable(check: &str, address: &str, clock: Arc<dyn Clock>) -> Finding {
    let answered = match address.parse::<Target>() {
        Ok(target) => ask(target, clock).await,
        Err(error) => Err(told(address, &error)),
    };
    let matters = "Samples wait on this machine until it can be reached, and older spans cannot be asked for.";
    let remedy = "Check that it runs, the name, the port, its certificate, and the firewall.";
    match answered {
        Ok(origin) => ok(check, format!("{origin} answers.")),
        Err(what) => warn(check, what, matters, remedy),
    }
}

async fn ask(target: Target, clock: Arc<dyn Clock>) -> Result<String, String> {
    let origin = target.origin();
    let limits = Limits { total: PATIENCE, connect: PATIENCE, redirects: 0, idle: PATIENCE };
    let outbound = Outbound::new(limits, Trust::System, clock).map_err(|error| told(&origin, &error))?;
    // What stands in its path may be for writing alone.
    let root = target.with(|url| {
        url.set_path("/");
        url.set_query(None);
    });
    outbound.send(Request::get(root)).await.map_err(|error| told(&origin, &error))?;
    Ok(origin)
}

fn told(asked: &str, error: &(dyn std::error::Error + 'static)) -> String {
    format!("{asked} does not answer: {}.", chain(error))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use muster_api::doctor::FindingLevel;
    use muster_runtime::{ManualClock, SystemClock};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[test]
    fn a_certificate_that_ends_is_noticed_before() {
        let now = Timestamp::constant(1_800_000_000, 0);
        let facts = |days: i64| Facts {
            subject: "CN=muster".into(),
            names: vec![],
            not_before: now - SignedDuration::from_hours(24),
            not_after: now + SignedDuration::from_hours(24 * days),
            self_signed: false,
            fingerprint: "00".repeat(32).parse().unwrap(),
        };
        let (here, everywhere) = ("127.0.0.1:1".parse().unwrap(), "0.0.0.0:1".parse().unwrap());
        let check = |days, level, words: &str| {
            let found = certificate(Some(&facts(days)), everywhere, now);
            assert_eq!(found.level, level, "{found:?}");
            assert!(found.what.contains(words), "{found:?}");
        };
        check(90, FindingLevel::Ok, "90 more days");
        check(3, FindingLevel::Warn, "3 more days");
        check(-1, FindingLevel::Fail, "which is not now");
        assert_eq!(certificate(None, here, now).level, FindingLevel::Ok);
        assert_eq!(certificate(None, everywhere, now).level, FindingLevel::Warn);
    }

    #[tokio::test]
    async fn who_answers_and_who_does_not() {
        // On its time no machine is too slow to answer.
        let clock = || -> Arc<dyn Clock> { Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH)) };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = format!("http://{address}/api");
        assert_eq!(free(address).await.level, FindingLevel::Fail);
        let refusing = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            assert_ne!(stream.read(&mut [0; 4096]).await.unwrap(), 0);
            stream.write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            stream
        };
        let (found, stream) = tokio::join!(reachable("x", &asked, clock()), refusing);
        assert_eq!(found.level, FindingLevel::Ok, "{found:?}");
        drop((stream, listener));
        assert_eq!(reachable("x", &asked, clock()).await.level, FindingLevel::Warn);
        assert_eq!(free(address).await.level, FindingLevel::Ok);
    }

    #[tokio::test]
    async fn what_the_server_would_not_dial_is_not_dialled() {
        // D-23
        let found = reachable("x", "http://169.254.169.254/latest", Arc::new(SystemClock::new())).await;
        assert!(found.level == FindingLevel::Warn && found.what.contains("link-local"), "{found:?}");
    }
}
