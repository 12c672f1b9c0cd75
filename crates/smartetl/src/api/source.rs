//! One source: what is there, how it was read, and what people do with it, by the code of `smartetl unload` and `smartetl load`.

use super::access::Actor;
use super::acting::refused;
use super::asked::{Asked, Place};
use super::body::Body;
use super::problem::{ProblemDetails, Problems, Sent, Wrong};
use super::run::{LangAsked, LangParams};
use super::sources::SourceFacts;
use super::tasks::{TaskFacts, UnloadedFacts, found};
use crate::ingest::content::Reading;
use crate::ingest::{ReadAs, stored_reading};
use crate::reason::{self, Reason};
use crate::service::{Problem, Service};
use crate::work::{Asked as Wanted, Kind, Options, Unloaded, Wish};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use smartetl_store::access::Done;
use smartetl_store::sources::{self, Source};
use smartetl_store::{checkpoint, stream, tasks};
use sqlx::PgConnection;
use std::path::Path;
use std::sync::Arc;
use utoipa::ToSchema;

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A file of this machine.
    File,
    /// A file that somebody uploaded.
    Upload,
    /// What was posted.
    Post,
    /// A partition of a topic.
    Topic,
}

impl SourceKind {
    fn of(source: &Source) -> Self {
        if source.upload.is_some() {
            Self::Upload
        } else if source.path.starts_with("http:") {
            Self::Post
        } else if source.path.starts_with("kafka:") {
            Self::Topic
        } else {
            Self::File
        }
    }

    fn is_file(self) -> bool {
        matches!(self, Self::File | Self::Upload)
    }
}

/// A source, and what can be done with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceAnswer {
    source: SourceFacts,
    kind: SourceKind,
    /// The id under which it was uploaded; null where it was not.
    upload: Option<String>,
    /// The file is there, as far as this process sees it; null where it is no file.
    is_there: Option<bool>,
    /// This process reads by itself what comes to the file; what is taken back of it comes again when it changes, or smartETL begins anew.
    is_followed: bool,
    /// It is sent through Kafka: `load` leaves it alone.
    is_sent: bool,
    /// How its content was read; null where it is not stored.
    reading: Option<ReadingFacts>,
    /// Other paths with the same content: what is taken back of one goes of all.
    other_paths: Vec<String>,
    /// The number of a task about it that waits or goes on.
    task: Option<i64>,
    /// There is something to take back.
    can_unload: bool,
    /// It can be read again.
    can_reload: bool,
    /// Why it cannot be read again; null where it can.
    why_not: Option<String>,
}

/// How content was read.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadingFacts {
    /// In words: container, dialect, formats.
    how: String,
    dialect: String,
    /// Which of the dialect's tables, or the name of the mapping.
    layout: String,
    /// How sure that was, in per cent; null where somebody said it.
    confidence: Option<u8>,
    /// In which zone times without an offset were read.
    timezone: String,
    /// The text of the mapping (TOML); null where it is one that comes with smartETL, or none.
    mapping: Option<String>,
    /// What somebody said for all rows.
    environment: Option<String>,
    host: Option<String>,
}

impl From<Reading> for ReadingFacts {
    fn from(reading: Reading) -> Self {
        let read_as = ReadAs::of(&reading.plan);
        Self {
            how: reading.plan.describe(),
            dialect: read_as.dialect,
            layout: read_as.layout,
            confidence: read_as.confidence,
            timezone: reading.timezone,
            mapping: reading.mapping.map(|(_, text)| text),
            environment: reading.environment,
            host: reading.host,
        }
    }
}

/// What is known of a source.
struct Known {
    source: Source,
    kind: SourceKind,
    lineages: Vec<i64>,
    reading: Option<Reading>,
    other_paths: Vec<String>,
    is_sent: bool,
}

impl Known {
    async fn read(connection: &mut PgConnection, number: i64) -> Result<Self, Problem> {
        let none = || Problem::Api(Wrong::Nothing(["source", "cette source"]));
        let source = sources::source(connection, number).await?;
        let source = source.ok_or_else(none)?;
        let lineages = sources::lineages(connection, number).await?;
        let kind = SourceKind::of(&source);
        let mut reading = None;
        let newest = source.lineage.or_else(|| lineages.last().copied());
        if let Some(lineage) = newest.filter(|_| kind.is_file())
            && let Some(known) = checkpoint::checkpoint(connection, lineage).await?
        {
            // One of another version says nothing here.
            reading = stored_reading(&known).ok();
        }
        Ok(Self {
            other_paths: sources::other_paths(connection, number).await?,
            is_sent: stream::is_sent(connection, &source.path).await?,
            kind,
            lineages,
            reading,
            source,
        })
    }

    fn is_there(&self) -> bool {
        Path::new(&self.source.path).is_file()
    }

    fn why_not(&self) -> Option<Reason> {
        let why = match self.kind {
            SourceKind::Post => [
                "it was posted: only whoever sent it can send it again",
                "cela a été envoyé par HTTP\u{a0}: seul l’expéditeur peut le renvoyer",
            ],
            SourceKind::Topic => [
                "it comes from Kafka: take it back, and have the file sent again",
                "cela vient de Kafka\u{a0}: retirez-le, puis faites renvoyer le fichier",
            ],
            SourceKind::File | SourceKind::Upload if self.is_sent => {
                return Some(reason::comes_through_kafka());
            }
            SourceKind::File | SourceKind::Upload if !self.is_there() => [
                "the file is not there any more, or this process does not see it",
                "le fichier n’est plus là, ou ce processus ne le voit pas",
            ],
            SourceKind::File | SourceKind::Upload => return None,
        };
        Some(why.into())
    }

    /// Whether what is taken back could be read again.
    fn could_come_back(&self) -> bool {
        let is_there = || {
            let mut others = self.other_paths.iter();
            self.is_there() || others.any(|path| Path::new(path).is_file())
        };
        match self.kind {
            SourceKind::Post => false,
            SourceKind::Topic => true,
            SourceKind::File | SourceKind::Upload => self.is_sent || is_there(),
        }
    }
}

/// A source: how it was read, and what can be done with it.
#[utoipa::path(
    get,
    path = "/api/v1/sources/{source}",
    tag = "sources",
    params(("source" = i64, Path, description = "The number of the source"), LangParams),
    responses((status = 200, description = "The source", body = SourceAnswer), Problems)
)]
pub async fn source(
    State(service): State<Arc<Service>>,
    Place(number): Place<i64>,
    mut asked: Asked<LangAsked>,
) -> Result<Response, Problem> {
    // Files come and go, and tasks go on.
    asked.reader.always_new();
    let lang = asked.reader.lang;
    super::answer::json(&service, &asked.reader, async |connection| {
        let known = Known::read(connection, number).await?;
        let why_not = known.why_not();
        let path = Path::new(&known.source.path);
        let acting = service.acting.as_ref();
        let is_followed = acting.is_some_and(|acting| acting.work.is_followed(path));
        Ok(SourceAnswer {
            kind: known.kind,
            upload: known.source.upload.clone(),
            is_there: known.kind.is_file().then(|| known.is_there()),
            is_followed: is_followed && known.kind == SourceKind::File,
            is_sent: known.is_sent,
            other_paths: known.other_paths,
            task: tasks::open_of(connection, &known.source.path).await?,
            can_unload: !known.lineages.is_empty(),
            can_reload: why_not.is_none(),
            why_not: why_not.map(|why| why.text(lang).to_owned()),
            reading: known.reading.map(Into::into),
            source: known.source.into(),
        })
    })
    .await
}

/// How rows are taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnloadAsked {
    /// Only say what would go
    #[serde(default)]
    dry_run: bool,
    /// Also what cannot be loaded again, because its file is gone or it was posted
    #[serde(default)]
    force: bool,
}

/// Take back all that was loaded from a source, as if it had never been.
#[utoipa::path(
    post,
    path = "/api/v1/sources/{source}/unload",
    tag = "sources",
    params(("source" = i64, Path, description = "The number of the source"), LangParams),
    request_body = UnloadAsked,
    responses(
        (status = 200, description = "What would go", body = UnloadedFacts),
        (status = 202, description = "It is asked for", body = TaskFacts),
        (status = 409, description = "It could not be loaded again, or was pruned", body = ProblemDetails, content_type = "application/problem+json"),
        Sent
    )
)]
pub async fn unload(
    Place(number): Place<i64>,
    Actor { who, acting }: Actor,
    asked: Asked<LangAsked>,
    Body(body): Body<UnloadAsked>,
) -> Result<Response, Problem> {
    let mut connection = acting.pool.acquire().await?;
    let known = Known::read(&mut connection, number).await?;
    drop(connection);
    if known.lineages.is_empty() {
        return Err(conflict([
            "nothing is stored of it",
            "rien n’en est enregistré",
        ]));
    }
    if body.dry_run {
        let report = acting.work.would_unload(known.lineages).await;
        let report = Unloaded::from(&report.map_err(refused)?);
        return Ok(Json(UnloadedFacts::from(report)).into_response());
    }
    if !body.force && !known.could_come_back() {
        return Err(conflict([
            "what is taken back of it could not be loaded again: say `force` if it is to go all the same",
            "ce qui en serait retiré ne pourrait plus être rechargé\u{a0}: dites `force` si cela doit disparaître quand même",
        ]));
    }
    let wanted = Wanted {
        lineages: known.lineages,
        force: body.force,
        ..Wanted::default()
    };
    let wish = Wish {
        kind: Kind::Unload,
        target: &known.source.path,
        asked: &wanted,
        who: (&who.name, who.way),
        done: Done::SourceUnload,
        name: known.source.name.as_deref(),
    };
    let task = acting.work.ask(&acting.pool, wish).await?;
    accepted(&acting, task, &asked).await
}

/// How a source is read again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReloadAsked {
    /// Take nothing back: read what came to it
    #[serde(default)]
    only_new: bool,
    /// How it is read from now on; as it was where it is left out
    #[serde(default)]
    #[schema(nullable = false)]
    reading: Option<Options>,
}

/// Take back all that was loaded from a source and read it from its beginning, as it was read or in another way.
#[utoipa::path(
    post,
    path = "/api/v1/sources/{source}/reload",
    tag = "sources",
    params(("source" = i64, Path, description = "The number of the source"), LangParams),
    request_body = ReloadAsked,
    responses(
        (status = 202, description = "It is asked for", body = TaskFacts),
        (status = 409, description = "It cannot be read again", body = ProblemDetails, content_type = "application/problem+json"),
        Sent
    )
)]
pub async fn reload(
    Place(number): Place<i64>,
    Actor { who, acting }: Actor,
    asked: Asked<LangAsked>,
    Body(body): Body<ReloadAsked>,
) -> Result<Response, Problem> {
    let mut connection = acting.pool.acquire().await?;
    let known = Known::read(&mut connection, number).await?;
    drop(connection);
    if let Some(why) = known.why_not() {
        return Err(Problem::Api(Wrong::Conflict(why)));
    }
    let options = body.reading.unwrap_or_default();
    if body.only_new && options.is_any() {
        let why = [
            "what is new is read like what stands before it: reading does not belong to only_new",
            "ce qui est nouveau se lit comme ce qui précède\u{a0}: reading ne va pas avec only_new",
        ];
        return Err(Wrong::body(why));
    }
    let path = known.source.path.as_str();
    let like = known.reading.filter(|_| !body.only_new);
    let checked = options.settings(like.as_ref(), acting.work.own(), path);
    checked.map_err(refused)?;
    let wanted = Wanted {
        lineages: known.lineages,
        force: false,
        options,
        like,
        is_followed: known.kind == SourceKind::File && acting.work.is_followed(Path::new(path)),
    };
    let wish = Wish {
        kind: if body.only_new {
            Kind::Load
        } else {
            Kind::Reload
        },
        target: path,
        asked: &wanted,
        who: (&who.name, who.way),
        done: Done::SourceReload,
        name: known.source.name.as_deref(),
    };
    let task = acting.work.ask(&acting.pool, wish).await?;
    accepted(&acting, task, &asked).await
}

/// What was asked for, as it stands now.
///
/// # Errors
/// When the database does not answer.
pub async fn accepted(
    acting: &super::acting::Acting,
    task: i64,
    asked: &Asked<LangAsked>,
) -> Result<Response, Problem> {
    let mut connection = acting.pool.acquire().await?;
    let task = found(&mut connection, task, asked.reader.lang).await?;
    Ok((StatusCode::ACCEPTED, Json(task)).into_response())
}

pub fn conflict(why: [&'static str; 2]) -> Problem {
    Problem::Api(Wrong::Conflict(why.into()))
}
