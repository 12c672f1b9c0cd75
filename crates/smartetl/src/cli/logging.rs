//! The program's log of itself, on stderr.

use super::{Colour, Context};
use crate::config::LogFormat;
use crate::errors::{ErrorCode, Failure};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// What is heard of connections that go back to their pool.
const POOL: &str = "sqlx_core::pool::connection=error";
/// The same of certificates that this machine does not trust.
const CERTIFICATES: &str = "rustls_platform_verifier=off";

/// Starts it with the level of the configuration, raised by `-v` and lowered by `-q`.
pub fn start(context: &Context, colour: Colour) -> anyhow::Result<()> {
    let log = &context.settings.log;
    let filter = match context.verbosity {
        -1 => "error",
        1 => "info,smartetl=debug,smartetl_store=debug",
        2 => "debug,smartetl=trace,smartetl_store=trace",
        _ => &log.level,
    };
    let filter = EnvFilter::try_new(filter).map_err(|_| {
        let origin = context
            .origins
            .iter()
            .find(|origin| origin.key == "log.level");
        Failure::new(
            ErrorCode::ConfigInvalid,
            format!("log.level: `{}` is no level and no filter", log.level),
        )
        .at(origin.map_or_else(String::new, |origin| origin.origin.clone()))
        .hint("write error, warn, info, debug or trace")
    })?;
    // That a connection broke is said by whoever needed it; its pool would say so once more for each.
    let filter = match &*log.level {
        own if own.contains("sqlx") => filter,
        _ if context.verbosity > 1 => filter,
        _ => filter.add_directive(POOL.parse()?),
    };
    let filter = if context.verbosity > 1 {
        filter
    } else {
        filter.add_directive(CERTIFICATES.parse()?)
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => builder
            .with_ansi(colour.on(std::io::stderr().is_terminal()))
            .with_target(context.verbosity > 0)
            .without_time()
            .init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}
