//! The words of the reports, in both languages. Those that the status page has too stand in `crate::night`.

use crate::night::Lang;

/// Labels and short texts.
#[derive(Debug)]
pub struct Words {
    pub first_try: &'static str,
    pub at_first_try: &'static str,
    pub weeks_before: &'static str,
    pub no_weeks_before: &'static str,
    pub nothing_came_out: &'static str,
    pub failed: &'static str,
    pub causes: &'static str,
    pub lost: &'static str,
    pub unverified: &'static str,
    pub running: &'static str,
    pub recovered: &'static str,
    pub late: &'static str,
    pub not_seen: &'static str,
    pub errors: &'static str,
    /// One, several.
    pub error_lines: [&'static str; 2],
    pub no_job_failed: &'static str,
    /// One, several.
    pub problems: [&'static str; 2],
    pub most_of: &'static str,
    pub logs: &'static str,
    pub no_logs_since: &'static str,
    pub unknown_since: &'static str,
    pub deadlines: &'static str,
    pub contexts: &'static str,
    pub contexts_what: &'static str,
    /// Of jobs.
    pub none: &'static str,
    /// Of causes.
    pub no_cause: &'static str,
    /// One, several: behind the sentence.
    pub are_late: [&'static str; 2],
    pub are_not_seen: [&'static str; 2],
    pub failed_first: &'static str,
    pub ready: &'static str,
    pub not_ready: &'static str,
    pub not_known_ready: &'static str,
    pub not_known_kept: &'static str,
    pub usually_by: &'static str,
    pub begins_by: &'static str,
    pub due: &'static str,
    pub vital: &'static str,
    pub kept: [&'static str; 2],
    pub missed_by: &'static str,
    pub margin: &'static str,
    pub open_for: &'static str,
    pub state: &'static str,
    pub last_log: &'static str,
    pub the_night: &'static str,
    pub usual_mark: &'static str,
    pub is_late: &'static str,
    /// One, several.
    pub nights: [&'static str; 2],
    // Of a week.
    /// One, several.
    pub failures: [&'static str; 2],
    pub most_often: &'static str,
    pub trend: &'static str,
    pub points: &'static str,
    pub week_by_week: &'static str,
    pub each_night: &'static str,
    pub failed_most: &'static str,
    pub not_made_good: &'static str,
    pub made_good: &'static str,
    pub zone: &'static str,
}

impl Words {
    pub const fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }
}

static EN: Words = Words {
    first_try: "First try",
    at_first_try: "of jobs succeeded at the first try",
    weeks_before: "in the four weeks before",
    no_weeks_before: "no nights in the four weeks before",
    nothing_came_out: "no job has come out yet",
    failed: "Failed",
    causes: "Causes",
    lost: "Never ended",
    unverified: "Unverified",
    running: "Running",
    recovered: "Recovered",
    late: "Late",
    not_seen: "Not seen",
    errors: "Errors",
    error_lines: ["error line", "error lines"],
    no_job_failed: "made no job fail",
    problems: ["problem", "problems"],
    most_of: "the most frequent",
    logs: "Logs",
    no_logs_since: "no logs since",
    unknown_since: "what started since cannot be known",
    deadlines: "Deadlines",
    contexts: "Contexts",
    contexts_what: "that nobody has mapped to an environment:",
    none: "none",
    no_cause: "none",
    are_late: ["later than usual.", "later than usual."],
    are_not_seen: ["was not seen.", "were not seen."],
    failed_first: "failed",
    ready: "ready",
    not_ready: "not ready yet",
    not_known_ready: "no run seen",
    not_known_kept: "without logs nobody knows whether it was kept",
    usually_by: "usually by",
    begins_by: "usually started by",
    due: "due",
    vital: "vital",
    kept: ["kept", "kept"],
    missed_by: "missed by",
    margin: "to spare",
    open_for: "still open for",
    state: "State of",
    last_log: "last log",
    the_night: "Jobs to look at, over the night",
    usual_mark: "usually ready by",
    is_late: "late",
    nights: ["night", "nights"],
    failures: ["failure", "failures"],
    most_often: "Most often",
    trend: "Trend",
    points: "points against the four weeks before",
    week_by_week: "week by week:",
    each_night: "Each night",
    failed_most: "Failed most",
    not_made_good: "not recovered in",
    made_good: "recovered in",
    zone: "times are in",
};

static FR: Words = Words {
    first_try: "Premier essai",
    at_first_try: "des jobs réussis du premier coup",
    weeks_before: "sur les quatre semaines précédentes",
    no_weeks_before: "aucune nuit dans les quatre semaines précédentes",
    nothing_came_out: "aucun job n’est encore terminé",
    failed: "En échec",
    causes: "Causes",
    lost: "Sans fin",
    unverified: "Non vérifiables",
    running: "En cours",
    recovered: "Rattrapés",
    late: "En retard",
    not_seen: "Non démarrés",
    errors: "Erreurs",
    error_lines: ["ligne d’erreur", "lignes d’erreur"],
    no_job_failed: "sans échec de job",
    problems: ["panne", "pannes"],
    most_of: "la plus fréquente",
    logs: "Journaux",
    no_logs_since: "aucun journal depuis",
    unknown_since: "on ne peut pas savoir ce qui a démarré depuis",
    deadlines: "Échéances",
    contexts: "Contextes",
    contexts_what: "dont l’environnement est inconnu\u{a0}:",
    none: "aucun",
    no_cause: "aucune",
    are_late: ["plus tard que d’habitude.", "plus tard que d’habitude."],
    are_not_seen: ["non démarré.", "non démarrés."],
    failed_first: "en échec",
    ready: "prêt",
    not_ready: "pas encore prêt",
    not_known_ready: "aucune exécution vue",
    not_known_kept: "sans journaux, on ne sait pas si elle est tenue",
    usually_by: "d’habitude avant",
    begins_by: "démarre d’habitude avant",
    due: "échéance",
    vital: "vital",
    kept: ["tenue", "tenues"],
    missed_by: "dépassée de",
    margin: "de marge",
    open_for: "encore ouverte pendant",
    state: "État au",
    last_log: "derniers journaux",
    the_night: "Jobs à regarder, au fil de la nuit",
    usual_mark: "prêt d’habitude avant",
    is_late: "en retard",
    nights: ["nuit", "nuits"],
    failures: ["échec", "échecs"],
    most_often: "Le plus souvent",
    trend: "Tendance",
    points: "points par rapport aux quatre semaines précédentes",
    week_by_week: "semaine par semaine\u{a0}:",
    each_night: "Chaque nuit",
    failed_most: "Le plus souvent en échec",
    not_made_good: "non rattrapé pendant",
    made_good: "rattrapé pendant",
    zone: "fuseau",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::night::typography;

    #[test]
    fn french_is_set_as_french_people_set_it() {
        let words = format!("{FR:?}").replace("\\u{a0}", "\u{a0}");
        let texts: Vec<&str> = words.split('"').skip(1).step_by(2).collect();
        assert!(texts.len() > 30, "{texts:?}");
        texts.into_iter().for_each(typography::check);
    }
}
