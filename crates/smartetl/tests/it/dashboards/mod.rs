//! Dashboards as files: taken from and given to a Grafana that is played, and checked against a real database.

mod grafana;
mod mistakes;
mod pulling;
mod pushing;

use crate::support::World;
use std::path::{Path, PathBuf};

/// The small Grafana folder of the tests.
fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/grafana")
}

/// Copies the fixture below the home of a test, as `conf/grafana`.
fn copied(world: &World) -> PathBuf {
    let place = world.home.path().join("conf/grafana");
    for entry in walkdir::WalkDir::new(fixture()) {
        let entry = entry.expect("the fixture can be read");
        let name = entry.path().strip_prefix(fixture()).expect("it lies below");
        let target = place.join(name);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(target).expect("a folder");
        } else {
            std::fs::copy(entry.path(), target).expect("a file");
        }
    }
    place
}
