//! As whom PostgreSQL runs: it refuses root, and initdb refuses a user without a name.
//!
//! A cluster must always be opened the way it was made, so the owner of an existing one decides.
//! The calls here change the whole process: they must run before any thread starts.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::{Gid, Uid, User, getegid, geteuid, setgid, setgroups, setuid};

use super::error::EmbeddedError;
use super::home::Home;

/// `nobody` on Linux.
const NOBODY: u32 = 65_534;

/// What the supervisor does to itself before it starts PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    /// Become this user and group.
    step_down: Option<(u32, u32)>,
    /// Then enter a user namespace in which this user has an ordinary name.
    namespace: bool,
}

/// The folder whose owner decides.
#[derive(Debug, Clone, Copy)]
struct Owner {
    uid: u32,
    gid: u32,
}

/// Takes the identity that fits the folder. As root without namespaces a fresh home is given to
/// `nobody`. `can_namespace` tries it in another process, because a failed try cannot be undone.
pub(super) fn assume(
    home: &Home,
    can_namespace: impl FnOnce() -> bool,
) -> Result<(), EmbeddedError> {
    let fresh = !home.cluster().exists();
    let decisive = if fresh {
        home.folder().to_path_buf()
    } else {
        home.cluster()
    };
    let metadata =
        fs::metadata(&decisive).map_err(|error| EmbeddedError::io("look at", &decisive, &error))?;
    let owner = Owner {
        uid: metadata.uid(),
        gid: metadata.gid(),
    };
    let identity = choose(
        &decisive,
        owner,
        fresh,
        geteuid().as_raw(),
        has_name,
        can_namespace,
    )?;
    if let Some((uid, gid)) = identity.step_down {
        if owner.uid == 0 {
            give_away(home.folder(), uid, gid)?;
        }
        step_down(uid, gid)?;
    }
    if identity.namespace {
        enter_namespace().map_err(|reason| EmbeddedError::User { reason })?;
    }
    Ok(())
}

fn choose(
    folder: &Path,
    owner: Owner,
    fresh: bool,
    caller: u32,
    has_name: impl Fn(u32) -> bool,
    can_namespace: impl FnOnce() -> bool,
) -> Result<Identity, EmbeddedError> {
    if caller != 0 && caller != owner.uid {
        return Err(EmbeddedError::NoRights {
            path: folder.to_path_buf(),
            reason: format!("it belongs to user {}, this is user {caller}", owner.uid),
        });
    }
    if owner.uid == 0 && fresh && !can_namespace() {
        return Ok(Identity {
            step_down: Some((NOBODY, NOBODY)),
            namespace: false,
        });
    }
    Ok(Identity {
        step_down: (caller == 0 && owner.uid != 0).then_some((owner.uid, owner.gid)),
        namespace: owner.uid == 0 || (fresh && !has_name(owner.uid)),
    })
}

fn has_name(uid: u32) -> bool {
    matches!(User::from_uid(Uid::from_raw(uid)), Ok(Some(_)))
}

fn give_away(folder: &Path, uid: u32, gid: u32) -> Result<(), EmbeddedError> {
    let entries = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    for path in entries.chain([folder.to_path_buf()]) {
        std::os::unix::fs::lchown(&path, Some(uid), Some(gid))
            .map_err(|error| EmbeddedError::io("give away", &path, &error))?;
    }
    Ok(())
}

fn step_down(uid: u32, gid: u32) -> Result<(), EmbeddedError> {
    setgroups(&[])
        .and_then(|()| setgid(Gid::from_raw(gid)))
        .and_then(|()| setuid(Uid::from_raw(uid)))
        .map_err(|error| EmbeddedError::User {
            reason: format!(
                "user namespaces are refused here, and so is becoming user {uid}: {error}"
            ),
        })
}

/// Maps this user to an ordinary one with a name. Files stay the caller's.
#[cfg(target_os = "linux")]
pub(super) fn enter_namespace() -> Result<(), String> {
    use nix::sched::{CloneFlags, unshare};

    let name = [NOBODY, 1, 2, 1000]
        .into_iter()
        .find(|uid| has_name(*uid))
        .unwrap_or(NOBODY);
    let (uid, gid) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER)
        .map_err(|error| format!("this machine refuses user namespaces: {error}"))?;
    let write = |file: &str, text: String| {
        fs::write(file, text).map_err(|error| format!("{file} refuses the mapping: {error}"))
    };
    write("/proc/self/setgroups", "deny".into())?;
    write("/proc/self/uid_map", format!("{name} {uid} 1"))?;
    write("/proc/self/gid_map", format!("{name} {gid} 1"))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn enter_namespace() -> Result<(), String> {
    Err("only Linux has user namespaces; run as an ordinary user".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// caller, owner, fresh, named, namespaces → (step down to, namespace)
    fn check(
        (caller, owner, fresh, named, namespaces): (u32, u32, bool, bool, bool),
        expected: (Option<u32>, bool),
    ) {
        let owner = Owner {
            uid: owner,
            gid: owner,
        };
        let chosen = choose(
            Path::new("x"),
            owner,
            fresh,
            caller,
            |_| named,
            || namespaces,
        )
        .expect("a way to run");
        assert_eq!(
            (chosen.step_down.map(|(uid, _)| uid), chosen.namespace),
            expected
        );
    }

    #[test]
    fn an_ordinary_user_runs_directly() {
        check((1000, 1000, true, true, true), (None, false));
        check((1000, 1000, false, true, true), (None, false));
    }

    #[test]
    fn a_user_without_a_name_needs_the_namespace_for_initdb_only() {
        check((54_321, 54_321, true, false, true), (None, true));
        check((54_321, 54_321, false, false, true), (None, false));
    }

    #[test]
    fn root_opens_a_cluster_the_way_it_was_made() {
        check((0, 0, true, true, true), (None, true));
        check((0, 0, true, true, false), (Some(NOBODY), false));
        check((0, 0, false, true, false), (None, true));
        check((0, NOBODY, false, true, true), (Some(NOBODY), false));
        check((0, 1000, true, true, true), (Some(1000), false));
        check((0, 54_321, true, false, true), (Some(54_321), true));
    }

    #[test]
    fn the_folder_of_another_user_is_refused() {
        let owner = Owner {
            uid: 1000,
            gid: 1000,
        };
        let error = choose(Path::new("/d"), owner, false, 1001, |_| true, || true);
        assert!(
            matches!(error, Err(EmbeddedError::NoRights { .. })),
            "{error:?}"
        );
    }
}
