//! What the agent inside a virtual machine says. Its answers stand in `result`; an error may stand there too.

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::{Rows, scalar};

/// What came of a question to the agent that the API answered with 200.
#[derive(Debug, Clone, PartialEq)]
pub enum AgentAnswer<T> {
    /// What it said.
    Result(T),
    /// It does not know the question, or refuses it.
    Refused(AgentError),
}

/// Why the agent did not answer a question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct AgentError {
    /// `CommandNotFound`, `Unsupported`, …
    #[serde(default, deserialize_with = "scalar::text")]
    pub class: Option<SmolStr>,
    /// In words.
    #[serde(default, deserialize_with = "scalar::text")]
    pub desc: Option<SmolStr>,
}

#[derive(Deserialize)]
struct Wrapped<'a> {
    #[serde(borrow)]
    result: &'a RawValue,
}

#[derive(Deserialize)]
struct WrappedError {
    error: AgentError,
}

impl<'de, T: de::DeserializeOwned> Deserialize<'de> for AgentAnswer<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Wrapped { result } = Wrapped::deserialize(deserializer)?;
        // A list of one would be read as an error, too.
        if result.get().starts_with('{')
            && let Ok(WrappedError { error }) = serde_json::from_str(result.get())
        {
            return Ok(Self::Refused(error));
        }
        serde_json::from_str(result.get()).map(Self::Result).map_err(de::Error::custom)
    }
}

/// `get-osinfo`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct OsInfo {
    /// Such as `debian` or `mswindows`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub id: Option<SmolStr>,
    /// Such as `Debian GNU/Linux`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub name: Option<SmolStr>,
    /// Such as `Debian GNU/Linux 12 (bookworm)`.
    #[serde(default, rename = "pretty-name", deserialize_with = "scalar::text")]
    pub pretty_name: Option<SmolStr>,
    /// Version in words.
    #[serde(default, deserialize_with = "scalar::text")]
    pub version: Option<SmolStr>,
    /// Version as a number.
    #[serde(default, rename = "version-id", deserialize_with = "scalar::text")]
    pub version_id: Option<SmolStr>,
    /// Kernel.
    #[serde(default, rename = "kernel-release", deserialize_with = "scalar::text")]
    pub kernel_release: Option<SmolStr>,
    /// Architecture.
    #[serde(default, deserialize_with = "scalar::text")]
    pub machine: Option<SmolStr>,
}

/// `get-host-name`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct HostName {
    /// The name that the system inside gives itself.
    #[serde(default, rename = "host-name", deserialize_with = "scalar::text")]
    pub host_name: Option<SmolStr>,
}

/// A row of `get-fsinfo`: a mount. Several mounts of one device have the same `name`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct FilesystemRow {
    /// Device inside the guest.
    #[serde(default, deserialize_with = "scalar::text")]
    pub name: Option<SmolStr>,
    /// Where it is mounted.
    #[serde(deserialize_with = "scalar::identity")]
    pub mountpoint: SmolStr,
    /// Kind of filesystem.
    #[serde(default, rename = "type", deserialize_with = "scalar::text")]
    pub kind: Option<SmolStr>,
    /// Bytes used; absent where the agent is old or the filesystem tells nothing.
    #[serde(default, rename = "used-bytes", deserialize_with = "scalar::size")]
    pub used_bytes: Option<u64>,
    /// Bytes.
    #[serde(default, rename = "total-bytes", deserialize_with = "scalar::size")]
    pub total_bytes: Option<u64>,
    /// Disks below it.
    #[serde(default)]
    pub disk: Rows<FilesystemDisk>,
}

/// A disk below a filesystem of a guest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct FilesystemDisk {
    /// Device inside the guest.
    #[serde(default, deserialize_with = "scalar::text")]
    pub dev: Option<SmolStr>,
    /// Serial number, such as `drive-scsi0`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub serial: Option<SmolStr>,
    /// `scsi`, `virtio`, …
    #[serde(default, rename = "bus-type", deserialize_with = "scalar::text")]
    pub bus_type: Option<SmolStr>,
}

/// A row of `network-get-interfaces`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AgentInterface {
    /// Name inside the guest.
    #[serde(deserialize_with = "scalar::identity")]
    pub name: SmolStr,
    /// Hardware address.
    #[serde(default, rename = "hardware-address", deserialize_with = "scalar::text")]
    pub hardware_address: Option<SmolStr>,
    /// Its addresses.
    #[serde(default, rename = "ip-addresses")]
    pub ip_addresses: Rows<IpAddress>,
}

/// An address inside a guest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct IpAddress {
    /// The address.
    #[serde(rename = "ip-address", deserialize_with = "scalar::identity")]
    pub ip_address: SmolStr,
    /// `ipv4`, `ipv6`; of a container `inet`, `inet6`.
    #[serde(default, rename = "ip-address-type", deserialize_with = "scalar::text")]
    pub kind: Option<SmolStr>,
    /// Length of the prefix in bits.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub prefix: Option<u64>,
}

/// `info`: the agent itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct AgentInfo {
    /// Its version.
    #[serde(default, deserialize_with = "scalar::text")]
    pub version: Option<SmolStr>,
    /// What it can be asked.
    #[serde(default)]
    pub supported_commands: Rows<AgentCommand>,
}

impl AgentInfo {
    /// Whether it can be asked something, such as `guest-get-fsinfo`; absent where it does not list what it knows.
    pub fn supports(&self, command: &str) -> Option<bool> {
        let known = self.supported_commands.iter().find(|known| known.name == command);
        (!self.supported_commands.is_empty()).then(|| known.is_some_and(|known| known.enabled != Some(false)))
    }
}

/// Something that an agent can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AgentCommand {
    /// Such as `guest-get-fsinfo`.
    #[serde(deserialize_with = "scalar::identity")]
    pub name: SmolStr,
    /// Whether its owner allows it.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub enabled: Option<bool>,
}

/// `file-read`: a file of the guest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct FileContent {
    /// Its beginning, each byte as the character of that number.
    #[serde(default, deserialize_with = "scalar::text")]
    pub content: Option<SmolStr>,
    /// Whether there is more.
    #[serde(default, deserialize_with = "scalar::flag")]
    pub truncated: Option<bool>,
}

impl FileContent {
    /// The content as text. Bytes arrive as characters 0 to 255 and are put together again.
    pub fn to_text(&self) -> Option<String> {
        let content = self.content.as_deref()?;
        let bytes: Option<Vec<u8>> = content.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
        Some(bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| content.to_owned()))
    }
}
