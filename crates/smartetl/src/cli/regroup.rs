//! `smartetl regroup`: masks and templates anew, by the present version; `--dry-run` shows what that changes.

use super::{Context, Database, Outcome};
use crate::jobs::regroup::{self, Difference, Differences};
use crate::jobs::told;
use crate::night::Lang;
use crate::output::{self, ReportFormat};
use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_core::model::Moment;
use std::fmt::Write as _;

/// Of each kind of change so many are told.
const SHOWN: usize = 10;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only say what would change
    #[arg(long)]
    dry_run: bool,
    /// How to write what changes
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    format: ReportFormat,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    smartetl_store::check_tables(&mut connection).await?;
    let request = regroup::Request {
        dry_run: args.dry_run,
        config: FuseConfig::from(&context.settings_of(&mut connection).await?),
        rules: Rules::from(&context.settings),
        now: Moment(jiff::Timestamp::now().as_microsecond()),
        folder: super::database::scratch(context)?,
    };
    let differences = regroup::regroup(&mut connection, request)
        .await
        .map_err(told)?;
    let text = match args.format {
        ReportFormat::Json => serde_json::to_string_pretty(&differences)? + "\n",
        ReportFormat::Table => output::folded(
            &text(&differences, args.dry_run, context.lang()),
            output::terminal_width(),
        ),
    };
    output::print(&text)?;
    Ok(Outcome::Done)
}

fn text(of: &Differences, dry_run: bool, lang: Lang) -> String {
    let (before, after) = (of.templates_before, of.templates_after);
    let signatures = lang.counted(
        of.signatures as u64,
        [
            lang.pick("signature", "signature"),
            lang.pick("signatures", "signatures"),
        ],
    );
    let (texts, runs) = (of.texts, of.runs);
    let mut text = match lang {
        Lang::En => format!(
            "{signatures}: {texts} masked otherwise; templates {before} → {after}; runs concerned: {runs}\n"
        ),
        Lang::Fr => format!(
            "{signatures}\u{a0}: textes masqués autrement\u{a0}: {texts}\u{a0}; modèles {before} → {after}\u{a0}; exécutions concernées\u{a0}: {runs}\n"
        ),
    };
    for (heading, differences) in [
        (
            lang.pick(
                "templates that become one",
                "modèles qui n’en font plus qu’un",
            ),
            &of.joined,
        ),
        (
            lang.pick(
                "templates that become several",
                "modèles qui en font plusieurs",
            ),
            &of.split,
        ),
        (
            lang.pick(
                "templates under another id",
                "modèles sous un autre identifiant",
            ),
            &of.renamed,
        ),
    ] {
        if differences.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{heading}{} {}", lang.colon(), differences.len());
        for difference in differences.iter().take(SHOWN) {
            tell(difference, &mut text);
        }
        if differences.len() > SHOWN {
            text.push_str("  …\n");
        }
    }
    if of.is_nothing() {
        text += lang.pick("nothing changes\n", "rien ne change\n");
    } else if dry_run {
        text += lang.pick(
            "\nnothing is changed yet; do it: smartetl regroup\n",
            "\nrien n’est encore changé\u{a0}; pour le faire\u{a0}: smartetl regroup\n",
        );
    }
    text
}

fn tell(difference: &Difference, text: &mut String) {
    for before in &difference.before {
        let _ = writeln!(text, "  - {before}");
    }
    for after in &difference.after {
        let _ = writeln!(text, "  + {after}");
    }
}
