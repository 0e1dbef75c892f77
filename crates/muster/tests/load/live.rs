//! Live clients: they come, say whose readings they want, look on for some seconds, and leave, politely or not.

use std::{sync::Arc, time::Duration};

use futures::{SinkExt, StreamExt};
use muster_runtime::{Clock, Shutdown, Tasks};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use crate::site::Site;

/// Live clients at a time.
const CLIENTS: usize = 20;

type Socket = WebSocketStream<TcpStream>;

/// Starts them.
pub(crate) fn start(site: &Arc<Site>, tasks: &Tasks) {
    for _ in 0..CLIENTS {
        let (site, end) = (Arc::clone(site), tasks.shutdown().clone());
        tasks.spawn("live client", async move {
            while !end.begun() {
                visit(&site, &end).await;
            }
        });
    }
}

async fn visit(site: &Site, end: &Shutdown) {
    let Some(mut socket) = open(site).await else {
        return site.pause(end, Duration::from_millis(200)).await;
    };
    if !begins_with_everything(&mut socket).await {
        return site.answers.strange("live: the first frame was not the state".to_owned());
    }
    let everything = json!({"type": "subscribe", "all": true});
    let one = json!({"type": "subscribe", "resources": [site.host]});
    let wish = if site.any(2) == 0 { everything } else { one };
    if socket.send(Message::text(wish.to_string())).await.is_err() {
        return site.answers.strange("live: the server hung up on a subscription".to_owned());
    }
    look_on(site, end, &mut socket).await;
    // The others go as browsers do whose machine falls asleep.
    if site.any(2) == 0 {
        drop(socket.close(None).await);
    }
}

async fn open(site: &Site) -> Option<Socket> {
    let address = site.server.address;
    let mut request = format!("ws://{address}/ws").into_client_request().unwrap();
    let bearer = format!("Bearer {}", site.operator).parse().expect("a token is ASCII");
    request.headers_mut().insert("authorization", bearer);
    let stream = TcpStream::connect(address).await.ok()?;
    match client_async(request, stream).await {
        Ok((socket, answer)) => {
            site.answers.expected("live", answer.status().as_u16(), 101, "/ws");
            Some(socket)
        }
        Err(Error::Http(answer)) => {
            site.answers.expected("live", answer.status().as_u16(), 101, "/ws");
            None
        }
        Err(error) => {
            site.answers.strange(format!("live: {error}"));
            None
        }
    }
}

async fn begins_with_everything(socket: &mut Socket) -> bool {
    let Some(Ok(Message::Text(text))) = socket.next().await else { return false };
    let frame: Value = serde_json::from_str(&text).unwrap();
    frame["type"] == "state" && !frame["state"]["resources"].as_array().unwrap().is_empty()
}

/// Reads what comes for one to six seconds.
async fn look_on(site: &Site, end: &Shutdown, socket: &mut Socket) {
    let mut enough = site.clock.sleep(Duration::from_millis(1000 + site.any(5000) as u64));
    loop {
        // Cancel-safe: a frame leaves the socket only when its branch is taken.
        tokio::select! {
            frame = socket.next() => match frame {
                Some(Ok(_)) => site.answers.event("live: frames"),
                Some(Err(_)) | None => return site.answers.strange("live: the server hung up".to_owned()),
            },
            () = &mut enough => return,
            () = end.requested() => return,
        }
    }
}
