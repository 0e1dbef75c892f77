//! One connection to a server on this machine: requests go out one after the other, as a browser's would.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, StatusCode,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
    header,
};
use hyper_util::rt::TokioIo;
use muster_runtime::Tasks;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;

/// An open connection.
#[derive(Debug)]
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

/// What to ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Get<'a> {
    pub(crate) path: &'a str,
    /// Who asks.
    pub(crate) token: Option<&'a SecretString>,
    /// The entity tag of the answer that the client has.
    pub(crate) known: Option<&'a str>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) tag: Option<String>,
    pub(crate) body: Bytes,
}

impl Connection {
    /// Connects; the connection runs as one of `tasks`.
    pub(crate) async fn open(address: SocketAddr, tasks: &Tasks) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // A connection that breaks shows where its next request is sent.
        tasks.spawn("bench client", async move { drop(connection.await) });
        Ok(Self { sender, host: address.to_string() })
    }

    /// Asks and waits for the whole answer.
    pub(crate) async fn get(&mut self, get: Get<'_>) -> Result<Answer> {
        let Get { path, token, known } = get;
        let mut request = Request::get(path).header(header::HOST, &self.host);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.expose_secret()));
        }
        if let Some(tag) = known {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        self.send(request.body(Full::default())?).await
    }

    /// Asks for what must be there.
    pub(crate) async fn get_ok(&mut self, get: Get<'_>) -> Result<Answer> {
        let answer = self.get(get).await.with_context(|| format!("asking for {}", get.path))?;
        ensure!(answer.status == StatusCode::OK, "{} answered {}: {:?}", get.path, answer.status, answer.body);
        Ok(answer)
    }

    /// Hands something in, which must be accepted.
    pub(crate) async fn post(&mut self, path: &str, body: Vec<u8>) -> Result<()> {
        let request = Request::builder().method(Method::POST).uri(path).header(header::HOST, &self.host);
        let answer = self.send(request.body(Full::from(body))?).await.with_context(|| format!("posting to {path}"))?;
        ensure!(answer.status.is_success(), "{path} answered {}: {:?}", answer.status, answer.body);
        Ok(())
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Answer> {
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let (head, body) = answer.into_parts();
        let tag = head.headers.get(header::ETAG).map(|tag| tag.to_str().map(str::to_owned)).transpose()?;
        Ok(Answer { status: head.status, tag, body: body.collect().await?.to_bytes() })
    }
}
