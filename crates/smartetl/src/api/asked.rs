//! What a request asks for: its parameters, each understood or refused by its name, and who reads the answer.

use super::problem::{Wanted, Wrong};
use crate::filtering::{self, When};
use crate::night::Lang;
use crate::service::{Problem, Service, language};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use smartetl_core::model::Moment;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Parameters of one kind of question; deriving `IntoParams` describes them.
pub trait Question: Sized {
    /// # Errors
    /// When one of them cannot be understood.
    fn read(said: &mut Said) -> Result<Self, Problem>;
}

/// A question without parameters of its own.
impl Question for () {
    fn read(_: &mut Said) -> Result<Self, Problem> {
        Ok(())
    }
}

/// A question and its reader.
#[derive(Debug)]
pub struct Asked<Q> {
    pub question: Q,
    pub reader: Reader,
}

/// In which form an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Json,
    Csv,
    Parquet,
}

impl Form {
    pub const ALL: [Self; 3] = [Self::Json, Self::Csv, Self::Parquet];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }

    pub const fn media(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// Who reads the answer.
#[derive(Debug)]
pub struct Reader {
    pub lang: Lang,
    pub form: Form,
    /// The `ETag`s of answers that the reader has.
    pub known: Vec<String>,
    /// Path and parameters.
    pub target: String,
    /// The minute for which the answer holds, where the wall clock decides.
    minute: Option<i64>,
}

impl Reader {
    /// The wall clock's minute; from then on another one gives another `ETag`.
    pub fn this_minute(&mut self) -> Moment {
        let minute = jiff::Timestamp::now().as_second() / 60;
        self.minute = Some(minute);
        Moment(minute * 60_000_000)
    }

    /// # Errors
    /// When another form is wanted than the only one that there is.
    pub fn is_json(&self) -> Result<(), Problem> {
        match self.form {
            Form::Json => Ok(()),
            _ => Err(Problem::Api(Wrong::Form)),
        }
    }

    /// What the answer depends on is not what the `ETag` is made of: nobody has it already.
    pub fn always_new(&mut self) {
        self.known.clear();
    }

    /// All that an answer depends on beside the data.
    pub fn depends_on(&self) -> String {
        let Self {
            lang,
            form,
            target,
            minute,
            known: _,
        } = self;
        format!("{}\n{}\n{target}\n{minute:?}", lang.tag(), form.name())
    }
}

impl<Q: Question> FromRequestParts<Arc<Service>> for Asked<Q> {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        service: &Arc<Service>,
    ) -> Result<Self, Problem> {
        let mut said = Said::of(&parts.uri)?;
        said.parsed("lang", Lang::of_tag, || Wanted::Words(vec!["en", "fr"]))?;
        let wanted = said.parsed("format", form, || {
            Wanted::Words(Form::ALL.map(Form::name).to_vec())
        })?;
        let form = match wanted {
            Some(form) => form,
            None => accepted(&parts.headers).ok_or(Problem::Api(Wrong::Form))?,
        };
        said.is_file = form != Form::Json;
        let question = Q::read(&mut said)?;
        said.end()?;
        let known = parts.headers.get_all(header::IF_NONE_MATCH).iter();
        let known = known.filter_map(|known| known.to_str().ok());
        let known = known.flat_map(|known| known.split(','));
        Ok(Self {
            question,
            reader: Reader {
                lang: language(&parts.uri, &parts.headers, service.lang),
                form,
                known: known.map(|tag| tag.trim().to_owned()).collect(),
                target: parts.uri.to_string(),
                minute: None,
            },
        })
    }
}

fn form(word: &str) -> Option<Form> {
    Form::ALL.into_iter().find(|form| form.name() == word)
}

/// The first form that is accepted, of the ranges in the order of their weights.
fn accepted(headers: &HeaderMap) -> Option<Form> {
    let said = headers.get_all(header::ACCEPT).iter();
    let said: Vec<&str> = said
        .filter_map(|accept| accept.to_str().ok())
        .flat_map(|accept| accept.split(','))
        .map(str::trim)
        .filter(|range| !range.is_empty())
        .collect();
    if said.is_empty() {
        return Some(Form::Json);
    }
    let mut best: Option<(f32, Form)> = None;
    for range in said {
        let mut parts = range.split(';').map(str::trim);
        let form = match parts
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
            .as_str()
        {
            // A browser that listens to events says the last one; what they say is JSON.
            "*/*" | "application/*" | "application/json" | "text/event-stream" => Form::Json,
            "text/*" | "text/csv" => Form::Csv,
            "application/vnd.apache.parquet" => Form::Parquet,
            _ => continue,
        };
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        let weight = weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
        if weight > 0.0 && best.is_none_or(|(before, _)| weight > before) {
            best = Some((weight, form));
        }
    }
    best.map(|(_, form)| form)
}

/// Parameters that have not been read yet.
#[derive(Debug)]
pub struct Said {
    parameters: BTreeMap<String, String>,
    /// The answer is wanted as a file.
    pub is_file: bool,
}

impl Said {
    fn of(uri: &Uri) -> Result<Self, Problem> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
        let Query(pairs) = pairs.map_err(|_| Problem::Query)?;
        let mut said = BTreeMap::new();
        for (name, value) in pairs {
            if [&name, &value].into_iter().any(|text| text.contains('\0')) {
                return Err(wrong(&name, Wanted::Text));
            }
            if said.insert(name.clone(), value).is_some() {
                return Err(wrong(&name, Wanted::Once));
            }
        }
        Ok(Self {
            parameters: said,
            is_file: false,
        })
    }

    /// What says nothing counts as not said.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.parameters
            .remove(name)
            .filter(|value| !value.is_empty())
    }

    /// Also what says nothing.
    pub fn given(&mut self, name: &str) -> Option<String> {
        self.parameters.remove(name)
    }

    pub fn parsed<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
        wanted: impl FnOnce() -> Wanted,
    ) -> Result<Option<T>, Problem> {
        let said = self.text(name);
        said.map(|text| parse(&text).ok_or_else(|| wrong(name, wanted())))
            .transpose()
    }

    pub fn day(&mut self, name: &str) -> Result<Option<Date>, Problem> {
        self.parsed(name, day, || Wanted::Day)
    }

    /// A business day or a moment.
    pub fn when(&mut self, name: &str) -> Result<Option<When>, Problem> {
        self.parsed(name, when, || Wanted::When)
    }

    pub fn number(&mut self, name: &str, least: i64, most: i64) -> Result<Option<i64>, Problem> {
        let parse = |text: &str| {
            let number = text.parse().ok()?;
            (least..=most).contains(&number).then_some(number)
        };
        self.parsed(name, parse, || Wanted::Number(least, most))
    }

    pub fn flag(&mut self, name: &str) -> Result<bool, Problem> {
        let flag = self.parsed(
            name,
            |text| text.parse().ok(),
            || Wanted::Words(vec!["true", "false"]),
        )?;
        Ok(flag.unwrap_or(false))
    }

    /// Words of a vocabulary with commas between them.
    pub fn words<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
        known: impl FnOnce() -> Vec<&'static str>,
    ) -> Result<Vec<T>, Problem> {
        let all = |text: &str| text.split(',').map(&parse).collect::<Option<Vec<T>>>();
        let words = self.parsed(name, all, || Wanted::Words(known()))?;
        Ok(words.unwrap_or_default())
    }

    fn end(self) -> Result<(), Problem> {
        match self.parameters.into_keys().next() {
            Some(name) => Err(wrong(&name, Wanted::Absent)),
            None => Ok(()),
        }
    }
}

pub fn wrong(name: &str, wanted: Wanted) -> Problem {
    Problem::Api(Wrong::Parameter {
        name: name.to_owned(),
        wanted,
    })
}

/// A day; where no row can be, the nearest one where rows can.
fn day(text: &str) -> Option<Date> {
    let day = filtering::day(text).ok();
    day.or_else(|| {
        let day: Date = text.parse().ok()?;
        let (first, last) = (
            jiff::civil::date(1990, 1, 1),
            jiff::civil::date(2100, 12, 31),
        );
        Some(day.clamp(first, last))
    })
}

fn when(text: &str) -> Option<When> {
    let moment = || {
        let at: jiff::Timestamp = text.parse().ok()?;
        let at = at.as_microsecond().clamp(Moment::MIN.0, Moment::END.0 - 1);
        Some(When::Moment(Moment(at)))
    };
    day(text).map(When::Day).or_else(moment)
}

/// What stands in the path.
#[derive(Debug)]
pub struct Place<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<Service>> for Place<T> {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        service: &Arc<Service>,
    ) -> Result<Self, Problem> {
        // No text of the database holds it.
        if parts.uri.path().contains("%00") {
            return Err(Problem::NotFound);
        }
        let place = Path::<T>::from_request_parts(parts, service).await;
        place
            .map(|Path(place)| Self(place))
            .map_err(|_| Problem::NotFound)
    }
}
