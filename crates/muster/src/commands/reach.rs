//! How a command reaches the server it works on.
//!
//! With `--url` it is any server, and the token is the operator's. With `--data-dir` it is the server of that directory
//! on this machine: whoever can read the directory owns everything in it, so the command grants itself a token that
//! lives for two minutes, or a day where it moves files. Where no server runs on the directory, the command runs one
//! inside itself for as long as it takes, so that there is one implementation of everything.

mod level;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use muster_client::Client;
use muster_outbound::Fingerprint;
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
        match address_of(target) {
            Some(url) => Self::remote(&url, target.token.as_deref()),
            None => Self::of_data_dir(target, errand).await,
        }
    }

    /// Finds the server that the options name, or the configuration of the data directory where none runs. The
    /// configuration is the one that a server started now would have.
    pub(crate) fn find(target: &Target, config: Option<PathBuf>) -> Result<Place, CommandError> {
        if let Some(url) = address_of(target) {
            return Ok(Place::Running(RunningServer::At { url, token: target.token.clone() }));
        }
        let config = config_of(target, config)?;
        let occupant = DataDir::open(&config.data_dir).map_or(Occupant::Nobody, |directory| directory.occupant());
        match occupant {
            Occupant::Nobody => Ok(Place::Stopped(Box::new(config))),
            Occupant::Server(address) => {
                Ok(Place::Running(RunningServer::Beside { address, config: Box::new(config) }))
            }
            Occupant::Busy => Err(busy(&config.data_dir)),
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

    async fn of_data_dir(target: &Target, errand: Errand) -> Result<Self, CommandError> {
        let config = config_of(target, None)?;
        let data_dir = DataDir::open(&config.data_dir)?;
        match data_dir.occupant() {
            Occupant::Server(address) => Self::beside(address, &config, errand).await,
            // A whole server starts in there: too large a future for every command to carry.
            Occupant::Nobody => Box::pin(Self::inside(config, &data_dir, errand)).await,
            Occupant::Busy => Err(busy(data_dir.path())),
        }
    }

    /// A server runs on the directory: grant, and ask it.
    async fn beside(address: SocketAddr, config: &Config, errand: Errand) -> Result<Self, CommandError> {
        level::same(&config.database).await?;
        let tasks = Tasks::new(Shutdown::new());
        let store = Store::open(&config.database, &tasks).await.map_err(|error| CommandError::failed(&error))?;
        let pin = DataDir::open(&config.data_dir)?.pin();
        match granted(&store, address, pin, errand).await {
            Ok((client, grant)) => Ok(Self { client, grant: Some(grant), own: Own::Store(store, tasks) }),
            Err(error) => {
                close_store(store, tasks).await;
                Err(error)
            }
        }
    }

    /// No server runs on the directory: run one inside this command.
    async fn inside(config: Config, data_dir: &DataDir, errand: Errand) -> Result<Self, CommandError> {
        level::not_earlier(&config.database).await?;
        let server = Box::new(Embedded::start(&Arc::new(unseen(config)), data_dir).await?);
        match granted(server.store(), server.address(), None, errand).await {
            Ok((client, grant)) => Ok(Self { client, grant: Some(grant), own: Own::Server(server) }),
            Err(error) => {
                server.stop().await;
                Err(error)
            }
        }
    }
}

/// What the options name.
pub(crate) enum Place {
    /// A server that runs.
    Running(RunningServer),
    /// A data directory that no server runs on, or that does not exist yet, with its configuration.
    Stopped(Box<Config>),
}

/// A server that runs.
pub(crate) enum RunningServer {
    /// Somewhere.
    At { url: String, token: Option<String> },
    /// On a data directory of this machine.
    Beside { address: SocketAddr, config: Box<Config> },
}

impl RunningServer {
    /// Gets within reach of it.
    pub(crate) async fn reach(self, errand: Errand) -> Result<Reach, CommandError> {
        match self {
            Self::At { url, token } => Reach::remote(&url, token.as_deref()),
            Self::Beside { address, config } => Reach::beside(address, &config, errand).await,
        }
    }
}

/// The server's address, if one is named. What stands on the command line wins over the environment, and an address
/// over a directory.
fn address_of(target: &Target) -> Option<String> {
    match (&target.url, &target.data_dir) {
        (Some(url), _) => Some(url.clone()),
        (None, Some(_)) => None,
        (None, None) => from_environment("MUSTER_URL"),
    }
}

/// The configuration of a server that was started now on the data directory that is named.
fn config_of(target: &Target, config: Option<PathBuf>) -> Result<Config, CommandError> {
    let data_dir = target.data_dir.clone().or_else(|| from_environment("MUSTER_DATA_DIR").map(Into::into));
    let flags = Flags { config, data_dir, database_url: target.database_url.clone(), ..Flags::default() };
    Config::load(&flags, std::env::vars()).map_err(|error| CommandError::Usage(error.to_string()))
}

fn from_environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The same for a server that nobody but this command asks. Only what was checked as a whole is changed: another address
/// may make a right configuration a wrong one.
fn unseen(mut config: Config) -> Config {
    config.server.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    config.server.redirect = None;
    config.agent.local = false;
    config
}

fn busy(data_dir: &Path) -> CommandError {
    CommandError::Unreachable(format!(
        "a server is starting on {}, or another command works on it; try again in a moment",
        data_dir.display()
    ))
}

/// A token of its own for the server that listens there and, where it speaks TLS, shows this certificate.
async fn granted(
    store: &Store,
    address: SocketAddr,
    pin: Option<Fingerprint>,
    errand: Errand,
) -> Result<(Client, TemporaryGrant), CommandError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let grant = TemporaryGrant::issue(store, &clock, &Entropy::system(), errand).await;
    let grant = grant.map_err(|error| CommandError::failed(&error))?;
    let client = match pin {
        None => Client::new(&format!("http://{address}"), grant.secret())?,
        Some(pin) => Client::pinned(&format!("https://{address}"), grant.secret(), pin)?,
    };
    Ok((client, grant))
}

async fn close_store(store: Store, tasks: Tasks) {
    store.close().await;
    tasks.finish(std::time::Duration::from_secs(5)).await;
}
