//! Where the names of a mapping stand in a source.

use std::collections::BTreeMap;

use smartetl_core::model::Event;

use super::super::{Settings, plain_name, plain_path};
use super::mapping::{
    Condition, Duration, ErrorRule, EventFrom, LogRule, Mapping, Run, Unit, Value, ValueSpec,
};
use super::path::{names_of_template, parts_of_path};
use super::value::{Resolved, ResolvedCondition};
use crate::error::FormatError;

pub(super) struct ResolvedRun {
    pub(super) job: Resolved,
    pub(super) run_id: Resolved,
    pub(super) parent_run_id: Resolved,
    pub(super) root_run_id: Resolved,
    pub(super) environment: Resolved,
    pub(super) host: Resolved,
    pub(super) project: Resolved,
    pub(super) job_id: Resolved,
    pub(super) job_version: Resolved,
    pub(super) context: Resolved,
    pub(super) step: Resolved,
    pub(super) attempt: Resolved,
    pub(super) map_index: Resolved,
}

pub(super) struct ResolvedLog {
    /// Always the same, or where it stands.
    pub(super) event: Result<Event, Resolved>,
    pub(super) moment: Resolved,
    pub(super) when: Vec<ResolvedCondition>,
    pub(super) status: Resolved,
    pub(super) duration: Option<(Resolved, Unit)>,
    pub(super) label: Resolved,
    pub(super) count: Resolved,
    pub(super) rows_in: Resolved,
    pub(super) rows_out: Resolved,
    pub(super) rows_rejected: Resolved,
    pub(super) message: Resolved,
}

pub(super) struct ResolvedError {
    pub(super) moment: Resolved,
    pub(super) when: Vec<ResolvedCondition>,
    pub(super) severity: Resolved,
    pub(super) error_type: Resolved,
    pub(super) error_code: Resolved,
    pub(super) code_scheme: Resolved,
    pub(super) message: Resolved,
    pub(super) message_width: Option<usize>,
    pub(super) stack: Resolved,
}

/// The columns of a source, by name.
pub(super) struct Names<'c> {
    columns: &'c [String],
    /// What stands before the last point says where a value is nested: it belongs to the name.
    nested: bool,
    /// Without case and separators, …
    whole: Vec<String>,
    /// … and without what stands before the last point.
    plain: Vec<String>,
}

impl<'c> Names<'c> {
    pub(super) fn of(columns: &'c [String], nested: bool) -> Self {
        Self {
            columns,
            nested,
            whole: columns.iter().map(|name| plain_path(name)).collect(),
            plain: columns.iter().map(|name| plain_name(name)).collect(),
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let among = |names: &[String], wanted: &str| names.iter().position(|own| own == wanted);
        among(self.columns, name)
            .or_else(|| among(&self.whole, &plain_path(name)))
            .or_else(|| {
                let wanted = plain_name(name);
                among(&self.plain, &wanted).filter(|_| !self.nested)
            })
    }
}

/// The error for a column that a mapping asks for and a source, which has `columns`, lacks.
pub(super) fn missing(mapping: &Mapping, column: &str, columns: String) -> FormatError {
    FormatError::MissingColumn {
        dialect: format!("generic, mapping {}", mapping.name),
        column: column.to_owned(),
        columns,
        hint: "export the table with this column, or change the mapping: a value of all rows is { constant = \"VALUE\" }; without header columns are called 1, 2, 3, …",
    }
}

/// Looks for the names of a mapping in a source.
pub(super) struct Resolver<'m> {
    mapping: &'m Mapping,
    names: Names<'m>,
    path: BTreeMap<String, String>,
}

impl<'m> Resolver<'m> {
    pub(super) fn new(
        mapping: &'m Mapping,
        columns: &'m [String],
        settings: &Settings,
    ) -> Result<Self, FormatError> {
        let mut resolver = Self {
            mapping,
            names: Names::of(columns, false),
            path: BTreeMap::new(),
        };
        if let Some(template) = &mapping.path {
            if names_of_template(template).is_none() {
                return Err(resolver.unusable(format!(
                    "`{template}` is no template: write names as {{name}}"
                )));
            }
            resolver.path =
                parts_of_path(template, &settings.path).ok_or_else(|| FormatError::Path {
                    path: settings.path.clone(),
                    template: template.clone(),
                    mapping: mapping.name.clone(),
                })?;
        }
        Ok(resolver)
    }

    pub(super) fn unusable(&self, reason: String) -> FormatError {
        FormatError::Mapping {
            name: self.mapping.name.clone(),
            reason,
        }
    }

    fn column(&self, name: &str) -> Result<usize, FormatError> {
        let found = self.names.find(name);
        found.ok_or_else(|| missing(self.mapping, name, self.names.columns.join(", ")))
    }

    fn value(&self, value: &Value) -> Result<Resolved, FormatError> {
        let spec = &value.0;
        let for_moments = [
            ("join", !spec.join.is_empty()),
            ("not_before", spec.not_before.is_some()),
            ("plus", spec.plus.is_some()),
        ];
        match for_moments.into_iter().find(|(_, is_set)| *is_set) {
            None => self.anything(value),
            Some((key, _)) => Err(self.unusable(format!("`{key}` is for moments only"))),
        }
    }

    fn duration(&self, duration: &Duration) -> Result<(Resolved, Unit), FormatError> {
        let spec = ValueSpec {
            column: Some(duration.column.clone()),
            ..Default::default()
        };
        Ok((self.value(&Value(spec))?, duration.unit))
    }

    /// Where a value stands that may be a moment.
    fn anything(&self, value: &Value) -> Result<Resolved, FormatError> {
        let spec = &value.0;
        let nulls = self
            .mapping
            .nulls
            .iter()
            .chain(&spec.nulls)
            .cloned()
            .collect();
        let mut resolved = Resolved {
            nulls,
            otherwise: spec.default.clone(),
            ..Resolved::default()
        };
        if let Some(name) = &spec.column {
            resolved.columns.push(self.column(name)?);
            resolved.name.clone_from(name);
        } else if let Some(first) = spec.columns.first() {
            resolved.columns = spec
                .columns
                .iter()
                .filter_map(|name| self.names.find(name))
                .collect();
            if resolved.columns.is_empty() {
                self.column(first)?;
            }
            resolved.name.clone_from(first);
        } else if !spec.join.is_empty() {
            let parts = spec.join.iter().map(|name| self.column(name));
            resolved.columns = parts.collect::<Result<_, _>>()?;
            resolved.joined = true;
            resolved.name = spec.join.join(" + ");
            if let Some(other) = &spec.not_before {
                resolved.not_before = Some(Box::new(self.anything(other)?));
            }
        } else if let Some(constant) = &spec.constant {
            resolved.name.clone_from(constant);
            resolved.otherwise = Some(constant.clone());
        } else if let Some(part) = &spec.path {
            let found = self
                .path
                .get(part)
                .ok_or_else(|| self.unusable(format!("no `{{{part}}}` in its path template")))?;
            resolved.name.clone_from(part);
            resolved.otherwise = Some(found.clone());
        }
        if spec.not_before.is_some() && !resolved.joined {
            return Err(self.unusable("`not_before` stands beside `join` only".to_owned()));
        }
        if let Some(plus) = &spec.plus {
            let (value, unit) = self.duration(plus)?;
            resolved.plus = Some((Box::new(value), unit));
        }
        Ok(resolved)
    }

    fn optional(&self, value: Option<&Value>) -> Result<Resolved, FormatError> {
        value.map_or_else(|| Ok(Resolved::default()), |value| self.value(value))
    }

    pub(super) fn conditions(
        &self,
        conditions: &[Condition],
    ) -> Result<Vec<ResolvedCondition>, FormatError> {
        let resolve = |condition: &Condition| {
            Ok(ResolvedCondition {
                value: Resolved {
                    name: condition.column.clone(),
                    columns: vec![self.column(&condition.column)?],
                    nulls: self.mapping.nulls.clone(),
                    ..Resolved::default()
                },
                any_of: condition.any_of.clone(),
                not_in: condition.not_in.clone(),
                filled: condition.filled,
            })
        };
        conditions.iter().map(resolve).collect()
    }

    pub(super) fn run(&self, run: &Run, settings: &Settings) -> Result<ResolvedRun, FormatError> {
        let or_flag = |flag: &Option<String>, value: Option<&Value>| match flag {
            Some(flag) => Ok(Resolved {
                otherwise: Some(flag.clone()),
                ..Resolved::default()
            }),
            None => self.optional(value),
        };
        Ok(ResolvedRun {
            job: self.value(&run.job)?,
            run_id: self.value(&run.run_id)?,
            parent_run_id: self.optional(run.parent_run_id.as_ref())?,
            root_run_id: self.optional(run.root_run_id.as_ref())?,
            environment: or_flag(&settings.environment, run.environment.as_ref())?,
            host: or_flag(&settings.host, run.host.as_ref())?,
            project: self.optional(run.project.as_ref())?,
            job_id: self.optional(run.job_id.as_ref())?,
            job_version: self.optional(run.job_version.as_ref())?,
            context: self.optional(run.context.as_ref())?,
            step: self.optional(run.step.as_ref())?,
            attempt: self.optional(run.attempt.as_ref())?,
            map_index: self.optional(run.map_index.as_ref())?,
        })
    }

    pub(super) fn log(&self, rule: &LogRule) -> Result<ResolvedLog, FormatError> {
        Ok(ResolvedLog {
            event: match &rule.event {
                EventFrom::Always(event) => Ok(*event),
                EventFrom::Value(value) => Err(self.value(value)?),
            },
            moment: self.anything(&rule.moment)?,
            when: self.conditions(&rule.when)?,
            status: self.optional(rule.status.as_ref())?,
            duration: rule
                .duration
                .as_ref()
                .map(|duration| self.duration(duration))
                .transpose()?,
            label: self.optional(rule.label.as_ref())?,
            count: self.optional(rule.count.as_ref())?,
            rows_in: self.optional(rule.rows_in.as_ref())?,
            rows_out: self.optional(rule.rows_out.as_ref())?,
            rows_rejected: self.optional(rule.rows_rejected.as_ref())?,
            message: self.optional(rule.message.as_ref())?,
        })
    }

    pub(super) fn error(&self, rule: &ErrorRule) -> Result<ResolvedError, FormatError> {
        Ok(ResolvedError {
            moment: self.anything(&rule.moment)?,
            when: self.conditions(&rule.when)?,
            severity: self.optional(rule.severity.as_ref())?,
            error_type: self.optional(rule.error_type.as_ref())?,
            error_code: self.optional(rule.error_code.as_ref())?,
            code_scheme: self.optional(rule.code_scheme.as_ref())?,
            message: self.optional(rule.message.as_ref())?,
            message_width: rule.message_width,
            stack: self.optional(rule.stack.as_ref())?,
        })
    }
}
