//! How values are written for programs, wherever they are written: names are English and stable, moments RFC 3339 in UTC, days
//! ISO 8601, durations milliseconds, words those that are stored, what is not known null.

use crate::look::What;
use crate::night::Tone;
use crate::report::{DueState, Kind};
use crate::work;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Serialize, Serializer};
use smartetl_core::model::{
    ActKind, Blame, Category, DayType, Event, Evidence, IssueState, Moment, MuteKind, Outcome,
    RecoveredBy, ResolvedBy, Role, RowStatus, RunStatus, Scope, Severity, Trigger, Verdict, Way,
};
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At(pub Moment);

/// A business day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub Date);

impl At {
    /// `None` for what no clock can show.
    pub fn shown(moment: Moment) -> Option<Self> {
        Timestamp::from_microsecond(moment.0)
            .is_ok()
            .then_some(Self(moment))
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

fn text(format: KnownFormat, description: &str) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String);
    let text = text.format(Some(SchemaFormat::KnownFormat(format)));
    text.description(Some(description)).into()
}

impl PartialSchema for At {
    fn schema() -> RefOr<Schema> {
        text(KnownFormat::DateTime, "A moment, RFC 3339 in UTC.")
    }
}

impl ToSchema for At {}

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        text(
            KnownFormat::Date,
            "A business day: the morning that its night prepares.",
        )
    }
}

impl ToSchema for Day {}

fn one_of(words: impl Iterator<Item = &'static str>) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.enum_values(Some(words)).into()
}

/// Words of vocabularies: each with the name that the document of the API has for it.
macro_rules! words {
    ($($word:ident = $name:literal of $vocabulary:ty),+ $(,)?) => {
        $(
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub struct $word($vocabulary);

            impl From<$vocabulary> for $word {
                fn from(word: $vocabulary) -> Self {
                    Self(word)
                }
            }

            impl Serialize for $word {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.serialize_str(self.0.as_str())
                }
            }

            impl PartialSchema for $word {
                fn schema() -> RefOr<Schema> {
                    one_of(<$vocabulary>::ALL.iter().map(|word| word.as_str()))
                }
            }

            impl ToSchema for $word {
                fn name() -> Cow<'static, str> {
                    $name.into()
                }
            }
        )+
    };
}

words!(
    ActKindWord = "ActKind" of ActKind,
    BlameWord = "Blame" of Blame,
    CategoryWord = "Category" of Category,
    DayKindWord = "DayKind" of Kind,
    DayTypeWord = "DayType" of DayType,
    DueStateWord = "DueState" of DueState,
    EventWord = "Event" of Event,
    EvidenceWord = "Evidence" of Evidence,
    IssueStateWord = "IssueState" of IssueState,
    MuteKindWord = "MuteKind" of MuteKind,
    OutcomeWord = "Outcome" of Outcome,
    RecoveredByWord = "RecoveredBy" of RecoveredBy,
    ResolvedByWord = "ResolvedBy" of ResolvedBy,
    RoleWord = "Role" of Role,
    RowStatusWord = "RowStatus" of RowStatus,
    RunStatusWord = "RunStatus" of RunStatus,
    ScopeWord = "Scope" of Scope,
    SeverityWord = "Severity" of Severity,
    TaskKindWord = "TaskKind" of work::Kind,
    TaskStateWord = "TaskState" of work::State,
    ToneWord = "Tone" of Tone,
    TriggerWord = "Trigger" of Trigger,
    VerdictWord = "Verdict" of Verdict,
    WayWord = "Way" of Way,
    WhatWord = "WhatChanged" of What,
);
