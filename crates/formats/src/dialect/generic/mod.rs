//! Any table, by a mapping: which columns become which columns of `log` and `logerreur`.
//!
//! The mapping decides everything; nothing about any tool is known here. A record gives all the rows whose conditions hold,
//! or none of them and a reject.

mod choice;
mod fit;
mod manual;
mod mapping;
mod names;
mod parser;
mod path;
mod resolve;
mod set;
mod value;

pub use mapping::{
    Condition, Duration, ErrorRule, EventFrom, LogRule, Mapping, Run, SHIPPED, Unit, Value,
    ValueSpec, Vocabulary,
};
pub use set::MappingSet;

use std::sync::LazyLock;

use self::choice::Candidate;
use super::{Claim, ColumnDoc, Dialect, DialectPlan, RecordParser, Settings, recognise_form};
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
        "Any table, in any container, by a mapping in TOML: which column, constant or part of the path becomes which column of log \
         and logerreur. Of the mappings that come with smartETL and those of the setting load.mappings, each file is given the one \
         whose columns, times and words it has; of those given with --mapping only these."
    }

    fn columns(&self) -> Vec<ColumnDoc> {
        SHIPPED
            .iter()
            .zip(SHIPPED_MAPPINGS.iter())
            .flat_map(|((name, _), mapping)| manual::documentation(name, mapping))
            .collect()
    }

    fn sniff(&self, sample: &Sample, settings: &Settings) -> Vec<Claim> {
        let claim = |candidate: &Candidate<'_>| Claim {
            layout: candidate.mapping.name.clone(),
            confidence: candidate.fit.confidence,
        };
        choice::candidates(sample, settings, &SHIPPED_MAPPINGS)
            .iter()
            .map(claim)
            .collect()
    }

    fn plan(&self, sample: &Sample, settings: &Settings) -> Result<DialectPlan, FormatError> {
        let mapping = choice::choose(sample, settings, &SHIPPED_MAPPINGS)?;
        plan_with(mapping, sample, settings)
    }

    /// Only where there is one mapping, which says how it writes times.
    fn plan_of_messages(&self, settings: &Settings) -> Result<Option<DialectPlan>, FormatError> {
        let mut given = settings.mappings.iter();
        let (Some(mapping), None) = (given.next(), given.next()) else {
            return Ok(None);
        };
        if mapping.time_format.is_none() && settings.moment_format.is_none() {
            return Ok(None);
        }
        plan_with(mapping, &Sample::of_no_messages(), settings).map(Some)
    }

    fn open(
        &self,
        plan: &DialectPlan,
        settings: &Settings,
    ) -> Result<Box<dyn RecordParser>, FormatError> {
        let mapping = named(&plan.layout, settings).ok_or_else(|| set::unknown(&plan.layout))?;
        Ok(Box::new(parser::Parser::new(
            mapping,
            &plan.columns,
            plan.moment.clone(),
            settings,
        )?))
    }
}

fn plan_with(
    mapping: &Mapping,
    sample: &Sample,
    settings: &Settings,
) -> Result<DialectPlan, FormatError> {
    let columns = columns_of(sample, mapping);
    let parser = parser::Parser::new(mapping, &columns, MomentFormat::YearFirst, settings)?;
    let (mut moment, mut notes) = recognise_form(&parser.moments_of(sample), settings);
    if let (Some(format), None) = (&mapping.time_format, &settings.moment_format) {
        notes.clear();
        moment = MomentFormat::parse(format).ok_or_else(|| FormatError::Mapping {
            name: mapping.name.clone(),
            reason: format!("`{format}` is no form of times: {}", MomentFormat::SETTINGS),
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

/// The columns of a source for a mapping. Where some may first come with a later record, all that it names are among them.
fn columns_of(sample: &Sample, mapping: &Mapping) -> Vec<String> {
    let mut columns = sample.column_names();
    if sample.shape.has_optional_columns() {
        for name in mapping.columns().into_iter().flatten() {
            if resolve::Names::of(&columns, true).find(name).is_none() {
                columns.push(name.to_owned());
            }
        }
    }
    columns
}

/// The mapping of this name: the user's own, or else the one that comes with smartETL.
fn named<'m>(name: &str, settings: &'m Settings) -> Option<&'m Mapping> {
    let given = settings.mappings.by_name(name).map(AsRef::as_ref);
    given.or_else(|| SHIPPED_MAPPINGS.iter().find(|mapping| mapping.name == name))
}

/// The zone that the mapping of this name gives to times without one.
pub(super) fn zone(name: &str, settings: &Settings) -> Option<String> {
    named(name, settings)?.zone.clone()
}
