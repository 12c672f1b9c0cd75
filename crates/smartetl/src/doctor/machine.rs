//! The machine: configuration, folders, zone, memory, files, port.

use super::{Check, Status};
use crate::cli::Context;
use crate::night::Lang;
use crate::reason::{self, Reason};
use crate::wait;
use std::path::{Path, PathBuf};

const MIB: u64 = 1024 * 1024;

pub fn checks(context: &Context) -> Vec<Check> {
    let settings = &context.settings;
    let embedded = settings.database.url.is_none();
    let mut checks = vec![configuration(context), zone(context)];
    // With a server elsewhere, smartETL keeps nothing here that it must not lose.
    let folders = [
        (
            "data_dir",
            &settings.data_dir,
            "SMARTETL_DATA_DIR",
            2048 * MIB,
        ),
        (
            "cache_dir",
            &settings.cache_dir,
            "SMARTETL_CACHE_DIR",
            200 * MIB,
        ),
    ];
    for (name, path, variable, wanted) in folders.into_iter().filter(|_| embedded) {
        checks.push(match path {
            Some(path) => folder(name, path, variable, wanted),
            None => Check::new(
                name,
                Status::Fail,
                [
                    "this user has no home folder",
                    "cet utilisateur n’a pas de dossier personnel",
                ],
            )
            .hint([
                format!("set {variable} to a folder"),
                format!("donnez un dossier avec {variable}"),
            ]),
        });
    }
    if embedded {
        checks.push(programs(context));
    }
    checks.push(logs(&settings.data));
    checks.extend(memory());
    checks.extend(open_files());
    checks
}

fn configuration(context: &Context) -> Check {
    let file = match &context.file {
        Some(file) if context.file_read => {
            let file = file.display();
            Reason::from([format!("{file} is read"), format!("{file} est lu")])
        }
        Some(file) => {
            let file = file.display();
            Reason::from([
                format!("no file ({file} does not exist); defaults, variables and flags"),
                format!(
                    "pas de fichier ({file} n’existe pas)\u{a0}; valeurs par défaut, variables et options"
                ),
            ])
        }
        None => Reason::from([
            "no file; defaults, variables and flags",
            "pas de fichier\u{a0}; valeurs par défaut, variables et options",
        ]),
    };
    if context.warnings.is_empty() {
        Check::ok("configuration", file)
    } else {
        Check::new("configuration", Status::Warn, context.warnings.join("; ")).hint([
            "`smartetl config show` lists all settings",
            "`smartetl config show` donne tous les paramètres",
        ])
    }
}

fn zone(context: &Context) -> Check {
    let name = &context.settings.timezone;
    let from_machine = context
        .origins
        .iter()
        .any(|origin| origin.key == "timezone" && origin.origin == "machine");
    if from_machine && crate::time::machine_zone().is_none() {
        return Check::new(
            "timezone",
            Status::Warn,
            [
                "the machine does not say its zone; UTC is used",
                "la machine ne dit pas son fuseau\u{a0}; c’est UTC qui sert",
            ],
        )
        .hint([
            "set SMARTETL_TIMEZONE, for example to Europe/Paris: business days depend on it",
            "fixez SMARTETL_TIMEZONE, par exemple à Europe/Paris\u{a0}: les journées d’exploitation en dépendent",
        ]);
    }
    let [en, fr] = if from_machine {
        ["the machine's", "celui de la machine"]
    } else {
        ["configured", "configuré"]
    };
    Check::ok(
        "timezone",
        [format!("{name} ({en})"), format!("{name} ({fr})")],
    )
}

fn folder(name: &'static str, path: &Path, variable: &str, wanted: u64) -> Check {
    if let Err(error) = try_writing(path) {
        return Check::new(name, Status::Fail, at(path, &error)).hint([
            format!("make it writable for this user, or set {variable} to another folder"),
            format!(
                "donnez à cet utilisateur le droit d’y écrire, ou un autre dossier avec {variable}"
            ),
        ]);
    }
    let shown = path.display();
    let Ok(disk) = nix::sys::statvfs::statvfs(path) else {
        let detail = [
            format!("{shown} is writable"),
            format!("on peut écrire dans {shown}"),
        ];
        return Check::ok(name, detail);
    };
    let free = disk.blocks_available() * disk.fragment_size();
    let free_mib = free / MIB;
    let detail = [
        format!("{shown} is writable, {free_mib} MiB free"),
        format!("on peut écrire dans {shown}, {free_mib} Mio libres"),
    ];
    if free < wanted / 10 {
        Check::new(name, Status::Fail, detail).hint([
            format!("make room, or set {variable} to a folder on another disk"),
            format!("faites de la place, ou donnez avec {variable} un dossier d’un autre disque"),
        ])
    } else if free < wanted {
        Check::new(name, Status::Warn, detail).hint([
            "this may become too little for more logs",
            "cela peut devenir trop peu pour d’autres journaux",
        ])
    } else {
        Check::ok(name, detail)
    }
}

/// A place and what the system says of it.
fn at(path: &Path, error: &std::io::Error) -> Reason {
    let path = path.display();
    Reason::from([
        format!("{path}: {}", crate::errors::reason(error)),
        format!("{path}\u{a0}: {}", reason::of_system(error)),
    ])
}

/// Makes the folder where it is missing and writes a file that is deleted again.
fn try_writing(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(path)?;
    let probe = path.join(format!(".doctor-{}", std::process::id()));
    std::fs::write(&probe, b"x")?;
    std::fs::remove_file(&probe)
}

/// Where the embedded server's programs come from.
fn programs(context: &Context) -> Check {
    let name = "postgresql_programs";
    let settings = &context.settings;
    if let Some(bin) = &settings.postgres.bin {
        return if bin.join("postgres").is_file() || bin.is_file() {
            let bin = bin.display();
            Check::ok(
                name,
                [
                    format!("installed ones in {bin}"),
                    format!("ceux installés dans {bin}"),
                ],
            )
        } else {
            Check::new(
                name,
                Status::Fail,
                [
                    format!("there is no postgres in {}", bin.display()),
                    format!("il n’y a pas de postgres dans {}", bin.display()),
                ],
            )
            .hint([
                "correct SMARTETL_POSTGRES_BIN, or unset it to use the archive",
                "corrigez SMARTETL_POSTGRES_BIN, ou enlevez-la pour utiliser l’archive",
            ])
        };
    }
    if let Some(unpacked) = settings.cache_dir.as_deref().and_then(unpacked) {
        let unpacked = unpacked.display();
        let detail = [
            format!("unpacked in {unpacked}"),
            format!("décompressés dans {unpacked}"),
        ];
        return Check::ok(name, detail);
    }
    match &settings.postgres.archive {
        Some(archive) if archive.is_file() => {
            let archive = archive.display();
            Check::ok(
                name,
                [
                    format!("the archive {archive}"),
                    format!("l’archive {archive}"),
                ],
            )
        }
        Some(archive) => Check::new(
            name,
            Status::Fail,
            [
                format!("there is no file {}", archive.display()),
                format!("il n’y a pas de fichier {}", archive.display()),
            ],
        )
        .hint([
            "correct --postgres-archive, or leave it away to download the archive",
            "corrigez --postgres-archive, ou omettez-le pour télécharger l’archive",
        ]),
        None => Check::ok(
            name,
            [
                "not here yet; downloaded once at the first start (15 MB)",
                "pas encore là\u{a0}; téléchargés une fois au premier démarrage (15 Mo)",
            ],
        ),
    }
}

fn unpacked(cache: &Path) -> Option<PathBuf> {
    std::fs::read_dir(cache)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.join("bin").join("postgres").is_file())
}

fn logs(path: &Path) -> Check {
    match std::fs::read_dir(path) {
        Ok(entries) => Check::ok("data", {
            let (path, entries) = (path.display(), entries.count() as u64);
            [
                format!(
                    "{path} with {}",
                    Lang::En.counted(entries, ["entry", "entries"])
                ),
                format!(
                    "{path} avec {}",
                    Lang::Fr.counted(entries, ["entrée", "entrées"])
                ),
            ]
        }),
        Err(error) => Check::new("data", Status::Warn, at(path, &error)).hint([
            "`smartetl up PATH` and `smartetl load PATH` take any other place",
            "`smartetl up CHEMIN` et `smartetl load CHEMIN` prennent tout autre endroit",
        ]),
    }
}

/// Linux only, as its files are.
fn memory() -> Option<Check> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let mib = line
        .trim()
        .trim_end_matches("kB")
        .trim()
        .parse::<u64>()
        .ok()?
        / 1024;
    let detail = [
        format!("{mib} MiB available"),
        format!("{mib} Mio disponibles"),
    ];
    Some(if mib < 512 {
        Check::new("memory", Status::Warn, detail).hint([
            "smartETL and its server want 512 MiB",
            "smartETL et son serveur demandent 512 Mio",
        ])
    } else {
        Check::ok("memory", detail)
    })
}

fn open_files() -> Option<Check> {
    let text = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    let soft = line.split_whitespace().next()?;
    let limit = soft.parse::<u64>().unwrap_or(u64::MAX);
    let detail = [
        format!("{soft} may be open at once"),
        format!("{soft} peuvent être ouverts à la fois"),
    ];
    Some(if limit < 1024 {
        Check::new("open_files", Status::Warn, detail).hint([
            "raise it with `ulimit -n 4096`",
            "augmentez-le avec `ulimit -n 4096`",
        ])
    } else {
        Check::ok("open_files", detail)
    })
}

/// Free for the service, or taken by it.
pub async fn port(context: &Context) -> Check {
    let http = &context.settings.http;
    let address = std::net::SocketAddr::new(http.bind, http.port);
    match tokio::net::TcpListener::bind(address).await {
        Ok(_) => Check::ok(
            "port",
            [format!("{address} is free"), format!("{address} est libre")],
        ),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let url = super::live_url(context);
            let alive = match url.parse() {
                Ok(target) => wait::wait_for(
                    vec![target],
                    std::time::Duration::ZERO,
                    std::time::Duration::from_millis(10),
                    |_| {},
                )
                .await
                .iter()
                .all(|answer| answer.missing.is_none()),
                Err(_) => false,
            };
            if alive {
                Check::ok(
                    "port",
                    [
                        format!("smartETL serves on {address}"),
                        format!("smartETL répond sur {address}"),
                    ],
                )
            } else {
                Check::new(
                    "port",
                    Status::Warn,
                    [
                        format!("another program uses {address}"),
                        format!("un autre programme occupe {address}"),
                    ],
                )
                .hint([
                    "choose another with SMARTETL_HTTP_PORT or `smartetl up --port`",
                    "choisissez-en un autre avec SMARTETL_HTTP_PORT ou `smartetl up --port`",
                ])
            }
        }
        Err(error) => Check::new(
            "port",
            Status::Fail,
            format!("{address}: {}", crate::errors::reason(&error)),
        )
        .hint([
            "correct http.bind and http.port",
            "corrigez http.bind et http.port",
        ]),
    }
}
