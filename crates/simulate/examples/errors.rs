//! Simulated errors for `make bench`, one per line as JSON: a message, and behind every third one its Java stack trace.
//! The only argument says how many.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write as _};

fn main() -> io::Result<()> {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok());
    let count: usize = count.ok_or_else(|| io::Error::other("how many?"))?;
    let mut out = BufWriter::new(io::stdout().lock());
    for (index, saying) in smartetl_simulate::sayings(5).take(count).enumerate() {
        let mut error = saying.message;
        if index % 3 == 0 {
            trace(&mut error, index);
        }
        serde_json::to_writer(&mut out, &error)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// As a JVM prints it: frames of the platform, of the job, and a cause.
fn trace(error: &mut String, index: usize) {
    for frame in 0..4 + index % 5 {
        let line = 100 + (index * 7 + frame) % 900;
        let _ = write!(
            error,
            "\n\tat org.talend.components.common.Stage{frame}.run(Stage{frame}.java:{line})"
        );
    }
    let _ = write!(
        error,
        "\n\tat erp.job_{0}_0_1.Job_{0}.tDBInput_1Process(Job_{0}.java:{1})\nCaused by: java.io.IOException: lot {index}\n\t... {2} more",
        index % 40,
        index % 5_000,
        index % 30
    );
}
