//! For tests only: a program that offers the hidden subcommand, and that can itself use an
//! embedded server, so that tests have processes to start as other users and to kill.
//!
//! `hold DATA_DIR CACHE_DIR [--archive FILE] [--bin FOLDER]` prints one JSON line and uses the
//! server until its stdin ends, or until it reads `stop`, which stops the server.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use smartetl_store::embedded::{Embedded, Options, SUBCOMMAND, run_as_postgres};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let verb = arguments.next().unwrap_or_default();
    if verb == SUBCOMMAND {
        return run_as_postgres(arguments);
    }
    let arguments: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    match hold(&arguments) {
        Ok(()) if verb == "hold" => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    }
}

fn hold(arguments: &[PathBuf]) -> Result<(), Box<dyn Error>> {
    let [data_dir, cache_dir, rest @ ..] = arguments else {
        return Err("hold DATA_DIR CACHE_DIR".into());
    };
    let runner = std::env::current_exe()?;
    let mut options = Options::new(data_dir.clone(), cache_dir.clone(), runner);
    for pair in rest.chunks_exact(2) {
        match pair[0].to_str() {
            Some("--archive") => options.archive = Some(pair[1].clone()),
            Some("--bin") => options.bin = Some(pair[1].clone()),
            _ => return Err("unknown option".into()),
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let server = match runtime.block_on(Embedded::start(options)) {
        Ok(server) => server,
        Err(error) => {
            say(
                &serde_json::json!({ "error": error, "text": error.to_string(), "hint": error.hint() }),
            )?;
            return Err(error.into());
        }
    };
    say(&serde_json::json!({
        "url": server.url(),
        "postmaster": server.pid(),
        "supervisor": server.supervisor_pid(),
        "socket_dir": server.socket_dir(),
    }))?;
    let mut order = String::new();
    std::io::stdin().read_line(&mut order)?;
    if order.trim() == "stop" {
        let stopped = runtime.block_on(server.stop())?;
        say(&serde_json::json!({ "stopped": stopped }))?;
    }
    Ok(())
}

fn say(line: &serde_json::Value) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{line}")
}
