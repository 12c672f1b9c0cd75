//! Commands that a person can paste into a shell.

use super::Context;
use crate::config::Origin;

/// How this program was called, to call it again.
pub fn program() -> String {
    match std::env::args().next() {
        Some(name) if name.contains('/') => quoted(&name),
        _ => "smartetl".to_owned(),
    }
}

/// The program by its name, with the data folder where it was chosen for this call only.
pub fn same_database(context: &Context) -> String {
    let chosen = |origin: &&Origin| origin.key == "data_dir" && origin.origin.contains("--");
    match &context.settings.data_dir {
        Some(folder) if context.origins.iter().any(|origin| chosen(&origin)) => format!(
            "smartetl --data-dir {}",
            quoted(&folder.display().to_string())
        ),
        _ => "smartetl".to_owned(),
    }
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
