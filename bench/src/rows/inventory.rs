//! `GET /api/resources` at 100,000 resources, over real HTTP against the real server, beside a table of documents.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use hyper::StatusCode;
use muster_runtime::SystemClock;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::runtime::Runtime;

use crate::{
    http::{Answer, Connection, Get},
    peers::documents::{Documents, Place},
    result::{Bar, Of, Op, Peer, Row},
    site::{self, Site},
    timing::{Runs, Stopwatch},
};

const RESOURCES: usize = 100_000;

/// Enough that the slowest hundredth is more than a few.
const RUNS: usize = 1_000;

/// A page of the list, as far as it is looked into.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
    next_page_token: Option<String>,
}

/// Everything that the list says.
#[derive(Debug, Default)]
struct List {
    /// The path of each page.
    paths: Vec<String>,
    /// The text of each resource, at its place in a table ordered by name.
    documents: Vec<(Place, String)>,
}

/// A client with a token.
struct Client<'a> {
    runtime: &'a Runtime,
    connection: Connection,
    token: SecretString,
}

pub(super) fn rows(stopwatch: &Stopwatch) -> Result<Vec<Row>> {
    let directory = tempfile::tempdir().context("making a directory for a server")?;
    let runtime = site::runtime()?;
    let site = runtime.block_on(filled(directory.path()))?;
    let grant = runtime.block_on(site.grant())?;
    let connection = runtime.block_on(Connection::open(site.address, &site.tasks))?;
    let mut client = Client { runtime: &runtime, connection, token: grant.secret().clone() };
    let mut list = client.walk()?;
    ensure!(list.documents.len() == RESOURCES, "the list has {} resources", list.documents.len());
    let ours = client.time_pages(stopwatch, &list.paths)?;
    let not_modified = client.time_not_modified(stopwatch)?;
    let peer = runtime.block_on(open_peer(directory.path(), &site, &mut list.documents))?;
    let peer = time_peer(stopwatch, &runtime, peer, &list.documents)?;
    runtime.block_on(async {
        grant.revoke().await;
        drop(client.connection);
        site.stop().await
    })?;
    Ok(vec![page_row(&ours, &peer), not_modified_row(&not_modified, &peer)])
}

fn page_row(ours: &Runs, peer: &Runs) -> Row {
    Row {
        id: "inventory.page",
        what: "GET /api/resources?limit=200 at 100,000 resources, 99th percentile",
        unit: "ms",
        ours: ours.percentile_milliseconds(0.99),
        peer: Some(Peer {
            name: "a keyset query over a SQLite table of finished JSON documents, without authentication",
            value: peer.percentile_milliseconds(0.99),
        }),
        bar: Some(Bar { op: Op::AtMost, value: 3.0, of: Of::Absolute }),
    }
}

fn not_modified_row(ours: &Runs, peer: &Runs) -> Row {
    Row {
        id: "inventory.not_modified",
        what: "GET /api/resources?fields=facts&limit=200 with If-None-Match, not modified, median",
        unit: "ms",
        ours: ours.median_milliseconds(),
        peer: Some(Peer {
            name: "the same table, which has no revision to compare and answers anew",
            value: peer.median_milliseconds(),
        }),
        bar: Some(Bar { op: Op::AtMost, value: 0.5, of: Of::Absolute }),
    }
}

async fn filled(directory: &Path) -> Result<Site> {
    let site = Site::start(directory).await?;
    site.fill(site::estate(RESOURCES, &SystemClock::new()), RESOURCES).await?;
    Ok(site)
}

impl Client<'_> {
    fn get(&mut self, path: &str, known: Option<&str>) -> Result<Answer> {
        let get = Get { path, token: Some(&self.token), known };
        self.runtime.block_on(self.connection.get(get))
    }

    fn page(&mut self, path: &str) -> Result<Answer> {
        let get = Get { path, token: Some(&self.token), known: None };
        self.runtime.block_on(self.connection.get_ok(get))
    }

    /// Reads the whole list, page after page.
    fn walk(&mut self) -> Result<List> {
        let mut list = List::default();
        let mut next = Some("/api/resources?limit=200".to_owned());
        while let Some(path) = next {
            let answer = self.page(&path)?;
            let page: Page<'_> = serde_json::from_slice(&answer.body).context("reading a page of resources")?;
            for item in page.items {
                list.documents.push((serde_json::from_str(item.get())?, item.get().to_owned()));
            }
            next = page.next_page_token.map(|token| format!("/api/resources?limit=200&pageToken={token}"));
            list.paths.push(path);
        }
        Ok(list)
    }

    /// Pages all over the list.
    fn time_pages(&mut self, stopwatch: &Stopwatch, paths: &[String]) -> Result<Runs> {
        let mut next = paths.iter().cycle();
        let path = |_: &mut Self| next.next().context("the list has no page");
        stopwatch.runs_on(self, RUNS, path, |client, path| client.page(path))
    }

    fn time_not_modified(&mut self, stopwatch: &Stopwatch) -> Result<Runs> {
        let path = "/api/resources?limit=200&fields=facts";
        let tag = self.page(path)?.tag.context("a page of facts has no entity tag")?;
        stopwatch.runs_on(
            self,
            RUNS,
            |_| Ok(()),
            |client, ()| {
                let answer = client.get(path, Some(&tag))?;
                ensure!(answer.status == StatusCode::NOT_MODIFIED, "{} instead of not modified", answer.status);
                Ok(answer)
            },
        )
    }
}

async fn open_peer(directory: &Path, site: &Site, documents: &mut [(Place, String)]) -> Result<Connection> {
    documents.sort_unstable();
    let table = Documents::create(directory, documents.iter().map(|(place, text)| (place, text.as_str())))?;
    let address = table.serve(&site.tasks).await?;
    Connection::open(address, &site.tasks).await
}

/// The same number of pages, as far apart.
fn time_peer(
    stopwatch: &Stopwatch,
    runtime: &Runtime,
    mut connection: Connection,
    documents: &[(Place, String)],
) -> Result<Runs> {
    let last_of_pages = documents.iter().skip(199).step_by(200).take(RESOURCES / 200 - 1);
    let paths: Vec<String> = last_of_pages
        .map(|(Place { name, id }, _)| format!("/resources?name={}&id={id}", name.replace('/', "%2F")))
        .collect();
    let mut next = paths.iter().cycle();
    let path = |_: &mut Connection| next.next().context("the table has no page");
    stopwatch.runs_on(&mut connection, RUNS, path, |connection, path| {
        runtime.block_on(connection.get_ok(Get { path, token: None, known: None }))
    })
}
