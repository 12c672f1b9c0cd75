//! The folder of one embedded server: what lies where. Every file of the server stands in it,
//! except the socket when the path is too long for one.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::EmbeddedError;
use crate::hex;

/// Socket addresses end at 107 bytes (`sun_path`); the rest is for `/.s.PGSQL.65535.lock`.
const LONGEST_SOCKET_FOLDER: usize = 85;

/// Below the ephemeral ports of Linux (32768–60999), so that no outgoing connection sits on it.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// `<data-dir>/postgresql`. Paths are absolute.
#[derive(Debug, Clone)]
pub(super) struct Home(PathBuf);

impl Home {
    pub fn at(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Makes the folder where it is missing. As root the owner of an existing one is kept.
    pub fn create(data_dir: &Path) -> Result<Self, EmbeddedError> {
        let made = |error| EmbeddedError::io("make", data_dir, &error);
        fs::create_dir_all(data_dir).map_err(made)?;
        let folder = fs::canonicalize(data_dir).map_err(made)?.join("postgresql");
        make_private(&folder)?;
        Ok(Self(folder))
    }

    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The cluster: what PostgreSQL calls its data directory.
    pub fn cluster(&self) -> PathBuf {
        self.0.join("cluster")
    }

    /// Where initdb works; renamed to [`Home::cluster`] when it is whole.
    pub fn unfinished_cluster(&self) -> PathBuf {
        self.0.join("cluster.unfinished")
    }

    pub fn port_file(&self) -> PathBuf {
        self.0.join("port")
    }

    pub fn password_file(&self) -> PathBuf {
        self.0.join("password")
    }

    pub fn log(&self) -> PathBuf {
        self.0.join("server.log")
    }

    /// Written by the supervisor while the server accepts connections.
    pub fn running_file(&self) -> PathBuf {
        self.0.join("running.json")
    }

    /// Shared by everyone who uses the server; taken alone by who stops it.
    pub fn users_lock(&self) -> Result<File, EmbeddedError> {
        self.open_own("users.lock")
    }

    /// Held by the one supervisor, as long as it lives.
    pub fn supervisor_lock(&self) -> Result<File, EmbeddedError> {
        self.open_own("supervisor.lock")
    }

    pub fn open_log(&self) -> Result<File, EmbeddedError> {
        self.open_own("server.log")
    }

    /// Opens a file of the folder for appending; what root makes belongs to the folder's owner.
    fn open_own(&self, name: &str) -> Result<File, EmbeddedError> {
        let path = self.0.join(name);
        let fresh = !path.exists();
        let failed = |error| EmbeddedError::io("open", &path, &error);
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        let owner = fs::metadata(&self.0).map_err(failed)?;
        if fresh && nix::unistd::geteuid().is_root() && owner.uid() != 0 {
            std::os::unix::fs::chown(&path, Some(owner.uid()), Some(owner.gid()))
                .map_err(failed)?;
        }
        Ok(file)
    }

    /// The folder of the Unix socket: in the home, or a short one when that path is too long.
    pub fn socket_dir(&self) -> PathBuf {
        let inside = self.0.join("run");
        if inside.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
            return inside;
        }
        let name = xxhash_rust::xxh3::xxh3_64(self.0.as_os_str().as_bytes());
        Path::new("/tmp").join(format!("smartetl-{name:016x}"))
    }

    /// Removes the folder of the socket where it is not in the home, so that nothing is left in
    /// `/tmp`. It must be empty.
    pub fn remove_short_socket_dir(&self) {
        let folder = self.socket_dir();
        if !folder.starts_with(&self.0) {
            let _ = fs::remove_dir(folder);
        }
    }

    /// The port chosen at an earlier start; `None` before the first.
    pub fn port(&self) -> Result<Option<u16>, EmbeddedError> {
        let path = self.port_file();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(EmbeddedError::io("read", &path, &error)),
        };
        match text.trim().parse::<u16>() {
            Ok(port) if port > 0 => Ok(Some(port)),
            _ => Err(EmbeddedError::Io {
                action: "read".into(),
                path,
                reason: "it holds no port number; delete it to have one chosen".into(),
            }),
        }
    }

    /// Chooses a free port and keeps it.
    pub fn choose_port(&self) -> Result<u16, EmbeddedError> {
        let width = u64::from(PORTS.end - PORTS.start);
        for _ in 0..100 {
            let draw = u64::from_le_bytes(random()?);
            let port = PORTS.start + u16::try_from(draw % width).expect("below the range's width");
            if TcpListener::bind(("127.0.0.1", port)).is_ok() {
                write_private(&self.port_file(), &format!("{port}\n"))?;
                return Ok(port);
            }
        }
        Err(EmbeddedError::PortTaken {
            port: PORTS.start,
            file: self.port_file(),
        })
    }

    pub fn password(&self) -> Result<String, EmbeddedError> {
        let path = self.password_file();
        let text = fs::read_to_string(&path)
            .map_err(|error| EmbeddedError::io("read the password in", &path, &error))?;
        Ok(text.trim().to_owned())
    }

    /// Makes a password of 192 random bits of the operating system.
    pub fn new_password(&self) -> Result<(), EmbeddedError> {
        let text = hex(&random::<24>()?);
        write_private(&self.password_file(), &format!("{text}\n"))
    }
}

/// A folder only its owner can enter; one that exists must be a folder.
pub(super) fn make_private(folder: &Path) -> Result<(), EmbeddedError> {
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if !(error.kind() == std::io::ErrorKind::AlreadyExists && folder.is_dir()) => {
            Err(EmbeddedError::io("make", folder, &error))
        }
        _ => Ok(()),
    }
}

/// Replaces a file that only its owner can read, all of it or nothing.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), EmbeddedError> {
    let failed = |error| EmbeddedError::io("write", path, &error);
    let new = path.with_extension("new");
    let _ = fs::remove_file(&new);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    fs::rename(&new, path).map_err(failed)
}

pub fn random<const N: usize>() -> Result<[u8; N], EmbeddedError> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0; N];
    File::open(source)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(|error| EmbeddedError::io("read", source, &error))?;
    Ok(bytes)
}
