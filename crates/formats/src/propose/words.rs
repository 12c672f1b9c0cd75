//! What words of states, events and severities mean, in English and French. What is not known here is asked for.

use smartetl_core::model::{Event, RowStatus, Severity};

use super::names::plain;

/// What a word of an event column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventWord {
    Row(Event),
    /// The record tells an error.
    Error,
    /// The record tells nothing that belongs into the tables.
    Note,
}

/// What a word of a severity column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeverityWord {
    Level(Severity),
    /// Less than a warning.
    Note,
}

/// The words in lower case, without accents, with single blanks between them.
pub fn normal(word: &str) -> String {
    plain(word)
        .split(|sign: char| !sign.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The state that a word means.
pub fn status(word: &str) -> Option<RowStatus> {
    let word = normal(word);
    let own = RowStatus::parse(&word.replace(' ', "_"));
    own.or_else(|| find(STATUS, &word))
        .or_else(|| by_parts(&word))
}

/// Whether a word is a state as it stands, and no text or name that has such a word in it.
pub fn is_state(word: &str) -> bool {
    word.chars().count() >= 2 && find(STATUS, &normal(word)).is_some()
}

/// What an answer of yes or no says.
pub fn truth(word: &str) -> Option<bool> {
    match normal(word).as_str() {
        "true" | "t" | "yes" | "y" | "oui" | "o" | "vrai" | "v" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "non" | "faux" | "0" => Some(false),
        _ => None,
    }
}

/// Whether a word of a good state says that there was something to see to.
pub fn is_warning(word: &str) -> bool {
    if status(word) != Some(RowStatus::Success) {
        return false;
    }
    let word = normal(word);
    let parts: Vec<&str> = word.split(' ').collect();
    let is_denied = |at: usize| {
        let before = parts[..at].last();
        before.is_some_and(|before| ["no", "without", "sans", "aucun", "0"].contains(before))
    };
    let warns = |part: &str| {
        [
            "warning",
            "warnings",
            "warn",
            "warned",
            "avertissement",
            "avertissements",
            "avert",
        ]
        .contains(&part)
    };
    parts
        .iter()
        .enumerate()
        .any(|(at, part)| warns(part) && !is_denied(at))
}

/// Whether a word says that a run waits for its begin.
pub fn is_waiting(word: &str) -> bool {
    WAITING.split('|').any(|known| known == normal(word))
}

/// The event that a word means. Words of states count where they say that something began or ended.
pub fn event(word: &str) -> Option<EventWord> {
    let word = normal(word);
    find(EVENT, &word).or_else(|| {
        let first = word.split(' ').next().unwrap_or_default();
        let last = word.split(' ').next_back().unwrap_or_default();
        let by = |part: &str| find(EVENT, part).filter(|event| matches!(event, EventWord::Row(_)));
        by(first).or_else(|| by(last))
    })
}

/// The event that a word of states implies.
pub fn event_of_status(word: &str) -> Option<EventWord> {
    Some(EventWord::Row(match status(word)? {
        RowStatus::Running => Event::Begin,
        RowStatus::Success
        | RowStatus::Failed
        | RowStatus::Skipped
        | RowStatus::Cancelled
        | RowStatus::UpstreamFailed => Event::End,
        RowStatus::Retrying | RowStatus::Unknown => return None,
    }))
}

/// How bad a word says it is.
pub fn severity(word: &str) -> Option<SeverityWord> {
    let word = normal(word);
    find(SEVERITY, &word)
}

/// Which rows a word of a measure counts: read, written, refused.
pub fn measure(word: &str) -> Option<Measure> {
    let word = normal(word);
    word.split(' ').find_map(|part| find(MEASURE, part))
}

/// Which rows are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    In,
    Out,
    Rejected,
}

fn find<T: Copy>(table: &[(T, &str)], word: &str) -> Option<T> {
    table
        .iter()
        .find(|(_, words)| words.split('|').any(|known| known == word))
        .map(|(meaning, _)| *meaning)
}

/// A state of several words: what went wrong in it counts before what went well.
fn by_parts(word: &str) -> Option<RowStatus> {
    let parts: Vec<&str> = word.split(' ').collect();
    if parts.len() < 2 {
        return None;
    }
    if ["sans erreur", "without error", "no error", "sans anomalie"]
        .iter()
        .any(|good| word.contains(good))
    {
        return Some(RowStatus::Success);
    }
    if ["not ok", "pas ok", "non ok", "unsuccess"]
        .iter()
        .any(|bad| word.contains(bad))
    {
        return Some(RowStatus::Failed);
    }
    // A letter alone is part of a name.
    let means = |wanted: RowStatus| {
        let mut parts = parts.iter().filter(|part| part.len() > 1);
        parts.any(|part| find(STATUS, part) == Some(wanted))
    };
    [
        RowStatus::Failed,
        RowStatus::Cancelled,
        RowStatus::Skipped,
        RowStatus::Success,
        RowStatus::Running,
    ]
    .into_iter()
    .find(|wanted| means(*wanted))
}

const WAITING: &str = "queued|pending|waiting|wait|scheduled|created|submitted|new|none|en attente|attente|planifie|planifiee|a lancer|a executer|prevu|prevue|cree|soumis|ready|pret";

const STATUS: &[(RowStatus, &str)] = &[
    (
        RowStatus::Success,
        "success|succeeded|succeed|successful|succes|ok|done|completed|complete|finished|passed|pass|green|vert|reussi|reussie|reussite|termine|\
         terminee|terminated ok|fini|finie|correct|valide|nominal|normal|normale|traite|traitee|acheve|achevee|loaded|s|warning|warnings|warn|avertissement|avertissements|partial|\
         partiel|success with warnings|jobsucceeded|closed",
    ),
    (
        RowStatus::Failed,
        "failed|failure|fail|fails|ko|nok|error|errored|errors|err|aborted|abort|abend|abended|crashed|crash|exception|fatal|broken|timeout|timed out|\
         timedout|red|rouge|echec|echoue|echouee|erreur|erreurs|anomalie|anormal|anormale|plante|plantee|incident|avorte|avortee|f|killed|tue|\
         jobfailed|unsuccessful|ended unexpectedly",
    ),
    (
        RowStatus::Running,
        "running|run|started|start|starting|in progress|inprogress|progress|active|actif|active|executing|processing|en cours|encours|cours|demarre|demarree|\
         demarrage|lance|lancee|debut|begin|begun|en execution|r|open|stopping",
    ),
    (
        RowStatus::Cancelled,
        "cancelled|canceled|cancel|stopped|terminated|annule|annulee|arrete|arretee|interrompu|interrompue|interrupted|abandonne|abandonnee|\
         abandon|suspendu|suspendue|suspended|revoked",
    ),
    (
        RowStatus::Skipped,
        "skipped|skip|ignored|not run|bypassed|saute|sautee|ignore|ignoree|non execute|non executee|non lance|non lancee|disabled|desactive|\
         desactivee|no op|noop|omitted|omis|removed",
    ),
    (
        RowStatus::UpstreamFailed,
        "upstream failed|blocked|bloque|bloquee|dependance en echec|amont en echec|bloque en amont",
    ),
    (
        RowStatus::Retrying,
        "retry|retrying|up for retry|restarting|a relancer|relance|nouvelle tentative|en reprise",
    ),
    (
        RowStatus::Unknown,
        "unknown|inconnu|inconnue|indetermine|indeterminee|undefined|queued|pending|waiting|scheduled|created|submitted|en attente|attente|\
         planifie|planifiee|a lancer|prevu|soumis",
    ),
];

const EVENT: &[(EventWord, &str)] = &[
    (
        EventWord::Row(Event::Begin),
        "begin|begins|beginning|start|starts|started|starting|debut|debute|debutee|deb|demarrage|demarre|demarree|lancement|lance|lancee|ouverture|open|\
         opened|launch|launched|init|entree|enter",
    ),
    (
        EventWord::Row(Event::End),
        "end|ends|ended|ending|stop|finish|finishes|finished|complete|completed|completion|fin|fini|finie|termine|terminee|arret|cloture|close|closed|\
         fermeture|exit|sortie|leave",
    ),
    (
        EventWord::Row(Event::Metric),
        "metric|metrics|metrique|mesure|compteur|counter|count|comptage|volumetrie|meter|statistics|stats|stat",
    ),
    (
        EventWord::Error,
        "error|erreur|err|exception|fatal|failure|failed|echec|anomalie|warning|warn|avertissement|alerte|incident",
    ),
    (
        EventWord::Note,
        "info|information|debug|trace|log|message|note|notice|progress|checkpoint|heartbeat|verbose|avancement|jalon",
    ),
];

const SEVERITY: &[(SeverityWord, &str)] = &[
    (
        SeverityWord::Level(Severity::Fatal),
        "fatal|fatale|critical|critique|crit|emergency|panic|alert|severe|bloquant|bloquante|blocking|blocker|emerg",
    ),
    (
        SeverityWord::Level(Severity::Error),
        "error|errors|erreur|err|major|majeur|majeure|failure|echec|high|eleve|haute|exception|e|anomalie|grave|ko",
    ),
    (
        SeverityWord::Level(Severity::Warning),
        "warning|warn|avertissement|attention|alerte|minor|mineur|mineure|medium|moyen|moyenne|w|avert|low|faible|basse",
    ),
    (
        SeverityWord::Note,
        "info|information|informational|debug|trace|notice|verbose|i|d|note|ok|success",
    ),
];

const MEASURE: &[(Measure, &str)] = &[
    (
        Measure::Rejected,
        "rejet|rejets|rejected|reject|rejects|rejete|rejetes|rejetees|refuse|refuses|refusees|discarded|error|errors|erreurs|bad|ecartees|ecartes",
    ),
    (
        Measure::In,
        "read|reads|in|input|lu|lus|lue|lues|lecture|entree|entrees|source|extraction|extraites|extracted|selected|received|recues|recus",
    ),
    (
        Measure::Out,
        "written|write|writes|out|output|ecrit|ecrits|ecrite|ecrites|ecriture|sortie|sorties|target|cible|inserted|inserees|loaded|chargees|\
         charges|chargement|updated",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_both_languages() {
        for (meaning, words) in [
            (
                Some(RowStatus::Success),
                "OK,Succeeded,RÉUSSI,Terminé,TERMINE_OK,Fin normale,sans erreur,Completed,done",
            ),
            (
                Some(RowStatus::Failed),
                "KO,échec,en erreur,EN_ERREUR,Ended Not OK,TERMINE_KO,Fin anormale,failure,upstream failure,NOK,Completed with errors",
            ),
            (
                Some(RowStatus::Running),
                "en cours,EN_COURS,InProgress,Started,RUNNING",
            ),
            (
                Some(RowStatus::Cancelled),
                "annulé,Cancelled,arrêté,STOPPED",
            ),
            (Some(RowStatus::Skipped), "ignoré,skipped"),
            (Some(RowStatus::UpstreamFailed), "upstream_failed,bloqué"),
            (None, "ZZ9,bleu,,42,SALES,s_m_STG_ORD"),
        ] {
            for word in words.split(',') {
                assert_eq!(status(word), meaning, "{word}");
            }
        }
    }

    #[test]
    fn events_and_severities() {
        let begin = Some(EventWord::Row(Event::Begin));
        let end = Some(EventWord::Row(Event::End));
        for (word, meaning) in [
            ("DEBUT", begin),
            ("job start", begin),
            ("Démarrage", begin),
            ("FIN", end),
            ("FIN_KO", end),
            ("completed", end),
            ("ERREUR", Some(EventWord::Error)),
            ("info", Some(EventWord::Note)),
            ("bleu", None),
        ] {
            assert_eq!(event(word), meaning, "{word}");
        }
        assert_eq!(
            severity("ERREUR"),
            Some(SeverityWord::Level(Severity::Error))
        );
        assert_eq!(
            severity("Critique"),
            Some(SeverityWord::Level(Severity::Fatal))
        );
        assert_eq!(severity("INFO"), Some(SeverityWord::Note));
        assert_eq!(severity("tDie"), None);
    }
}
