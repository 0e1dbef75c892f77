//! What only a system call can tell: the seam between the agent and the machine it runs on. Tests put a recorded
//! machine here; everything else is decided elsewhere.

use std::{
    fs::File,
    io::{self, Read},
    net::IpAddr,
    path::Path,
};

use muster_model::AddressWithPrefix;
use nix::sys::socket::SockaddrStorage;

/// The most that is read of one file. The largest wanted, a mount table of thousands of lines, stays far below.
const FILE_LIMIT_BYTES: u64 = 4 * 1024 * 1024;

/// The system calls that the agent makes.
pub trait Kernel: Send + Sync + 'static {
    /// Reads a file of at most a few megabytes; what is beyond is not read.
    ///
    /// # Errors
    /// As `open(2)` and `read(2)`.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Asks a mounted filesystem for its use. May block for ever when the server behind it is gone.
    ///
    /// # Errors
    /// As `statvfs(3)`.
    fn statvfs(&self, mountpoint: &Path) -> io::Result<FilesystemUse>;

    /// The IPv4 addresses of all interfaces. (Those of IPv6 stand in a file.)
    ///
    /// # Errors
    /// As `getifaddrs(3)`.
    fn ipv4_addresses(&self) -> io::Result<Vec<InterfaceAddress>>;

    /// The machine architecture, as `uname -m` prints it.
    fn architecture(&self) -> String;
}

/// An address on an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceAddress {
    /// Name of the interface; bytes that are not UTF-8 are shown as U+FFFD.
    pub interface: String,
    /// Its address.
    pub address: AddressWithPrefix,
}

/// What a filesystem says of its use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilesystemUse {
    /// Size.
    pub total_bytes: u64,
    /// Not in use, including what is reserved for root.
    pub free_bytes: u64,
    /// What ordinary users can still write.
    pub available_bytes: u64,
    /// Inodes; 0 where the filesystem does not count them.
    pub inodes_total: u64,
}

/// The machine that this process runs on.
#[derive(Debug, Clone, Copy, Default)]
pub struct LiveKernel;

impl Kernel for LiveKernel {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut content = Vec::with_capacity(1024);
        File::open(path)?.take(FILE_LIMIT_BYTES).read_to_end(&mut content)?;
        Ok(content)
    }

    fn statvfs(&self, mountpoint: &Path) -> io::Result<FilesystemUse> {
        let stat = rustix::fs::statvfs(mountpoint)?;
        let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
        Ok(FilesystemUse {
            total_bytes: bytes(stat.f_blocks),
            free_bytes: bytes(stat.f_bfree),
            available_bytes: bytes(stat.f_bavail),
            inodes_total: stat.f_files,
        })
    }

    fn ipv4_addresses(&self) -> io::Result<Vec<InterfaceAddress>> {
        Ok(nix::ifaddrs::getifaddrs()?.filter_map(ipv4_address).collect())
    }

    fn architecture(&self) -> String {
        rustix::system::uname().machine().to_string_lossy().into_owned()
    }
}

fn ipv4_address(entry: nix::ifaddrs::InterfaceAddress) -> Option<InterfaceAddress> {
    let ip = |storage: Option<SockaddrStorage>| Some(storage?.as_sockaddr_in()?.ip());
    let prefix = ip(entry.netmask).map_or(32, |mask| u8::try_from(u32::from(mask).leading_ones()).unwrap_or(32));
    let address = AddressWithPrefix { address: IpAddr::V4(ip(entry.address)?), prefix };
    Some(InterfaceAddress { interface: entry.interface_name, address })
}
