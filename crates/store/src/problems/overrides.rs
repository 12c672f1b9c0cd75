//! What people said, in the order in which they said it.

use std::collections::{BTreeMap, BTreeSet};

use smartetl_core::group::problem::{Override, Said, Split, split_id};
use smartetl_core::model::Blame;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::correction;
use crate::StoreError;

#[derive(FromRow)]
struct Row {
    r#override: i64,
    kind: String,
    problem: Uuid,
    other: Option<Uuid>,
    signatures: Option<Vec<Uuid>>,
    each: bool,
    title: Option<String>,
    category: Option<String>,
    blame: Option<String>,
    retryable: Option<bool>,
    is_undone: bool,
}

/// Those that hold, and splits that were taken back.
///
/// # Errors
/// When the server is gone, or a word is in no vocabulary.
pub async fn overrides(connection: &mut PgConnection) -> Result<Vec<Override>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(OVERRIDES).fetch_all(connection).await?;
    rows.into_iter().map(of_row).collect()
}

const OVERRIDES: &str = "SELECT override, kind, problem, other, signatures, each, title, category, blame, retryable, \
     undone_at IS NOT NULL AS is_undone FROM override WHERE undone_at IS NULL OR kind = 'split' ORDER BY override";

fn of_row(row: Row) -> Result<Override, StoreError> {
    let problem = row.problem;
    let said = if let Some(other) = row.other {
        Said::Merge {
            into: problem,
            other,
        }
    } else if let Some(title) = row.title {
        Said::Rename { problem, title }
    } else if let Some(category) = row.category {
        Said::Correct {
            problem,
            signature: row.signatures.and_then(|these| these.first().copied()),
            to: correction(&category, row.blame.as_deref(), row.retryable)?,
        }
    } else {
        debug_assert_eq!(row.kind, "split", "the table allows no other");
        let how = match row.signatures {
            Some(these) => Split::These(these.into_iter().collect()),
            None if row.each => Split::Each,
            None => Split::Apart,
        };
        Said::Split { problem, how }
    };
    Ok(Override {
        number: row.r#override,
        said,
        is_undone: row.is_undone,
    })
}

/// An override that is to be added.
#[derive(Clone, Debug)]
pub struct NewOverride<'a> {
    pub said: &'a Said,
    pub by: &'a str,
}

/// Adds it; gives its number.
pub async fn add_override(
    connection: &mut PgConnection,
    new: &NewOverride<'_>,
) -> Result<i64, StoreError> {
    let mut columns = Columns::default();
    let (kind, problem) = match new.said {
        Said::Merge { into, other } => {
            columns.other = Some(*other);
            ("merge", into)
        }
        Said::Split { problem, how } => {
            match how {
                Split::Apart => {}
                Split::Each => columns.each = true,
                Split::These(these) => columns.signatures = Some(these.iter().copied().collect()),
            }
            ("split", problem)
        }
        Said::Rename { problem, title } => {
            columns.title = Some(title);
            ("rename", problem)
        }
        Said::Correct {
            problem,
            signature,
            to,
        } => {
            columns.signatures = signature.map(|signature| vec![signature]);
            columns.category = Some(to.category.as_str());
            columns.blame = to.blame.map(Blame::as_str);
            columns.retryable = to.retryable;
            ("correct", problem)
        }
    };
    Ok(sqlx::query_scalar(ADD)
        .bind(kind)
        .bind(problem)
        .bind(columns.other)
        .bind(columns.signatures)
        .bind(columns.each)
        .bind(columns.title)
        .bind(columns.category)
        .bind(columns.blame)
        .bind(columns.retryable)
        .bind(new.by)
        .fetch_one(connection)
        .await?)
}

#[derive(Default)]
struct Columns<'a> {
    other: Option<Uuid>,
    signatures: Option<Vec<Uuid>>,
    each: bool,
    title: Option<&'a String>,
    category: Option<&'static str>,
    blame: Option<&'static str>,
    retryable: Option<bool>,
}

const ADD: &str = "INSERT INTO override (kind, problem, other, signatures, each, title, category, blame, retryable, made_by) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING override";

/// Takes one back. Says whether it held.
pub async fn undo(
    connection: &mut PgConnection,
    number: i64,
    by: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query(UNDO)
        .bind(number)
        .bind(by)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

const UNDO: &str = "UPDATE override SET undone_at = now(), undone_by = $2 WHERE override = $1 AND undone_at IS NULL";

/// Whether there is an override of this number, undone or not.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn was_said(connection: &mut PgConnection, number: i64) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(SAID)
        .bind(number)
        .fetch_one(connection)
        .await?)
}

const SAID: &str = "SELECT EXISTS (SELECT FROM override WHERE override = $1)";

/// An override as people see it.
#[derive(Clone, Debug, FromRow)]
pub struct Listed {
    pub number: i64,
    pub kind: String,
    pub problem: Uuid,
    /// What the problem is called now, where it is there, else what its messages say; of a rename always that.
    pub of_title: Option<String>,
    pub other: Option<Uuid>,
    /// What that is called, or was as long as it stood alone.
    pub other_title: Option<String>,
    pub signatures: Option<Vec<Uuid>>,
    pub each: bool,
    pub title: Option<String>,
    pub category: Option<String>,
    pub blame: Option<String>,
    pub retryable: Option<bool>,
    /// Microseconds since 1970, as are the others.
    pub made_at: i64,
    pub made_by: String,
    pub undone_at: Option<i64>,
    pub undone_by: Option<String>,
}

/// All of them, the latest first.
pub async fn listed(connection: &mut PgConnection) -> Result<Vec<Listed>, StoreError> {
    let mut all: Vec<Listed> = sqlx::query_as(LISTED).fetch_all(&mut *connection).await?;
    let is_nameless =
        |one: &Listed| one.of_title.is_none() || (one.other.is_some() && one.other_title.is_none());
    if all.iter().any(is_nameless) {
        let texts = texts_of_splits(connection, &all).await?;
        for one in &mut all {
            let of_title = one.of_title.take();
            one.of_title = of_title.or_else(|| texts.get(&one.problem).cloned());
            let other_title = one.other_title.take();
            one.other_title =
                other_title.or_else(|| one.other.and_then(|other| texts.get(&other).cloned()));
        }
    }
    Ok(all)
}

/// What was split off has no name of its own once it was merged: what its first signature says.
async fn texts_of_splits(
    connection: &mut PgConnection,
    all: &[Listed],
) -> Result<BTreeMap<Uuid, String>, StoreError> {
    let rows: Vec<(Uuid, String)> = sqlx::query_as(SIGNATURE_TEXTS)
        .fetch_all(connection)
        .await?;
    let said: BTreeMap<Uuid, String> = rows.into_iter().collect();
    let several = all.iter().filter_map(|one| one.signatures.as_ref());
    let several = several.map(|these| these.iter().copied().collect::<BTreeSet<Uuid>>());
    let each = said.keys().map(|one| BTreeSet::from([*one]));
    Ok(several
        .chain(each)
        .filter_map(|these| Some((split_id(&these), said.get(these.first()?)?.clone())))
        .collect())
}

const SIGNATURE_TEXTS: &str = "SELECT signature, text FROM signature ORDER BY cut DESC";

const LISTED: &str = "SELECT override AS number, kind, override.problem, \
     CASE kind WHEN 'rename' THEN coalesce((SELECT template.text FROM template WHERE template.template = override.problem), named.title) \
         ELSE coalesce(named.title, (SELECT template.text FROM template WHERE template.template = override.problem)) END AS of_title, \
     other, \
     coalesce((SELECT problem.title FROM problem WHERE problem.problem = other), \
         (SELECT template.text FROM template WHERE template.template = other)) AS other_title, override.signatures, each, \
     override.title, override.category, override.blame, override.retryable, \
     (extract(epoch FROM made_at) * 1000000)::bigint AS made_at, made_by, \
     (extract(epoch FROM undone_at) * 1000000)::bigint AS undone_at, undone_by \
     FROM override LEFT JOIN problem AS named ON named.problem = override.problem ORDER BY override DESC";

/// Ids by which people may name a problem, with the problem: its own, those of its templates and issues, and those that templates had before; as far as
/// they begin with `beginning`, in hexadecimal digits. What people are shown, issues and problems, comes first.
pub async fn problem_ids(
    connection: &mut PgConnection,
    beginning: &str,
) -> Result<Vec<Named>, StoreError> {
    Ok(sqlx::query_as(PROBLEM_IDS)
        .bind(beginning)
        .fetch_all(connection)
        .await?)
}

/// An id by which people may name a problem.
#[derive(Clone, Debug, FromRow)]
pub struct Named {
    pub id: Uuid,
    pub problem: Uuid,
    pub title: String,
    /// That of an issue of it, or its own: as lists show them.
    pub is_shown: bool,
}

const PROBLEM_IDS: &str = "WITH named AS (SELECT problem AS id, problem, true AS is_shown FROM problem \
     UNION ALL SELECT issue, problem, true FROM issue UNION ALL SELECT template, problem, false FROM signature \
     UNION ALL SELECT alias, signature.problem, false FROM template_alias JOIN signature ON signature.template = template_alias.template) \
     SELECT id, named.problem, title, bool_or(is_shown) AS is_shown FROM named JOIN problem USING (problem) \
     WHERE starts_with(replace(id::text, '-', ''), $1) GROUP BY id, named.problem, title ORDER BY is_shown DESC, id, named.problem";
