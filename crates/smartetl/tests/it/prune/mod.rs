//! Old trees retire: what was folded from them stays, and the ledger goes on to account for their rows.

mod cases;
mod others;
mod upgrade;

use crate::adrift::Forgetful;
use crate::company::Company;
use crate::processes::Dice;
use crate::support::{World, place};
use crate::tables::{Row, content, number, rows};
use std::collections::BTreeMap;
use std::fmt::Write as _;

fn load(world: &World, as_of: &str, paths: &[&str]) {
    let load = [
        "load",
        "--allow-rejects",
        "--set",
        "load.batch_records=500",
        "--as-of",
        as_of,
    ];
    world.run(&[&load[..], paths].concat()).done();
}

fn prune(world: &World, as_of: &str, more: &[&str]) -> serde_json::Value {
    let prune = ["prune", "--format", "json", "--settled-after", "0"];
    let prune = [&prune[..], &["--as-of", as_of]].concat();
    let answer = world.run(&[&prune[..], more].concat()).done();
    serde_json::from_str(&answer.stdout).expect("JSON")
}

fn sure(world: &World) {
    world.run(&["verify", "--recompute"]).done();
}

/// All that the rows were folded into. Where errors without a tree stand is told only of trees that are folded.
fn folded(url: &str) -> BTreeMap<&'static str, Vec<Row>> {
    let mut content = content(url);
    content.retain(|table, _| !["log", "logerreur", "reject", "adrift"].contains(table));
    let runs = "SELECT ARRAY[(to_jsonb(t) - '{batches,fused_at,as_of,is_retired}'::text[])::text] FROM dataset t";
    content.insert("dataset", rows(url, runs));
    for rows in content.values_mut() {
        rows.sort();
    }
    content
}

/// Says which tables differ, not what a thousand rows are.
#[track_caller]
fn same(what: &str, expected: &BTreeMap<&'static str, Vec<Row>>, url: &str) {
    let found = folded(url);
    for (table, rows) in expected {
        let is = &found[table];
        let missing = rows.iter().filter(|row| !is.contains(row)).take(2);
        let extra = is.iter().filter(|row| !rows.contains(row)).take(2);
        let told: Vec<_> = missing
            .map(|row| ("-", row))
            .chain(extra.map(|row| ("+", row)))
            .collect();
        assert!(told.is_empty(), "{what}: {table}: {told:#?}");
    }
}

/// All is as it was after a prune, and after everything is folded again.
#[track_caller]
fn stays(before: &BTreeMap<&'static str, Vec<Row>>, url: &str, world: &World) {
    same("pruned", before, url);
    sure(world);
    world.run(&["fuse", "--full", "--as-of", AS_OF]).done();
    same("folded again", before, url);
    sure(world);
}

const AS_OF: &str = "2026-01-02T12:00:00Z";
const ROWS: &str = "SELECT (SELECT count(*) FROM log) + (SELECT count(*) FROM logerreur)";
/// What no run that is folded says of itself: trees that stay have all their rows.
const RETIRED_ROWS: &str = "SELECT (SELECT count(*) FROM log JOIN retired USING (system, root_run_id, job) \
    WHERE moment BETWEEN since AND until AND said = coalesce(environment, context, '')) \
    + (SELECT count(*) FROM logerreur JOIN retired USING (system, root_run_id, job) \
    WHERE moment BETWEEN since AND until AND said = coalesce(environment, context, ''))";
const RETIRED: &str = "SELECT ARRAY[(to_jsonb(t) - '{fused_at,as_of}'::text[])::text] FROM dataset t WHERE is_retired ORDER BY 1";

#[test]
fn what_was_folded_stays_whatever_is_fused_afterwards() {
    let company = Company::simulate(&["--jobs", "15", "--days", "75", "--seed", "51"]);
    let (database, world) = place();
    let logs = company.logs.to_str().expect("UTF-8");
    load(&world, AS_OF, &[logs]);
    world
        .run(&["sql", "--write", "UPDATE job SET deadline = '15:00'"])
        .done();
    world.run(&["fuse", "--full", "--as-of", AS_OF]).done();
    let (before, all) = (folded(&database.url), number(&database.url, ROWS));

    let dry = prune(&world, AS_OF, &["--months", "1", "--dry-run"]);
    assert_eq!(number(&database.url, ROWS), all);
    let report = prune(&world, AS_OF, &["--months", "1"]);
    for figure in [
        "rows_log",
        "rows_error",
        "rejects",
        "rows_from",
        "retired_runs",
        "retired_trees",
    ] {
        assert_eq!(dry[figure], report[figure], "{figure}");
    }
    // The server tidies its files up meanwhile.
    for report in [&dry, &report] {
        assert!(report["bytes"].as_u64() > Some(1_000_000), "{report}");
    }
    assert_eq!(report["rows_from"], "2025-12-01");
    let gone = report["rows_log"]
        .as_i64()
        .zip(report["rows_error"].as_i64());
    let gone = gone.map_or(0, |(log, error)| log + error);
    assert!(gone > 1_000 && all - gone > 1_000, "{gone} of {all}");
    assert_eq!(number(&database.url, ROWS), all - gone);
    assert_eq!(number(&database.url, RETIRED_ROWS), 0);
    let count = "SELECT count(*) FROM dataset WHERE is_retired";
    assert_eq!(report["retired_runs"], number(&database.url, count));
    let old = "SELECT count(*) FROM dataset WHERE NOT is_retired AND last_event_at < '2025-11-30Z'";
    assert!(
        number(&database.url, old) < 20,
        "{}",
        number(&database.url, old)
    );
    stays(&before, &database.url, &world);
    // The files are known: nothing comes a second time.
    load(&world, AS_OF, &[logs]);
    assert_eq!(number(&database.url, ROWS), all - gone);
    same("loaded again", &before, &database.url);
    let again = prune(&world, AS_OF, &["--months", "1"]);
    assert_eq!(
        (&again["rows_log"], &again["retired_runs"]),
        (&0.into(), &0.into())
    );
    same("pruned again", &before, &database.url);

    // Another border moves the runs that are folded, and no other; deadlines follow everywhere.
    let border = ["--set", "business_day.border=12:00"];
    let days = "SELECT ARRAY[(to_jsonb(t) - '{fused_at,as_of,trigger,trigger_evidence,rerun_of}'::text[])::text] FROM dataset t WHERE is_retired ORDER BY 1";
    let is = rows(&database.url, days);
    assert!(is.len() > 100, "{}", is.len());
    world
        .run(&[&["fuse", "--as-of", AS_OF][..], &border].concat())
        .done();
    world
        .run(&[&["verify", "--recompute"][..], &border].concat())
        .done();
    assert_eq!(rows(&database.url, days), is);
    world.run(&["fuse", "--as-of", AS_OF]).done();
    same("folded with the old border", &before, &database.url);
    sure(&world);
}

#[test]
fn errors_without_a_tree_stay_with_their_runs() {
    let forgetful = Forgetful::of_days(52, "60");
    let (database, world) = place();
    forgetful.load(&world, &forgetful.all());
    world.run(&["fuse", "--as-of", AS_OF]).done();
    let before = folded(&database.url);
    let inferred = |retired: &str| {
        let count = format!(
            "SELECT count(*) FROM dataset WHERE {retired} AND 'tree_inferred' = ANY (quality_reasons)"
        );
        number(&database.url, &count)
    };
    prune(&world, AS_OF, &["--months", "1"]);
    assert!(inferred("is_retired") > 0 && inferred("NOT is_retired") > 0);
    stays(&before, &database.url, &world);
}

/// Logs of all ages come one by one after a prune: each fuse gives what the fold of everything gives.
#[test]
fn rows_that_come_late() {
    let company = Company::simulate(&[
        "--jobs", "12", "--days", "60", "--seed", "53", "--pieces", "20",
    ]);
    let forgetful = Forgetful::of_days(57, "60");
    for (seed, mut files) in [(53, company.files()), (57, forgetful.all())] {
        Dice(seed).shuffle(&mut files);
        let paths: Vec<&str> = files
            .iter()
            .map(|path| path.to_str().expect("UTF-8"))
            .collect();
        let (some, others) = paths.split_at(paths.len() / 3);
        let (database, world) = place();
        load(&world, AS_OF, some);
        prune(&world, AS_OF, &["--months", "1"]);
        let retired = rows(&database.url, RETIRED).len();
        let mut left_out = 0;
        for path in others {
            let late = ["load", "--allow-rejects", "--as-of", AS_OF, path];
            let told = world.run(&late).done().stdout;
            left_out += usize::from(told.contains("left out: the trees have retired"));
            sure(&world);
        }
        assert!(retired > 10 && left_out > 2, "{retired} {left_out}");
        let before = folded(&database.url);
        world.run(&["fuse", "--full", "--as-of", AS_OF]).done();
        same("folded again", &before, &database.url);
        prune(&world, AS_OF, &["--months", "1"]);
        assert!(rows(&database.url, RETIRED).len() > retired);
        assert_eq!(number(&database.url, RETIRED_ROWS), 0);
        same("pruned again", &before, &database.url);
        sure(&world);
    }
}

const HEAD: &str = "moment;pid;father_pid;root_pid;system_pid;project;job;job_repository_id;job_version;context;origin;\
                    message_type;message;duration\n";

/// Run ids that come back each day, a run that goes on for a week from one month into the next, a run that never ends.
#[test]
fn run_ids_that_come_back_and_runs_that_go_beyond_a_month() {
    let (database, world) = place();
    let mut text = HEAD.to_owned();
    let line =
        |text: &mut String, moment: &str, pid: &str, job: &str, kind: &str, message: &str| {
            writeln!(
                text,
                "{moment};{pid};{pid};{pid};1;P;{job};_x;0.1;PROD;;{kind};{message};"
            )
            .expect("memory");
        };
    for (month, days) in [("10", 31), ("11", 30), ("12", 31)] {
        for day in 1..=days {
            line(
                &mut text,
                &format!("2025-{month}-{day:02} 02:00:00"),
                "1",
                "J_Daily",
                "begin",
                "",
            );
            line(
                &mut text,
                &format!("2025-{month}-{day:02} 02:10:00"),
                "1",
                "J_Daily",
                "end",
                "success",
            );
            if (month, day) > ("11", 29) && (month, day) < ("12", 6) {
                let moment = format!("2025-{month}-{day:02} 08:00:00");
                writeln!(
                    text,
                    "{moment};long;long;long;1;P;J_Long;_x;0.1;PROD;tRow_1;begin;;"
                )
                .expect("memory");
            }
            if (month, day) == ("11", 29) {
                line(
                    &mut text,
                    "2025-11-29 08:00:00",
                    "long",
                    "J_Long",
                    "begin",
                    "",
                );
            }
            if (month, day) == ("12", 6) {
                line(
                    &mut text,
                    "2025-12-06 08:00:00",
                    "long",
                    "J_Long",
                    "end",
                    "success",
                );
            }
            if (month, day) == ("11", 20) {
                line(
                    &mut text,
                    "2025-11-20 08:00:00",
                    "never",
                    "J_Never",
                    "begin",
                    "",
                );
            }
        }
    }
    let path = world.file("stats.csv", &text);
    load(&world, AS_OF, &[path.to_str().expect("UTF-8")]);
    let all = number(&database.url, ROWS);
    prune(&world, AS_OF, &["--months", "1"]);
    sure(&world);
    // An id that is always there is one tree, and a tree stays as a whole: only the run that never ended has retired.
    assert_eq!(number(&database.url, ROWS), all - 1);
    let daily = "SELECT count(*) FROM dataset WHERE job = 'J_Daily' AND status = 'success' AND evidence = 'full'";
    assert_eq!(number(&database.url, daily), 92);
    let others = "SELECT ARRAY[job, evidence, status, business_day::text, is_retired::text] FROM dataset WHERE job <> 'J_Daily' ORDER BY job";
    let expected = [
        ["J_Long", "full", "success", "2025-11-29", "false"],
        ["J_Never", "no_end", "lost", "2025-11-20", "true"],
    ];
    assert_eq!(rows(&database.url, others), expected);
    world.run(&["fuse", "--full", "--as-of", AS_OF]).done();
    assert_eq!(rows(&database.url, others), expected);
    assert_eq!(number(&database.url, daily), 92);
    sure(&world);
    // The file grows: new days count, and so does the id that comes back; a late row of what has retired does not.
    let end = ["2026-01-01 02:10:00", "2025-11-20 07:00:00"];
    line(
        &mut text,
        "2026-01-01 02:00:00",
        "1",
        "J_Daily",
        "begin",
        "",
    );
    line(&mut text, end[0], "1", "J_Daily", "end", "success");
    line(&mut text, end[1], "never", "J_Never", "end", "success");
    line(
        &mut text,
        "2025-12-20 09:00:00",
        "never",
        "J_Never",
        "begin",
        "",
    );
    line(
        &mut text,
        "2025-12-20 09:01:00",
        "never",
        "J_Never",
        "end",
        "success",
    );
    world.file("stats.csv", &text);
    load(&world, AS_OF, &["stats.csv"]);
    assert_eq!(number(&database.url, daily), 93);
    let again = ["J_Never", "full", "success", "2025-12-20", "false"];
    let with = [expected[0], again, expected[1]];
    let sorted = format!("{others}, started_at DESC");
    assert_eq!(rows(&database.url, &sorted), with);
    sure(&world);
    // What came back can retire a second time, and then nothing of either comes again.
    prune(&world, "2026-03-02T12:00:00Z", &["--months", "1"]);
    line(
        &mut text,
        "2025-12-20 09:00:30",
        "never",
        "J_Never",
        "begin",
        "",
    );
    world.file("stats.csv", &text);
    load(&world, "2026-03-02T12:00:00Z", &["stats.csv"]);
    assert_eq!(
        number(
            &database.url,
            "SELECT count(*) FROM dataset WHERE job = 'J_Never' AND is_retired"
        ),
        2
    );
    assert_eq!(
        number(
            &database.url,
            "SELECT count(*) FROM dataset WHERE NOT is_retired"
        ),
        0
    );
    sure(&world);
}

/// Airflow's runs of all DAGs that were due at one moment have one id, whenever they run: they are one tree. So it is with jobs that
/// were started by one that says nothing of itself.
#[test]
fn runs_of_one_tree_on_both_sides() {
    let (database, world) = place();
    let mut text = "dag_id,run_id,run_type,state,queued_at,start_date,end_date\n".to_owned();
    let mut run = |dag: &str, due: &str, day: &str| {
        writeln!(
            text,
            "{dag},scheduled__{due}T00:00:00+00:00,scheduled,success,{day} 02:00:00+00:00,{day} 02:00:00+00:00,{day} 02:10:00+00:00"
        )
        .expect("memory");
    };
    for (due, day) in [
        ("2025-10-01", "2025-10-02"),
        ("2025-11-30", "2025-12-01"),
        ("2025-12-09", "2025-12-10"),
    ] {
        run("daily", due, day);
    }
    run("quarterly", "2025-10-01", "2026-01-01");
    run("monthly", "2025-11-30", "2025-12-20");
    world.file("logs/dag_run.csv", &text);
    let mut talend = HEAD.to_owned();
    for (job, from, to) in [
        ("J_Before", "2025-12-02 17:30:00", "2025-12-02 23:00:00"),
        ("J_Behind", "2025-12-02 18:30:00", "2025-12-02 20:30:00"),
    ] {
        writeln!(talend, "{from};{job};R;R;1;P;{job};_x;0.1;PROD;;begin;;").expect("memory");
        writeln!(talend, "{to};{job};R;R;1;P;{job};_x;0.1;PROD;;end;success;").expect("memory");
    }
    world.file("logs/stats.csv", &talend);
    load(&world, AS_OF, &["logs"]);
    let before = folded(&database.url);
    assert_eq!(number(&database.url, "SELECT count(*) FROM dataset"), 7);
    let report = prune(&world, AS_OF, &["--months", "1"]);
    assert_eq!(report["retired_runs"], 0);
    stays(&before, &database.url, &world);
}

#[test]
fn the_proof_still_finds_what_is_wrong() {
    let company = Company::simulate(&["--jobs", "10", "--days", "60", "--seed", "54"]);
    let (database, world) = place();
    load(&world, AS_OF, &[company.logs.to_str().expect("UTF-8")]);
    prune(&world, AS_OF, &["--months", "1"]);
    for (spoil, mend, check) in [
        (
            "UPDATE log SET rows_in = coalesce(rows_in, 0) + 1 WHERE (batch, line, seq) = (SELECT batch, line, seq FROM log WHERE rows_in > 0 ORDER BY 1, 2, 3 LIMIT 1)",
            "UPDATE log SET rows_in = rows_in - 1 WHERE (batch, line, seq) = (SELECT batch, line, seq FROM log WHERE rows_in > 0 ORDER BY 1, 2, 3 LIMIT 1)",
            "log",
        ),
        (
            "UPDATE pruned SET rows_error = rows_error - 1 WHERE batch = (SELECT max(batch) FROM pruned WHERE rows_error > 0)",
            "UPDATE pruned SET rows_error = rows_error + 1 WHERE batch = (SELECT max(batch) FROM pruned WHERE rows_error > 0)",
            "logerreur",
        ),
        (
            "UPDATE pruned SET log_checksum = log_checksum # 1 WHERE batch = (SELECT max(batch) FROM pruned)",
            "UPDATE pruned SET log_checksum = log_checksum # 1 WHERE batch = (SELECT max(batch) FROM pruned)",
            "log",
        ),
        (
            "UPDATE dataset SET errors = errors + 1 WHERE business_day = '2025-12-10' AND is_root",
            "UPDATE dataset SET errors = errors - 1 WHERE business_day = '2025-12-10' AND is_root",
            "dataset",
        ),
        (
            "UPDATE dataset SET status = 'failed' WHERE run_key = (SELECT min(run_key::text)::uuid FROM dataset WHERE is_retired AND is_root AND status = 'success' AND trigger = 'unknown')",
            "UPDATE dataset SET status = 'success' WHERE run_key = (SELECT min(run_key::text)::uuid FROM dataset WHERE is_retired AND is_root AND outcome = 'success' AND status = 'failed')",
            "job_day",
        ),
    ] {
        world.run(&["sql", "--write", spoil]).done();
        let answer = world.run(&["verify", "--recompute", "--format", "json"]);
        assert_eq!(answer.exit, 1, "{spoil}: {}", answer.stdout);
        let report: serde_json::Value = serde_json::from_str(&answer.stdout).expect("JSON");
        let found = report["findings"].as_array().expect("findings");
        assert!(
            !found.is_empty() && found.iter().any(|finding| finding["check"] == check),
            "{spoil}: {found:?}"
        );
        world.run(&["sql", "--write", mend]).done();
        sure(&world);
    }
    assert!(number(&database.url, "SELECT count(*) FROM pruned") > 0);
    // A run that somebody deletes is missed by its day.
    let delete = "DELETE FROM dataset WHERE run_key = (SELECT min(run_key::text)::uuid FROM dataset WHERE is_retired AND is_root)";
    world.run(&["sql", "--write", delete]).done();
    let answer = world.run(&["verify", "--recompute"]);
    assert_eq!(answer.exit, 1, "{}", answer.stdout);
    assert!(answer.stdout.contains("job_day"), "{}", answer.stdout);
}

#[test]
fn what_was_pruned_cannot_be_taken_back_and_what_was_not_can() {
    let company = Company::simulate(&[
        "--jobs", "10", "--days", "60", "--seed", "55", "--plain", "--format", "csv",
    ]);
    let (database, world) = place();
    let logs = company.logs.to_str().expect("UTF-8");
    load(&world, AS_OF, &[logs]);
    let before = folded(&database.url);
    prune(&world, AS_OF, &["--months", "1"]);
    let answer = world.run(&["unload", logs]);
    assert_eq!(answer.exit, 2, "{}", answer.stdout);
    assert!(
        answer
            .stderr
            .contains("were pruned, and what was folded from them stays"),
        "{}",
        answer.stderr
    );
    same("refused", &before, &database.url);
    let last = number(&database.url, "SELECT max(batch) FROM batch").to_string();
    world.run(&["unload", "--as-of", AS_OF, &last]).done();
    sure(&world);
    load(&world, AS_OF, &[logs]);
    same("loaded again", &before, &database.url);
    sure(&world);
}

#[test]
fn old_runs_go_where_that_is_asked_for() {
    let company = Company::simulate(&["--jobs", "8", "--days", "110", "--seed", "56"]);
    let (database, world) = place();
    load(&world, AS_OF, &[company.logs.to_str().expect("UTF-8")]);
    let kept = world.run(&["prune", "--lang", "fr"]).done();
    assert!(kept.stderr.contains("tout est gardé"), "{}", kept.stderr);
    for wrong in [
        &["--months", "2", "--dataset-months", "1"][..],
        &["--dataset-months", "3"],
    ] {
        let answer = world.run(&[&["prune"][..], wrong].concat());
        assert_eq!(answer.exit, 2, "{wrong:?}");
        assert!(
            answer
                .stderr
                .contains("runs stay at least as long as their rows"),
            "{}",
            answer.stderr
        );
    }
    let old = "SELECT (SELECT count(*) FROM dataset WHERE business_day < '2025-11-01') + (SELECT count(*) FROM job_day WHERE business_day < '2025-11-01')";
    let (before, all) = (
        number(&database.url, old),
        number(&database.url, "SELECT count(*) FROM dataset"),
    );
    assert!(before > 100, "{before}");
    let report = prune(&world, AS_OF, &["--months", "1", "--dataset-months", "2"]);
    let went = report["runs"].as_i64().zip(report["job_days"].as_i64());
    assert_eq!(went.map(|(runs, days)| runs + days), Some(before));
    assert_eq!(number(&database.url, old), 0);
    assert!(number(&database.url, "SELECT count(*) FROM dataset") > all / 3);
    let forgotten = "SELECT count(*) FROM retired WHERE NOT EXISTS (SELECT FROM dataset WHERE is_retired AND dataset.root_run_id = retired.root_run_id)";
    assert_eq!(number(&database.url, forgotten), 0);
    sure(&world);
    let told = "SELECT count(*) FROM upkeep WHERE kind = 'prune' AND ok AND detail->>'rows_from' = '2025-12-01'";
    assert_eq!(number(&database.url, told), 1);
    // What is gone counts for no habit and no horizon.
    let (database, world) = place();
    let mut text = HEAD.to_owned();
    let mut line = |moment: &str, pid: &str, context: &str, kind: &str, message: &str| {
        writeln!(
            text,
            "{moment};{pid};{pid};{pid};1;P;J_Grow;_x;0.1;{context};;{kind};{message};"
        )
        .expect("memory");
    };
    for day in 1..=20 {
        for context in ["PROD", "REC"] {
            let pid = format!("{context}{day}");
            line(
                &format!("2025-10-{day:02} 02:00:00"),
                &pid,
                context,
                "begin",
                "",
            );
            line(
                &format!("2025-10-{day:02} 02:01:00"),
                &pid,
                context,
                "end",
                "success",
            );
        }
    }
    for day in 10..=12 {
        line(
            &format!("2025-12-{day} 02:00:00"),
            &format!("b{day}"),
            "PROD",
            "begin",
            "",
        );
        line(
            &format!("2025-12-{day} 17:00:00"),
            &format!("b{day}"),
            "PROD",
            "end",
            "success",
        );
    }
    line("2025-12-30 12:00:00", "open", "PROD", "begin", "");
    line("2025-12-30 16:00:00", "c", "PROD", "begin", "");
    line("2025-12-30 16:01:00", "c", "PROD", "end", "success");
    world.file("stats.csv", &text);
    load(&world, "2025-12-30T20:00:00Z", &["stats.csv"]);
    let open = "SELECT ARRAY[status] FROM dataset WHERE ended_at IS NULL";
    assert_eq!(rows(&database.url, open), [["lost"]]);
    prune(
        &world,
        "2026-01-02T12:00:00Z",
        &["--months", "1", "--dataset-months", "1"],
    );
    sure(&world);
    let found = folded(&database.url);
    world
        .run(&["fuse", "--full", "--as-of", "2026-01-02T12:00:00Z"])
        .done();
    same("folded again", &found, &database.url);
    assert_eq!(number(&database.url, "SELECT count(*) FROM horizon"), 1);
}
