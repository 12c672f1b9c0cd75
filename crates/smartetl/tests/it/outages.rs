//! What is under a load goes away in the middle: the server, the disk. The load says so, and the next one goes on.

use crate::company::Company;
use crate::processes::{OwnServer, wait_until};
use crate::support::{Answer, World, own_database};
use crate::tables::{assert_same_content, number};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Enough for many batches.
fn company() -> Company {
    Company::simulate(&["--jobs", "60", "--days", "60", "--seed", "12"])
}

/// The program with a server of its own below `data`.
fn place(server: &OwnServer) -> World {
    let mut world = World::new().set("SMARTETL_TIMEZONE", "Europe/Paris");
    for (name, value) in server.variables() {
        world = world.set(name, &value);
    }
    world
}

/// A load in small batches.
fn load(world: &World, company: &Company) -> Command {
    let logs = company.logs.to_str().expect("UTF-8");
    let batch = ["--set", "load.batch_records=500"];
    let load = ["load", "--allow-rejects", "--as-of", &company.as_of];
    world.command(&[&load[..], &batch, &[logs]].concat())
}

/// Loads again what failed, and proves that nothing shows it.
fn loads_again(world: &World, server: &OwnServer, company: &Company) {
    let again = Answer::of(load(world, company));
    assert_eq!(again.exit, 0, "{}{}", again.stdout, again.stderr);
    let verify = world.run(&["verify", "--recompute"]);
    assert_eq!(verify.exit, 0, "{}", verify.stdout);
    let clean = own_database();
    let other = World::on(&clean.url).set("SMARTETL_TIMEZONE", "Europe/Paris");
    assert_eq!(Answer::of(load(&other, company)).exit, 0);
    server.with_url(|url| assert_same_content("after the outage", &clean.url, url));
}

#[test]
fn the_server_goes_away() {
    let company = company();
    let folder = tempfile::tempdir().expect("a folder");
    let server = OwnServer::below(folder.path());
    let world = place(&server);
    let failed = server.with_url(|url| {
        assert_eq!(world.run(&["migrate"]).exit, 0);
        let mut command = load(&world, &company);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        wait_until("some batches are stored", || {
            assert!(
                child.try_wait().expect("it is our child").is_none(),
                "it was too fast"
            );
            number(url, "SELECT count(*) FROM batch") >= 5
        });
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

/// Mounting needs root, so that an ordinary user only has the disk of the machine, which no test may fill.
#[test]
fn the_disk_is_full() {
    if !nix::unistd::Uid::effective().is_root() {
        return;
    }
    let company = company();
    let disk = SmallDisk::mounted();
    let server = OwnServer::below(&disk.folder);
    let world = place(&server);
    assert_eq!(world.run(&["migrate"]).exit, 0);
    let filler = disk.fill(6 << 20);
    let failed = Answer::of(load(&world, &company));
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

/// A disk of 400 MB in memory.
struct SmallDisk {
    folder: PathBuf,
    _around: tempfile::TempDir,
}

impl SmallDisk {
    fn mounted() -> Self {
        let around = tempfile::tempdir().expect("a folder");
        let folder = around.path().join("disk");
        std::fs::create_dir(&folder).expect("a folder");
        let options = Some("size=400m,mode=755");
        mount(
            Some("tmpfs"),
            &folder,
            Some("tmpfs"),
            MsFlags::empty(),
            options,
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
