//! `simulate JOBS DAYS SEED FOLDER [plain | csv | parquet | PIECES]`: what `smartetl simulate` does, without smartetl.

use smartetl_simulate::{Format, Options, simulate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [jobs, days, seed, folder, rest @ ..] = &words[..] else {
        return Err(
            "usage: simulate JOBS DAYS SEED FOLDER [plain | csv | parquet | PIECES]".into(),
        );
    };
    let mut options = Options::new(jobs.parse()?, days.parse()?, seed.parse()?, folder);
    for word in rest {
        match word.as_str() {
            "plain" => options.plain = true,
            "csv" => options.format = Format::Csv,
            "parquet" => options.format = Format::Parquet,
            pieces => options.pieces = Some(pieces.parse()?),
        }
    }
    simulate(&options)?;
    Ok(())
}
