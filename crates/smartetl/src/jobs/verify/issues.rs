//! Issues judged again from the stored runs, and compared with `issue`.

use smartetl_core::issue::Rules;
use smartetl_store::issues;
use sqlx::PgConnection;

use super::{Checking, Report};
use crate::reason::Reason;

const FUSE_FULL: [&str; 2] = [
    "run `smartetl fuse --full`: issues are judged again with all runs",
    "lancez `smartetl fuse --full`\u{a0}: les problèmes sont recalculés avec toutes les exécutions",
];

/// Compares every issue; adds its check to the report.
pub(super) async fn compare(
    connection: &mut PgConnection,
    rules: Rules,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut checking = Checking::new(
        "issue",
        [
            "issues are what runs and people make of them",
            "les problèmes sont ce que donnent les exécutions et les personnes",
        ],
        "issues",
    );
    let Some((looked_at, differences)) = issues::compare(connection, rules).await? else {
        let note = [
            "issues were not judged again: issues.resolve_after is not that of the last fuse",
            "les problèmes n’ont pas été recalculés\u{a0}: issues.resolve_after n’est pas celui de la dernière fusion",
        ];
        report.notes.push(note.into());
        return Ok(());
    };
    checking.looked_at(looked_at);
    for difference in differences {
        let place = [
            format!(
                "{} in {}, {}",
                difference.issue, difference.environment, difference.family
            ),
            format!(
                "{} dans {}, {}",
                difference.issue, difference.environment, difference.family
            ),
        ];
        let what = match (&difference.columns, difference.is_missing) {
            (Some(columns), _) => {
                let columns = columns.join(", ");
                Reason::from([
                    format!("not what runs and people make of it: {columns}"),
                    format!("pas ce que donnent les exécutions et les personnes\u{a0}: {columns}"),
                ])
            }
            (None, true) => ["an issue is missing", "il manque un problème"].into(),
            (None, false) => [
                "an issue that no run speaks of",
                "un problème dont aucune exécution ne parle",
            ]
            .into(),
        };
        checking.find(what, place, FUSE_FULL);
    }
    report.add(checking);
    Ok(())
}
