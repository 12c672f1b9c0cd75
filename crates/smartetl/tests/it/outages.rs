//! What is under a load goes away in the middle: the server, the disk. The load says so, and the next one goes on.

use crate::company::Company;
use crate::processes::{OwnServer, wait_for_batches};
use crate::support::{Answer, World, own_database};
use crate::tables::{assert_same_content, number, sums};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Loads again what failed, and proves that nothing shows it.
fn loads_again(world: &World, server: &OwnServer, company: &Company) {
    Answer::of(company.load_slowly(world)).done();
    world.run(&["verify", "--recompute"]).done();
    let clean = own_database();
    let other = World::on(&clean.url).in_paris();
    Answer::of(company.load_slowly(&other)).done();
    server.with_url(|url| assert_same_content("after the outage", &clean.url, url));
}

#[test]
fn the_server_goes_away() {
    let company = Company::of_many_batches();
    let folder = tempfile::tempdir().expect("a folder");
    let server = OwnServer::below(folder.path());
    let world = server.used_by(World::new().in_paris());
    let failed = server.with_url(|url| {
        world.run(&["migrate"]).done();
        let load = company.load_slowly(&world).spawn();
        let mut child = load.expect("the program starts");
        wait_for_batches(&mut child, url);
        assert!(server.kill());
        child.wait_with_output().expect("it is our child")
    });
    let stderr = String::from_utf8_lossy(&failed.stderr);
    assert_eq!(failed.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("error: the load stopped, the database went away"),
        "{stderr}"
    );
    assert!(
        stderr.contains("the same command goes on from there"),
        "{stderr}"
    );
    assert!(!stderr.contains("defect of smartETL"), "{stderr}");
    loads_again(&world, &server, &company);
}

/// The server falls, and its supervisor starts it again while the load goes on.
#[test]
fn the_server_restarts() {
    let company = Company::of_many_batches();
    let folder = tempfile::tempdir().expect("a folder");
    let server = OwnServer::below(folder.path());
    let world = server.used_by(World::new().in_paris());
    server.with_url(|url| {
        world.run(&["migrate"]).done();
        let load = company.load_slowly(&world).spawn();
        let mut child = load.expect("the program starts");
        wait_for_batches(&mut child, url);
        server.kill_postmaster();
        let ended = child.wait_with_output().expect("it is our child");
        let stderr = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.starts_with("error: the load stopped, the database went away"),
            "{stderr}"
        );
        assert!(
            stderr.contains("the same command goes on from there"),
            "{stderr}"
        );
        assert!(!stderr.contains("WARN"), "{stderr}");
    });
    loads_again(&world, &server, &company);
}

#[test]
fn the_scratch_folder_is_full() {
    if !as_root("outages::the_scratch_folder_is_full") {
        return;
    }
    // More rows than are kept in memory until the fuse.
    let company = Company::simulate(&[
        "--plain", "--jobs", "200", "--days", "320", "--format", "parquet",
    ]);
    let disk = SmallDisk::mounted(1);
    let database = own_database();
    let world = || World::on(&database.url).in_paris();
    let small = world().set("SMARTETL_CACHE_DIR", disk.folder.to_str().expect("UTF-8"));
    let logs = company.logs.to_str().expect("UTF-8");
    let all = |world: &World| world.run(&["load", "--as-of", &company.as_of, logs]);
    for command in ["load", "fuse"] {
        let failed = match command {
            "load" => all(&small),
            _ => small.run(&["fuse", "--full"]),
        };
        assert_eq!(
            failed.exit, 2,
            "{command}: {}{}",
            failed.stdout, failed.stderr
        );
        for words in [
            "the scratch folder is full",
            &format!("  --> {}/scratch", disk.folder.display()),
            "hint: make room there, or name another folder with SMARTETL_CACHE_DIR",
        ] {
            assert!(
                failed.stderr.contains(words),
                "{command}: {}",
                failed.stderr
            );
        }
        if command == "load" {
            let goes_on = "what was stored stays, and the same command goes on from there";
            assert!(failed.stderr.contains(goes_on), "{}", failed.stderr);
            // What is stored is enough for the fuse to find no room either.
            assert!(number(&database.url, "SELECT count(*) FROM batch") > 0);
            assert_eq!(number(&database.url, "SELECT count(*) FROM dataset"), 0);
        }
    }
    let roomy = world();
    all(&roomy).done();
    let clean = own_database();
    let other = World::on(&clean.url).in_paris();
    all(&other).done();
    assert_eq!(sums(&database.url), sums(&clean.url));
}

#[test]
fn the_disk_is_full() {
    if !as_root("outages::the_disk_is_full") {
        return;
    }
    let company = Company::of_many_batches();
    let disk = SmallDisk::mounted(400);
    let server = OwnServer::below(&disk.folder);
    let world = server.used_by(World::new().in_paris());
    world.run(&["migrate"]).done();
    let filler = disk.fill(6 << 20);
    let failed = Answer::of(company.load_slowly(&world));
    assert_eq!(failed.exit, 2, "{}{}", failed.stdout, failed.stderr);
    assert!(
        failed
            .stderr
            .contains("error: the load stopped, the disk is full"),
        "{}",
        failed.stderr
    );
    assert!(
        failed.stderr.contains("No space left on device"),
        "{}",
        failed.stderr
    );
    assert!(
        failed
            .stderr
            .contains("the same command goes on from there"),
        "{}",
        failed.stderr
    );
    std::fs::remove_file(filler).expect("it is ours");
    loads_again(&world, &server, &company);
}

/// Mounting needs root. An ordinary user becomes one in a namespace, where this test runs once more; `false`: it did so,
/// and passed.
///
/// # Panics
/// Where it fails there, or namespaces are refused.
pub fn as_root(test: &str) -> bool {
    if nix::unistd::Uid::effective().is_root() {
        return true;
    }
    let status = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount"])
        .arg(std::env::current_exe().expect("this program"))
        .args([test, "--exact", "--nocapture"])
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "{test} mounts a small disk: it needs root, or user namespaces; run it as root or leave it out with --skip {test}"
    );
    false
}

/// A small disk in memory.
pub struct SmallDisk {
    pub folder: PathBuf,
    _around: tempfile::TempDir,
}

impl SmallDisk {
    pub fn mounted(megabytes: u32) -> Self {
        let around = tempfile::tempdir().expect("a folder");
        let folder = around.path().join("disk");
        std::fs::create_dir(&folder).expect("a folder");
        let options = format!("size={megabytes}m,mode=755");
        mount(
            Some("tmpfs"),
            &folder,
            Some("tmpfs"),
            MsFlags::empty(),
            Some(options.as_str()),
        )
        .expect("root may mount");
        Self {
            folder,
            _around: around,
        }
    }

    /// Leaves so many bytes free; the file that takes the others.
    fn fill(&self, free: u64) -> PathBuf {
        let path = self.folder.join("filler");
        let room = nix::sys::statvfs::statvfs(&self.folder).expect("it is mounted");
        let bytes = room.blocks_available() * room.fragment_size() - free;
        let file = std::fs::File::create(&path).expect("a file");
        nix::fcntl::posix_fallocate(&file, 0, bytes.cast_signed()).expect("there is room");
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Whoever still stands in it keeps it until its end; nobody finds it any more.
        OwnServer::below(&self.folder).kill();
        let _ = umount2(&self.folder as &Path, MntFlags::MNT_DETACH);
    }
}
