//! What could not be told, as questions to a person.

use super::role::Role;
use super::text::Lang;

/// A question about a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Times without zone.
    Zone { zone: String, given: bool },
    /// The same where nobody chose a zone.
    NoZone { zone: String },
    /// Day and month are both at most 12 everywhere.
    DayOrMonth { column: String },
    /// A word of a vocabulary that nobody knows.
    Word {
        column: String,
        key: &'static str,
        word: String,
        records: u32,
        /// The meaning that the other columns of these records speak for.
        perhaps: Option<&'static str>,
    },
    /// A number whose unit nothing says.
    Unit { column: String, taken: &'static str },
    /// The name of a duration says another unit than the times between begin and end; numbers may have groups of thousands.
    OtherUnit {
        column: String,
        taken: &'static str,
        named: &'static str,
    },
    /// Another column is nearly as good.
    Close {
        role: Role,
        taken: String,
        other: String,
    },
    /// A role that was given with little evidence.
    Unsure { role: Role, taken: String },
    /// A column goes nowhere that could be something.
    Unused { role: Role, column: String },
    /// Runs end, and no column says how.
    NoStatus,
    /// No column says the environment.
    NoEnvironment,
    /// Contexts in which no environment is named.
    Contexts { column: String, words: Vec<String> },
    /// A column names parents, none the root of the tree.
    NoRoot { parent: String },
    /// The error log has few runs of the run log.
    FewShared { percent: u8 },
    /// No column of the error log says something by which the run log's runs are known. Without the environment an error does not find
    /// its run; without the root it is found by its moment.
    Apart { role: Role },
    /// No column tells runs apart; the begin does instead.
    RunByBegin { column: String },
    /// Times of one table are of two forms.
    TwoForms { one: String, other: String },
    /// Begin and end are hours of one day, and some runs pass midnight.
    NextDay { column: String },
    /// Nothing says the hour of a time.
    OnlyDays { column: String },
    /// The one time that there is was taken as the end; its name says begin, or a duration stands beside it.
    TakenAsEnd { column: String, is_begin: bool },
    /// The durations of most records are not the times between begin and end.
    Contradicted { column: String },
}

impl Question {
    /// Whether what comes out is incomplete or wrong until it is answered.
    pub fn is_grave(&self) -> bool {
        matches!(
            self,
            Self::Word { .. }
                | Self::TwoForms { .. }
                | Self::TakenAsEnd { is_begin: true, .. }
                | Self::Contradicted { .. }
                | Self::Apart {
                    role: Role::Environment
                }
        )
    }

    /// For a person, in one paragraph.
    pub fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.english(),
            Lang::Fr => self.french(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Zone { zone, given: true } => {
                format!("The times name no zone: they are read as local times of {zone}, as --timezone says. Is that where they were written?")
            }
            Self::Zone { zone, given: false } => {
                format!("In which zone were the times written? They name none; they are read as {zone}, the setting `timezone`. Change `zone` where that is wrong.")
            }
            Self::NoZone { zone } => {
                format!("In which zone were the times written? They name none, and nobody chose one: until `zone` says it, they are read in the setting `timezone`, here {zone}.")
            }
            Self::DayOrMonth { column } => {
                format!("Does the day or the month come first in `{column}`? No value tells; the day was taken. Change `time_format` to \"mdy\" where that is wrong.")
            }
            Self::Word { column, key, word, records, perhaps } => {
                let perhaps = perhaps.map_or_else(String::new, |meaning| format!(" It looks like \"{meaning}\"."));
                let records = counted(*records);
                format!("What does `{word}` in `{column}` mean ({records})?{perhaps} Until [vocabulary.{key}] says so, these records are rejects.")
            }
            Self::Unit { column, taken } => {
                format!("In which unit is `{column}`? Nothing proves it; \"{taken}\" was taken.")
            }
            Self::OtherUnit { column, taken, named } => {
                format!("In which unit is `{column}`? Its name says \"{named}\", the times between begin and end say \"{taken}\", which was taken. A number like `600,000` may be 600 or 600 thousand.")
            }
            Self::Close { role, taken, other } => {
                format!("Is `{}` the column `{taken}` or `{other}`? Both look like it; `{taken}` was taken.", role.as_str())
            }
            Self::Unsure { role, taken } => {
                format!("Is `{taken}` really {}? Little speaks for it.", role.as_str())
            }
            Self::Unused { role, column } => {
                format!("Is `{column}` {}? It could be; it is not used.", role.as_str())
            }
            Self::NoStatus => {
                "Which column says whether a run succeeded? None was found: whatever ended counts as a success unless an error of it is known.".to_owned()
            }
            Self::NoEnvironment => {
                "Which environment are these logs of? No column and no folder says it: give --environment when you load, or add `environment` to [run].".to_owned()
            }
            Self::Contexts { column, words } => {
                format!("Which environment do these words of `{column}` mean: {}? None is in the setting `environments`; their runs will be UNMAPPED.", words.join(", "))
            }
            Self::NoRoot { parent } => {
                format!("Which column names the run at the top of a tree? `{parent}` names parents only: runs below others will stand alone.")
            }
            Self::FewShared { percent } => {
                format!("Do these files belong together? Only {percent} % of the runs named here are in the run log.")
            }
            Self::Apart { role: Role::Root } => {
                "Does no column say `root_run_id`? The run log has it, this table does not: each error goes to the run of its id and job that is nearest in time, at most 24 hours away. Where ids come back sooner, export this table with the root beside each run.".to_owned()
            }
            Self::Apart { role } => {
                format!("Which column says `{}`? The run log has it, this table does not: its errors will stand apart from their runs.", role.as_str())
            }
            Self::RunByBegin { column } => {
                format!("Which column tells runs apart? None does; `{column}` was taken, which is different for each run of a job.")
            }
            Self::TwoForms { one, other } => {
                format!("Which of `{one}` and `{other}` matters? Their times are written in different forms, and a mapping reads one form.")
            }
            Self::NextDay { column } => {
                format!("Is `{column}` the day of the begin? Some runs pass midnight: their end is read as one of the next day.")
            }
            Self::OnlyDays { column } => {
                format!("Which column says the hour? `{column}` holds days alone, which are read as midnight.")
            }
            Self::TakenAsEnd { column, is_begin: true } => {
                format!("When did the runs end? `{column}` was taken as the end because no other column holds times, but its name says begin. Export the end or the duration as well.")
            }
            Self::TakenAsEnd { column, is_begin: false } => {
                format!("Is `{column}` when runs ended? That was taken. Where it is when they began, `moment` is `{{ column = \"{column}\", plus = … }}` with the column of the duration.")
            }
            Self::Contradicted { column } => {
                format!("Are begin and end read right? `{column}` says other durations for most records than the times between them.")
            }
        }
    }

    fn french(&self) -> String {
        match self {
            Self::Zone { zone, given: true } => {
                format!("Les heures n’indiquent aucun fuseau\u{a0}: elles sont lues comme heures locales ({zone}), selon --timezone. Est-ce là qu’elles ont été écrites\u{a0}?")
            }
            Self::Zone { zone, given: false } => {
                format!("Dans quel fuseau les heures ont-elles été écrites\u{a0}? Elles n’en indiquent aucun\u{a0}; elles sont lues comme {zone}, d’après le paramètre `timezone`. Changez `zone` si c’est faux.")
            }
            Self::NoZone { zone } => {
                format!("Dans quel fuseau les heures ont-elles été écrites\u{a0}? Elles n’en indiquent aucun et personne n’en a choisi\u{a0}: tant que `zone` ne le dit pas, elles sont lues selon le paramètre `timezone`, ici {zone}.")
            }
            Self::DayOrMonth { column } => {
                format!("Dans `{column}`, le jour ou le mois vient-il en premier\u{a0}? Aucune valeur ne le montre\u{a0}; le jour a été retenu. Mettez \"mdy\" dans `time_format` si c’est faux.")
            }
            Self::Word { column, key, word, records, perhaps } => {
                let perhaps = perhaps.map_or_else(String::new, |meaning| format!(" Cela ressemble à \"{meaning}\"."));
                let records = comptes(*records);
                format!("Que veut dire `{word}` dans `{column}` ({records})\u{a0}?{perhaps} Tant que [vocabulary.{key}] ne le dit pas, ces enregistrements sont rejetés.")
            }
            Self::Unit { column, taken } => {
                format!("Dans quelle unité est `{column}`\u{a0}? Rien ne le prouve\u{a0}; \"{taken}\" a été retenu.")
            }
            Self::OtherUnit { column, taken, named } => {
                format!("Dans quelle unité est `{column}`\u{a0}? Son nom dit \"{named}\", les durées entre début et fin disent \"{taken}\", qui a été retenu. Un nombre comme `600,000` peut valoir 600 ou 600 mille.")
            }
            Self::Close { role, taken, other } => {
                format!("La colonne de `{}` est-elle `{taken}` ou `{other}`\u{a0}? Les deux y ressemblent\u{a0}; `{taken}` a été retenue.", role.as_str())
            }
            Self::Unsure { role, taken } => {
                format!("`{taken}` est-elle bien {}\u{a0}? Peu d’indices le montrent.", role.as_str())
            }
            Self::Unused { role, column } => {
                format!("`{column}` est-elle {}\u{a0}? C’est possible\u{a0}; elle n’est pas utilisée.", role.as_str())
            }
            Self::NoStatus => {
                "Quelle colonne dit si une exécution a réussi\u{a0}? Aucune n’a été trouvée\u{a0}: ce qui a fini compte comme réussi, sauf erreur connue.".to_owned()
            }
            Self::NoEnvironment => {
                "De quel environnement sont ces journaux\u{a0}? Ni colonne ni dossier ne le dit\u{a0}: donnez --environment au chargement, ou ajoutez `environment` à [run].".to_owned()
            }
            Self::Contexts { column, words } => {
                format!("Quel environnement désignent ces mots de `{column}`\u{a0}: {}\u{a0}? Aucun n’est dans le paramètre `environments`\u{a0}; leurs exécutions seront UNMAPPED.", words.join(", "))
            }
            Self::NoRoot { parent } => {
                format!("Quelle colonne nomme l’exécution au sommet de l’arbre\u{a0}? `{parent}` ne nomme que les parents\u{a0}: les exécutions filles resteront isolées.")
            }
            Self::FewShared { percent } => {
                format!("Ces fichiers vont-ils ensemble\u{a0}? Seulement {percent}\u{a0}% des exécutions nommées ici sont dans le journal des exécutions.")
            }
            Self::Apart { role: Role::Root } => {
                "Aucune colonne ne dit-elle `root_run_id`\u{a0}? Le journal des exécutions l’a, cette table non\u{a0}: chaque erreur va à l’exécution de même identifiant et de même job la plus proche dans le temps, à 24 heures au plus. Si les identifiants reviennent plus tôt, exportez cette table avec la racine de chaque exécution.".to_owned()
            }
            Self::Apart { role } => {
                format!("Quelle colonne dit `{}`\u{a0}? Le journal des exécutions l’a, cette table non\u{a0}: ses erreurs resteront séparées de leurs exécutions.", role.as_str())
            }
            Self::RunByBegin { column } => {
                format!("Quelle colonne distingue les exécutions\u{a0}? Aucune\u{a0}; `{column}` a été retenue, qui diffère à chaque exécution d’un job.")
            }
            Self::TwoForms { one, other } => {
                format!("De `{one}` et `{other}`, laquelle compte\u{a0}? Leurs heures sont écrites sous deux formes, et une correspondance n’en lit qu’une.")
            }
            Self::NextDay { column } => {
                format!("`{column}` est-elle le jour du début\u{a0}? Des exécutions passent minuit\u{a0}: leur fin est lue au lendemain.")
            }
            Self::OnlyDays { column } => {
                format!("Quelle colonne dit l’heure\u{a0}? `{column}` ne contient que des jours, lus comme minuit.")
            }
            Self::TakenAsEnd { column, is_begin: true } => {
                format!("Quand les exécutions ont-elles fini\u{a0}? `{column}` a été retenue comme fin faute d’autre colonne d’heures, mais son nom dit début. Exportez aussi la fin ou la durée.")
            }
            Self::TakenAsEnd { column, is_begin: false } => {
                format!("`{column}` est-elle l’heure de fin\u{a0}? C’est ce qui a été retenu. Si c’est le début, `moment` est `{{ column = \"{column}\", plus = … }}` avec la colonne de la durée.")
            }
            Self::Contradicted { column } => {
                format!("Le début et la fin sont-ils bien lus\u{a0}? `{column}` donne, pour la plupart des enregistrements, une autre durée que celle qui les sépare.")
            }
        }
    }
}

fn counted(records: u32) -> String {
    match records {
        1 => "1 record".to_owned(),
        more => format!("{more} records"),
    }
}

fn comptes(records: u32) -> String {
    match records {
        0 | 1 => format!("{records} enregistrement"),
        more => format!("{more} enregistrements"),
    }
}
