//! Runs what dashboards and rules ask, once for each way in which their variables can be set.

use super::alerting::{is_expression, labels_of_rule, rules};
use super::chosen::{Known, current_of, options_of, query_of, stand_in_of, ways};
use super::expand::{Setting, expand, references};
use super::fields::{self, Frame};
use super::macros::{self, Range};
use super::provisioning::Provisioning;
use super::runner::{Answer, Kind, Refusal, Runner};
use super::sql::{sorts, without_comments};
use super::time::{self, End};
use super::tree::{inner_list, list, panels, text};
use super::{Finding, Notes, Request, Sheet, data_source};
use crate::dashboards::form::is_built_in;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// How far back a query looks where nothing says so.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// A connection, and how often something was run in it.
pub struct Runs<'c> {
    runner: Runner<'c>,
    request: &'c Request,
    pub count: usize,
}

/// What a query is for, which says what its answer must have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Table,
    /// A column `time`, sorted.
    Series,
    /// A column that holds moments, whatever its name.
    Graph,
    Annotation,
    Variable,
    /// A number to compare.
    Alert,
}

impl<'c> Runs<'c> {
    /// # Errors
    /// The database is gone.
    pub async fn new(
        request: &'c Request,
        connection: &'c mut PgConnection,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            runner: Runner::new(connection).await?,
            request,
            count: 0,
        })
    }

    pub async fn dashboards(
        &mut self,
        sheets: &[Sheet<'_>],
        found: &mut Vec<Finding>,
    ) -> anyhow::Result<()> {
        for sheet in sheets {
            let mut notes = Notes {
                file: sheet.file.clone(),
                findings: found,
            };
            let range = self.range_of(sheet.value);
            let known = self.variables(sheet.value, &range, &mut notes).await?;
            let ways = ways(&known);
            for panel in panels(sheet.value) {
                let mut frames = Some(Vec::new());
                for (index, target) in list(panel.value, "targets").iter().enumerate() {
                    if data_source::is_sql(target, panel.value) {
                        let path = format!("{}.targets[{index}].rawSql", panel.path);
                        let purpose = purpose(target, panel.value);
                        let sql = text(target, "rawSql");
                        let answers = self
                            .each(sql, &path, (&ways, &range), purpose, &mut notes)
                            .await?;
                        let frame = answers
                            .first()
                            .and_then(|answer| frame(answer, target, purpose));
                        frames = frames.zip(frame).map(|(mut frames, frame)| {
                            frames.push(frame);
                            frames
                        });
                    } else {
                        frames = None;
                    }
                }
                if let Some(frames) = frames.filter(|frames| !frames.is_empty()) {
                    fields::check(&panel, &frames, &mut notes);
                }
            }
            for (index, annotation) in inner_list(sheet.value, "annotations", "list")
                .iter()
                .enumerate()
            {
                if is_built_in(annotation) {
                    continue;
                }
                let path = format!("$.annotations.list[{index}]");
                let (sql, path) = match annotation.pointer("/target/rawSql").and_then(Value::as_str)
                {
                    Some(sql) => (sql, format!("{path}.target.rawSql")),
                    None => (text(annotation, "rawQuery"), format!("{path}.rawQuery")),
                };
                self.each(sql, &path, (&ways, &range), Purpose::Annotation, &mut notes)
                    .await?;
            }
        }
        Ok(())
    }

    pub async fn rules(
        &mut self,
        provisioning: &Provisioning,
        found: &mut Vec<Finding>,
    ) -> anyhow::Result<()> {
        for rule in rules(provisioning) {
            let mut notes = Notes {
                file: rule.file.to_owned(),
                findings: found,
            };
            let mut labels = Some(BTreeSet::new());
            for (index, step) in list(rule.value, "data").iter().enumerate() {
                let Some(sql) = step.pointer("/model/rawSql").and_then(Value::as_str) else {
                    continue;
                };
                if is_expression(step) {
                    continue;
                }
                let seconds = |key: &str, other: i64| {
                    let given = step.pointer(&format!("/relativeTimeRange/{key}"));
                    SignedDuration::from_secs(given.and_then(Value::as_i64).unwrap_or(other))
                };
                let range = Range {
                    from: self.before(seconds("from", 86_400)),
                    to: self.before(seconds("to", 0)),
                };
                let path = format!("{}.data[{index}].model.rawSql", rule.path);
                let purpose = match text(&step["model"], "format") {
                    "time_series" => Purpose::Series,
                    _ => Purpose::Alert,
                };
                let ways = [BTreeMap::new()];
                let answers = self
                    .each(sql, &path, (&ways, &range), purpose, &mut notes)
                    .await?;
                match (answers.first(), &mut labels) {
                    (Some(answer), Some(labels)) => labels.extend(texts_of(answer)),
                    // A query that was refused might have brought any.
                    _ => labels = None,
                }
            }
            if let Some(labels) = labels {
                labels_of_rule(&rule, &labels, &mut notes);
            }
        }
        Ok(())
    }

    /// Runs the queries of all variables, those first that others name; gives what each can be set to.
    async fn variables(
        &mut self,
        dashboard: &Value,
        range: &Range,
        notes: &mut Notes<'_>,
    ) -> anyhow::Result<Vec<Known>> {
        let all = inner_list(dashboard, "templating", "list");
        let mut waiting: Vec<(usize, &Value)> = all.iter().enumerate().collect();
        let mut known: Vec<Known> = Vec::new();
        while !waiting.is_empty() {
            let names: BTreeSet<&str> = waiting
                .iter()
                .map(|(_, variable)| text(variable, "name"))
                .collect();
            let (ready, later): (Vec<_>, Vec<_>) =
                waiting.iter().copied().partition(|(_, variable)| {
                    let (sql, _) = query_of(variable);
                    let mut named = references(sql).into_iter();
                    !named.any(|named| names.contains(named.name.as_str()))
                });
            if ready.is_empty() {
                for (index, variable) in later {
                    notes.add(
                        "variable_circle",
                        format!("$.templating.list[{index}].query"),
                        [
                            format!(
                                "the variable `{}` waits for one that waits for it",
                                text(variable, "name")
                            ),
                            format!(
                                "la variable `{}` en attend une qui l’attend",
                                text(variable, "name")
                            ),
                        ],
                        [
                            "let one of them stand alone",
                            "laissez l’une d’elles indépendante",
                        ],
                    );
                }
                break;
            }
            for (index, variable) in ready {
                let one = self
                    .variable(index, variable, (&known, range), notes)
                    .await?;
                known.push(one);
            }
            waiting = later;
        }
        Ok(known)
    }

    async fn variable(
        &mut self,
        index: usize,
        variable: &Value,
        (known, range): (&[Known], &Range),
        notes: &mut Notes<'_>,
    ) -> anyhow::Result<Known> {
        let (query, below) = query_of(variable);
        let mut values = Vec::new();
        if text(variable, "type") == "query" {
            let path = format!("$.templating.list[{index}].{below}");
            if query.trim().is_empty() {
                notes.add(
                    "no_query",
                    path,
                    [
                        "this variable has no query",
                        "cette variable n’a pas de requête",
                    ],
                    [
                        "write it, or make the variable a list of its own",
                        "écrivez-la, ou faites de la variable une liste",
                    ],
                );
            } else {
                let ways = ways(known);
                let answers = self
                    .each(query, &path, (&ways, range), Purpose::Variable, notes)
                    .await?;
                let mut stand_in = None;
                for answer in answers {
                    stand_in =
                        stand_in.or_else(|| answer.types.first().map(|kind| stand_in_of(kind)));
                    values.extend(answer.values);
                }
                if values.is_empty() {
                    values.extend(current_of(variable));
                }
                if values.is_empty() {
                    values.extend(stand_in.map(str::to_owned));
                }
            }
        } else {
            values = options_of(variable);
        }
        let flag = |key: &str| variable.get(key) == Some(&Value::Bool(true));
        let all_value = Some(text(variable, "allValue")).filter(|text| !text.is_empty());
        let mut distinct = Vec::new();
        for value in values {
            if !distinct.contains(&value) {
                distinct.push(value);
            }
        }
        Ok(Known {
            name: text(variable, "name").to_owned(),
            values: distinct,
            is_multi: flag("multi"),
            has_all: flag("includeAll"),
            all_value: all_value.map(str::to_owned),
        })
    }

    /// Runs a query once for each different text that it becomes, and looks at the answers; tells one thing once.
    async fn each(
        &mut self,
        sql: &str,
        path: &str,
        (ways, range): (&[BTreeMap<String, Setting>], &Range),
        purpose: Purpose,
        notes: &mut Notes<'_>,
    ) -> anyhow::Result<Vec<Answer>> {
        let mut answers = Vec::new();
        let plain = without_comments(sql);
        if plain.trim().is_empty() {
            return Ok(answers);
        }
        if matches!(purpose, Purpose::Series | Purpose::Graph) && !sorts(sql) {
            notes.add(
                "unsorted",
                path,
                [
                    "this query of a time series has no ORDER BY: Grafana would draw back and forth",
                    "cette requête de série temporelle n’a pas d’ORDER BY\u{a0}: Grafana dessinerait en avant et en arrière",
                ],
                ["add ORDER BY 1", "ajoutez ORDER BY 1"],
            );
        }
        let mut texts = Vec::new();
        for way in ways {
            let text = match macros::expand(&expand(&plain, way, range), range) {
                Ok(text) => text,
                Err(reason) => {
                    notes.add(
                        "macro",
                        path,
                        reason,
                        [
                            "give the macro a bare column, or compute it in a view",
                            "donnez à la macro une simple colonne, ou calculez-la dans une vue",
                        ],
                    );
                    return Ok(answers);
                }
            };
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        for text in texts {
            self.count += 1;
            match self.runner.run(&text).await? {
                Ok(answer) => answers.push(answer),
                Err(refusal) => {
                    refused(&refusal, path, notes);
                    return Ok(answers);
                }
            }
        }
        if let Some(answer) = answers.first() {
            columns(answer, path, purpose, notes);
        }
        if purpose == Purpose::Alert
            && let Some(twice) = answers.iter().find_map(|answer| answer.twice.as_ref())
        {
            told_twice(twice, path, notes);
        }
        if self.request.needs_rows
            && purpose != Purpose::Alert
            && answers.iter().all(|answer| answer.rows == 0)
        {
            notes.add(
                "no_rows",
                path,
                ["this query brings no rows", "cette requête ne rend aucune ligne"],
                [
                    "see that there is data in its time range, and that it asks for what there is",
                    "vérifiez qu’il y a des données dans sa période, et qu’elle demande ce qui existe",
                ],
            );
        }
        Ok(answers)
    }

    fn before(&self, ago: SignedDuration) -> Timestamp {
        self.request
            .now
            .checked_sub(ago)
            .unwrap_or(self.request.now)
    }

    /// The time range with which a dashboard opens.
    fn range_of(&self, dashboard: &Value) -> Range {
        let of = |key: &str, end: End| {
            let text = dashboard.pointer(&format!("/time/{key}"));
            time::moment(text.and_then(Value::as_str)?, self.request.now, end)
        };
        Range {
            from: of("from", End::From).unwrap_or_else(|| self.before(A_DAY)),
            to: of("to", End::To).unwrap_or(self.request.now),
        }
    }
}

fn purpose(target: &Value, panel: &Value) -> Purpose {
    match (text(target, "format"), text(panel, "type")) {
        ("time_series" | "", _) => Purpose::Series,
        (_, "timeseries") => Purpose::Graph,
        _ => Purpose::Table,
    }
}

fn refused(refusal: &Refusal, path: &str, notes: &mut Notes<'_>) {
    let said = &refusal.said;
    if refusal.is_forbidden {
        notes.add(
            "forbidden",
            path,
            [
                format!("the role that Grafana reads with may not see this: {said}"),
                format!(
                    "le rôle avec lequel Grafana lit n’a pas le droit de voir cela\u{a0}: {said}"
                ),
            ],
            [
                "ask tables and views of doc/dataset.md instead",
                "interrogez plutôt les tables et les vues de doc/dataset.fr.md",
            ],
        );
    } else {
        notes.add(
            "query",
            path,
            [
                format!("PostgreSQL refuses this query: {said}"),
                format!("PostgreSQL refuse cette requête\u{a0}: {said}"),
            ],
            [
                "try it with `smartetl sql`; the tables and views are in doc/dataset.md",
                "essayez-la avec `smartetl sql`\u{a0}; les tables et les vues sont dans doc/dataset.fr.md",
            ],
        );
    }
}

/// What a panel gets of an answer; `None` where names of series come out of the rows.
fn frame(answer: &Answer, target: &Value, purpose: Purpose) -> Option<Frame> {
    if purpose == Purpose::Series && texts_of(answer).next().is_some() {
        return None;
    }
    Some(Frame {
        ref_id: text(target, "refId").to_owned(),
        columns: answer
            .columns
            .iter()
            .map(|(name, _)| name.clone())
            .collect(),
        has_number: answer.columns.iter().any(|(_, kind)| *kind == Kind::Number),
    })
}

/// The columns whose values become labels.
fn texts_of(answer: &Answer) -> impl Iterator<Item = String> + '_ {
    let texts = answer
        .columns
        .iter()
        .filter(|(_, kind)| *kind == Kind::Other);
    texts.map(|(name, _)| name.clone())
}

/// Rows of a rule that only their numbers tell apart: Grafana could not tell the alerts apart, and the rule fails.
fn told_twice(texts: &[String], path: &str, notes: &mut Notes<'_>) {
    let texts = texts.join(", ");
    notes.add(
        "same_labels",
        path,
        [
            format!("two rows of this rule have the same texts ({texts}), so that their alerts would have the same labels"),
            format!("deux lignes de cette règle ont les mêmes textes ({texts})\u{a0}: leurs alertes auraient les mêmes étiquettes"),
        ],
        [
            "group by the texts, or select one more that tells the rows apart",
            "groupez par les textes, ou sélectionnez-en un de plus qui distingue les lignes",
        ],
    );
}

/// What the answer must have for its purpose.
fn columns(answer: &Answer, path: &str, purpose: Purpose, notes: &mut Notes<'_>) {
    let of_time = |kind: Kind| matches!(kind, Kind::Moment | Kind::Number);
    let has_time = answer
        .columns
        .iter()
        .any(|(name, kind)| name == "time" && of_time(*kind));
    let has = |wanted: Kind| answer.columns.iter().any(|(_, kind)| *kind == wanted);
    let (what, todo) = match purpose {
        Purpose::Series if !has_time => (
            [
                "this query of a time series has no column `time` with moments",
                "cette requête de série temporelle n’a pas de colonne `time` avec des instants",
            ],
            [
                "name one: SELECT moment AS \"time\", …; or make the format table",
                "nommez-en une\u{a0}: SELECT moment AS \"time\", …\u{a0}; ou passez le format à table",
            ],
        ),
        Purpose::Graph if !has_time && !has(Kind::Moment) => (
            [
                "this graph over time gets no column with moments",
                "ce graphique dans le temps ne reçoit aucune colonne avec des instants",
            ],
            [
                "select one: SELECT moment AS \"time\", …",
                "sélectionnez-en une\u{a0}: SELECT moment AS \"time\", …",
            ],
        ),
        Purpose::Annotation if !has_time => (
            [
                "this annotation has no column `time` with moments",
                "cette annotation n’a pas de colonne `time` avec des instants",
            ],
            [
                "select time, text and tags",
                "sélectionnez time, text et tags",
            ],
        ),
        Purpose::Alert if !has(Kind::Number) => (
            [
                "this query of a rule brings no number to compare",
                "cette requête de règle ne rend aucun nombre à comparer",
            ],
            [
                "select a number beside the texts, which become labels",
                "sélectionnez un nombre à côté des textes, qui deviennent des étiquettes",
            ],
        ),
        _ => return,
    };
    notes.add("columns", path, what, todo);
}
