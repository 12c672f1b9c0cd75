//! Commands that a person can paste into a shell: they reach the same database.

use super::Context;
use std::path::Path;

/// How this program was called, to call it again.
pub fn program() -> String {
    match std::env::args().next() {
        Some(name) if name.contains('/') => quoted(&name),
        _ => "smartetl".to_owned(),
    }
}

/// The program as it was called, with the data folder where it was chosen for this call only.
pub fn same_database(context: &Context) -> String {
    program() + &folder(context)
}

/// The flag with the data folder where it was chosen for this call only, with a blank before it; else nothing.
pub fn folder(context: &Context) -> String {
    let mut origins = context.origins.iter();
    let chosen = origins.any(|of| of.key == "data_dir" && of.origin.contains("--"));
    let folder = context.settings.data_dir.as_deref();
    folder.filter(|_| chosen).map_or_else(String::new, flag)
}

/// The flag for a data folder, with a blank before it.
pub fn flag(folder: &Path) -> String {
    format!(" --data-dir {}", quoted(&folder.display().to_string()))
}

/// For a shell.
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    if text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errors::runnable;

    #[test]
    fn commands_reach_the_same_database() {
        let folder = flag(Path::new("/srv/my logs"));
        assert_eq!(
            runnable("run `smartetl fuse`; smartetl does `wait`", &folder),
            "run `smartetl --data-dir '/srv/my logs' fuse`; smartetl does `wait`"
        );
        assert_eq!(runnable("run `smartetl fuse`", ""), "run `smartetl fuse`");
    }
}
