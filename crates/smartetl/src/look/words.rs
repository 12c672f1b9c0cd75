//! Words of lists and trees in both languages: headings, statuses, triggers, durations.

use crate::night::{self, Lang};
use crate::reason;
use smartetl_core::model::{
    Blame, Category, IssueState, MuteKind, Outcome, ResolvedBy, RunStatus, Severity, Trigger,
    Verdict,
};
use std::borrow::Cow;

/// How a run came out.
pub const fn outcome(outcome: Outcome, lang: Lang) -> &'static str {
    match outcome {
        Outcome::Success => lang.pick("succeeded", "réussi"),
        Outcome::Failed => lang.pick("failed", "en échec"),
        Outcome::Running => lang.pick("running", "en cours"),
        Outcome::Lost => lang.pick("never ended", "sans fin"),
        Outcome::Cancelled => lang.pick("cancelled", "annulé"),
        Outcome::Skipped => lang.pick("skipped", "ignoré"),
        Outcome::Unverified => lang.pick("unverified", "non vérifiable"),
        Outcome::SuccessWithErrors => lang.pick("succeeded, errors", "réussi, erreurs"),
        Outcome::SuccessWithWarnings => lang.pick("succeeded, warnings", "réussi, alertes"),
    }
}

/// The same of a status.
pub const fn status(status: RunStatus, lang: Lang) -> &'static str {
    outcome(outcome_of(status), lang)
}

const fn outcome_of(status: RunStatus) -> Outcome {
    match status {
        RunStatus::Success => Outcome::Success,
        RunStatus::Failed => Outcome::Failed,
        RunStatus::Running => Outcome::Running,
        RunStatus::Lost => Outcome::Lost,
        RunStatus::Cancelled => Outcome::Cancelled,
        RunStatus::Skipped => Outcome::Skipped,
        RunStatus::Unverified => Outcome::Unverified,
    }
}

/// The colour that goes with it; never without the word.
pub const fn shade(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "32",
        Outcome::Failed => "31",
        Outcome::Running => "34",
        Outcome::Lost => "35",
        Outcome::Cancelled | Outcome::Skipped | Outcome::Unverified => "90",
        Outcome::SuccessWithErrors | Outcome::SuccessWithWarnings => "33",
    }
}

/// Why a run started; nothing where it was simply due.
pub const fn trigger(trigger: Trigger, lang: Lang) -> Option<&'static str> {
    match trigger {
        Trigger::Scheduled | Trigger::Unknown => None,
        Trigger::Rerun => Some(lang.pick("rerun", "relance")),
        Trigger::Manual => Some(lang.pick("started by hand", "lancement manuel")),
        Trigger::Reprocess => Some(lang.pick("reprocess", "reprise")),
    }
}

/// How bad a row of `logerreur` is.
pub const fn severity(severity: Severity, lang: Lang) -> &'static str {
    match severity {
        Severity::Fatal => lang.pick("fatal", "fatale"),
        Severity::Error => lang.pick("error", "erreur"),
        Severity::Warning => lang.pick("warning", "alerte"),
    }
}

/// `4 min 12 s`; French has a comma in fractions.
pub fn duration(milliseconds: i64, lang: Lang) -> String {
    let sign = if milliseconds < 0 { "−" } else { "" };
    let milliseconds = milliseconds.unsigned_abs();
    let seconds = milliseconds / 1000;
    let days = lang.pick("d", "j");
    let text = match seconds {
        0..10 => {
            let tenths = milliseconds / 100;
            let point = lang.pick(".", ",");
            format!("{}{point}{} s", tenths / 10, tenths % 10)
        }
        10..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        3_600..172_800 => format!("{} h {:02} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} {days} {:02} h", seconds / 86_400, seconds / 3_600 % 24),
    };
    format!("{sign}{text}")
}

/// The same, or a stroke where there is none.
pub fn option_duration(milliseconds: Option<i64>, lang: Lang) -> String {
    milliseconds.map_or_else(
        || NONE.to_owned(),
        |milliseconds| duration(milliseconds, lang),
    )
}

/// Stands where nothing is known.
pub const NONE: &str = "–";

/// One of smartETL's own words in French: what SQL gives in a column, by the column's name. Others stay as they are.
pub fn french<'v>(column: &str, value: &'v str) -> Option<Cow<'v, str>> {
    let word = match column {
        "for_example" => return Some(reason::of_detail(value, Lang::Fr)),
        "reason" => reason::of_reject_code(value, Lang::Fr)?,
        "status" | "outcome" | "tree_status" => match Outcome::parse(value) {
            Some(word) => outcome(word, Lang::Fr),
            None => night::verdict(Verdict::parse(value)?, 1, Lang::Fr),
        },
        "verdict" => night::verdict(Verdict::parse(value)?, 1, Lang::Fr),
        "category" | "last_category" => night::category(Category::parse(value)?, Lang::Fr),
        "blame" => night::blame(Blame::parse(value)?, Lang::Fr),
        "trigger" => trigger(Trigger::parse(value)?, Lang::Fr)?,
        "last_status" | "last_outcome" => outcome(Outcome::parse(value)?, Lang::Fr),
        "state" => match value {
            "alive" => "actif",
            "silent" => "muet",
            "ended" => "arrêté",
            _ => night::issue_state(IssueState::parse(value)?, Lang::Fr),
        },
        "resolved_by" => match ResolvedBy::parse(value)? {
            ResolvedBy::Itself => "de lui-même",
            ResolvedBy::Person => "quelqu’un",
        },
        "muted" => match MuteKind::parse(value)? {
            MuteKind::Until => "jusqu’à un moment",
            MuteKind::Occurrences => "jusqu’à tant d’occurrences de plus",
            MuteKind::NextVersion => "jusqu’à la prochaine version",
        },
        "corrected" | "retryable" => match value {
            "true" => "oui",
            "false" => "non",
            _ => return None,
        },
        _ => return None,
    };
    Some(Cow::Borrowed(word))
}

/// The heading of a column in French, by its name.
pub fn french_heading(column: &str) -> Option<&'static str> {
    Some(match column {
        "environment" => "environnement",
        "system" => "outil",
        "last_event_at" => "dernier journal",
        "batches" => "lots",
        "batches_not_fused" => "lots non fusionnés",
        "records" => "enregistrements",
        "rejects" => "lignes rejetées",
        "last_commit" => "enregistré le",
        "dialect" => "dialecte",
        "reason" => "raison",
        "for_example" => "par exemple",
        "business_day" => "journée",
        "status" | "verdict" | "outcome" => "résultat",
        "runs" => "exécutions",
        "ok" => "réussis",
        "recovered" => "rattrapés",
        "failed" => "en échec",
        "lost" => "sans fin",
        "running" => "en cours",
        "unverified" => "non vérifiables",
        "cancelled" => "annulés ou ignorés",
        "project" => "projet",
        "category" => "catégorie",
        "blame" => "à traiter par",
        "cause_job" => "job en cause",
        "first_failure_at" => "premier échec",
        "as_of" => "état au",
        "fused_at" => "fusionné le",
        "run" => "exécution",
        "run_id" => "identifiant",
        "root_job" => "job racine",
        "attempt" => "tentative",
        "started_at" => "début",
        "ended_at" => "fin",
        "duration_ms" => "durée (ms)",
        "usual_duration_ms" => "durée habituelle (ms)",
        "cause_step" => "étape en cause",
        "error_message" => "message",
        "trigger" => "lancement",
        "rerun_of" => "relance de",
        "family" => "famille",
        "source_app" => "application",
        "domain" => "domaine",
        "owner" => "responsable",
        "criticality" => "criticité",
        "deadline" => "échéance",
        "calendar" => "calendrier",
        "runbook_url" | "runbook" => "consigne",
        "retired_at" => "retiré le",
        "first_seen" => "vu la première fois",
        "last_seen" => "vu la dernière fois",
        "renamed_from" => "ancien nom",
        "last_status" => "dernier résultat",
        "last_started_at" => "dernière exécution",
        "first_try_rate" => "réussite du premier coup",
        "usual_start" => "début habituel",
        "group" => "groupe",
        "state" => "état",
        "host" => "machine",
        "pid" => "processus",
        "seen_at" => "vu le",
        "lag" => "décalage",
        "last_error" => "dernière erreur",
        "runs_since_success" => "exécutions depuis la dernière réussite",
        "issue" => "problème",
        "title" => "titre",
        "since" => "dans cet état depuis",
        "opened_at" => "ouvert le",
        "resolved_by" => "résolu par",
        "acknowledged_at" => "pris en charge le",
        "acknowledged_by" => "pris en charge par",
        "muted" => "sourdine",
        "muted_until" => "sourdine jusqu’au",
        "muted_left" => "sourdine, encore (occurrences)",
        "assignee" => "suivi par",
        "corrected" => "corrigé",
        "retryable" => "relançable",
        "last_run_key" => "dernière exécution (clé)",
        "runs_since_opened" => "exécutions depuis l’ouverture",
        "days" => "journées",
        "regressions" => "réapparitions",
        "failed_runs" => "exécutions en échec",
        "blocked" => "exécutions bloquées",
        "lost_ms" => "temps perdu (ms)",
        "successes" => "réussites planifiées depuis",
        "problem" => "panne",
        "run_key" => "exécution (clé)",
        "depth" => "profondeur",
        "tree_status" => "résultat de l’arbre",
        "last_outcome" => "dernier résultat, précisé",
        "last_category" => "dernière catégorie",
        "last_duration_ms" => "dernière durée (ms)",
        "p95_duration_ms" => "durée au 95e centile (ms)",
        "runs_per_day" => "exécutions par jour",
        "nights" => "nuits",
        _ => return None,
    })
}

/// Column names in the reader's language.
pub fn heading(column: &str, lang: Lang) -> String {
    match (lang, french_heading(column)) {
        (Lang::Fr, Some(heading)) => heading.to_owned(),
        _ => column.to_owned(),
    }
}

/// Labels of `runs` and `jobs`.
#[derive(Debug)]
pub struct Words {
    pub started: &'static str,
    pub job: &'static str,
    pub environment: &'static str,
    pub took: &'static str,
    pub usual: &'static str,
    pub last_good: &'static str,
    pub result: &'static str,
    pub run: &'static str,
    pub no_runs: &'static str,
    pub no_jobs: &'static str,
    pub rerun_of: &'static str,
    pub still: &'static str,
    pub attempt: &'static str,
    pub scheduled: &'static str,
    pub part_of: &'static str,
    pub no_good: &'static str,
    pub run_id: &'static str,
    pub not_below: &'static str,
    /// One, several: steps that are not shown.
    pub steps: [&'static str; 2],
    pub show_steps: &'static str,
    /// One, several.
    pub more_runs: [&'static str; 2],
    pub more_errors: [&'static str; 2],
    pub times: &'static str,
    pub around: &'static str,
    pub is_cut: &'static str,
    pub family: &'static str,
    pub last_run: &'static str,
    pub first_try: &'static str,
    pub start: &'static str,
    pub since_success: &'static str,
    pub deadline: &'static str,
    pub owner: &'static str,
    pub a_day: &'static str,
    pub begin: &'static str,
    pub end: &'static str,
    pub metric: &'static str,
    pub cut: &'static str,
    pub refreshed: &'static str,
    pub every: &'static str,
    pub away: &'static str,
    pub more_rows: &'static str,
}

pub const fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &EN,
        Lang::Fr => &FR,
    }
}

static EN: Words = Words {
    started: "Started",
    job: "Job",
    environment: "Environment",
    took: "Took",
    usual: "Usual",
    last_good: "Last good",
    result: "Result",
    run: "Run",
    no_runs: "No such runs.",
    no_jobs: "No such jobs.",
    rerun_of: "rerun of",
    still: "last sign of life",
    attempt: "attempt",
    scheduled: "scheduled",
    part_of: "Part of",
    no_good: "no good run before",
    run_id: "run id",
    not_below: "not run",
    steps: ["step", "steps"],
    show_steps: "--steps shows them",
    more_runs: ["more run", "more runs"],
    more_errors: ["more error", "more errors"],
    times: "Times are in",
    around: "Rows around the first error",
    is_cut: "More rows were logged than are shown here: steps and errors are those of the first 50,000 rows.",
    family: "Family",
    last_run: "Last run",
    first_try: "First try",
    start: "Start",
    since_success: "Since success",
    deadline: "Deadline",
    owner: "Owner",
    a_day: "a day",
    begin: "begins",
    end: "ends",
    metric: "measured",
    cut: "The message was cut by the tool.",
    refreshed: "Refreshed at",
    every: "every",
    away: "the database does not answer, trying again",
    more_rows: "There are more: --limit shows them.",
};

static FR: Words = Words {
    started: "Début",
    job: "Job",
    environment: "Environnement",
    took: "Durée",
    usual: "Habituelle",
    last_good: "Dern. bonne",
    result: "Résultat",
    run: "Exécution",
    no_runs: "Aucune exécution ne correspond.",
    no_jobs: "Aucun job ne correspond.",
    rerun_of: "relance de",
    still: "dernier signe de vie",
    attempt: "tentative",
    scheduled: "planifiée",
    part_of: "Fait partie de",
    no_good: "aucune bonne exécution avant celle-ci",
    run_id: "identifiant",
    not_below: "non lancé",
    steps: ["étape", "étapes"],
    show_steps: "--steps les montre",
    more_runs: ["autre exécution", "autres exécutions"],
    more_errors: ["autre erreur", "autres erreurs"],
    times: "Fuseau horaire\u{a0}:",
    around: "Lignes autour de la première erreur",
    is_cut: "Il y a plus de lignes que montré ici\u{a0}: étapes et erreurs sont celles des 50\u{202f}000 premières lignes.",
    family: "Famille",
    last_run: "Dernière exécution",
    first_try: "1er coup",
    start: "Début",
    since_success: "Sans succès",
    deadline: "Échéance",
    owner: "Responsable",
    a_day: "par jour",
    begin: "commence",
    end: "finit",
    metric: "mesure",
    cut: "Le message a été coupé par l’outil.",
    refreshed: "Affichage de",
    every: "toutes les",
    away: "la base de données ne répond pas, nouvel essai en cours",
    more_rows: "Il y en a d’autres\u{a0}: --limit les montre.",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::night::typography;

    #[test]
    fn durations_as_people_say_them() {
        let check = |milliseconds, en: &str, fr: &str| {
            assert_eq!(duration(milliseconds, Lang::En), en);
            assert_eq!(duration(milliseconds, Lang::Fr), fr);
        };
        check(0, "0.0 s", "0,0 s");
        check(2_170, "2.1 s", "2,1 s");
        check(-55_830, "−55 s", "−55 s");
        check(252_000, "4 min 12 s", "4 min 12 s");
        check(3_725_000, "1 h 02 min", "1 h 02 min");
        check(273_600_000, "3 d 04 h", "3 j 04 h");
        check(i64::MIN, "−106751991167 d 07 h", "−106751991167 j 07 h");
    }

    #[test]
    fn only_our_words_are_translated_and_french_is_set_well() {
        for (column, value, told) in [
            ("verdict", "lost", Some("sans fin")),
            ("status", "recovered", Some("rattrapé")),
            ("outcome", "success_with_errors", Some("réussi, erreurs")),
            ("reason", "bad_number", Some("un nombre illisible")),
            (
                "for_example",
                "`douze` is no number",
                Some("`douze` n’est pas un nombre"),
            ),
            ("job", "failed", None),
        ] {
            assert_eq!(french(column, value).as_deref(), told);
        }
        let texts = format!("{FR:?}").replace("\\u{a0}", "\u{a0}");
        let texts: Vec<&str> = texts.split('"').skip(1).step_by(2).collect();
        assert!(texts.len() > 40, "{texts:?}");
        texts.into_iter().for_each(typography::check);
    }
}
