//! A new cluster, with its settings and its database: whole, or not there. Runs in the supervisor,
//! which has taken the right identity before.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use super::error::EmbeddedError;
use super::home::Home;
use super::postmaster::{command, explain, free_bytes};
use super::{DATABASE, MAJOR, USER};

/// Written into postgresql.conf of a new cluster; people may change them there.
const SETTINGS: &[&str] = &[
    "shared_buffers=128MB",
    // Recovery after a crash took 3.5 to 7 s with 2GB.
    "max_wal_size=1GB",
    // One server without replicas: loads into new tables need no WAL.
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_logical_replication_workers=0",
    "fsync=on",
    "synchronous_commit=on",
    "work_mem=16MB",
    "maintenance_work_mem=128MB",
    "random_page_cost=1.1",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_checkpoints=off",
    "log_line_prefix=%m [%p] ",
];

/// One call for the disk instead of one for each of a thousand files, when a cluster is made and
/// before it recovers. Under load initdb took 2.9 s instead of 5.1 s.
const SYNC_AT_ONCE: [&str; 3] = [
    "--sync-method=syncfs",
    "--set",
    "recovery_init_sync_method=syncfs",
];

/// What a new cluster and its first WAL take (measured: 39 MB), with room.
const ROOM_FOR_A_CLUSTER: u64 = 64 << 20;

/// Makes the cluster where there is none; an unfinished one is made again.
pub(super) fn initialise(home: &Home, bin: &Path) -> Result<(), EmbeddedError> {
    let cluster = home.cluster();
    if let Ok(found) = fs::read_to_string(cluster.join("PG_VERSION")) {
        let found = found.trim().to_owned();
        return if found == MAJOR {
            Ok(())
        } else {
            Err(EmbeddedError::ClusterVersion {
                folder: cluster,
                found,
            })
        };
    }
    if cluster.exists() {
        return Err(EmbeddedError::Initialise {
            folder: cluster,
            reason: "the folder exists and holds no database (no PG_VERSION, or not readable)"
                .into(),
        });
    }
    if free_bytes(home.folder()).is_some_and(|free| free < ROOM_FOR_A_CLUSTER) {
        return Err(EmbeddedError::DiskFull {
            path: home.folder().to_path_buf(),
        });
    }
    let unfinished = home.unfinished_cluster();
    let failed = |error| EmbeddedError::io("make", &unfinished, &error);
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(failed)?;
    }
    home.new_password()?;
    let mut pwfile = OsString::from("--pwfile=");
    pwfile.push(home.password_file());
    let output = command(&bin.join("initdb"))?
        .arg("-D")
        .arg(&unfinished)
        .args([
            "-U",
            USER,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-instructions",
        ])
        .args([
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ])
        .arg(pwfile)
        .args(
            cfg!(target_os = "linux")
                .then_some(SYNC_AT_ONCE)
                .into_iter()
                .flatten(),
        )
        .args(SETTINGS.iter().flat_map(|setting| ["--set", setting]))
        .output()
        .map_err(failed)?;
    succeeded(&output, home)?;
    make_database(bin, &unfinished, home)?;
    fs::rename(&unfinished, &cluster)
        .and_then(|()| fs::File::open(home.folder())?.sync_all())
        .map_err(failed)
}

/// PostgreSQL for one user, without a port: so the database is there before anyone can connect.
fn make_database(bin: &Path, cluster: &Path, home: &Home) -> Result<(), EmbeddedError> {
    let program = bin.join("postgres");
    let failed = |error| EmbeddedError::io("run", &program, &error);
    let mut child = command(&program)?
        .args(["--single", "-D"])
        .arg(cluster)
        .arg("postgres")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A child that already ended says why on stderr.
        let _ = writeln!(stdin, "CREATE DATABASE {DATABASE}");
    }
    let output = child.wait_with_output().map_err(failed)?;
    succeeded(&output, home)
}

fn succeeded(output: &Output, home: &Home) -> Result<(), EmbeddedError> {
    let text = String::from_utf8_lossy(&output.stderr);
    let text = text.trim();
    if output.status.success() && !text.contains("ERROR:") {
        return Ok(());
    }
    Err(
        explain(text, home).unwrap_or_else(|| EmbeddedError::Initialise {
            folder: home.folder().to_path_buf(),
            reason: text.into(),
        }),
    )
}
