//! Queries that PostgreSQL refuses, whose answers lack something, or bring nothing of what the panel names.

use super::Mistake::{Set, Text};
use super::{Case, DETAIL, NUIT, RULES, STAT};
use serde_json::json;

/// The SQL of the panel with the durations, and of the table.
const SERIES: &str = "/panels/2/targets/0/rawSql";
const TABLE: &str = "/panels/3/targets/0/rawSql";

pub fn cases() -> Vec<Case> {
    let stat = "$.panels[1].targets[0].rawSql";
    let series = "$.panels[2].targets[0].rawSql";
    vec![
        (
            Set(
                NUIT,
                STAT,
                json!("SELECT count(*) FROM dataset WHERE statu = 'failed'"),
            ),
            "query",
            stat,
            "column \"statu\" does not exist",
        ),
        (
            Set(NUIT, STAT, json!("SELECT 1 AS a\nFROM datasett")),
            "query",
            stat,
            "[2: FROM datasett]",
        ),
        // Right as far as EXPLAIN goes: it fails at the first row.
        (
            Set(NUIT, STAT, json!("SELECT job::integer FROM dataset")),
            "query",
            stat,
            "invalid input syntax for type integer",
        ),
        (
            Set(NUIT, STAT, json!("DELETE FROM dataset")),
            "query",
            stat,
            "syntax error",
        ),
        (
            Set(NUIT, STAT, json!("SELECT 1; SELECT 2")),
            "query",
            stat,
            "multiple commands",
        ),
        (
            Set(NUIT, STAT, json!("SELECT pg_sleep(60)")),
            "query",
            stat,
            "statement timeout",
        ),
        // The list brings its own quotes.
        (
            Set(
                NUIT,
                TABLE,
                json!("SELECT job FROM dataset WHERE job IN ('$job')"),
            ),
            "query",
            "$.panels[3].targets[0].rawSql",
            "syntax error",
        ),
        (
            Set(
                NUIT,
                STAT,
                json!("SELECT count(*) FROM dataset WHERE $__timeFliter(started_at)"),
            ),
            "macro",
            stat,
            "there is no macro $__timeFliter()",
        ),
        (
            Set(
                NUIT,
                SERIES,
                json!(
                    "SELECT $__timeGroupAlias(date_trunc('hour',started_at),'1h'), 1 FROM dataset ORDER BY 1"
                ),
            ),
            "macro",
            series,
            "takes no interval `started_at`",
        ),
        (
            Set(
                NUIT,
                STAT,
                json!("SELECT count(*) FROM dataset WHERE job = $jobs"),
            ),
            "undefined_variable",
            stat,
            "there is no variable `jobs`",
        ),
        (
            Set(
                NUIT,
                TABLE,
                json!("SELECT job FROM dataset WHERE job IN (${job:sqlstrin})"),
            ),
            "variable_format",
            "$.panels[3].targets[0].rawSql",
            "no way `sqlstrin`",
        ),
        (
            Set(
                NUIT,
                SERIES,
                json!("SELECT started_at AS moment, duration_ms FROM dataset ORDER BY 1"),
            ),
            "columns",
            series,
            "no column `time` with moments",
        ),
        (
            Set(
                NUIT,
                SERIES,
                json!("SELECT started_at AS \"time\", duration_ms FROM dataset"),
            ),
            "unsorted",
            series,
            "has no ORDER BY",
        ),
        (
            Set(NUIT, STAT, json!(" ")),
            "no_query",
            stat,
            "this query is empty",
        ),
        (
            Set(
                NUIT,
                "/annotations/list/0/target/rawSql",
                json!("SELECT job AS text FROM dataset"),
            ),
            "columns",
            "$.annotations.list[0].target.rawSql",
            "this annotation has no column `time`",
        ),
        (
            Set(
                NUIT,
                "/templating/list/0/query",
                json!("SELECT environnement FROM dataset"),
            ),
            "query",
            "$.templating.list[0].query",
            "column \"environnement\" does not exist",
        ),
        (
            Set(NUIT, "/templating/list/0/query", json!("")),
            "no_query",
            "$.templating.list[0].query",
            "this variable has no query",
        ),
        (
            Set(
                NUIT,
                "/templating/list/0/query",
                json!("SELECT environment FROM dataset WHERE job IN ($job)"),
            ),
            "variable_circle",
            "$.templating.list[0].query",
            "waits for one that waits for it",
        ),
        (
            Text(
                RULES,
                "count(*) AS failed FROM dataset",
                "count(*) AS failed FROM runs",
            ),
            "query",
            "$.groups[0].rules[0].data[0].model.rawSql",
            "relation \"runs\" does not exist",
        ),
        (
            Text(
                RULES,
                "SELECT job, count(*) AS failed FROM",
                "SELECT job FROM",
            ),
            "columns",
            "$.groups[0].rules[0].data[0].model.rawSql",
            "brings no number to compare",
        ),
        (
            Text(RULES, "status = 'failed'", "environment = '$environment'"),
            "variable_in_alert",
            "$.groups[0].rules[0].data[0].model.rawSql",
            "the variable `environment` has no value here",
        ),
        // Rows that only numbers tell apart.
        (
            Text(
                RULES,
                "SELECT job, count(*) AS failed FROM dataset\n                WHERE $__timeFilter(started_at) AND status = 'failed'\n                GROUP BY job",
                "SELECT 'x' AS job, 1 AS value UNION ALL SELECT 'x', 2",
            ),
            "same_labels",
            "$.groups[0].rules[0].data[0].model.rawSql",
            "two rows of this rule have the same texts (x)",
        ),
        // Readers would see these tables empty.
        (
            Set(NUIT, STAT, json!("SELECT count(*) FROM account")),
            "forbidden",
            stat,
            "row-level security policy for table \"account\"",
        ),
        (
            Set(NUIT, STAT, json!("SELECT count(*) FROM session")),
            "forbidden",
            stat,
            "\"session\"",
        ),
        (
            Set(NUIT, STAT, json!("SELECT count(*) FROM api_token")),
            "forbidden",
            stat,
            "\"api_token\"",
        ),
        (
            Set(NUIT, STAT, json!("SELECT count(*) FROM audit")),
            "forbidden",
            stat,
            "\"audit\"",
        ),
        (
            Set(
                NUIT,
                STAT,
                json!("SELECT length(pg_read_file('/etc/passwd'))"),
            ),
            "forbidden",
            stat,
            "pg_read_file",
        ),
        (
            Set(
                NUIT,
                "/panels/3/fieldConfig/overrides/0/matcher/options",
                json!("duration"),
            ),
            "unknown_column",
            "$.panels[3].fieldConfig.overrides[0].matcher.options",
            "brings a column `duration`",
        ),
        (
            Set(
                NUIT,
                "/panels/3/transformations",
                json!([{ "id": "organize", "options": { "excludeByName": { "Nope": true } } }]),
            ),
            "unknown_column",
            "$.panels[3].transformations[0].options.excludeByName",
            "brings a column `Nope`",
        ),
        (
            Set(
                NUIT,
                "/panels/1/options",
                json!({ "reduceOptions": { "fields": "/^Nope$/" } }),
            ),
            "unknown_column",
            "$.panels[1].options.reduceOptions.fields",
            "matches /^Nope$/",
        ),
        (
            Set(
                NUIT,
                STAT,
                json!("SELECT count(*)::text AS echecs FROM dataset"),
            ),
            "columns",
            "$.panels[1].options.reduceOptions.fields",
            "takes columns with numbers",
        ),
        (
            Set(
                NUIT,
                DETAIL,
                json!("/d/fiche?var-job=${__data.fields.jobz}"),
            ),
            "unknown_column",
            "$.panels[3].fieldConfig.overrides[0].properties[1].value[0].url",
            "brings a column `jobz`",
        ),
        (
            Text(
                RULES,
                "{{ $labels.job }} failed",
                "{{ $labels.jbo }} failed",
            ),
            "template",
            "$.groups[0].rules[0].annotations.summary",
            "brings a label `jbo`",
        ),
    ]
}
