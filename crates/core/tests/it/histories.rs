//! Random small histories, made to be nasty: many ties, few ids, cut names, marked moments, missing rows, copies,
//! rings, orphans, reruns, hourly jobs. A seed gives the same history on every machine.

use jiff::civil::date;
use smartetl_core::model::{Blame, Category, Event, Moment, RowStatus, Severity};

use crate::reference::{DAY, ErrorPart, HOUR, InRow, LogPart, SECOND, What};
use crate::story::{masked, signature, zone};

const MINUTE: i64 = 60 * SECOND;
const LONG_JOB: &str = "LOAD_WAREHOUSE_STOCK_MOVEMENTS_OF_ALL_PLATFORMS_AB";

#[derive(Clone, Debug)]
pub struct History {
    pub rows: Vec<InRow>,
    pub as_of: Moment,
}

/// `SplitMix64`.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 0x5851_F42D_4C95_7F2D)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 up to `limit`, excluded.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub fn of<'a, T>(&mut self, values: &'a [T]) -> &'a T {
        &values[self.below(values.len())]
    }

    fn word(&mut self, values: &[&str]) -> Option<String> {
        let word = *self.of(values);
        (!word.is_empty()).then(|| word.to_owned())
    }

    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        for place in (1..values.len()).rev() {
            values.swap(place, self.below(place + 1));
        }
    }
}

/// The history of this seed.
pub fn history(seed: u64) -> History {
    let mut maker = Maker {
        dice: Dice::new(seed),
        rows: Vec::new(),
        base: 0,
        autumn: false,
    };
    maker.choose_a_night();
    match maker.dice.below(10) {
        0 | 1 => maker.an_hourly_job(),
        2 | 3 => maker.reruns_of_a_tree(),
        _ => {}
    }
    for _ in 0..maker.dice.below(5) {
        maker.a_tree();
    }
    for _ in 0..maker.dice.below(4) {
        maker.a_stray_row();
    }
    if maker.rows.is_empty() {
        maker.a_tree();
        maker.a_stray_row();
    }
    if maker.dice.percent(40) {
        maker.forget_trees();
    }
    maker.write_rows_twice();
    maker.at_a_moment()
}

struct Maker {
    dice: Dice,
    rows: Vec<InRow>,
    /// Midnight of the night's day.
    base: i64,
    autumn: bool,
}

/// What the rows of a run have in common.
#[derive(Clone)]
struct Who {
    system: String,
    context: Option<String>,
    environment: Option<String>,
    host: Option<String>,
    project: Option<String>,
    job: String,
    run_id: String,
    parent: Option<String>,
    root: String,
}

impl Maker {
    fn choose_a_night(&mut self) {
        let days = [
            date(2025, 3, 11),
            date(2025, 3, 11),
            date(2024, 10, 27),
            date(2025, 3, 30),
            date(2025, 4, 30),
            date(2025, 12, 26),
        ];
        let day = *self.dice.of(&days);
        self.autumn = day == date(2024, 10, 27);
        let midnight = zone()
            .to_ambiguous_timestamp(day.to_datetime(jiff::civil::Time::midnight()))
            .compatible();
        self.base = midnight.expect("midnight exists in Paris").as_microsecond();
    }

    fn a_tree(&mut self) {
        let root = self.a_run_id();
        let start = self.a_start();
        let mut who = self.somebody(&root, None, &root);
        if self.dice.percent(8) {
            who.parent = Some(self.a_run_id());
        }
        self.a_subtree(&who, start, 0);
    }

    fn a_subtree(&mut self, who: &Who, start: i64, depth: usize) -> bool {
        let length = *self
            .dice
            .of(&[0, MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 5 * HOUR]);
        let mut failed = self.dice.percent(30);
        let children = if depth < 3 {
            self.dice.below(4 - depth)
        } else {
            0
        };
        for _ in 0..children {
            let run_id = self.a_run_id();
            let mut child = self.somebody(&run_id, Some(who.run_id.clone()), &who.root);
            if self.dice.percent(85) {
                child.context.clone_from(&who.context);
                child.environment.clone_from(&who.environment);
                child.system.clone_from(&who.system);
            }
            let offset =
                *self
                    .dice
                    .of(&[0, 0, MINUTE, 5 * MINUTE, -MINUTE, -2 * MINUTE, length / 2]);
            failed |= self.a_subtree(&child, start + offset, depth + 1) && self.dice.percent(70);
        }
        self.a_run(who, start, start + length, failed);
        failed
    }

    /// The rows of one run, some of them missing.
    fn a_run(&mut self, who: &Who, start: i64, end: i64, failed: bool) {
        let attempt = if self.dice.percent(15) {
            Some(1 + self.dice.below(3) as i32)
        } else {
            None
        };
        if self.dice.percent(88) {
            self.log(
                who,
                start,
                Event::Begin,
                None,
                |part, _| part.status = None,
                attempt,
            );
        }
        if self.dice.percent(35) {
            self.steps(who, start, end, failed);
        }
        if self.dice.percent(25) {
            self.metrics(who, start, end);
        }
        let errors = if failed {
            self.dice.below(4)
        } else {
            usize::from(self.dice.percent(12))
        };
        for _ in 0..errors {
            self.an_error(who, start, end);
        }
        if self.dice.percent(82) {
            let status = if failed {
                RowStatus::Failed
            } else {
                RowStatus::Success
            };
            let odd = [
                None,
                Some(RowStatus::Cancelled),
                Some(RowStatus::Skipped),
                Some(RowStatus::UpstreamFailed),
                Some(RowStatus::Running),
                Some(RowStatus::Retrying),
                Some(RowStatus::Unknown),
            ];
            let status = if self.dice.percent(85) {
                Some(status)
            } else {
                *self.dice.of(&odd)
            };
            let wrong = *self
                .dice
                .of(&[0, 0, 0, 3_600_000, -55_830, 1, 9_000_000_000_000_000]);
            let reported = self.dice.percent(60).then(|| (end - start) / 1_000 + wrong);
            self.log(
                who,
                end,
                Event::End,
                None,
                |part, _| {
                    part.status = status;
                    part.duration_reported_ms = reported;
                },
                attempt,
            );
        }
    }

    fn steps(&mut self, who: &Who, start: i64, end: i64, failed: bool) {
        for step in ["tIn_1", "tMap_1", "tOut_1"] {
            let tries = self.dice.below(3);
            for attempt in 0..tries {
                let attempt = self.dice.percent(80).then_some(attempt as i32 + 1);
                let from = self.between(start, end);
                let map_index = if self.dice.percent(20) {
                    Some(self.dice.below(2) as i32)
                } else {
                    None
                };
                let status = *self.dice.of(&[
                    RowStatus::Success,
                    RowStatus::Success,
                    if failed {
                        RowStatus::Failed
                    } else {
                        RowStatus::Success
                    },
                    RowStatus::UpstreamFailed,
                    RowStatus::Cancelled,
                    RowStatus::Skipped,
                ]);
                if self.dice.percent(90) {
                    self.log(
                        who,
                        from,
                        Event::Begin,
                        Some(step),
                        |_, row| *row = map_index,
                        attempt,
                    );
                }
                if self.dice.percent(85) {
                    let to = self.between(from, end);
                    let rows_out = if self.dice.percent(20) {
                        Some(self.dice.below(3) as i64)
                    } else {
                        None
                    };
                    let set = |part: &mut LogPart, row: &mut Option<i32>| {
                        *row = map_index;
                        part.status = Some(status);
                        part.rows_out = rows_out;
                    };
                    self.log(who, to, Event::End, Some(step), set, attempt);
                }
            }
        }
    }

    fn metrics(&mut self, who: &Who, start: i64, end: i64) {
        for _ in 0..=self.dice.below(4) {
            let at = self.between(start, end);
            let step = *self.dice.of(&[None, Some("tIn_1"), Some("tOut_1")]);
            let label = self.dice.word(&["", "main", "reject"]);
            let values: Vec<Option<i64>> = (0..4)
                .map(|_| *self.dice.of(&[None, None, Some(0), Some(7), Some(100)]))
                .collect();
            let set = |part: &mut LogPart, _: &mut Option<i32>| {
                part.label = label;
                part.count = values[0];
                part.rows_in = values[1];
                part.rows_out = values[2];
                part.rows_rejected = values[3];
            };
            self.log(who, at, Event::Metric, step, set, None);
        }
    }

    fn an_error(&mut self, who: &Who, start: i64, end: i64) {
        let at = self.between(start, end);
        let step = self
            .dice
            .of(&[None, Some("tIn_1"), Some("tRunJob_1"), Some("tDie_1")])
            .map(str::to_owned);
        let (message, truncated) = *self.dice.of(&[
            (Some("connection refused by the warehouse"), false),
            (Some("access denied for the folder of stock"), false),
            (Some("access denied for the folder of sales"), false),
            (Some("access denied for the folder of st"), true),
            (Some("access denied for the fol"), true),
            (Some("access denied for the folder of stock"), true),
            (Some("connection refu"), true),
            (Some("no"), true),
            (Some("Child job running failed"), false),
            (Some("Child job running failed"), false),
            (None, false),
        ]);
        let masked = masked(message.unwrap_or_default());
        let (category, blame, retryable) = *self.dice.of(&[
            (Category::Connection, Some(Blame::Platform), Some(true)),
            (Category::Permission, None, Some(false)),
            (Category::Unknown, None, None),
        ]);
        let severity = *self.dice.of(&[
            Severity::Fatal,
            Severity::Error,
            Severity::Error,
            Severity::Warning,
        ]);
        let wrapper =
            message.is_some_and(|message| message.starts_with("Child")) && self.dice.percent(95);
        let part = ErrorPart {
            severity,
            message: message.map(str::to_owned),
            signature: signature(&masked),
            masked,
            truncated,
            category,
            wrapper,
            blame,
            retryable,
        };
        let attempt = if self.dice.percent(10) { Some(2) } else { None };
        let copies = *self.dice.of(&[1, 1, 1, 2, 3]);
        for copy in 0..copies {
            let moment = at
                + if self.dice.percent(30) {
                    copy * SECOND
                } else {
                    0
                };
            let mut row = Self::row(
                who,
                moment,
                step.clone(),
                attempt,
                What::Error(part.clone()),
            );
            if self.dice.percent(15) && row.job.starts_with(LONG_JOB) {
                LONG_JOB.clone_into(&mut row.job);
            }
            if self.dice.percent(15) {
                row.project = None;
            }
            if self.dice.percent(10) {
                row.parent_run_id = None;
            }
            self.push(row);
        }
    }

    /// A job that starts every hour, sometimes late, sometimes again.
    fn an_hourly_job(&mut self) {
        let mut who = self.somebody("h0", None, "h0");
        who.context = Some("PROD".to_owned());
        who.environment = None;
        let beat = *self.dice.of(&[HOUR, 30 * MINUTE, 0, 7 * MINUTE + 1]);
        for count in 0..4 + self.dice.below(6) {
            let late =
                *self
                    .dice
                    .of(&[0, 0, 0, 5 * MINUTE, 6 * MINUTE, 6 * MINUTE + 1, -6 * MINUTE]);
            let start = self.base
                + HOUR
                + count as i64 * beat
                + if self.dice.percent(50) { late } else { 0 };
            who.run_id = format!("h{count}");
            who.root = who.run_id.clone();
            let mut this = who.clone();
            if self.dice.percent(10) {
                this.context = self
                    .dice
                    .word(&["PROD_MANUEL", "PROD_REPRISE", "PROD_RELANCE"]);
            }
            let failed = self.dice.percent(30);
            self.a_run(&this, start, start + 5 * MINUTE, failed);
            if failed && self.dice.percent(40) {
                this.run_id = format!("i{count}");
                this.root = this.run_id.clone();
                let again = start
                    + *self
                        .dice
                        .of(&[20 * MINUTE, beat, beat / 2, beat + beat / 10]);
                let fails_again = self.dice.percent(30);
                self.a_run(&this, again, again + 5 * MINUTE, fails_again);
            }
        }
    }

    /// A tree with failing children; then the root, or only children, again.
    fn reruns_of_a_tree(&mut self) {
        let mut root = self.somebody("t1", None, "t1");
        root.context = Some("PROD".to_owned());
        root.environment = None;
        let start = self.base + 2 * HOUR;
        let mut failed_children = Vec::new();
        for count in 0..self.dice.below(4) {
            let mut child = self.somebody(&format!("c{count}"), Some("t1".to_owned()), "t1");
            child.context.clone_from(&root.context);
            child.environment = None;
            child.system.clone_from(&root.system);
            let failed = self.dice.percent(70);
            self.a_run(&child, start + MINUTE, start + 10 * MINUTE, failed);
            if failed {
                failed_children.push(child);
            }
        }
        let failed = self.dice.percent(80);
        self.a_run(&root, start, start + 20 * MINUTE, failed);
        let again = if self.dice.percent(50) {
            failed_children
        } else {
            vec![root]
        };
        for (count, mut who) in again.into_iter().enumerate() {
            for round in 0..self.dice.below(3) {
                who.run_id = format!("a{count}{round}");
                who.root = who.run_id.clone();
                who.parent = None;
                if self.dice.percent(25) {
                    who.context = self
                        .dice
                        .word(&["PROD_MANUEL", "PROD_REPRISE", "PROD_RELANCE"]);
                }
                let from = start
                    + *self
                        .dice
                        .of(&[0, HOUR, 2 * HOUR, 2 * HOUR, 5 * HOUR, 20 * HOUR]);
                let fails_again = self.dice.percent(30);
                self.a_run(&who, from, from + 15 * MINUTE, fails_again);
            }
        }
    }

    /// A row of a run that may not exist otherwise.
    fn a_stray_row(&mut self) {
        let (run_id, root) = (self.a_run_id(), self.a_run_id());
        let parent = if self.dice.percent(50) {
            Some(self.a_run_id())
        } else {
            None
        };
        let who = self.somebody(&run_id, parent, &root);
        let at = self.a_start();
        let event = *self.dice.of(Event::ALL);
        let status = *self.dice.of(RowStatus::ALL);
        if self.dice.percent(40) {
            self.an_error(&who, at, at);
        } else {
            let step = *self.dice.of(&[None, Some("tIn_1")]);
            self.log(
                &who,
                at,
                event,
                step,
                |part, _| part.status = Some(status),
                None,
            );
        }
    }

    /// A log of errors that names runs only.
    fn forget_trees(&mut self) {
        let parents_too = self.dice.percent(70);
        for place in 0..self.rows.len() {
            let late = *self
                .dice
                .of(&[0, 0, 0, MINUTE, -SECOND, 6 * HOUR, 25 * HOUR, -DAY]);
            let elsewhere = self.dice.percent(5);
            let row = &mut self.rows[place];
            if row.error().is_none() {
                continue;
            }
            row.root_run_id.clone_from(&row.run_id);
            row.moment.0 += late;
            if parents_too {
                row.parent_run_id = None;
            }
            if elsewhere {
                row.job = "A".to_owned();
            }
        }
    }

    fn write_rows_twice(&mut self) {
        for place in 0..self.rows.len() {
            if self.dice.percent(6) {
                let copy = self.rows[place].clone();
                self.rows.push(copy);
            }
        }
    }

    fn at_a_moment(mut self) -> History {
        let last = self
            .rows
            .iter()
            .map(|row| row.moment.0)
            .max()
            .unwrap_or(self.base);
        let ahead = *self.dice.of(&[
            0,
            10 * MINUTE,
            HOUR,
            HOUR + 1,
            2 * HOUR,
            30 * HOUR,
            -HOUR,
            -5 * HOUR,
        ]);
        History {
            rows: self.rows,
            as_of: Moment(last + ahead),
        }
    }

    fn a_run_id(&mut self) -> String {
        (*self.dice.of(&[
            "r1",
            "r2",
            "r3",
            "r4",
            "r5",
            "r6",
            "scheduled__1",
            "manual__1",
            "backfill__1",
        ]))
        .to_owned()
    }

    fn a_start(&mut self) -> i64 {
        let day = *self
            .dice
            .of(&[0, 0, 0, 0, 0, 0, -DAY, DAY, DAY, DAY + HOUR, 730 * DAY]);
        let minutes = *self.dice.of(&[
            0, 30, 59, 60, 75, 90, 119, 120, 130, 150, 170, 180, 190, 240, 300, 1_075, 1_080,
        ]);
        let odd = *self.dice.of(&[0, 0, 0, 0, SECOND, 1_000, 1, 999_999]);
        self.base + day + minutes * MINUTE + odd
    }

    fn between(&mut self, from: i64, to: i64) -> i64 {
        let share = *self.dice.of(&[0, 0, 1, 2, 4, 4]);
        from + (to - from) / 4 * share
    }

    fn somebody(&mut self, run_id: &str, parent: Option<String>, root: &str) -> Who {
        let long = [
            format!("{LONG_JOB}_DAILY"),
            format!("{LONG_JOB}_HOURLY"),
            LONG_JOB.to_owned(),
        ];
        let job = if self.dice.percent(20) {
            self.dice.of(&long).clone()
        } else {
            (*self.dice.of(&["A", "B", "C", "D"])).to_owned()
        };
        Who {
            system: (*self
                .dice
                .of(&["talend", "talend", "talend", "talend", "airflow"]))
            .to_owned(),
            context: self.dice.word(&[
                "PROD",
                "PROD",
                "PROD",
                "PROD",
                "PROD",
                "prod-2 prd",
                "DEV",
                "uat",
                "Default",
                "",
                "PROD_REPRISE",
                "Prod/Manuel",
                "relance.PROD",
                "prod scheduled",
                "prod rerun",
                "DEV_PROD",
                "PRODUIT",
            ]),
            environment: self.dice.word(&[
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "PROD",
                "Développement",
                "elsewhere",
            ]),
            host: self.dice.word(&["", "etl1", "etl2"]),
            project: self.dice.word(&["", "WH", "WH", "WH", "FI"]),
            job,
            run_id: run_id.to_owned(),
            parent,
            root: root.to_owned(),
        }
    }

    fn log(
        &mut self,
        who: &Who,
        at: i64,
        event: Event,
        step: Option<&str>,
        set: impl FnOnce(&mut LogPart, &mut Option<i32>),
        attempt: Option<i32>,
    ) {
        let mut part = LogPart {
            job_id: self.dice.word(&["", "", "_id1", "_id2"]),
            job_version: self.dice.word(&["", "0.1", "0.2"]),
            event,
            status: None,
            duration_reported_ms: None,
            label: None,
            count: None,
            rows_in: None,
            rows_out: None,
            rows_rejected: None,
        };
        let mut map_index = None;
        set(&mut part, &mut map_index);
        let mut row = Self::row(who, at, step.map(str::to_owned), attempt, What::Log(part));
        row.map_index = map_index;
        if self.dice.percent(3) {
            row.parent_run_id = Some(self.a_run_id());
        }
        self.push(row);
    }

    fn row(who: &Who, at: i64, step: Option<String>, attempt: Option<i32>, what: What) -> InRow {
        InRow {
            moment: Moment(at),
            marked: false,
            system: who.system.clone(),
            environment: who.environment.clone(),
            host: who.host.clone(),
            project: who.project.clone(),
            job: who.job.clone(),
            context: who.context.clone(),
            run_id: who.run_id.clone(),
            parent_run_id: who.parent.clone(),
            root_run_id: who.root.clone(),
            step,
            attempt,
            map_index: None,
            what,
        }
    }

    /// Marks what the clock on the wall showed twice, and sometimes something else.
    fn push(&mut self, mut row: InRow) {
        // Midnight is 22:00Z: 02:00 to 03:00 lie two to three hours after it, and again one hour later.
        let into_the_night = row.moment.0 - self.base;
        let twice = 2 * HOUR..4 * HOUR;
        if self.autumn && twice.contains(&into_the_night) && self.dice.percent(90) {
            row.marked = true;
            if into_the_night >= 3 * HOUR {
                row.moment.0 -= HOUR;
            }
        } else if self.dice.percent(1) {
            row.marked = true;
        }
        self.rows.push(row);
    }
}
