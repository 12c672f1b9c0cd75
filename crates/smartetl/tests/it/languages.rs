//! Both languages: how one is chosen, and what the commands of the first hour say in French.

use crate::samples::stats;
use crate::support::{World, place};
use serde_json::Value;
use std::fmt::Write as _;

const AS_OF: [&str; 2] = ["--as-of", "2026-03-01T00:00:00Z"];

/// Exit code, stdout and stderr of each command, without how long it took.
fn told(world: &World, commands: &[&[&str]]) -> String {
    let mut text = String::new();
    for command in commands {
        let answer = world.transcript(command);
        let lines = answer.lines().filter(|line| !line.starts_with("durée "));
        let _ = write!(text, "$ smartetl {}\n{}\n\n", command.join(" "), {
            lines.collect::<Vec<_>>().join("\n")
        });
    }
    text
}

/// Logs with a wrong line, and what is no log.
fn folder(world: &World) {
    let damaged = stats(0..3).replace("2026-01-01 00:01:20", "bientôt");
    world.file("logs/a.csv", &damaged);
    world.file("logs/b.csv", &stats(3..4));
    world.file("logs/gens.csv", "nom;age\nann;31\n");
    world.file("logs/ventes.csv", "nom;age\nbob;31\n");
    world.file("logs/vide.csv", "");
    world.file("logs/LISEZMOI.md", "# Journaux\n\nCeux de l’an passé.\n");
}

#[test]
fn the_first_hour_in_french() {
    let (_database, world) = place();
    let world = world.set("SMARTETL_LANG", "fr");
    folder(&world);
    let part = stats(0..1).replace(";success;20000", ";success;20000 ");
    world.file("copie/c.csv", &part);
    world.file(
        "jobs.csv",
        "job;échéance\nload_orders;25:00\nload_ordres;06:00\n",
    );
    world.file("droits.csv", "job;échéance\nload_orders;06:00\n");
    let load = ["load", "logs", AS_OF[0], AS_OF[1]];
    insta::assert_snapshot!(told(
        &world,
        &[
            &["load", "logs", "--dry-run"],
            &load,
            &load,
            &["load", "copie", AS_OF[0], AS_OF[1]],
            &["load", "lgos"],
            &["load", "nulle-part"],
            &["fuse", "--full", AS_OF[0], AS_OF[1]],
            &["verify", "--recompute"],
            &["jobs", "import", "jobs.csv"],
            &["jobs", "import", "logs/a.csv"],
            &["jobs", "import", "droits.csv"],
            &["jobs", "export", "-o", "liste.csv"],
            &["export", "dataset", "-o", "runs.csv"],
            &["export", "dataset", "-o", "runs.csv"],
            &["fuse", "logs/a.csv", "--to", "ici.csv", AS_OF[0], AS_OF[1]],
            &["unload", "logs/a.cvs"],
            &["unload", "logs/a.csv", "--dry-run", AS_OF[0], AS_OF[1]],
            &["unload", "logs/a.csv", AS_OF[0], AS_OF[1]],
            &["runs", "show", "load_ordres"],
            &["sql", ""],
            &["config", "show", "--set", "langue=fr"],
        ]
    ));
}

#[test]
fn programs_are_answered_in_english_whatever_people_speak() {
    let (_database, world) = place();
    folder(&world);
    let json = |arguments: &[&str]| -> Value {
        let answer = world.run(arguments);
        serde_json::from_str(&answer.stdout).unwrap_or_else(|_| panic!("{}", answer.stderr))
    };
    let load = [
        "load", "logs", "--format", "json", "--lang", "fr", AS_OF[0], AS_OF[1],
    ];
    let loaded = json(&load);
    let files = loaded["files"].as_array().expect("a list");
    let empty = files.iter().find(|file| file["path"] == "logs/vide.csv");
    let empty = empty.expect("it was found");
    assert_eq!(empty["reason"], "the source is empty", "{loaded:#}");
    let verified = json(&["--lang", "fr", "verify", "--format", "json"]);
    assert_eq!(
        verified["checks"][0]["says"],
        "log holds the rows that were loaded, unchanged"
    );
    let looked = json(&["doctor", "--lang=fr", "--format", "json"]);
    let checks = looked["checks"].as_array().expect("a list");
    let of_tables = checks.iter().find(|check| check["name"] == "migrations");
    let of_tables = of_tables.expect("it is looked at");
    assert_eq!(of_tables["detail"], "the tables are those of this version");
}

/// The flag, before or behind the command; then the setting, as a variable or in the file; then the locale.
#[test]
fn a_language_is_chosen_in_one_place() {
    let speaks = |world: &World, arguments: &[&str]| {
        let answer = world.run(arguments);
        assert_eq!(answer.exit, 2, "{}", answer.stdout);
        let word = answer.stderr.split(['\u{a0}', ':']).next().unwrap_or("");
        match word {
            "error" => "en",
            "erreur" => "fr",
            _ => panic!("{}", answer.stderr),
        }
    };
    let load = ["load", "none"];
    let flagged = |lang: &'static str| {
        [
            ["--lang", lang, "load", "none"],
            ["load", "--lang", lang, "none"],
            ["load", "none", "--lang", lang],
        ]
    };
    let english = World::new().set("LC_ALL", "C").set("LANG", "fr_FR.UTF-8");
    assert_eq!(speaks(&english, &load), "en");
    for arguments in flagged("fr") {
        assert_eq!(speaks(&english, &arguments), "fr", "{arguments:?}");
    }
    for locale in ["LC_ALL", "LC_MESSAGES", "LANG"] {
        let french = World::new().set(locale, "fr_CA.UTF-8");
        assert_eq!(speaks(&french, &load), "fr", "{locale}");
        for arguments in flagged("en") {
            assert_eq!(speaks(&french, &arguments), "en", "{arguments:?}");
        }
        let variable = french.set("SMARTETL_LANG", "en");
        assert_eq!(speaks(&variable, &load), "en", "{locale}");
    }
    let world = World::new();
    let file = world.file("fr.toml", "lang = \"fr\"\n");
    let file = file.to_str().expect("UTF-8");
    let configured = ["--config", file, "load", "none"];
    assert_eq!(speaks(&world, &configured), "fr");
    assert_eq!(
        speaks(
            &world,
            &["--set", "lang=en", "--config", file, "load", "none"]
        ),
        "en"
    );
    // Also where the configuration itself cannot be read.
    let broken = World::new().set("SMARTETL_HTTP_PORT", "none");
    let broken = broken.set("SMARTETL_LANG", "fr");
    assert_eq!(speaks(&broken, &load), "fr");
    let unknown = World::new().set("SMARTETL_LANG", "klingon").run(&load);
    assert!(
        unknown.stderr.contains("write \"en\" or \"fr\""),
        "{}",
        unknown.stderr
    );
}

#[test]
fn what_a_machine_is_found_to_be_is_told_in_french() {
    let world = World::with_database().set("LANG", "fr_FR.UTF-8");
    let answer = world.run(&["doctor", "--set", "http.port=0"]);
    let told = answer.stdout;
    for words in [
        "pas de fichier (",
        "cet utilisateur peut créer des tables",
        "l’horloge du serveur est à 0 s de celle de cette machine",
        "conseil\u{a0}: `smartetl up CHEMIN`",
        "peuvent être ouverts à la fois",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    for english in [" hint: ", " the ", " is ", "warn "] {
        assert!(!told.contains(english), "{english}: {told}");
    }
}

/// What a mapping would make of a file, with its rejects.
#[test]
fn a_mapping_is_told_in_french() {
    let world = World::new().in_paris().set("SMARTETL_LANG", "fr");
    let mut log = String::from("Traitement;Debut;Fin;Etat\n");
    for day in 1..9 {
        let _ = writeln!(
            log,
            "J_Stock;2026-01-0{day} 02:00:00;2026-01-0{day} 02:10:00;OK"
        );
    }
    world.file("suivi.csv", &log);
    let answer = world.run(&["map", "suivi.csv", "-o", "m.toml"]);
    let toml = std::fs::read_to_string(world.home.path().join("m.toml")).expect("it is written");
    assert!(
        toml.starts_with("# Une correspondance proposée par smartETL"),
        "{toml}"
    );
    for text in [&toml, &answer.stderr] {
        for word in ["un mapping", "le mapping", "Un mapping"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
    world.file("suivi.csv", &log.replace("2026-01-03 02:00:00", "jamais"));
    let checked = world.run(&["map", "--check", "m.toml", "suivi.csv"]);
    assert!(
        checked
            .stdout
            .contains("`jamais` n’est pas une heure de la forme"),
        "{}",
        checked.stdout
    );
    world.file("gens.csv", "nom;age\nann;31\n");
    let refused = world.run(&["map", "--check", "m.toml", "gens.csv"]);
    assert!(
        refused
            .stdout
            .contains("illisible\u{a0}: il ne convient à aucune des correspondances"),
        "{}",
        refused.stdout
    );
}
