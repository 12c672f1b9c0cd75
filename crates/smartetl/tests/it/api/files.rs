//! Lists as files for spreadsheets and notebooks.

use super::client::Api;
use crate::samples::ERROR_COLUMNS;
use crate::support::{World, own_database};
use arrow_array::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use std::io::Write as _;

fn parquet(bytes: &[u8]) -> Vec<RecordBatch> {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("bytes");
    ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .expect("it is Parquet")
        .map(|batch| batch.expect("a batch"))
        .collect()
}

/// Header and records.
fn csv(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let (mut records, mut record) = (Vec::new(), Vec::new());
    let (mut field, mut is_quoted) = (String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => record.push(std::mem::take(&mut field)),
            '\n' if !is_quoted => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            c => field.push(c),
        }
    }
    assert!(
        !is_quoted && field.is_empty() && record.is_empty(),
        "{text}"
    );
    let header = records.remove(0);
    assert!(
        records.iter().all(|record| record.len() == header.len()),
        "{text}"
    );
    (header, records)
}

#[test]
fn what_is_no_list_is_no_file() {
    let api = Api::of_a_company();
    for target in ["/users", "/tokens", "/session", "/about"] {
        for form in ["csv", "parquet"] {
            let answer = api.get(&format!("{target}?format={form}"));
            assert_eq!(answer.status, 406, "{target} as {form}");
        }
    }
    api.up.stop();
}

#[test]
fn each_list_is_also_a_file() {
    let api = Api::of_a_company();
    for (list, whole) in [
        ("/nights", "/nights?limit=500"),
        ("/runs", "/runs?limit=500"),
        ("/jobs", "/jobs?limit=500"),
        ("/issues", "/issues?limit=500"),
        ("/sources", "/sources?limit=500"),
        ("/batches", "/batches?limit=500"),
        ("/errors", "/errors?limit=500"),
    ] {
        let items = api.items(whole);
        let answer = api.ask("GET", list, &[("accept", "text/csv")]);
        assert_eq!(answer.status, 200, "{list}: {}", answer.text());
        assert_eq!(
            answer.header("content-type"),
            Some("text/csv; charset=utf-8")
        );
        let name = format!("attachment; filename=\"{}.csv\"", &list[1..]);
        assert_eq!(answer.header("content-disposition"), Some(&*name));
        assert_eq!(answer.text(), api.get(&format!("{list}?format=csv")).text());
        let (header, records) = csv(&answer.text());
        assert_eq!(records.len(), items.len(), "{list}");
        for (item, record) in items.iter().zip(&records) {
            for (column, cell) in header.iter().zip(record) {
                let value = item.get(column).or_else(|| {
                    let (outer, inner) = column.split_once('_')?;
                    let deeper = column.strip_prefix("first_try_");
                    deeper.map_or_else(
                        || item.get(outer)?.get(inner),
                        |inner| item.get("first_try")?.get(inner),
                    )
                });
                let told = match value {
                    None | Some(Value::Null) => continue,
                    Some(Value::String(text)) => text.clone(),
                    Some(Value::Number(number)) if number.is_f64() => continue,
                    Some(value) => value.to_string(),
                };
                let cell = cell.strip_prefix('\'').unwrap_or(cell);
                assert_eq!(*cell, told, "{list}: {column}");
            }
        }
        let answer = api.get(&format!("{list}?format=parquet"));
        let batches = parquet(&answer.bytes);
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        assert_eq!(rows, items.len(), "{list}");
        let schema = batches[0].schema();
        let names: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
        assert_eq!(names, header.iter().collect::<Vec<_>>(), "{list}");
    }
    // In parts, the head says where it goes on.
    let (mut target, mut keys) = ("/runs?format=csv&limit=50".to_owned(), Vec::new());
    loop {
        let answer = api.get(&target);
        let (header, records) = csv(&answer.text());
        let key = header.iter().position(|name| name == "run_key");
        let key = key.expect("a key");
        keys.extend(records.into_iter().map(|record| record[key].clone()));
        let Some(next) = answer.header("link") else {
            break;
        };
        let next = next.strip_prefix("</api/v1").expect("a link");
        let next = next.strip_suffix(">; rel=\"next\"");
        next.expect("a link").clone_into(&mut target);
    }
    let listed = api.items("/runs?limit=500");
    let listed: Vec<&str> = listed
        .iter()
        .filter_map(|run| run["run_key"].as_str())
        .collect();
    assert_eq!(keys, listed);
    api.up.stop();
}

#[test]
fn no_text_of_a_file_is_a_formula() {
    let database = own_database();
    let world = World::on(&database.url);
    let stats = crate::samples::COLUMNS.to_owned()
        + "2026-01-05 02:00:00;a1;a1;a1;1;SALES;=HYPERLINK(1);_id;0.1;Prod;;begin;;\n"
        + "2026-01-05 02:01:00;a1;a1;a1;1;SALES;=HYPERLINK(1);_id;0.1;Prod;;end;failure;60000\n";
    let errors = ERROR_COLUMNS.to_owned()
        + "2026-01-05 02:00:30;a1;a1;a1;SALES;=HYPERLINK(1);Prod;6;Java Exception;tDBInput_1;@SUM(1+1)*cmd|' /C calc'!A0;1\n";
    world.file("logs/stats.csv", &stats);
    world.file("logs/errors.csv", &errors);
    world.run(&["load", "logs"]).done();
    let api = Api::over(database, world, &[]);
    let run = &api.json("/runs?all=true")["items"][0];
    assert_eq!(
        run["job"], "=HYPERLINK(1)",
        "programs are given what was stored"
    );
    for list in ["/runs", "/jobs?all=true", "/issues"] {
        let mark = if list.contains('?') { '&' } else { '?' };
        let answer = api.get(&format!("{list}{mark}format=csv"));
        let (_, records) = csv(&answer.text());
        let cells = records.concat();
        assert!(
            cells.iter().any(|cell| cell.contains("=HYPERLINK(1)")),
            "{list}: {cells:?}"
        );
        for cell in cells {
            assert!(
                !cell.starts_with(['=', '+', '@', '\t', '\r']),
                "{list}: {cell}"
            );
        }
    }
    api.up.stop();
}
