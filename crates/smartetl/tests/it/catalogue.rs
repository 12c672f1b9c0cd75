//! `jobs`, and the catalogue that people export, correct and import; deadlines follow from it.

use crate::company::Company;
use crate::looking::Looked;
use crate::running::Up;
use crate::samples::{COLUMNS, ERROR_COLUMNS};
use crate::support::{World, check, place};
use crate::tables::{assert_same_content, number, rows};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const AS_OF: &str = "2026-01-08T00:00:00Z";

/// A run that belongs to nobody else: begin and end on a night of January 2026.
fn run(job: &str, context: &str, at: &str, until: &str) -> String {
    let id = format!("{job}{}", at.replace([' ', ':', '-'], ""));
    let who = format!("{id};{id};{id};1;SALES;{job};_{job};0.1;{context};");
    format!("2026-01-{at}:00;{who};begin;;\n2026-01-{until}:00;{who};end;success;60000\n")
}

/// Two jobs in PROD, one of which is also in DEV.
fn three_jobs(world: &World) {
    let mut text = COLUMNS.to_owned();
    for day in ["05", "06", "07"] {
        text += &run(
            "J_STOCK",
            "PROD",
            &format!("{day} 02:00"),
            &format!("{day} 06:30"),
        );
        text += &run(
            "J_VENTES",
            "PROD",
            &format!("{day} 03:00"),
            &format!("{day} 04:00"),
        );
    }
    text += &run("J_STOCK", "DEV", "06 10:00", "06 10:05");
    world.file("logs/stats.csv", &text);
    world.run(&["load", "--as-of", AS_OF, "logs"]).done();
}

/// Deadline and lateness of a job's days in PROD.
fn due(url: &str, job: &str) -> Vec<Vec<String>> {
    rows(
        url,
        &format!(
            "SELECT ARRAY[business_day::text, to_char(deadline_at AT TIME ZONE 'UTC', 'DD HH24:MI'), late_ms::text]
             FROM job_day WHERE job = '{job}' AND environment = 'PROD' ORDER BY business_day"
        ),
    )
}

#[test]
fn a_list_as_a_french_spreadsheet_keeps_it() {
    let (database, world) = place();
    three_jobs(&world);
    let list = "Responsable;Échéance;Job;Environnement;Criticité;Budget;Domaine\r\n\
                Équipe stocks;6h00;J_STOCK;prod;Vital;12;Logistique\r\n\
                ;22:30;j_ventes;PROD;2;;Ventes\r\n\
                -;;J_STOCK;DEV;;;\r\n";
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(list);
    std::fs::write(world.home.path().join("jobs.csv"), bytes).expect("a list");
    check!(world, "jobs", "import", "jobs.csv", "--dry-run");
    assert_eq!(
        number(
            &database.url,
            "SELECT count(*) FROM job WHERE owner IS NOT NULL"
        ),
        0
    );
    check!(world, "jobs", "import", "jobs.csv");
    let late = |day: &str, late: &str| {
        [
            format!("2026-01-{day}"),
            format!("{day} 05:00"),
            late.to_owned(),
        ]
    };
    let expected = ["05", "06", "07"].map(|day| late(day, "1800000").to_vec());
    assert_eq!(due(&database.url, "J_STOCK"), expected);
    // From the border on a deadline is that of the evening before.
    let evening = ["05", "06", "07"].map(|day| {
        let before: u32 = day.parse::<u32>().expect("a number") - 1;
        vec![
            format!("2026-01-{day}"),
            format!("{before:02} 21:30"),
            "19800000".to_owned(),
        ]
    });
    assert_eq!(due(&database.url, "J_VENTES"), evening);
    // Again nothing changes; a stroke clears.
    let again = world.run(&["jobs", "import", "jobs.csv"]).done().stdout;
    assert!(again.contains("3 jobs, 0 changed"), "{again}");
    world.file("clear.csv", "job,environment,deadline\nJ_STOCK,PROD,-\n");
    let cleared = world
        .run(&["jobs", "import", "clear.csv", "--format", "json"])
        .done()
        .stdout;
    let cleared: Value = serde_json::from_str(&cleared).expect("JSON");
    assert_eq!(cleared["changed"][0]["changes"][0]["from"], "06:00");
    assert_eq!(cleared["days_changed"], 3);
    assert_eq!(due(&database.url, "J_STOCK")[0][1..], ["", ""]);
    world.run(&["verify", "--recompute"]).done();
    check!(world, "jobs", "--environment", "PROD", "--lang", "fr");
}

#[test]
fn a_wrong_line_is_told_with_its_place_and_nothing_is_stored() {
    let (database, world) = place();
    three_jobs(&world);
    world.file(
        "jobs.csv",
        "environment;job;deadline;criticality;owner;colour\n\
         PROD;J_VENTES;25:00;5;ann\n\
         PROD;J_STOCK;06:00;1;bob\n\
         PROD;J_NOBODY;06:00\n\
         ;J_STOCK;07:00\n\
         PROD;J_STOCK;08:00\n\
         DEV;J_VENTES;08:00\n\
         DEV;J_STOCK;;;postgresql://ann:s3cret@db/sales\n",
    );
    check!(world, "jobs", "import", "jobs.csv");
    let said = "SELECT count(*) FROM job WHERE num_nonnulls(deadline, owner, criticality) > 0";
    assert_eq!(number(&database.url, said), 0);
    let partly = world.run(&["jobs", "import", "jobs.csv", "--partial"]);
    assert_eq!(partly.exit, 1, "{}", partly.stdout);
    assert!(
        partly
            .stdout
            .contains("J_STOCK in PROD: owner (nothing) → bob"),
        "{}",
        partly.stdout
    );
    assert_eq!(number(&database.url, said), 1);
    world.file("people.csv", "name;age\nann;31\n");
    check!(world, "jobs", "import", "people.csv");
}

#[test]
fn what_was_exported_changes_nothing() {
    let looked = Looked::new();
    let (url, world) = (&looked.database.url, &looked.world);
    let said = "UPDATE job SET family = 'F;\"x\"', owner = ' a, b ', domain = E'two\\nlines', deadline = '06:30:15.5',
                criticality = 2, retired_at = '2026-01-05 11:12:13.123456Z', calendar = '-'
                WHERE job = (SELECT min(job) FROM job)";
    world.run(&["sql", "--write", said]).done();
    world
        .run(&["fuse", "--full", "--as-of", &looked.company.as_of])
        .done();
    let before = rows(url, "SELECT ARRAY[to_jsonb(job)::text] FROM job ORDER BY 1");
    for lang in ["en", "fr"] {
        let file = format!("jobs_{lang}.csv");
        world
            .run(&["jobs", "export", "-o", &file, "--lang", lang])
            .done();
        let told = world.run(&["jobs", "import", &file]).done().stdout;
        assert!(told.contains(", 0 changed"), "{told}");
    }
    assert_eq!(
        rows(url, "SELECT ARRAY[to_jsonb(job)::text] FROM job ORDER BY 1"),
        before
    );
    let there = world.run(&["jobs", "export", "-o", "jobs_en.csv"]);
    assert_eq!(there.exit, 2, "{}", there.stdout);
    let json: Value = serde_json::from_str(
        &world
            .run(&["jobs", "export", "--format", "json"])
            .done()
            .stdout,
    )
    .expect("JSON");
    assert_eq!(json.as_array().map(Vec::len), Some(before.len()));
}

/// What a person wrote survives whatever a fuse does, also when all runs go and come again.
#[test]
fn a_family_that_a_person_wrote_stays() {
    let (database, world) = place();
    three_jobs(&world);
    world.file("jobs.csv", "job,environment,famille\nJ_STOCK,PROD,Stocks\n");
    world.run(&["jobs", "import", "jobs.csv"]).done();
    let families = || {
        rows(
            &database.url,
            "SELECT ARRAY[job, environment, family] FROM job ORDER BY job, environment DESC",
        )
    };
    let expected = |stays: &[[&str; 3]]| {
        let all = stays.iter().map(|job| job.map(str::to_owned).to_vec());
        all.collect::<Vec<_>>()
    };
    let all = [
        ["J_STOCK", "PROD", "Stocks"],
        ["J_STOCK", "DEV", "J_STOCK"],
        ["J_VENTES", "PROD", "J_VENTES"],
    ];
    assert_eq!(families(), expected(&all));
    world.run(&["fuse", "--full", "--as-of", AS_OF]).done();
    assert_eq!(families(), expected(&all));
    world
        .run(&["unload", "logs/stats.csv", "--as-of", AS_OF])
        .done();
    assert_eq!(families(), expected(&all[..1]));
    world.run(&["load", "--as-of", AS_OF, "logs"]).done();
    assert_eq!(families(), expected(&all));
    world.file("back.csv", "job,environment,family\nJ_STOCK,PROD,-\n");
    world.run(&["jobs", "import", "back.csv"]).done();
    world
        .run(&["unload", "logs/stats.csv", "--as-of", AS_OF])
        .done();
    assert_eq!(families(), expected(&[]));
}

/// Deadlines at all hours for all jobs of a list.
fn deadlines_for_all(world: &World) {
    let list = world
        .run(&["jobs", "export", "--format", "json"])
        .done()
        .stdout;
    let list: Value = serde_json::from_str(&list).expect("JSON");
    let mut text = "environment,project,job,system,deadline\n".to_owned();
    let hours = ["02:30", "06:00", "18:00", "23:15", "03:00", "17:59"];
    for (job, hour) in list
        .as_array()
        .expect("a list")
        .iter()
        .zip(hours.iter().cycle())
    {
        let name = |name: &str| job[name].as_str().unwrap_or_default().to_owned();
        let key = ["environment", "project", "job", "system"]
            .map(name)
            .join(",");
        let _ = writeln!(text, "{key},{hour}");
    }
    world.file("jobs.csv", &text);
    world.run(&["jobs", "import", "jobs.csv"]).done();
}

#[test]
fn deadlines_hold_in_nights_in_which_the_clock_changes() {
    for start in ["2024-03-20", "2024-10-16"] {
        let company = Company::simulate(&[
            "--jobs", "12", "--days", "20", "--seed", "7", "--start", start,
        ]);
        let (database, world) = place();
        let logs = company.logs.to_str().expect("UTF-8");
        world
            .run(&["load", "--as-of", &company.as_of, "--allow-rejects", logs])
            .done();
        deadlines_for_all(&world);
        let with_deadline = number(
            &database.url,
            "SELECT count(*) FROM job_day WHERE deadline_at IS NOT NULL",
        );
        assert_eq!(
            with_deadline,
            number(&database.url, "SELECT count(*) FROM job_day")
        );
        assert!(
            number(
                &database.url,
                "SELECT count(*) FROM job_day WHERE late_ms > 0"
            ) > 0
        );
        // Computed again in another way.
        world.run(&["verify", "--recompute"]).done();
        world
            .run(&["fuse", "--full", "--as-of", &company.as_of])
            .done();
        world.run(&["verify", "--recompute"]).done();
        for spoiled in [
            "deadline_at = deadline_at + interval '1 hour'",
            "late_ms = 1 + coalesce(late_ms, 0)",
        ] {
            let change = format!(
                "UPDATE job_day SET {spoiled} WHERE ctid = (SELECT ctid FROM job_day LIMIT 1)"
            );
            world.run(&["sql", "--write", &change]).done();
            let found = world.run(&["verify", "--recompute"]);
            assert_eq!(found.exit, 1, "{}", found.stdout);
            assert!(
                found.stdout.contains("not what the catalogue says"),
                "{}",
                found.stdout
            );
            world
                .run(&["fuse", "--full", "--as-of", &company.as_of])
                .done();
        }
    }
}

/// A deadline holds for days before and behind its import alike.
#[test]
fn loading_and_importing_can_change_places() {
    let company = Company::simulate(&["--jobs", "15", "--days", "30", "--seed", "9"]);
    let files: Vec<String> = company
        .files()
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let load = |world: &World, files: &[String]| {
        let files = files.iter().map(String::as_str);
        let load = ["load", "--as-of", &company.as_of, "--allow-rejects"];
        let arguments: Vec<&str> = load.into_iter().chain(files).collect();
        world.run(&arguments).done();
    };
    let (expected, first) = place();
    load(&first, &files);
    deadlines_for_all(&first);
    let list = std::fs::read_to_string(first.home.path().join("jobs.csv")).expect("a list");
    let (found, second) = place();
    let (some, others) = files.split_at(files.len() / 2);
    load(&second, some);
    second.file("jobs.csv", &list);
    // What is not seen yet is told, and the rest stored.
    second.run(&["jobs", "import", "jobs.csv", "--partial"]);
    load(&second, others);
    second.run(&["jobs", "import", "jobs.csv", "--partial"]);
    assert_same_content("import between two loads", &expected.url, &found.url);
    second.run(&["verify", "--recompute"]).done();
}

#[test]
fn another_configuration_says_nothing_about_stored_days() {
    let (_database, world) = place();
    three_jobs(&world);
    world.file("jobs.csv", "job,environment,deadline\nJ_STOCK,PROD,06:00\n");
    check!(
        world,
        "--set",
        "business_day.border=20:00",
        "jobs",
        "import",
        "jobs.csv"
    );
}

#[test]
fn what_jobs_say_is_what_truly_happened() {
    let looked = Looked::new();
    let url = &looked.database.url;
    let jobs = looked.json(&["jobs"]);
    let truth =
        std::fs::read_to_string(looked.company.truth.join("job_day.csv")).expect("the truth");
    let mut nights: BTreeMap<[String; 3], BTreeMap<String, String>> = BTreeMap::new();
    let mut newest: BTreeMap<String, String> = BTreeMap::new();
    for line in truth.lines().skip(1) {
        let values: Vec<&str> = line.split(',').collect();
        let key = [values[0], values[1], values[2]].map(str::to_owned);
        nights
            .entry(key)
            .or_default()
            .insert(values[3].to_owned(), values[9].to_owned());
        let last = newest.entry(values[0].to_owned()).or_default();
        *last = values[3].to_owned().max(last.clone());
    }
    let since = rows(
        url,
        "SELECT DISTINCT ON (environment, project, job) ARRAY[environment, project, job, runs_since_success::text]
         FROM run_history ORDER BY environment, project, job, started_at DESC, run_key DESC",
    );
    let since: BTreeMap<[String; 3], i64> = since
        .into_iter()
        .map(|row| {
            let runs = row[3].parse().expect("a number");
            ([row[0].clone(), row[1].clone(), row[2].clone()], runs)
        })
        .collect();
    let (mut rated, mut counted) = (0, 0);
    for job in jobs.as_array().expect("a list") {
        let key = ["environment", "project", "job"]
            .map(|name| job[name].as_str().unwrap_or_default().to_owned());
        let last: jiff::civil::Date = newest.get(&key[0]).map_or_else(
            || jiff::civil::date(1970, 1, 1),
            |day| day.parse().expect("a day"),
        );
        let first = last.saturating_sub(jiff::Span::new().days(29)).to_string();
        let days = nights.get(&key).into_iter().flatten();
        let verdicts: Vec<&str> = days
            .filter(|(day, _)| **day >= first)
            .map(|(_, verdict)| verdict.as_str())
            .filter(|verdict| ["ok", "recovered", "failed", "lost"].contains(verdict))
            .collect();
        let ok = verdicts.iter().filter(|verdict| **verdict == "ok").count();
        let rate = (verdicts.len() >= 3).then(|| ok as f64 / verdicts.len() as f64);
        let told = job["first_try_rate"].as_f64();
        assert_eq!(
            told.map(|rate| (rate * 1000.0).round()),
            rate.map(|rate| (rate * 1000.0).round()),
            "{job}"
        );
        rated += usize::from(rate.is_some_and(|rate| rate < 1.0));
        assert_eq!(
            job["runs_since_success"].as_i64(),
            Some(since.get(&key).copied().unwrap_or(0)),
            "{job}"
        );
        counted += usize::from(since.get(&key).is_some_and(|runs| *runs > 0));
    }
    assert!(rated > 2 && counted > 0, "{rated} {counted}");
    let roots = number(
        url,
        "SELECT count(DISTINCT (environment, project, job)) FROM dataset WHERE is_root",
    );
    assert_eq!(jobs.as_array().map(Vec::len), usize::try_from(roots).ok());
    let failed = looked.json(&["jobs", "--status", "failed"]);
    assert!(
        failed
            .as_array()
            .expect("a list")
            .iter()
            .all(|job| job["last_status"] == "failed")
    );
}

#[test]
fn contexts_without_an_environment_are_told_once_by_each_command() {
    let (_database, world) = place();
    let text = [
        COLUMNS,
        &run("J_STOCK", "Default", "05 02:00", "05 02:10"),
        &run("J_STOCK", "Default", "06 02:00", "06 02:10"),
        &run("J_VENTES", "Essai", "06 02:00", "06 02:10"),
    ];
    world.file("logs/stats.csv", &text.concat());
    world.file("logs/errors.csv", ERROR_COLUMNS);
    let told =
        "warning: 2 contexts are not mapped to an environment: Default (2 runs), Essai (1 run)\n";
    let load = world.run(&["load", "--as-of", AS_OF, "logs/stats.csv"]);
    assert!(load.stderr.contains(told), "{}", load.stderr);
    for command in [
        &["runs"][..],
        &["jobs"],
        &["status"],
        &["runs", "--format", "json"],
    ] {
        let answer = world.run(command);
        assert_eq!(
            answer.stderr.matches(told).count(),
            1,
            "{command:?}: {}",
            answer.stderr
        );
        let setting = "--set environments.PROD=prod,prd,production,default if";
        assert!(answer.stderr.contains(setting), "{}", answer.stderr);
        let quiet = world.run(&[command, &["--quiet"]].concat());
        assert_eq!(quiet.stderr, "", "{command:?}");
    }
    let up = Up::start(&world, &["logs"]);
    up.line(told.trim_end());
    up.stop();
    // The setting that is shown is one that helps.
    let setting = "environments.PROD=prod,prd,production,default,essai";
    world
        .run(&["--set", setting, "fuse", "--as-of", AS_OF])
        .done();
    assert_eq!(world.run(&["runs"]).stderr, "");
}

/// Nothing is ever due of a job that only others start.
#[test]
fn a_deadline_without_effect_is_told() {
    let (_database, world) = place();
    let mut text = COLUMNS.to_owned();
    for day in ["05", "06"] {
        let line = |run: &str, job: &str, time: &str, rest: &str| {
            format!(
                "2026-01-{day} {time};{run}{day};p{day};p{day};1;SALES;{job};_{job};0.1;PROD;;{rest}\n"
            )
        };
        text += &line("p", "J_PARENT", "02:00:00", "begin;;");
        text += &line("c", "J_CHILD", "02:00:10", "begin;;");
        text += &line("c", "J_CHILD", "02:01:00", "end;success;50000");
        text += &line("p", "J_PARENT", "02:02:00", "end;success;120000");
    }
    world.file("logs/stats.csv", &text);
    world.run(&["load", "--as-of", AS_OF, "logs"]).done();
    world.file(
        "jobs.csv",
        "job,deadline,owner\nJ_PARENT,06:00,ann\nJ_CHILD,05:00,\n",
    );
    for arguments in [
        &["jobs", "import", "jobs.csv", "--dry-run"][..],
        &["jobs", "import", "jobs.csv"],
    ] {
        let told = world.run(arguments).done().stdout;
        assert!(
            told.contains(
                "note: SALES/J_CHILD in PROD has only run in other jobs: its deadline has no effect"
            ),
            "{told}"
        );
        assert_eq!(told.matches("note: ").count(), 1, "{told}");
    }
    // It is told when it is said, and not for ever.
    let again = world.run(&["jobs", "import", "jobs.csv"]).done().stdout;
    assert!(!again.contains("note: "), "{again}");
}

/// A log has jobs too; what people say of them it has not.
#[test]
fn another_table_is_refused_by_its_headings_at_once() {
    let (_database, world) = place();
    three_jobs(&world);
    let refused = world.run(&["jobs", "import", "logs/stats.csv"]);
    assert_eq!((refused.exit, refused.stdout.as_str()), (2, ""));
    assert!(
        refused.stderr.lines().count() <= 6
            && refused.stderr.contains("none of those that can be changed")
            && refused
                .stderr
                .contains("family, source_app, domain, owner, criticality, deadline"),
        "{}",
        refused.stderr
    );
    let jobs: Vec<String> = (0..100)
        .map(|number| format!("J_NOBODY_{number},ann\n"))
        .collect();
    world.file("nobody.csv", &format!("job,owner\n{}", jobs.concat()));
    let wrong = world.run(&["jobs", "import", "nobody.csv"]);
    assert_eq!(wrong.exit, 1, "{}", wrong.stdout);
    assert_eq!(
        wrong.stdout.matches("no job is called").count(),
        20,
        "{}",
        wrong.stdout
    );
    assert!(
        wrong
            .stdout
            .contains("+ 80 more (all of them: --format json)"),
        "{}",
        wrong.stdout
    );
}
