//! Any table, by a mapping: which columns become which columns of `log` and `logerreur`.
//!
//! The mapping decides everything; nothing about any tool is known here. A record gives all the rows whose conditions hold,
//! or none of them and a reject.

mod manual;
mod mapping;
mod parser;
mod path;
mod resolve;
mod value;

pub use mapping::{
    Condition, Duration, ErrorRule, EventFrom, LogRule, Mapping, Run, SHIPPED, Unit, Value,
    ValueSpec, Vocabulary,
};

use std::sync::LazyLock;

use super::{
    ColumnDoc, Confidence, Dialect, DialectPlan, RecordParser, Settings, plain_name, recognise_form,
};
use crate::container::Sample;
use crate::error::FormatError;
use crate::moment::MomentFormat;

pub struct Generic;

/// The word for `--dialect`.
pub const NAME: &str = "generic";

static SHIPPED_MAPPINGS: LazyLock<Vec<Mapping>> = LazyLock::new(|| {
    SHIPPED
        .iter()
        .map(|(name, toml)| {
            Mapping::parse(name, toml).expect("a test parses every shipped mapping")
        })
        .collect()
});

impl Dialect for Generic {
    fn name(&self) -> &'static str {
        NAME
    }

    fn description(&self) -> &'static str {
        "Any CSV or Parquet table, by a mapping in TOML: which column, constant or part of the path becomes which column of log and \
         logerreur. Mappings that come with smartETL are recognised by their columns."
    }

    fn columns(&self) -> Vec<ColumnDoc> {
        SHIPPED
            .iter()
            .zip(SHIPPED_MAPPINGS.iter())
            .flat_map(|((name, _), mapping)| manual::documentation(name, mapping))
            .collect()
    }

    fn sniff(&self, sample: &Sample, settings: &Settings) -> Confidence {
        if settings.mapping.is_some() || recognised(sample).is_some() {
            Confidence(90)
        } else {
            Confidence::NONE
        }
    }

    fn plan(&self, sample: &Sample, settings: &Settings) -> Result<DialectPlan, FormatError> {
        let mapping = match &settings.mapping {
            Some(mapping) => mapping,
            None => recognised(sample).ok_or_else(|| FormatError::NoDialect {
                columns: sample
                    .columns
                    .as_ref()
                    .map_or("no header".to_owned(), |columns| columns.join(", ")),
            })?,
        };
        let columns = match &sample.columns {
            Some(columns) => columns.clone(),
            // Without header a mapping names its columns by number.
            None => (1..=sample.rows.iter().map(Vec::len).max().unwrap_or(0))
                .map(|n| n.to_string())
                .collect(),
        };
        let parser = parser::Parser::new(mapping, &columns, MomentFormat::YearFirst, settings)?;
        let (mut moment, mut notes) = recognise_form(&parser.moments_of(sample), settings);
        if let (Some(format), None) = (&mapping.time_format, &settings.moment_format) {
            notes.clear();
            moment = MomentFormat::parse(format).ok_or_else(|| FormatError::Mapping {
                name: mapping.name.clone(),
                reason: format!("`{format}` is no form of times"),
            })?;
        }
        Ok(DialectPlan {
            dialect: NAME.to_owned(),
            layout: mapping.name.clone(),
            columns,
            moment,
            notes,
        })
    }

    fn open(
        &self,
        plan: &DialectPlan,
        settings: &Settings,
    ) -> Result<Box<dyn RecordParser>, FormatError> {
        let mapping = settings
            .mapping
            .as_deref()
            .or_else(|| {
                SHIPPED_MAPPINGS
                    .iter()
                    .find(|mapping| mapping.name == plan.layout)
            })
            .ok_or_else(|| Mapping::unknown(&plan.layout))?;
        Ok(Box::new(parser::Parser::new(
            mapping,
            &plan.columns,
            plan.moment.clone(),
            settings,
        )?))
    }
}

/// The shipped mapping whose columns the sample has; the one that asks for most.
fn recognised(sample: &Sample) -> Option<&'static Mapping> {
    let names: Vec<String> = sample
        .columns
        .as_ref()?
        .iter()
        .map(|name| plain_name(name))
        .collect();
    SHIPPED_MAPPINGS
        .iter()
        .filter(|mapping| {
            mapping
                .recognise
                .iter()
                .all(|wanted| names.contains(&plain_name(wanted)))
        })
        .filter(|mapping| !mapping.recognise.is_empty())
        .max_by_key(|mapping| mapping.recognise.len())
}
