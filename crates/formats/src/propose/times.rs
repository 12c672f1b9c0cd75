//! Which columns say when things began, ended or were, and what their times leave open.

use super::measure;
use super::profile::Profile;
use super::question::Question;
use super::relations::{are_of_one_day, follows, moments, past_midnight};
use super::role::Role;
use super::scene::{Scene, together};
use super::shape::{Assigned, Taken};
use crate::moment::MomentFormat;

/// The two columns that are begin and end in each record, and whether their names say so.
pub fn begin_and_end(scene: &Scene<'_>) -> Option<(Assigned, Assigned, bool)> {
    let mut best: Option<(f64, Assigned, Assigned, bool)> = None;
    let all: Vec<(usize, Vec<Option<i64>>)> = scene
        .columns()
        .filter_map(|at| {
            let times = scene.profiles[at].times.as_ref()?;
            Some((at, moments(scene.column(at), times)))
        })
        .collect();
    for (begin, begins) in &all {
        for (end, ends) in &all {
            let (first, second) = (&scene.profiles[*begin], &scene.profiles[*end]);
            if begin == end || first.is_day != second.is_day {
                continue;
            }
            let (names_begin, names_end) =
                (first.name.fits(Role::Begin), second.name.fits(Role::End));
            let named = names_begin >= 0.6 && names_end >= 0.6;
            let (shifted, is_some) = past_midnight(begins, ends);
            let are_of_one_day = are_of_one_day(scene, *begin, *end);
            let ends = if are_of_one_day { &shifted } else { ends };
            let (in_order, apart) = follows(begins, ends);
            // Where the names say it, some damaged times leave it true.
            let least = if named { 0.8 } else { 0.95 };
            if in_order < least || (apart < 0.2 && !named) {
                continue;
            }
            let measured = measure::has_duration(scene, begins, ends);
            if are_of_one_day && is_some && !named && !measured {
                continue;
            }
            let technical = |profile: &Profile| {
                0.5 * profile.name.fits(Role::Ignored)
                    * f64::from(profile.name.fits(Role::Ignored) >= 0.7)
            };
            let mut content = 0.3 + 0.2 * in_order;
            if measured {
                content += 0.4;
            }
            if first.is_day {
                content -= 0.3;
            }
            let confidence = together(f64::midpoint(names_begin, names_end), content.max(0.01))
                - technical(first)
                - technical(second);
            // A table of events may hold two times by chance.
            let least = if measured || named { 0.4 } else { 0.55 };
            let of = |column, name| Assigned {
                column,
                confidence: together(name, content).min(0.99),
            };
            if confidence >= least && best.as_ref().is_none_or(|(most, ..)| confidence > *most) {
                best = Some((
                    confidence,
                    of(*begin, names_begin),
                    of(*end, names_end),
                    named,
                ));
            }
        }
    }
    best.map(|(_, begin, end, named)| (begin, end, named))
}

/// The column that says when the record was.
pub fn single_moment(scene: &Scene<'_>) -> Option<Assigned> {
    scene
        .columns()
        .filter_map(|at| {
            let profile = &scene.profiles[at];
            profile.times.as_ref()?;
            let name = profile
                .name
                .fits(Role::Moment)
                .max(0.8 * profile.name.fits(Role::Begin))
                .max(0.8 * profile.name.fits(Role::End));
            let mut content = if profile.is_day { 0.15 } else { 0.6 };
            if profile.filled < 0.9 {
                content *= 0.5;
            }
            let technical = profile.name.fits(Role::Ignored);
            let confidence = together(name, content) - if technical >= 0.7 { 0.4 } else { 0.0 };
            Some(Assigned {
                column: at,
                confidence,
            })
        })
        .max_by(|one, other| one.confidence.total_cmp(&other.confidence))
        .filter(|assigned| assigned.confidence > 0.2)
}

/// The column that is a duration by its name and its values.
pub fn duration_by_name(scene: &Scene<'_>) -> Option<Assigned> {
    let content = |at: usize| {
        let profile = &scene.profiles[at];
        let is_one = profile.is_number || profile.is_duration_text || profile.is_hour;
        if is_one && profile.times.is_none() && profile.name.fits(Role::Duration) >= 0.7 {
            0.4
        } else {
            0.0
        }
    };
    scene
        .columns()
        .map(|at| Assigned {
            column: at,
            confidence: scene.score(Role::Duration, at, content(at)),
        })
        .filter(|assigned| assigned.confidence > 0.0)
        .max_by(|one, other| one.confidence.total_cmp(&other.confidence))
}

/// Whether the times of a table name no zone.
pub fn is_local(scene: &Scene<'_>, taken: &Taken) -> bool {
    [Role::Moment, Role::Begin, Role::End]
        .into_iter()
        .filter_map(|role| taken.column(role))
        .filter_map(|at| scene.profiles[at].times.as_ref())
        .any(|times| !times.absolute)
}

/// Adds what the times of a table leave open.
pub fn questions_of_times(scene: &Scene<'_>, taken: &mut Taken) {
    let columns: Vec<usize> = [Role::Moment, Role::Begin, Role::End]
        .into_iter()
        .filter_map(|role| taken.column(role))
        .collect();
    let times = |at: usize| scene.profiles[at].times.as_ref();
    let name = |at: usize| scene.column(at).name.clone();
    if let [begin, end] = columns[..]
        && let (Some(one), Some(other)) = (times(begin), times(end))
        && one.format != other.format
    {
        taken.questions.push(Question::TwoForms {
            one: name(begin),
            other: name(end),
        });
    }
    if let Some(day) = columns.iter().find(|at| scene.profiles[**at].is_day) {
        taken
            .questions
            .push(Question::OnlyDays { column: name(*day) });
    }
    if let Some(first) = columns.first()
        && times(*first).is_some_and(|times| times.undecided)
    {
        taken.questions.push(Question::DayOrMonth {
            column: name(*first),
        });
    }
}

/// The word of a form in a mapping.
pub fn form(format: &MomentFormat) -> String {
    match format {
        MomentFormat::YearFirst => "ymd",
        MomentFormat::DayFirst => "dmy",
        MomentFormat::MonthFirst => "mdy",
        MomentFormat::EpochSeconds => "s",
        MomentFormat::EpochMillis => "ms",
        MomentFormat::EpochMicros => "us",
        MomentFormat::EpochNanos => "ns",
        MomentFormat::Strptime(format) => format,
    }
    .to_owned()
}
