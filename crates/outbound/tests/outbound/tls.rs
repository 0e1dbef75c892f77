//! TLS: verified as the system does, or pinned to one certificate.

use std::{collections::BTreeSet, net::SocketAddr, sync::Arc};

use muster_outbound::{Fingerprint, Limits, Outbound, OutboundError, Request, Trust};
use muster_runtime::{Shutdown, Tasks};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use crate::harness::{Fake, clock, get, ok, refusal};

#[tokio::test]
async fn a_pin_accepts_its_certificate_and_no_other() {
    let (address, certificate, shutdown) = serve().await;
    let url = format!("https://{address}/");
    let pinned = |pin| Outbound::new(Limits::default(), Trust::Pinned(pin), clock()).unwrap();
    assert_eq!(get(&pinned(Fingerprint::of(&certificate)), &url).await.unwrap(), "secret");
    let why = refusal(&pinned(Fingerprint::of(b"another")), &url).await;
    assert!(why.contains("not the pinned one") && why.contains(&Fingerprint::of(&certificate).to_string()), "{why}");
    shutdown.begin();
}

#[tokio::test]
async fn without_a_pin_a_stranger_is_refused() {
    let (address, _, shutdown) = serve().await;
    let outbound = Outbound::new(Limits::default(), Trust::System, clock()).unwrap();
    let why = refusal(&outbound, &format!("https://{address}/")).await;
    assert!(why.contains("certificate"), "{why}");
    shutdown.begin();
}

#[tokio::test]
async fn any_of_several_pins_will_do_and_a_mismatch_tells_what_was_found() {
    let (address, certificate, shutdown) = serve().await;
    let (url, found) = (format!("https://{address}/"), Fingerprint::of(&certificate));
    let client = |pins: &[Fingerprint]| {
        let pins: BTreeSet<Fingerprint> = pins.iter().copied().collect();
        Outbound::new(Limits::default(), Trust::PinnedAny { pins }, clock()).unwrap()
    };
    let other = Fingerprint::of(b"another");
    assert_eq!(get(&client(&[other, found]), &url).await.unwrap(), "secret");
    let error = get(&client(&[other]), &url).await.unwrap_err();
    assert!(matches!(error, OutboundError::PinMismatch { found: shown, .. } if shown == found), "{error}");
    let error = get(&client(&[]), &url).await.unwrap_err();
    assert!(matches!(error, OutboundError::NotVerified { found: shown, .. } if shown == found), "{error}");
    shutdown.begin();
}

#[tokio::test]
async fn plain_http_is_told_from_a_bad_certificate() {
    let fake = Fake::start("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    let outbound = Outbound::new(Limits::default(), Trust::System, clock()).unwrap();
    let target = format!("https://{}/", fake.address).parse().unwrap();
    let error = outbound.send(Request::get(target)).await.unwrap_err();
    assert!(matches!(error, OutboundError::NotTls { .. }), "{error:?}");
}

#[tokio::test]
async fn a_certificate_is_looked_at_without_being_believed() {
    let (address, certificate, shutdown) = serve().await;
    let outbound = Outbound::new(Limits::default(), Trust::System, clock()).unwrap();
    let peek = outbound.peek(&format!("https://{address}/").parse().unwrap()).await.unwrap();
    assert_eq!(peek.chain[0].fingerprint, Fingerprint::of(&certificate));
    assert!(peek.chain[0].subject.contains("rcgen") && peek.chain[0].not_after > peek.chain[0].not_before, "{peek:?}");
    assert!(peek.distrusted.is_some(), "{peek:?}");
    shutdown.begin();
    let fake = Fake::start("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    for (url, expected) in [(format!("https://{}/", fake.address), "TLS"), (fake.url(), "TLS")] {
        let error = outbound.peek(&url.parse().unwrap()).await.unwrap_err();
        assert!(matches!(error, OutboundError::NotTls { .. }) && error.to_string().contains(expected), "{error:?}");
    }
    let nobody = outbound.peek(&"https://127.0.0.1:1/".parse().unwrap()).await.unwrap_err();
    assert!(matches!(nobody, OutboundError::Unreachable { .. }), "{nobody:?}");
}

async fn serve() -> (SocketAddr, CertificateDer<'static>, Shutdown) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]).unwrap();
    let certificate = cert.der().clone();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = config.with_single_cert(vec![certificate.clone()], key).unwrap();
    let (listener, shutdown) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), Shutdown::new());
    let address = listener.local_addr().unwrap();
    let (acceptor, ended) = (TlsAcceptor::from(Arc::new(config)), shutdown.clone());
    let answer = async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // A client that does not like the certificate hangs up.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(ok("secret").as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    };
    Tasks::new(shutdown.clone()).spawn("TLS server", async move {
        tokio::select! {
            () = answer => {}
            () = ended.requested() => {}
        }
    });
    (address, certificate, shutdown)
}
