//! From what happened to the values of a record.

use super::Table;
use crate::dice::pid_text;
use crate::world::catalogue::Stats;
use crate::world::execute::CUT_AT;
use crate::world::plan::{Day, World};
use crate::world::{End, Environment, Failure, FailureKind, Meter, Origin, Run, Tree};
use std::borrow::Cow;

/// One value of a record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    Null,
    Text(Cow<'a, str>),
    Int(i64),
    /// Milliseconds on the local clock.
    Moment(i64),
}

/// One record to be written.
pub(crate) struct Record<'a> {
    pub(crate) at: i64,
    pub(crate) tree: &'a Tree,
    pub(crate) run: &'a Run,
    what: What<'a>,
}

enum What<'a> {
    Begin(Option<Origin>),
    End(Option<Origin>, End),
    Failure(&'a Failure, bool),
    Meter(&'a Meter),
}

/// The width of the column that holds the job in two of the three tables.
const JOB_WIDTH: usize = 50;

/// The version of a job on a day; jobs get new ones now and then.
pub(crate) fn job_version(day: u32, job: usize) -> &'static str {
    ["0.1", "0.2", "1.0", "1.1", "1.2", "2.0"][((day + job as u32 * 13) / 150 % 6) as usize]
}

/// The records of one table that these environments wrote on a day, in the order of their clocks.
pub(crate) fn records<'a>(
    day: &'a Day,
    table: Table,
    mine: impl Fn(Environment) -> bool,
) -> Vec<Record<'a>> {
    let mut records = Vec::new();
    for tree in day.trees.iter().filter(|tree| mine(tree.environment)) {
        for run in &tree.runs {
            let mut add = |at: i64, what: What<'a>| {
                records.push(Record {
                    at: run.stamp(at),
                    tree,
                    run,
                    what,
                });
            };
            match table {
                Table::Stats => stats(run, add),
                Table::Logs => {
                    for failure in &run.failures {
                        for copy in 0..failure.whole + failure.cut {
                            add(failure.at, What::Failure(failure, copy >= failure.whole));
                        }
                    }
                }
                Table::Meter => {
                    for meter in &run.meters {
                        for _ in 0..meter.copies {
                            add(meter.at, What::Meter(meter));
                        }
                    }
                }
            }
        }
    }
    records.sort_by_key(|record| record.at);
    records
}

fn stats<'a>(run: &'a Run, mut add: impl FnMut(i64, What<'a>)) {
    if let Some(begin) = run.begin {
        add(begin, What::Begin(None));
    }
    for step in &run.steps {
        add(step.begin, What::Begin(Some(step.origin)));
        if let Some(end) = step.end {
            add(end.at, What::End(Some(step.origin), end));
        }
    }
    if let Some(end) = run.end {
        add(end.at, What::End(None, end));
    }
}

impl Record<'_> {
    /// The project is missing in this record of `logs`.
    pub(crate) fn lacks_project(&self, world: &World, day: &Day) -> bool {
        let job = &world.catalogue.jobs[self.run.job];
        matches!(self.what, What::Failure(..))
            && self.run.pid[0] == b'Q'
            && job.stats == Stats::Full
            && job.name_on(day.number).len() < JOB_WIDTH
    }

    /// The values in the order of `table.columns()`.
    pub(crate) fn cells<'a>(&'a self, world: &'a World, day: &Day, cells: &mut Vec<Cell<'a>>) {
        let job = &world.catalogue.jobs[self.run.job];
        let own = pid_text(&self.run.pid);
        let root = pid_text(&self.tree.root().pid);
        let father = self
            .run
            .parent
            .map_or(own, |parent| pid_text(&self.tree.runs[parent].pid));
        let name = job.name_on(day.number);
        let text = |text: &'a str| Cell::Text(Cow::Borrowed(text));
        let origin = |origin: Option<Origin>| {
            origin.map_or(Cell::Null, |origin| {
                Cell::Text(Cow::Owned(origin.to_string()))
            })
        };
        let moment = Cell::Moment(world.calendar.local(self.at));
        if let What::Failure(failure, cut) = &self.what {
            let project = if self.lacks_project(world, day) {
                Cell::Null
            } else {
                text(job.project)
            };
            let (priority, kind) = match failure.kind {
                FailureKind::Exception | FailureKind::Wrapper => (6, "Java Exception"),
                FailureKind::Die => (5, "tDie"),
                FailureKind::Warning => (4, "tWarn"),
            };
            let message = if *cut {
                first_signs(&failure.text, CUT_AT)
            } else {
                &failure.text
            };
            cells.extend([
                moment,
                text(own),
                text(root),
                text(father),
                project,
                text(first_signs(name, JOB_WIDTH)),
                text(self.tree.context),
            ]);
            cells.extend([
                Cell::Int(priority),
                text(kind),
                origin(Some(failure.origin)),
                text(message),
                Cell::Int(i64::from(failure.code)),
            ]);
            return;
        }
        let name = if matches!(self.what, What::Meter(_)) {
            first_signs(name, JOB_WIDTH)
        } else {
            name
        };
        cells.extend([
            moment,
            text(own),
            text(father),
            text(root),
            Cell::Int(self.run.system_pid),
            text(job.project),
            text(name),
        ]);
        cells.extend([
            text(&job.repository_id),
            text(job_version(day.number, self.run.job)),
            text(self.tree.context),
        ]);
        match &self.what {
            What::Begin(step) => {
                cells.extend([origin(*step), text("begin"), Cell::Null, Cell::Null]);
            }
            What::End(step, end) => {
                let result = if end.success { "success" } else { "failure" };
                cells.extend([
                    origin(*step),
                    text("end"),
                    text(result),
                    Cell::Int(end.reported_ms),
                ]);
            }
            What::Meter(meter) => cells.extend([
                origin(Some(meter.origin)),
                text(meter.label),
                Cell::Int(meter.count),
                Cell::Null,
                Cell::Null,
            ]),
            What::Failure(..) => {}
        }
    }
}

/// The first `count` characters.
fn first_signs(text: &str, count: usize) -> &str {
    text.char_indices()
        .nth(count)
        .map_or(text, |(end, _)| &text[..end])
}
