//! The jobs of the company: trees that the scheduler starts at night, hourly ones, odd ones. The special kinds
//! come first, so that a small company has them too.

use super::{Origin, Resource};
use crate::dice::Dice;

/// A job as its developers made it.
pub(crate) struct Job {
    pub(crate) name: String,
    /// The name from a business day on.
    pub(crate) renamed: Option<(u32, String)>,
    pub(crate) repository_id: String,
    pub(crate) project: &'static str,
    pub(crate) slot: Slot,
    pub(crate) context: &'static str,
    pub(crate) parts: Vec<Part>,
    /// How many tLogCatchers the job has.
    pub(crate) catchers: u8,
    /// How many of them write to a database column of 255 characters.
    pub(crate) cutting: u8,
    pub(crate) stats: Stats,
    /// "Child job running failed." also says what failed.
    pub(crate) modern_wrapper: bool,
    /// A failing child does not stop it.
    pub(crate) tolerant: bool,
    /// Runs in a process of its own: when it dies, its parent lives.
    pub(crate) own_process: bool,
    pub(crate) skew_ms: i64,
    /// Business days on which it exists.
    pub(crate) days: std::ops::Range<u32>,
    pub(crate) in_rec: bool,
    /// Writes many tolerated errors every time.
    pub(crate) noisy: bool,
    /// Started by another job.
    pub(crate) is_child: bool,
    pub(crate) trait_word: Trait,
}

/// What makes a job special.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trait {
    Plain,
    Silent,
    LongName,
    Independent,
    Tolerant,
    Cutting,
    CuttingBeside,
    Copied,
}

/// When the scheduler starts a root job. Minutes count from 18:00 of the evening before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Never,
    Night {
        minute: i64,
        days: Days,
    },
    /// At this minute of each hour of these hours after 18:00.
    Hourly {
        minute: i64,
        from: i64,
        until: i64,
    },
    /// 0 is Monday.
    Weekly {
        minute: i64,
        weekday: i8,
    },
    MonthEnd {
        minute: i64,
    },
    MonthStart {
        minute: i64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Days {
    All,
    Working,
    NotSunday,
}

/// Which rows a job's statistics give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stats {
    /// Rows of the run and of its components.
    Full,
    /// Rows of the run only.
    RunOnly,
    /// Rows of components only.
    StepsOnly,
    /// None at all: only its errors are seen.
    Nothing,
}

/// A part of a job, in order of execution.
#[derive(Clone)]
pub(crate) enum Part {
    Component {
        origin: Origin,
        resource: Resource,
        typical_ms: i64,
        flow: Option<&'static str>,
    },
    Child {
        origin: Origin,
        job: usize,
        times: u8,
    },
}

impl Job {
    pub(crate) fn name_on(&self, day: u32) -> &str {
        match &self.renamed {
            Some((from, name)) if day >= *from => name,
            _ => &self.name,
        }
    }

    /// A root without children.
    pub(crate) fn is_flat(&self) -> bool {
        !self
            .parts
            .iter()
            .any(|part| matches!(part, Part::Child { .. }))
    }

    pub(crate) fn is_hourly(&self) -> bool {
        matches!(self.slot, Slot::Hourly { .. })
    }
}

const PROJECTS: [&str; 4] = ["NEGOCE", "LOGISTIQUE", "FINANCE", "REFERENTIEL"];
const LAYERS: [&str; 6] = ["STG", "ODS", "DWH", "DTM", "EXP", "REF"];
const VERBS: [&str; 8] = [
    "Charger",
    "Extraire",
    "Integrer",
    "Calculer",
    "Exporter",
    "Controler",
    "Consolider",
    "Collecter",
];
const SUBJECTS: [&str; 20] = [
    "Commandes",
    "Clients",
    "Articles",
    "Stocks",
    "Factures",
    "Livraisons",
    "Fournisseurs",
    "Tarifs",
    "Promotions",
    "Ventes",
    "Inventaire",
    "Tournees",
    "Avoirs",
    "Reglements",
    "Ecritures",
    "CodesEAN",
    "Temperatures",
    "LotsDLC",
    "Palettes",
    "Preparations",
];

/// All jobs of one company.
pub(crate) struct Catalogue {
    pub(crate) jobs: Vec<Job>,
}

impl Catalogue {
    /// `count` jobs for a period of `days` business days.
    pub(crate) fn new(count: u32, days: u32, seed: u64) -> Self {
        let mut builder = Builder {
            jobs: Vec::new(),
            dice: Dice::new(seed, u64::MAX),
            days,
            limit: count.max(1) as usize,
        };
        builder.special();
        while builder.jobs.len() < builder.limit {
            builder.tree(4 + (builder.jobs.len() % 7), Trait::Plain);
            for _ in 0..2 {
                builder.flat_night();
            }
        }
        builder.jobs.truncate(builder.limit);
        for job in &mut builder.jobs {
            job.parts
                .retain(|part| !matches!(part, Part::Child { job, .. } if *job >= builder.limit));
        }
        Self { jobs: builder.jobs }
    }

    pub(crate) fn roots(&self) -> impl Iterator<Item = (usize, &Job)> {
        self.jobs
            .iter()
            .enumerate()
            .filter(|(_, job)| job.slot != Slot::Never)
    }
}

struct Builder {
    jobs: Vec<Job>,
    dice: Dice,
    days: u32,
    limit: usize,
}

impl Builder {
    /// One of each special kind, the most telling first.
    fn special(&mut self) {
        self.tree(6, Trait::Plain);
        let hourly = self.flat(
            Slot::Hourly {
                minute: 7,
                from: 0,
                until: 24,
            },
            "Transferer_Commandes_EDI",
        );
        self.jobs[hourly].parts.truncate(4);
        self.night_with("Journal_Prix_Etapes", |job| job.stats = Stats::StepsOnly);
        self.night_with("Import_Bons_Anciens", |job| job.stats = Stats::Nothing);
        self.tree(5, Trait::Independent);
        self.night_with(
            "Integration_Des_Bons_De_Livraison_Et_Des_Retours_Fournisseurs_Frais",
            |job| job.trait_word = Trait::LongName,
        );
        self.tree(3, Trait::Tolerant);
        self.night_with("Controle_Caisses", |job| {
            (job.catchers, job.trait_word) = (0, Trait::Silent);
        });
        self.night_with("Fichiers_Transporteurs", |job| {
            (job.catchers, job.cutting, job.trait_word) = (1, 1, Trait::Cutting);
        });
        self.night_with("Etiquettes_Rayon", |job| {
            (job.catchers, job.cutting, job.trait_word) = (3, 1, Trait::CuttingBeside);
        });
        self.night_with("Reprise_Codes_Barres", |job| job.noisy = true);
        let half = self.days / 2;
        let retires = (half + self.days / 8).max(1);
        self.night_with("Synchro_Fournisseurs", |job| {
            job.renamed = Some((half, "J_REF_Synchroniser_Tiers".to_owned()));
        });
        let copied = self.night_with("Calcul_Marges", |_| ());
        self.copy_of(copied, self.days / 3);
        self.night_with("Ancien_Export_Minitel", |job| job.days.end = retires);
        self.flat(
            Slot::Weekly {
                minute: 300,
                weekday: 6,
            },
            "Inventaire_Tournant",
        );
        self.flat(Slot::MonthEnd { minute: 660 }, "Cloture_Ventes_Du_Mois");
        self.flat(Slot::MonthStart { minute: 600 }, "Ouverture_Tarifs_Du_Mois");
        self.flat(
            Slot::Hourly {
                minute: 22,
                from: 12,
                until: 23,
            },
            "Suivi_Camions",
        );
        // The same name in two projects: two jobs.
        for project in [PROJECTS[0], PROJECTS[1]] {
            let twin = self.night_with("Purge_Journaux", |_| ());
            self.jobs[twin].project = project;
            "J_Purge_Journaux".clone_into(&mut self.jobs[twin].name);
        }
        self.hourly_tree();
    }

    fn add(&mut self, slot: Slot, subject: Option<&str>, components: usize) -> usize {
        let number = self.jobs.len();
        let layer = LAYERS[number % LAYERS.len()];
        let name = subject.map_or_else(
            || {
                format!(
                    "J_{layer}_{number:03}_{}_{}",
                    self.dice.pick(&VERBS),
                    SUBJECTS[number % SUBJECTS.len()]
                )
            },
            |subject| format!("J_{layer}_{subject}_{number}"),
        );
        let parts = self.components(components);
        let job = Job {
            name,
            renamed: None,
            repository_id: self.dice.repository_id(),
            project: PROJECTS[(number / 9) % PROJECTS.len()],
            slot,
            context: ["Prod", "PROD", "prd"][number % 3],
            parts,
            catchers: [1, 1, 2, 1, 3][number % 5],
            cutting: 0,
            stats: if number % 4 == 3 {
                Stats::RunOnly
            } else {
                Stats::Full
            },
            modern_wrapper: number.is_multiple_of(2),
            tolerant: false,
            own_process: false,
            skew_ms: 0,
            days: 0..u32::MAX,
            in_rec: number.is_multiple_of(4),
            noisy: false,
            is_child: false,
            trait_word: Trait::Plain,
        };
        self.jobs.push(job);
        number
    }

    fn flat(&mut self, slot: Slot, subject: &str) -> usize {
        self.add(slot, Some(subject), 7)
    }

    fn night_with(&mut self, subject: &str, change: impl FnOnce(&mut Job)) -> usize {
        let slot = self.night();
        let job = self.flat(slot, subject);
        self.jobs[job].stats = Stats::Full;
        change(&mut self.jobs[job]);
        job
    }

    fn flat_night(&mut self) {
        let slot = self.night();
        let components = 5 + self.jobs.len() % 5;
        let job = self.add(slot, None, components);
        self.jobs[job].noisy = job % 90 == 50;
    }

    /// Between 19:00 and 05:30.
    fn night(&mut self) -> Slot {
        let days = *self
            .dice
            .pick(&[Days::All, Days::Working, Days::Working, Days::NotSunday]);
        Slot::Night {
            minute: self.dice.between(60, 690),
            days,
        }
    }

    /// A root and `size` runs below it, up to four levels deep.
    fn tree(&mut self, size: usize, trait_word: Trait) {
        // The first tree runs every night, so that each night has something.
        let always = self.jobs.is_empty();
        let slot = match self.night() {
            Slot::Night { minute, days } => Slot::Night {
                minute: minute.min(600),
                days: if always { Days::All } else { days },
            },
            other => other,
        };
        let root = self.add(slot, Some("Orchestrer_Nuit"), 2);
        self.jobs[root].trait_word = trait_word;
        self.jobs[root].stats = Stats::Full;
        self.jobs[root].tolerant = trait_word == Trait::Tolerant;
        let mut depths = vec![(root, 0_u32)];
        for n in 0..size {
            let open: Vec<(usize, u32)> = depths
                .iter()
                .copied()
                .filter(|&(_, depth)| depth < 3)
                .collect();
            // The first children make a chain, so that each tree has some depth.
            let (parent, depth) = if n < 2 {
                depths[n]
            } else {
                *self.dice.pick(&open)
            };
            let components = 4 + (root + n) % 5;
            let child = self.add(Slot::Never, None, components);
            self.jobs[child].is_child = true;
            self.jobs[child].project = self.jobs[root].project;
            self.jobs[child].in_rec = self.jobs[root].in_rec;
            self.jobs[child].own_process = trait_word == Trait::Independent;
            if trait_word == Trait::Independent {
                self.jobs[child].skew_ms = [-95_000, -9_000, 0][n % 3];
            }
            let number = self.jobs[parent].parts.len() as u8 + 1;
            let times = if n == 3 { 3 } else { 1 };
            let part = Part::Child {
                origin: Origin {
                    component: "tRunJob",
                    number,
                },
                job: child,
                times,
            };
            let place = self.jobs[parent].parts.len().saturating_sub(1).max(1);
            self.jobs[parent].parts.insert(place, part);
            depths.push((child, depth + 1));
        }
    }

    /// An hourly root with a child; it needs nothing that can be down.
    fn hourly_tree(&mut self) {
        let root = self.add(
            Slot::Hourly {
                minute: 41,
                from: 12,
                until: 23,
            },
            Some("Ronde"),
            1,
        );
        let child = self.add(Slot::Never, Some("Ronde_Mesures"), 2);
        self.jobs[child].is_child = true;
        self.jobs[child].project = self.jobs[root].project;
        for (job, number) in [(root, 1), (child, 2)] {
            self.jobs[job].in_rec = false;
            self.jobs[job].parts = vec![Part::Component {
                origin: Origin {
                    component: "tJavaRow",
                    number,
                },
                resource: Resource::Code,
                typical_ms: 9_000,
                flow: None,
            }];
        }
        self.jobs[root].parts.push(Part::Child {
            origin: Origin {
                component: "tRunJob",
                number: 2,
            },
            job: child,
            times: 1,
        });
    }

    fn copy_of(&mut self, original: usize, from: u32) {
        let slot = self.jobs[original].slot;
        let copy = self.add(slot, None, 1);
        self.jobs[copy].name = format!("{}_Copie", self.jobs[original].name);
        self.jobs[copy].parts = self.jobs[original].parts.clone();
        self.jobs[copy].project = self.jobs[original].project;
        self.jobs[copy].stats = Stats::Full;
        self.jobs[copy].days.start = from;
        self.jobs[copy].trait_word = Trait::Copied;
    }

    /// Inputs, changes and outputs; some are counted.
    fn components(&mut self, count: usize) -> Vec<Part> {
        const INPUTS: [(&str, Resource); 6] = [
            ("tOracleInput", Resource::Oracle),
            ("tFileInputDelimited", Resource::File),
            ("tPostgresqlInput", Resource::Postgres),
            ("tRESTClient", Resource::Rest),
            ("tFTPGet", Resource::Ftp),
            ("tFileInputExcel", Resource::File),
        ];
        const MIDDLES: [(&str, Resource); 4] = [
            ("tMap", Resource::Code),
            ("tJavaRow", Resource::Code),
            ("tFilterRow", Resource::Code),
            ("tOracleSP", Resource::Oracle),
        ];
        const OUTPUTS: [(&str, Resource); 4] = [
            ("tPostgresqlOutput", Resource::Postgres),
            ("tOracleOutput", Resource::Oracle),
            ("tFileOutputDelimited", Resource::File),
            ("tOracleOutputBulk", Resource::Oracle),
        ];
        let french = self.jobs.len() % 3 != 1;
        let labels = if french {
            ["lignes_lues", "lignes_ecrites", "lignes_rejetees"]
        } else {
            ["rows_read", "rows_written", "rows_rejected"]
        };
        (0..count)
            .map(|n| {
                let (list, flow): (&[(&'static str, Resource)], _) = match (n, count - 1 - n) {
                    (0, _) => (&INPUTS, Some(labels[0])),
                    (_, 0) => (&OUTPUTS, Some(labels[1])),
                    (2, _) => (
                        &MIDDLES,
                        Some(if count.is_multiple_of(2) {
                            labels[2]
                        } else {
                            "row1"
                        }),
                    ),
                    _ => (&MIDDLES, None),
                };
                let &(component, resource) = self.dice.pick(list);
                let typical_ms = self.dice.between(2_000, 95_000);
                Part::Component {
                    origin: Origin {
                        component,
                        number: n as u8 + 1,
                    },
                    resource,
                    typical_ms,
                    flow,
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_has_as_many_jobs_as_asked_for() {
        for count in [1, 5, 37, 200] {
            assert_eq!(Catalogue::new(count, 30, 7).jobs.len(), count as usize);
        }
    }

    #[test]
    fn names_are_unique_in_their_project_and_cutting_them_keeps_them_apart() {
        let jobs = Catalogue::new(400, 365, 7).jobs;
        let mut cut: Vec<(&str, String)> = jobs
            .iter()
            .map(|job| (job.project, job.name.chars().take(50).collect()))
            .collect();
        cut.sort();
        cut.dedup();
        assert_eq!(cut.len(), jobs.len());
    }

    #[test]
    fn children_have_one_parent() {
        let jobs = Catalogue::new(300, 365, 9).jobs;
        let mut children: Vec<usize> = jobs
            .iter()
            .flat_map(|job| &job.parts)
            .filter_map(|part| {
                if let Part::Child { job, .. } = part {
                    Some(*job)
                } else {
                    None
                }
            })
            .collect();
        let all = children.len();
        children.sort_unstable();
        children.dedup();
        assert_eq!(all, children.len());
        assert!(
            children
                .iter()
                .all(|&child| jobs[child].is_child && jobs[child].slot == Slot::Never)
        );
    }
}
