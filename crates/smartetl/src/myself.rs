//! By what the database tells this process from all others.

use std::hash::{BuildHasher as _, RandomState};

use uuid::{Builder, Uuid};

/// A name that no other process has, drawn anew at each call: as random as the seeds of the standard library's hash tables.
pub fn name() -> Uuid {
    let half = || {
        RandomState::new()
            .hash_one(std::process::id())
            .to_ne_bytes()
    };
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&half());
    bytes[8..].copy_from_slice(&half());
    Builder::from_random_bytes(bytes).into_uuid()
}

/// The name of this machine.
pub fn host() -> String {
    let host = nix::unistd::gethostname().unwrap_or_default();
    host.to_string_lossy().into_owned()
}
