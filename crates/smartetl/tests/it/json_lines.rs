//! JSON lines go the way of CSV: grown, cut, packed, taken back, folded without a database.

use crate::samples::stats;
use crate::support::{World, place};
use crate::tables::{assert_same_content, number};

const AS_OF: [&str; 2] = ["--as-of", "2026-03-01T00:00:00Z"];

/// The same table as JSON lines; a blank line stands where the header was.
fn json_lines(csv: &str) -> String {
    let mut lines = csv.lines().map(|line| line.split(';'));
    let names: Vec<&str> = lines.next().expect("a header").collect();
    let mut text = "\n".to_owned();
    for fields in lines {
        let object: serde_json::Map<_, _> = names
            .iter()
            .zip(fields)
            .filter(|(_, field)| !field.is_empty())
            .map(|(name, field)| ((*name).to_owned(), field.into()))
            .collect();
        text += &serde_json::to_string(&object).expect("JSON");
        text += "\n";
    }
    text
}

#[test]
fn cut_and_grown_it_gives_what_csv_gives_and_is_taken_back() {
    let (of_csv, of_json) = (place(), place());
    let csv = stats(0..40);
    let json = json_lines(&csv);
    let load = [&["load", "logs"][..], &AS_OF].concat();
    of_csv.1.file("logs/stats.csv", &csv);
    of_csv.1.run(&load).done();
    // In the middle of a line, which is a reject until it goes on.
    let cut = json.len() / 2 - 40;
    assert_ne!(json.as_bytes()[cut], b'\n');
    of_json.1.file("logs/stats.jsonl", &json[..cut]);
    assert_eq!(of_json.1.run(&load).exit, 1);
    assert_eq!(number(&of_json.0.url, "SELECT count(*) FROM reject"), 1);
    of_json.1.file("logs/stats.jsonl", &json);
    of_json.1.run(&load).done();
    assert_same_content("JSON lines", &of_csv.0.url, &of_json.0.url);
    of_json.1.run(&["verify", "--recompute"]).done();
    // A copy, packed: nothing new.
    let packed = zstd::encode_all(json.as_bytes(), 3).expect("memory takes it");
    std::fs::write(of_json.1.home.path().join("logs/copy.jsonl.zst"), packed).expect("a file");
    of_json.1.run(&load).done();
    assert_same_content("a packed copy", &of_csv.0.url, &of_json.0.url);
    of_json
        .1
        .run(&["unload", "logs/stats.jsonl", AS_OF[0], AS_OF[1]])
        .done();
    for table in ["log", "dataset", "job_day"] {
        let left = number(&of_json.0.url, &format!("SELECT count(*) FROM {table}"));
        assert_eq!(left, 0, "{table}");
    }
}

#[test]
fn several_readers_fold_one_file_as_they_fold_csv() {
    let world = World::new().in_paris();
    let csv = stats(0..20_000);
    world.file("stats.csv", &csv);
    let json = json_lines(&csv);
    assert!(json.len() > 8 << 20, "enough for two readers");
    world.file("stats.jsonl", &json);
    for (logs, to) in [("stats.csv", "a.csv"), ("stats.jsonl", "b.csv")] {
        world
            .run(&["fuse", logs, "--to", to, AS_OF[0], AS_OF[1]])
            .done();
    }
    let runs = |name: &str| {
        let text = std::fs::read_to_string(world.home.path().join(name)).expect("runs");
        // When it was folded differs.
        let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let names = lines.next().expect("a header");
        let fused = names.iter().position(|name| *name == "fused_at");
        lines
            .map(|mut fields| {
                fused.map(|at| fields.remove(at));
                fields.join(",")
            })
            .collect::<Vec<_>>()
    };
    let (of_csv, of_json) = (runs("a.csv"), runs("b.csv"));
    assert_eq!(of_csv.len(), 20_000);
    assert!(of_csv == of_json, "the runs differ");
}
