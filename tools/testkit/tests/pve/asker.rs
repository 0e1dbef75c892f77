//! A client that hides nothing: phrases, headers and half an answer.

use std::{net::SocketAddr, sync::Arc};

use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request,
    body::{Body, Bytes},
    client::conn::http1,
    ext::ReasonPhrase,
};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use muster_runtime::{ManualClock, Shutdown, Tasks};
use muster_testkit::pve::{Cluster, ClusterBuilder, Running};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// When tests begin.
pub(crate) const START: &str = "2026-01-10T12:00:03Z";

/// What came back.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) is_gzip: bool,
    pub(crate) closes: bool,
    pub(crate) location: Option<String>,
    pub(crate) body: Bytes,
}

impl Got {
    /// The whole body.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// What stands in it as data.
    pub(crate) fn data(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()["data"].clone()
    }
}

/// Somebody who asks one node.
#[derive(Clone)]
pub(crate) struct Asker {
    address: SocketAddr,
    roots: Arc<ClientConfig>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Asker {
    /// With the token of the cluster.
    pub(crate) fn of(cluster: &Running, node: &str) -> Self {
        let (id, secret) = cluster.token();
        Self::nobody(cluster, node).with("authorization", &format!("PVEAPIToken={id}={secret}"))
    }

    /// Without a word of who asks.
    pub(crate) fn nobody(cluster: &Running, node: &str) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(cluster.authority_pem().as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap();
        let roots = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
        let address = cluster.endpoint(node).strip_prefix("https://").unwrap().parse().unwrap();
        Self { address, roots, headers: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Data of a path below `/api2/json`.
    pub(crate) async fn data(&self, path: &str) -> Value {
        self.get(path).await.data()
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.try_get(path).await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) async fn try_get(&self, path: &str) -> Result<Got, String> {
        self.ask(Method::GET, &format!("/api2/json{path}"), "").await
    }

    pub(crate) async fn login(&self, user: &str, password: &str) -> Got {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("username", user)
            .append_pair("password", password)
            .finish();
        self.ask(Method::POST, "/api2/json/access/ticket", &form).await.unwrap()
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: &str) -> Result<Got, String> {
        let stream = TcpStream::connect(self.address).await.map_err(|error| format!("connecting: {error}"))?;
        let name = ServerName::from(self.address.ip());
        let stream = TlsConnector::from(Arc::clone(&self.roots)).connect(name, stream).await;
        self.over(stream.map_err(|error| format!("handshake: {error}"))?, method, path, body).await
    }

    /// The same without TLS.
    pub(crate) async fn plainly(&self, path: &str) -> Result<Got, String> {
        let stream = TcpStream::connect(self.address).await.map_err(|error| format!("connecting: {error}"))?;
        self.over(stream, Method::GET, path, "").await
    }

    async fn over<S>(&self, stream: S, method: Method, path: &str, body: &str) -> Result<Got, String>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        Tasks::new(Shutdown::new()).spawn("client", async move { drop(connection.await) });
        let mut request = Request::builder().method(method).uri(path).header("host", self.address.to_string());
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
        let answer = sender.send_request(request).await.map_err(|error| format!("no answer: {error}"))?;
        let status = answer.status();
        let said =
            answer.extensions().get::<ReasonPhrase>().map(|said| String::from_utf8_lossy(said.as_bytes()).into());
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (is_gzip, closes) =
            (header("content-encoding").is_some(), header("connection") == Some("close".to_owned()));
        let location = header("location");
        let body = collect(answer.into_body()).await?;
        let reason = said.unwrap_or_else(|| status.canonical_reason().unwrap_or_default().to_owned());
        Ok(Got { status: status.as_u16(), reason, is_gzip, closes, location, body })
    }
}

async fn collect(body: impl Body<Data = Bytes, Error = hyper::Error>) -> Result<Bytes, String> {
    Ok(body.collect().await.map_err(|error| format!("half an answer: {error}"))?.to_bytes())
}

/// A cluster whose time stands still, and its clock.
pub(crate) fn at_rest() -> (ClusterBuilder, ManualClock) {
    let clock = ManualClock::at(START.parse::<Timestamp>().unwrap());
    (Cluster::builder().seed(11).nodes(3).guests(60).clock(Arc::new(clock.clone())), clock)
}

/// The rows in which a key has a value.
pub(crate) fn rows<'v>(list: &'v Value, key: &str, value: &str) -> Vec<&'v Value> {
    list.as_array().unwrap().iter().filter(|row| row[key] == value).collect()
}

/// The only row in which a key has a value.
pub(crate) fn row<'v>(list: &'v Value, key: &str, value: &str) -> &'v Value {
    let found = rows(list, key, value);
    assert_eq!(found.len(), 1, "rows with {key} = {value} in {list}");
    found[0]
}
