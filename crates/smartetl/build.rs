//! Puts the web app (`web/dist`) into the program as a table of its files: an empty one where it was not built. The files
//! are copied to where Cargo keeps what it builds, so that a checkout may be moved.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Stands in git, so that Cargo sees when something comes into it.
const BUILT: &str = "../../web/dist";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={BUILT}");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join(BUILT);
    let mut files = Vec::new();
    if root.is_dir() {
        collect(&fs::canonicalize(root)?, "", &mut files)?;
    }
    files.sort();
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    let mut table = "static FILES: &[File] = &[\n".to_owned();
    for (name, path) in files {
        let copy = out.join("app").join(&name);
        fs::create_dir_all(copy.parent().unwrap_or(&out))?;
        fs::copy(path, copy)?;
        let place = format!("/app/{name}");
        writeln!(
            table,
            "    File {{ name: {name:?}, bytes: include_bytes!(concat!(env!(\"OUT_DIR\"), {place:?})) }},"
        )
        .map_err(io::Error::other)?;
    }
    table.push_str("];\n");
    fs::write(out.join("app_files.rs"), table)
}

/// Files below a folder with their names from `web/dist` on; those whose names begin with a point are for the build.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), files)?;
        } else {
            files.push((format!("{prefix}{name}"), path));
        }
    }
    Ok(())
}
