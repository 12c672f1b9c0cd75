//! Which record goes into which file, and what kind of file that is.

use super::columnar::ParquetFile;
use super::damage::{Suffers, Wound};
use super::record::{Cell, records};
use super::text::{Encoding, TextFile, TextKind};
use super::{Damage, Table};
use crate::world::Environment;
use crate::world::plan::{Day, World};
use crate::{Format, Options, SimulateError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Good records from one damaged record to the next, and before the first one in a file.
const DAMAGE_EVERY: u64 = 2_500;
const DAMAGE_FIRST: u64 = 60;

/// Writes the records of one day after the other.
pub(crate) struct Emitter {
    folder: PathBuf,
    format: Format,
    plain: bool,
    days_of_a_period: u32,
    one_group: bool,
    open: BTreeMap<(Group, Table), Open>,
    pub(crate) damages: Vec<Damage>,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) rows: BTreeMap<&'static str, u64>,
    pub(crate) projects_left_out: u64,
}

/// Who writes into the same files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    /// Production, and what has no known environment.
    Prod,
    Rec,
    Dev,
    All,
}

struct Open {
    file: Kind,
    name: String,
    path: PathBuf,
    period: u32,
    records: u64,
    /// Of all damaged records so far, so that the kinds take turns over the files.
    turn: usize,
}

enum Kind {
    Text(TextFile),
    Parquet(Box<ParquetFile>),
}

enum Look {
    Text(TextKind),
    Parquet { moment_is_text: bool },
}

impl Emitter {
    pub(crate) fn new(options: &Options) -> Self {
        let periods = match options.pieces {
            _ if options.plain => 1,
            Some(pieces) => pieces.div_ceil(3).clamp(1, options.days),
            None => 6.max(options.days / 62),
        };
        Self {
            folder: if options.plain { options.output.clone() } else { options.output.join("logs") },
            format: options.format,
            plain: options.plain,
            days_of_a_period: options.days.div_ceil(periods).max(1),
            one_group: options.plain || options.pieces.is_some(),
            open: BTreeMap::new(),
            damages: Vec::new(),
            files: Vec::new(),
            rows: BTreeMap::new(),
            projects_left_out: 0,
        }
    }

    /// Writes a day.
    pub(crate) fn day(&mut self, world: &World, day: &Day) -> Result<(), SimulateError> {
        let groups: &[Group] = if self.one_group {
            &[Group::All]
        } else {
            &[Group::Prod, Group::Rec, Group::Dev]
        };
        for &group in groups {
            for table in Table::ALL {
                let period = if matches!(group, Group::Prod | Group::All) {
                    day.number / self.days_of_a_period
                } else {
                    0
                };
                if self
                    .open
                    .get(&(group, table))
                    .is_some_and(|open| open.period != period)
                    && let Some(old) = self.open.remove(&(group, table))
                {
                    old.close()?;
                }
                let records = records(day, table, |environment| group.holds(environment));
                if records.is_empty() {
                    continue;
                }
                let mut open = match self.open.remove(&(group, table)) {
                    Some(open) => open,
                    None => self.create(world, group, table, period)?,
                };
                for record in &records {
                    let mut cells = Vec::with_capacity(17);
                    record.cells(world, day, &mut cells);
                    self.projects_left_out += u64::from(record.lacks_project(world, day));
                    open.write(&cells)?;
                    if !self.plain && open.records % DAMAGE_EVERY == DAMAGE_FIRST {
                        self.damages.push(open.damage(table, &mut cells)?);
                    }
                }
                *self.rows.entry(table.name()).or_default() += records.len() as u64;
                self.open.insert((group, table), open);
            }
        }
        Ok(())
    }

    fn create(
        &mut self,
        world: &World,
        group: Group,
        table: Table,
        period: u32,
    ) -> Result<Open, SimulateError> {
        let label = world
            .calendar
            .date(period * self.days_of_a_period)
            .to_string();
        let (name, look) = self.appearance(group, table, period, &label);
        let path = self.folder.join(&name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| SimulateError::io(folder, error))?;
        }
        let file = match look {
            Look::Text(kind) => Kind::Text(
                TextFile::create(&path, table, kind)
                    .map_err(|error| SimulateError::io(&path, error))?,
            ),
            Look::Parquet { moment_is_text } => {
                let file = ParquetFile::create(&path, table, moment_is_text)
                    .map_err(|error| SimulateError::parquet(&path, error))?;
                Kind::Parquet(Box::new(file))
            }
        };
        self.files.push(path.clone());
        Ok(Open {
            file,
            name,
            path,
            period,
            records: 0,
            turn: self.files.len(),
        })
    }

    /// Name and kind of a file: the kinds take turns.
    fn appearance(&self, group: Group, table: Table, period: u32, label: &str) -> (String, Look) {
        let usual = TextKind {
            header: true,
            reordered: false,
            encoding: Encoding::Utf8,
            crlf: false,
            gz: false,
        };
        let name = table.name();
        let plural = if table == Table::Meter {
            "meters"
        } else {
            name
        };
        if self.plain && self.format != Format::Parquet {
            return (format!("{plural}.csv"), Look::Text(usual));
        }
        if self.format == Format::Parquet {
            let name = match group {
                Group::Rec => format!("rec/{plural}.parquet"),
                Group::Dev => format!("dev/{plural}.parquet"),
                _ if self.plain => format!("{plural}.parquet"),
                _ => format!("talend_{label}_{plural}.parquet"),
            };
            return (
                name,
                Look::Parquet {
                    moment_is_text: period % 2 == 1,
                },
            );
        }
        let old = TextKind {
            header: false,
            encoding: Encoding::OneByte,
            ..usual
        };
        match group {
            Group::Rec => return (format!("rec/{name}_file.txt"), Look::Text(old)),
            Group::Dev => {
                return (
                    format!("dev/{plural}.csv"),
                    Look::Text(TextKind {
                        reordered: true,
                        ..usual
                    }),
                );
            }
            Group::Prod | Group::All => {}
        }
        let turn = if self.format == Format::Csv {
            [0, 1, 2, 4][period as usize % 4]
        } else {
            period % 6
        };
        match turn {
            0 => (format!("{label}/{name}_file.txt"), Look::Text(old)),
            1 => {
                let kind = TextKind {
                    reordered: true,
                    encoding: Encoding::Utf8WithMark,
                    crlf: true,
                    ..usual
                };
                (format!("{plural}_{label}.csv"), Look::Text(kind))
            }
            2 => (
                format!("{plural}_{label}.csv.gz"),
                Look::Text(TextKind { gz: true, ..usual }),
            ),
            4 => (
                format!("{plural}_{label}.csv"),
                Look::Text(TextKind {
                    encoding: Encoding::OneByte,
                    crlf: true,
                    ..usual
                }),
            ),
            turn => (
                format!("talend_{label}_{plural}.parquet"),
                Look::Parquet {
                    moment_is_text: turn == 5,
                },
            ),
        }
    }

    /// Closes all files.
    pub(crate) fn finish(&mut self) -> Result<(), SimulateError> {
        while let Some((_, open)) = self.open.pop_first() {
            open.close()?;
        }
        Ok(())
    }
}

impl Group {
    fn holds(self, environment: Environment) -> bool {
        match self {
            Self::All => true,
            Self::Prod => matches!(environment, Environment::Prod | Environment::Unmapped),
            Self::Rec => environment == Environment::Rec,
            Self::Dev => environment == Environment::Dev,
        }
    }
}

impl Open {
    fn write(&mut self, cells: &[Cell]) -> Result<i64, SimulateError> {
        self.records += 1;
        match &mut self.file {
            Kind::Text(file) => file
                .write(cells)
                .map_err(|error| SimulateError::io(&self.path, error)),
            Kind::Parquet(file) => file
                .write(cells)
                .map_err(|error| SimulateError::parquet(&self.path, error)),
        }
    }

    /// Writes a damaged copy of a record.
    fn damage(&mut self, table: Table, cells: &mut Vec<Cell>) -> Result<Damage, SimulateError> {
        let wound = Wound::choose(
            self.turn,
            table,
            self.suffers(),
            self.records < DAMAGE_EVERY,
        );
        self.turn += 1;
        wound.hurt(table, cells);
        let line = self.write(cells)?;
        Ok(Damage {
            file: self.name.clone(),
            line,
            reason: wound.reason(),
        })
    }

    fn suffers(&self) -> Suffers {
        match &self.file {
            Kind::Text(_) => TextFile::suffers(),
            Kind::Parquet(file) => file.suffers(),
        }
    }

    fn close(self) -> Result<(), SimulateError> {
        let path: &Path = &self.path;
        match self.file {
            Kind::Text(file) => file.close().map_err(|error| SimulateError::io(path, error)),
            Kind::Parquet(file) => file
                .close()
                .map_err(|error| SimulateError::parquet(path, error)),
        }
    }
}
