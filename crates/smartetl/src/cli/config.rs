//! `smartetl config show`.

use super::{Context, Outcome};
use crate::config::Origin;
use crate::output::{self, Column, Sheet};
use std::fmt::Write;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Show every setting, its value, and where the value comes from. Secrets are shown as ***.
    Show {
        /// How to write it; toml is a configuration file with the values in use.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Print the commented defaults: a start for a configuration file.
    Defaults,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Table,
    Json,
    Toml,
}

pub fn run(args: &Args, context: &Context) -> anyhow::Result<Outcome> {
    match args.action {
        Action::Defaults => output::print(crate::config::DEFAULTS)?,
        Action::Show {
            format: Format::Table,
        } => table(context)?,
        Action::Show {
            format: Format::Json,
        } => output::print(&json(context)?)?,
        Action::Show {
            format: Format::Toml,
        } => output::print(&toml(&context.origins))?,
    }
    Ok(Outcome::Done)
}

fn table(context: &Context) -> anyhow::Result<()> {
    let mut sheet = Sheet::new(["setting", "value", "from"].map(Column::text).to_vec());
    for origin in &context.origins {
        let value = match &origin.value {
            toml::Value::String(text) => text.clone(),
            toml::Value::Array(words) => words
                .iter()
                .filter_map(toml::Value::as_str)
                .collect::<Vec<_>>()
                .join(", "),
            other => other.to_string(),
        };
        sheet.push([
            Some(origin.key.clone()),
            Some(value),
            Some(origin.origin.clone()),
        ]);
    }
    let mut text = sheet.to_table(output::terminal_width());
    text.push_str(
        "\ntimezone is the zone of the business day. Local times in logs are read in\n\
         it too, unless `load` or `up` are given --timezone: the zone of those logs only.\n",
    );
    if let Some(file) = &context.file {
        let state = if context.file_read {
            "read"
        } else {
            "does not exist"
        };
        writeln!(text, "\nconfiguration file: {} ({state})", file.display())?;
    }
    output::print(&text)
}

fn json(context: &Context) -> anyhow::Result<String> {
    let settings: Vec<_> = context
        .origins
        .iter()
        .map(|origin| serde_json::json!({"setting": origin.key, "value": origin.value, "from": origin.origin}))
        .collect();
    let whole = serde_json::json!({
        "file": context.file, "file_read": context.file_read, "settings": settings,
    });
    Ok(serde_json::to_string_pretty(&whole)? + "\n")
}

/// Keys in tables, each with its origin as a comment; secrets are commented out, for `***` is no value.
fn toml(origins: &[Origin]) -> String {
    let mut sorted: Vec<_> = origins.iter().collect();
    // Keys without a table come first, as TOML wants it.
    sorted.sort_by_key(|origin| origin.key.contains('.'));
    let mut text = String::new();
    let mut table = "";
    for origin in sorted {
        let (in_table, name) = origin.key.split_once('.').unwrap_or(("", &origin.key));
        if in_table != table {
            table = in_table;
            writeln!(text, "\n[{table}]").expect("writing to memory cannot fail");
        }
        let secret = origin.value.as_str() == Some("***");
        let name = toml::Value::String(name.to_owned()).to_string();
        let bare = name.trim_matches('"');
        let plain = bare
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        let name = if plain { bare } else { name.as_str() };
        writeln!(
            text,
            "{}{name} = {} # {}",
            if secret { "# " } else { "" },
            origin.value,
            origin.origin.replace('\n', " ")
        )
        .expect("writing to memory cannot fail");
    }
    text
}
