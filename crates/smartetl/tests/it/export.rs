//! Tables as files, and files that become runs without a database: what is written is what the tables hold.

use crate::company::Company;
use crate::outages::{SmallDisk, as_root};
use crate::support::{World, place};
use crate::tables::{connected, number};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use calamine::{Data, Reader as _, Xlsx, open_workbook};
use flate2::write::GzEncoder;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

/// Columns that say how rows came, and not what they are.
const OF_THE_WAY: &[&str] = &["batches", "fused_at"];

#[test]
fn files_give_the_same_runs_with_and_without_a_database() {
    for (jobs, days, seed) in [("30", "40", "3"), ("12", "90", "8")] {
        let company = Company::simulate(&["--jobs", jobs, "--days", days, "--seed", seed]);
        let (database, world) = place();
        let logs = text(&company.logs);
        let options = ["--as-of", &company.as_of, "--allow-rejects", logs];
        world.run(&[&["load"], &options[..]].concat()).done();
        let answer = without_database()
            .run(&[&["fuse", "--to", "-"], &options[..]].concat())
            .done();
        take(&database.url, "found", &answer.stdout);
        assert_same_runs(&database.url, "found", "dataset");
        assert!(number(&database.url, "SELECT count(*) FROM found") > 500);
    }
}

#[test]
fn every_table_comes_out_as_it_is() {
    let company = Company::simulate(&["--jobs", "15", "--days", "20", "--seed", "4"]);
    let (database, world) = place();
    let load = ["load", "--as-of", &company.as_of, "--allow-rejects"];
    world
        .run(&[&load[..], &[text(&company.logs)]].concat())
        .done();
    for table in ["dataset", "log", "logerreur", "job_day", "reject", "job"] {
        for packing in ["csv", "csv.gz", "csv.zst"] {
            let name = format!("{table}.{packing}");
            world.run(&["export", table, "-o", &name]).done();
            let bytes = std::fs::read(world.home.path().join(&name)).expect("it was written");
            let unpacked = match packing {
                "csv.gz" => read_all(flate2::read::GzDecoder::new(&bytes[..])),
                "csv.zst" => zstd::decode_all(&bytes[..]).expect("it is zstd"),
                _ => bytes,
            };
            let text = String::from_utf8(unpacked).expect("it is text");
            let found = format!("found_{}", packing.replace('.', "_"));
            take_like(&database.url, &found, table, &text);
            let columns = shared_columns(&database.url, &found, table, &["tree", "job_number"]);
            assert_equal(&database.url, &found, table, &columns);
            drop_table(&database.url, &found);
        }
    }
}

#[test]
fn parquet_says_what_csv_says() {
    let company = Company::simulate(&["--jobs", "15", "--days", "20", "--seed", "4"]);
    let (database, world) = place();
    let load = ["load", "--as-of", &company.as_of, "--allow-rejects"];
    world
        .run(&[&load[..], &[text(&company.logs)]].concat())
        .done();
    for (table, order) in [
        ("dataset", "business_day, environment, started_at, run_key"),
        ("job_day", "business_day, environment, project, job"),
    ] {
        let name = format!("{table}.parquet");
        let said = world.run(&["export", table, "-o", &name]).done().stdout;
        let batches = parquet(&world.home.path().join(&name));
        let count: usize = batches.iter().map(RecordBatch::num_rows).sum();
        let stored = number(&database.url, &format!("SELECT count(*) FROM {table}"));
        assert_eq!(count as i64, stored);
        assert_eq!(said, format!("{count} rows in {name}\n"));
        let field = |name: &str| {
            let schema = batches[0].schema();
            schema.index_of(name).unwrap_or_else(|_| panic!("{name}"))
        };
        assert!(batches[0].schema().index_of("tree").is_err());
        let expected = crate::tables::rows(
            &database.url,
            &format!(
                "SELECT ARRAY[job, coalesce(category, ''), (business_day - '1970-01-01'::date)::text, {}] FROM {table} ORDER BY {order}",
                if table == "dataset" {
                    "coalesce(duration_ms::text, ''), (extract(epoch FROM started_at) * 1000000)::bigint::text, run_key::text, \
                     coalesce(array_length(quality_reasons, 1), 0)::text"
                } else {
                    "runs::text, coalesce((extract(epoch FROM ready_at) * 1000000)::bigint::text, ''), verdict, \
                     coalesce(array_length(day_type, 1), 0)::text"
                }
            ),
        );
        let names = if table == "dataset" {
            ["duration_ms", "started_at", "run_key", "quality_reasons"]
        } else {
            ["runs", "ready_at", "verdict", "day_type"]
        };
        let mut found = Vec::new();
        for batch in &batches {
            let texts = |name: &str| batch.column(field(name)).as_string::<i32>();
            for row in 0..batch.num_rows() {
                let option = |array: &dyn Array, value: String| {
                    if array.is_null(row) {
                        String::new()
                    } else {
                        value
                    }
                };
                let day = batch.column(field("business_day"));
                let long = batch.column(field(names[0]));
                let moment = batch.column(field(names[1]));
                found.push(vec![
                    texts("job").value(row).to_owned(),
                    option(texts("category"), texts("category").value(row).to_owned()),
                    day.as_primitive::<Date32Type>().value(row).to_string(),
                    option(
                        long,
                        long.as_primitive::<Int64Type>().value(row).to_string(),
                    ),
                    option(
                        moment,
                        moment
                            .as_primitive::<TimestampMicrosecondType>()
                            .value(row)
                            .to_string(),
                    ),
                    texts(names[2]).value(row).to_owned(),
                    batch
                        .column(field(names[3]))
                        .as_list::<i32>()
                        .value_length(row)
                        .to_string(),
                ]);
            }
        }
        assert_eq!(found, expected, "{table}");
    }
}

#[test]
fn excel_on_a_disk_that_is_full() {
    if !as_root("export::excel_on_a_disk_that_is_full") {
        return;
    }
    let (_database, world) = place();
    world.file("stats.csv", &crate::samples::stats(0..2000));
    world.run(&["load", "stats.csv"]).done();
    let disk = SmallDisk::mounted(1);
    std::fs::write(disk.folder.join("filler"), vec![1; 1_000_000]).expect("there is room");
    let file = disk.folder.join("night.xlsx");
    let refused = world.run(&["export", "dataset", "-o", text(&file)]);
    assert_eq!(refused.exit, 2, "{}", refused.stderr);
    let said = "error: the file cannot be written: no space left on device";
    assert!(refused.stderr.starts_with(said), "{}", refused.stderr);
    assert!(!file.exists(), "half of it is of no use");
}

#[test]
fn excel_shows_texts_numbers_and_local_times() {
    let (_database, world) = place();
    let log = "moment;pid;father_pid;root_pid;system_pid;project;job;job_repository_id;job_version;context;origin;\
               message_type;message;duration\n\
               2025-06-30 23:15:00;Aa1;Aa1;Aa1;1;P;=J_Total;_x;0.1;PROD;;begin;;\n\
               2025-06-30 23:15:30;Aa1;Aa1;Aa1;1;P;=J_Total;_x;0.1;PROD;;end;success;30000\n";
    let path = world.file("stats.csv", log);
    world
        .run(&["load", "--as-of", "2025-07-01T08:00:00Z", text(&path)])
        .done();
    world.run(&["export", "dataset", "-o", "night.xlsx"]).done();
    let mut book: Xlsx<_> =
        open_workbook(world.home.path().join("night.xlsx")).expect("Excel can open it");
    let sheet = book
        .worksheet_range_at(0)
        .expect("a sheet")
        .expect("which can be read");
    let rows: Vec<&[Data]> = sheet.rows().collect();
    let value = |name: &str| {
        let at = rows[0]
            .iter()
            .position(|cell| *cell == Data::String(name.to_owned()));
        &rows[1][at.unwrap_or_else(|| panic!("{name}"))]
    };
    assert_eq!(rows.len(), 2);
    assert_eq!(
        value("job"),
        &Data::String("=J_Total".to_owned()),
        "no formula"
    );
    assert_eq!(value("duration_ms"), &Data::Float(30_000.0));
    assert_eq!(value("is_root"), &Data::Bool(true));
    let moment = |name: &str| match value(name) {
        Data::DateTime(moment) => moment.as_f64(),
        other => panic!("{name} is {other:?}"),
    };
    // Excel's 45,838 is 2025-06-30; the end is at 23:15:30 in Paris.
    assert!((moment("ended_at") - (45_838.0 + 83_730.0 / 86_400.0)).abs() < 1e-9);
    assert!((moment("business_day") - 45_839.0).abs() < 1e-9);
    assert_eq!(value("category"), &Data::Empty);
}

#[test]
fn rows_and_columns_can_be_chosen() {
    let company = Company::simulate(&["--jobs", "15", "--days", "20", "--seed", "4"]);
    let (database, world) = place();
    let load = ["load", "--as-of", &company.as_of, "--allow-rejects"];
    world
        .run(&[&load[..], &[text(&company.logs)]].concat())
        .done();
    let filters: &[(&str, &[&str], &str)] = &[
        (
            "dataset",
            &["--environment", "PROD,DEV", "--status", "failed,lost"],
            "environment IN ('PROD', 'DEV') AND status IN ('failed', 'lost')",
        ),
        ("dataset", &["--job", "J_ODS_*"], "job LIKE 'J\\_ODS\\_%'"),
        (
            "dataset",
            &[
                "--since",
                "2025-12-20T00:00:00Z",
                "--until",
                "2025-12-22T00:00:00Z",
            ],
            "started_at >= '2025-12-20T00:00:00Z' AND started_at < '2025-12-22T00:00:00Z'",
        ),
        (
            "job_day",
            &["--day", "2025-12-24"],
            "business_day = '2025-12-24'",
        ),
        (
            "job_day",
            &["--status", "recovered"],
            "verdict = 'recovered'",
        ),
        (
            "log",
            &["--since", "2025-12-28T00:00:00Z"],
            "moment >= '2025-12-28T00:00:00Z'",
        ),
    ];
    for (table, flags, condition) in filters {
        let export = ["export", table, "-o", "-", "--columns", "job,environment"];
        let answer = world.run(&[&export[..], flags].concat()).done();
        let lines: Vec<&str> = answer.stdout.lines().collect();
        assert_eq!(lines[0], "job,environment");
        let count = format!("SELECT count(*) FROM {table} WHERE {condition}");
        let expected = number(&database.url, &count);
        assert!(expected > 0, "{condition}");
        assert_eq!(lines.len() as i64 - 1, expected, "{table}: {condition}");
    }
}

#[test]
fn what_cannot_be_written_is_told_and_nothing_is_left() {
    let (_database, world) = place();
    crate::support::empty(&world);
    let path = world.file("stats.csv", "moment;pid;father_pid\n");
    for (command, exit, words) in [
        (
            &["fuse", "stats.csv", "--to", "x.docx"][..],
            2,
            ".parquet, .csv, .csv.gz, .csv.zst or .xlsx",
        ),
        (
            &["fuse", "stats.csv", "--to", "none/x.csv"],
            2,
            "make the folder first",
        ),
        (
            &["fuse", "stats.csv", "--to", "stats.csv"],
            2,
            "--force replaces it",
        ),
        (
            &["fuse", "none.csv", "--to", "x.csv"],
            2,
            "none.csv does not exist",
        ),
        (&["fuse", "stats.csv"], 2, "--to"),
        (&["fuse", "--to", "x.csv"], 2, "PATH"),
        (
            &["export", "dataset", "-o", "x.csv"],
            2,
            "no tables of smartETL",
        ),
    ] {
        let answer = world.run(command);
        assert_eq!(answer.exit, exit, "{command:?} {}", answer.stderr);
        assert!(
            answer.stderr.contains(words),
            "{command:?} {}",
            answer.stderr
        );
    }
    world.run(&["migrate"]).done();
    for (command, words) in [
        (
            &["export", "dataset", "-o", "x.csv", "--columns", "jobb"][..],
            "no column `jobb`",
        ),
        (
            &["export", "reject", "-o", "x.csv", "--job", "J"],
            "no column `job`",
        ),
    ] {
        let answer = world.run(command);
        assert_eq!(answer.exit, 2, "{command:?}");
        assert!(
            answer.stderr.contains(words),
            "{command:?} {}",
            answer.stderr
        );
    }
    let empty = world
        .run(&["export", "dataset", "-o", "empty.parquet"])
        .done();
    assert_eq!(empty.stdout, "0 rows in empty.parquet\n");
    assert!(parquet(&world.home.path().join("empty.parquet")).is_empty());
    assert!(path.exists());
    let mut left: Vec<String> = std::fs::read_dir(world.home.path())
        .expect("the folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .filter(|name| !name.starts_with(".cache") && !name.starts_with(".local"))
        .collect();
    left.sort();
    assert_eq!(left, ["empty.parquet", "stats.csv"]);
}

/// A large text is read in stretches whose beginnings are guessed; here every guess is wrong, because messages quote lines of
/// the same log. Packed, the same text is read in one go.
#[test]
fn wrong_guesses_where_records_begin_change_nothing() {
    let world = without_database();
    let mut log =
        "moment;pid;root_pid;father_pid;project;job;context;priority;type;origin;message;code\n"
            .to_owned();
    for number in 0..3_000 {
        let line = |pid: &str| {
            format!(
                "2025-03-{:02} 01:{:02}:{:02};{pid};{pid};{pid};P;J_Load_{};PROD;6;Java Exception;tDBInput_1;",
                1 + number / 200,
                number / 60 % 60,
                number % 60,
                number % 17,
            )
        };
        // A message of some ten thousand bytes, of lines that could be records.
        let quoted = (line("Fake00") + "no;1\n").repeat(100);
        writeln!(
            log,
            "{}\"what happened before:\n{quoted}ORA-00942: table or view does not exist\";1",
            line(&format!("R{number:05}"))
        )
        .expect("writing to memory");
    }
    assert!(
        log.len() > 24 << 20,
        "too small to be read in stretches: {}",
        log.len()
    );
    let plain = world.file("plain/logs.csv", &log);
    let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(log.as_bytes()).expect("packed in memory");
    let packed_path = world.home.path().join("logs.csv.gz");
    std::fs::write(&packed_path, packed.finish().expect("packed")).expect("a file");
    let (database, _) = place();
    for (name, path) in [("plain", &plain), ("packed", &packed_path)] {
        let options = ["fuse", "--to", "-", "--as-of", "2025-04-01T00:00:00Z"];
        let answer = world.run(&[&options[..], &[text(path)]].concat()).done();
        assert!(
            answer.stderr.contains("3000 rows of logerreur"),
            "{}",
            answer.stderr
        );
        take(&database.url, name, &answer.stdout);
    }
    assert_same_runs(&database.url, "plain", "packed");
    assert_eq!(number(&database.url, "SELECT count(*) FROM plain"), 3_000);
}

fn without_database() -> World {
    World::on("postgresql://nobody@127.0.0.1:1/none").in_paris()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn read_all(mut from: impl std::io::Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).expect("it can be unpacked");
    bytes
}

fn parquet(path: &Path) -> Vec<RecordBatch> {
    let file = File::open(path).expect("it was written");
    ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .expect("it is Parquet")
        .map(|batch| batch.expect("which can be read"))
        .collect()
}

/// Reads CSV into a new table with the types of another one; lists stay texts.
fn take_like(url: &str, name: &str, like: &str, csv: &str) {
    let columns = csv.lines().next().expect("a header").to_owned();
    connected(url, async |connection| {
        let lists = ["error_signatures", "quality_reasons", "batches", "day_type"].map(|column| {
            format!("DO $$ BEGIN ALTER TABLE {name} ALTER {column} TYPE text USING null; EXCEPTION WHEN undefined_column THEN END $$;")
        });
        let make = format!(
            "CREATE TABLE {name} AS TABLE {like} WITH NO DATA; {}",
            lists.concat()
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(make))
            .execute(&mut *connection)
            .await
            .expect("a table");
        let copy = format!("COPY {name} ({columns}) FROM STDIN (FORMAT csv, HEADER true)");
        let mut into = connection.copy_in_raw(&copy).await.expect("COPY begins");
        into.send(csv.as_bytes()).await.expect("rows are taken");
        into.finish().await.expect("all rows are good");
    });
}

fn take(url: &str, name: &str, csv: &str) {
    take_like(url, name, "dataset", csv);
}

fn drop_table(url: &str, name: &str) {
    connected(url, async |connection| {
        let drop = format!("DROP TABLE {name}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(drop))
            .execute(connection)
            .await
            .expect("it goes");
    });
}

fn assert_same_runs(url: &str, found: &str, expected: &str) {
    // What retires is known where the rows were stored.
    let without = [OF_THE_WAY, &["tree", "job_number", "is_retired"]].concat();
    let columns = shared_columns(url, found, expected, &without);
    assert_equal(url, found, expected, &columns);
}

/// The columns of a table as selected from `found` and from `expected`, as text.
fn shared_columns(
    url: &str,
    found: &str,
    expected: &str,
    without: &[&str],
) -> Vec<(String, String)> {
    let statement = format!(
        "SELECT ARRAY[attname::text, (SELECT format_type(atttypid, NULL) FROM pg_attribute theirs \
         WHERE attrelid = '{expected}'::regclass AND theirs.attname = ours.attname)] FROM pg_attribute ours \
         WHERE attrelid = '{found}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    );
    crate::tables::rows(url, &statement)
        .into_iter()
        .filter(|row| !without.contains(&row[0].as_str()))
        .map(|row| {
            let written = if row[1].ends_with("[]") {
                format!("to_json({})::text", row[0])
            } else {
                row[0].clone()
            };
            (row[0].clone(), written)
        })
        .collect()
}

fn assert_equal(url: &str, found: &str, expected: &str, columns: &[(String, String)]) {
    let ours: Vec<&str> = columns.iter().map(|(ours, _)| ours.as_str()).collect();
    let theirs: Vec<&str> = columns.iter().map(|(_, theirs)| theirs.as_str()).collect();
    let (ours, theirs) = (ours.join(", "), theirs.join(", "));
    for (one, other) in [
        (
            format!("SELECT {ours} FROM {found}"),
            format!("SELECT {theirs} FROM {expected}"),
        ),
        (
            format!("SELECT {theirs} FROM {expected}"),
            format!("SELECT {ours} FROM {found}"),
        ),
    ] {
        let more = number(
            url,
            &format!("SELECT count(*) FROM ({one} EXCEPT ALL {other}) AS more"),
        );
        assert_eq!(more, 0, "{found} and {expected}: {one}");
    }
}

/// Days are business days, which begin on the evening before; both ends are part of what is asked for.
#[test]
fn days_limit_what_is_exported_as_they_limit_lists() {
    let company = Company::simulate(&["--jobs", "15", "--days", "20", "--seed", "4"]);
    let (database, world) = place();
    let load = ["load", "--as-of", &company.as_of, "--allow-rejects"];
    world
        .run(&[&load[..], &[text(&company.logs)]].concat())
        .done();
    for (table, condition) in [
        (
            "dataset",
            "business_day BETWEEN '2025-12-20' AND '2025-12-22'",
        ),
        (
            "job_day",
            "business_day BETWEEN '2025-12-20' AND '2025-12-22'",
        ),
        (
            "log",
            "moment >= '2025-12-19T17:00:00Z' AND moment < '2025-12-22T17:00:00Z'",
        ),
    ] {
        let export = [
            "export",
            table,
            "-o",
            "-",
            "--columns",
            "job",
            "--since",
            "2025-12-20",
        ];
        let answer = world
            .run(&[&export[..], &["--until", "22/12/2025"]].concat())
            .done();
        let expected = number(
            &database.url,
            &format!("SELECT count(*) FROM {table} WHERE {condition}"),
        );
        assert!(expected > 0, "{table}");
        assert_eq!(
            answer.stdout.lines().count() as i64 - 1,
            expected,
            "{table}"
        );
    }
}

#[test]
fn words_that_are_no_status_are_told_with_those_that_are() {
    let (_database, world) = place();
    world.run(&["migrate"]).done();
    for (table, word, words) in [
        (
            "dataset",
            "ok",
            "`ok` is no status of dataset\nhint: there are success, failed, running, lost, cancelled",
        ),
        (
            "job_day",
            "success",
            "`success` is no verdict of job_day\nhint: there are ok, recovered, failed, lost",
        ),
        (
            "log",
            "recovered",
            "`recovered` is no status of log\nhint: there are ",
        ),
    ] {
        let refused = world.run(&["export", table, "-o", "-", "--status", word]);
        assert_eq!((refused.exit, refused.stdout.as_str()), (2, ""));
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    for word in ["success_with_warnings", "unverified", "skipped"] {
        world
            .run(&["export", "dataset", "-o", "-", "--status", word])
            .done();
    }
}

/// Rows that are stored are not read again; a file without a database is not fused in full.
#[test]
fn flags_that_change_nothing_are_refused() {
    let (_database, world) = place();
    world.run(&["migrate"]).done();
    world.file("stats.csv", "moment;pid;father_pid\n");
    for (arguments, words) in [
        (
            &["fuse", "--timezone", "UTC"][..],
            "options for reading change nothing here",
        ),
        (
            &["fuse", "--dialect", "talend"],
            "options for reading change nothing here",
        ),
        (
            &["fuse", "--delimiter", ";"],
            "options for reading change nothing here",
        ),
        (
            &["fuse", "--environment", "PROD"],
            "options for reading change nothing here",
        ),
        (&["fuse", "stats.csv"], "--to <FILE>"),
        (&["fuse", "--to", "x.csv"], "<PATH>"),
        (
            &["fuse", "stats.csv", "--to", "x.csv", "--full"],
            "cannot be used with",
        ),
        (&["fuse", "--allow-rejects"], "--to <FILE>"),
        (&["fuse", "--force"], "--to <FILE>"),
    ] {
        let refused = world.run(arguments);
        assert_eq!(
            (refused.exit, refused.stdout.as_str()),
            (2, ""),
            "{arguments:?}"
        );
        assert!(
            refused.stderr.contains(words),
            "{arguments:?}: {}",
            refused.stderr
        );
    }
}
