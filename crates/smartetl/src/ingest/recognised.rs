//! As what files were read, in a line.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::report::{FileReport, FileResult, ReadAs};
use crate::night::Lang;

/// So many files that are no logs are named.
const NAMED: usize = 5;

/// What was read as what, and what was passed over because it is no log.
#[derive(Clone, Debug, Default)]
pub struct Recognised {
    read: Vec<ReadAs>,
    no_logs: Vec<String>,
    /// So many that were told of before.
    as_before: usize,
}

impl Recognised {
    pub fn of(files: &[FileReport]) -> Self {
        let mut recognised = Self::default();
        for file in files {
            recognised.add(file);
        }
        recognised
    }

    pub fn add(&mut self, file: &FileReport) {
        let is_read = file.records > 0 || matches!(file.result, FileResult::Loaded { .. });
        self.read.extend(file.read_as.clone().filter(|_| is_read));
        self.as_before += usize::from(file.result == FileResult::NoLogAsBefore);
        if matches!(file.result, FileResult::NoLog { .. }) {
            let name = Path::new(&file.path).file_name();
            let name = name.map(|name| name.to_string_lossy().into_owned());
            self.no_logs.push(name.unwrap_or_else(|| file.path.clone()));
        }
    }

    /// Three lines at most.
    pub fn text(&self, lang: Lang) -> String {
        let mut groups: BTreeMap<(&str, &str), Vec<&ReadAs>> = BTreeMap::new();
        for read_as in &self.read {
            let group = (read_as.dialect.as_str(), read_as.layout.as_str());
            groups.entry(group).or_default().push(read_as);
        }
        let mut groups: Vec<Vec<&ReadAs>> = groups.into_values().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
        let mut text = String::new();
        for (number, group) in groups.iter().enumerate() {
            let (count, name) = (group.len(), group[0].name(lang));
            let _ = match (number, lang) {
                (0, Lang::En) => {
                    write!(text, "read: {count} {} as ", plural(count, "file", "files"))
                }
                (0, Lang::Fr) => {
                    let files = plural(count, "fichier", "fichiers");
                    write!(text, "lu\u{a0}: {count} {files} comme ")
                }
                (_, Lang::En) => write!(text, ", {count} as "),
                (_, Lang::Fr) => write!(text, ", {count} comme "),
            };
            let _ = write!(text, "{name}{}", sure(group));
        }
        if !groups.is_empty() {
            text.push('\n');
        }
        text.push_str(&self.passed_over(lang));
        let _ = match (lang, self.as_before) {
            (_, 0) => Ok(()),
            (Lang::En, 1) => writeln!(text, "1 file that is no log, as before"),
            (Lang::En, count) => writeln!(text, "{count} files that are no logs, as before"),
            (Lang::Fr, 1) => writeln!(text, "1 fichier qui n’est pas un journal, comme avant"),
            (Lang::Fr, count) => writeln!(
                text,
                "{count} fichiers qui ne sont pas des journaux, comme avant"
            ),
        };
        text
    }

    fn passed_over(&self, lang: Lang) -> String {
        let count = self.no_logs.len();
        if count == 0 {
            return String::new();
        }
        let named = self.no_logs[..count.min(NAMED)].join(", ");
        let mut text = match lang {
            Lang::En => format!(
                "{count} {}: {named}",
                plural(count, "file is no log", "files are no logs")
            ),
            Lang::Fr => {
                let are = plural(
                    count,
                    "fichier n’est pas un journal",
                    "fichiers ne sont pas des journaux",
                );
                format!("{count} {are}\u{a0}: {named}")
            }
        };
        if let Some(more @ 1..) = count.checked_sub(NAMED) {
            let _ = match lang {
                Lang::En => write!(text, " and {more} more"),
                Lang::Fr => write!(text, " et {more} {}", plural(more, "autre", "autres")),
            };
        }
        text + "\n"
    }
}

/// ` (100 %)`, ` (85–100 %)`
fn sure(group: &[&ReadAs]) -> String {
    let confidences = || group.iter().filter_map(|read_as| read_as.confidence);
    match (confidences().min(), confidences().max()) {
        (Some(least), Some(most)) if least < most => format!(" ({least}–{most} %)"),
        (Some(all), _) => format!(" ({all} %)"),
        _ => String::new(),
    }
}

fn plural<'w>(count: usize, one: &'w str, many: &'w str) -> &'w str {
    if count == 1 { one } else { many }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::Reason;

    fn read(layout: &str, confidence: Option<u8>) -> FileReport {
        let (dialect, layout) = layout.split_once(' ').expect("two words");
        FileReport {
            read_as: Some(ReadAs {
                dialect: dialect.to_owned(),
                layout: layout.to_owned(),
                confidence,
            }),
            records: 1,
            ..FileReport::of("x".to_owned())
        }
    }

    fn no_log(path: &str) -> FileReport {
        FileReport {
            result: FileResult::NoLog {
                reason: Reason::new("", ""),
            },
            ..FileReport::of(path.to_owned())
        }
    }

    #[track_caller]
    fn check(files: &[FileReport], en: &str, fr: &str) {
        let recognised = Recognised::of(files);
        assert_eq!(recognised.text(Lang::En), en);
        assert_eq!(recognised.text(Lang::Fr), fr);
    }

    #[test]
    fn many_files_are_one_line() {
        let talend = || read("talend tstatcatcher", Some(100));
        let mut files = vec![read("generic flux", Some(90)), talend(), talend()];
        check(
            &files,
            "read: 2 files as talend tstatcatcher (100 %), 1 as mapping flux (90 %)\n",
            "lu\u{a0}: 2 fichiers comme talend tstatcatcher (100 %), 1 comme correspondance flux (90 %)\n",
        );
        files.extend([read("generic flux", Some(85)), read("generic flux", None)]);
        files.extend([no_log("a/photo.png")]);
        check(
            &files,
            "read: 3 files as mapping flux (85–90 %), 2 as talend tstatcatcher (100 %)\n1 file is no log: photo.png\n",
            "lu\u{a0}: 3 fichiers comme correspondance flux (85–90 %), 2 comme talend tstatcatcher (100 %)\n\
             1 fichier n’est pas un journal\u{a0}: photo.png\n",
        );
        let many: Vec<FileReport> = (1..8)
            .map(|number| no_log(&format!("{number}.md")))
            .collect();
        check(
            &many,
            "7 files are no logs: 1.md, 2.md, 3.md, 4.md, 5.md and 2 more\n",
            "7 fichiers ne sont pas des journaux\u{a0}: 1.md, 2.md, 3.md, 4.md, 5.md et 2 autres\n",
        );
        let as_before = || FileReport {
            result: FileResult::NoLogAsBefore,
            ..FileReport::of("sales.csv".to_owned())
        };
        check(
            &[as_before(), as_before()],
            "2 files that are no logs, as before\n",
            "2 fichiers qui ne sont pas des journaux, comme avant\n",
        );
        check(&[], "", "");
    }
}
