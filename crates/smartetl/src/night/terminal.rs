//! The night in a terminal.

use super::{
    Lang, Teller, UNSCHEDULED_QUERY, blame, category, last_log, no_night, of_cause, recovered_by,
    sentence, verdict,
};
use crate::output;
use jiff::civil::Date;
use smartetl_core::model::{Blame, Verdict};
use smartetl_store::night::{Cause, Counts, Job, Night, Place, Unscheduled};
use std::fmt::Write as _;

/// More than these are counted only: the page and `smartetl status` list all.
const LISTED: usize = 8;
/// So many places of one cause are named.
const PLACES_LISTED: usize = 3;

/// What the night came to, in about 20 lines of at most `width` characters.
pub fn summary(night: &Night, teller: &Teller, width: usize, colour: bool) -> String {
    let words = teller.lang.words();
    let paint = |text: &str, code: &str| {
        if colour {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    };
    let mut text = String::new();
    let parts: Vec<String> = sentence(night, teller)
        .into_iter()
        .map(|part| part.text)
        .collect();
    let colon = teller.lang.colon();
    let whole = format!("{}{colon} {}", teller.night(night.day), parts.join(" "));
    for line in wrapped(&whole, width) {
        let _ = writeln!(text, "{}", paint(&line, "1"));
    }
    text.push_str("\n  ");
    let environment = format!("{} · ", night.environment);
    let counts: Vec<String> = of_counts(&night.counts)
        .into_iter()
        .filter(|(of, number)| *number > 0 || *of == Verdict::Ok)
        .map(|(of, number)| {
            let usual = match (of, night.usually_ok) {
                (Verdict::Ok, Some(usual)) => {
                    format!(" ({} {})", words.usually, teller.number(usual))
                }
                _ => String::new(),
            };
            let said = format!(
                "{} {}{usual}",
                teller.number(number),
                verdict(of, number, teller.lang)
            );
            paint(&said, shade(of))
        })
        .chain(cancelled(&night.counts, teller))
        .collect();
    let _ = writeln!(text, "{environment}{}", counts.join(" · "));
    if let Some(last) = last_log(night, teller) {
        let _ = writeln!(text, "  {last}");
    }
    for cause in night.causes.iter().take(LISTED) {
        let shade = if cause.open == 0 {
            shade(Verdict::Recovered)
        } else {
            shade(Verdict::Failed)
        };
        let (what, mut rest) = cause_head(cause, teller);
        let issue = of_cause(cause, teller);
        let length = |text: &str| text.chars().count();
        let issue = issue.filter(|issue| {
            let fits = length(&what) + length(&rest) + length(issue) + 5 <= width;
            if fits {
                let _ = write!(rest, " · {issue}");
            }
            !fits
        });
        let _ = writeln!(text, "\n  {}{rest}", paint(&what, shade));
        if let Some(issue) = issue {
            let _ = writeln!(text, "    {}", cut(&issue, width - 4));
        }
        for place in cause.places.iter().take(PLACES_LISTED) {
            let line = place_line(place, cause.open > 0, night, teller);
            let _ = writeln!(text, "    {}", cut(&line, width - 4));
        }
        if cause.places.len() > PLACES_LISTED {
            let more = (cause.places.len() - PLACES_LISTED) as u64;
            let _ = writeln!(text, "    + {}", teller.counted(more, words.and_more));
        }
        let message = cause.message.as_deref().unwrap_or(words.no_message);
        let _ = writeln!(text, "    {}", paint(&cut(message, width - 4), "2"));
    }
    let silent = |job: &&Job| {
        matches!(
            job.verdict,
            Verdict::Lost | Verdict::Unverified | Verdict::Recovered
        )
    };
    let told: Vec<&Job> = night.jobs.iter().filter(silent).collect();
    if !told.is_empty() {
        text.push('\n');
    }
    for job in told.iter().take(LISTED) {
        let when = job_when(job, night.day, teller);
        let line = cut(&format!("{}{colon} {when}", job.job), width - 2);
        let _ = writeln!(text, "  {}", paint(&line, shade(job.verdict)));
    }
    if told.len() > LISTED {
        let more = teller.counted((told.len() - LISTED) as u64, words.and_more);
        let _ = writeln!(text, "  … {more}");
    }
    text
}

/// Why there is no night although there are runs: who started them, and the query that lists them, behind `command`.
pub fn without_night(runs: &[Unscheduled], lang: Lang, command: &str, width: usize) -> String {
    let words = lang.words();
    if runs.is_empty() {
        return format!("{}\n", words.no_night);
    }
    let mut text = String::new();
    let told = runs.iter().map(|runs| no_night(runs, lang));
    for told in told.chain([words.unscheduled_what.to_owned()]) {
        for line in wrapped(&told, width) {
            let _ = writeln!(text, "{line}");
        }
    }
    let _ = writeln!(text, "  {command} {UNSCHEDULED_QUERY}");
    text
}

/// `Connection`, and ` · 3 jobs · to act: platform team · recovered`.
pub fn cause_head(cause: &Cause, teller: &Teller) -> (String, String) {
    let words = teller.lang.words();
    let mut rest = String::new();
    if cause.jobs > 1 {
        let _ = write!(rest, " · {} jobs", teller.number(cause.jobs));
    }
    if let Some(who) = cause.blame {
        let _ = write!(rest, " · {}", act_by(who, teller.lang));
    }
    if cause.open == 0 {
        let _ = write!(rest, " · {}", words.all_recovered);
    }
    let what = initial_upper(category(cause.category, teller.lang));
    (what, rest)
}

/// `to act: platform team`
pub fn act_by(who: Blame, lang: Lang) -> String {
    let (to_act, who) = (lang.words().to_act.to_lowercase(), blame(who, lang));
    match lang {
        Lang::En => format!("{to_act}: {who}"),
        // The words are one phrase.
        Lang::Fr => format!("{to_act} {who}"),
    }
}

/// What is to be said of a job that was recovered, never ended or cannot be verified.
pub fn job_when(job: &Job, day: Date, teller: &Teller) -> String {
    let words = teller.lang.words();
    if let (Verdict::Recovered, Some(at)) = (job.verdict, job.recovered_at) {
        let by = job
            .recovered_by
            .map(|by| format!(" {}", recovered_by(by, teller.lang)));
        let mut said = format!(
            "{} {}{}",
            words.recovered_at,
            teller.at(at, day),
            by.unwrap_or_default()
        );
        for (what, at) in [
            (words.ready_at, job.ready_after()),
            (words.good_before, job.good_before()),
        ] {
            if let Some(at) = at {
                let _ = write!(said, ", {what} {}", teller.at(at, day));
            }
        }
        return said;
    }
    let sign = job.last_event_at.map_or_else(String::new, |at| {
        format!("{} {}", words.last_sign, teller.at(at, day))
    });
    match job.verdict {
        Verdict::Recovered => sign,
        other => format!("{}, {sign}", verdict(other, 1, teller.lang)),
    }
}

/// So many jobs that were kept from being started are named in a line.
const BLOCKED_NAMED: usize = 4;

/// `02:14 read_orders › tDBInput_1 in load_orders, load_stock + 3 → never started: send_orders`
///
/// `open`: the cause is; places that are not are then told apart.
pub fn place_line(place: &Place, open: bool, night: &Night, teller: &Teller) -> String {
    let names = [place.job.as_deref(), place.step.as_deref()];
    let names: Vec<&str> = names.into_iter().flatten().collect();
    let at = teller.in_night(place.first_at, night.day);
    let mut line = format!("{at} {}", names.join(" › "));
    if !place.roots.is_empty() {
        let within = teller.lang.pick("in", "dans");
        let _ = write!(line, " {within} {}", place.roots.join(", "));
    }
    if place.roots_more > 0 {
        let _ = write!(line, " + {}", teller.number(place.roots_more));
    }
    line.push_str(&never_started(place, teller));
    if place.open == 0 && open {
        let _ = write!(line, " · {}", teller.lang.words().recovered);
    }
    line
}

/// ` → never started: send_orders`; nothing where it kept no job from being started.
pub fn never_started(place: &Place, teller: &Teller) -> String {
    if place.blocked.is_empty() {
        return String::new();
    }
    let named = place.blocked.len().min(BLOCKED_NAMED);
    let number = place.blocked.len() as i64;
    let french = Lang::Fr.plural(number, "non démarré", "non démarrés");
    let mut text = format!(
        " → {}{} {}",
        teller.lang.pick("never started", french),
        teller.lang.colon(),
        place.blocked[..named].join(", ")
    );
    if let Some(more @ 1..) = place.blocked.len().checked_sub(named) {
        let _ = write!(text, " + {}", teller.number(more as i64));
    }
    text
}

/// In the order in which they are told.
pub fn of_counts(counts: &Counts) -> [(Verdict, i64); 6] {
    [
        (Verdict::Ok, counts.ok),
        (Verdict::Recovered, counts.recovered),
        (Verdict::Failed, counts.failed),
        (Verdict::Lost, counts.lost),
        (Verdict::Running, counts.running),
        (Verdict::Unverified, counts.unverified),
    ]
}

/// `1 cancelled or skipped`; nothing where none was.
pub fn cancelled(counts: &Counts, teller: &Teller) -> Option<String> {
    let lang = teller.lang;
    let word = match lang {
        Lang::En => "cancelled or skipped",
        Lang::Fr => lang.plural(counts.cancelled, "annulé ou ignoré", "annulés ou ignorés"),
    };
    (counts.cancelled > 0).then(|| format!("{} {word}", teller.number(counts.cancelled)))
}

/// The colours of the web page as far as terminals have them.
pub fn shade(of: Verdict) -> &'static str {
    match of {
        Verdict::Ok => "32",
        Verdict::Recovered => "33",
        Verdict::Failed => "31",
        Verdict::Lost => "35",
        Verdict::Running => "34",
        Verdict::Unverified => "90",
    }
}

pub fn initial_upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// One line without control characters (a message could steer the terminal), with `…` where it was cut.
pub fn cut(text: &str, width: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    let mut pending = false;
    for character in text.chars() {
        let ends_word = character.is_whitespace() && !matches!(character, '\u{a0}' | '\u{202f}');
        if output::steers(character) || ends_word {
            pending = length > 0;
            continue;
        }
        if length + usize::from(pending) >= width {
            line.pop();
            line.push('…');
            break;
        }
        if std::mem::take(&mut pending) {
            line.push(' ');
            length += 1;
        }
        line.push(character);
        length += 1;
    }
    line
}

/// Lines of at most `width` characters, as far as words allow, without control characters.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
    for word in output::phrases(text).map(|word| word.strip_suffix(' ').unwrap_or(word)) {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.extend(word.chars().filter(|character| !output::steers(*character)));
        used += length;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> smartetl_core::model::Moment {
        let at: jiff::Timestamp = text.parse().expect("a moment");
        smartetl_core::model::Moment(at.as_microsecond())
    }

    #[test]
    fn who_must_act_is_part_of_a_phrase_in_french() {
        let night = Night {
            environment: "PROD".to_owned(),
            environments: Vec::new(),
            day: jiff::civil::date(2026, 11, 23),
            before: None,
            after: None,
            counts: Counts {
                jobs: 3,
                ok: 1,
                failed: 1,
                lost: 1,
                ..Counts::default()
            },
            usually_ok: None,
            causes: vec![smartetl_store::night::Cause {
                category: smartetl_core::model::Category::Connection,
                blame: Some(smartetl_core::model::Blame::Platform),
                retryable: None,
                message: None,
                jobs: 1,
                open: 1,
                places: vec![Place {
                    job: Some("load_stock".to_owned()),
                    step: None,
                    first_at: at("2026-10-01T02:14:00Z"),
                    open: 1,
                    roots: Vec::new(),
                    roots_more: 1,
                    blocked: Vec::new(),
                    lost_ms: 0,
                    issue: None,
                }],
            }],
            jobs: vec![Job {
                project: None,
                job: "load_sales".to_owned(),
                verdict: Verdict::Lost,
                first_failure_at: None,
                again: None,
                recovered_at: None,
                recovered_by: None,
                ready_at: None,
                category: None,
                blame: None,
                cause_job: None,
                cause_step: None,
                started_at: None,
                last_event_at: Some(at("2026-11-23T02:20:00Z")),
            }],
            last_event_at: Some(at("2026-11-23T06:58:00Z")),
        };
        let told = |lang| {
            let teller = Teller {
                lang,
                zone: jiff::tz::TimeZone::UTC,
                now: "2026-11-23T07:00:00Z".parse().expect("a moment"),
            };
            summary(&night, &teller, 200, false)
        };
        assert_eq!(
            told(Lang::Fr),
            "Nuit du 22 au 23 novembre\u{a0}: 1 job sur 3 en échec, une seule cause\u{a0}: connexion, dans load_stock le \
             1er oct. à 02:14. 1 sans fin.\n\n  \
             PROD · 1 réussi · 1 en échec · 1 sans fin\n  \
             Derniers journaux reçus\u{a0}: 06:58 (il y a 2 min)\n\n  \
             Connexion · à traiter par l’équipe infrastructure\n    \
             1er oct. 02:14 load_stock + 1\n    \
             aucun message n’a été écrit\n\n  \
             load_sales\u{a0}: sans fin, dernier signe de vie à 02:20\n"
        );
        assert!(told(Lang::En).contains("Connection · to act: platform team\n"));
    }

    #[test]
    fn a_success_before_the_failure_is_not_when_the_job_became_ready() {
        let told = |ready: &str, lang| {
            let job = Job {
                project: None,
                job: "load_trucks".to_owned(),
                verdict: Verdict::Recovered,
                first_failure_at: Some(at("2026-11-23T09:27:00Z")),
                again: None,
                recovered_at: Some(at("2026-11-23T10:32:00Z")),
                recovered_by: None,
                ready_at: Some(at(ready)),
                category: None,
                blame: None,
                cause_job: None,
                cause_step: None,
                started_at: None,
                last_event_at: None,
            };
            let teller = Teller {
                lang,
                zone: jiff::tz::TimeZone::UTC,
                now: at("2026-11-23T11:00:00Z").timestamp(),
            };
            job_when(&job, jiff::civil::date(2026, 11, 23), &teller)
        };
        let before = "2026-11-23T06:32:00Z";
        assert_eq!(
            told(before, Lang::En),
            "recovered at 10:32, had succeeded at 06:32"
        );
        assert_eq!(
            told(before, Lang::Fr),
            "rattrapé à 10:32, avait réussi à 06:32"
        );
        assert_eq!(
            told("2026-11-23T10:40:00Z", Lang::En),
            "recovered at 10:32, ready at 10:40"
        );
        assert_eq!(told("2026-11-23T10:32:00Z", Lang::En), "recovered at 10:32");
    }

    #[test]
    fn messages_cannot_steer_the_terminal() {
        assert_eq!(cut("a\x1b[31m\r\n  b\u{7}c", 80), "a [31m b c");
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("", 4), "");
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
    }
}
