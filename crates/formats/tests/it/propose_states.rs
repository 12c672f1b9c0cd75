//! How runs ended: which column says it, what its words and codes mean, and what is asked where nothing proves it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use smartetl_formats::Settings;
use smartetl_formats::dialect::generic::MappingSet;
use smartetl_formats::propose::{Lang, Proposal, propose};

use crate::propose::{options, table};
use crate::support::{Rows, paris, read_all};

/// What a proposal says, and what it makes of the file it was made of.
struct Answer {
    toml: String,
    questions: Vec<String>,
    rows: Rows,
}

fn map(text: &str) -> Answer {
    let looked_at = table(text, "runs.csv").expect("a table");
    let proposal: Proposal = propose(vec![looked_at], &options(Lang::En));
    let toml = proposal.toml;
    let mappings = MappingSet::parse("m.toml", &toml).unwrap_or_else(|error| panic!("{error}"));
    let settings = Settings {
        mappings: mappings.only(),
        ..paris()
    };
    let questions = proposal.tables.iter().flat_map(|table| &table.questions);
    let questions = questions.map(|question| question.text(Lang::En)).collect();
    let rows = read_all(text.as_bytes(), &settings).1.rows;
    Answer {
        toml,
        questions,
        rows,
    }
}

impl Answer {
    /// How many rows say that something ended, by what they say of it.
    fn ends(&self) -> BTreeMap<&str, usize> {
        let mut ends = BTreeMap::new();
        for line in self.rows.lines.iter().filter(|line| line.contains(" end ")) {
            let status = line
                .split_whitespace()
                .find_map(|part| part.strip_prefix("status="));
            *ends.entry(status.unwrap_or("-")).or_default() += 1;
        }
        ends
    }

    #[track_caller]
    fn check_ends(&self, expected: &[(&str, usize)]) {
        let expected: BTreeMap<&str, usize> = expected.iter().copied().collect();
        assert_eq!(self.ends(), expected, "{}", self.toml);
    }

    #[track_caller]
    fn check_says(&self, line: &str) {
        let has = |own: &str| own.trim_start().starts_with(line);
        assert!(self.toml.lines().any(has), "no {line}\n{}", self.toml);
    }

    fn asks(&self, what: &str) -> bool {
        self.questions
            .iter()
            .any(|question| question.contains(what))
    }

    #[track_caller]
    fn check_asks(&self, what: &str) {
        assert!(self.asks(what), "{:?}\n{}", self.questions, self.toml);
    }

    #[track_caller]
    fn check_does_not_ask(&self, what: &str) {
        assert!(!self.asks(what), "{:?}\n{}", self.questions, self.toml);
    }
}

/// Twelve nights of three jobs with columns of their own behind id, job, begin and end; `more` gives these by the number of the run.
fn nights(names: &str, more: impl Fn(usize) -> String) -> String {
    let mut text = format!("{names}\n");
    for run in 0..36 {
        let (night, job) = (1 + run / 3, ["ORDERS", "STOCK", "CLIENTS"][run % 3]);
        let at = format!("2026-03-{night:02} 0{}", 1 + run % 3);
        let _ = writeln!(
            text,
            "{},{job},{at}:00:00,{at}:1{}:08,{}",
            500 + run,
            run % 7,
            more(run)
        );
    }
    text
}

const NAMES: &str = "run_id,job_name,start_time,end_time";

/// Sessions of workflows: names that hold letters and words of states, codes that begin at 1, an error text that is always there.
#[test]
fn a_code_of_states_goes_before_names_and_texts_that_hold_such_words() {
    let mut text = "WORKFLOW_RUN_ID,WORKFLOW_NAME,SESSION_NAME,START_TIME,END_TIME,RUN_STATUS_CODE,FIRST_ERROR_CODE,FIRST_ERROR_MSG\n".to_owned();
    for night in 12..=23 {
        for (hour, workflow) in [(1, "wf_SALES"), (3, "wf_STAFF")] {
            for (minute, step) in [(0, "A"), (10, "B"), (20, "C")] {
                let fails = night % 6 == 0 && step == "C";
                let state = match (fails, hour) {
                    (true, 1) => "3,36401,WRT_8229 Database errors occurred",
                    (true, _) => "5,4035,Session run aborted by the parent",
                    _ => "1,0,No errors encountered.",
                };
                let at = format!("03/{night:02}/2026 0{hour}");
                let session = format!("{workflow}_s_m_FAILED_{step}");
                let _ = writeln!(
                    text,
                    "{}{night},{workflow},{session},{at}:{minute:02}:00,{at}:{:02}:48,{state}",
                    7000 + hour,
                    minute + 8
                );
            }
        }
    }
    let answer = map(&text);
    answer.check_says("status = \"RUN_STATUS_CODE\"");
    answer.check_says("step = \"SESSION_NAME\"");
    answer.check_says("message = \"FIRST_ERROR_MSG\"");
    answer.check_says("error_code = \"FIRST_ERROR_CODE\"");
    answer.check_ends(&[("success", 68), ("failed", 4)]);
    assert_eq!(
        (answer.rows.errors, answer.rows.rejects),
        (4, 0),
        "{}",
        answer.toml
    );
    // Codes that another day may bring are there as well.
    answer.check_says("\"4\" = \"cancelled\"");
    answer.check_does_not_ask("in `RUN_STATUS_CODE`");
}

/// The same codes under names that no tool has: nothing says what they mean.
#[test]
fn codes_without_a_zero_are_asked_about_one_by_one() {
    let text = nights(&format!("{NAMES},etat,remarque"), |run| {
        let state = match run {
            5 => "3,Chargement interrompu par une contrainte",
            21 => "7,Chargement relancé à la main depuis",
            _ => "1,Chargement conforme au plan de nuit",
        };
        state.to_owned()
    });
    let answer = map(&text);
    answer.check_says("status = \"etat\"");
    for code in ["1", "3", "7"] {
        answer.check_asks(&format!("What does `{code}` in `etat` mean"));
    }
    assert_eq!(answer.rows.rejects, 36, "{}", answer.toml);
    // What failed will be an error, once somebody says which codes are failures.
    answer.check_says("# [[error]]");
    answer.check_says("# when = [{ column = \"etat\", in = [\"1\", \"3\", \"7\"] }");
    let answered = answer
        .toml
        .replace("in = [\"1\", \"3\", \"7\"]", "in = [\"3\"]");
    let answered = answered.lines().map(|line| {
        let is_rule = ["# [[error]]", "# moment", "# when", "# message"];
        let is_rule = is_rule.iter().any(|start| line.starts_with(start));
        let line = line.strip_prefix("# ").filter(|_| is_rule).unwrap_or(line);
        line.to_owned() + "\n"
    });
    let read = MappingSet::parse("m.toml", &answered.collect::<String>());
    assert!(
        read.is_ok(),
        "{}",
        read.err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    );
}

#[test]
fn a_zero_is_the_good_one_of_return_codes_alone() {
    let codes = |run: usize| if run == 8 { "4" } else { "0" }.to_owned();
    let answer = map(&nights(&format!("{NAMES},return_code"), codes));
    answer.check_ends(&[("success", 35), ("failed", 1)]);
    let answer = map(&nights(&format!("{NAMES},run_status"), codes));
    answer.check_asks("What does `0` in `run_status` mean");
    answer.check_asks("What does `4` in `run_status` mean");
    // Four codes are no return codes either.
    let many = |run: usize| (run % 5).to_string();
    let answer = map(&nights(&format!("{NAMES},run_status"), many));
    answer.check_asks("What does `0` in `run_status` mean");
    answer.check_ends(&[]);
    // Return codes of failures alone.
    let bad = |run: usize| if run == 8 { "4" } else { "8" }.to_owned();
    let answer = map(&nights(&format!("{NAMES},return_code"), bad));
    answer.check_asks("What does `8` in `return_code` mean");
}

#[test]
fn executions_of_a_catalogue_have_published_codes() {
    let mut text = "execution_id,folder_name,package_name,start_time,end_time,status\n".to_owned();
    for run in 0..30 {
        let (end, status) = match run {
            7 => ("10", "4"),
            11 => ("10", "6"),
            17 => ("10", "3"),
            23 => ("10", "9"),
            29 => ("", "2"),
            _ => ("10", "7"),
        };
        let at = format!("2026-03-{:02}T0{}", 1 + run / 3, 1 + run % 3);
        let end = if end.is_empty() {
            String::new()
        } else {
            format!("{at}:{end}:07Z")
        };
        let package = ["Orders.dtsx", "Stock.dtsx", "Clients.dtsx"][run % 3];
        let _ = writeln!(
            text,
            "{},Night,{package},{at}:00:00Z,{end},{status}",
            900 + run
        );
    }
    let answer = map(&text);
    answer.check_ends(&[("success", 26), ("failed", 2), ("cancelled", 1)]);
    answer.check_says("\"6\" = \"failed\"");
    answer.check_does_not_ask("in `status`");
    // Beside other columns the same codes are anybody's.
    let other = map(&text.replace("package_name", "treatment"));
    other.check_asks("What does `7` in `status` mean");
    other.check_ends(&[]);
}

/// Letters of states, beside texts of errors that hold words of states and the name of the job.
#[test]
fn a_text_of_errors_is_no_state() {
    let of = |names: &str| {
        nights(names, |run| {
            match run {
                9 => "E,942,ODI-1228: Task ORDERS fails on the target connection.",
                20 => "E,1017,ODI-1217: Session CLIENTS fails: ORA-01017: logon denied",
                13 => "M,0,",
                _ => "D,0,",
            }
            .to_owned()
        })
    };
    let answer = map(&of(
        "SESS_NO,SESS_NAME,SESS_BEG,SESS_END,SESS_STATUS,SESS_RC,ERROR_MESSAGE",
    ));
    answer.check_says("status = \"SESS_STATUS\"");
    answer.check_says("message = \"ERROR_MESSAGE\"");
    answer.check_ends(&[("success", 34), ("failed", 2)]);
    // Two failures, and a warning.
    assert_eq!(
        (answer.rows.errors, answer.rows.rejects),
        (3, 0),
        "{}",
        answer.toml
    );
    let other = map(&of("no,chain,start_time,end_time,state,code,error_message"));
    other.check_says("status = \"state\"");
    other.check_says("# when = [{ column = \"state\", in = [\"E\"] }");
    other.check_says("# message = \"error_message\"");
    for letter in ["D", "E", "M"] {
        other.check_asks(&format!("What does `{letter}` in `state` mean"));
    }
    other.check_asks("It looks like \"failed\"");
}

#[test]
fn two_letters_of_states_are_no_begins_and_ends() {
    let text = nights(&format!("{NAMES},state"), |run| {
        if run % 4 == 0 { "E" } else { "D" }.to_owned()
    });
    let answer = map(&text);
    answer.check_says("status = \"state\"");
    answer.check_asks("What does `E` in `state` mean");
}

#[test]
fn a_column_that_answers_yes_or_no_says_how_runs_ended() {
    for (name, good, bad) in [
        ("success", "true", "false"),
        ("is_success", "1", "0"),
        ("ok", "Y", "N"),
        ("réussi", "oui", "non"),
        ("failed", "false", "true"),
        ("has_error", "0", "1"),
        ("en_erreur", "N", "O"),
    ] {
        let text = nights(&format!("{NAMES},{name}"), |run| {
            if run == 4 || run == 30 { bad } else { good }.to_owned()
        });
        let answer = map(&text);
        answer.check_says(&format!("status = \"{name}\""));
        answer.check_ends(&[("success", 34), ("failed", 2)]);
        answer.check_does_not_ask(&format!("`{name}`"));
    }
    // Numbers of errors or of what was rejected answer nothing.
    let counts = nights(&format!("{NAMES},failed"), |run| (run % 5).to_string());
    map(&counts).check_asks("Which column says whether a run succeeded?");
}

#[test]
fn a_run_log_that_says_no_states_is_asked_about() {
    let answer = map(&nights(&format!("{NAMES},operator"), |run| {
        ["anne", "paul"][run % 2].to_owned()
    }));
    answer.check_asks("Which column says whether a run succeeded?");
    let states = map(&nights(&format!("{NAMES},state"), |run| {
        if run == 3 { "KO" } else { "OK" }.to_owned()
    }));
    states.check_does_not_ask("Which column says whether a run succeeded?");
}
