//! What an uploaded file is: recognised, or not, with the mapping that `smartetl map` proposes for it. Nothing is stored.

use crate::ingest::{How, ReadAs, Trial};
use crate::night::Lang;
use crate::reason::Reason;
use smartetl_formats::dialect::generic::MappingSet;
use smartetl_formats::propose::{self, Missing, Options, Proposal, Table, Vocabularies};
use smartetl_formats::{FormatError, Plan, Settings};
use std::fs::File;
use std::path::Path;

/// So many records are tried.
const RECORDS: u64 = 2_000;

/// What a file is.
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Glance {
    Recognised {
        read_as: ReadAs,
        /// In words.
        reading: String,
        how: How,
        trial: Trial,
    },
    Proposed(Box<Proposed>),
    /// It is no log, or cannot be read: why.
    Unknown(Reason),
}

/// A mapping for a file that nobody knows.
pub struct Proposed {
    pub proposal: Proposal,
    /// Why it is not recognised.
    pub why: Reason,
    pub trial: Trial,
}

/// Looks at a file; `settings` say what it is called where it came from. Takes a while: it reads much of it.
pub fn glance(
    path: &Path,
    settings: &Settings,
    (vocabularies, is_zone_known): (&Vocabularies, bool),
    lang: Lang,
) -> Glance {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return Glance::Unknown(Reason::from(&anyhow::Error::from(error))),
    };
    let why = match Plan::examine(&file, settings) {
        Ok(plan) => {
            return Glance::Recognised {
                read_as: ReadAs::of(&plan),
                reading: plan.describe(),
                how: How::of(&plan, settings),
                trial: Trial::with(path, settings, Some(RECORDS)),
            };
        }
        Err(error) => error,
    };
    let options = Options {
        name: None,
        zone: settings.timezone.iana_name().unwrap_or("UTC").to_owned(),
        is_zone_given: false,
        is_zone_known,
        environment: settings.environment.clone(),
        vocabularies: vocabularies.clone(),
        lang: match lang {
            Lang::En => propose::Lang::En,
            Lang::Fr => propose::Lang::Fr,
        },
    };
    match proposed(path, &file, settings, &options) {
        Ok((proposal, trial)) => Glance::Proposed(Box::new(Proposed {
            proposal,
            why: told(why),
            trial,
        })),
        Err(Some(missing)) => {
            let [en, fr] =
                [propose::Lang::En, propose::Lang::Fr].map(|lang| missing.describe(lang));
            Glance::Unknown(Reason::new(
                format!("no log of ETL jobs: {en}"),
                format!("pas un journal de jobs ETL\u{a0}: {fr}"),
            ))
        }
        Err(None) => Glance::Unknown(told(why)),
    }
}

/// What is proposed, and what would come of it; else what is missing for a proposal, or nothing where it is no table.
fn proposed(
    path: &Path,
    file: &File,
    settings: &Settings,
    options: &Options,
) -> Result<(Proposal, Trial), Option<Missing>> {
    let table = Table::read(file, settings).map_err(|_| None)?;
    let mut proposal = propose::propose(vec![table], options);
    if proposal.toml.is_empty() {
        return Err(proposal.refused.pop().map(|(_, missing)| missing));
    }
    let mappings = MappingSet::parse(super::MAPPING, &proposal.toml).map_err(|_| None)?;
    let settings = Settings {
        mappings: mappings.only(),
        ..settings.clone()
    };
    let trial = Trial::with(path, &settings, Some(RECORDS));
    Ok((proposal, trial))
}

/// Hints are for the command line.
fn told(error: FormatError) -> Reason {
    Reason::from(&anyhow::Error::from(error)).without_hint().0
}
