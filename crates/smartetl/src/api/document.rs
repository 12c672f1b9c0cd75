//! The document of the API.

use super::asked::{Asked, Form};
use super::problem::{ProblemDetails, Problems};
use crate::night::Lang;
use crate::service::{Problem, Service};
use axum::extract::State;
use axum::response::Response;
use std::sync::Arc;
use utoipa::PartialSchema as _;
use utoipa::ToSchema as _;
use utoipa::openapi::schema::{
    ComponentsBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, Type,
};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{InfoBuilder, OpenApi, RefOr, SecurityRequirement};

/// How a token is given.
const BEARER: &str = "bearer";

/// The document, as `web/openapi.json` has it.
pub fn document() -> OpenApi {
    let (_, mut document) = super::looking().split_for_parts();
    document.info = InfoBuilder::new()
        .title("smartETL")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "What ETL jobs did, night by night and run by run. Moments are RFC 3339 in UTC, durations milliseconds, words \
             those that are stored; what is not known is null.",
        ))
        .build();
    let components = document.components.take().unwrap_or_default();
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let scheme = scheme.description(Some(
        "The setting http.token, where it is set and the request does not come from this machine.",
    ));
    let mut components = ComponentsBuilder::from(components)
        .schema(ProblemDetails::name(), ProblemDetails::schema())
        .security_scheme(BEARER, SecurityScheme::Http(scheme.build()))
        .build();
    for (name, schema) in &mut components.schemas {
        if *name != ProblemDetails::name() {
            always_there(schema);
        }
    }
    document.components = Some(components);
    let [nothing, token] = [
        SecurityRequirement::default(),
        SecurityRequirement::new(BEARER, [""; 0]),
    ];
    document.security = Some(vec![nothing, token]);
    document
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
