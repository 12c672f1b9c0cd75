//! Runs on their way to `dataset`: as whole tuples, spread by business day, because it takes all runs of a day to say why each
//! of them started.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;
use smartetl_core::calendar::BusinessCalendar;
use smartetl_core::fuse::{DayRun, Days, JobDay, Run, TriggerChange, TriggerOf};
use smartetl_core::model::Moment;
use smartetl_store::StoreError;
use smartetl_store::copy::{Tuples, decode_day_run, encode_job_day, encode_run, encode_trigger};
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_64;

use super::scratch::Shelf;

/// How many places days are spread over: so much of the runs is in memory at a time.
const PLACES: usize = 256;
/// Tuples above these sizes wait in a file.
const RUN_BYTES: usize = 24 << 20;
const JOB_DAY_BYTES: usize = 8 << 20;

/// What is written with each run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clocks {
    /// The clock of the fuse.
    pub(super) as_of: Moment,
    /// When it really is.
    pub(super) now: Moment,
}

impl Clocks {
    /// Appends the tuple of a run, for [`Spool::take`].
    pub(super) fn encode(self, run: &Run<'_>, tuples: &mut Vec<u8>) -> Encoded {
        let from = tuples.len();
        encode_run(run, self.as_of, self.now, tuples);
        encode_trigger(&TriggerOf::word(run.trigger), tuples);
        Encoded {
            place: place_of(run.environment, run.business_day),
            length: tuples.len() - from,
        }
    }
}

/// The runs of a fuse.
pub(super) struct Spool {
    /// Folded just now; with the triggers that words say.
    new: Shelf,
    /// Of the same days, and stored already.
    stored: Shelf,
    calendar: BusinessCalendar,
    folder: PathBuf,
}

/// An encoded run and the place where it belongs.
pub(super) struct Encoded {
    place: usize,
    length: usize,
}

impl Spool {
    /// `folder`: where files may be made.
    pub(super) fn new(folder: &Path, calendar: BusinessCalendar) -> Self {
        Self {
            calendar,
            new: Shelf::new(folder, PLACES, RUN_BYTES),
            stored: Shelf::new(folder, PLACES, RUN_BYTES),
            folder: folder.to_owned(),
        }
    }

    /// Takes tuples that stand one behind the other.
    ///
    /// # Errors
    /// When they do not fit into memory and the scratch folder has no room.
    pub(super) fn take(&mut self, mut tuples: &[u8], encoded: &[Encoded]) -> io::Result<()> {
        for run in encoded {
            let (tuple, rest) = tuples.split_at(run.length);
            self.new.append(run.place, tuple)?;
            tuples = rest;
        }
        Ok(())
    }

    /// Takes a stored run of a day that has new runs.
    ///
    /// # Errors
    /// When it is none, or the scratch folder has no room.
    pub(super) fn take_stored(&mut self, tuple: &[u8]) -> Result<(), StoreError> {
        let (run, _) = decode_day_run(tuple)?;
        let place = place_of(run.environment, run.business_day);
        self.stored.append(place, tuple).map_err(StoreError::Keep)
    }

    /// Looks at all days, place by place.
    pub(super) fn days(&self) -> SpooledDays<'_> {
        SpooledDays {
            spool: self,
            next: AtomicUsize::new(0),
            done: Mutex::new(Done {
                runs: 0,
                job_days: JobDays {
                    tuples: Shelf::new(&self.folder, PLACES, JOB_DAY_BYTES),
                    count: 0,
                },
                changed: Vec::new(),
            }),
        }
    }

    /// Looks at the days of one place: appends the tuples of its new runs, day by day, and gives the rest.
    fn place(&self, place: usize, tuples: &mut Vec<u8>) -> Result<Place, StoreError> {
        let (mut new, mut stored) = (Vec::new(), Vec::new());
        self.new.read(place, &mut new).map_err(StoreError::Keep)?;
        self.stored
            .read(place, &mut stored)
            .map_err(StoreError::Keep)?;
        let mut days = Days::default();
        let mut runs = Vec::new();
        for tuple in Tuples(&new) {
            let (run, without_trigger) = decode_day_run(tuple)?;
            runs.push((order(&run), without_trigger, runs.len()));
            days.new_run(run);
        }
        for tuple in Tuples(&stored) {
            days.stored_run(decode_day_run(tuple)?.0);
        }
        let out = days.finish(&self.calendar);
        runs.sort_unstable_by_key(|&(order, ..)| order);
        for &(_, without_trigger, at) in &runs {
            tuples.extend_from_slice(without_trigger);
            encode_trigger(&out.triggers[at], tuples);
        }
        Ok(Place {
            runs: runs.len() as u64,
            days: out.days,
            changed: out.changed,
        })
    }
}

/// Days stand together in the table, whatever part of the fold a run comes from.
fn order<'r>(run: &DayRun<'r>) -> (Date, &'r str, Moment, Uuid) {
    (
        run.business_day,
        run.environment,
        run.started_at,
        run.run_key,
    )
}

fn place_of(environment: &str, day: Date) -> usize {
    let day = i64::from(day.year()) * 372 + i64::from(day.month()) * 31 + i64::from(day.day());
    let number = xxh3_64(environment.as_bytes()).wrapping_add(day.cast_unsigned());
    (number % PLACES as u64) as usize
}

/// What the days of one place came to.
struct Place {
    runs: u64,
    days: Vec<JobDay>,
    changed: Vec<TriggerChange>,
}

/// Days that are being looked at: each place by whoever asks next.
pub(super) struct SpooledDays<'s> {
    spool: &'s Spool,
    next: AtomicUsize,
    done: Mutex<Done>,
}

/// What all days came to, besides the tuples of the runs.
pub(super) struct Done {
    pub(super) runs: u64,
    pub(super) job_days: JobDays,
    /// Stored runs that started for another reason than was thought.
    pub(super) changed: Vec<TriggerChange>,
}

impl SpooledDays<'_> {
    /// Appends the tuples of the next place's runs; says whether there are more.
    ///
    /// # Errors
    /// When a scratch file cannot be read or written.
    pub(super) fn next_piece(&self, tuples: &mut Vec<u8>) -> Result<bool, StoreError> {
        let place = self.next.fetch_add(1, Ordering::Relaxed);
        if place >= PLACES {
            return Ok(false);
        }
        let Place {
            runs,
            days,
            changed,
        } = self.spool.place(place, tuples)?;
        let mut of_place = Vec::new();
        days.iter()
            .for_each(|day| encode_job_day(day, &mut of_place));
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.runs += runs;
        done.changed.extend(changed);
        done.job_days.count += days.len() as u64;
        done.job_days
            .tuples
            .append(place, &of_place)
            .map_err(StoreError::Keep)?;
        Ok(true)
    }

    /// When all places were asked for.
    pub(super) fn done(self) -> Done {
        self.done
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tuples of `job_day`.
pub(super) struct JobDays {
    tuples: Shelf,
    pub(super) count: u64,
}

impl JobDays {
    /// The tuples, some at a time.
    pub(super) fn pieces(&self) -> impl FnMut(&mut Vec<u8>) -> Result<bool, StoreError> + '_ {
        let mut places = 0..PLACES;
        move |tuples| match places.next() {
            None => Ok(false),
            Some(place) => {
                self.tuples.read(place, tuples).map_err(StoreError::Keep)?;
                Ok(true)
            }
        }
    }
}
