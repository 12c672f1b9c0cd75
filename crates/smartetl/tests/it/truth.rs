//! What comes out of a simulated company's logs equals what truly happened, in every row and column that the truth
//! holds. Nothing may be left out of the comparison here.

use crate::company::Company;
use crate::support::place;
use crate::tables::{Named, Row, differences, rows};
use std::path::Path;

#[test]
fn sixty_days_of_several_companies() {
    for seed in ["1", "2", "3", "4", "5"] {
        check(&["--jobs", "40", "--days", "60", "--seed", seed]);
    }
}

#[test]
fn text_only_and_parquet_only() {
    for format in ["csv", "parquet"] {
        check(&[
            "--jobs", "15", "--days", "45", "--seed", "6", "--format", format,
        ]);
    }
}

#[test]
fn days_around_both_changes_of_the_clock() {
    for start in ["2024-03-20", "2024-10-16"] {
        check(&[
            "--jobs", "30", "--days", "20", "--seed", "7", "--start", start,
        ]);
    }
}

#[test]
fn a_year() {
    check(&["--jobs", "200", "--days", "365"]);
}

/// Simulates, loads, compares.
fn check(simulate: &[&str]) {
    let company = Company::simulate(simulate);
    let (database, world) = place();
    let logs = company.logs.to_str().expect("UTF-8");
    world
        .run(&["load", "--as-of", &company.as_of, "--allow-rejects", logs])
        .done();
    let report = [
        dataset(&company, &database.url),
        job_day(&company, &database.url),
        rejects(&company, &database.url),
    ]
    .concat();
    assert!(
        report.is_empty(),
        "simulate {}\n{report}",
        simulate.join(" ")
    );
}

fn dataset(company: &Company, url: &str) -> String {
    dataset_without(company, url, &[], &[])
}

/// The same for logs that say less: without these columns, and without the runs of such evidence.
pub fn dataset_without(
    company: &Company,
    url: &str,
    columns_left_out: &[&str],
    evidence_left_out: &[&str],
) -> String {
    let (mut columns, mut truth) = csv(&company.truth.join("dataset.csv"));
    let of_column = |name: &str| columns.iter().position(|column| column == name);
    let evidence = of_column("evidence").expect("the truth says it");
    truth.retain(|row| !evidence_left_out.contains(&row[evidence].as_str()));
    let kept: Vec<usize> = (0..columns.len())
        .filter(|at| !columns_left_out.contains(&columns[*at].as_str()))
        .collect();
    for row in truth.iter_mut().chain([&mut columns]) {
        *row = kept.iter().map(|at| row[*at].clone()).collect();
    }
    let values: Vec<String> = columns
        .iter()
        .map(|column| match column.as_str() {
            "parent_run_id" => "parent.run_id".to_owned(),
            "parent_started_at" => moment("parent.started_at"),
            "root_run_id" => "root.run_id".to_owned(),
            "root_started_at" => moment("root.started_at"),
            "cause_run_id" => "cause.run_id".to_owned(),
            "rerun_of" => "failed.run_id".to_owned(),
            column if column.ends_with("_at") => moment(&format!("d.{column}")),
            column => format!("d.{column}::text"),
        })
        .collect();
    let statement = format!(
        "SELECT ARRAY[{}] FROM dataset d
         LEFT JOIN dataset parent ON parent.run_key = d.parent_run_key
         LEFT JOIN dataset root ON root.run_key = d.root_run_key
         LEFT JOIN dataset cause ON cause.run_key = d.cause_run_key
         LEFT JOIN dataset failed ON failed.run_key = d.rerun_of",
        values.join(", ")
    );
    let first = [
        "system",
        "environment",
        "project",
        "job",
        "run_id",
        "started_at",
    ];
    let first: Vec<&str> = first
        .into_iter()
        .filter(|name| !columns_left_out.contains(name))
        .collect();
    compare("dataset", &columns, &first, truth, rows(url, &statement))
}

fn job_day(company: &Company, url: &str) -> String {
    let (columns, truth) = csv(&company.truth.join("job_day.csv"));
    let values: Vec<String> = columns
        .iter()
        .map(|column| match column.as_str() {
            "day_type" => "array_to_string(day_type, '|')".to_owned(),
            column if column.ends_with("_at") => moment(column),
            column => format!("{column}::text"),
        })
        .collect();
    let statement = format!("SELECT ARRAY[{}] FROM job_day", values.join(", "));
    let first = ["environment", "project", "job", "business_day"];
    compare("job_day", &columns, &first, truth, rows(url, &statement))
}

fn rejects(company: &Company, url: &str) -> String {
    let (columns, truth) = csv(&company.truth.join("rejects.csv"));
    assert_eq!(columns, ["file", "line", "reason"]);
    let folder = format!("{}/", company.logs.display());
    let statement = "SELECT ARRAY[path, line::text, reason] FROM reject JOIN batch USING (batch) JOIN source USING (source)";
    let mut ours = rows(url, statement);
    for row in &mut ours {
        row[0] = row[0]
            .strip_prefix(&folder)
            .expect("it was read from the company's folder")
            .to_owned();
    }
    compare("reject", &columns, &["file", "line"], truth, ours)
}

/// Compares with the columns that tell rows apart first.
fn compare(
    table: &'static str,
    columns: &[String],
    first: &[&str],
    truth: Vec<Row>,
    ours: Vec<Row>,
) -> String {
    let place = |name: &str| {
        columns
            .iter()
            .position(|column| column == name)
            .expect("the truth has the columns of its key")
    };
    let mut order: Vec<usize> = first.iter().map(|name| place(name)).collect();
    order.extend((0..columns.len()).filter(|at| !first.contains(&columns[*at].as_str())));
    let arrange = |rows: Vec<Row>| -> Vec<Row> {
        rows.into_iter()
            .map(|row| order.iter().map(|at| row[*at].clone()).collect())
            .collect()
    };
    let names: Vec<&str> = order.iter().map(|at| columns[*at].as_str()).collect();
    let named = Named {
        table,
        columns: &names,
        key: first.len(),
    };
    differences(&named, arrange(truth), arrange(ours))
}

/// A moment as the truth writes it: RFC 3339 in UTC, fractions only where there are some.
fn moment(column: &str) -> String {
    format!(
        "to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS') \
         || rtrim(rtrim(to_char({column}, '.US'), '0'), '.') || 'Z'"
    )
}

/// The header and the rows of a file of the truth, whose values need no quotes.
fn csv(path: &Path) -> (Vec<String>, Vec<Row>) {
    let text = std::fs::read_to_string(path).expect("the truth is there");
    let mut lines = text
        .lines()
        .map(|line| line.split(',').map(str::to_owned).collect::<Row>());
    let columns = lines.next().expect("the truth has a header");
    let rows: Vec<Row> = lines.collect();
    assert!(!rows.is_empty(), "{} says nothing", path.display());
    for row in &rows {
        assert_eq!(row.len(), columns.len(), "{}: {row:?}", path.display());
    }
    (columns, rows)
}
