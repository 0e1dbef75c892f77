//! How a command reaches the server it works on.
//!
//! With `--url` it is any server, and the token is the operator's. With `--data-dir` it is the server of that directory
//! on this machine: whoever can read the directory owns everything in it, so the command grants itself a token that
//! lives for two minutes, or a day where it moves files. Where no server runs on the directory, the command runs one inside itself for as long as it
//! takes, so that there is one implementation of everything.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use muster_client::Client;
use muster_runtime::{Clock, Entropy, Shutdown, SystemClock, Tasks};
use muster_server::{Errand, TemporaryGrant};
use muster_store::Store;
use secrecy::SecretString;

use super::CommandError;
use crate::{
    cli::Target,
    config::{Config, Flags},
    data_dir::{DataDir, Occupant},
    serve::Embedded,
};

/// A server within reach.
pub(crate) struct Reach {
    client: Client,
    /// What has to be given back at the end, in this order.
    grant: Option<TemporaryGrant>,
    own: Own,
}

/// What the command opened itself.
enum Own {
    Nothing,
    Store(Store, Tasks),
    Server(Box<Embedded>),
}

impl Reach {
    /// Finds the server that the options name.
    pub(crate) async fn server(target: &Target) -> Result<Self, CommandError> {
        Self::server_for(target, Errand::Short).await
    }

    /// Finds the server that the options name, for something that takes so long.
    pub(crate) async fn server_for(target: &Target, errand: Errand) -> Result<Self, CommandError> {
        // What stands on the command line wins over the environment, and an address over a directory.
        let from_environment = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
        match (&target.url, &target.data_dir) {
            (Some(url), _) => Self::remote(url, target.token.as_deref()),
            (None, Some(path)) => Self::of_data_dir(Some(path.clone()), target, errand).await,
            (None, None) => match from_environment("MUSTER_URL") {
                Some(url) => Self::remote(&url, target.token.as_deref()),
                None => {
                    let data_dir = from_environment("MUSTER_DATA_DIR").map(Into::into);
                    Self::of_data_dir(data_dir, target, errand).await
                }
            },
        }
    }

    /// The client to ask with.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Gives everything back. Whatever the command did is done.
    pub(crate) async fn close(self) {
        if let Some(grant) = self.grant {
            grant.revoke().await;
        }
        match self.own {
            Own::Nothing => {}
            Own::Store(store, tasks) => close_store(store, tasks).await,
            Own::Server(server) => server.stop().await,
        }
    }

    fn remote(url: &str, token: Option<&str>) -> Result<Self, CommandError> {
        let token = token.ok_or_else(|| {
            CommandError::Usage("asking a server by --url needs a token: give --token or set MUSTER_TOKEN".into())
        })?;
        let client = Client::new(url, &SecretString::from(token))?;
        Ok(Self { client, grant: None, own: Own::Nothing })
    }

    async fn of_data_dir(data_dir: Option<PathBuf>, target: &Target, errand: Errand) -> Result<Self, CommandError> {
        let flags = Flags {
            data_dir,
            database_url: target.database_url.clone(),
            listen: Some("127.0.0.1:0".to_owned()),
            local_agent: Some(false),
            ..Flags::default()
        };
        let config = Config::load(&flags, std::env::vars()).map_err(|e| CommandError::Usage(e.to_string()))?;
        let data_dir = DataDir::open(&config.data_dir)?;
        match data_dir.occupant() {
            Occupant::Server(address) => Self::beside(address, &config, errand).await,
            Occupant::Nobody => Self::inside(&config, &data_dir, errand).await,
            Occupant::Busy => Err(CommandError::Unreachable(format!(
                "a server is starting on {}, or another command works on it; try again in a moment",
                data_dir.path().display()
            ))),
        }
    }

    /// A server runs on the directory: grant, and ask it.
    async fn beside(address: SocketAddr, config: &Config, errand: Errand) -> Result<Self, CommandError> {
        let tasks = Tasks::new(Shutdown::new());
        let store = Store::open(&config.database, &tasks).await.map_err(|error| CommandError::failed(&error))?;
        match granted(&store, address, errand).await {
            Ok((client, grant)) => Ok(Self { client, grant: Some(grant), own: Own::Store(store, tasks) }),
            Err(error) => {
                close_store(store, tasks).await;
                Err(error)
            }
        }
    }

    /// No server runs on the directory: run one inside this command.
    async fn inside(config: &Config, data_dir: &DataDir, errand: Errand) -> Result<Self, CommandError> {
        let server = Box::new(Embedded::start(config, data_dir).await?);
        match granted(server.store(), server.address(), errand).await {
            Ok((client, grant)) => Ok(Self { client, grant: Some(grant), own: Own::Server(server) }),
            Err(error) => {
                server.stop().await;
                Err(error)
            }
        }
    }
}

async fn granted(store: &Store, address: SocketAddr, errand: Errand) -> Result<(Client, TemporaryGrant), CommandError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let grant = TemporaryGrant::issue(store, &clock, &Entropy::system(), errand).await;
    let grant = grant.map_err(|error| CommandError::failed(&error))?;
    let client = Client::new(&format!("http://{address}"), grant.secret())?;
    Ok((client, grant))
}

async fn close_store(store: Store, tasks: Tasks) {
    store.close().await;
    tasks.finish(std::time::Duration::from_secs(5)).await;
}
