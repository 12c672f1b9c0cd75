//! Files that people send: looked at, tried, loaded, removed.

use super::access::Actor;
use super::acting::{Acting, refused};
use super::asked::{Asked, Place, Question, Said, wrong};
use super::body::Body;
use super::problem::{ProblemDetails, Problems, Sent, Wanted, Wrong};
use super::run::{LangAsked, LangParams};
use super::source::{accepted, conflict};
use super::tasks::TaskFacts;
use super::upload_facts::{PreviewAnswer, UploadAnswer, UploadFacts, Uploads};
use crate::ingest::Trial;
use crate::service::{Lasting, Problem, Service, read_off};
use crate::work::{self, Asked as Wished, Kind, NotKept, Options, Wish};
use axum::Json;
use axum::body::Body as Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use smartetl_formats::Settings;
use smartetl_store::access::{self, Done, NewEntry};
use smartetl_store::uploads::{self, Upload};
use sqlx::PgConnection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use utoipa::IntoParams;

/// A name is not longer, characters.
const LONGEST_NAME: usize = 255;
/// So many records are tried.
const RECORDS: u64 = 2_000;

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct UploadParams {
    /// What the file is called; only a text, never a path
    #[param(max_length = 255)]
    name: String,
    /// `en` or `fr`; else what the browser asks for
    #[param(schema_with = super::document::languages, required = false)]
    lang: String,
}

#[derive(Debug)]
pub struct UploadAsked {
    name: String,
}

impl Question for UploadAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        let said = said.text("name").ok_or(wrong("name", Wanted::Given))?;
        // Some browsers say the folder too.
        let name = said.rsplit(['/', '\\']).next().unwrap_or_default().trim();
        let is_text = !name.chars().any(char::is_control);
        if name.chars().count() > LONGEST_NAME || !is_text {
            return Err(wrong("name", Wanted::Text));
        }
        if matches!(name, "" | "." | "..") {
            return Err(wrong("name", Wanted::Given));
        }
        Ok(Self {
            name: name.to_owned(),
        })
    }
}

/// The files that were sent and that nobody has loaded: they go after a day.
#[utoipa::path(
    get,
    path = "/api/v1/uploads",
    tag = "sources",
    params(LangParams),
    responses((status = 200, description = "The files", body = Uploads), Problems)
)]
pub async fn uploads(
    State(service): State<Arc<Service>>,
    mut asked: Asked<LangAsked>,
) -> Result<Response, Problem> {
    asked.reader.always_new();
    let place = Acting::of(&service)?.work.files().place().to_owned();
    super::answer::json(&service, &asked.reader, async |connection| {
        let found = uploads::uploads(connection, &place, None).await?;
        let items = found.into_iter().map(UploadFacts::from).collect();
        Ok(Uploads { items })
    })
    .await
}

/// Send a file of logs: its bytes as they are. What it is is answered; nothing of it is loaded yet.
#[utoipa::path(
    post,
    path = "/api/v1/uploads",
    tag = "sources",
    params(UploadParams),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file: CSV, JSON lines or Parquet, also .gz and .zst"),
    responses(
        (status = 201, description = "What the file is, or the mapping that is proposed for it", body = UploadAnswer),
        (status = 409, description = "No files are taken here", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 408, description = "The file did not come to its end", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 507, description = "The disk has no room", body = ProblemDetails, content_type = "application/problem+json"),
        Sent
    )
)]
pub async fn upload(
    Actor { who, acting }: Actor,
    asked: Asked<UploadAsked>,
    lasting: Lasting,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let _lasting = lasting.begin();
    let said = headers.get(header::CONTENT_LENGTH);
    let said = said.and_then(|said| said.to_str().ok()?.parse().ok());
    let files = acting.work.files();
    let mut pieces = body.into_data_stream();
    if files.most_bytes() == 0 {
        read_off(&mut pieces).await;
        return Err(conflict([
            "no files are taken here: the setting http.upload_mib is 0",
            "aucun fichier n’est accepté ici\u{a0}: le réglage http.upload_mib vaut 0",
        ]));
    }
    let kept = match files.keep(&mut pieces, said).await {
        Ok(kept) => kept,
        Err(why) => {
            // Most senders listen to an answer only when they have said everything.
            read_off(&mut pieces).await;
            return Err(not_kept(&why, files.place()));
        }
    };
    let path = kept.path.display().to_string();
    let new = Upload {
        upload: kept.upload,
        name: asked.question.name.clone(),
        path,
        size_bytes: i64::try_from(kept.size_bytes).unwrap_or(i64::MAX),
        who: who.name.clone(),
        made_us: super::acting::now().0,
        source: None,
    };
    let remembered = async {
        let mut transaction = acting.pool.begin().await?;
        uploads::add(&mut transaction, &new, files.place()).await?;
        let entry = NewEntry {
            who: &who.name,
            way: who.way,
            done: Done::UploadAdd,
            target: Some(&new.name),
            detail: None,
        };
        access::record(&mut transaction, entry).await?;
        transaction.commit().await?;
        Ok::<(), Problem>(())
    };
    if let Err(problem) = remembered.await {
        files.remove(&new.path);
        return Err(problem);
    }
    let kept = known(&mut *acting.pool.acquire().await?, &acting, &new.upload).await?;
    let answer = looked_at(&acting, kept, &asked.reader).await?;
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// A file that was sent: what it is, or the mapping that is proposed for it.
#[utoipa::path(
    get,
    path = "/api/v1/uploads/{upload}",
    tag = "sources",
    params(("upload" = String, Path, description = "Its id"), LangParams),
    responses((status = 200, description = "What the file is", body = UploadAnswer), Problems)
)]
pub async fn uploaded(
    State(service): State<Arc<Service>>,
    Place(id): Place<String>,
    asked: Asked<LangAsked>,
) -> Result<Json<UploadAnswer>, Problem> {
    let acting = Acting::of(&service)?;
    let found = known(&mut *service.pool.acquire().await?, acting, &id).await?;
    looked_at(acting, found, &asked.reader).await.map(Json)
}

/// Try how a file would be read; what is left out is recognised.
#[utoipa::path(
    post,
    path = "/api/v1/uploads/{upload}/preview",
    tag = "sources",
    params(("upload" = String, Path, description = "Its id"), LangParams),
    request_body = Options,
    responses((status = 200, description = "The first rows as they would come out, or what is wrong with the mapping", body = PreviewAnswer), Sent)
)]
pub async fn preview(
    Place(id): Place<String>,
    Actor { acting, .. }: Actor,
    asked: Asked<LangAsked>,
    Body(options): Body<Options>,
) -> Result<Json<PreviewAnswer>, Problem> {
    let found = known(&mut *acting.pool.acquire().await?, &acting, &id).await?;
    let lang = asked.reader.lang;
    if let Some(wrong) = super::upload_facts::WrongMapping::of(&options, lang) {
        return Ok(Json(PreviewAnswer::wrong(wrong)));
    }
    let settings = options.settings(None, acting.work.own(), &called(&found));
    let settings = settings.map_err(refused)?;
    let path = PathBuf::from(&found.path);
    let trying = move || Trial::with(&path, &settings, Some(RECORDS));
    let trial = blocking(trying).await?;
    Ok(Json(PreviewAnswer::of(trial, lang)))
}

/// Load a file that was sent, as it is recognised or as is said.
#[utoipa::path(
    post,
    path = "/api/v1/uploads/{upload}/load",
    tag = "sources",
    params(("upload" = String, Path, description = "Its id"), LangParams),
    request_body = Options,
    responses(
        (status = 202, description = "It is asked for", body = TaskFacts),
        (status = 409, description = "Simulated logs and real ones are not mixed", body = ProblemDetails, content_type = "application/problem+json"),
        Sent
    )
)]
pub async fn load(
    State(service): State<Arc<Service>>,
    Place(id): Place<String>,
    Actor { who, acting }: Actor,
    asked: Asked<LangAsked>,
    Body(options): Body<Options>,
) -> Result<Response, Problem> {
    if service.demo {
        return Err(conflict([
            "these are simulated logs, which are not mixed with real ones: start `smartetl up` without --demo",
            "ce sont des journaux simulés, qui ne se mêlent pas aux vrais\u{a0}: lancez `smartetl up` sans --demo",
        ]));
    }
    let found = known(&mut *acting.pool.acquire().await?, &acting, &id).await?;
    let checked = options.settings(None, acting.work.own(), &called(&found));
    checked.map_err(refused)?;
    let wished = Wished {
        options,
        ..Wished::default()
    };
    let wish = Wish {
        kind: Kind::Load,
        target: &found.path,
        asked: &wished,
        who: (&who.name, who.way),
        done: Done::UploadLoad,
        name: Some(&found.name),
    };
    let task = acting.work.ask(&acting.pool, wish).await?;
    accepted(&acting, task, &asked).await
}

/// Remove a file that was sent and is not loaded.
#[utoipa::path(
    delete,
    path = "/api/v1/uploads/{upload}",
    tag = "sources",
    params(("upload" = String, Path, description = "Its id"), LangParams),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "It is loaded, or being loaded", body = ProblemDetails, content_type = "application/problem+json"),
        Sent
    )
)]
pub async fn remove(
    Place(id): Place<String>,
    Actor { who, acting }: Actor,
    _: Asked<LangAsked>,
) -> Result<StatusCode, Problem> {
    let mut transaction = acting.pool.begin().await?;
    let found = known(&mut transaction, &acting, &id).await?;
    let files = acting.work.files();
    let gone = uploads::forget(&mut transaction, files.place(), Some(&id)).await?;
    if gone.is_empty() {
        return Err(conflict([
            "it is loaded, or being loaded: take its source back first",
            "il est chargé, ou en cours de chargement\u{a0}: retirez d’abord sa source",
        ]));
    }
    let entry = NewEntry {
        who: &who.name,
        way: who.way,
        done: Done::UploadRemove,
        target: Some(&found.name),
        detail: None,
    };
    access::record(&mut transaction, entry).await?;
    transaction.commit().await?;
    gone.iter().for_each(|path| files.remove(path));
    Ok(StatusCode::NO_CONTENT)
}

/// The one with this id that this process keeps.
async fn known(
    connection: &mut PgConnection,
    acting: &Acting,
    id: &str,
) -> Result<Upload, Problem> {
    let place = acting.work.files().place();
    let found = uploads::uploads(connection, place, Some(id)).await?;
    let none = || Problem::Api(Wrong::Nothing(["upload", "ce fichier envoyé"]));
    found.into_iter().next().ok_or_else(none)
}

/// Where it would stand if it were called here as it was where it came from: mappings may read the name.
fn called(upload: &Upload) -> String {
    let path = Path::new(&upload.path).with_file_name(&upload.name);
    path.display().to_string()
}

async fn looked_at(
    acting: &Acting,
    upload: Upload,
    reader: &super::asked::Reader,
) -> Result<UploadAnswer, Problem> {
    let settings = Settings {
        path: called(&upload),
        ..acting.work.own().clone()
    };
    let (path, work, lang) = (
        PathBuf::from(&upload.path),
        acting.work.clone(),
        reader.lang,
    );
    let looking = move || {
        let glance = work::glance(&path, &settings, work.known(), lang);
        UploadAnswer::of(upload, glance, lang)
    };
    blocking(looking).await
}

/// What computes and reads for longer than a moment.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(anyhow::Error::from)?)
}

fn not_kept(why: &NotKept, folder: &str) -> Problem {
    let status = match why {
        NotKept::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        NotKept::Empty => StatusCode::BAD_REQUEST,
        NotKept::Cut => StatusCode::REQUEST_TIMEOUT,
        NotKept::Full | NotKept::Folder(_) => StatusCode::INSUFFICIENT_STORAGE,
    };
    Problem::Api(Wrong::NotKept(status, why.told(folder)))
}
