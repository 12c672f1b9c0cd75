//! What is proposed for tables as people keep them, and the rows that come of it: the true ones, or a question.

use std::fmt::Write as _;

use smartetl_formats::Settings;
use smartetl_formats::dialect::generic::MappingSet;
use smartetl_formats::propose::{Lang, Options, Proposal, propose};

use crate::propose::{options, table};
use crate::support::{paris, read_all};

/// What comes of files that are looked at together.
struct Found {
    proposal: Proposal,
    files: Vec<(String, String)>,
}

fn look(files: &[(&str, &str)]) -> Found {
    let options = Options {
        is_zone_given: true,
        environment: Some("PROD".to_owned()),
        ..options(Lang::En)
    };
    let table = |(path, text): &(&str, &str)| table(text, path).expect("a table");
    let owned = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    Found {
        proposal: propose(files.iter().map(table).collect(), &options),
        files: owned.collect(),
    }
}

fn one(text: &str) -> Found {
    look(&[("night.csv", text)])
}

impl Found {
    /// The rows and rejects of all its files.
    fn rows(&self) -> Vec<String> {
        let mappings = MappingSet::parse("m.toml", &self.proposal.toml)
            .unwrap_or_else(|error| panic!("{error}\n{}", self.why()));
        self.files
            .iter()
            .flat_map(|(path, text)| {
                let settings = Settings {
                    path: path.clone(),
                    mappings: mappings.clone().only(),
                    ..paris()
                };
                read_all(text.as_bytes(), &settings).1.rows.lines
            })
            .collect()
    }

    /// The rows in which this stands.
    fn with(&self, text: &str) -> Vec<String> {
        let mut rows = self.rows();
        rows.retain(|row| row.contains(text));
        rows
    }

    fn questions(&self) -> String {
        let tables = self.proposal.tables.iter();
        let questions = tables.flat_map(|table| &table.questions);
        questions
            .map(|question| question.text(Lang::En) + "\n")
            .collect()
    }

    /// Why tables were refused.
    fn refusals(&self) -> String {
        let refused = self.proposal.refused.iter();
        refused
            .map(|(_, missing)| missing.describe(Lang::En) + "\n")
            .collect()
    }

    fn why(&self) -> String {
        format!(
            "{}\n{}\n{}",
            self.proposal.toml,
            self.questions(),
            self.refusals()
        )
    }
}

/// A night of runs with begin and end, one each day of November 2026.
fn nights(count: u32, damaged: &[u32]) -> String {
    let mut text = "run_number;treatment;started;finished;state\n".to_owned();
    for day in 1..=count {
        let end = if damaged.contains(&day) { 31 } else { day };
        let month = if damaged.contains(&day) { 2 } else { 11 };
        let _ = writeln!(
            text,
            "{};COPY_{};{day:02}/11/2026 01:00:00;{end:02}/{month:02}/2026 01:10:00;OK",
            100 + day,
            if day % 2 == 0 { "SALES" } else { "STOCKS" },
        );
    }
    text
}

#[test]
fn a_few_damaged_times_are_rejects_and_take_the_column_from_nobody() {
    for (count, damaged) in [
        (4, &[2][..]),
        (5, &[5]),
        (7, &[1]),
        (10, &[3, 4]),
        (12, &[6]),
        (15, &[4]),
        (15, &[1, 8, 15]),
        (28, &[4]),
    ] {
        let found = one(&nights(count, damaged));
        let (begins, ends) = (found.with(" begin "), found.with(" end "));
        let good = count as usize - damaged.len();
        assert_eq!(
            (begins.len(), ends.len()),
            (good, good),
            "{count} {damaged:?}\n{}",
            found.why()
        );
        assert_eq!(
            found.with("reject bad_time").len(),
            damaged.len(),
            "{}",
            found.why()
        );
    }
}

#[test]
fn a_begin_is_no_end_without_a_question() {
    let found = one(
        "run_number;treatment;started;state\n1;COPY_A;2026-11-01 01:00:00;OK\n2;COPY_B;2026-11-01 02:00:00;KO\n\
        3;COPY_A;2026-11-02 01:00:00;OK\n4;COPY_B;2026-11-02 02:00:00;OK\n5;COPY_A;2026-11-03 01:00:00;OK\n",
    );
    assert!(found.questions().contains("`started`"), "{}", found.why());
    let tables = found.proposal.tables.iter();
    assert!(
        tables
            .flat_map(|table| &table.questions)
            .any(smartetl_formats::propose::Question::is_grave)
    );
}

/// Five nights of two jobs, the second past midnight. `day` and `hour` say how the parts of a time are written.
fn apart(day: &str, hour: &str) -> String {
    let mut text =
        "TASKNAME|RUN_ID|BEGIN_DATE|BEGIN_HOUR|END_DATE|END_HOUR|ELAPSED|STATE\n".to_owned();
    let write = |form: &str, year_day: i16, minutes: i16| {
        let date = jiff::civil::date(2026, 11, 1).at(0, 0, 0, 0);
        let at = date + jiff::Span::new().days(year_day).minutes(minutes);
        at.strftime(form).to_string()
    };
    for night in 0..5 {
        for (number, job, begin, took) in [(1, "TAKE_OVER", 130, 12), (2, "TRANSFORM", 1430, 30)] {
            let parts = [
                (day, begin),
                (hour, begin),
                (day, begin + took),
                (hour, begin + took),
            ];
            let [begin_day, begin_hour, end_day, end_hour] =
                parts.map(|(form, minutes)| write(form, night, minutes));
            let _ = writeln!(
                text,
                "{job}|{night:04}{number}|{begin_day}|{begin_hour}|{end_day}|{end_hour}|00:{took}:00|Ended OK"
            );
        }
    }
    text
}

#[test]
fn days_and_hours_in_columns_of_their_own() {
    for (day, hour) in [
        ("%Y-%m-%d", "%H:%M:%S"),
        ("%Y%m%d", "%H%M%S"),
        ("%Y%m%d", "%H%M"),
        ("%Y%m%d", "%H:%M"),
        ("%d/%m/%Y", "%H%M"),
        ("%Y-%m-%d", "%H%M%S"),
    ] {
        let found = one(&apart(day, hour));
        let rows = found.with("TRANSFORM");
        assert!(
            rows.iter()
                .any(|row| row.contains("2026-11-01T22:50:00Z begin"))
                && rows
                    .iter()
                    .any(|row| row.contains("2026-11-01T23:20:00Z end")),
            "{day} {hour}: {rows:#?}\n{}",
            found.why()
        );
        assert_eq!(found.rows().len(), 20, "{}", found.why());
        assert!(!found.proposal.toml.contains("job_id"), "{}", found.why());
        assert!(!found.questions().contains("ELAPSED"), "{}", found.why());
    }
}

#[test]
fn a_duration_that_begin_and_end_contradict_is_asked_about() {
    let mut text = "run;treatment;begin_day;end_day;elapsed;state\n".to_owned();
    for day in 1..=9 {
        let _ = writeln!(
            text,
            "{day};COPY;2026-11-0{day};2026-11-0{day};00:2{day}:00;OK"
        );
    }
    let found = one(&text);
    assert!(found.questions().contains("`elapsed`"), "{}", found.why());
}

#[test]
fn an_end_hour_before_its_begin_is_of_the_next_day() {
    let mut text = "id;treatment;date;start hour;end hour;state\n".to_owned();
    for day in 16..22 {
        let _ = writeln!(text, "{day};EARLY;{day}/11/2026;21:50;22:20;OK");
        let _ = writeln!(text, "1{day};LATE;{day}/11/2026;23:50;00:20;OK");
    }
    let found = one(&text);
    let late = found.with("LATE");
    assert!(
        late[0].contains("2026-11-16T22:50:00Z begin"),
        "{late:#?}\n{}",
        found.why()
    );
    assert!(
        late[1].contains("2026-11-16T23:20:00Z end"),
        "{late:#?}\n{}",
        found.why()
    );
    assert_eq!(found.rows().len(), 24);
    assert!(found.questions().contains("next day"), "{}", found.why());
    // Later nights may pass midnight where these do not.
    let text: String = text
        .lines()
        .filter(|line| !line.contains("LATE"))
        .map(|line| line.to_owned() + "\n")
        .collect();
    let found = one(&text);
    assert_eq!(found.rows().len(), 12, "{}", found.why());
    assert!(
        found.proposal.toml.contains("not_before"),
        "{}",
        found.why()
    );
}

#[test]
fn a_begin_and_a_duration_say_the_end() {
    for (name, took) in [
        ("elapsed_sec", "90,5"),
        ("elapsed", "00:01:30.5"),
        ("duration_min", "1.5083"),
    ] {
        let mut text = format!("treatment;run_no;started;{name};exit_code\n");
        for day in 10..20 {
            let _ = writeln!(
                text,
                "COPY_{};{day};2026-11-{day} 01:00:00;{took};0",
                day % 2
            );
        }
        let found = one(&text);
        let ends = found.with(" end ");
        assert_eq!(ends.len(), 10, "{name}\n{}", found.why());
        assert!(
            ends[0].contains("2026-11-10T00:01:30.5") || ends[0].contains("2026-11-10T00:01:30.49"),
            "{ends:#?}"
        );
        assert!(!found.questions().contains("`elapsed"), "{}", found.why());
    }
    // Runs that still run have no duration yet, and what failed says why.
    let found = one(
        "treatment;run_no;started;elapsed_sec;state;error\nA;1;2026-11-01 01:00:00;60;OK;\nB;2;2026-11-01 02:00:00;70;OK;\n\
        A;3;2026-11-02 01:00:00;61;OK;\nB;4;2026-11-02 02:00:00;72;KO;disk of the target is full\nA;5;2026-11-03 01:00:00;;running;\n",
    );
    assert_eq!(
        (found.with(" begin ").len(), found.with(" end ").len()),
        (5, 4),
        "{}",
        found.why()
    );
    assert!(
        found.with("disk")[0].contains("2026-11-02T01:00:00Z"),
        "{}",
        found.why()
    );
}

const RUNS: &str = "run_id,job,started,finished,state\n71,take_sales,2026-11-01 01:00:00,2026-11-01 01:09:00,OK\n\
    72,build_stocks,2026-11-01 02:00:00,2026-11-01 02:20:00,KO\n73,take_sales,2026-11-02 01:00:00,2026-11-02 01:09:10,OK\n\
    74,build_stocks,2026-11-02 02:00:00,2026-11-02 02:20:40,KO\n75,take_sales,2026-11-03 01:00:00,2026-11-03 01:09:20,OK\n\
    76,build_stocks,2026-11-03 02:00:00,2026-11-03 02:20:30,KO\n77,take_sales,2026-11-04 01:00:00,2026-11-04 01:09:30,KO\n";

#[test]
fn the_text_of_an_error_is_no_job() {
    let errors = "run_id,seen_at,level,text\n72,2026-11-01 02:19:00,ERROR,the table STOCKS is locked by another session\n\
        74,2026-11-02 02:19:00,ERROR,the table STOCKS is locked by another session\n\
        76,2026-11-03 02:19:00,WARN,no row came from the source of stocks\n";
    let more = "77,2026-11-04 01:05:00,ERROR,the disk of the target is full\n71,2026-11-01 01:05:00,WARN,three rows without a country\n\
        73,2026-11-02 01:05:00,WARN,four rows without a country\n";
    for errors in [errors.to_owned(), errors.to_owned() + more] {
        let found = look(&[("runs.csv", RUNS), ("errors.csv", &errors)]);
        assert_eq!(found.proposal.tables.len(), 1, "{}", found.why());
        assert!(
            found
                .refusals()
                .contains("names the job of each record; 100 % of its runs (`run_id`)"),
            "{}",
            found.why()
        );
        let alone = look(&[("errors.csv", &errors)]);
        assert!(
            alone.refusals().contains("no column names jobs"),
            "{}",
            alone.why()
        );
    }
    // What is proved by the run log is taken, also of few records.
    let named = errors
        .replace("level", "level,who")
        .replace(",ERROR,", ",ERROR,build_stocks,")
        .replace(",WARN,", ",WARN,build_stocks,");
    let found = look(&[("runs.csv", RUNS), ("errors.csv", &named)]);
    assert_eq!(found.with(".0 error ").len(), 3, "{}", found.why());
    assert!(
        found.proposal.toml.contains("job = \"who\""),
        "{}",
        found.why()
    );
}

#[test]
fn ids_of_another_name_are_known_by_the_run_log() {
    let messages = "operation_message_id,operation_id,message_time,message_type,message\n\
        9001,71,2026-11-01 01:01:00,70,sales.dtsx:Information: started with the default settings\n\
        9002,72,2026-11-01 02:01:00,70,stocks.dtsx:Information: started with the default settings\n\
        9003,72,2026-11-01 02:19:00,120,stocks.dtsx:Error: the table STOCKS is locked by another session\n\
        9004,74,2026-11-02 02:19:00,120,stocks.dtsx:Error: the table STOCKS is locked by another session\n\
        9005,76,2026-11-03 02:19:00,120,stocks.dtsx:Error: the table STOCKS is locked by another session\n";
    let found = look(&[("runs.csv", RUNS), ("messages.csv", messages)]);
    assert!(
        found
            .refusals()
            .contains("100 % of its runs (`operation_id`) are in the run log"),
        "{}",
        found.why()
    );
}

#[test]
fn an_id_that_differs_in_each_record_tells_runs_apart() {
    let text = apart("%Y%m%d", "%H%M%S").replace("RUN_ID", "ORDERNO");
    let found = one(&text);
    assert_eq!(found.rows().len(), 20, "{}", found.why());
    assert!(
        found.proposal.toml.contains("run_id = \"ORDERNO\""),
        "{}",
        found.why()
    );
    assert!(
        found.questions().contains("Is `ORDERNO` really run_id?"),
        "{}",
        found.why()
    );
}

#[test]
fn what_each_run_has_once_and_all_have_names_jobs() {
    let mut text = "invocation_id,unique_id,status,started_at,completed_at,thread_id\n".to_owned();
    for night in 1..=4 {
        for (minute, model) in [
            (10, "model.shop.stg_orders"),
            (20, "model.shop.fct_sales"),
            (30, "test.shop.not_null_id"),
        ] {
            let _ = writeln!(
                text,
                "ee0413f8-1111-4222-8333-7a8ad6210f0{night},{model},success,2026-11-0{night}T03:{minute}:00Z,2026-11-0{night}T03:{}:30Z,Thread-1",
                minute + 5
            );
        }
    }
    let found = one(&text);
    assert_eq!(found.with(" end ").len(), 12, "{}", found.why());
    assert!(
        found.proposal.toml.contains("job = \"unique_id\""),
        "{}",
        found.why()
    );
    assert!(
        found.questions().contains("Is `unique_id` really job?"),
        "{}",
        found.why()
    );
}

#[test]
fn a_title_above_the_names_is_named() {
    let names = "No;Nom du traitement;Env.;Date début;Date fin;État";
    let records = "1;Reprise;Prod;16/11/2026 01:00;16/11/2026 01:30;Terminé\n2;Calcul;Prod;16/11/2026 02:00;16/11/2026 02:30;Terminé\n\
        3;Reprise;Prod;17/11/2026 01:00;17/11/2026 01:30;Terminé\n4;Calcul;Prod;17/11/2026 02:00;17/11/2026 02:30;Échec\n";
    for title in [
        "Nuits de novembre;;;;;\n;;;;;\n",
        "Nuits de novembre;;;;;\n",
    ] {
        let found = one(&format!("{title}{names}\n{records}"));
        assert!(
            found
                .refusals()
                .contains("above the names of its columns (No, Nom du traitement, Env., …)"),
            "{title} {}",
            found.why()
        );
    }
    assert_eq!(one(&format!("{names}\n{records}")).with(" end ").len(), 4);
}

#[test]
fn a_refusal_names_what_came_nearest() {
    let found = one(
        "colour,started,finished,state\nred,2026-11-01 01:00:00,2026-11-01 01:09:00,OK\n\
        red,2026-11-01 02:00:00,2026-11-01 02:09:00,OK\nblue,2026-11-02 01:00:00,2026-11-02 01:09:00,KO\n",
    );
    assert!(found.refusals().contains("no column"), "{}", found.why());
}
