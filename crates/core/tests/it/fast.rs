//! The fold of the crate, behind the same shape as the reference.

use std::collections::BTreeMap;
use std::convert::Infallible;

use smartetl_core::calendar::BusinessCalendar;
use smartetl_core::fuse::{
    Corrections, DayCause, DayRun, Days, DaysOut, ErrorClass, Fold, FuseConfig, JobDay, JobKey,
    PARTS, Rows, Run, TriggerEvidence, TriggerOf, fold_all,
};
use smartetl_core::model::{ErrorRow, Evidence, LogRow, Moment, RunStatus};

use crate::reference::{Config, DayOut, ErrorPart, Fused, InRow, LogPart, RunOut, What};

/// All rows in one batch.
pub fn fold(rows: &[InRow], config: &Config, as_of: Moment) -> Fused {
    let batches = vec![1; rows.len()];
    fold_batches(rows, &batches, config, as_of)
}

/// Each row in the batch at its place in `batches`.
pub fn fold_batches(rows: &[InRow], batches: &[i64], config: &Config, as_of: Moment) -> Fused {
    let taken = take(rows, batches, config);
    let mut runs = Vec::new();
    let days = fold_all(taken, as_of, |run| runs.push(run_out(run)));
    fused(runs, days)
}

/// The rows are taken away after every third one and handed back part by part; each day is looked at by itself.
pub fn fold_spilled(rows: &[InRow], config: &Config, as_of: Moment) -> Fused {
    fold_joined(rows, config, as_of, 1)
}

/// The same with rows that `gatherings` gathered in turn, each with numbers of its own.
pub fn fold_joined(rows: &[InRow], config: &Config, as_of: Moment, gatherings: usize) -> Fused {
    let mut taken: Vec<Rows> = (0..gatherings)
        .map(|_| Rows::new(fuse_config(config)))
        .collect();
    let mut kept: Vec<Vec<Vec<u8>>> = vec![vec![Vec::new(); gatherings]; PARTS];
    taken[0].correct(corrections(config));
    for (place, row) in rows.iter().enumerate() {
        let gathering = place % gatherings;
        take_one(&mut taken[gathering], row, 1 + gathering as i64);
        if place % 3 == 2 {
            let Ok(()) = taken[gathering].spill(|part, bytes| {
                kept[part][gathering].extend_from_slice(bytes);
                Ok::<(), Infallible>(())
            });
        }
    }
    let mut others = taken.into_iter();
    let mut taken = others.next().expect("at least one");
    others.for_each(|other| taken.join(other));
    let calendar = taken.calendar().clone();
    by_parts(Fold::new(taken, as_of), kept, &calendar, &[])
}

/// Rows that count, beside runs that have retired: those and what the rows fold to.
pub fn fold_beside(rows: &[InRow], config: &Config, as_of: Moment, retired: &[RunOut]) -> Fused {
    let mut taken = take(rows, &vec![1; rows.len()], config);
    taken.leave_keys(retired.iter().map(|run| run.run_key));
    let calendar = taken.calendar().clone();
    let kept = vec![Vec::new(); PARTS];
    by_parts(Fold::new(taken, as_of), kept, &calendar, retired)
}

/// What the store tells of stored runs.
fn tell(fold: &mut Fold, retired: &[RunOut]) {
    for job in fold.open_jobs() {
        let durations = retired.iter().filter_map(|run| good_of(run, &job));
        durations.for_each(|duration_ms| fold.known_duration(&job, duration_ms));
    }
    for run in retired {
        fold.known_horizon(&run.system, &run.environment, run.last_event_at);
    }
}

fn good_of(run: &RunOut, job: &JobKey) -> Option<i64> {
    let is_of = (&run.system, &run.environment, &run.project, &run.job)
        == (&job.system, &job.environment, &job.project, &job.job);
    let is_good = run.status == RunStatus::Success && run.evidence == Evidence::Full;
    run.duration_ms.filter(|_| is_of && is_good)
}

fn stored(run: &RunOut) -> DayRun<'_> {
    let evidence = run.trigger_evidence.as_deref();
    DayRun {
        run_key: run.run_key,
        parent_run_key: run.parent_run_key,
        root_run_key: run.root_run_key,
        environment: &run.environment,
        project: (!run.project.is_empty()).then_some(&*run.project),
        job: &run.job,
        business_day: run.business_day,
        started_at: run.started_at,
        ended_at: run.ended_at,
        last_event_at: run.last_event_at,
        status: run.status,
        is_root: run.is_root,
        trigger: TriggerOf {
            trigger: run.trigger,
            evidence: evidence.and_then(TriggerEvidence::parse),
            rerun_of: run.rerun_of,
        },
        cause: run.category.map(|category| DayCause {
            signature: run.cause_signature,
            job: run.cause_job.clone().unwrap_or_default(),
            step: run.cause_step.clone(),
            category,
            blame: run.blame,
        }),
    }
}

/// Part by part, each day by itself.
fn by_parts(
    mut fold: Fold,
    kept: Vec<Vec<Vec<u8>>>,
    calendar: &BusinessCalendar,
    retired: &[RunOut],
) -> Fused {
    let (mut runs, mut days) = (Vec::new(), BTreeMap::<_, (Days, Vec<usize>)>::new());
    for run in retired {
        let day = (run.environment.clone(), run.business_day);
        days.entry(day).or_default().0.stored_run(stored(run));
    }
    let mut emit = |run: &Run<'_>| {
        let day = (run.environment.to_owned(), run.business_day);
        let (day, places) = days.entry(day).or_default();
        day.new_run(DayRun::of(run));
        places.push(runs.len());
        runs.push(run_out(run));
    };
    let (mut open, mut adrift, mut apart) = (Vec::new(), Vec::new(), vec![Vec::new(); PARTS]);
    for (part, bytes) in kept.into_iter().enumerate() {
        let folded = fold.part(part, &bytes, &mut emit);
        open.push(folded.open.clone());
        adrift.push(folded.adrift.clone());
        apart[part].extend_from_slice(&folded.apart);
        fold.absorb(folded);
    }
    for adrift in adrift {
        let Ok(()) = fold.settle(&adrift, |part, bytes| {
            apart[part].extend_from_slice(bytes);
            Ok::<(), Infallible>(())
        });
    }
    for apart in apart {
        let folded = fold.settled(&apart, &mut emit);
        open.push(folded.open.clone());
        fold.absorb(folded);
    }
    tell(&mut fold, retired);
    for open in open {
        fold.open_trees(&open, &mut emit);
    }
    let mut all = DaysOut {
        days: Vec::new(),
        triggers: vec![TriggerOf::word(None); runs.len()],
        changed: Vec::new(),
    };
    for (day, places) in days.into_values() {
        let out = day.finish(calendar);
        all.days.extend(out.days);
        all.changed.extend(out.changed);
        for (place, trigger) in places.into_iter().zip(out.triggers) {
            all.triggers[place] = trigger;
        }
    }
    let changed = std::mem::take(&mut all.changed);
    let mut fused = fused(runs, all);
    let retired = retired.iter().cloned().map(|mut run| {
        if let Some(change) = changed.iter().find(|change| change.run_key == run.run_key) {
            say(&mut run, change.trigger);
        }
        run
    });
    fused.runs.extend(retired);
    fused
}

fn fuse_config(config: &Config) -> FuseConfig {
    let mut fuse_config = FuseConfig::with_zone(config.zone.clone());
    fuse_config.border_minutes = config.border_minutes;
    fuse_config
}

fn corrections(config: &Config) -> Corrections {
    config.corrections.iter().copied().collect()
}

fn take(rows: &[InRow], batches: &[i64], config: &Config) -> Rows {
    let mut taken = Rows::new(fuse_config(config));
    taken.correct(corrections(config));
    for (row, &batch) in rows.iter().zip(batches) {
        take_one(&mut taken, row, batch);
    }
    taken
}

fn take_one(taken: &mut Rows, row: &InRow, batch: i64) {
    match &row.what {
        What::Log(part) => taken.log(batch, &log_row(row, part)),
        What::Error(part) => {
            let class = ErrorClass {
                signature: part.signature,
                category: part.category,
                wrapper: part.wrapper,
                blame: part.blame,
                retryable: part.retryable,
            };
            taken.error(batch, &error_row(row, part), &class);
        }
    }
}

fn log_row<'a>(row: &'a InRow, part: &'a LogPart) -> LogRow<'a> {
    LogRow {
        line: 1,
        seq: 0,
        moment: row.moment,
        moment_ambiguous: row.marked,
        system: &row.system,
        environment: row.environment.as_deref(),
        host: row.host.as_deref(),
        project: row.project.as_deref(),
        job: &row.job,
        job_id: part.job_id.as_deref(),
        job_version: part.job_version.as_deref(),
        context: row.context.as_deref(),
        run_id: &row.run_id,
        parent_run_id: row.parent_run_id.as_deref(),
        root_run_id: &row.root_run_id,
        step: row.step.as_deref(),
        attempt: row.attempt,
        map_index: row.map_index,
        event: part.event,
        status: part.status,
        duration_reported_ms: part.duration_reported_ms,
        label: part.label.as_deref(),
        count: part.count,
        rows_in: part.rows_in,
        rows_out: part.rows_out,
        rows_rejected: part.rows_rejected,
        message: None,
    }
}

fn error_row<'a>(row: &'a InRow, part: &'a ErrorPart) -> ErrorRow<'a> {
    ErrorRow {
        line: 1,
        seq: 0,
        moment: row.moment,
        moment_ambiguous: row.marked,
        system: &row.system,
        environment: row.environment.as_deref(),
        host: row.host.as_deref(),
        project: row.project.as_deref(),
        job: &row.job,
        context: row.context.as_deref(),
        run_id: &row.run_id,
        parent_run_id: row.parent_run_id.as_deref(),
        root_run_id: &row.root_run_id,
        step: row.step.as_deref(),
        attempt: row.attempt,
        map_index: row.map_index,
        severity: part.severity,
        error_type: None,
        error_code: None,
        code_scheme: None,
        message: part.message.as_deref(),
        message_truncated: part.truncated,
        stack: None,
    }
}

fn fused(mut runs: Vec<RunOut>, out: DaysOut) -> Fused {
    assert_eq!(
        runs.len(),
        out.triggers.len(),
        "one trigger for each emitted run"
    );
    for (run, of) in runs.iter_mut().zip(out.triggers) {
        say(run, of);
    }
    Fused {
        runs,
        days: out.days.into_iter().map(day_out).collect(),
    }
}

fn say(run: &mut RunOut, of: TriggerOf) {
    let TriggerOf {
        trigger,
        evidence,
        rerun_of,
    } = of;
    run.trigger = trigger;
    run.trigger_evidence = evidence.map(|evidence| evidence.as_str().to_owned());
    run.rerun_of = rerun_of;
}

fn run_out(run: &Run<'_>) -> RunOut {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let cause = run.cause.as_ref();
    RunOut {
        run_key: run.run_key,
        system: run.system.to_owned(),
        environment: run.environment.to_owned(),
        host: owned(run.host),
        project: run.project.unwrap_or_default().to_owned(),
        job: run.job.to_owned(),
        job_id: owned(run.job_id),
        job_version: owned(run.job_version),
        context: owned(run.context),
        run_id: run.run_id.to_owned(),
        root_run_id: run.root_run_id.to_owned(),
        parent_run_key: run.parent_run_key,
        root_run_key: run.root_run_key,
        is_root: run.is_root,
        depth: i64::from(run.depth),
        root_job: run.root_job.to_owned(),
        attempt: run.attempt,
        started_at: run.started_at,
        ended_at: run.ended_at,
        last_event_at: run.last_event_at,
        duration_ms: run.duration_ms,
        duration_reported_ms: run.duration_reported_ms,
        self_duration_ms: run.self_duration_ms,
        status: run.status,
        outcome: run.outcome,
        tree_status: run.tree_status,
        steps: run.steps.map(i64::from),
        steps_failed: run.steps_failed.map(i64::from),
        rows_in: run.rows_in,
        rows_out: run.rows_out,
        rows_rejected: run.rows_rejected,
        errors: run.errors,
        error_rows: run.error_rows,
        warnings: run.warnings,
        error_signatures: run.error_signatures.clone(),
        first_error_at: run.first_error_at,
        cause_signature: cause.and_then(|cause| cause.signature),
        cause_run_key: cause.map(|cause| cause.run_key),
        cause_job: cause.map(|cause| cause.job.to_owned()),
        cause_step: owned(cause.and_then(|cause| cause.step)),
        category: cause.map(|cause| cause.category),
        blame: cause.and_then(|cause| cause.blame),
        retryable: cause.and_then(|cause| cause.retryable),
        error_message: owned(cause.and_then(|cause| cause.message)),
        ruled: cause.and_then(|cause| cause.ruled),
        // `fused` fills these in: the day decides them.
        trigger: smartetl_core::model::Trigger::Unknown,
        trigger_evidence: None,
        rerun_of: None,
        business_day: run.business_day,
        evidence: run.evidence,
        quality_percent: i64::from(run.quality_percent),
        quality_reasons: run
            .quality_reasons
            .iter()
            .map(|reason| (*reason).to_owned())
            .collect(),
    }
}

fn day_out(day: JobDay) -> DayOut {
    let cause = day.cause;
    DayOut {
        environment: day.environment,
        project: day.project.unwrap_or_default(),
        job: day.job,
        business_day: day.business_day,
        runs: day.runs,
        attempts_failed: day.attempts_failed,
        first_status: day.first_status,
        first_failure_at: day.first_failure_at,
        final_status: day.final_status,
        verdict: day.verdict,
        recovered_at: day.recovered_at,
        recovered_by: day.recovered_by,
        ready_at: day.ready_at,
        cause_signature: cause.as_ref().and_then(|cause| cause.signature),
        cause_job: cause.as_ref().map(|cause| cause.job.clone()),
        cause_step: cause.as_ref().and_then(|cause| cause.step.clone()),
        category: cause.as_ref().map(|cause| cause.category),
        blame: cause.as_ref().and_then(|cause| cause.blame),
        day_type: day.day_type,
    }
}
