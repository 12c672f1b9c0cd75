//! Files to rows for the fold alone: nothing is stored, no file is remembered. Large texts are read by several threads.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use smartetl_core::fuse::FuseConfig;
use smartetl_core::model::{ErrorRow, LogRow, Reject, RowSink};
use smartetl_formats::ranges::beginnings;
use smartetl_formats::{AtEnd, Extractor, Plan, Position, Settings};

use super::ReadError;
use super::batch::Counts;
use super::beside::Named;
use super::identity::Arrival;
use super::meaning::Meaning;
use super::report::{FileReport, FileResult, ReadAs, Tally};
use crate::jobs::{Gathered, class_of};
use crate::reason::Reason;
use crate::stop::Stop;

/// So many records are read before room is made where rows are many, and a signal is looked for.
const BREATH_RECORDS: i64 = 16_384;
/// So many stretches a large text is cut into for each reader, so that none waits long for another.
const STRETCHES: usize = 8;
/// No text is cut into more: each may need a scratch file.
const MOST_STRETCHES: usize = 64;
/// So many bytes of rows stay in memory of stretches that wait until it is known whether their beginning was right.
const GUESSED_BYTES: usize = 48 << 20;
const NO_ROOM: &str = "cannot keep rows that wait for the fold";

/// What the files gave.
pub struct Direct {
    pub gathered: Gathered,
    /// In the order of the paths.
    pub files: Vec<FileReport>,
}

/// Reads the files, of which a person named some, on all cores. A file that cannot be read, or not to its end, is told and stops
/// no other. Rows of the first file are of batch 1, and so on. `folder`: where files may be made when rows are many. Asked to stop, it ends early.
///
/// # Errors
/// When rows that wait find no room.
pub fn gather(
    (paths, named): (&[PathBuf], &Named),
    settings: &Settings,
    config: &FuseConfig,
    folder: &Path,
    stop: &Stop,
) -> anyhow::Result<Direct> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let stretches = (threads * STRETCHES).min(MOST_STRETCHES);
    let shared = Shared {
        named,
        settings,
        config,
        folder,
        stop,
        guessed_bytes: AtomicUsize::new(0),
    };
    let mut sources: Vec<Source> = (1..)
        .zip(paths)
        .map(|(number, path)| shared.examine(number, path, stretches))
        .collect();
    let mut stretches: Vec<Stretch<'_>> = sources
        .iter()
        .flat_map(|source| (0..source.begins.len()).map(move |at| Stretch { source, at }))
        .collect();
    // What takes long begins first, so that no reader is left alone with it at the end.
    stretches.sort_by_key(|stretch| Reverse(stretch.bytes()));
    let waiting = Mutex::new(VecDeque::from(stretches));
    let (mut gathered, mut read) = (Gathered::new(config.clone(), folder), Vec::new());
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| shared.read_waiting(&waiting)))
            .collect();
        for reader in readers {
            let (of_reader, stretches) = reader.join().map_err(|_| {
                anyhow::anyhow!("the reading of a file came to an unexpected end")
            })??;
            gathered.join(of_reader).context(NO_ROOM)?;
            read.extend(stretches);
        }
        anyhow::Ok(())
    })?;
    drop(waiting);
    read.sort_by_key(|stretch| (stretch.number, stretch.at));
    let mut read = read.into_iter().peekable();
    for source in &mut sources {
        while let Some(stretch) = read.next_if(|stretch| stretch.number == source.number) {
            shared.take(source, stretch, &mut gathered)?;
        }
    }
    Ok(Direct {
        gathered,
        files: sources.into_iter().map(Source::report).collect(),
    })
}

/// What all readers look at.
struct Shared<'g> {
    named: &'g Named,
    settings: &'g Settings,
    config: &'g FuseConfig,
    folder: &'g Path,
    stop: &'g Stop,
    /// What is held of stretches whose beginnings are guesses.
    guessed_bytes: AtomicUsize,
}

/// A file that is to be read.
struct Source {
    number: i64,
    path: PathBuf,
    settings: Settings,
    plan: Option<Plan>,
    /// How long the file is.
    bytes: u64,
    /// Where readers begin. All but the first are guesses.
    begins: Vec<Position>,
    /// Up to where it is read.
    end: Position,
    tally: Tally,
    report: FileReport,
}

/// What one reader reads at a time: from one beginning of a source to the next.
struct Stretch<'s> {
    source: &'s Source,
    at: usize,
}

impl Stretch<'_> {
    /// About how long it is; of a packed file, its packed bytes.
    fn bytes(&self) -> u64 {
        let begins = &self.source.begins;
        let end = begins
            .get(self.at + 1)
            .map_or(self.source.bytes, |next| next.byte);
        end.saturating_sub(begins[self.at].byte)
    }
}

/// What a stretch came to.
struct Read {
    number: i64,
    at: usize,
    begin: Position,
    end: Position,
    counts: Counts,
    stopped: Option<anyhow::Error>,
    /// Its rows, where its beginning is a guess; those of the others are gathered already.
    guessed: Option<Gathered>,
}

impl Shared<'_> {
    fn examine(&self, number: i64, path: &Path, readers: usize) -> Source {
        let shown = path.display().to_string();
        let settings = Settings {
            path: std::path::absolute(path)
                .map_or_else(|_| shown.clone(), |path| path.display().to_string()),
            ..self.settings.clone()
        };
        let opened = || {
            let file = File::open(path).map_err(|source| ReadError::Open {
                path: shown.clone(),
                source,
            })?;
            let plan = Plan::examine(&file, &settings)?;
            let begins = beginnings(&file, &plan, &settings, readers)?;
            anyhow::Ok((plan, begins, file.metadata()?.len()))
        };
        let mut report = FileReport::of(shown.clone());
        let (plan, begins, bytes) = match opened() {
            Ok((plan, begins, bytes)) => {
                report.reading = Some(plan.describe());
                report.read_as = Some(ReadAs::of(&plan));
                report.result = FileResult::Loaded {
                    arrival: Arrival::New,
                };
                (Some(plan), begins, bytes)
            }
            Err(error) => {
                report.result = self.named.result(path, &error);
                (None, Vec::new(), 0)
            }
        };
        Source {
            number,
            path: path.to_owned(),
            settings,
            plan,
            bytes,
            begins,
            end: Position::START,
            tally: Tally::default(),
            report,
        }
    }

    /// Reads stretches until none is left.
    fn read_waiting(
        &self,
        waiting: &Mutex<VecDeque<Stretch<'_>>>,
    ) -> anyhow::Result<(Gathered, Vec<Read>)> {
        let mut sure = self.sink();
        let mut done = Vec::new();
        loop {
            let next = waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop_front();
            let Some(Stretch { source, at }) = next else {
                return Ok((sure.gathered, done));
            };
            let (begin, until) = (source.begins[at], source.begins.get(at + 1));
            let mut guess = (at > 0).then(|| self.sink());
            let sink = guess.as_mut().unwrap_or(&mut sure);
            let (end, stopped) = self.read(source, begin, until.map(|next| next.byte), sink)?;
            if at > 0 {
                self.hold(&mut sink.gathered).context(NO_ROOM)?;
            }
            done.push(Read {
                number: source.number,
                at,
                begin,
                end,
                counts: std::mem::take(&mut sink.counts),
                stopped,
                guessed: guess.map(|sink| sink.gathered),
            });
        }
    }

    /// Keeps the rows of a guess in memory where the others leave room for them.
    fn hold(&self, gathered: &mut Gathered) -> std::io::Result<()> {
        let room = GUESSED_BYTES.saturating_sub(self.guessed_bytes.load(Ordering::Relaxed));
        let held = gathered.hold_less_than(room)?;
        self.guessed_bytes.fetch_add(held, Ordering::Relaxed);
        Ok(())
    }

    fn sink(&self) -> Sink {
        Sink {
            number: 0,
            meaning: Meaning::default(),
            counts: Counts::default(),
            gathered: Gathered::new(self.config.clone(), self.folder),
        }
    }

    /// Reads from `begin` to the first record that begins at content byte `until` or behind it, or to the end; says where it
    /// stands and why it could not read on.
    ///
    /// # Errors
    /// When rows that wait find no room.
    fn read(
        &self,
        source: &Source,
        begin: Position,
        until: Option<u64>,
        sink: &mut Sink,
    ) -> anyhow::Result<(Position, Option<anyhow::Error>)> {
        let Some(plan) = &source.plan else {
            return Ok((begin, None));
        };
        let opened = File::open(&source.path)
            .map_err(anyhow::Error::from)
            .and_then(|file| {
                let settings = &source.settings;
                Ok(Extractor::open(&file, plan, settings, begin, AtEnd::Take)?)
            });
        let mut extractor = match opened {
            Ok(extractor) => extractor,
            Err(error) => return Ok((begin, Some(error))),
        };
        sink.number = source.number;
        let until = until.unwrap_or(u64::MAX);
        loop {
            if extractor.position().byte >= until {
                return Ok((extractor.position(), None));
            }
            let outcome = match extractor.step(sink) {
                Ok(Some(step)) => step.outcome,
                Ok(None) => return Ok((extractor.position(), None)),
                Err(error) => {
                    let path = source.path.display().to_string();
                    let error = ReadError::NotToItsEnd {
                        path,
                        source: error,
                    };
                    return Ok((extractor.position(), Some(error.into())));
                }
            };
            sink.counts.note(outcome);
            if sink.counts.records % BREATH_RECORDS == 0 {
                sink.gathered.make_room().context(NO_ROOM)?;
                if self.stop.asked().is_some() {
                    return Ok((extractor.position(), None));
                }
            }
        }
    }

    /// Takes what a stretch came to. Where its beginning was a wrong guess, the source is read on from where it stands.
    fn take(
        &self,
        source: &mut Source,
        stretch: Read,
        gathered: &mut Gathered,
    ) -> anyhow::Result<()> {
        if source.has_failed() {
            return Ok(());
        }
        let (end, counts, stopped) = match stretch.guessed {
            None => (stretch.end, stretch.counts, stretch.stopped),
            Some(guessed) if stretch.begin.byte == source.end.byte => {
                gathered.join(guessed).context(NO_ROOM)?;
                (stretch.end, stretch.counts, stretch.stopped)
            }
            Some(_) => {
                let mut sink = self.sink();
                let until = source.begins.get(stretch.at + 1).map(|next| next.byte);
                let (end, stopped) = self.read(source, source.end, until, &mut sink)?;
                gathered.join(sink.gathered).context(NO_ROOM)?;
                (end, sink.counts, stopped)
            }
        };
        source.end = end;
        source.tally.add(&counts);
        if let Some(error) = stopped {
            source.report.result = FileResult::Failed {
                reason: Reason::from(&error),
            };
        }
        Ok(())
    }
}

impl Source {
    fn has_failed(&self) -> bool {
        matches!(
            self.report.result,
            FileResult::Failed { .. } | FileResult::NoLog { .. }
        )
    }

    fn report(self) -> FileReport {
        let mut report = self.report;
        report.count(&self.tally);
        report
    }
}

/// Rows on their way to the fold.
struct Sink {
    number: i64,
    meaning: Meaning,
    counts: Counts,
    gathered: Gathered,
}

impl RowSink for Sink {
    fn log(&mut self, row: &LogRow<'_>) {
        self.counts.rows_log += 1;
        let (number, rows) = (self.number, self.gathered.rows());
        self.meaning.of_log(row, |row| rows.log(number, row));
    }

    fn error(&mut self, row: &ErrorRow<'_>) {
        self.counts.rows_error += 1;
        let (number, rows) = (self.number, self.gathered.rows());
        self.meaning.of_error(row, |row, facts| {
            rows.error(number, row, &class_of(facts));
        });
    }

    fn reject(&mut self, reject: &Reject<'_>) {
        *self.counts.by_reason.entry(reject.reason).or_default() += 1;
    }
}
