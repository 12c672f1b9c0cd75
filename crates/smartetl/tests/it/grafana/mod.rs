//! What Grafana's dashboards and alerts read: the views `grafana_*`, over nights whose story is known and over a simulated company.

mod alerts;
mod by_hand;
mod nights;
mod rules_of_jobs;
mod rules_of_platform;
mod sending;
mod shipped;
mod upkeep;

use std::fmt::Write as _;

use smartetl::night::{Lang, category};
use smartetl_core::model::{Blame, Category, Event, RejectReason};

use crate::company::Company;
use crate::samples::{COLUMNS, ERROR_COLUMNS};
use crate::support::{World, place};
use crate::tables::{number, rows, told};

/// Logs of Talend, line by line; moments are local ones of Paris.
#[derive(Default)]
struct Logs {
    stats: String,
    errors: String,
}

impl Logs {
    /// A root run of PROD.
    fn run(&mut self, run: &str, job: &str, at: [&str; 2], status: &str) {
        self.run_of("0.1", run, job, at, status);
    }

    fn run_of(
        &mut self,
        version: &str,
        run: &str,
        job: &str,
        [begin, end]: [&str; 2],
        status: &str,
    ) {
        self.line(
            version,
            run,
            job,
            "",
            [begin, Event::Begin.as_str(), "", ""],
        );
        self.line(
            version,
            run,
            job,
            "",
            [end, Event::End.as_str(), status, "60000"],
        );
    }

    /// What `tStatCatcher` writes of a run, or of one of its components.
    fn line(&mut self, version: &str, run: &str, job: &str, step: &str, facts: [&str; 4]) {
        let [at, event, status, duration] = facts;
        let _ = writeln!(
            self.stats,
            "{at};{run};{run};{run};77;SALES;{job};_{job};{version};PROD;{step};{event};{status};{duration}"
        );
    }

    fn error(&mut self, run: &str, job: &str, at: &str, message: &str) {
        let _ = writeln!(
            self.errors,
            "{at};{run};{run};{run};SALES;{job};PROD;6;Java Exception;tDBInput_1;{message};1"
        );
    }

    /// A run that another one started: its id, and that of its parent, which is the root.
    fn child(&mut self, [run, root]: [&str; 2], job: &str, at: [&str; 2], status: &str) {
        for (at, event, status) in [(at[0], "begin", ""), (at[1], "end", status)] {
            let _ = writeln!(
                self.stats,
                "{at};{run};{root};{root};77;SALES;{job};_{job};0.1;PROD;;{event};{status};"
            );
        }
    }

    fn child_error(&mut self, [run, root]: [&str; 2], job: &str, at: &str, message: &str) {
        let _ = writeln!(
            self.errors,
            "{at};{run};{root};{root};SALES;{job};PROD;6;Java Exception;tDBInput_1;{message};1"
        );
    }

    /// Writes the lines as files and loads them, with `more` arguments.
    fn load(&self, world: &World, more: &[&str]) {
        world.file("logs/stats.csv", &format!("{COLUMNS}{}", self.stats));
        world.file(
            "logs/errors.csv",
            &format!("{ERROR_COLUMNS}{}", self.errors),
        );
        world.run(&[&["load", "logs"], more].concat()).done();
    }
}

/// Columns of a view, a row each line, as `told` shows them.
#[track_caller]
fn check(url: &str, columns: &str, from: &str, expected: &[&str]) {
    let columns: Vec<String> = columns
        .split("; ")
        .map(|column| format!("({column})::text"))
        .collect();
    let statement = format!("SELECT ARRAY[{}] FROM {from}", columns.join(", "));
    assert_eq!(told(rows(url, &statement)), expected, "{from}");
}

#[test]
fn words_are_french_and_those_of_the_program() {
    let (database, world) = place();
    world.run(&["migrate"]).done();
    for &one in Category::ALL {
        let word = one.as_str();
        let statement = format!("SELECT ARRAY[grafana_category('{word}')]");
        assert_eq!(
            rows(&database.url, &statement)[0][0],
            category(one, Lang::Fr),
            "{word}"
        );
    }
    let reasons = RejectReason::ALL.iter().map(|one| ("reason", one.as_str()));
    let blames = Blame::ALL.iter().map(|one| ("blame", one.as_str()));
    for (vocabulary, word) in reasons.chain(blames) {
        let statement = format!("SELECT ARRAY[grafana_{vocabulary}('{word}')]");
        assert_ne!(rows(&database.url, &statement)[0][0], word);
    }
}

/// What can be chosen is never empty, and PROD comes first: `IN ()` would break every panel.
#[test]
fn an_empty_database_has_something_to_choose() {
    let (database, world) = place();
    world.run(&["migrate"]).done();
    let url = &database.url;
    check(url, "environment; rank", "grafana_environment", &["PROD 0"]);
    check(
        url,
        "environment; family",
        "grafana_family",
        &["PROD (aucune famille)"],
    );
    check(
        url,
        "environment; application",
        "grafana_application",
        &["PROD (sans application)"],
    );
    check(
        url,
        "environment; business_day = (now() AT TIME ZONE 'UTC')::date",
        "grafana_day",
        &["PROD true"],
    );
    for one_row in ["grafana_fusion", "grafana_space"] {
        assert_eq!(number(url, &format!("SELECT count(*) FROM {one_row}")), 1);
    }
}

/// Every view has something to say of two months of a company.
#[test]
fn every_view_gives_rows_over_a_simulated_company() {
    let company = Company::simulate(&["--jobs", "40", "--days", "60", "--seed", "3"]);
    let (database, world) = place();
    let logs = company.logs.to_str().expect("UTF-8");
    world
        .run(&["load", "--allow-rejects", "--as-of", &company.as_of, logs])
        .done();
    world.run(&["verify"]).done();
    let url = &database.url;
    world.run(&[
        "sql",
        "--write",
        "UPDATE job SET deadline = '07:00', source_app = 'SAP' WHERE environment = 'PROD'",
    ]);
    world
        .run(&["fuse", "--full", "--as-of", &company.as_of])
        .done();
    let views = rows(
        url,
        "SELECT ARRAY[relname::text] FROM pg_class WHERE relkind = 'v' AND relname LIKE 'grafana%' ORDER BY 1",
    );
    // These need a Kafka, or something that is wrong at this moment.
    let may_be_empty = [
        "grafana_lag",
        "grafana_consumer",
        "grafana_group",
        "grafana_storm",
        "grafana_vital_failed",
        "grafana_no_end",
        "grafana_own_job",
        "grafana_unreadable",
        // And this a process that stays.
        "grafana_process",
    ];
    let empty: Vec<&str> = views
        .iter()
        .map(|view| view[0].as_str())
        .filter(|view| number(url, &format!("SELECT count(*) FROM {view}")) == 0)
        .filter(|view| !may_be_empty.contains(view))
        .collect();
    assert_eq!(empty, Vec::<&str>::new());
    assert!(views.len() >= 20, "{views:?}");
    // The views count what the tables hold.
    for [view, table] in [["grafana_job_day", "job_day"], ["grafana_run", "dataset"]] {
        assert_eq!(
            number(url, &format!("SELECT count(*) FROM {view}")),
            number(url, &format!("SELECT count(*) FROM {table}"))
        );
    }
    let job = &rows(
        url,
        "SELECT ARRAY[job] FROM dataset WHERE environment = 'PROD' AND steps > 0 AND business_day > \
         (SELECT max(business_day) - 10 FROM dataset) GROUP BY job ORDER BY count(*) DESC, job LIMIT 1",
    )[0][0];
    let day = "(SELECT max(business_day) FROM job_day WHERE environment = 'PROD')";
    for function in [
        format!("grafana_job_run('PROD', '{job}')"),
        format!("grafana_job_night('PROD', '{job}', {day} - 30, {day})"),
        format!("grafana_job_step('PROD', '{job}', {day})"),
        format!("grafana_chain('PROD', {day} - 1)"),
    ] {
        let count = number(url, &format!("SELECT count(*) FROM {function}"));
        assert!(count > 0, "{function}");
    }
    assert_eq!(
        number(
            url,
            &format!("SELECT count(*) FROM grafana_job_run('PROD', '{job}')")
        ),
        number(
            url,
            &format!("SELECT count(*) FROM dataset WHERE environment = 'PROD' AND job = '{job}'")
        )
    );
}
