//! TLS: verified as the system does, or pinned to one certificate.

use std::{net::SocketAddr, sync::Arc};

use muster_outbound::{Fingerprint, Limits, Outbound, Trust};
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

use crate::harness::{clock, get, ok, refusal};

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
