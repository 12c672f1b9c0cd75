//! Commands that a person can paste into a shell.

/// How this program was called, to call it again.
pub fn program() -> String {
    match std::env::args().next() {
        Some(name) if name.contains('/') => quoted(&name),
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
