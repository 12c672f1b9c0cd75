//! What the name of a column says: its words in English and French, brought to a common tongue, and which roles they fit.

use smartetl_core::model::RowStatus;

use super::role::Role;

/// The words of a name.
#[derive(Clone, Debug, Default)]
pub struct Name {
    /// In the common tongue, without fillers.
    words: Vec<&'static str>,
    /// The unit that it names.
    pub unit: Option<&'static str>,
    /// What a yes in such a column says of a run: `is_success`, `en_erreur`.
    pub if_true: Option<RowStatus>,
}

impl Name {
    pub fn of(name: &str) -> Self {
        let mut words = Vec::new();
        let mut unit = None;
        let tokens = tokens(name);
        let if_true = if_true(&tokens);
        for token in tokens {
            if let Some(named) = unit_of(&token) {
                unit = Some(named);
                continue;
            }
            match lookup(&token) {
                Some(meaning) => words.extend(meaning.split(' ')),
                None => words.extend(
                    segments(&token)
                        .into_iter()
                        .flat_map(|meaning| meaning.split(' ')),
                ),
            }
        }
        words.retain(|word| !word.is_empty());
        Self {
            words,
            unit,
            if_true,
        }
    }

    /// Whether any of its words is known.
    pub fn speaks(&self) -> bool {
        !self.words.is_empty()
    }

    /// Whether a word of the common tongue is in it.
    pub fn is_of(&self, word: &str) -> bool {
        self.words.contains(&word)
    }

    /// Whether it calls its values states, or codes of them, and not what is told about a state.
    pub fn says_status(&self) -> bool {
        const ABOUT: [&str; 7] = [
            "message", "time", "user", "stack", "count", "rows", "duration",
        ];
        self.is_of("status") && !ABOUT.iter().any(|word| self.is_of(word))
    }

    /// How well it fits a role, 0 to 1.
    pub fn fits(&self, role: Role) -> f64 {
        PHRASES
            .iter()
            .filter(|(of, _, _)| *of == role)
            .map(|(_, phrase, weight)| match self.holds(phrase) {
                // What says little says nothing beside other words.
                held if held < 1.0 && *weight <= 0.55 => 0.0,
                held => held * weight,
            })
            .fold(0.0, f64::max)
    }

    /// Both names are about the same: `date_debut` and `heure_debut`.
    pub fn goes_with(&self, other: &Self) -> bool {
        let side = |name: &Self| {
            let has = |word| name.words.contains(&word);
            (has("begin"), has("end"))
        };
        side(self) == side(other)
    }

    /// 1 for all of its words, less for some of them.
    fn holds(&self, phrase: &str) -> f64 {
        let mut wanted = 0;
        for word in phrase.split(' ') {
            if !self.words.contains(&word) {
                return 0.0;
            }
            wanted += 1;
        }
        let mut different = self.words.clone();
        different.sort_unstable();
        different.dedup();
        match different.len().saturating_sub(wanted) {
            0 => 1.0,
            more => (0.85 - 0.15 * more as f64).max(0.3),
        }
    }
}

/// The text without accents, in lower case.
pub fn plain(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .flat_map(|sign| {
            let without = match sign {
                'à' | 'â' | 'ä' | 'á' | 'ã' | 'å' => 'a',
                'é' | 'è' | 'ê' | 'ë' => 'e',
                'î' | 'ï' | 'í' | 'ì' => 'i',
                'ô' | 'ö' | 'ó' | 'ò' | 'õ' => 'o',
                'ù' | 'û' | 'ü' | 'ú' => 'u',
                'ç' => 'c',
                'ñ' => 'n',
                'ÿ' => 'y',
                'œ' => return vec!['o', 'e'],
                'æ' => return vec!['a', 'e'],
                other => other,
            };
            vec![without]
        })
        .collect()
}

/// The parts of a name: at separators, before capitals, and between letters and digits.
fn tokens(name: &str) -> Vec<String> {
    let signs: Vec<char> = name.chars().collect();
    let (mut tokens, mut token) = (Vec::new(), String::new());
    for (at, &sign) in signs.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| signs[before]);
        let after = signs.get(at + 1);
        let begins = sign.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_uppercase() && after.is_some_and(|after| after.is_lowercase())
            });
        if !sign.is_alphabetic() || begins {
            tokens.push(std::mem::take(&mut token));
        }
        if sign.is_alphabetic() {
            token.push(sign);
        }
    }
    tokens.push(token);
    tokens.retain(|token| !token.is_empty());
    tokens.iter().map(|token| plain(token)).collect()
}

/// What a yes means in a column of this name, where it asks how a run went and nothing else.
fn if_true(tokens: &[String]) -> Option<RowStatus> {
    const BESIDE: &str = "is was has had a est en in with flag ind indicator indicateur job run execution exec session task traitement";
    const GOOD: &str = "success succes successful succeeded ok reussi reussie reussite passed";
    const BAD: &str = "failed fail failure ko echec echoue echouee errored";
    // Alone these may be a text, a code or a number of errors.
    const BAD_BESIDE: &str = "error errors erreur erreurs anomalie";
    let is_in = |list: &str, token: &str| list.split(' ').any(|word| word == token);
    let mut asked = tokens.iter().filter(|token| !is_in(BESIDE, token));
    let (word, more) = (asked.next()?, asked.next());
    match word {
        _ if more.is_some() => None,
        word if is_in(GOOD, word) => Some(RowStatus::Success),
        word if is_in(BAD, word) => Some(RowStatus::Failed),
        word if is_in(BAD_BESIDE, word) && tokens.len() > 1 => Some(RowStatus::Failed),
        _ => None,
    }
}

fn unit_of(token: &str) -> Option<&'static str> {
    Some(match token {
        "ms" | "millis" | "msec" | "milliseconds" | "millisecondes" => "ms",
        "s" | "sec" | "secs" | "seconds" | "secondes" | "seconde" => "s",
        "min" | "mins" | "minutes" | "mn" => "min",
        "us" | "micros" => "us",
        "ns" | "nanos" => "ns",
        "hours" | "heures" => "h",
        _ => return None,
    })
}

/// What a word means in the common tongue: one or more words of it, or none for a filler.
fn lookup(token: &str) -> Option<&'static str> {
    LEXICON
        .iter()
        .find(|(_, spellings)| spellings.split(' ').any(|word| word == token))
        .map(|(meaning, _)| *meaning)
}

/// A word of several without separators, such as `datedebut`: all of it must be known.
fn segments(token: &str) -> Vec<&'static str> {
    let length = token.len();
    if !token.is_ascii() || length > 40 {
        return Vec::new();
    }
    // best[n]: the fewest known words that the first n letters are made of.
    let mut best: Vec<Option<Vec<&'static str>>> = vec![None; length + 1];
    best[0] = Some(Vec::new());
    for end in 2..=length {
        for start in 0..=end - 2 {
            let Some(before) = &best[start] else { continue };
            let Some(meaning) = lookup(&token[start..end]) else {
                continue;
            };
            if best[end]
                .as_ref()
                .is_none_or(|known| before.len() + 1 < known.len())
            {
                let mut words = before.clone();
                words.push(meaning);
                best[end] = Some(words);
            }
        }
    }
    best.pop().flatten().unwrap_or_default()
}

/// Words of the common tongue and how they are spelled. `""` are fillers.
const LEXICON: &[(&str, &str)] = &[
    (
        "",
        "the of de du des d la le l les un une et a au aux col column champ field colonne fld etl log logs t f c x is est dernier last",
    ),
    (
        "id",
        "id ident identifiant identifier ids num numero no nr nro number key cle uuid guid ref reference",
    ),
    (
        "name",
        "nom name lib libelle intitule noms names designation title titre",
    ),
    (
        "time",
        "dt date datetime timestamp ts heure hr hour time horodatage horodate moment instant jour day dat dh quand when at datation tstamp heures horaire dth",
    ),
    (
        "begin",
        "deb debut start started starting begin began beginning demarrage demarre lance from beg depart strt opened ouverture",
    ),
    (
        "end",
        "fin end ended ending finish finished stop stopped termine terminated complete completed cloture until arret completion finished closed",
    ),
    (
        "duration",
        "duree duration elapsed dur temps runtime took elapse durees delai",
    ),
    ("count", "nb nbre nombre count cnt qty total counts nbr qte"),
    (
        "rows",
        "lignes ligne rows row records record enregistrements enregistrement enreg lines line tuples lig rec recs enr",
    ),
    (
        "read",
        "lues lu lus lue read in input entree entrees source src extracted extraits extraites selected recus recues",
    ),
    (
        "written",
        "ecrites ecrit ecrits ecrite written write out output sortie sorties target tgt inserted inserees inseres loaded chargees charges cible affected processed traitees traites ins",
    ),
    (
        "rejected",
        "rejet rejets rejetees rejetes rejected reject rejects refused refusees bad discarded",
    ),
    (
        "parent",
        "parent father pere mere caller appelant appelante appelants calling launcher parente upstream amont",
    ),
    ("parent id", "ppid"),
    (
        "root",
        "root racine top master maitre main principal principale initial head ancestor global tete",
    ),
    ("root id", "rpid"),
    (
        "run",
        "run execution exec instance session lancement launch passage occurrence inst runs exe executions",
    ),
    ("run id", "pid"),
    (
        "job",
        "job jobs traitement trt trait process processus chaine flux workflow wf pipeline package pkg dag programme program script batch lot proc procedure flow interface treatment jobstream routine",
    ),
    (
        "step",
        "step steps etape etapes composant component task tache taches activity activite phase noeud operation stage transformation unite origin origine cmp subtask",
    ),
    (
        "status",
        "statut status etat state resultat result outcome issue bilan stat sts st results",
    ),
    (
        "environment",
        "env environment environnement envt environ plateforme platform tier",
    ),
    ("context", "context ctx contexte ctxt"),
    (
        "host",
        "host hostname server serveur machine hote agent worker srv computer node",
    ),
    (
        "project",
        "projet project proj domaine domain folder dossier application appli app subject espace workspace groupe group perimetre perimeter scope secteur sector division departement department area pole",
    ),
    ("version", "version vers ver release rev"),
    (
        "attempt",
        "tentative attempt try essai retry retries tries attempts tentatives essais",
    ),
    ("map", "map mapped shard partition"),
    ("index", "index idx rang"),
    (
        "error",
        "err error erreur errors erreurs exception anomalie fault incident exc",
    ),
    (
        "message",
        "msg message texte text description descr detail details commentaire comment comments motif cause reason info note messages remarque observation desc why pourquoi probleme problem",
    ),
    (
        "type",
        "type kind class classe nature categorie category typ",
    ),
    ("event", "evt event evenement evnt ev"),
    (
        "severity",
        "severite severity gravite niveau level lvl criticite priorite priority niv sev prio",
    ),
    ("code", "code cd cod codes errno"),
    ("return", "retour return exit ret rtn"),
    ("return code", "rc cr"),
    ("state code", "sqlstate sqlcode"),
    ("stack", "stack pile trace stacktrace traceback backtrace"),
    (
        "label",
        "label mesure metric metrique indicateur compteur counter measure etiquette",
    ),
    (
        "value",
        "valeur value val volume quantite amount volumetrie",
    ),
    (
        "technical",
        "chargement load insert insertion integration maj update updated modified created creation saved technique purge scheduled queued planned prevu planifie heartbeat decision after extraction export",
    ),
    ("system", "system systeme os sys linux unix"),
    (
        "user",
        "user utilisateur users username login operateur unixname owner proprietaire",
    ),
    (
        "resource",
        "queue pool slots slot weight executor max trigger span bundle template",
    ),
];

/// Which phrases of the common tongue mean which role, and how surely.
const PHRASES: &[(Role, &str, f64)] = &[
    (Role::Job, "job name", 1.0),
    (Role::Job, "job", 0.95),
    (Role::Job, "job id", 0.7),
    (Role::Job, "name", 0.5),
    (Role::RunId, "run id", 1.0),
    (Role::RunId, "job run id", 1.0),
    (Role::RunId, "run", 0.9),
    (Role::RunId, "id", 0.55),
    (Role::RunId, "job id", 0.45),
    (Role::RunId, "technical id", 0.6),
    (Role::Parent, "parent run id", 1.0),
    (Role::Parent, "parent job id", 1.0),
    (Role::Parent, "parent id", 1.0),
    (Role::Parent, "parent run", 1.0),
    (Role::Parent, "parent", 0.95),
    (Role::Root, "root run id", 1.0),
    (Role::Root, "root job id", 1.0),
    (Role::Root, "root id", 1.0),
    (Role::Root, "root run", 1.0),
    (Role::Root, "root", 0.95),
    (Role::Environment, "environment", 1.0),
    (Role::Context, "context", 1.0),
    (Role::Context, "context name", 1.0),
    (Role::Context, "run type", 0.8),
    (Role::Host, "host", 1.0),
    (Role::Host, "host name", 1.0),
    (Role::Project, "project", 1.0),
    (Role::Project, "project name", 1.0),
    (Role::JobId, "job id", 0.9),
    (Role::JobId, "id", 0.4),
    (Role::JobId, "job code", 0.9),
    (Role::JobId, "job reference", 0.9),
    (Role::JobVersion, "version", 0.95),
    (Role::JobVersion, "job version", 1.0),
    (Role::Step, "step", 1.0),
    (Role::Step, "step name", 1.0),
    (Role::Step, "step id", 0.95),
    (Role::Step, "run name", 0.5),
    (Role::Attempt, "attempt", 1.0),
    (Role::Attempt, "attempt id", 1.0),
    (Role::Attempt, "attempt count", 0.9),
    (Role::MapIndex, "map index", 1.0),
    (Role::Moment, "time", 0.9),
    (Role::Moment, "event time", 1.0),
    (Role::Moment, "error time", 1.0),
    (Role::Moment, "message time", 0.9),
    (Role::Begin, "begin time", 1.0),
    (Role::Begin, "begin", 0.95),
    (Role::Begin, "run begin", 0.95),
    (Role::End, "end time", 1.0),
    (Role::End, "end", 0.95),
    (Role::End, "run end", 0.95),
    (Role::Event, "event", 1.0),
    (Role::Event, "event type", 1.0),
    (Role::Event, "message type", 1.0),
    (Role::Event, "type", 0.7),
    (Role::Event, "event code", 1.0),
    (Role::Event, "event name", 1.0),
    (Role::Status, "status", 1.0),
    (Role::Status, "run status", 1.0),
    (Role::Status, "status code", 1.0),
    (Role::Status, "run status code", 1.0),
    (Role::Status, "return code", 0.95),
    (Role::Status, "return", 0.9),
    (Role::Status, "end code", 0.8),
    (Role::Duration, "duration", 1.0),
    (Role::Duration, "duration run", 1.0),
    (Role::Duration, "time run", 0.8),
    (Role::Label, "label", 1.0),
    (Role::Label, "label name", 1.0),
    (Role::Label, "name", 0.5),
    (Role::Label, "type label", 0.9),
    (Role::Count, "count", 1.0),
    (Role::Count, "value", 1.0),
    (Role::Count, "label value", 1.0),
    (Role::Count, "count rows", 0.9),
    (Role::Count, "rows", 0.7),
    (Role::RowsIn, "rows read", 1.0),
    (Role::RowsIn, "count rows read", 1.0),
    (Role::RowsIn, "count read", 1.0),
    (Role::RowsIn, "read", 0.85),
    (Role::RowsOut, "rows written", 1.0),
    (Role::RowsOut, "count rows written", 1.0),
    (Role::RowsOut, "count written", 1.0),
    (Role::RowsOut, "written", 0.85),
    (Role::RowsOut, "count rows", 0.6),
    (Role::RowsOut, "rows", 0.55),
    (Role::RowsRejected, "rows rejected", 1.0),
    (Role::RowsRejected, "count rows rejected", 1.0),
    (Role::RowsRejected, "count rejected", 1.0),
    (Role::RowsRejected, "rejected", 0.95),
    (Role::RowsRejected, "count error", 0.6),
    (Role::Message, "message", 0.95),
    (Role::Message, "error message", 1.0),
    (Role::Message, "error", 0.75),
    (Role::Message, "error name", 0.95),
    (Role::Message, "message name", 0.95),
    (Role::Severity, "severity", 1.0),
    (Role::Severity, "error severity", 1.0),
    (Role::Severity, "error type", 0.5),
    (Role::ErrorType, "error type", 0.95),
    (Role::ErrorType, "type", 0.6),
    (Role::ErrorCode, "error code", 1.0),
    (Role::ErrorCode, "state code", 1.0),
    (Role::ErrorCode, "error id", 0.9),
    (Role::ErrorCode, "code", 0.85),
    (Role::ErrorCode, "return code", 0.7),
    (Role::Stack, "stack", 1.0),
    (Role::Stack, "error stack", 1.0),
    (Role::Ignored, "technical time", 1.0),
    (Role::Ignored, "technical", 0.8),
    (Role::Ignored, "technical job id", 1.0),
    (Role::Ignored, "technical job", 1.0),
    (Role::Ignored, "system run id", 1.0),
    (Role::Ignored, "system id", 1.0),
    (Role::Ignored, "user", 0.9),
    (Role::Ignored, "user name", 1.0),
    (Role::Ignored, "resource", 0.9),
    (Role::Ignored, "rows id", 0.9),
    (Role::Ignored, "status time", 0.5),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// What else the name could be, where it says something else more clearly: content decides between the two then.
    fn other(name: &str, role: Role) -> Option<String> {
        let found = Name::of(name);
        let fits = found.fits(role);
        let better = Role::ALL
            .iter()
            .find(|other| found.fits(**other) > fits + 0.25);
        (fits < 0.5 || better.is_some())
            .then(|| format!("{name}: {fits}, better {better:?}, {found:?}\n"))
    }

    #[test]
    fn names_that_ask_how_a_run_went() {
        for (names, meaning) in [
            (
                "success is_success isOk OK succeeded réussi job_success",
                Some(RowStatus::Success),
            ),
            (
                "failed has_error en_erreur EST_KO failure_flag",
                Some(RowStatus::Failed),
            ),
            (
                "error nb_ok SRC_SUCCESS_ROWS failed_rows ok_ko status",
                None,
            ),
        ] {
            for name in names.split(' ') {
                assert_eq!(Name::of(name).if_true, meaning, "{name}");
            }
        }
    }

    #[test]
    fn names_that_teams_use() {
        let mut wrong: Vec<String> = Vec::new();
        for (role, names) in [
            (
                Role::Job,
                "job_name NomTraitement LIB_TRAITEMENT chaine nomjob WORKFLOW_NAME pipelineName package dag_id libelle_flux",
            ),
            (
                Role::RunId,
                "run_id ID_EXECUTION idExec num_lancement pid execution_id no_exec instanceId session RUNID id_instance",
            ),
            (
                Role::Parent,
                "father_pid parentRunId ID_PERE exec_mere id_appelant parent ppid",
            ),
            (
                Role::Root,
                "root_pid ID_RACINE exec_racine master_run_id session_principale",
            ),
            (
                Role::Begin,
                "date_debut dt_deb startTime START_DATE heure_debut datedebut startedAt dh_debut",
            ),
            (
                Role::End,
                "date_fin dt_fin endTime END_DATE heure_fin datefin finished_at dh_fin",
            ),
            (
                Role::Moment,
                "horodatage timestamp dt_evt date_heure moment ts",
            ),
            (
                Role::Status,
                "statut etat status STATE code_retour resultat exit_code rc run_status",
            ),
            (
                Role::Duration,
                "duree_s duration elapsed_ms temps_execution DUREE_MIN dureeSec",
            ),
            (Role::Environment, "environnement env ENVT environment"),
            (Role::Step, "etape composant task_id STEP_NAME activite"),
            (
                Role::Message,
                "message msg_erreur libelle_erreur error_message commentaire motif",
            ),
            (
                Role::RowsIn,
                "nb_lignes_lues rows_read lignes_lues records_in",
            ),
            (
                Role::RowsOut,
                "nb_lignes_ecrites rows_written lignes_ecrites",
            ),
            (
                Role::RowsRejected,
                "nb_rejets rows_rejected lignes_rejetees",
            ),
            (Role::Severity, "niveau gravite severity level priorite"),
            (Role::Project, "projet domaine application project_name"),
            (Role::JobVersion, "job_version version"),
            (
                Role::Ignored,
                "date_chargement updated_at system_pid utilisateur queued_dttm",
            ),
        ] {
            wrong.extend(names.split(' ').filter_map(|name| other(name, role)));
        }
        assert!(wrong.is_empty(), "{}", wrong.concat());
    }
}
