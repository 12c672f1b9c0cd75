//! Lists as files: a column for each field of an item, with the types that the document says.

use super::document;
use crate::export::{Column, InMemory, Kind, in_memory};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use smartetl_core::model::Moment;
use std::sync::LazyLock;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayItems, KnownFormat, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{OpenApi, RefOr};

/// From where PostgreSQL counts.
const EPOCH: Date = Date::constant(2000, 1, 1);
const EPOCH_US: i64 = 946_684_800_000_000;

/// The type that arrays of texts name: `text`.
const TEXT_OID: i32 = 25;

static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(document::document);

/// Items as a file.
///
/// # Errors
/// When an item is not what the document says.
pub fn written<T: Serialize + ToSchema>(form: InMemory, items: &[T]) -> anyhow::Result<Vec<u8>> {
    let mut fields = Vec::new();
    gather(&named(&T::name()), &mut Vec::new(), &mut fields);
    let mut tuples = Vec::new();
    for item in items {
        let item = serde_json::to_value(item)?;
        tuples.extend_from_slice(&i16::try_from(fields.len())?.to_be_bytes());
        for (path, kind) in &fields {
            let value = path.iter().try_fold(&item, |value, name| value.get(name));
            push(&mut tuples, *kind, value.unwrap_or(&Value::Null))?;
        }
    }
    let columns = fields.into_iter().map(|(path, kind)| Column {
        name: path.join("_"),
        kind,
        hidden: false,
    });
    in_memory(form, columns.collect(), &tuples)
}

/// The fields of an object, those of objects in it by both names.
fn gather(schema: &RefOr<Schema>, path: &mut Vec<String>, fields: &mut Vec<(Vec<String>, Kind)>) {
    match resolved(schema) {
        RefOr::T(Schema::Object(object)) if !object.properties.is_empty() => {
            for (name, schema) in &object.properties {
                path.push(name.clone());
                gather(schema, path, fields);
                path.pop();
            }
        }
        RefOr::T(Schema::AllOf(all)) => {
            for part in &all.items {
                gather(part, path, fields);
            }
        }
        // Something, or null.
        RefOr::T(Schema::OneOf(one)) => {
            if let Some(something) = one.items.iter().find(|schema| !is_null(schema)) {
                gather(something, path, fields);
            }
        }
        RefOr::T(schema) => fields.push((path.clone(), kind(&schema))),
        RefOr::Ref(_) => {}
    }
}

fn named(name: &str) -> RefOr<Schema> {
    let components = DOCUMENT.components.as_ref();
    let schema = components.and_then(|components| components.schemas.get(name));
    schema.cloned().unwrap_or_else(|| Schema::default().into())
}

/// What a reference leads to.
fn resolved(schema: &RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::Ref(to) => named(to.ref_location.rsplit('/').next().unwrap_or_default()),
        schema @ RefOr::T(_) => schema.clone(),
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    let RefOr::T(Schema::Object(object)) = schema else {
        return false;
    };
    matches!(object.schema_type, SchemaType::Type(Type::Null))
}

fn kind(schema: &Schema) -> Kind {
    let Schema::Object(object) = schema else {
        let texts = |items: &ArrayItems| match items {
            ArrayItems::RefOrSchema(items) => match resolved(items.as_ref()) {
                RefOr::T(items) => kind(&items) == Kind::Text,
                RefOr::Ref(_) => false,
            },
            ArrayItems::False => false,
        };
        return match schema {
            Schema::Array(array) if texts(&array.items) => Kind::Texts,
            // As JSON.
            _ => Kind::Text,
        };
    };
    let types = match &object.schema_type {
        SchemaType::Type(of) => std::slice::from_ref(of),
        SchemaType::Array(all) => all,
        SchemaType::AnyValue => &[],
    };
    let of = types.iter().find(|of| !matches!(of, Type::Null));
    match (of, &object.format) {
        (Some(Type::Boolean), _) => Kind::Bool,
        (Some(Type::Integer), _) => Kind::Long,
        (Some(Type::Number), _) => Kind::Real,
        (Some(Type::String), Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))) => {
            Kind::Moment
        }
        (Some(Type::String), Some(SchemaFormat::KnownFormat(KnownFormat::Date))) => Kind::Date,
        _ => Kind::Text,
    }
}

/// One field as COPY carries it: its length and its value; null for what is not of its kind.
fn push(tuple: &mut Vec<u8>, kind: Kind, value: &Value) -> anyhow::Result<()> {
    let bytes = match (kind, value) {
        (_, Value::Null) => None,
        (Kind::Bool, _) => value.as_bool().map(|flag| vec![u8::from(flag)]),
        (Kind::Long, _) => value.as_i64().map(|number| number.to_be_bytes().to_vec()),
        (Kind::Real, _) => value
            .as_f64()
            .map(|number| (number as f32).to_be_bytes().to_vec()),
        (Kind::Moment, _) => {
            let at: Option<jiff::Timestamp> = value.as_str().and_then(|text| text.parse().ok());
            at.map(|at| Moment(at.as_microsecond()))
                .map(|at| (at.0 - EPOCH_US).to_be_bytes().to_vec())
        }
        (Kind::Date, _) => {
            let day: Option<Date> = value.as_str().and_then(|text| text.parse().ok());
            day.map(|day| {
                let days = (day - EPOCH).get_days();
                days.to_be_bytes().to_vec()
            })
        }
        (Kind::Texts, Value::Array(items)) => Some(array(items)?),
        (_, Value::String(text)) => Some(text.as_bytes().to_vec()),
        (_, value) => Some(value.to_string().into_bytes()),
    };
    match bytes {
        Some(bytes) => {
            tuple.extend_from_slice(&i32::try_from(bytes.len())?.to_be_bytes());
            tuple.extend_from_slice(&bytes);
        }
        None => tuple.extend_from_slice(&(-1_i32).to_be_bytes()),
    }
    Ok(())
}

fn array(items: &[Value]) -> anyhow::Result<Vec<u8>> {
    let dimensions = i32::from(!items.is_empty());
    let mut bytes = Vec::new();
    for number in [dimensions, 0, TEXT_OID] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    if !items.is_empty() {
        for number in [i32::try_from(items.len())?, 1] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
    }
    for item in items {
        push(&mut bytes, Kind::Text, item)?;
    }
    Ok(bytes)
}
