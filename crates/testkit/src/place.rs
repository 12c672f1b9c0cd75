//! Where tests find and put things, derived from where the test binary lies in the target folder.

use std::path::{Path, PathBuf};

/// The unpacked PostgreSQL, shared by all tests that build into one target folder.
pub fn cache() -> PathBuf {
    scratch().join("smartetl-cache")
}

/// Where `.ci/test` wants the test server: in memory, for a disk takes a quarter longer for the files of all databases.
const FOLDER: &str = "TESTKIT_FOLDER";

/// The data folder of the test server: one per checkout.
pub fn server() -> PathBuf {
    let checkout = env!("CARGO_MANIFEST_DIR").as_bytes();
    let folder = std::env::var_os(FOLDER).map_or_else(scratch, PathBuf::from);
    folder.join(format!(
        "smartetl-test-server-{:016x}",
        xxhash_rust::xxh3::xxh3_64(checkout)
    ))
}

/// A program that offers the hidden subcommand: `smartetl-postgres-runner`, which Cargo builds for
/// the tests of smartetl-store and of the workspace, else `smartetl`, which it builds for its own.
///
/// # Panics
/// When neither was built beside the test binary.
pub fn runner() -> PathBuf {
    let profile = profile();
    ["smartetl-postgres-runner", "smartetl"]
        .into_iter()
        .map(|name| profile.join(name))
        .find(|path| path.is_file())
        .unwrap_or_else(|| {
            panic!(
                "no smartetl-postgres-runner in {}: build it with `cargo build -p smartetl-store --bins` \
                 and the profile of the tests",
                profile.display()
            )
        })
}

/// Cargo's folder for what tests leave behind.
pub fn scratch() -> PathBuf {
    let profile = profile();
    let target = profile
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .unwrap_or(&profile);
    target.join("tmp")
}

/// `target/<profile>`: the test binary lies in its `deps`.
fn profile() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    let folder = test.parent().unwrap_or(Path::new("/"));
    match folder.parent() {
        Some(parent) if folder.ends_with("deps") => parent.to_path_buf(),
        _ => folder.to_path_buf(),
    }
}
