//! The server under load, and what its clients share.

use std::{path::Path, process::ExitStatus, time::Duration};

use muster_runtime::{Clock, Entropy, Shutdown, SystemClock};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::{
    answers::Answers,
    process::{PATIENCE, Server, eventually, token},
};

const PASSWORD: &str = "correct horse battery";

/// A running server that knows this machine.
pub(crate) struct Site {
    pub(crate) server: Server,
    /// What everybody was answered.
    pub(crate) answers: Answers,
    pub(crate) entropy: Entropy,
    pub(crate) clock: SystemClock,
    /// The token of the reader whose waits count.
    pub(crate) viewer: String,
    /// The token of everybody else who reads. Requests are limited by credential.
    pub(crate) operator: String,
    /// The token of those who behave badly.
    pub(crate) guest: String,
    /// The token of those who write.
    pub(crate) admin: String,
    /// Cookie and CSRF token of somebody who is signed in.
    pub(crate) session: (String, String),
    /// The id of this machine.
    pub(crate) host: String,
    http: Client,
}

impl Site {
    /// Starts a server and waits until it knows this machine.
    pub(crate) async fn start(data_dir: &Path) -> Self {
        let server = Server::start(data_dir);
        let [viewer, operator, admin] = ["viewer", "operator", "admin"].map(|role| token(data_dir, role));
        let known = |hosts: &Value| hosts["items"][0]["metrics"]["memory"]["state"] == "known";
        let hosts = eventually(&server, &viewer, "/api/resources?kind=host", known).await;
        let host = hosts["items"][0]["id"].as_str().unwrap().to_owned();
        let http = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let (entropy, clock) = (Entropy::system(), SystemClock::new());
        let mut site = Self {
            server,
            answers: Answers::default(),
            entropy,
            clock,
            viewer,
            operator,
            guest: String::new(),
            admin,
            session: <(String, String)>::default(),
            host,
            http,
        };
        site.session = site.sign_in().await;
        site.guest = site.guest_token().await;
        site
    }

    async fn sign_in(&self) -> (String, String) {
        let user = json!({"name": "ada", "password": PASSWORD, "role": "admin"});
        let made = self.request(Method::POST, "/api/users").bearer_auth(&self.admin).json(&user).send().await.unwrap();
        assert_eq!(made.status(), 201);
        let login = json!({"username": "ada", "password": PASSWORD});
        let answer = self.request(Method::POST, "/api/login").json(&login).send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let session: Value = answer.json().await.unwrap();
        (cookie, session["csrfToken"].as_str().unwrap().to_owned())
    }

    async fn guest_token(&self) -> String {
        let token = json!({"name": "guest", "role": "viewer"});
        let request = self.request(Method::POST, "/api/tokens").bearer_auth(&self.admin).json(&token);
        let made: Value = request.send().await.unwrap().json().await.unwrap();
        made["secret"].as_str().unwrap().to_owned()
    }

    /// A request to this server, without a credential.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.server.address))
    }

    /// Sends what must be answered with a status, and notes the answer.
    pub(crate) async fn expect(&self, who: &'static str, request: RequestBuilder, wanted: u16) -> Option<Response> {
        match request.send().await {
            Ok(answer) => {
                self.answers.expected(who, answer.status().as_u16(), wanted, answer.url().path());
                Some(answer)
            }
            Err(error) => {
                self.answers.strange(format!("{who}: no answer: {error:?}"));
                None
            }
        }
    }

    /// Waits, unless the end comes first.
    pub(crate) async fn pause(&self, end: &Shutdown, how_long: Duration) {
        // Cancel-safe: neither branch holds anything.
        tokio::select! {
            () = self.clock.sleep(how_long) => {}
            () = end.requested() => {}
        }
    }

    /// A number from 0 up to, not including, `below`.
    pub(crate) fn any(&self, below: usize) -> usize {
        (self.entropy.fraction() * below as f64) as usize
    }

    /// Lines of the server's log that speak of a bug.
    pub(crate) fn errors_in_its_log(&self) -> Vec<String> {
        let said = self.server.said();
        let is_bug = |line: &&str| line.contains(" ERROR ") || line.contains("panicked");
        said.lines().filter(is_bug).take(10).map(str::to_owned).collect()
    }

    /// Ends the server in order.
    pub(crate) fn stop(self) -> ExitStatus {
        self.server.stop()
    }
}
