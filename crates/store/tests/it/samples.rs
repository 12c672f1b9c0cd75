//! Rows for tests: one with nothing that may be absent, one with everything, at the ends of what may be stored.

use jiff::civil::date;
use smartetl_core::fuse::{DayCause, JobDay, Run, RunCause, TriggerEvidence, TriggerOf};
use smartetl_core::group::problem::Correction;
use smartetl_core::model::{
    Blame, Category, DayType, ErrorRow, Event, Evidence, LogRow, Moment, Outcome, RecoveredBy,
    RowStatus, RunStatus, Severity, Trigger, Verdict,
};
use smartetl_store::copy::ErrorFacts;
use uuid::Uuid;

pub fn moment(text: &str) -> Moment {
    Moment(
        text.parse::<jiff::Timestamp>()
            .expect("a moment")
            .as_microsecond(),
    )
}

/// The first moment that may be stored, and the last.
pub const FIRST: &str = "1990-01-01T00:00:00Z";
pub const LAST: &str = "2100-12-31T23:59:59.999999Z";
/// Accents, another script, a character outside of the basic plane, quotes, line ends, an escape of COPY's text form.
pub const WORDS: &str = "Échec: «déjà» 数据 𝄞 '\" \\N \\. \r\n\t;|";

pub fn bare_log() -> LogRow<'static> {
    LogRow {
        line: 1,
        seq: 0,
        moment: moment(FIRST),
        moment_ambiguous: false,
        system: "talend",
        environment: None,
        host: None,
        project: None,
        job: "a",
        job_id: None,
        job_version: None,
        context: None,
        run_id: "r",
        parent_run_id: None,
        root_run_id: "r",
        step: None,
        attempt: None,
        map_index: None,
        event: Event::Begin,
        status: None,
        duration_reported_ms: None,
        label: None,
        count: None,
        rows_in: None,
        rows_out: None,
        rows_rejected: None,
        message: None,
    }
}

pub fn full_log() -> LogRow<'static> {
    LogRow {
        line: i64::MAX,
        seq: i32::MAX,
        moment: moment(LAST),
        moment_ambiguous: true,
        system: "airflow",
        environment: Some("PROD"),
        host: Some("hôte-1"),
        project: Some(WORDS),
        job: WORDS,
        job_id: Some("_aBc"),
        job_version: Some("0.1"),
        context: Some("Prod"),
        run_id: WORDS,
        parent_run_id: Some("p"),
        root_run_id: "root",
        step: Some("tMap_1"),
        attempt: Some(i32::MAX),
        map_index: Some(-1),
        event: Event::Metric,
        status: Some(RowStatus::UpstreamFailed),
        duration_reported_ms: Some(-55_830),
        label: Some(""),
        count: Some(i64::MIN),
        rows_in: Some(0),
        rows_out: Some(i64::MAX),
        rows_rejected: Some(1),
        message: Some(WORDS),
    }
}

pub fn bare_error() -> (ErrorRow<'static>, ErrorFacts<'static>) {
    let row = ErrorRow {
        line: 1,
        seq: 0,
        moment: moment(LAST),
        moment_ambiguous: false,
        system: "talend",
        environment: None,
        host: None,
        project: None,
        job: "a",
        context: None,
        run_id: "r",
        parent_run_id: None,
        root_run_id: "r",
        step: None,
        attempt: None,
        map_index: None,
        severity: Severity::Warning,
        error_type: None,
        error_code: None,
        code_scheme: None,
        message: None,
        message_truncated: false,
        stack: None,
    };
    let facts = ErrorFacts {
        signature: Uuid::nil(),
        category: Category::Unknown,
        rule: "none",
        confidence: 0.0,
        blame: None,
        retryable: None,
    };
    (row, facts)
}

pub fn full_error() -> (ErrorRow<'static>, ErrorFacts<'static>) {
    let row = ErrorRow {
        line: i64::MAX,
        seq: 3,
        moment: moment(FIRST),
        moment_ambiguous: true,
        system: "talend",
        environment: Some("REC"),
        host: Some("h"),
        project: Some("P"),
        job: WORDS,
        context: Some("Default"),
        run_id: "r",
        parent_run_id: Some("p"),
        root_run_id: "root",
        step: Some(WORDS),
        attempt: Some(2),
        map_index: Some(7),
        severity: Severity::Fatal,
        error_type: Some("java.sql.SQLException"),
        error_code: Some("42P01"),
        code_scheme: Some("sqlstate"),
        message: Some(WORDS),
        message_truncated: true,
        stack: Some("at a\n\tat b"),
    };
    let facts = ErrorFacts {
        signature: Uuid::max(),
        category: Category::MissingObject,
        rule: "sqlstate-42P01",
        confidence: 0.95,
        blame: Some(Blame::Platform),
        retryable: Some(false),
    };
    (row, facts)
}

pub fn bare_run() -> Run<'static> {
    Run {
        run_key: Uuid::from_u128(1),
        tree: i64::MIN,
        job_number: -2,
        system: "talend",
        environment: "UNMAPPED",
        host: None,
        project: None,
        job: "a",
        job_id: None,
        job_version: None,
        context: None,
        run_id: "r",
        root_run_id: "r",
        parent_run_key: None,
        root_run_key: Uuid::from_u128(1),
        is_root: true,
        depth: 0,
        root_job: "a",
        attempt: 1,
        started_at: moment(FIRST),
        ended_at: None,
        last_event_at: moment(FIRST),
        duration_ms: None,
        duration_reported_ms: None,
        self_duration_ms: None,
        status: RunStatus::Running,
        outcome: Outcome::Running,
        tree_status: RunStatus::Running,
        steps: None,
        steps_failed: None,
        rows_in: None,
        rows_out: None,
        rows_rejected: None,
        errors: 0,
        error_rows: 0,
        warnings: 0,
        error_signatures: Vec::new(),
        first_error_at: None,
        cause: None,
        business_day: date(1990, 1, 1),
        evidence: Evidence::NoEnd,
        quality_percent: 100,
        quality_reasons: Vec::new(),
        batches: Vec::new(),
        trigger: None,
    }
}

pub fn full_run() -> Run<'static> {
    Run {
        run_key: Uuid::from_u128(2),
        tree: i64::MAX,
        job_number: -2,
        system: "airflow",
        environment: "PROD",
        host: Some("h"),
        project: Some(WORDS),
        job: WORDS,
        job_id: Some("id"),
        job_version: Some("1.2"),
        context: Some("Prod"),
        run_id: WORDS,
        root_run_id: "root",
        parent_run_key: Some(Uuid::from_u128(1)),
        root_run_key: Uuid::from_u128(1),
        is_root: false,
        depth: 3,
        root_job: "a",
        attempt: 4,
        started_at: moment("2100-12-31T23:00:00Z"),
        ended_at: Some(moment(LAST)),
        last_event_at: moment(LAST),
        duration_ms: Some(3_599_999),
        duration_reported_ms: Some(-1),
        self_duration_ms: Some(0),
        status: RunStatus::Failed,
        outcome: Outcome::Failed,
        tree_status: RunStatus::Lost,
        steps: Some(12),
        steps_failed: Some(1),
        rows_in: Some(0),
        rows_out: Some(i64::MAX),
        rows_rejected: Some(5),
        errors: 2,
        error_rows: 6,
        warnings: 1,
        error_signatures: vec![Uuid::from_u128(7), Uuid::max()],
        first_error_at: Some(moment("2100-12-31T23:30:00.000001Z")),
        cause: Some(RunCause {
            run_key: Uuid::from_u128(2),
            job: WORDS,
            step: Some("tDBOutput_1"),
            signature: Some(Uuid::max()),
            category: Category::Lock,
            blame: Some(Blame::External),
            retryable: Some(true),
            message: Some(WORDS),
            ruled: Some(Correction {
                category: Category::Unknown,
                blame: None,
                retryable: Some(false),
            }),
        }),
        business_day: date(2101, 1, 1),
        evidence: Evidence::Full,
        quality_percent: 65,
        quality_reasons: vec!["clocks_apart", "message_truncated"],
        batches: vec![1, i64::MAX],
        trigger: None,
    }
}

pub const BARE_TRIGGER: TriggerOf = TriggerOf {
    trigger: Trigger::Unknown,
    evidence: None,
    rerun_of: None,
};
pub const FULL_TRIGGER: TriggerOf = TriggerOf {
    trigger: Trigger::Rerun,
    evidence: Some(TriggerEvidence::RepeatsFailedRun),
    rerun_of: Some(Uuid::from_u128(7)),
};

pub fn bare_day() -> JobDay {
    JobDay {
        environment: "PROD".to_owned(),
        project: None,
        job: "a".to_owned(),
        business_day: date(1990, 1, 1),
        runs: 1,
        attempts_failed: 0,
        first_status: RunStatus::Success,
        first_failure_at: None,
        final_status: RunStatus::Success,
        verdict: Verdict::Ok,
        recovered_at: None,
        recovered_by: None,
        ready_at: None,
        cause: None,
        day_type: Vec::new(),
    }
}

pub fn full_day() -> JobDay {
    JobDay {
        project: Some(WORDS.to_owned()),
        business_day: date(2101, 1, 1),
        runs: 3,
        attempts_failed: 2,
        first_status: RunStatus::Failed,
        first_failure_at: Some(moment(FIRST)),
        verdict: Verdict::Recovered,
        recovered_at: Some(moment(LAST)),
        recovered_by: Some(RecoveredBy::Person),
        ready_at: Some(moment(LAST)),
        cause: Some(DayCause {
            signature: Some(Uuid::max()),
            job: WORDS.to_owned(),
            step: Some("s".to_owned()),
            category: Category::Connection,
            blame: Some(Blame::Platform),
        }),
        day_type: vec![DayType::Working, DayType::MonthEnd],
        ..bare_day()
    }
}
