//! How fast each container and dialect is read: from a file to rows that nobody takes. `make bench` prints the table.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use flate2::write::GzEncoder;
use smartetl_core::model::{ErrorRow, LogRow, Reject, RowSink};
use smartetl_formats::{AtEnd, Extractor, Plan, Position, Settings};
use smartetl_simulate::{Format, Options};

fn main() {
    divan::main();
}

/// Simulated Talend logs, the same in other containers and encodings, a table of Airflow's, which goes by a mapping, and events of
/// OpenLineage: as small as they can be, as Airflow sends them, and with a megabyte of facets that nobody asks for.
const FILES: &[&str] = &[
    "stats.csv",
    "logs.csv",
    "meters.csv",
    "stats.csv.gz",
    "stats.csv.zst",
    "stats.windows-1252.csv",
    "stats.utf-16.csv",
    "stats.parquet",
    "logs.parquet",
    "airflow_task_instance.csv",
    "airflow_task_instance.jsonl",
    "openlineage_small.jsonl",
    "openlineage_airflow.jsonl",
    "openlineage_airflow.json",
    "openlineage_huge.jsonl",
];

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    make(folder.path()).expect("files are written");
    folder
});

/// Bytes are those of the content: unpacked, but for Parquet.
#[divan::bench(args = FILES, sample_count = 10, sample_size = 1)]
fn read(bencher: Bencher<'_, '_>, name: &str) {
    let path = FOLDER.path().join(name);
    let bytes = content_bytes(&path);
    let records = records(&path);
    bencher
        .counter(BytesCount::new(bytes))
        .counter(ItemsCount::new(records))
        .bench(|| divan::black_box(self::records(&path)));
}

/// Reads a file to its end.
fn records(path: &Path) -> u64 {
    let settings = Settings {
        path: path.display().to_string(),
        ..Settings::default()
    };
    let file = File::open(path).expect("it is there");
    let plan = Plan::examine(&file, &settings).expect("it is recognised");
    let mut extractor = Extractor::open(&file, &plan, &settings, Position::START, AtEnd::Take)
        .expect("it can be read");
    let mut sink = Count::default();
    while extractor
        .step(&mut sink)
        .expect("it can be read to its end")
        .is_some()
    {
        sink.records += 1;
    }
    assert_eq!(sink.rejects, 0, "{}", path.display());
    sink.records
}

#[derive(Default)]
struct Count {
    records: u64,
    rejects: u64,
}

impl RowSink for Count {
    fn log(&mut self, row: &LogRow<'_>) {
        divan::black_box(row);
    }

    fn error(&mut self, row: &ErrorRow<'_>) {
        divan::black_box(row);
    }

    fn reject(&mut self, _: &Reject<'_>) {
        self.rejects += 1;
    }
}

fn content_bytes(path: &Path) -> u64 {
    let unpacked: PathBuf = match path.extension().and_then(|extension| extension.to_str()) {
        Some("gz" | "zst") => path.with_extension(""),
        _ => path.to_owned(),
    };
    unpacked.metadata().expect("it is there").len()
}

fn make(folder: &Path) -> std::io::Result<()> {
    for format in [Format::Csv, Format::Parquet] {
        let options = Options {
            format,
            plain: true,
            ..Options::new(200, 40, 1, folder)
        };
        smartetl_simulate::simulate(&options).map_err(std::io::Error::other)?;
    }
    let text = std::fs::read_to_string(folder.join("stats.csv"))?;
    let mut packed = GzEncoder::new(
        File::create(folder.join("stats.csv.gz"))?,
        flate2::Compression::default(),
    );
    packed.write_all(text.as_bytes())?;
    packed.finish()?;
    let zstd = zstd::encode_all(text.as_bytes(), 3)?;
    std::fs::write(folder.join("stats.csv.zst"), zstd)?;
    let accented = text.replace("J_ODS_", "J_Entrepôt_");
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(&accented);
    std::fs::write(folder.join("stats.windows-1252.csv"), latin)?;
    let utf_16 = std::iter::once(0xFEFF).chain(accented.encode_utf16());
    let utf_16: Vec<u8> = utf_16.flat_map(u16::to_le_bytes).collect();
    std::fs::write(folder.join("stats.utf-16.csv"), utf_16)?;
    airflow(folder)?;
    openlineage(folder)
}

/// Tasks of Airflow, with the facets that it sends; the same as a document; others.
fn openlineage(folder: &Path) -> std::io::Result<()> {
    let task = |number: usize, facets: &str| {
        let (kind, run) = (["START", "COMPLETE"][number % 2], number / 2);
        let day = 1 + run / 1_000 % 28;
        format!(
            "{{\"eventTime\":\"2026-01-{day:02}T02:{:02}:{:02}.250000+00:00\",\"eventType\":\"{kind}\",\"inputs\":[],\
             \"job\":{{\"facets\":{{\"jobType\":{{\"integration\":\"AIRFLOW\",\"jobType\":\"TASK\",\"processingType\":\"BATCH\"}}}},\
             \"name\":\"dag_{}.load\",\"namespace\":\"airflow-prod\"}},\"outputs\":[],\
             \"producer\":\"https://github.com/apache/airflow/tree/providers-openlineage/2.2.0\",\"run\":{{\"facets\":{{{facets}\
             \"parent\":{{\"job\":{{\"name\":\"dag_{}\",\"namespace\":\"airflow-prod\"}},\
             \"run\":{{\"runId\":\"019a0e00-7c00-7d11-8a01-{run:012}\"}}}}}},\
             \"runId\":\"019a0e00-7c00-7d11-8a02-{run:012}\"}},\
             \"schemaURL\":\"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent\"}}",
            number % 60,
            run % 60,
            run % 50,
            run % 50
        )
    };
    let of_airflow = format!(
        "\"airflow\":{{\"taskInstance\":{{\"try_number\":1,\"map_index\":-1}},\"task\":{{\"args\":\"{}\",\"upstream\":[{}1]}}}},",
        "word ".repeat(200),
        "1,".repeat(300)
    );
    let plan = format!(
        "\"spark.logicalPlan\":{{\"plan\":[{}{{}}]}},",
        "{\"class\":\"org.apache.spark.sql.catalyst.plans.logical.Project\",\"num-children\":1,\"text\":\"a \\\"b\\\" c\"},".repeat(10_000)
    );
    let write = |name: &str, count: usize, facets: &str, between: [&str; 3]| {
        let mut file = File::create(folder.join(name)).map(std::io::BufWriter::new)?;
        file.write_all(between[0].as_bytes())?;
        for number in 0..count {
            if number > 0 {
                file.write_all(between[1].as_bytes())?;
            }
            file.write_all(task(number, facets).as_bytes())?;
        }
        file.write_all(between[2].as_bytes())?;
        file.flush()
    };
    let lines = ["", "\n", "\n"];
    write("openlineage_small.jsonl", 50_000, "", lines)?;
    write("openlineage_airflow.jsonl", 20_000, &of_airflow, lines)?;
    write(
        "openlineage_airflow.json",
        20_000,
        &of_airflow,
        ["[", ", ", "]"],
    )?;
    write("openlineage_huge.jsonl", 60, &plan, lines)
}

/// 100,000 tries of tasks, as CSV and as JSON lines.
fn airflow(folder: &Path) -> std::io::Result<()> {
    let create = |name: &str| File::create(folder.join(name)).map(std::io::BufWriter::new);
    let mut csv = create("airflow_task_instance.csv")?;
    let mut lines = create("airflow_task_instance.jsonl")?;
    writeln!(
        csv,
        "task_id,dag_id,run_id,map_index,start_date,end_date,duration,state,try_number,hostname"
    )?;
    for number in 0..100_000 {
        let (day, task, dag) = (1 + number / 20 % 28, number % 20, number / 560);
        let run = format!("scheduled__2026-01-{day:02}T02:00:00+00:00");
        let start = format!("2026-01-{day:02} 02:{task:02}:00.250000");
        let end = format!("2026-01-{day:02} 02:{task:02}:41.500000");
        let host = format!("worker-{}", task % 3);
        writeln!(
            csv,
            "load_{task},warehouse_{dag},{run},-1,{start},{end},41.25,success,1,{host}"
        )?;
        writeln!(
            lines,
            "{{\"task_id\":\"load_{task}\",\"dag_id\":\"warehouse_{dag}\",\"run_id\":\"{run}\",\"map_index\":-1,\
             \"start_date\":\"{start}\",\"end_date\":\"{end}\",\"duration\":41.25,\"state\":\"success\",\
             \"try_number\":1,\"hostname\":\"{host}\"}}"
        )?;
    }
    csv.flush()?;
    lines.flush()
}
