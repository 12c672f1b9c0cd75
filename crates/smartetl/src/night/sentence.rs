//! The one sentence that a person would say about a night.

use super::{Lang, Teller, cancelled, category};
use smartetl_core::model::Category;
use smartetl_store::night::{Cause, Night};

/// How a part of the sentence is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    /// Somebody should look.
    Bad,
    /// Said besides.
    Quiet,
}

impl Tone {
    pub const ALL: &'static [Self] = &[Self::Plain, Self::Bad, Self::Quiet];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Bad => "bad",
            Self::Quiet => "quiet",
        }
    }
}

/// A part of the sentence; parts are joined by blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub tone: Tone,
    pub text: String,
}

/// The sentence, without the name of the night.
pub fn sentence(night: &Night, teller: &Teller) -> Vec<Part> {
    let counts = &night.counts;
    let lang = teller.lang;
    let (jobs, failed) = (teller.number(counts.jobs), counts.failed);
    let mut parts = Vec::new();
    let mut say = |tone: Tone, text: String| parts.push(Part { tone, text });
    let others = counts.lost + counts.running + counts.unverified + counts.cancelled;
    if failed > 0 {
        let how_many = teller.number(failed);
        let causes = causes(night, teller);
        let punctuation = if causes.is_empty() { "." } else { "," };
        say(
            Tone::Bad,
            match (lang, counts.jobs) {
                (Lang::En, 1) => format!("the only job failed{punctuation}"),
                (Lang::Fr, 1) => format!("le seul job est en échec{punctuation}"),
                (Lang::En, _) => format!("{how_many} of {jobs} jobs failed{punctuation}"),
                (Lang::Fr, _) => format!(
                    "{how_many} {} sur {jobs} en échec{punctuation}",
                    lang.plural(failed, "job", "jobs")
                ),
            },
        );
        if !causes.is_empty() {
            say(Tone::Plain, causes);
        }
    } else if others == 0 {
        say(
            Tone::Plain,
            match (lang, counts.jobs) {
                (Lang::En, 1) => "the only job succeeded.".to_owned(),
                (Lang::Fr, 1) => "le seul job a réussi.".to_owned(),
                (Lang::En, 2) => "both jobs succeeded.".to_owned(),
                (Lang::En, _) => format!("all {jobs} jobs succeeded."),
                (Lang::Fr, _) => format!("les {jobs} jobs ont réussi."),
            },
        );
    } else {
        let good = counts.ok + counts.recovered;
        let number = teller.number(good);
        say(
            Tone::Plain,
            match lang {
                Lang::En => format!("{number} of {jobs} jobs succeeded, none failed."),
                Lang::Fr => format!(
                    "{number} {} sur {jobs} {}, aucun en échec.",
                    lang.plural(good, "job", "jobs"),
                    lang.plural(good, "réussi", "réussis")
                ),
            },
        );
    }
    if counts.lost > 0 {
        let number = teller.number(counts.lost);
        say(
            Tone::Bad,
            match lang {
                Lang::En => format!("{number} never ended."),
                Lang::Fr => format!("{number} sans fin."),
            },
        );
    }
    if counts.unverified > 0 {
        let number = teller.number(counts.unverified);
        say(
            Tone::Bad,
            match lang {
                Lang::En => format!("{number} cannot be verified: no more logs arrive."),
                Lang::Fr => {
                    let word = lang.plural(counts.unverified, "non vérifiable", "non vérifiables");
                    format!("{number} {word}\u{a0}: plus aucun journal n’arrive.")
                }
            },
        );
    }
    if counts.running > 0 {
        let number = teller.number(counts.running);
        say(
            Tone::Plain,
            match lang {
                Lang::En => format!(
                    "{number} {} running.",
                    lang.plural(counts.running, "is", "are")
                ),
                Lang::Fr => format!("{number} en cours."),
            },
        );
    }
    if let Some(told) = cancelled(counts, teller) {
        say(Tone::Plain, format!("{told}."));
    }
    if counts.recovered > 0 {
        let number = teller.number(counts.recovered);
        say(
            Tone::Quiet,
            match lang {
                Lang::En => format!(
                    "{number} failed first and {} recovered.",
                    lang.plural(counts.recovered, "was", "were")
                ),
                Lang::Fr => format!(
                    "{number} {} après un échec.",
                    lang.plural(counts.recovered, "rattrapé", "rattrapés")
                ),
            },
        );
    }
    parts
}

/// `one cause: connection, in load_stock at 02:14.`
fn causes(night: &Night, teller: &Teller) -> String {
    let open: Vec<&Cause> = night.causes.iter().filter(|cause| cause.open > 0).collect();
    let Some(first) = open.first() else {
        return String::new();
    };
    let what = match (first.category, teller.lang) {
        (Category::Unknown, Lang::En) => "not classified".to_owned(),
        (Category::Unknown, Lang::Fr) => "non classée".to_owned(),
        (known, lang) => category(known, lang).to_owned(),
    };
    let Some(place) = first.places.first() else {
        return String::new();
    };
    let several = first.jobs_struck() > 1;
    let jobs = teller.number(first.open);
    let at = teller.at(place.first_at, night.day);
    let place = match (&place.job, teller.lang) {
        (Some(job), Lang::En) if several => format!(", {jobs} jobs, first in {job}"),
        (Some(job), Lang::Fr) if several => format!(", {jobs} jobs, d’abord dans {job}"),
        (Some(job), Lang::En) => format!(", in {job}"),
        (Some(job), Lang::Fr) => format!(", dans {job}"),
        (None, _) => String::new(),
    };
    let many = teller.number(open.len() as i64);
    match (teller.lang, open.len()) {
        (Lang::En, 1) => format!("one cause: {what}{place} {at}."),
        (Lang::Fr, 1) => format!("une seule cause\u{a0}: {what}{place} {at}."),
        (Lang::En, _) => format!("{many} causes; the first: {what}{place} {at}."),
        (Lang::Fr, _) => format!("{many} causes\u{a0}; la première\u{a0}: {what}{place} {at}."),
    }
}

/// `Last log received at 07:58 (5 min ago)`.
pub fn last_log(night: &Night, teller: &Teller) -> Option<String> {
    let at = teller.moment_and_age(night.last_event_at?);
    Some(match teller.lang {
        Lang::En => format!("Last log received: {at}"),
        Lang::Fr => format!("Derniers journaux reçus\u{a0}: {at}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use jiff::tz::TimeZone;
    use smartetl_core::model::Moment;
    use smartetl_store::night::Counts;
    use smartetl_store::night::Place;

    fn place(job: &str) -> Place {
        Place {
            job: Some(job.to_owned()),
            step: None,
            first_at: Moment(
                "2026-11-23T02:14:00Z"
                    .parse::<jiff::Timestamp>()
                    .expect("a moment")
                    .as_microsecond(),
            ),
            open: 1,
            roots: Vec::new(),
            roots_more: 0,
            blocked: Vec::new(),
            lost_ms: 0,
            issue: None,
        }
    }

    fn check(counts: Counts, causes: usize, en: &str, fr: &str) {
        check_in(counts, causes, &["load_stock"], en, fr);
    }

    fn check_in(counts: Counts, causes: usize, struck: &[&str], en: &str, fr: &str) {
        let cause = Cause {
            category: Category::Connection,
            blame: None,
            retryable: None,
            message: None,
            jobs: struck.len() as i64,
            open: struck.len() as i64,
            places: struck.iter().map(|job| place(job)).collect(),
        };
        let night = Night {
            environment: "PROD".to_owned(),
            environments: Vec::new(),
            day: date(2026, 11, 23),
            before: None,
            after: None,
            counts,
            usually_ok: None,
            causes: vec![cause; causes],
            jobs: Vec::new(),
            last_event_at: None,
        };
        for (lang, expected) in [(Lang::En, en), (Lang::Fr, fr)] {
            let teller = Teller {
                lang,
                zone: TimeZone::UTC,
                now: "2026-11-23T07:00:00Z".parse().expect("a moment"),
            };
            let parts = sentence(&night, &teller);
            let text: Vec<_> = parts.iter().map(|part| part.text.as_str()).collect();
            assert_eq!(text.join(" "), expected);
        }
    }

    #[test]
    fn one_cause_in_several_jobs() {
        let counts = Counts {
            jobs: 9,
            ok: 6,
            failed: 3,
            ..Counts::default()
        };
        let struck = ["load_stock", "load_crm", "load_stock"];
        check_in(
            counts,
            1,
            &struck,
            "3 of 9 jobs failed, one cause: connection, 3 jobs, first in load_stock at 02:14.",
            "3 jobs sur 9 en échec, une seule cause\u{a0}: connexion, 3 jobs, d’abord dans load_stock à 02:14.",
        );
    }

    #[test]
    fn sentences() {
        check(
            Counts {
                jobs: 214,
                ok: 208,
                recovered: 2,
                failed: 3,
                lost: 1,
                ..Counts::default()
            },
            1,
            "3 of 214 jobs failed, one cause: connection, in load_stock at 02:14. 1 never ended. 2 failed first and were recovered.",
            "3 jobs sur 214 en échec, une seule cause\u{a0}: connexion, dans load_stock à 02:14. 1 sans fin. 2 rattrapés après un échec.",
        );
        check(
            Counts {
                jobs: 5,
                ok: 2,
                failed: 2,
                unverified: 1,
                ..Counts::default()
            },
            2,
            "2 of 5 jobs failed, 2 causes; the first: connection, in load_stock at 02:14. 1 cannot be verified: no more logs arrive.",
            "2 jobs sur 5 en échec, 2 causes\u{a0}; la première\u{a0}: connexion, dans load_stock à 02:14. 1 non vérifiable\u{a0}: plus aucun journal n’arrive.",
        );
        check(
            Counts {
                jobs: 1_214,
                ok: 1_214,
                ..Counts::default()
            },
            0,
            "all 1,214 jobs succeeded.",
            "les 1\u{202f}214 jobs ont réussi.",
        );
        check(
            Counts {
                jobs: 3,
                ok: 1,
                running: 2,
                ..Counts::default()
            },
            0,
            "1 of 3 jobs succeeded, none failed. 2 are running.",
            "1 job sur 3 réussi, aucun en échec. 2 en cours.",
        );
        check(
            Counts {
                jobs: 3,
                lost: 3,
                ..Counts::default()
            },
            0,
            "0 of 3 jobs succeeded, none failed. 3 never ended.",
            "0 job sur 3 réussi, aucun en échec. 3 sans fin.",
        );
        check(
            Counts {
                jobs: 4,
                ok: 2,
                cancelled: 2,
                ..Counts::default()
            },
            0,
            "2 of 4 jobs succeeded, none failed. 2 cancelled or skipped.",
            "2 jobs sur 4 réussis, aucun en échec. 2 annulés ou ignorés.",
        );
        check(
            Counts {
                jobs: 2,
                ok: 2,
                ..Counts::default()
            },
            0,
            "both jobs succeeded.",
            "les 2 jobs ont réussi.",
        );
        check(
            Counts {
                jobs: 1,
                failed: 1,
                ..Counts::default()
            },
            0,
            "the only job failed.",
            "le seul job est en échec.",
        );
    }
}
