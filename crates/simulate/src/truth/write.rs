//! Writing the truth: `dataset.csv`, `job_day.csv`, `rejects.csv`.

use super::day::{JobDay, job_days};
use super::facts::facts;
use super::{Cause, Fact};
use crate::SimulateError;
use crate::dice::pid_text;
use crate::emit::Damage;
use crate::world::calendar::day_types;
use crate::world::plan::{Day, World};
use jiff::civil::Date;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

const DATASET: &str = "system,environment,project,job,job_id,job_version,context,run_id,started_at,ended_at,last_event_at,parent_run_id,parent_started_at,root_run_id,root_started_at,is_root,depth,root_job,attempt,duration_ms,duration_reported_ms,self_duration_ms,status,outcome,tree_status,steps,steps_failed,rows_in,rows_out,rows_rejected,errors,error_rows,warnings,first_error_at,cause_job,cause_run_id,cause_step,category,trigger,rerun_of,business_day,evidence";
const JOB_DAY: &str = "environment,project,job,business_day,runs,attempts_failed,first_status,first_failure_at,final_status,verdict,recovered_at,recovered_by,ready_at,cause_job,cause_step,category,day_type";

/// The files of the truth while they are written, day by day.
pub(crate) struct TruthWriter {
    dataset: Table,
    job_day: Table,
    folder: PathBuf,
    pub(crate) runs: u64,
    pub(crate) job_days: u64,
}

impl TruthWriter {
    pub(crate) fn create(folder: &Path) -> Result<Self, SimulateError> {
        std::fs::create_dir_all(folder).map_err(|error| SimulateError::io(folder, error))?;
        let dataset = Table::create(folder.join("dataset.csv"), DATASET)?;
        let job_day = Table::create(folder.join("job_day.csv"), JOB_DAY)?;
        Ok(Self {
            dataset,
            job_day,
            folder: folder.to_path_buf(),
            runs: 0,
            job_days: 0,
        })
    }

    /// Writes the truth of a day; calls `look` with its facts first.
    pub(crate) fn day(
        &mut self,
        world: &World,
        day: &Day,
        mut look: impl FnMut(&Fact),
    ) -> Result<(), SimulateError> {
        let mut facts = facts(world, day);
        let job_days = job_days(day, &mut facts);
        let date = world.calendar.date(day.number);
        for fact in &facts {
            look(fact);
            self.dataset
                .line(|line| dataset_line(line, world, day, &facts, fact, date))?;
        }
        for job_day in &job_days {
            self.job_day
                .line(|line| job_day_line(line, &facts, job_day, date))?;
        }
        self.runs += facts.len() as u64;
        self.job_days += job_days.len() as u64;
        Ok(())
    }

    /// Closes the files and writes the list of damaged records.
    pub(crate) fn finish(self, damages: &[Damage]) -> Result<(), SimulateError> {
        let mut rejects = Table::create(self.folder.join("rejects.csv"), "file,line,reason")?;
        for damage in damages {
            rejects.line(|line| {
                line.text(&damage.file);
                line.number(Some(damage.line));
                line.text(damage.reason);
            })?;
        }
        self.dataset.close()?;
        self.job_day.close()?;
        rejects.close()
    }
}

fn dataset_line(
    line: &mut Line,
    world: &World,
    day: &Day,
    facts: &[Fact],
    fact: &Fact,
    date: Date,
) {
    let tree = &day.trees[fact.tree];
    let job = &world.catalogue.jobs[fact.run.job];
    let in_log = fact.evidence != "errors_only";
    line.text("talend");
    line.text(tree.environment.word());
    line.text(fact.project);
    line.text(fact.name);
    line.text(if in_log { &job.repository_id } else { "" });
    line.text(if in_log {
        crate::emit::job_version(day.number, fact.run.job)
    } else {
        ""
    });
    line.text(tree.context);
    line.text(pid_text(&fact.run.pid));
    line.moment(Some(fact.started));
    line.moment(fact.ended);
    line.moment(Some(fact.last));
    line.text(
        fact.parent
            .map_or("", |parent| pid_text(&facts[parent].run.pid)),
    );
    line.moment(fact.parent.map(|parent| facts[parent].started));
    let root = &facts[fact.root];
    line.text(pid_text(&root.run.pid));
    line.moment(Some(root.started));
    line.text(if fact.parent.is_none() {
        "true"
    } else {
        "false"
    });
    line.number(Some(i64::from(fact.run.depth)));
    line.text(root.name);
    line.number(Some(1));
    line.number(fact.duration);
    line.number(fact.run.end.map(|end| end.reported_ms));
    line.number(fact.self_duration);
    line.text(fact.status.word());
    line.text(fact.outcome);
    line.text(fact.tree_status.word());
    line.number(fact.steps.map(|steps| steps.0 as i64));
    line.number(fact.steps.map(|steps| steps.1 as i64));
    for rows in fact.rows {
        line.number(rows);
    }
    line.number(Some(fact.errors as i64));
    line.number(Some(fact.error_rows as i64));
    line.number(Some(fact.warnings as i64));
    line.moment(fact.first_error);
    let cause = fact.cause.as_ref();
    line.text(cause.map_or("", |cause| facts[cause.fact].name));
    line.text(cause.map_or("", |cause| pid_text(&facts[cause.fact].run.pid)));
    line.text(cause.and_then(|cause| cause.step.as_deref()).unwrap_or(""));
    line.text(cause.map_or("", |cause| cause.category));
    line.text(fact.trigger);
    line.text(
        fact.rerun_of
            .map_or("", |other| pid_text(&facts[other].run.pid)),
    );
    line.text(&date.to_string());
    line.text(fact.evidence);
}

fn job_day_line(line: &mut Line, facts: &[Fact], job_day: &JobDay, date: Date) {
    let cause: Option<&Cause> = job_day
        .first_failed
        .and_then(|place| facts[place].cause.as_ref());
    line.text(job_day.group.0.word());
    line.text(job_day.group.1);
    line.text(job_day.group.2);
    line.text(&date.to_string());
    line.number(Some(job_day.runs as i64));
    line.number(Some(job_day.attempts_failed as i64));
    line.text(job_day.first_status.word());
    line.moment(job_day.first_failure);
    line.text(job_day.final_status.word());
    line.text(job_day.verdict);
    line.moment(job_day.recovered_at);
    line.text(job_day.recovered_by.unwrap_or(""));
    line.moment(job_day.ready_at);
    line.text(cause.map_or("", |cause| facts[cause.fact].name));
    line.text(cause.and_then(|cause| cause.step.as_deref()).unwrap_or(""));
    line.text(cause.map_or("", |cause| cause.category));
    line.text(&day_types(date).join("|"));
}

/// A CSV file of values that need no quotes.
struct Table {
    path: PathBuf,
    out: BufWriter<File>,
    line: Line,
}

impl Table {
    fn create(path: PathBuf, header: &str) -> Result<Self, SimulateError> {
        let file = File::create(&path).map_err(|error| SimulateError::io(&path, error))?;
        let mut table = Self {
            path,
            out: BufWriter::with_capacity(1 << 17, file),
            line: Line(String::new()),
        };
        table.write(&format!("{header}\n"))?;
        Ok(table)
    }

    fn line(&mut self, fill: impl FnOnce(&mut Line)) -> Result<(), SimulateError> {
        self.line.0.clear();
        fill(&mut self.line);
        self.line.0.pop();
        self.line.0.push('\n');
        let line = std::mem::take(&mut self.line.0);
        self.write(&line)?;
        self.line.0 = line;
        Ok(())
    }

    fn write(&mut self, text: &str) -> Result<(), SimulateError> {
        self.out
            .write_all(text.as_bytes())
            .map_err(|error| SimulateError::io(&self.path, error))
    }

    fn close(mut self) -> Result<(), SimulateError> {
        self.out
            .flush()
            .map_err(|error| SimulateError::io(&self.path, error))
    }
}

/// A line that grows; each value is followed by a comma.
struct Line(String);

impl Line {
    fn text(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push(',');
    }

    fn number(&mut self, number: Option<i64>) {
        if let Some(number) = number {
            self.0.push_str(&number.to_string());
        }
        self.0.push(',');
    }

    /// RFC 3339 in UTC; of the milliseconds only what is not zero at the end.
    fn moment(&mut self, moment: Option<i64>) {
        if let Some(moment) = moment {
            crate::emit::civil(&mut self.0, moment, 'T');
            let millis = moment.rem_euclid(1_000);
            if millis > 0 {
                let fraction = format!(".{millis:03}");
                self.0.push_str(fraction.trim_end_matches('0'));
            }
            self.0.push('Z');
        }
        self.0.push(',');
    }
}
