//! The document of the API.

use super::asked::{Asked, Form};
use super::problem::{ProblemDetails, Problems};
use crate::night::Lang;
use crate::service::{Problem, Service};
use axum::extract::State;
use axum::response::Response;
use smartetl_core::model::Role;
use std::sync::Arc;
use utoipa::PartialSchema as _;
use utoipa::ToSchema as _;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{
    ComponentsBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, Type,
};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{InfoBuilder, OpenApi, PathItem, RefOr, SecurityRequirement};
use utoipa_axum::router::OpenApiRouter;

/// How whoever asks is known.
const BEARER: &str = "bearer";
const COOKIE_SCHEME: &str = "session";
const OWN_SCHEME: &str = "own";

/// Which role an operation wants.
const ROLE: &str = "x-role";

/// The document, as `web/openapi.json` has it.
pub fn document() -> OpenApi {
    let mut document = whole();
    document.info = InfoBuilder::new()
        .title("smartETL")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "What ETL jobs did, night by night and run by run. Moments are RFC 3339 in UTC, durations milliseconds, words \
             those that are stored; what is not known is null.",
        ))
        .build();
    let components = document.components.take().unwrap_or_default();
    let mut components = ComponentsBuilder::from(components)
        .schema(ProblemDetails::name(), ProblemDetails::schema())
        .build();
    components.security_schemes = schemes()
        .map(|(name, scheme)| (name.to_owned(), scheme.into()))
        .into_iter()
        .collect();
    for (name, schema) in &mut components.schemas {
        // What is sent may leave out what is said so.
        if *name != ProblemDetails::name() && !name.ends_with("Asked") {
            always_there(schema);
        }
    }
    document.components = Some(components);
    document
}

/// All parts; each operation says which role it wants, and how whoever asks is known.
fn whole() -> OpenApi {
    let mut whole: Option<OpenApi> = None;
    for (role, part) in super::parts() {
        let part = part
            .into_iter()
            .fold(OpenApiRouter::new(), OpenApiRouter::routes);
        let (_, mut part) = part.split_for_parts();
        for item in part.paths.paths.values_mut() {
            for (operation, is_safe) in operations(item) {
                let word = role.map_or("none", Role::as_str);
                let said = ExtensionsBuilder::new().add(ROLE, word).build();
                operation.extensions = Some(said);
                operation.security = Some(requirements(is_safe));
            }
        }
        whole = Some(match whole {
            Some(all) => all.merge_from(part),
            None => part,
        });
    }
    whole.unwrap_or_default()
}

/// Those of a path, and whether they change nothing.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&mut Operation, bool)> {
    let PathItem {
        get,
        put,
        post,
        delete,
        patch,
        ..
    } = item;
    [
        (get, true),
        (put, false),
        (post, false),
        (delete, false),
        (patch, false),
    ]
    .into_iter()
    .filter_map(|(operation, is_safe)| Some((operation.as_mut()?, is_safe)))
}

/// Nothing on this machine; else a token, or the cookie of a session. Whatever changes something without a token comes from a page of ours.
fn requirements(is_safe: bool) -> Vec<SecurityRequirement> {
    let of = |name| SecurityRequirement::new(name, [""; 0]);
    let cookie = of(COOKIE_SCHEME);
    if is_safe {
        return vec![SecurityRequirement::default(), of(BEARER), cookie];
    }
    vec![of(OWN_SCHEME), of(BEARER), cookie.add(OWN_SCHEME, [""; 0])]
}

fn schemes() -> [(&'static str, SecurityScheme); 3] {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let bearer = bearer.description(Some(
        "A token of `smartetl tokens`; the setting http.token may read and post logs.",
    ));
    let cookie = ApiKeyValue::with_description(
        super::session::COOKIE,
        "What logging in sets; called smartetl where this machine asks itself.",
    );
    let own = ApiKeyValue::with_description(
        super::access::OWN,
        "Anything, with whatever changes something without a token: pages of others cannot send it.",
    );
    [
        (BEARER, SecurityScheme::Http(bearer.build())),
        (
            COOKIE_SCHEME,
            SecurityScheme::ApiKey(ApiKey::Cookie(cookie)),
        ),
        (OWN_SCHEME, SecurityScheme::ApiKey(ApiKey::Header(own))),
    ]
}

/// What is not known is null, and never left out: nobody has to ask for both.
fn always_there(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            object.required = object.properties.keys().cloned().collect();
        }
        RefOr::T(Schema::AllOf(all)) => all.items.iter_mut().for_each(always_there),
        RefOr::T(Schema::OneOf(one)) => one.items.iter_mut().for_each(always_there),
        _ => {}
    }
}

/// The schema of the parameter `lang`.
pub fn languages() -> Schema {
    let tags = [Lang::En, Lang::Fr].map(Lang::tag);
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.enum_values(Some(tags)).into()
}

/// The schema of the parameter `format`.
pub fn forms() -> Schema {
    let forms = Form::ALL.map(Form::name);
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.enum_values(Some(forms)).into()
}

/// The schema of a business day or a moment.
pub fn when() -> Schema {
    let text = |format| {
        let text = ObjectBuilder::new().schema_type(Type::String);
        text.format(Some(SchemaFormat::KnownFormat(format)))
    };
    let [day, moment] = [KnownFormat::Date, KnownFormat::DateTime].map(text);
    OneOfBuilder::new().item(day).item(moment).into()
}

/// This document.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    tag = "about",
    responses((status = 200, description = "The document (OpenAPI 3.1)", body = serde_json::Value), Problems)
)]
pub async fn openapi(
    State(service): State<Arc<Service>>,
    asked: Asked<()>,
) -> Result<Response, Problem> {
    let text = document().to_json().map_err(anyhow::Error::from)?;
    super::answer::of_text(&service, &asked.reader, text)
}
