//! What a proposal says to people, in both languages.

use super::shape::{Missing, Shape};

/// The language of comments and questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    En,
    Fr,
}

impl Lang {
    pub fn pick(self, english: &'static str, french: &'static str) -> &'static str {
        match self {
            Self::En => english,
            Self::Fr => french,
        }
    }

    /// `97 %`
    pub fn percent(self, confidence: f64) -> String {
        let number = percent(confidence);
        match self {
            Self::En => format!("{number} %"),
            Self::Fr => format!("{number}\u{a0}%"),
        }
    }
}

/// A text for a comment or a line on the terminal: signs that end lines or steer terminals are blanks.
pub fn one_line(text: &str) -> String {
    let steers = |sign: char| sign.is_control() || matches!(sign, '\u{2028}' | '\u{2029}');
    text.chars()
        .map(|sign| if steers(sign) { ' ' } else { sign })
        .collect()
}

/// 1 to 99: nothing is sure, and what was given is not impossible.
pub fn percent(confidence: f64) -> u8 {
    (confidence * 100.0).round().clamp(1.0, 99.0) as u8
}

impl Shape {
    /// What such a table is.
    pub fn describe(self, lang: Lang) -> &'static str {
        match self {
            Self::Events => lang.pick(
                "run log, one record for each begin and each end",
                "journal des exécutions, un enregistrement par début et par fin",
            ),
            Self::Runs => lang.pick(
                "run log, one record for each run or step",
                "journal des exécutions, un enregistrement par exécution ou étape",
            ),
            Self::Ends => lang.pick(
                "run log, one record for each end",
                "journal des exécutions, un enregistrement par fin",
            ),
            Self::Errors => lang.pick("error log", "journal des erreurs"),
            Self::Metrics => lang.pick("metrics", "mesures"),
        }
    }
}

impl Missing {
    /// Why a table is no log.
    pub fn describe(&self, lang: Lang) -> String {
        let nearest = |nearest: &Option<String>| match (nearest, lang) {
            (None, _) => String::new(),
            (Some(column), Lang::En) => format!("; `{column}` came nearest"),
            (Some(column), Lang::Fr) => format!("\u{a0}; `{column}` en est la plus proche"),
        };
        match self {
            Self::Times => lang
                .pick("no column holds times", "aucune colonne ne contient d’heures")
                .to_owned(),
            Self::Runs { nearest: column } => {
                let reason = lang.pick(
                    "no column tells runs apart",
                    "aucune colonne ne distingue les exécutions",
                );
                format!("{reason}{}", nearest(column))
            }
            Self::Jobs { run, shared: Some(shared), .. } if *shared > 0 => match lang {
                Lang::En => format!(
                    "no column names the job of each record; {shared} % of its runs (`{run}`) are in the run log, \
                     so export the job beside them"
                ),
                Lang::Fr => format!(
                    "aucune colonne ne nomme le job de chaque enregistrement\u{a0}; {shared}\u{a0}% de ses exécutions (`{run}`) sont dans \
                     le journal des exécutions\u{a0}: exportez le job à côté"
                ),
            },
            Self::Jobs { nearest: column, .. } => {
                let reason = lang.pick("no column names jobs", "aucune colonne ne nomme les jobs");
                format!("{reason}{}", nearest(column))
            }
            Self::Meaning => lang
                .pick(
                    "no column says that something began, ended or failed, as a log of jobs does",
                    "aucune colonne ne dit que quelque chose a commencé, fini ou échoué, comme le fait un journal de jobs",
                )
                .to_owned(),
            Self::Names { first } => {
                let names = first.join(", ");
                match lang {
                    Lang::En => format!("something stands above the names of its columns ({names}, …): delete it"),
                    Lang::Fr => format!("quelque chose précède les noms de ses colonnes ({names}, …)\u{a0}: supprimez-le"),
                }
            }
        }
    }
}
