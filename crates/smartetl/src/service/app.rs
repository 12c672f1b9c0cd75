//! `/app/`: the web app, from files that are part of the program. It reads `/api/v1` and asks nothing of anybody else.

use super::{Problem, Service};
use crate::api;
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Arc, LazyLock, OnceLock};
use xxhash_rust::xxh3::xxh3_64;

/// Where it is.
pub const ROOT: &str = "/app/";

/// The page that all its addresses show; the app itself knows which of them there are.
const INDEX: &str = "index.html";

/// Named by what is in them: they never change.
const HASHED: &str = "assets/";

/// How files are packed.
const GZIP: &str = "gzip";

/// Nothing but its own scripts, fonts, pictures and answers. Styles are set by scripts, too.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// One of the app's files.
struct File {
    name: &'static str,
    bytes: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/app_files.rs"));

/// A file as it is handed out.
struct Known {
    file: &'static File,
    /// Its `ETag`; weak, because packed in another way it is the same.
    tag: HeaderValue,
    /// Packed once, when it is first asked for; nothing where that saves little.
    packed: OnceLock<Option<Vec<u8>>>,
}

impl Known {
    fn of(file: &'static File) -> Self {
        let tag = HeaderValue::from_str(&format!("W/\"{:016x}\"", xxh3_64(file.bytes)));
        Self {
            file,
            tag: tag.unwrap_or(HeaderValue::from_static("W/\"\"")),
            packed: OnceLock::new(),
        }
    }

    fn packed(&self) -> Option<&[u8]> {
        let pack = || {
            let packed = packed(self.file.bytes).ok()?;
            (packed.len() < self.file.bytes.len() / 4 * 3).then_some(packed)
        };
        self.packed.get_or_init(pack).as_deref()
    }
}

fn packed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut into = GzEncoder::new(Vec::new(), Compression::best());
    into.write_all(bytes)?;
    into.finish()
}

/// By their names.
static KNOWN: LazyLock<HashMap<&str, Known>> = LazyLock::new(|| {
    let files = FILES.iter();
    files.map(|file| (file.name, Known::of(file))).collect()
});

/// Whether the program was built with it.
pub fn is_built() -> bool {
    KNOWN.contains_key(INDEX)
}

pub fn router() -> Router<Arc<Service>> {
    let root = ROOT.trim_end_matches('/');
    Router::new()
        .route(root, get(|| async { Redirect::permanent(ROOT) }))
        .route(ROOT, get(file))
        .route("/app/{*page}", get(file))
        .layer(api::packed())
}

async fn file(uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let name = uri.path().strip_prefix(ROOT).unwrap_or_default();
    let found = KNOWN.get(name);
    if found.is_none() && name.starts_with(HASHED) {
        return Err(Problem::NotFound);
    }
    let known = found.or_else(|| KNOWN.get(INDEX)).ok_or(Problem::NoApp)?;
    let Known { file, tag, .. } = known;
    let kept = if file.name.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    // What is said with a 304 replaces what the browser keeps with the page: its policy, too.
    let about = [
        (header::CACHE_CONTROL, HeaderValue::from_static(kept)),
        (header::ETAG, tag.clone()),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ),
    ];
    if is_known(&headers, tag) {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    let kind = [(header::CONTENT_TYPE, kind(file.name))];
    Ok(match known.packed().filter(|_| takes_gzip(&headers)) {
        Some(packed) => {
            let how = [
                (header::CONTENT_ENCODING, GZIP),
                (header::VARY, "accept-encoding"),
            ];
            (about, kind, how, packed).into_response()
        }
        None => (about, kind, file.bytes).into_response(),
    })
}

/// Whether the browser reads what is packed so (RFC 9110, 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let named = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut named = named
        .filter_map(|named| named.to_str().ok())
        .flat_map(|named| named.split(','));
    named.any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let refused = weight.trim().strip_prefix("q=").map(str::parse::<f32>);
        name.trim().eq_ignore_ascii_case(GZIP) && refused != Some(Ok(0.0))
    })
}

/// Whether the browser has it.
fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let known = headers.get_all(header::IF_NONE_MATCH).iter();
    let mut known = known.filter_map(|known| known.to_str().ok());
    known.any(|known| known.split(',').any(|one| one.trim() == tag))
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
