//! What a fuse, or a person's word, changes of signatures, templates and problems.

use smartetl_core::model::{Blame, Category};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Signature;
use crate::StoreError;

/// A row of `template`, and one of `template_alias`.
pub type StoredTemplate = (Uuid, String);
/// The key of a row of `signature`.
pub type StoredSignature = (Uuid, bool);

/// A row of `problem`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemRow {
    pub problem: Uuid,
    pub title: String,
    pub renamed: bool,
    pub text: String,
    pub category: Option<Category>,
    pub blame: Option<Blame>,
    pub retryable: Option<bool>,
    pub signatures: i64,
}

/// What is to be written.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// New or changed.
    pub signatures: Vec<Signature>,
    pub gone: Vec<StoredSignature>,
    /// Everything that there is; `None` where that is as it was.
    pub templates: Option<Vec<StoredTemplate>>,
    pub aliases: Option<Vec<(Uuid, Uuid)>>,
    pub problems: Vec<ProblemRow>,
}

/// Writes it.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn write(connection: &mut PgConnection, changes: &Changes) -> Result<(), StoreError> {
    if !changes.gone.is_empty() {
        let (signatures, cut): (Vec<Uuid>, Vec<bool>) = changes.gone.iter().copied().unzip();
        sqlx::query(REMOVE_SIGNATURES)
            .bind(signatures)
            .bind(cut)
            .execute(&mut *connection)
            .await?;
    }
    if !changes.signatures.is_empty() {
        put_signatures(connection, &changes.signatures).await?;
    }
    if let Some(templates) = &changes.templates {
        let (ids, texts): (Vec<Uuid>, Vec<&str>) = templates
            .iter()
            .map(|(id, text)| (*id, text.as_str()))
            .unzip();
        sqlx::query(REMOVE_TEMPLATES)
            .bind(&ids)
            .execute(&mut *connection)
            .await?;
        sqlx::query(PUT_TEMPLATES)
            .bind(&ids)
            .bind(texts)
            .execute(&mut *connection)
            .await?;
    }
    if let Some(aliases) = &changes.aliases {
        let (aliases, templates): (Vec<Uuid>, Vec<Uuid>) = aliases.iter().copied().unzip();
        sqlx::query(REMOVE_ALIASES)
            .bind(&aliases)
            .execute(&mut *connection)
            .await?;
        sqlx::query(PUT_ALIASES)
            .bind(&aliases)
            .bind(templates)
            .execute(&mut *connection)
            .await?;
    }
    put_problems(connection, &changes.problems).await
}

const REMOVE_SIGNATURES: &str = "DELETE FROM signature WHERE (signature, cut) IN (SELECT * FROM unnest($1::uuid[], $2::boolean[]))";
const REMOVE_TEMPLATES: &str = "DELETE FROM template WHERE template <> ALL ($1)";
const PUT_TEMPLATES: &str = "INSERT INTO template (template, text) SELECT * FROM unnest($1::uuid[], $2::text[]) \
     ON CONFLICT (template) DO UPDATE SET text = EXCLUDED.text WHERE template.text <> EXCLUDED.text";
const REMOVE_ALIASES: &str = "DELETE FROM template_alias WHERE alias <> ALL ($1)";
const PUT_ALIASES: &str = "INSERT INTO template_alias (alias, template) SELECT * FROM unnest($1::uuid[], $2::uuid[]) \
     ON CONFLICT (alias) DO UPDATE SET template = EXCLUDED.template WHERE template_alias.template <> EXCLUDED.template";

async fn put_signatures(
    connection: &mut PgConnection,
    signatures: &[Signature],
) -> Result<(), StoreError> {
    let ids = |pick: fn(&Signature) -> Uuid| -> Vec<Uuid> { signatures.iter().map(pick).collect() };
    let flags =
        |pick: fn(&Signature) -> bool| -> Vec<bool> { signatures.iter().map(pick).collect() };
    let versions: Vec<i16> = signatures.iter().map(|one| one.version).collect();
    let texts: Vec<&str> = signatures.iter().map(|one| one.text.as_str()).collect();
    sqlx::query(PUT_SIGNATURES)
        .bind(ids(|one| one.signature))
        .bind(flags(|one| one.cut))
        .bind(versions)
        .bind(texts)
        .bind(ids(|one| one.template))
        .bind(ids(|one| one.problem))
        .bind(flags(|one| one.kept))
        .execute(connection)
        .await?;
    Ok(())
}

const PUT_SIGNATURES: &str = "INSERT INTO signature (signature, cut, version, text, template, problem, kept) \
     SELECT * FROM unnest($1::uuid[], $2::boolean[], $3::smallint[], $4::text[], $5::uuid[], $6::uuid[], $7::boolean[]) \
     ON CONFLICT (signature, cut) DO UPDATE SET version = EXCLUDED.version, text = EXCLUDED.text, template = EXCLUDED.template, \
     problem = EXCLUDED.problem, kept = EXCLUDED.kept";

/// These are all that there are.
async fn put_problems(
    connection: &mut PgConnection,
    problems: &[ProblemRow],
) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = problems.iter().map(|one| one.problem).collect();
    let texts =
        |pick: fn(&ProblemRow) -> &str| -> Vec<&str> { problems.iter().map(pick).collect() };
    let renamed: Vec<bool> = problems.iter().map(|one| one.renamed).collect();
    let words = |pick: fn(&ProblemRow) -> Option<&'static str>| -> Vec<Option<&str>> {
        problems.iter().map(pick).collect()
    };
    let retryable: Vec<Option<bool>> = problems.iter().map(|one| one.retryable).collect();
    let signatures: Vec<i64> = problems.iter().map(|one| one.signatures).collect();
    sqlx::query(REMOVE_PROBLEMS)
        .bind(&ids)
        .execute(&mut *connection)
        .await?;
    sqlx::query(PUT_PROBLEMS)
        .bind(&ids)
        .bind(texts(|one| &one.title))
        .bind(renamed)
        .bind(texts(|one| &one.text))
        .bind(words(|one| one.category.map(Category::as_str)))
        .bind(words(|one| one.blame.map(Blame::as_str)))
        .bind(retryable)
        .bind(signatures)
        .execute(connection)
        .await?;
    Ok(())
}

const REMOVE_PROBLEMS: &str = "DELETE FROM problem WHERE problem <> ALL ($1)";
const PUT_PROBLEMS: &str = "INSERT INTO problem (problem, title, renamed, text, category, blame, retryable, signatures) \
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::boolean[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::bigint[]) \
     ON CONFLICT (problem) DO UPDATE SET title = EXCLUDED.title, renamed = EXCLUDED.renamed, text = EXCLUDED.text, \
     category = EXCLUDED.category, blame = EXCLUDED.blame, retryable = EXCLUDED.retryable, signatures = EXCLUDED.signatures \
     WHERE (problem.title, problem.renamed, problem.text, problem.category, problem.blame, problem.retryable, problem.signatures) \
     IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.renamed, EXCLUDED.text, EXCLUDED.category, EXCLUDED.blame, EXCLUDED.retryable, \
     EXCLUDED.signatures)";
