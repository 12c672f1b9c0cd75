//! Values of a tuple, by the type of their column.

use smartetl_core::model::Moment;
use smartetl_store::copy::{DecodeError, Fields};
use uuid::Uuid;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    /// It stands in the tuples and is passed over.
    pub hidden: bool,
}

/// The types that smartETL's tables have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Short,
    Int,
    Long,
    Real,
    Text,
    Uuid,
    Moment,
    Date,
    Time,
    Texts,
    Longs,
    Uuids,
}

impl Kind {
    /// By the name that PostgreSQL gives the type.
    pub fn parse(type_name: &str) -> Option<Self> {
        Some(match type_name {
            "boolean" => Self::Bool,
            "smallint" => Self::Short,
            "integer" => Self::Int,
            "bigint" => Self::Long,
            "real" => Self::Real,
            "text" => Self::Text,
            "uuid" => Self::Uuid,
            "timestamp with time zone" => Self::Moment,
            "date" => Self::Date,
            "time without time zone" => Self::Time,
            "text[]" => Self::Texts,
            "bigint[]" => Self::Longs,
            "uuid[]" => Self::Uuids,
            _ => return None,
        })
    }
}

/// A value that is not NULL.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'t> {
    Bool(bool),
    Int(i64),
    Real(f32),
    Text(&'t str),
    Uuid(Uuid),
    Moment(Moment),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since midnight.
    Time(i64),
    Texts(Vec<&'t str>),
    Longs(Vec<i64>),
    Uuids(Vec<Uuid>),
}

/// From 1970-01-01 to PostgreSQL's epoch 2000-01-01.
const EPOCH_DAYS: i32 = 10_957;

/// The next field of a tuple; `None` is NULL.
///
/// # Errors
/// When it is no value of this kind.
#[inline]
pub(super) fn next<'t>(
    fields: &mut Fields<'t>,
    kind: Kind,
) -> Result<Option<Value<'t>>, DecodeError> {
    Ok(match kind {
        Kind::Bool => fields.option_boolean()?.map(Value::Bool),
        Kind::Short => fields
            .option_short()?
            .map(|value| Value::Int(i64::from(value))),
        Kind::Int => fields
            .option_int()?
            .map(|value| Value::Int(i64::from(value))),
        Kind::Long => fields.option_long()?.map(Value::Int),
        Kind::Real => fields.option_real()?.map(Value::Real),
        Kind::Text => fields.option_text()?.map(Value::Text),
        Kind::Uuid => fields.option_uuid()?.map(Value::Uuid),
        Kind::Moment => fields.option_moment()?.map(Value::Moment),
        Kind::Date => fields
            .option_int()?
            .map(|days| Value::Date(days.saturating_add(EPOCH_DAYS))),
        Kind::Time => fields.option_long()?.map(Value::Time),
        Kind::Texts => fields.option_array(Fields::text)?.map(Value::Texts),
        Kind::Longs => fields.option_array(Fields::long)?.map(Value::Longs),
        Kind::Uuids => fields.option_array(Fields::uuid)?.map(Value::Uuids),
    })
}

/// Calls `take` with each column that is not hidden, by its number among these, and its value.
///
/// # Errors
/// When the tuple does not have these columns, or `take` fails.
pub(super) fn each<'t, E: From<DecodeError>>(
    tuple: &'t [u8],
    columns: &[Column],
    mut take: impl FnMut(usize, Option<Value<'t>>) -> Result<(), E>,
) -> Result<(), E> {
    let mut fields = Fields::of(tuple)?;
    let mut number = 0;
    for column in columns {
        if column.hidden {
            fields.skip(1)?;
            continue;
        }
        take(number, next(&mut fields, column.kind)?)?;
        number += 1;
    }
    Ok(())
}

/// The columns that are not hidden.
pub(super) fn shown(columns: &[Column]) -> impl Iterator<Item = &Column> {
    columns.iter().filter(|column| !column.hidden)
}
