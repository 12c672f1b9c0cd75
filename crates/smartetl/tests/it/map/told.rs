//! What `map` says to a person, and what it refuses.

use crate::support::{World, check, place};
use crate::tables::number;
use std::fmt::Write as _;

/// A run log as an operator's spreadsheet may hold it.
const RUNS: &str = "\
No exécution;Traitement;Environnement;Début;Fin;Durée (s);Statut;Libellé erreur
1001;CHARGER_VENTES;PROD;02/03/2026 01:00:04;02/03/2026 01:10:09;605;Terminé;
1002;CHARGER_STOCKS;PROD;02/03/2026 01:12:00;02/03/2026 01:12:40;40;En erreur;ORA-12541: TNS:no listener, user=etl password=S3cretMap7
1003;CHARGER_VENTES;PROD;03/03/2026 01:00:02;03/03/2026 01:11:32;690;Terminé;
1004;CHARGER_STOCKS;PROD;03/03/2026 01:12:00;03/03/2026 01:12:59;59;Gelé;
1005;CHARGER_VENTES;PROD;04/03/2026 01:00:01;04/03/2026 01:10:21;620;Terminé;
1006;CHARGER_STOCKS;PROD;04/03/2026 01:12:00;04/03/2026 01:13:10;70;Terminé;
1007;CHARGER_VENTES;PROD;05/03/2026 01:00:03;05/03/2026 01:10:33;630;Terminé;
1008;CHARGER_STOCKS;PROD;05/03/2026 01:12:00;;;En cours;
1009;CHARGER_VENTES;PROD;16/03/2026 01:00:00;16/03/2026 01:10:30;630;Terminé;
";

#[test]
fn a_spreadsheet_of_runs_in_both_languages() {
    let world = World::new();
    world.file("suivi.csv", RUNS);
    check!(
        world,
        "map",
        "suivi.csv",
        "--timezone",
        "Europe/Paris",
        "--lang",
        "en"
    );
    check!(
        world,
        "map",
        "suivi.csv",
        "--timezone",
        "Europe/Paris",
        "--lang",
        "fr"
    );
}

#[test]
fn a_mapping_is_checked_after_changes() {
    let world = World::new();
    world.file("suivi.csv", RUNS);
    let map = [
        "map",
        "suivi.csv",
        "-o",
        "m.toml",
        "--timezone",
        "Europe/Paris",
    ];
    assert_eq!(world.run(&map).exit, 1, "a word is unknown");
    check!(
        world,
        "map",
        "--check",
        "m.toml",
        "suivi.csv",
        "--lang",
        "en"
    );
    // The word is given its meaning.
    let path = world.home.path().join("m.toml");
    let toml = std::fs::read_to_string(&path).expect("it was written");
    let line = "[vocabulary.status]\n";
    let answered = toml.replacen(line, &format!("{line}\"Gelé\" = \"cancelled\"\n"), 1);
    assert_ne!(toml, answered);
    std::fs::write(&path, answered).expect("a file");
    let checked = world.run(&["map", "--check", "m.toml", "suivi.csv"]).done();
    assert!(checked.stdout.contains("0 rejects"), "{}", checked.stdout);
}

/// What rejects nothing can be wrong all the same.
#[test]
fn a_mapping_that_is_wrong_is_doubted() {
    let world = World::new();
    let mapping = |of: &str, begin: &str, end: &str, unit: &str, environment: &str| {
        format!(
            "name = \"{of}\"\nsystem = \"{of}\"\nzone = \"Europe/Paris\"\n\n[run]\njob = \"job\"\nrun_id = \"id\"\n\
             environment = {{ constant = \"{environment}\" }}\n\n[[log]]\nevent = \"begin\"\nmoment = \"{begin}\"\n\n\
             [[log]]\nevent = \"end\"\nmoment = \"{end}\"\nduration = {{ column = \"took\", unit = \"{unit}\" }}\n"
        )
    };
    let mut runs = "id;job;from;to;took\n".to_owned();
    let mut errors = "id;job;at;text\n".to_owned();
    for day in 1..=9 {
        let at = format!("2026-01-0{day} 02");
        let _ = writeln!(runs, "r{day};load;{at}:00:00;{at}:30:00;30");
        let _ = writeln!(errors, "r{day};load;{at}:20:00;disk full");
    }
    world.file("runs.csv", &runs);
    world.file("errors.csv", &errors);
    let told = |toml: &str, exit: i32| {
        world.file("m.toml", toml);
        let answer = world.run(&["map", "--check", "m.toml", "runs.csv"]);
        assert_eq!(answer.exit, exit, "{}{}", answer.stdout, answer.stderr);
        answer.stdout
    };
    let right = told(&mapping("etl", "from", "to", "min", "PROD"), 0);
    assert!(!right.contains("Doubts"), "{right}");
    for (toml, doubt) in [
        (
            mapping("etl", "to", "from", "min", "PROD"),
            "9 of 9 runs and steps end before they begin",
        ),
        (
            mapping("etl", "from", "to", "s", "PROD"),
            "9 of 9 reported durations are far from what lies between begin and end",
        ),
        (
            mapping("etl", "from", "to", "min", "BATCH"),
            "18 rows are of no known environment: `BATCH` is no word of [environments]",
        ),
    ] {
        let told = told(&toml, 1);
        assert!(told.contains("\nDoubts\n  1. "), "{told}");
        assert!(told.contains(doubt), "{told}");
    }
    // Ids that begin anew each day speak against nothing.
    let again = |days: &mut dyn Iterator<Item = i32>| {
        let day = |day| format!("1;load;2026-01-0{day} 02:00:00;2026-01-0{day} 02:30:00;30\n");
        "id;job;from;to;took\n".to_owned() + &days.map(day).collect::<String>()
    };
    for text in [again(&mut (1..=9)), again(&mut (1..=9).rev())] {
        world.file("runs.csv", &text);
        let told = told(&mapping("etl", "from", "to", "min", "PROD"), 0);
        assert!(!told.contains("Doubts"), "{told}");
    }
    world.file("runs.csv", &runs);
    let folder = world.file(
        "maps/runs.toml",
        &mapping("etl", "from", "to", "min", "PROD"),
    );
    world.file(
        "maps/errors.toml",
        "name = \"errors\"\nsystem = \"other\"\nzone = \"Europe/Paris\"\n\n[run]\njob = \"job\"\nrun_id = \"id\"\n\
         environment = { constant = \"PROD\" }\n\n[[error]]\nmoment = \"at\"\nmessage = \"text\"\n",
    );
    let folder = folder
        .parent()
        .and_then(std::path::Path::to_str)
        .expect("UTF-8");
    let answer = world.run(&["map", "--check", folder, "runs.csv", "errors.csv"]);
    let doubt = "9 of 9 runs with errors are not in the run log: their ids are there under another `system`";
    assert!(
        answer.stdout.contains(doubt),
        "{}{}",
        answer.stdout,
        answer.stderr
    );
}

#[test]
fn nothing_is_overwritten_without_being_asked_for() {
    let world = World::new();
    world.file("suivi.csv", RUNS);
    let path = world.file("m.toml", "mine");
    let answer = world.run(&["map", "suivi.csv", "-o", "m.toml"]);
    assert_eq!(answer.exit, 2, "{}", answer.stderr);
    assert!(answer.stderr.contains("--force"), "{}", answer.stderr);
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "mine");
    let answer = world.run(&["map", "suivi.csv", "-o", "m.toml", "--force"]);
    assert_eq!(answer.exit, 1, "{}", answer.stderr);
    assert_ne!(std::fs::read_to_string(&path).expect("it is there"), "mine");
}

#[test]
fn no_secret_is_shown_or_written() {
    let world = World::new();
    world.file("suivi.csv", RUNS);
    let answer = world.run(&["map", "suivi.csv"]);
    assert!(answer.stdout.contains("ORA-12541") || answer.stderr.contains("ORA-12541"));
    for text in [&answer.stdout, &answer.stderr] {
        assert!(!text.contains("S3cretMap7"), "{text}");
    }
}

/// Without a column that tells runs apart, the begin does: no job has it twice.
#[test]
fn runs_without_an_id() {
    let world = World::new();
    let mut text = "nom_traitement,date_debut,date_fin,statut\n".to_owned();
    for day in 1..=9 {
        for (job, hour) in [("VENTES", 1), ("STOCKS", 2)] {
            let day = format!("2026-03-0{day} 0{hour}");
            text += &[job, ",", &day, ":00:00,", &day, ":05:09,OK\n"].concat();
        }
    }
    world.file("runs.csv", &text);
    let answer = world
        .run(&[
            "map",
            "runs.csv",
            "--timezone",
            "UTC",
            "--environment",
            "PROD",
        ])
        .done();
    assert!(
        answer.stdout.contains("run_id = \"date_debut\""),
        "{}",
        answer.stdout
    );
    assert!(
        answer
            .stdout
            .contains("environment = { constant = \"PROD\" }"),
        "{}",
        answer.stdout
    );
    assert!(
        answer.stderr.contains("Which column tells runs apart?"),
        "{}",
        answer.stderr
    );
}

#[test]
fn a_folder_names_the_environment() {
    let world = World::new();
    world.file(
        "logs/RECETTE/suivi.csv",
        &RUNS
            .replace("Environnement", "Service")
            .replace(";PROD;", ";achats;"),
    );
    let map = ["map", "logs", "-o", "m.toml", "--timezone", "Europe/Paris"];
    let answer = world.run(&map);
    assert_eq!(answer.exit, 1, "{}", answer.stderr);
    let toml = std::fs::read_to_string(world.home.path().join("m.toml")).expect("it was written");
    assert!(toml.contains("path = \"{environment}/\""), "{toml}");
}

#[test]
fn what_is_no_log_is_refused() {
    let world = World::new();
    let files = [
        (
            "releve.csv",
            "Date;Libellé;Débit;Crédit;Solde\n02/03/2026;CARTE BOULANGERIE;4,20;;1200,10\n03/03/2026;VIREMENT SALAIRE MARS;;2100,00;3300,10\n\
             04/03/2026;PRLV ELECTRICITE;61,13;;3238,97\n",
        ),
        (
            "sales.csv",
            "order_id,customer,product,quantity,price,order_date\n1,Smith,Chair,2,49.90,2026-01-05\n2,Jones,Table,1,129.00,2026-01-06\n\
             3,Smith,Lamp,4,19.90,2026-01-09\n",
        ),
        (
            "contacts.csv",
            "nom,prenom,mail,ville\nDurand,Anne,anne@example.org,Lille\nMartin,Paul,paul@example.org,Brest\n",
        ),
        (
            "meteo.csv",
            "station;date;temperature;pluie\nLILLE;2026-01-01 00:00:00;3.1;0\nLILLE;2026-01-01 01:00:00;2.9;0.2\nBREST;2026-01-01 00:00:00;9.0;1.2\n",
        ),
        (
            "novel.txt",
            "It was a dark night, and the rain fell in torrents, except at times.\nThen it was checked by a gust of wind, which swept up the streets.\n",
        ),
        (
            "access.csv",
            "ip,time,method,path,status,bytes\n10.0.0.1,2026-01-01 00:00:01,GET,/index.html,200,512\n10.0.0.2,2026-01-01 00:00:02,GET,/a.png,404,0\n\
             10.0.0.1,2026-01-01 00:00:05,POST,/login,302,10\n",
        ),
    ];
    for (name, text) in files {
        world.file(name, text);
        let answer = world.run(&["map", name, "-o", "m.toml"]);
        assert_eq!(answer.exit, 2, "{name}: {}{}", answer.stdout, answer.stderr);
        assert!(
            answer.stderr.contains("no log of ETL jobs"),
            "{name}: {}",
            answer.stderr
        );
        assert!(!world.home.path().join("m.toml").exists(), "{name}");
    }
}

/// Among files that are logs, one that is none is left out and told.
#[test]
fn a_stranger_among_logs_is_left_out() {
    let world = World::new();
    world.file("suivi.csv", RUNS);
    world.file(
        "contacts.csv",
        "nom,prenom,ville\nDurand,Anne,Lille\nMartin,Paul,Brest\n",
    );
    let answer = world.run(&["map", "suivi.csv", "contacts.csv", "--lang", "en"]);
    assert_eq!(answer.exit, 1, "{}", answer.stderr);
    let told = "contacts.csv: no log of jobs, left out: no column holds times";
    assert!(answer.stderr.contains(told), "{}", answer.stderr);
    assert!(!answer.stdout.contains("[[mapping]]"), "{}", answer.stdout);
}

/// Chains that start jobs, and the errors of these jobs in a file of their own; `mother`: whether that file names the chain too.
fn chains(world: &World, mother: bool) {
    let mut runs =
        "No exécution;No exécution mère;Traitement;Environnement;Début;Fin;Statut\n".to_owned();
    let mut errors = "Horodatage,Gravité,No exécution,Traitement,Environnement,Message".to_owned();
    errors += if mother {
        ",No exécution mère\n"
    } else {
        "\n"
    };
    for night in 1..=9 {
        for (chain, jobs) in [
            ("CH_VENTES", ["VTE_A", "VTE_B", "VTE_C"]),
            ("CH_STOCKS", ["STK_A", "STK_B", "STK_C"]),
        ] {
            let id = if chain == "CH_VENTES" {
                night * 100
            } else {
                5_000 + night * 100
            };
            let fails = night % 3 == 0;
            let said = if fails { "KO" } else { "OK" };
            let row = |id: u32, above: &str, job: &str, from: u32, to: u32, said: &str| {
                format!(
                    "{id};{above};{job};PROD;0{night}/03/2026 01:{from:02}:00;0{night}/03/2026 01:{to:02}:30;{said}\n"
                )
            };
            runs += &row(id, "", chain, 0, 40, said);
            for (at, job) in (1..).zip(jobs) {
                let said = if fails && at == 2 { "KO" } else { "OK" };
                runs += &row(id + at, &id.to_string(), job, at * 10, at * 10 + 8, said);
                if said == "KO" {
                    let above = if mother {
                        format!(",{id}")
                    } else {
                        String::new()
                    };
                    let _ = writeln!(
                        errors,
                        "0{night}/03/2026 01:28:29,ERREUR,{},{job},PROD,ORA-12541: TNS:no listener sur le serveur ora{night}{above}",
                        id + at
                    );
                }
            }
        }
    }
    world.file("suivi.csv", &runs);
    world.file("erreurs.csv", &errors);
}

const MAP_CHAINS: [&str; 7] = [
    "map",
    "suivi.csv",
    "erreurs.csv",
    "-o",
    "m.toml",
    "--timezone",
    "Europe/Paris",
];

/// Such errors are found by their moment.
#[test]
fn errors_whose_tree_nobody_names_are_told_and_come_to_their_runs() {
    let (database, world) = place();
    chains(&world, false);
    let answer = world.run(&MAP_CHAINS).done();
    let said = answer.stderr.replace('\n', " ");
    let told = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("Does no column say `root_run_id`?"), "{told}");
    six_nights_failed_for_their_child(&database, &world);
}

fn six_nights_failed_for_their_child(database: &smartetl_testkit::TestDatabase, world: &World) {
    let load = [
        "load",
        "--mapping",
        "m.toml",
        "--as-of",
        "2026-03-10T08:00:00Z",
        "suivi.csv",
        "erreurs.csv",
    ];
    world.run(&load).done();
    let count = |condition: &str| {
        number(
            &database.url,
            &format!("SELECT count(*) FROM dataset WHERE {condition}"),
        )
    };
    assert_eq!(count("true"), 72);
    assert_eq!(
        count("is_root AND status = 'failed' AND category = 'connection'"),
        6
    );
}

#[test]
fn the_column_that_says_the_tree_in_the_run_log_says_it_in_the_error_log_too() {
    let (database, world) = place();
    chains(&world, true);
    world.run(&MAP_CHAINS).done();
    six_nights_failed_for_their_child(&database, &world);
    let other = world.run(&[
        "load",
        "--mapping",
        "m.toml",
        "--timezone",
        "Asia/Tokyo",
        "suivi.csv",
    ]);
    assert_eq!(other.exit, 2, "{}", other.stdout);
    assert!(
        other.stderr.contains("leave out --timezone"),
        "{}",
        other.stderr
    );
}
/// Headings hold what people write into them; what stands below shows that they are headings.
#[test]
fn headings_of_any_signs() {
    let world = World::new();
    let text = RUNS
        .replace("Durée (s)", "durée [s]")
        .replace("Début;Fin", "Début : heure;\"fin\nde l'exécution\"")
        .replace("Statut", "OK/KO ?")
        .replace("Gelé", "Terminé");
    world.file("suivi.csv", &text);
    let zone = ["--timezone", "Europe/Paris", "--environment", "PROD"];
    world
        .run(&[&["map", "suivi.csv", "-o", "m.toml"], &zone[..]].concat())
        .done();
    let checked = world.run(&["map", "--check", "m.toml", "suivi.csv"]).done();
    assert!(checked.stdout.contains("9 records"), "{}", checked.stdout);
}

/// A file whose first record is not taken for a header says how to say so, and the proposed commands repeat it.
#[test]
fn what_was_not_recognised_can_be_said() {
    let world = World::new();
    let text = RUNS.replace("No exécution", "2026");
    world.file("suivi.csv", &text);
    world.file("days.csv", "Nom;2026\nA;3\nB;4\n");
    let refused = world.run(&["map", "days.csv", "--lang", "en"]);
    assert_eq!(refused.exit, 2, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("give --header true"),
        "{}",
        refused.stderr
    );
    let map = [
        "map",
        "suivi.csv",
        "-o",
        "m.toml",
        "--timezone",
        "Europe/Paris",
        "--lang",
        "en",
    ];
    let form = ["--header", "true", "--delimiter", ";"];
    let answer = world.run(&[&map[..], &form].concat());
    assert_eq!(answer.exit, 1, "{}", answer.stderr);
    let toml = std::fs::read_to_string(world.home.path().join("m.toml")).expect("it was written");
    assert!(toml.contains("job = \"Traitement\""), "{toml}");
    for command in [
        "map --check m.toml --delimiter ';' --header true suivi.csv",
        "load --mapping m.toml --delimiter ';' --header true suivi.csv",
    ] {
        assert!(toml.contains(command), "{toml}");
        assert!(answer.stderr.contains(command), "{}", answer.stderr);
    }
    let unsaid = world.run(&["load", "--dry-run", "--mapping", "m.toml", "suivi.csv"]);
    let told = unsaid.stdout + &unsaid.stderr;
    assert!(told.contains("--header true"), "{told}");
}

/// The form of times goes into the mapping.
#[test]
fn the_form_of_times_can_be_said() {
    let world = World::new();
    let text: String = RUNS
        .lines()
        .filter(|line| !line.contains("16/03"))
        .map(|line| format!("{line}\n"))
        .collect();
    world.file("suivi.csv", &text);
    let map = ["map", "suivi.csv", "--time-format", "mdy", "--lang", "en"];
    let answer = world.run(&map);
    assert!(
        answer.stdout.contains("time_format = \"mdy\""),
        "{}",
        answer.stdout
    );
    assert!(
        !answer.stderr.contains("Does the day or the month"),
        "{}",
        answer.stderr
    );
    let wrong = world.run(&["map", "suivi.csv", "--time-format", "soon"]);
    assert_eq!(wrong.exit, 2, "{}", wrong.stderr);
    assert!(wrong.stderr.contains("--time-format"), "{}", wrong.stderr);
}

/// Passwords that stand in a column of their own are neither shown nor taken for something that is stored word for word.
#[test]
fn credentials_identify_nothing() {
    let world = World::new();
    let mut lines = RUNS.lines();
    let mut text = format!("{};conn\n", lines.next().expect("a header"));
    for line in lines {
        let conn = if line.contains("VENTES") {
            "svc:Tr0ub4dor@db1"
        } else {
            "svc:Zx8#correct@db2"
        };
        text += &[line, ";", conn, "\n"].concat();
    }
    world.file("suivi.csv", &text);
    let answer = world.run(&["map", "suivi.csv", "--timezone", "Europe/Paris"]);
    assert_eq!(answer.exit, 1, "{}", answer.stderr);
    for told in [&answer.stdout, &answer.stderr] {
        assert!(!told.contains("Tr0ub4dor"), "{told}");
        assert!(!told.contains("Zx8#correct"), "{told}");
    }
    assert!(!answer.stdout.contains("= \"conn\""), "{}", answer.stdout);
}

/// What only its values speak for is asked about.
#[test]
fn ids_by_values_alone_are_asked_about() {
    let world = World::new();
    let mut lines = RUNS.lines();
    let mut text = format!("{};xyz\n", lines.next().expect("a header"));
    for line in lines {
        let id = if line.contains("VENTES") { "17" } else { "18" };
        text += &[line, ";", id, "\n"].concat();
    }
    world.file("suivi.csv", &text);
    let answer = world.run(&["map", "suivi.csv", "--lang", "en"]);
    let is_taken = answer.stdout.contains("job_id = \"xyz\"");
    let is_asked = answer.stderr.contains("Is `xyz` really job_id?");
    assert!(is_taken && is_asked, "{}{}", answer.stdout, answer.stderr);
}

/// No line of a mapping comes from the name of a file or column.
#[cfg(unix)]
#[test]
fn names_with_line_ends_add_no_lines() {
    let world = World::new();
    let evil = "runs\nzone = \"Asia/Tokyo\"\n#\u{1b}[2J.csv";
    let text = RUNS.replace("Durée (s)", "\"Durée\nsystem = \"\"evil\"\"\n(s)\"");
    world.file(evil, &text);
    let answer = world.run(&["map", evil, "--lang", "en"]);
    assert_eq!(answer.exit, 1, "{}", answer.stderr);
    for line in answer.stdout.lines() {
        assert!(!line.starts_with("zone = \"Asia/Tokyo\""), "{line}");
        assert!(!line.starts_with("system = \"evil\""), "{line}");
    }
    for told in [&answer.stdout, &answer.stderr] {
        assert!(!told.contains('\u{1b}'), "{told:?}");
    }
}

/// A zone that nobody chose is no key before it is answered.
#[test]
fn a_zone_for_want_of_another_is_only_asked_for() {
    let said = "zone = \"Europe/Paris\"";
    let world = World::new().set("TZ", "Etc/UTC");
    world.file("suivi.csv", RUNS);
    let answer = world.run(&["map", "suivi.csv", "--lang", "en"]);
    let mut lines = answer.stdout.lines();
    assert!(
        lines.any(|line| line.starts_with("# zone = \"Etc/UTC\"")),
        "{}",
        answer.stdout
    );
    assert!(!answer.stdout.contains("\nzone = "), "{}", answer.stdout);
    assert!(
        answer.stderr.contains("nobody chose one"),
        "{}",
        answer.stderr
    );
    for given in [
        world.run(&["map", "suivi.csv", "--timezone", "Europe/Paris"]),
        World::new().in_paris().run(&[
            "map",
            world.home.path().join("suivi.csv").to_str().expect("UTF-8"),
        ]),
    ] {
        assert!(
            given.stdout.lines().any(|line| line.starts_with(said)),
            "{}",
            given.stdout
        );
    }
    let given = world.run(&["map", "suivi.csv", "--timezone", "UTC"]);
    assert!(
        given.stdout.contains("\nzone = \"UTC\""),
        "{}",
        given.stdout
    );
}

/// Milliseconds with groups of thousands look like seconds with decimals: a person is asked.
#[test]
fn a_unit_that_its_name_contradicts_is_asked_about() {
    let world = World::new();
    let mut text = "run_id,job,start,end,duration_ms,status\n".to_owned();
    for run in 1..=9 {
        let millis = format!("{},000", 600 + run * 60);
        let day = format!("2026-03-0{run}");
        let record = format!("r{run},LOAD,{day} 01:00:00,{day} 01:1{run}:00,\"{millis}\",OK\n");
        text += &record;
    }
    world.file("runs.csv", &text);
    let answer = world.run(&["map", "runs.csv", "--timezone", "UTC", "--lang", "en"]);
    assert!(
        answer
            .stderr
            .contains("In which unit is `duration_ms`? Its name says \"ms\""),
        "{}{}",
        answer.stdout,
        answer.stderr
    );
    assert!(answer.stdout.contains("unit = \"s\""), "{}", answer.stdout);
}

/// A run log with states and return codes, as schedulers write it: run, job, state, code.
fn scheduler(rows: &[(&str, &str, &str, &str)]) -> String {
    let mut text = "run_id;job;start;end;status;return_code\n".to_owned();
    for (number, (run, job, status, code)) in rows.iter().enumerate() {
        let at = format!("2026-03-0{} 0{}", 1 + number / 3, 1 + number % 3);
        let _ = writeln!(text, "{run};{job};{at}:00:00;{at}:10:00;{status};{code}");
    }
    text
}

/// A warning is a success with something to see to, whatever the tool calls it.
#[test]
fn a_state_that_warns_is_a_success_with_a_warning() {
    let (database, world) = place();
    let words = [
        "OK",
        "WARNING",
        "completed with warnings",
        "Completed without warnings",
        "FAILED",
        "Terminé avec avertissements",
        "OK",
        "OK",
        "OK",
    ];
    let runs: Vec<String> = (1..=words.len())
        .map(|number| format!("r{number}"))
        .collect();
    let rows: Vec<_> = runs
        .iter()
        .zip(words)
        .map(|(run, word)| (run.as_str(), "LOAD", word, ""))
        .collect();
    world.file("runs.csv", &scheduler(&rows));
    let map = ["map", "runs.csv", "-o", "m.toml", "--environment", "PROD"];
    world.run(&map).done();
    world
        .run(&[
            "load",
            "--mapping",
            "m.toml",
            "runs.csv",
            "--as-of",
            "2026-03-05T00:00:00Z",
        ])
        .done();
    for (run, word) in runs.iter().zip(words) {
        let outcome = match word {
            "FAILED" => "failed",
            "OK" | "Completed without warnings" => "success",
            _ => "success_with_warnings",
        };
        let found = format!(
            "SELECT count(*) FROM dataset WHERE run_id = '{run}' AND outcome = '{outcome}'"
        );
        assert_eq!(number(&database.url, &found), 1, "{word} is no {outcome}");
    }
    let told = "SELECT count(*) FROM logerreur WHERE severity = 'warning' AND message = 'completed with warnings'";
    assert_eq!(number(&database.url, told), 1);
}

/// The error log tells why a run failed; the return code beside its state is not a second error.
#[test]
fn a_return_code_is_no_second_error_where_an_error_log_tells_the_first() {
    let (database, world) = place();
    let mut rows = Vec::new();
    let runs: Vec<String> = (1..=9).map(|number| format!("r{number}")).collect();
    for (number, run) in runs.iter().enumerate() {
        let is_bad = number % 4 == 1;
        let (status, code) = if is_bad { ("FAILED", "8") } else { ("OK", "0") };
        rows.push((run.as_str(), "LOAD", status, code));
    }
    world.file("runs.csv", &scheduler(&rows));
    let mut errors = "run_id;job;time;severity;error_code;message\n".to_owned();
    for (number, run) in runs
        .iter()
        .enumerate()
        .filter(|(number, _)| number % 4 == 1)
    {
        let at = format!("2026-03-0{} 0{}:09:59", 1 + number / 3, 1 + number % 3);
        let _ = writeln!(
            errors,
            "{run};LOAD;{at};ERROR;ORA-12541;ORA-12541: TNS:no listener {number}"
        );
    }
    world.file("errors.csv", &errors);
    let map = [
        "map",
        "runs.csv",
        "errors.csv",
        "-o",
        "m.toml",
        "--environment",
        "PROD",
    ];
    let mapped = world.run(&map);
    let toml = std::fs::read_to_string(world.home.path().join("m.toml"))
        .unwrap_or_else(|_| panic!("{}", mapped.stderr));
    assert!(toml.contains("no error rows of return codes"), "{toml}");
    world
        .run(&[
            "load",
            "--mapping",
            "m.toml",
            "runs.csv",
            "errors.csv",
            "--as-of",
            "2026-03-05T00:00:00Z",
        ])
        .done();
    let once = "SELECT count(*) FROM dataset WHERE status = 'failed' AND errors = 1 AND error_rows = 1 AND category = 'connection'";
    assert_eq!(number(&database.url, once), 2);
    assert_eq!(
        number(
            &database.url,
            "SELECT count(*) FROM logerreur WHERE error_code = 'ORA-12541'"
        ),
        2
    );
    // Alone, the code is all that is known of the failure.
    let alone = world.run(&["map", "runs.csv", "--environment", "PROD"]);
    assert!(
        alone.stdout.contains("error_code = \"return_code\""),
        "{}",
        alone.stdout
    );
}

/// Where a failure takes the place of the end, it is the end, and an error where it says why.
#[test]
fn a_run_that_failed_has_ended() {
    let (database, world) = place();
    let mut text = String::new();
    for (run, task, state, error) in [
        ("R-1", "load_customers", "finished", ""),
        (
            "R-2",
            "load_orders",
            "failed",
            "ORA-00001: unique constraint violated",
        ),
        ("R-3", "load_customers", "finished", ""),
        ("R-4", "load_stock", "failed", "ORA-12541: no listener"),
    ] {
        for (minute, state, error) in [(0, "started", ""), (5, state, error)] {
            let error = match error {
                "" => String::new(),
                error => format!(r#","error":"{error}""#),
            };
            let _ = writeln!(
                text,
                r#"{{"run":"{run}","task":"{task}","state":"{state}","ts":"2026-03-01T01:{minute:02}:00Z","env":"prod"{error}}}"#
            );
        }
    }
    world.file("runs.jsonl", &text);
    world.run(&["map", "runs.jsonl", "-o", "m.toml"]).done();
    let load = [
        "load",
        "--mapping",
        "m.toml",
        "runs.jsonl",
        "--as-of",
        "2026-03-05T00:00:00Z",
    ];
    world.run(&load).done();
    let of = |what: &str| {
        number(
            &database.url,
            &format!("SELECT count(*) FROM dataset WHERE {what}"),
        )
    };
    assert_eq!(of("status = 'success'"), 2);
    assert_eq!(
        of("status = 'failed' AND ended_at IS NOT NULL AND category IS NOT NULL"),
        2
    );
    assert_eq!(number(&database.url, "SELECT count(*) FROM logerreur"), 2);
}
