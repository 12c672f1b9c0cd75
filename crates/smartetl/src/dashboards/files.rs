//! The files: `dashboards/*.json` below the folder, written whole or not at all; and what was last known of a Grafana.

use super::form::{normal, to_text};
use crate::errors::{ErrorCode, Failure, reason};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

/// One file.
#[derive(Clone, Debug)]
pub struct Local {
    pub path: PathBuf,
    pub text: String,
    /// What it says, or why it is no JSON.
    pub value: Result<Value, String>,
}

impl Local {
    /// Empty where it has none.
    pub fn uid(&self) -> &str {
        let value = self.value.as_ref().ok();
        value
            .and_then(|value| value.get("uid")?.as_str())
            .unwrap_or("")
    }
}

/// All files of a folder, by path.
#[derive(Clone, Debug, Default)]
pub struct Files {
    pub folder: PathBuf,
    pub all: Vec<Local>,
}

impl Files {
    /// Reads `FOLDER/dashboards` with what lies below it; a folder that is not there has no files.
    ///
    /// # Errors
    /// `unreadable` with the place.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let all = json_files(&folder.join("dashboards"))?
            .into_iter()
            .map(|path| {
                let text = read(&path)?;
                let value = serde_json::from_str(&text).map_err(|error| error.to_string());
                Ok(Local { path, text, value })
            })
            .collect::<anyhow::Result<_>>()?;
        Ok(Self {
            folder: folder.to_owned(),
            all,
        })
    }

    /// Those with this uid: one where all is well.
    pub fn with_uid(&self, uid: &str) -> Vec<&Local> {
        self.all.iter().filter(|file| file.uid() == uid).collect()
    }

    /// Where a dashboard without a file goes. `None` where its uid cannot be the name of a file.
    pub fn place_of(&self, uid: &str) -> Option<PathBuf> {
        is_uid(uid).then(|| self.folder.join("dashboards").join(format!("{uid}.json")))
    }
}

/// What Grafana takes as a uid.
pub fn is_uid(uid: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !uid.is_empty() && uid.chars().all(plain)
}

/// The text of a file.
///
/// # Errors
/// `unreadable` with the place.
pub fn read(path: &Path) -> anyhow::Result<String> {
    let unreadable = |why: String| {
        Failure::new(
            ErrorCode::Unreadable,
            [
                format!("cannot read this file: {why}"),
                format!("impossible de lire ce fichier\u{a0}: {why}"),
            ],
        )
        .at(path.display().to_string())
    };
    let bytes = fs::read(path).map_err(|error| unreadable(reason(&error)))?;
    Ok(String::from_utf8(bytes).map_err(|error| unreadable(error.to_string()))?)
}

/// Files of JSON below a folder, by path.
fn json_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    files_with(folder, &["json"])
}

/// Files with one of these endings below a folder, by path; none where there is no such folder.
pub fn files_with(folder: &Path, endings: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(folder).display().to_string();
            let why = error.io_error().map_or_else(|| error.to_string(), reason);
            Failure::new(
                ErrorCode::Unreadable,
                [
                    format!("cannot look into this folder: {why}"),
                    format!("impossible de parcourir ce dossier\u{a0}: {why}"),
                ],
            )
            .at(path)
        })?;
        let ending = entry.path().extension().and_then(|ending| ending.to_str());
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && entry.path().is_file() && ending.is_some_and(|is| endings.contains(&is)) {
            found.push(entry.into_path());
        }
    }
    Ok(found)
}

/// Writes a file whole or not at all, with the rights that it had; a new one may be read by Grafana, whoever runs it.
///
/// # Errors
/// `unwritable` with the place.
pub fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let put = || -> std::io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new()
            .prefix(".smartetl-")
            .tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        let rights = match fs::metadata(path) {
            Ok(known) => known.permissions(),
            Err(_) => readable(),
        };
        file.as_file().set_permissions(rights)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    put().map_err(|error| {
        let why = reason(&error);
        Failure::new(
            ErrorCode::Unwritable,
            [
                format!("cannot write this file: {why}"),
                format!("impossible d’écrire ce fichier\u{a0}: {why}"),
            ],
        )
        .at(path.display().to_string())
        .into()
    })
}

fn readable() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(0o644)
}

/// The form of each dashboard as it was when files and Grafana last agreed: what says that somebody edited it there since.
/// It lives in the cache; without it, pushing asks for `--force`.
#[derive(Clone, Debug)]
pub struct Bases {
    folder: PathBuf,
}

impl Bases {
    /// `url`: of the Grafana, because each has dashboards of its own.
    pub fn new(cache: &Path, url: &str) -> Self {
        let name = format!("{:016x}", xxh3_64(url.trim_end_matches('/').as_bytes()));
        Self {
            folder: cache.join("grafana").join(name),
        }
    }

    /// Whether this is what was there when both last agreed.
    pub fn is(&self, uid: &str, form: &Value) -> bool {
        let known = fs::read_to_string(self.path(uid));
        known.is_ok_and(|known| known == to_text(&normal(form)))
    }

    /// # Errors
    /// `unwritable` with the place.
    pub fn keep(&self, uid: &str, form: &Value) -> anyhow::Result<()> {
        if is_uid(uid) && !self.is(uid, form) {
            write(&self.path(uid), &to_text(&normal(form)))?;
        }
        Ok(())
    }

    fn path(&self, uid: &str) -> PathBuf {
        self.folder.join(format!("{uid}.json"))
    }
}

/// Files that hold the same uid, by uid: those that hold it alone are left out.
pub fn shared_uids(files: &Files) -> BTreeMap<&str, Vec<&Local>> {
    let mut by_uid: BTreeMap<&str, Vec<&Local>> = BTreeMap::new();
    for file in files.all.iter().filter(|file| !file.uid().is_empty()) {
        by_uid.entry(file.uid()).or_default().push(file);
    }
    by_uid.retain(|_, files| files.len() > 1);
    by_uid
}
