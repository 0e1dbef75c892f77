//! An inventory as a user would build it in an afternoon: one SQLite table of JSON documents, an index in the order of
//! the list, a keyset query, and the same HTTP library as ours. Nobody is asked who they are.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result};
use axum::{
    Router,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
    serve::ListenerExt,
};
use muster_runtime::Tasks;
use rusqlite::{Connection, params};
use serde::Deserialize;
use tokio::net::TcpListener;

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    CREATE TABLE resource (name TEXT NOT NULL, id TEXT NOT NULL, document TEXT NOT NULL) STRICT;
    CREATE UNIQUE INDEX resource_by_name ON resource (name, id);";

const PAGE: &str = "
    SELECT document FROM resource WHERE (name, id) > (?1, ?2) ORDER BY name, id LIMIT 200";

/// Where a row stands in the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) id: String,
}

/// The table.
#[derive(Debug, Clone)]
pub(crate) struct Documents(Arc<Mutex<Connection>>);

impl Documents {
    /// Stores documents, each at its place.
    pub(crate) fn create<'a>(directory: &Path, documents: impl Iterator<Item = (&'a Place, &'a str)>) -> Result<Self> {
        let mut connection = Connection::open(directory.join("documents.db")).context("opening the table")?;
        connection.execute_batch(SCHEMA).context("creating the table")?;
        let transaction = connection.transaction()?;
        let mut insert = transaction.prepare("INSERT INTO resource VALUES (?1, ?2, ?3)")?;
        for (Place { name, id }, document) in documents {
            insert.execute(params![name, id, document])?;
        }
        drop(insert);
        transaction.commit().context("filling the table")?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Serves pages on loopback for as long as `tasks` live.
    pub(crate) async fn serve(self, tasks: &Tasks) -> Result<SocketAddr> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("listening on loopback")?;
        let address = listener.local_addr()?;
        // Small answers leave at once, as ours do. Where that cannot be set, they leave a little later.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let router = Router::new().route("/resources", get(list)).with_state(self);
        let shutdown = tasks.shutdown().clone();
        tasks.spawn("bench peer", async move {
            let served =
                axum::serve(listener, router).with_graceful_shutdown(async move { shutdown.requested().await });
            // It ends only with shutdown.
            drop(served.await);
        });
        Ok(address)
    }

    fn page(&self, after: &Place) -> rusqlite::Result<String> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statement = connection.prepare_cached(PAGE)?;
        let mut rows = statement.query(params![after.name, after.id])?;
        let mut page = String::from(r#"{"items":["#);
        let mut separator = "";
        while let Some(row) = rows.next()? {
            page.push_str(separator);
            page.push_str(row.get_ref(0)?.as_str()?);
            separator = ",";
        }
        page.push_str("]}");
        Ok(page)
    }
}

async fn list(State(documents): State<Documents>, Query(after): Query<Place>) -> Response {
    let page = tokio::task::spawn_blocking(move || documents.page(&after)).await;
    match page {
        Ok(Ok(page)) => ([(header::CONTENT_TYPE, "application/json")], page).into_response(),
        Ok(Err(_)) | Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_begins_after_a_place() {
        let places: Vec<Place> =
            (0..500).map(|n| Place { name: format!("n{:03}", n / 2), id: format!("{n:03}") }).collect();
        let texts: Vec<String> = (0..500).map(|n| n.to_string()).collect();
        let directory = tempfile::tempdir().unwrap();
        let documents = places.iter().zip(texts.iter().map(String::as_str));
        let documents = Documents::create(directory.path(), documents).unwrap();
        let page = |after: &Place| {
            let page: serde_json::Value = serde_json::from_str(&documents.page(after).unwrap()).unwrap();
            page["items"].as_array().unwrap().iter().map(|item| item.as_u64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(page(&Place::default()), (0..200).collect::<Vec<_>>());
        assert_eq!(page(&places[400]), (401..500).collect::<Vec<_>>());
    }
}
