//! One connection to a server on this machine: requests go out one after the other, as a browser's would.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt, Empty};
use hyper::{
    Request, StatusCode,
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
    sender: SendRequest<Empty<Bytes>>,
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
        self.sender.ready().await?;
        let answer = self.sender.send_request(request.body(Empty::new())?).await?;
        let (head, body) = answer.into_parts();
        let tag = head.headers.get(header::ETAG).map(|tag| tag.to_str().map(str::to_owned)).transpose()?;
        Ok(Answer { status: head.status, tag, body: body.collect().await?.to_bytes() })
    }

    /// Asks for what must be there.
    pub(crate) async fn get_ok(&mut self, get: Get<'_>) -> Result<Answer> {
        let answer = self.get(get).await.with_context(|| format!("asking for {}", get.path))?;
        ensure!(answer.status == StatusCode::OK, "{} answered {}: {:?}", get.path, answer.status, answer.body);
        Ok(answer)
    }
}
