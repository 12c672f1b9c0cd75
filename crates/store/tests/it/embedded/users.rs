//! Every kind of user: root, an ordinary one, one without a name; with and without namespaces.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::geteuid;

use super::{Holder, RUNNER, archive, folder, hold};

const NOBODY: u32 = 65_534;
const WITHOUT_A_NAME: u32 = 54_321;

/// A place that every user can reach, with a runner and the archive in it.
struct Place {
    folder: tempfile::TempDir,
    runner: PathBuf,
    archive: PathBuf,
}

impl Place {
    async fn new() -> Self {
        let folder = folder();
        open(folder.path());
        let (runner, own) = (
            folder.path().join("runner"),
            folder.path().join("archive.jar"),
        );
        std::fs::copy(RUNNER, &runner).expect("room");
        std::fs::copy(archive().await, &own).expect("room");
        Self {
            folder,
            runner,
            archive: own,
        }
    }

    /// A folder that belongs to the user.
    fn folder_of(&self, uid: u32) -> PathBuf {
        let folder = self.folder.path().join(format!("of-{uid}"));
        std::fs::create_dir_all(&folder).expect("room");
        open(&folder);
        chown(&folder, Some(uid), Some(uid)).expect("root may");
        folder
    }

    fn start_as(&self, uid: u32, data: &Path) -> Holder {
        let mut command = Command::new(&self.runner);
        if uid != geteuid().as_raw() {
            command = Command::new("setpriv");
            let id = uid.to_string();
            command
                .args(["--reuid", &id, "--regid", &id, "--clear-groups"])
                .arg(&self.runner);
            command.env_remove("HOME");
        }
        let cache = data.join("cache");
        Holder::spawn(
            hold(command, data, &cache)
                .arg("--archive")
                .arg(&self.archive),
        )
    }

    /// Where namespaces are refused: the kernel does so behind a chroot.
    fn start_without_namespaces(&self, data: &Path) -> Holder {
        let (root, cache) = (
            self.folder.path().join("root"),
            self.folder.path().join("cache"),
        );
        std::fs::create_dir_all(&root).expect("room");
        let script = "mount --rbind / \"$0\" && exec chroot \"$0\" \"$@\"";
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "sh", "-c", script])
            .arg(root)
            .arg(&self.runner);
        Holder::spawn(
            hold(command, data, &cache)
                .arg("--archive")
                .arg(&self.archive),
        )
    }
}

fn open(path: &Path) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("our own");
}

fn owner(path: &Path) -> u32 {
    std::fs::metadata(path).expect("it is there").uid()
}

/// Root can try all kinds; anyone else tries the own one.
fn users() -> Vec<u32> {
    match geteuid().as_raw() {
        0 => vec![0, NOBODY, WITHOUT_A_NAME],
        own => vec![own],
    }
}

#[tokio::test]
async fn every_kind_of_user_gets_a_server() {
    let place = Place::new().await;
    for uid in users() {
        let data = if geteuid().is_root() {
            place.folder_of(uid)
        } else {
            place.folder.path().join("own")
        };
        let holder = place.start_as(uid, &data);
        holder.sql("CREATE TABLE kept AS SELECT 1 AS x").await;
        let how = holder
            .one(
                "SELECT concat_ws(' ', datlocprovider, datlocale, pg_encoding_to_char(encoding),
                        current_setting('fsync'), current_setting('listen_addresses'),
                        current_setting('TimeZone'), current_setting('server_version_num')::int / 10000)
                 FROM pg_database WHERE datname = current_database()",
            )
            .await;
        assert_eq!(how, "b C.UTF-8 UTF8 on 127.0.0.1 UTC 17", "as user {uid}");
        assert!(holder.stop(), "as user {uid}");
        assert_eq!(owner(&data.join("postgresql/cluster/PG_VERSION")), uid);
        assert_eq!(
            std::fs::metadata(data.join("postgresql/password"))
                .expect("a file")
                .mode()
                & 0o777,
            0o600
        );

        let again = place.start_as(uid, &data);
        assert_eq!(again.one("SELECT x::text FROM kept").await, "1");
        again.stop();
        if geteuid().is_root() {
            as_root_on_the_folder_of(uid, &place, &data).await;
        }
    }
}

/// Root opens the cluster as its owner, who can go on with it.
async fn as_root_on_the_folder_of(uid: u32, place: &Place, data: &Path) {
    let root = place.start_as(0, data);
    root.sql("CREATE TABLE by_root AS SELECT 2 AS x").await;
    root.stop();
    let owned = place.start_as(uid, data);
    assert_eq!(owned.one("SELECT x::text FROM by_root").await, "2");
    owned.stop();
    for entry in std::fs::read_dir(data.join("postgresql"))
        .expect("a folder")
        .flatten()
    {
        assert_eq!(owner(&entry.path()), uid, "{}", entry.path().display());
    }
}

#[tokio::test]
async fn without_namespaces_root_steps_down_and_stays_so() {
    let place = Place::new().await;
    if !geteuid().is_root() {
        // Nothing to step down from: the same server, directly.
        let data = place.folder.path().join("own");
        let holder = place.start_as(geteuid().as_raw(), &data);
        assert_eq!(owner(&data.join("postgresql/cluster")), geteuid().as_raw());
        assert!(holder.stop());
        return;
    }
    let data = place.folder_of(0);
    let holder = place.start_without_namespaces(&data);
    holder.sql("CREATE TABLE kept AS SELECT 1 AS x").await;
    assert_eq!(owner(&data.join("postgresql/cluster")), NOBODY);
    assert!(holder.stop());

    // With namespaces again, it is opened the way it was made.
    let holder = place.start_as(0, &data);
    assert_eq!(holder.one("SELECT x::text FROM kept").await, "1");
    assert!(holder.stop());
    assert_eq!(owner(&data.join("postgresql/cluster/PG_VERSION")), NOBODY);
}

#[tokio::test]
async fn a_folder_without_rights_is_named() {
    let place = Place::new().await;
    let closed = place.folder.path().join("closed");
    std::fs::create_dir(&closed).expect("room");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o500)).expect("our own");
    let own = geteuid().as_raw();
    let uid = if own == 0 { NOBODY } else { own };
    let holder = place.start_as(uid, &closed);
    let (variant, text) = holder.error();
    assert_eq!(variant, "NoRights", "{text}");
    assert!(text.contains("closed"), "{text}");
}
