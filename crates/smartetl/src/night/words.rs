//! All words of the status page and the terminal summary, in both languages, in one place.

use smartetl_core::model::{Blame, Category, RecoveredBy, Verdict};
use smartetl_store::night::Unscheduled;

/// A language that smartETL speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    En,
    Fr,
}

impl Lang {
    /// That of the environment: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that says something.
    pub fn of_environment() -> Self {
        let said = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty());
        said.as_deref().and_then(Self::of_tag).unwrap_or(Self::En)
    }

    /// That which a browser likes best, of an `Accept-Language` header.
    pub fn of_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for range in header.split(',') {
            let mut parts = range.trim().split(';');
            let lang = parts.next().and_then(Self::of_tag);
            let weight = parts
                .find_map(|part| {
                    part.trim()
                        .strip_prefix("q=")
                        .map(|q| q.parse().unwrap_or(0.0))
                })
                .unwrap_or(1.0_f32);
            if let Some(lang) = lang
                && weight > 0.0
                && best.is_none_or(|(before, _)| weight > before)
            {
                best = Some((weight, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }

    /// `fr`, `fr-CA`, `fr_FR.UTF-8`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_', '.']).next().unwrap_or(tag);
        if language.eq_ignore_ascii_case("fr") {
            Some(Self::Fr)
        } else if language.eq_ignore_ascii_case("en") {
            Some(Self::En)
        } else {
            None
        }
    }

    pub const fn tag(self) -> &'static str {
        self.pick("en", "fr")
    }

    pub const fn pick(self, en: &'static str, fr: &'static str) -> &'static str {
        match self {
            Self::En => en,
            Self::Fr => fr,
        }
    }

    /// The word for so many. French counts zero as one, English as many.
    pub const fn plural<'w>(self, number: i64, one: &'w str, many: &'w str) -> &'w str {
        match (self, number) {
            (_, 1) | (Self::Fr, 0) => one,
            _ => many,
        }
    }

    /// `3 files`: the words are those of this language, one and many.
    pub fn counted(self, number: u64, [one, many]: [&str; 2]) -> String {
        let of_many = i64::try_from(number).unwrap_or(i64::MAX);
        format!("{number} {}", self.plural(of_many, one, many))
    }

    /// A colon, after which a blank follows. French sets it off by one that never ends a line.
    pub const fn colon(self) -> &'static str {
        self.pick(":", "\u{a0}:")
    }

    pub const fn words(self) -> &'static Words {
        match self {
            Self::En => &EN,
            Self::Fr => &FR,
        }
    }
}

/// How many jobs came out so: one, several.
pub fn verdict(verdict: Verdict, number: i64, lang: Lang) -> &'static str {
    let (en, fr, fr_many) = match verdict {
        Verdict::Ok => ("succeeded", "réussi", "réussis"),
        Verdict::Recovered => ("recovered", "rattrapé", "rattrapés"),
        Verdict::Failed => ("failed", "en échec", "en échec"),
        Verdict::Lost => ("never ended", "sans fin", "sans fin"),
        Verdict::Running => ("running", "en cours", "en cours"),
        Verdict::Unverified => ("unverified", "non vérifiable", "non vérifiables"),
    };
    lang.pick(en, lang.plural(number, fr, fr_many))
}

pub fn category(category: Category, lang: Lang) -> &'static str {
    let (en, fr) = match category {
        Category::Connection => ("connection", "connexion"),
        Category::Timeout => ("timeout", "délai dépassé"),
        Category::Authentication => ("authentication", "authentification"),
        Category::Permission => ("permission", "droits insuffisants"),
        Category::MissingFile => ("missing file", "fichier absent"),
        Category::MissingObject => ("missing object", "table ou objet absent"),
        Category::Constraint => ("constraint", "contrainte violée"),
        Category::DataFormat => ("data format", "format de donnée"),
        Category::DataQuality => ("data quality", "qualité des données"),
        Category::SchemaChange => ("schema change", "structure modifiée"),
        Category::Resource => ("resource", "ressources"),
        Category::Lock => ("lock", "verrou"),
        Category::Configuration => ("configuration", "paramétrage"),
        Category::Dependency => ("dependency", "dépendance en échec"),
        Category::Code => ("code", "erreur de programme"),
        Category::ExternalApi => ("external API", "API externe"),
        Category::Cancelled => ("cancelled", "arrêt volontaire"),
        Category::Unknown => ("not classified", "non classé"),
    };
    lang.pick(en, fr)
}

/// Who must act: in French what follows "à traiter par".
pub fn blame(blame: Blame, lang: Lang) -> &'static str {
    let (en, fr) = match blame {
        Blame::Data => ("data owners", "le propriétaire des données"),
        Blame::Platform => ("platform team", "l’équipe infrastructure"),
        Blame::External => ("partner", "le partenaire"),
        Blame::Code => ("developers", "l’équipe développement"),
    };
    lang.pick(en, fr)
}

pub fn recovered_by(by: RecoveredBy, lang: Lang) -> &'static str {
    let (en, fr) = match by {
        RecoveredBy::Schedule => ("by the next scheduled run", "par l’exécution suivante"),
        RecoveredBy::Rerun => ("by a rerun", "par une relance"),
        RecoveredBy::Person => ("by a person", "par une intervention manuelle"),
    };
    lang.pick(en, fr)
}

/// Local times are read in one zone and business days follow another, which nobody chose: what holds, and what to do.
pub fn two_zones(local_times: &str, business_days: &str, lang: Lang) -> (String, String) {
    match lang {
        Lang::En => (
            format!(
                "--timezone reads local times as {local_times}, but business days follow {business_days}, the zone of this \
                 machine"
            ),
            format!(
                "to have both, set the setting instead: --set timezone={local_times}, SMARTETL_TIMEZONE={local_times}, or \
                 timezone in the configuration file; to keep two zones without this warning, set it to {business_days}"
            ),
        ),
        Lang::Fr => (
            format!(
                "--timezone fait lire les heures locales dans le fuseau {local_times}, mais les journées d’exploitation \
                 suivent {business_days}, le fuseau de cette machine"
            ),
            format!(
                "pour les deux à la fois, fixez plutôt le paramètre\u{a0}: --set timezone={local_times}, \
                 SMARTETL_TIMEZONE={local_times} ou timezone dans le fichier de configuration\u{a0}; pour garder deux \
                 fuseaux sans cet avertissement, fixez-le à {business_days}"
            ),
        ),
    }
}

/// Local times are read as UTC only because the machine has no other zone: what holds, and what to do.
pub const fn read_as_utc(lang: Lang) -> (&'static str, &'static str) {
    match lang {
        Lang::En => (
            "local times are read as UTC, the zone of this machine",
            "if the logs have another one, load them into an empty database with --set timezone=ZONE, for example \
             Europe/Paris; --set timezone=UTC says that it is right",
        ),
        Lang::Fr => (
            "les heures locales sont lues en UTC, le fuseau de cette machine",
            "si les journaux ont un autre fuseau, chargez-les dans une base vide avec --set timezone=FUSEAU, par exemple \
             Europe/Paris\u{a0}; --set timezone=UTC dit que c’est le bon",
        ),
    }
}

/// So many contexts are named.
const CONTEXTS_NAMED: usize = 5;

/// Contexts, with the number of their runs, that no environment is known for: which, and the setting to write. `example`: an
/// environment with the words that mean it.
pub fn unmapped(
    contexts: &[(Option<String>, i64)],
    example: Option<(&str, &[String])>,
    lang: Lang,
) -> Option<(String, String)> {
    if contexts.is_empty() {
        return None;
    }
    let words = lang.words();
    let mut named: Vec<String> = contexts
        .iter()
        .take(CONTEXTS_NAMED)
        .map(|(context, runs)| {
            let name = context.as_deref().unwrap_or(words.no_context);
            let [one, many] = words.runs;
            format!(
                "{} ({runs} {})",
                super::cut(name, 60),
                lang.plural(*runs, one, many)
            )
        })
        .collect();
    if let Some(more @ 1..) = contexts.len().checked_sub(CONTEXTS_NAMED) {
        let [one, many] = words.and_more;
        named.push(format!("{more} {}", lang.plural(more as i64, one, many)));
    }
    let (number, named) = (contexts.len(), named.join(", "));
    let text = match (lang, number) {
        (Lang::En, 1) => format!("1 context is not mapped to an environment: {named}"),
        (Lang::En, _) => format!("{number} contexts are not mapped to an environment: {named}"),
        (Lang::Fr, 1) => format!("1 contexte n’est associé à aucun environnement\u{a0}: {named}"),
        (Lang::Fr, _) => {
            format!("{number} contextes ne sont associés à aucun environnement\u{a0}: {named}")
        }
    };
    // Contexts are compared word by word.
    let word = contexts.iter().find_map(|(context, _)| {
        let mut words = context.as_deref()?.split(|c: char| !c.is_alphanumeric());
        words.find(|word| !word.is_empty())
    });
    let hint = match (word, example) {
        (Some(word), Some((environment, known))) => {
            let known = known.join(",");
            let setting = format!(
                "--set environments.{environment}={known},{}",
                word.to_lowercase()
            );
            match lang {
                Lang::En => format!(
                    "say what they mean under [environments] in the configuration file, or with {setting} if that is \
                     {environment}; then `smartetl fuse`. Logs of one environment can also be loaded with --environment {environment}"
                ),
                Lang::Fr => format!(
                    "dites ce qu’ils signifient sous [environments] dans le fichier de configuration, ou avec {setting} si c’est \
                     {environment}\u{a0}; puis `smartetl fuse`. Les journaux d’un seul environnement se chargent aussi avec \
                     --environment {environment}"
                ),
            }
        }
        _ => match lang {
            Lang::En => "logs that name no context: load them with --environment NAME".to_owned(),
            Lang::Fr => {
                "journaux sans contexte\u{a0}: chargez-les avec --environment NOM".to_owned()
            }
        },
    };
    Some((text, hint))
}

/// That an environment has runs and yet no night, and why.
pub fn no_night(runs: &Unscheduled, lang: Lang) -> String {
    let (total, environment) = (runs.manual + runs.reprocess, &runs.environment);
    let parts = match lang {
        Lang::En => [
            (runs.manual, "started by hand", "started by hand"),
            (
                runs.reprocess,
                "started to reprocess",
                "started to reprocess",
            ),
        ],
        Lang::Fr => [
            (runs.manual, "lancée à la main", "lancées à la main"),
            (runs.reprocess, "reprise", "reprises"),
        ],
    };
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, one, many)| format!("{number} {}", if number > 1 { many } else { one }))
        .collect();
    let parts = parts.join(", ");
    match (lang, total) {
        (Lang::En, 1) => {
            format!("{environment}: 1 run is stored, but it belongs to no night: {parts}.")
        }
        (Lang::En, _) => {
            format!("{environment}: {total} runs are stored, but none belongs to a night: {parts}.")
        }
        (Lang::Fr, 1) => format!(
            "{environment}\u{a0}: 1 exécution est enregistrée, mais elle n’appartient à aucune nuit\u{a0}: {parts}."
        ),
        (Lang::Fr, _) => format!(
            "{environment}\u{a0}: {total} exécutions sont enregistrées, mais aucune n’appartient à une nuit\u{a0}: {parts}."
        ),
    }
}

/// Shows what runs without a night say about why they were started; stands behind the program's name.
pub const UNSCHEDULED_QUERY: &str = "sql \"SELECT job, run_id, context, trigger, trigger_evidence, status FROM dataset WHERE is_root ORDER BY started_at DESC LIMIT 20\"";

/// Labels and short texts.
#[derive(Debug)]
pub struct Words {
    pub title: &'static str,
    pub demo: &'static str,
    pub demo_text: &'static str,
    pub environment: &'static str,
    pub language: &'static str,
    /// Leads to it.
    pub app: &'static str,
    pub newest: &'static str,
    pub earlier: &'static str,
    pub later: &'static str,
    pub usually: &'static str,
    pub causes: &'static str,
    pub cause: &'static str,
    pub since: &'static str,
    pub jobs_touched: &'static str,
    pub to_act: &'static str,
    pub retryable: &'static str,
    pub none: &'static str,
    pub no_message: &'static str,
    /// Of one place.
    pub recovered: &'static str,
    /// Of all of them.
    pub all_recovered: &'static str,
    pub still_open: &'static str,
    pub jobs: &'static str,
    pub job: &'static str,
    pub what: &'static str,
    pub when: &'static str,
    pub all_jobs_fine: &'static str,
    pub started: &'static str,
    pub last_sign: &'static str,
    pub recovered_at: &'static str,
    pub ready_at: &'static str,
    pub good_before: &'static str,
    pub failed_at: &'static str,
    /// One, several.
    pub and_more: [&'static str; 2],
    pub sources: &'static str,
    pub source: &'static str,
    pub last_log: &'static str,
    pub stored: &'static str,
    /// One, several.
    pub files: [&'static str; 2],
    /// One, several.
    pub records: [&'static str; 2],
    /// One, several.
    pub rejects: [&'static str; 2],
    pub last_stored: &'static str,
    pub unmapped: &'static str,
    pub unmapped_what: &'static str,
    pub no_context: &'static str,
    /// One, several.
    pub runs: [&'static str; 2],
    pub empty_title: &'static str,
    pub empty_text: &'static str,
    pub empty_folder: &'static str,
    pub empty_load: &'static str,
    pub empty_demo: &'static str,
    pub loading: &'static str,
    pub no_night: &'static str,
    pub unscheduled_what: &'static str,
    pub not_fused: &'static str,
    pub database_away: &'static str,
    pub database_away_text: &'static str,
    pub not_migrated_text: &'static str,
    pub reload: &'static str,
    pub zone: &'static str,
    pub intake_trouble: &'static str,
    pub fuse_trouble: &'static str,
    /// One, several: paths that need someone.
    pub unreadable: [&'static str; 2],
    pub unreadable_title: &'static str,
    pub unreadable_what: &'static str,
    /// One, several: files.
    pub waiting: [&'static str; 2],
    pub looked: &'static str,
    // The terminal only.
    /// One, several: files.
    pub unsettled: [&'static str; 2],
    pub watching: &'static str,
    /// One, several.
    pub overlap: [&'static str; 2],
    pub web: &'static str,
    pub with_password: &'static str,
    pub stop: &'static str,
    pub stop_how: &'static str,
    pub stopping: &'static str,
    pub stopped: &'static str,
    pub server_goes_on: &'static str,
    pub database_back: &'static str,
    pub database_gone: &'static str,
    pub fuse_failed: &'static str,
    pub fuse_is_back: &'static str,
}

static EN: Words = Words {
    title: "Last night",
    demo: "Demo",
    demo_text: "These are simulated logs of an imagined company. Your own data is in another database.",
    environment: "Environment",
    language: "Language",
    app: "Web app",
    newest: "The newest night",
    earlier: "Night before",
    later: "Night after",
    usually: "usually",
    causes: "Causes",
    cause: "Cause",
    since: "Since",
    jobs_touched: "Jobs touched",
    to_act: "To act",
    retryable: "can be retried",
    none: "none",
    no_message: "no message was written",
    recovered: "recovered",
    all_recovered: "recovered",
    still_open: "open",
    jobs: "Jobs with something to say",
    job: "Job",
    what: "What happened",
    when: "When",
    all_jobs_fine: "None: every job succeeded at the first try.",
    started: "started",
    last_sign: "last sign of life",
    recovered_at: "recovered",
    ready_at: "ready",
    good_before: "had succeeded",
    failed_at: "failed",
    and_more: ["more", "more"],
    sources: "Sources",
    source: "Source",
    last_log: "Last log",
    stored: "Read so far",
    files: ["file", "files"],
    records: ["record", "records"],
    rejects: ["rejected record", "rejected records"],
    last_stored: "last stored",
    unmapped: "Contexts that no environment is known for",
    unmapped_what: "Say what they mean under [environments] in the configuration file; `smartetl config show` names the file.",
    no_context: "(no context)",
    runs: ["run", "runs"],
    empty_title: "No logs yet. Three ways to bring some:",
    empty_text: "CSV and Parquet, also .gz and .zst. New files and new rows appear here within seconds.",
    empty_folder: "Copy log files into the folder that is being watched:",
    empty_load: "Load files from anywhere:",
    empty_demo: "Look at simulated logs first:",
    loading: "Loading: what is shown here is not complete yet.",
    no_night: "Rows are stored, but they make no night yet.",
    unscheduled_what: "A night is made of runs that were scheduled, or that repeat one of the day that failed. What says otherwise here is the run id (Airflow: manual__, backfill__) or a word of the context (see [triggers] in the configuration file). This lists the runs:",
    not_fused: "Runs are made by `smartetl fuse` (the setting fuse.mode is scheduled).",
    database_away: "The database does not answer.",
    database_away_text: "smartETL tries again by itself; this page too.",
    not_migrated_text: "Its tables are missing or of another version: `smartetl migrate` brings them to this one, or says why it cannot.",
    reload: "Try again",
    zone: "Times are in",
    intake_trouble: "New logs cannot be stored at the moment; smartETL tries again by itself:",
    fuse_trouble: "Rows are stored, but no runs can be made of them at the moment; smartETL tries again by itself:",
    unreadable: ["path cannot be read", "paths cannot be read"],
    unreadable_title: "Not read, or not to the end",
    unreadable_what: "What is wrong",
    waiting: [
        "file has a last line without end: it is read when it ends, or after an hour of silence",
        "files have a last line without end: they are read when they end, or after an hour of silence",
    ],
    looked: "Version",
    unsettled: [
        "file cannot be read to its end, and was written just now: why is told if it stays so for 10 s",
        "files cannot be read to their end, and were written just now: why is told if they stay so for 10 s",
    ],
    watching: "Watching",
    overlap: [
        "row was there already, from",
        "rows were there already, from",
    ],
    web: "Web",
    with_password: "with its password:",
    stop: "Stop",
    stop_how: "Ctrl-C",
    stopping: "stopping …",
    stopped: "stopped",
    server_goes_on: "stopped; another process goes on using the database server",
    database_back: "the database is back",
    database_gone: "cannot store new logs, trying again",
    fuse_failed: "rows are stored, but no runs can be made of them, trying again",
    fuse_is_back: "runs are made again",
};

static FR: Words = Words {
    title: "La nuit dernière",
    demo: "Démonstration",
    demo_text: "Ces journaux simulés sont ceux d’une entreprise imaginaire. Vos données sont dans une autre base.",
    environment: "Environnement",
    language: "Langue",
    app: "Application web",
    newest: "La nuit la plus récente",
    earlier: "Nuit précédente",
    later: "Nuit suivante",
    usually: "d’habitude",
    causes: "Causes",
    cause: "Cause",
    since: "Depuis",
    jobs_touched: "Jobs touchés",
    to_act: "À traiter par",
    retryable: "relançable",
    none: "aucune",
    no_message: "aucun message n’a été écrit",
    recovered: "rattrapée",
    all_recovered: "rattrapée",
    still_open: "toujours ouverte",
    jobs: "Jobs à regarder",
    job: "Job",
    what: "Ce qui s’est passé",
    when: "Quand",
    all_jobs_fine: "Aucun\u{a0}: tous les jobs ont réussi du premier coup.",
    started: "démarré",
    last_sign: "dernier signe de vie",
    recovered_at: "rattrapé",
    ready_at: "prêt",
    good_before: "avait réussi",
    failed_at: "en échec",
    and_more: ["autre", "autres"],
    sources: "Sources",
    source: "Source",
    last_log: "Derniers journaux",
    stored: "Lu jusqu’ici",
    files: ["fichier", "fichiers"],
    records: ["enregistrement", "enregistrements"],
    rejects: ["ligne rejetée", "lignes rejetées"],
    last_stored: "dernier ajout",
    unmapped: "Contextes dont l’environnement est inconnu",
    unmapped_what: "Dites ce qu’ils signifient sous [environments] dans le fichier de configuration\u{a0}; `smartetl config show` donne son nom.",
    no_context: "(sans contexte)",
    runs: ["exécution", "exécutions"],
    empty_title: "Pas encore de journaux. Trois façons d’en apporter\u{a0}:",
    empty_text: "CSV et Parquet, aussi en .gz et .zst. Les nouveaux fichiers et les nouvelles lignes apparaissent ici en quelques secondes.",
    empty_folder: "Copier des journaux dans le dossier surveillé\u{a0}:",
    empty_load: "Charger des journaux d’ailleurs\u{a0}:",
    empty_demo: "Regarder d’abord des journaux simulés\u{a0}:",
    loading: "Chargement en cours\u{a0}: ce qui est affiché n’est pas encore complet.",
    no_night: "Des lignes sont enregistrées, mais elles ne forment pas encore de nuit.",
    unscheduled_what: "Une nuit est faite d’exécutions planifiées, ou qui relancent une exécution en échec du même jour. Ce qui dit le contraire ici est l’identifiant d’exécution (Airflow\u{a0}: manual__, backfill__) ou un mot du contexte (voir [triggers] dans le fichier de configuration). Cette commande liste les exécutions\u{a0}:",
    not_fused: "Les exécutions sont produites par `smartetl fuse` (le paramètre fuse.mode vaut scheduled).",
    database_away: "La base de données ne répond pas.",
    database_away_text: "smartETL réessaie de lui-même\u{a0}; cette page aussi.",
    not_migrated_text: "Ses tables manquent ou sont d’une autre version\u{a0}: `smartetl migrate` les met à jour, ou dit pourquoi c’est impossible.",
    reload: "Réessayer",
    zone: "Fuseau horaire\u{a0}:",
    intake_trouble: "Les nouveaux journaux ne peuvent pas être enregistrés pour le moment\u{a0}; smartETL réessaie de lui-même\u{a0}:",
    fuse_trouble: "Les lignes sont enregistrées, mais aucune exécution ne peut en être tirée pour le moment\u{a0}; smartETL réessaie de lui-même\u{a0}:",
    unreadable: [
        "chemin ne peut pas être lu",
        "chemins ne peuvent pas être lus",
    ],
    unreadable_title: "Non lu, ou pas jusqu’au bout",
    unreadable_what: "Ce qui ne va pas",
    waiting: [
        "fichier dont la dernière ligne est inachevée\u{a0}: elle sera lue quand elle se terminera, ou après une heure de silence",
        "fichiers dont la dernière ligne est inachevée\u{a0}: elle sera lue quand elle se terminera, ou après une heure de silence",
    ],
    looked: "Version",
    unsettled: [
        "fichier ne peut pas être lu jusqu’au bout et vient d’être écrit\u{a0}: la raison sera donnée si rien ne change en 10\u{a0}s",
        "fichiers ne peuvent pas être lus jusqu’au bout et viennent d’être écrits\u{a0}: la raison sera donnée si rien ne change en 10\u{a0}s",
    ],
    watching: "Surveillance de",
    overlap: [
        "ligne déjà présente, venue de",
        "lignes déjà présentes, venues de",
    ],
    web: "Web",
    with_password: "avec son mot de passe\u{a0}:",
    stop: "Arrêter",
    stop_how: "Ctrl-C",
    stopping: "arrêt en cours…",
    stopped: "arrêté",
    server_goes_on: "arrêté\u{a0}; un autre processus continue d’utiliser le serveur de base de données",
    database_back: "la base de données répond à nouveau",
    database_gone: "impossible d’enregistrer les nouveaux journaux, nouvel essai en cours",
    fuse_failed: "les lignes sont enregistrées, mais aucune exécution ne peut en être tirée, nouvel essai en cours",
    fuse_is_back: "les exécutions sont de nouveau produites",
};

/// How French people set their language.
#[cfg(test)]
pub mod typography {
    /// A blank that may break a line before `:` and its like or inside of « », none at all there, a typewriter's
    /// apostrophe, an English word. What stands between backticks is a command.
    ///
    /// # Panics
    /// When it is not set so: it is for tests.
    pub fn check(text: &str) {
        let prose: String = text.split('`').step_by(2).collect();
        for wrong in [
            " :",
            " ;",
            " !",
            " ?",
            " »",
            "« ",
            "'",
            "\"",
            " logs",
            " log ",
            "…\u{a0}",
        ] {
            assert!(!prose.contains(wrong), "`{wrong}` in {text}");
        }
        let set_off = |part: &str| part.ends_with(['\u{a0}', '\u{202f}']);
        // Inside of a word they are a time, an address, a key of the configuration.
        for mark in [": ", "; ", "! ", "? ", "»"] {
            for (at, _) in prose.match_indices(mark) {
                assert!(set_off(&prose[..at]), "`{mark}` in {text}");
            }
        }
        for mark in [':', ';', '!', '?'] {
            let before = prose.trim_end().strip_suffix(mark);
            assert!(before.is_none_or(set_off), "`{mark}` ends {text}");
        }
        for (at, mark) in prose.match_indices('«') {
            let behind = &prose[at + mark.len()..];
            assert!(behind.starts_with(['\u{a0}', '\u{202f}']), "`«` in {text}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_is_set_as_french_people_set_it() {
        // Names of fields and texts in quotes; the first and the last text is that of a name.
        let words = format!("{FR:?}").replace("\\u{a0}", "\u{a0}");
        let texts: Vec<&str> = words.split('"').skip(1).step_by(2).collect();
        assert!(texts.len() > 50, "{texts:?}");
        texts.into_iter().for_each(typography::check);
        let runs = Unscheduled {
            environment: "PROD".to_owned(),
            manual: 2,
            reprocess: 1,
        };
        typography::check(&no_night(&runs, Lang::Fr));
        let (text, hint) = two_zones("Europe/Paris", "UTC", Lang::Fr);
        typography::check(&text);
        typography::check(&hint);
        let contexts = [(Some("Défaut".to_owned()), 1), (None, 3)];
        let words = ["prod".to_owned()];
        let told = unmapped(&contexts, Some(("PROD", &words)), Lang::Fr).expect("there are some");
        typography::check(&told.0);
        typography::check(&told.1);
        let told = unmapped(&contexts[1..], None, Lang::Fr).expect("there is one");
        typography::check(&told.1);
        let (text, hint) = read_as_utc(Lang::Fr);
        typography::check(text);
        typography::check(hint);
    }

    #[test]
    #[should_panic = "`; `"]
    fn what_is_not_set_off_is_found() {
        typography::check("Rien n’est perdu; tout revient.");
    }

    #[test]
    fn the_browser_chooses() {
        let check =
            |header: &str, lang| assert_eq!(Lang::of_accept_language(header), lang, "{header}");
        check("fr-FR,fr;q=0.9,en;q=0.8", Some(Lang::Fr));
        check("de, en;q=0.5, fr;q=0.7", Some(Lang::Fr));
        check("en, fr", Some(Lang::En));
        check("fr;q=0, en;q=0.1", Some(Lang::En));
        check("de;q=x,;,q=", None);
    }
}
