//! Makes a request that came through a trusted proxy look as if its client had sent it here.
//!
//! From here on the address is the client's, the scheme is the one that the client spoke, and `Host` is what the client
//! asked for; throttle, audit, logs, cookies and the checks of host and origin need to know of no proxy. The headers that
//! proxies write go no further, whoever wrote them.

use std::net::SocketAddr;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Uri, header, uri::Authority},
    middleware::Next,
    response::Response,
};

use super::forwarded::{self, Client};
use crate::{app::App, remote::RemoteAddr};

/// The layer.
pub(crate) async fn settle(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<RemoteAddr>().copied();
    if let Some(peer) = peer {
        let client = forwarded::client(peer.0.ip(), request.headers(), &app.changeable().trusted_proxies);
        request.extensions_mut().insert(seen_as(peer, &client));
        if let Some(host) = client.host {
            ask_for(&mut request, &host);
        }
    }
    for name in forwarded::ALL {
        request.headers_mut().remove(name);
    }
    next.run(request).await
}

fn seen_as(peer: RemoteAddr, client: &Client) -> RemoteAddr {
    let address = match client.address == peer.0.ip() {
        true => peer.0,
        false => SocketAddr::new(client.address, 0),
    };
    RemoteAddr(address, client.scheme.unwrap_or(peer.1))
}

/// The host stands in `Host` alone: an authority in the request line was the proxy's.
fn ask_for(request: &mut Request, host: &Authority) {
    let Ok(value) = HeaderValue::from_str(host.as_str()) else { return };
    request.headers_mut().insert(header::HOST, value);
    if request.uri().authority().is_some() {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        *request.uri_mut() = path.parse().unwrap_or_else(|_| Uri::from_static("/"));
    }
}
