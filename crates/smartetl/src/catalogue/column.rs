//! The columns of the catalogue and what they may be called.

use super::value::written;
use crate::look::words;
use crate::night::Lang;
use jiff::tz::TimeZone;
use smartetl_store::catalogue::Entry;

/// A column of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    Environment,
    System,
    Project,
    Job,
    Said(Editable),
    /// Told by the logs, read by nobody here.
    JobId,
    RenamedFrom,
    FirstSeen,
    LastSeen,
}

/// What people say of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Editable {
    Family,
    SourceApp,
    Domain,
    Owner,
    Criticality,
    Deadline,
    Calendar,
    RunbookUrl,
    RetiredAt,
}

impl Editable {
    pub const ALL: &'static [Self] = &[
        Self::Family,
        Self::SourceApp,
        Self::Domain,
        Self::Owner,
        Self::Criticality,
        Self::Deadline,
        Self::Calendar,
        Self::RunbookUrl,
        Self::RetiredAt,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Family => "family",
            Self::SourceApp => "source_app",
            Self::Domain => "domain",
            Self::Owner => "owner",
            Self::Criticality => "criticality",
            Self::Deadline => "deadline",
            Self::Calendar => "calendar",
            Self::RunbookUrl => "runbook_url",
            Self::RetiredAt => "retired_at",
        }
    }
}

/// Other names under which lists have these columns.
const ALIASES: &[(&str, Column)] = &[
    ("env", Column::Environment),
    ("environement", Column::Environment),
    ("tool", Column::System),
    ("outil etl", Column::System),
    ("job name", Column::Job),
    ("nom du job", Column::Job),
    ("nom job", Column::Job),
    ("traitement", Column::Job),
    ("application source", Column::Said(Editable::SourceApp)),
    ("appli", Column::Said(Editable::SourceApp)),
    ("app", Column::Said(Editable::SourceApp)),
    ("application", Column::Said(Editable::SourceApp)),
    ("proprietaire", Column::Said(Editable::Owner)),
    ("criticite", Column::Said(Editable::Criticality)),
    ("heure limite", Column::Said(Editable::Deadline)),
    ("due", Column::Said(Editable::Deadline)),
    ("runbook", Column::Said(Editable::RunbookUrl)),
    ("retired", Column::Said(Editable::RetiredAt)),
    ("retire", Column::Said(Editable::RetiredAt)),
    ("date de retrait", Column::Said(Editable::RetiredAt)),
];

impl Column {
    /// As they are written.
    pub const ALL: &'static [Self] = &[
        Self::Environment,
        Self::Project,
        Self::Job,
        Self::System,
        Self::Said(Editable::Family),
        Self::Said(Editable::SourceApp),
        Self::Said(Editable::Domain),
        Self::Said(Editable::Owner),
        Self::Said(Editable::Criticality),
        Self::Said(Editable::Deadline),
        Self::Said(Editable::Calendar),
        Self::Said(Editable::RunbookUrl),
        Self::Said(Editable::RetiredAt),
        Self::JobId,
        Self::RenamedFrom,
        Self::FirstSeen,
        Self::LastSeen,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::System => "system",
            Self::Project => "project",
            Self::Job => "job",
            Self::Said(said) => said.name(),
            Self::JobId => "job_id",
            Self::RenamedFrom => "renamed_from",
            Self::FirstSeen => "first_seen",
            Self::LastSeen => "last_seen",
        }
    }

    pub fn heading(self, lang: Lang) -> &'static str {
        let french = words::french_heading(self.name()).filter(|_| lang == Lang::Fr);
        french.unwrap_or(self.name())
    }

    /// The column that a heading means, whatever its case, accents and blanks.
    pub fn parse(heading: &str) -> Option<Self> {
        let wanted = plain(heading);
        let named = Self::ALL.iter().copied().find(|column| {
            plain(column.name()) == wanted || plain(column.heading(Lang::Fr)) == wanted
        });
        let alias = || ALIASES.iter().find(|(alias, _)| plain(alias) == wanted);
        named.or_else(|| alias().map(|(_, column)| *column))
    }

    /// What the list says of a job.
    pub fn value(self, entry: &Entry, zone: &TimeZone) -> String {
        let name = &entry.name;
        match self {
            Self::Environment => name.environment.clone(),
            Self::System => name.system.clone(),
            Self::Project => name.project.clone().unwrap_or_default(),
            Self::Job => name.job.clone(),
            Self::Said(said) => written(&entry.said, said, zone),
            Self::JobId => entry.job_id.clone().unwrap_or_default(),
            Self::RenamedFrom => entry.renamed_from.clone().unwrap_or_default(),
            Self::FirstSeen => entry.first_seen.to_string(),
            Self::LastSeen => entry.last_seen.to_string(),
        }
    }
}

/// Without case, accents, and what joins words.
fn plain(heading: &str) -> String {
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            'é' | 'è' | 'ê' | 'ë' => Some('e'),
            'à' | 'â' => Some('a'),
            'î' | 'ï' => Some('i'),
            'ô' => Some('o'),
            'ç' => Some('c'),
            c if c.is_alphanumeric() => Some(c),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_in_both_languages() {
        for column in Column::ALL {
            assert_eq!(Column::parse(column.name()), Some(*column));
            assert_eq!(Column::parse(column.heading(Lang::Fr)), Some(*column));
        }
        for (heading, column) in [
            (" Échéance ", Column::Said(Editable::Deadline)),
            ("CRITICITE", Column::Said(Editable::Criticality)),
            ("retiré le", Column::Said(Editable::RetiredAt)),
            ("Responsable", Column::Said(Editable::Owner)),
            ("consigne", Column::Said(Editable::RunbookUrl)),
            ("Runbook URL", Column::Said(Editable::RunbookUrl)),
            ("Projet", Column::Project),
        ] {
            assert_eq!(Column::parse(heading), Some(column), "{heading}");
        }
        assert_eq!(Column::parse("budget"), None);
    }
}
