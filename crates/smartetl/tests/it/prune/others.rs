//! Rows that come after a prune and look like those of what has retired: of other jobs, environments and executions; and the rest of the
//! same execution.

use super::cases::{Stats, dag_runs, errors, late, old};
use super::{AS_OF, folded, prune, same, stays, sure};
use crate::support::{World, place};
use crate::tables::{number, rows};

const JOBS: &str = "SELECT ARRAY[environment, job, count(*)::text] FROM dataset GROUP BY environment, job ORDER BY environment, job";
const LEFT_OUT: &str = "SELECT sum(left_out)::bigint FROM batch";

/// Nothing that was folded depends on when it was.
#[track_caller]
fn folds_again(url: &str, world: &World) {
    sure(world);
    let found = folded(url);
    world.run(&["fuse", "--full", "--as-of", AS_OF]).done();
    same("folded again", &found, url);
    sure(world);
}

/// Airflow's id of a scheduled run is its date: that of all DAGs, and of a DAG that catches up what was due long ago.
#[test]
fn a_new_dag_catches_up() {
    let (database, world) = place();
    let due = ["2025-10-08T00", "2025-10-09T00"];
    let of = |dag, from, to| due.map(|due| (dag, due, "success", from, to));
    let [before, until] = ["2025-10-10 02:00:00", "2025-10-10 02:10:00+00:00"];
    let [begin, end] = ["2026-01-01 09:00:00", "2026-01-01 09:10:00+00:00"];
    late(&world, "a.csv", &dag_runs(&of("old_dag", before, until)));
    let report = prune(&world, AS_OF, &["--months", "1"]);
    assert_eq!(report["retired_runs"], 2);
    late(&world, "b.csv", &dag_runs(&of("new_dag", begin, end)));
    assert_eq!(number(&database.url, LEFT_OUT), 0);
    late(&world, "c.csv", &dag_runs(&of("old_dag", begin, end)));
    assert_eq!(number(&database.url, LEFT_OUT), 4);
    let status = world.run(&["status"]).done().stdout;
    assert!(
        status.contains("c.csv") && status.contains("Rows left out"),
        "{status}"
    );
    assert!(world.run(&["doctor"]).stdout.contains("late_rows"));
    let jobs = rows(
        &database.url,
        "SELECT ARRAY[job, count(*)::text] FROM dataset GROUP BY job ORDER BY job",
    );
    assert_eq!(jobs, [["new_dag", "2"], ["old_dag", "2"]]);
    folds_again(&database.url, &world);
}

/// Two servers count their executions from the same number on.
#[test]
fn the_same_numbers_in_another_environment() {
    let (database, world) = place();
    let of = |context: &str| {
        let mut text = Stats::new();
        for day in 10..16 {
            let (id, moment) = ((30_000 + day).to_string(), format!("2025-10-{day}"));
            for (at, event) in [("02:00:00", "begin;"), ("02:10:00", "end;success")] {
                text.line(
                    &format!("{moment} {at}"),
                    [id.as_str(); 3],
                    "J_Load",
                    context,
                    event,
                );
            }
        }
        text.0
    };
    late(&world, "dev.csv", &of("DEV"));
    prune(&world, AS_OF, &["--months", "1"]);
    late(&world, "prod.csv", &of("PROD"));
    let expected = [["DEV", "J_Load", "6"], ["PROD", "J_Load", "6"]];
    assert_eq!(rows(&database.url, JOBS), expected);
    folds_again(&database.url, &world);
    // Another word for an environment that has retired names the same runs.
    late(&world, "dev2.csv", &of("dev 2"));
    assert_eq!(number(&database.url, LEFT_OUT), 12);
    assert_eq!(rows(&database.url, JOBS), expected);
    folds_again(&database.url, &world);
    // So do words that nobody has mapped, and what says nothing.
    let other = Stats::new().context("site 1").root(
        "s",
        "J_Site",
        ["2025-10-10 02:00:00", "2025-10-10 02:10:00"],
    );
    late(&world, "site1.csv", &other.0);
    prune(&world, AS_OF, &["--months", "1"]);
    late(&world, "site2.csv", &other.0.replace("site 1", "site 2"));
    let sites = "SELECT count(*) FROM dataset WHERE job = 'J_Site'";
    assert_eq!(number(&database.url, sites), 1);
    late(&world, "none.csv", &other.0.replace("site 1", ""));
    assert_eq!(number(&database.url, sites), 1);
    assert_eq!(number(&database.url, LEFT_OUT), 16);
    // Once some are known as another environment, they are those of other runs.
    let says = ["--set", "environments.REC=2"];
    world
        .run(&[&["fuse", "--as-of", AS_OF][..], &says].concat())
        .done();
    assert_eq!(number(&database.url, sites), 2);
    world.run(&["fuse", "--as-of", AS_OF]).done();
    assert_eq!(number(&database.url, sites), 1);
    folds_again(&database.url, &world);
    let before = folded(&database.url);
    prune(&world, AS_OF, &["--months", "1"]);
    stays(&before, &database.url, &world);
}

/// Ids, names of jobs and words for environments may be longer than an index takes.
#[test]
fn words_of_any_length() {
    let (database, world) = place();
    let [id, job, context] =
        [("é", 700), ("J_東", 250), ("site 東", 400)].map(|(letters, times)| letters.repeat(times));
    let text = Stats::new().context(&context).root(
        &id,
        &job,
        ["2025-10-10 02:00:00", "2025-10-10 02:10:00"],
    );
    late(&world, "a.csv", &text.0);
    let before = folded(&database.url);
    let report = prune(&world, AS_OF, &["--months", "1"]);
    assert_eq!(report["retired_runs"], 1);
    stays(&before, &database.url, &world);
    late(&world, "b.csv", &text.0.replace("02:10:00", "02:11:00"));
    assert_eq!(number(&database.url, LEFT_OUT), 2);
    stays(&before, &database.url, &world);
}

/// The number that comes back was there before too.
#[test]
fn an_older_history_under_the_same_id() {
    let (database, world) = place();
    late(&world, "a.csv", &old().0);
    prune(&world, AS_OF, &["--months", "1"]);
    let older = Stats::new().root(
        "old",
        "J_Old",
        ["2025-03-10 02:00:00", "2025-03-10 02:10:00"],
    );
    late(&world, "b.csv", &older.0);
    let runs = "SELECT ARRAY[started_at::date::text, evidence, is_retired::text] FROM dataset ORDER BY started_at";
    let expected = [
        ["2025-03-10", "full", "false"],
        ["2025-10-10", "full", "true"],
    ];
    assert_eq!(rows(&database.url, runs), expected);
    folds_again(&database.url, &world);
}

/// The rest of an execution comes after its tree has retired, of which nobody knew the end: it makes no second one.
#[test]
fn the_rest_of_an_execution() {
    let (database, world) = place();
    let mut first = old();
    first.line("2025-10-12 02:00:00", ["x"; 3], "J_X", "PROD", "begin;");
    late(&world, "a.csv", &first.0);
    prune(&world, AS_OF, &["--months", "1"]);
    let mut rest = Stats::new();
    rest.line(
        "2025-10-12 11:00:00",
        ["x"; 3],
        "J_X",
        "PROD",
        "end;success",
    );
    late(&world, "b.csv", &rest.0);
    let run = "SELECT ARRAY[evidence, status] FROM dataset WHERE job = 'J_X'";
    assert_eq!(rows(&database.url, run), [["no_end", "unverified"]]);
    assert_eq!(number(&database.url, LEFT_OUT), 1);
    folds_again(&database.url, &world);
}

/// Exports of runs and of errors come one after the other, with a prune between them: trees of which rows came just now stay.
#[test]
fn a_prune_between_two_exports() {
    let stats = old()
        .root(
            "R",
            "J_Root",
            ["2025-10-04 20:00:00", "2025-10-04 21:00:00"],
        )
        .run(
            ["k", "R", "R"],
            "J_Sub",
            ["2025-10-04 20:10:00", "2025-10-04 20:20:00"],
            "failure",
        );
    let logs = errors(&[("2025-10-04 20:15:00", "k", "J_Sub")]);
    let (whole, world) = place();
    late(&world, "hs.csv", &stats.0);
    late(&world, "hl.csv", &logs);
    let expected = folded(&whole.url);
    for [first, second] in [["hs.csv", "hl.csv"], ["hl.csv", "hs.csv"]] {
        let (database, world) = place();
        let text = |name| if name == "hs.csv" { &stats.0 } else { &logs };
        late(&world, first, text(first));
        let answer = world
            .run(&["prune", "--months", "1", "--as-of", AS_OF])
            .done();
        let told = answer.stdout;
        assert!(!told.contains("retired"), "{told}");
        assert!(told.contains("as old, for now"), "{told}");
        late(&world, second, text(second));
        same(first, &expected, &database.url);
        folds_again(&database.url, &world);
        // When nothing has come for long, they retire.
        let long_ago = "UPDATE batch SET committed_at = committed_at - interval '32 days'";
        world.run(&["sql", "--write", long_ago]).done();
        world
            .run(&["prune", "--months", "1", "--as-of", AS_OF])
            .done();
        assert_eq!(
            number(
                &database.url,
                "SELECT count(*) FROM dataset WHERE is_retired"
            ),
            3
        );
        stays(&expected, &database.url, &world);
    }
}

/// What the catalogue says of jobs follows from the runs that are left.
#[test]
fn the_catalogue_follows_when_runs_go() {
    let (database, world) = place();
    let text = old()
        .root(
            "a",
            "J_Kept",
            ["2025-10-11 02:00:00", "2025-10-11 02:10:00"],
        )
        .root(
            "b",
            "J_Kept",
            ["2025-12-11 02:00:00", "2025-12-11 02:10:00"],
        );
    late(&world, "a.csv", &text.0);
    prune(&world, AS_OF, &["--months", "1", "--dataset-months", "1"]);
    let jobs = "SELECT ARRAY[job, first_seen::date::text] FROM job ORDER BY job";
    assert_eq!(rows(&database.url, jobs), [["J_Kept", "2025-12-11"]]);
    folds_again(&database.url, &world);
}

/// A message that only a row has that counts nothing is no message.
#[test]
fn a_message_of_a_row_that_counts_nothing() {
    let (database, world) = place();
    late(&world, "a.csv", &old().0);
    prune(&world, AS_OF, &["--months", "1"]);
    late(
        &world,
        "b.csv",
        &errors(&[("2025-10-10 02:05:00", "old", "J_Old")]),
    );
    assert_eq!(number(&database.url, LEFT_OUT), 1);
    let signatures = "SELECT count(*) FROM signature";
    assert_eq!(number(&database.url, signatures), 0);
    late(
        &world,
        "c.csv",
        &errors(&[("2025-12-10 02:05:00", "new", "J_New")]),
    );
    assert_eq!(number(&database.url, signatures), 1);
    world.run(&["unload", "--as-of", AS_OF, "c.csv"]).done();
    assert_eq!(number(&database.url, signatures), 0);
    folds_again(&database.url, &world);
    // The proof sees one that nobody says.
    late(
        &world,
        "c.csv",
        &errors(&[("2025-12-10 02:05:00", "new", "J_New")]),
    );
    world.run(&["sql", "--write", "INSERT INTO signature SELECT gen_random_uuid(), cut, version, text, template, problem, false FROM signature"]).done();
    assert_eq!(world.run(&["verify", "--recompute"]).exit, 1);
}
