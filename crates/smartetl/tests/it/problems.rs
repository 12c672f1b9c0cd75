//! Signatures, templates and problems through the program: they depend on what is stored and on what people said, and on nothing else.

use crate::company::Company;
use crate::samples::{COLUMNS, ERROR_COLUMNS};
use crate::screen::Screen;
use crate::support::{World, place};
use crate::tables::{Row, assert_same_content, content as unsorted, number, rows};
use smartetl_testkit::TestDatabase;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const AS_OF: &str = "2026-01-20T12:00:00Z";
const REFUSED: &str = "Connection refused";
const ABSENT: &str = "ORA-00942: table inexistante";

/// Everything, in an order that does not depend on how it came.
fn content(url: &str) -> BTreeMap<&'static str, Vec<Row>> {
    let mut content = unsorted(url);
    content.values_mut().for_each(|rows| rows.sort());
    content
}

/// Runs of January, one a day; each fails with the message of its day.
fn logs(days: &[(u32, &str)]) -> (String, String) {
    let (mut stats, mut errors) = (COLUMNS.to_owned(), ERROR_COLUMNS.to_owned());
    for (day, message) in days {
        let at = format!("2026-01-{day:02} 02");
        let who = format!("r{day:05};r{day:05};r{day:05};77;SALES;load_orders;_x1;0.1;PROD;");
        let _ = writeln!(stats, "{at}:00:00;{who};begin;;");
        let _ = writeln!(stats, "{at}:10:00;{who};end;failure;600000");
        let _ = writeln!(
            errors,
            "{at}:05:00;r{day:05};r{day:05};r{day:05};SALES;load_orders;PROD;5;Java Exception;tDBInput_1;{message};1"
        );
    }
    (stats, errors)
}

fn load(world: &World, name: &str, days: &[(u32, &str)]) {
    let (stats, errors) = logs(days);
    world.file(&format!("{name}/stats.csv"), &stats);
    world.file(&format!("{name}/errors.csv"), &errors);
    world.run(&["load", "--as-of", AS_OF, name]).done();
}

/// A database with two problems, of three and of two runs.
fn two_problems() -> (TestDatabase, World) {
    let (database, world) = place();
    let days = [
        (5, REFUSED),
        (6, REFUSED),
        (7, REFUSED),
        (8, ABSENT),
        (9, ABSENT),
    ];
    load(&world, "logs", &days);
    assert_eq!(number(&database.url, "SELECT count(*) FROM problem"), 2);
    (database, world)
}

fn one(url: &str, statement: &str) -> String {
    rows(url, statement).remove(0).remove(0)
}

fn problem(url: &str, text: &str) -> String {
    let statement = format!("SELECT ARRAY[problem::text] FROM problem WHERE text LIKE '%{text}%'");
    one(url, &statement)
}

fn error(url: &str, text: &str) -> String {
    let statement = format!(
        "SELECT ARRAY[error] FROM error WHERE message LIKE '%{text}%' ORDER BY moment LIMIT 1"
    );
    one(url, &statement)
}

fn categories(url: &str) -> Vec<String> {
    let statement = "SELECT ARRAY[business_day::text || ' ' || category || coalesce(' ' || ruled_category, '')] \
                     FROM dataset ORDER BY business_day";
    rows(url, statement).into_iter().flatten().collect()
}

fn is_proved(world: &World) {
    world.run(&["verify", "--recompute"]).done();
}

#[test]
fn each_error_is_of_a_signature_a_template_and_a_problem() {
    let company = Company::simulate(&["--jobs", "20", "--days", "30", "--seed", "61"]);
    let (database, world) = place();
    let logs = company.logs.to_str().expect("UTF-8");
    world
        .run(&["load", "--allow-rejects", "--as-of", &company.as_of, logs])
        .done();
    for (what, statement) in [
        (
            "errors without a problem",
            "SELECT count(*) FROM error WHERE problem IS NULL OR template IS NULL",
        ),
        (
            "signatures that no row has",
            "SELECT count(*) FROM signature WHERE NOT EXISTS (SELECT FROM logerreur WHERE logerreur.signature = signature.signature \
             AND message_truncated = cut)",
        ),
        (
            "templates without a signature",
            "SELECT count(*) FROM template WHERE template NOT IN (SELECT template FROM signature)",
        ),
        (
            "signatures of runs that are not known",
            "SELECT count(*) FROM dataset, unnest(error_signatures) AS of WHERE of NOT IN (SELECT signature FROM signature)",
        ),
        (
            "runs whose errors have no signatures, or the other way round",
            "SELECT count(*) FROM dataset WHERE (errors > 0) <> (error_signatures <> '{}')",
        ),
    ] {
        assert_eq!(number(&database.url, statement), 0, "{what}");
    }
    assert!(number(&database.url, "SELECT count(*) FROM template") > 5);
    is_proved(&world);
}

#[test]
fn templates_are_those_of_what_is_stored_whatever_was_loaded_in_between() {
    let company = Company::simulate(&["--jobs", "20", "--days", "30", "--seed", "62"]);
    let (clean, taken) = (place(), place());
    let logs = company.logs.to_str().expect("UTF-8");
    let load = |world: &World, path: &str| {
        world
            .run(&["load", "--allow-rejects", "--as-of", &company.as_of, path])
            .done();
    };
    load(&clean.1, logs);
    let other = Company::simulate(&["--jobs", "10", "--days", "20", "--seed", "63"]);
    let others = other.logs.to_str().expect("UTF-8");
    load(&taken.1, others);
    for file in company.files() {
        load(&taken.1, file.to_str().expect("UTF-8"));
    }
    taken
        .1
        .run(&["unload", "--as-of", &company.as_of, others])
        .done();
    // The catalogue remembers jobs; the rest is as if the other logs had never been.
    let expected = content(&clean.0.url);
    let found = content(&taken.0.url);
    for table in ["signature", "template", "problem", "dataset"] {
        let (expected, found) = (&expected[table], &found[table]);
        assert!(
            expected == found,
            "{table}: {} and {} rows",
            expected.len(),
            found.len()
        );
    }
}

/// The stack tells again what the message says, so nothing new: with that of another run it would.
#[test]
fn a_message_is_read_with_its_own_stack_however_rows_came() {
    let failed = |run: u32, outer: &str| {
        let said = format!("Run {run} failed: cannot reach node {}", run - 3);
        format!(
            "\"{said}\n\tat {outer}.Main.run(Main.java:1)\nCaused by: java.io.IOException: {said}\n\tat erp.Load.go(Load.java:2)\""
        )
    };
    let (first, second) = (failed(11, "zz"), failed(12, "aa"));
    let days = [(5, &*first), (6, &*second)];
    let texts = |url: &str| rows(url, "SELECT ARRAY[text, template::text] FROM signature");
    let (together, world) = place();
    load(&world, "logs", &days);
    let expected = texts(&together.url);
    assert_eq!(expected.len(), 1, "{expected:?}");
    for order in [[0, 1], [1, 0]] {
        let (database, world) = place();
        for at in order {
            load(&world, &format!("logs{at}"), &days[at..=at]);
        }
        assert_eq!(texts(&database.url), expected);
        is_proved(&world);
    }
}

#[test]
fn a_correction_holds_for_what_was_and_what_comes() {
    let (database, world) = two_problems();
    let url = &database.url;
    let before = content(url);
    let refused = error(url, REFUSED);
    let answer = world
        .run(&[
            "classify",
            "--correct",
            &refused,
            "lock",
            "--blame",
            "external",
            "--by",
            "Anne",
        ])
        .done();
    for words in [
        "are from now on: lock, partner, worth a retry.",
        "3 runs were computed again",
    ] {
        assert!(answer.stdout.contains(words), "{}", answer.stdout);
    }
    assert_eq!(
        categories(url),
        [
            "2026-01-05 lock connection",
            "2026-01-06 lock connection",
            "2026-01-07 lock connection",
            "2026-01-08 missing_object",
            "2026-01-09 missing_object"
        ]
    );
    let of_days = "SELECT count(*) FROM job_day WHERE category = 'lock' AND blame = 'external'";
    assert_eq!(number(url, of_days), 3);
    let of_rows =
        "SELECT count(*) FROM error WHERE corrected AND category = 'lock' AND blame = 'external'";
    assert_eq!(number(url, of_rows), 3);
    assert_eq!(
        number(
            url,
            "SELECT count(*) FROM logerreur WHERE category = 'lock'"
        ),
        0
    );
    is_proved(&world);

    load(&world, "more", &[(10, REFUSED), (11, ABSENT)]);
    assert_eq!(
        categories(url)[5..],
        ["2026-01-10 lock connection", "2026-01-11 missing_object"]
    );
    is_proved(&world);
    let lines = world.run(&["classify", "--export"]).done().stdout;
    assert_eq!(
        lines,
        format!("system,message,category\ntalend,{REFUSED},lock\n")
    );

    world.run(&["unload", "--as-of", AS_OF, "more"]).done();
    world.run(&["issues", "undo", "1", "--by", "Anne"]).done();
    assert_eq!(content(url), before);
    is_proved(&world);
    let again = world.run(&["issues", "undo", "1"]);
    assert_eq!(again.exit, 2, "{}", again.stdout);
}

#[test]
fn a_merge_teaches_and_can_be_taken_back() {
    let (database, world) = two_problems();
    let url = &database.url;
    let before = content(url);
    let (refused, absent) = (problem(url, REFUSED), problem(url, "ORA-00942"));
    let rename = ["issues", "rename", &refused[..8], "The server is away"];
    world.run(&rename).done();
    // Of a title the list shows what was there before.
    let listed = world.run(&["issues", "overrides"]).done().stdout;
    let line = |words: &str| listed.lines().position(|line| line.contains(words));
    let (before_it, after_it) = (line("Connection refused"), line("→ The server is away"));
    assert!(before_it.is_some() && before_it < after_it, "{listed}");
    let twice = world.run(&rename);
    assert_eq!(twice.exit, 2, "{}", twice.stdout);
    let words = ["said already: override 1", "smartetl issues undo 1"];
    assert!(
        words.iter().all(|words| twice.stderr.contains(words)),
        "{}",
        twice.stderr
    );
    world
        .run(&["issues", "merge", &refused[..8], &absent[..8]])
        .done();
    assert_eq!(number(url, "SELECT count(*) FROM problem"), 1);
    assert_eq!(
        one(url, "SELECT ARRAY[problem || ' ' || title] FROM problem"),
        format!("{refused} The server is away")
    );
    // An id that is no problem any more still names the one it went into.
    let refusal = world.run(&["issues", "merge", &refused, &absent]);
    assert_eq!(refusal.exit, 2);
    assert!(
        refusal.stderr.contains("are one already"),
        "{}",
        refusal.stderr
    );
    let of_absent = error(url, "ORA-00942");
    world
        .run(&["classify", "--correct", &of_absent, "configuration"])
        .done();
    assert_eq!(
        number(
            url,
            "SELECT count(*) FROM dataset WHERE category = 'configuration'"
        ),
        5
    );
    world.run(&["issues", "split", &absent]).done();
    assert_eq!(
        number(
            url,
            "SELECT count(*) FROM dataset WHERE category = 'configuration'"
        ),
        2
    );
    is_proved(&world);
    for number in ["4", "3", "2", "1"] {
        world.run(&["issues", "undo", number]).done();
        is_proved(&world);
    }
    assert_eq!(content(url), before);
    let list = world
        .run(&["issues", "overrides", "--format", "csv"])
        .done()
        .stdout;
    assert_eq!(list.lines().count(), 5, "{list}");
}

#[test]
fn what_was_said_of_one_can_be_said_again_once_a_merge_took_it_away() {
    let (database, world) = two_problems();
    let url = &database.url;
    let (refused, absent) = (problem(url, "refused"), problem(url, "ORA-00942"));
    let correct = |message: &str, category: &str| {
        world.run(&["classify", "--correct", &error(url, message), category])
    };
    correct(REFUSED, "timeout").done();
    assert_eq!(correct(REFUSED, "timeout").exit, 2);
    correct("ORA-00942", "code").done();
    world.run(&["issues", "merge", &absent, &refused]).done();
    let all_are = |category: &str| {
        let of = format!("SELECT count(*) FROM dataset WHERE category = '{category}'");
        assert_eq!(number(url, &of), 5, "{category}");
    };
    all_are("code");
    correct(REFUSED, "timeout").done();
    all_are("timeout");
    is_proved(&world);
}

/// What people said is answered in words: of which problem, how many there are now, how many runs that was.
#[test]
fn what_was_said_is_told_in_words() {
    let (database, world) = two_problems();
    let url = &database.url;
    let (refused, absent) = (problem(url, REFUSED), problem(url, "ORA-00942"));
    let (refused, absent) = (&refused[..8], &absent[..8]);
    let told = |lang: &str, arguments: &[&str]| {
        let answer = world
            .run(&[&["--lang", lang, "issues"], arguments].concat())
            .done();
        answer.stdout.replace('\u{a0}', " ")
    };
    let has = |told: &str, words: &[&str]| {
        for words in words {
            assert!(told.contains(words), "`{words}` is missing in {told}");
        }
    };
    let renamed = told("en", &["rename", refused, "The server is away"]);
    let called = format!(
        "Problem {refused} “Connection refused” is called “The server is away” from now on.\n"
    );
    has(
        &renamed,
        &[
            &called,
            "In all 2 problems (as before); no run had to be computed again.",
        ],
    );
    has(&renamed, &["To take it back: smartetl ", "issues undo 1\n"]);
    let merged = told("fr", &["merge", refused, absent]);
    let same = format!(
        "La panne {absent} « ORA-00942: table inexistante » est désormais la même que {refused} « The server is away », et en \
         porte l’identifiant.\n"
    );
    has(
        &merged,
        &[
            &same,
            "En tout 1 panne (2 avant) ; aucune exécution à recalculer.",
        ],
    );
    has(
        &merged,
        &["Cela vaut pour tous les jobs", "Pour l’annuler : "],
    );
    // Each has an id, to go on with.
    let split = told("en", &["split", refused]);
    let apart = format!("Problem {refused} “The server is away” is 2 problems from now on:\n");
    has(&split, &[&apart, "In all 2 problems (1 before)"]);
    for (id, title) in [
        (refused, "The server is away"),
        (absent, "ORA-00942: table inexistante"),
    ] {
        has(&split, &[&format!("  {id}  {title}\n")]);
    }
    let undone = told("fr", &["undo", "3"]);
    has(
        &undone,
        &["La décision 3 est annulée : tout est comme si elle n’avait jamais été prise.\n"],
    );
    has(&undone, &["En tout 1 panne (2 avant)"]);
}

#[test]
fn ids_are_refused_that_name_nothing_or_too_much() {
    let (database, world) = two_problems();
    let absent = problem(&database.url, "ORA-00942");
    for (arguments, words) in [
        (vec!["issues", "merge", &absent, "abc"], "is no id"),
        (
            vec!["issues", "merge", &absent, "ffffffffffff"],
            "there is no problem ffffffffffff",
        ),
        (vec!["issues", "split", &absent], "one signature only"),
        (
            vec!["issues", "undo", "7"],
            "there is no override 7 that holds",
        ),
        (
            vec!["classify", "--correct", "1-999-0", "lock"],
            "there is no error 1-999-0",
        ),
        (
            vec!["classify", "--correct", "nonsense", "lock"],
            "batch-line-seq",
        ),
        (vec!["explain", "12-345"], "batch-line-seq"),
        (
            vec!["classify", "--correct", "1-2-0", "nonsense"],
            "external_api",
        ),
        (vec!["classify", "--correct", "1-2-0"], "external_api"),
        (
            vec!["classify", "--correct", "1-2-0", "x", "--lang", "fr"],
            "paramétrage",
        ),
        (vec!["classify"], "--correct"),
    ] {
        let answer = world.run(&arguments);
        assert_eq!(answer.exit, 2, "{arguments:?}: {}", answer.stdout);
        assert!(
            answer.stderr.contains(words),
            "{arguments:?}: {}",
            answer.stderr
        );
    }
    assert_eq!(number(&database.url, "SELECT count(*) FROM override"), 0);
}

/// Rows of trees that retired are gone; what people say of their runs holds all the same, and can be taken back.
#[test]
fn runs_that_retired_take_corrections_over() {
    let (database, world) = place();
    let url = &database.url;
    load(&world, "logs", &[(5, REFUSED), (6, ABSENT)]);
    let before = content(url);
    let refused = error(url, REFUSED);
    let prune = ["prune", "--months", "1", "--settled-after", "0"];
    let prune = [&prune[..], &["--as-of", "2026-04-10T00:00:00Z"]].concat();
    world
        .run(&["classify", "--correct", &refused, "lock"])
        .done();
    world.run(&prune).done();
    assert_eq!(number(url, "SELECT count(*) FROM logerreur"), 0);
    assert_eq!(number(url, "SELECT count(*) FROM signature WHERE kept"), 2);
    assert_eq!(
        categories(url),
        ["2026-01-05 lock connection", "2026-01-06 missing_object"]
    );
    world.run(&["issues", "undo", "1"]).done();
    assert_eq!(
        categories(url),
        ["2026-01-05 connection", "2026-01-06 missing_object"]
    );
    assert_eq!(content(url)["job_day"], before["job_day"]);
    let away = problem(url, REFUSED);
    world
        .run(&["issues", "merge", &problem(url, "ORA-00942"), &away])
        .done();
    is_proved(&world);
}

/// A database of the version before knows neither signatures nor templates: the first fuse finds them.
#[test]
fn the_first_fuse_of_an_older_database_fills_everything() {
    let (clean, clean_world) = place();
    let (older, world) = place();
    load(&clean_world, "logs", &[(5, REFUSED), (6, ABSENT)]);
    load(&world, "logs", &[(5, REFUSED), (6, ABSENT)]);
    for statement in [
        "TRUNCATE signature, template, template_alias, problem",
        "UPDATE dataset SET error_signatures = '{}'",
        "UPDATE fuse_state SET grouped = false, configuration_hash = configuration_hash + 1",
    ] {
        world.run(&["sql", "--write", statement]).done();
    }
    world.run(&["fuse", "--as-of", AS_OF]).done();
    assert_same_content("filled", &clean.url, &older.url);
}

#[test]
fn regrouping_says_what_changes_before_it_does_it() {
    let (database, world) = two_problems();
    let url = &database.url;
    let before = content(url);
    let nothing = world.run(&["regroup", "--dry-run"]).done();
    assert!(
        nothing.stdout.contains("nothing changes"),
        "{}",
        nothing.stdout
    );
    // As other masks left it: two texts that were masked alike, under another id.
    for statement in [
        "UPDATE signature SET text = 'as it was masked before', version = 0, template = '11111111-1111-8111-8111-111111111111'",
        "DELETE FROM template",
        "INSERT INTO template VALUES ('11111111-1111-8111-8111-111111111111', 'as it was masked before')",
    ] {
        world.run(&["sql", "--write", statement]).done();
    }
    let spoiled = content(url);
    let dry = world
        .run(&["regroup", "--dry-run", "--format", "json"])
        .done();
    let dry: serde_json::Value = serde_json::from_str(&dry.stdout).expect("JSON");
    assert_eq!(dry["texts"], 2);
    assert_eq!(dry["runs"], 5);
    assert_eq!(dry["split"][0]["before"][0], "as it was masked before");
    assert_eq!(dry["split"][0]["after"].as_array().map(Vec::len), Some(2));
    assert_eq!(content(url), spoiled);
    world.run(&["regroup"]).done();
    assert_eq!(content(url), before);
    // The id that went is another name of one of them now.
    let alias = "SELECT count(*) FROM template_alias JOIN template USING (template) \
                 WHERE alias = '11111111-1111-8111-8111-111111111111'";
    assert_eq!(number(url, alias), 1);
    is_proved(&world);
}

/// Other rules of mining made the templates: nobody has to ask, and no new signature has to come.
#[test]
fn templates_of_an_earlier_version_are_made_anew_by_the_next_fuse() {
    let (database, world) = two_problems();
    let url = &database.url;
    let templates =
        "SELECT ARRAY[signature::text, template::text] FROM signature ORDER BY signature";
    let before = rows(url, templates);
    for statement in [
        "UPDATE fuse_state SET template_version = template_version - 1",
        "UPDATE signature SET template = '11111111-1111-8111-8111-111111111111'",
        "DELETE FROM template",
        "INSERT INTO template VALUES ('11111111-1111-8111-8111-111111111111', 'as it was')",
    ] {
        world.run(&["sql", "--write", statement]).done();
    }
    let told = world.run(&["verify", "--recompute"]).done().stdout;
    assert!(told.contains("an earlier version made them"), "{told}");
    load(&world, "more", &[(10, REFUSED)]);
    assert_eq!(rows(url, templates), before);
    let told = world.run(&["verify", "--recompute"]).done().stdout;
    assert!(!told.contains("an earlier version made them"), "{told}");
}

/// Its rows are pruned, and the masks are others since: what comes again is known all the same.
#[test]
fn what_comes_again_after_pruning_and_with_new_masks_is_the_same_problem() {
    let (database, world) = place();
    let url = &database.url;
    load(&world, "logs", &[(5, "lot 12 refused by the depot")]);
    let prune = ["prune", "--months", "1", "--settled-after", "0"];
    let prune = [&prune[..], &["--as-of", "2026-04-10T00:00:00Z"]].concat();
    world.run(&prune).done();
    // As masks of before left it: with a number, and under another signature.
    let old = "22222222-2222-8222-8222-222222222222";
    for statement in [
        format!(
            "UPDATE signature SET signature = '{old}', version = 0, text = replace(text, 'lot #', 'lot 12')"
        ),
        format!("UPDATE dataset SET error_signatures = '{{{old}}}', cause_signature = '{old}'"),
        format!("UPDATE job_day SET cause_signature = '{old}'"),
    ] {
        world.run(&["sql", "--write", &statement]).done();
    }
    let known = problem(url, "refused");
    // The next fuse sees it by itself.
    let older = "UPDATE fuse_state SET template_version = template_version - 100";
    world.run(&["sql", "--write", older]).done();
    let (stats, errors) = logs(&[(5, "lot 13 refused by the depot")]);
    world.file("new/stats.csv", &stats.replace("2026-01", "2026-04"));
    world.file("new/errors.csv", &errors.replace("2026-01", "2026-04"));
    world
        .run(&["load", "--as-of", "2026-04-10T12:00:00Z", "new"])
        .done();
    assert_eq!(number(url, "SELECT count(*) FROM signature"), 2);
    assert_eq!(number(url, "SELECT count(*) FROM problem"), 1);
    let alias = format!("SELECT count(*) FROM template_alias WHERE alias = '{known}'");
    let is_known = number(url, &alias) == 1 || problem(url, "refused") == known;
    assert!(is_known, "{known}");
    assert_eq!(number(url, "SELECT runs FROM issue"), 2);
}

/// What decided when it was loaded holds, and today's rules are told beside it.
#[test]
fn an_error_that_other_rules_decided_is_explained_by_both() {
    let (database, world) = two_problems();
    let refused = error(&database.url, REFUSED);
    let before = "UPDATE logerreur SET rule = 'rule.of.before', category = 'timeout', confidence = 0.4, blame = 'platform' \
                  WHERE message LIKE '%refused%'";
    world.run(&["sql", "--write", before]).done();
    for (lang, words) in [
        (
            "en",
            [
                "Category:       timeout",
                "Decided by:     rule.of.before",
                "Confidence:     40%",
                "Today:          connection (",
            ],
        ),
        (
            "fr",
            [
                "Catégorie\u{a0}:     délai dépassé",
                "Décidée par\u{a0}:   rule.of.before",
                "Confiance\u{a0}:     40\u{a0}%",
                "Aujourd’hui\u{a0}:   connexion (",
            ],
        ),
    ] {
        let told = world
            .run(&["explain", &refused, "--lang", lang])
            .done()
            .stdout;
        for words in words {
            let is_told = told.lines().any(|line| line.starts_with(words));
            assert!(is_told, "{words}: {told}");
        }
    }
    let correct = ["classify", "--correct", &refused, "lock"];
    world.run(&correct).done();
    let twice = world.run(&correct);
    assert_eq!(twice.exit, 2, "{}", twice.stdout);
    assert!(twice.stderr.contains("said already"), "{}", twice.stderr);
    let told = world.run(&["explain", &refused]).done().stdout;
    assert!(
        told.contains("← would decide") && !told.contains("← decided"),
        "{told}"
    );
    for words in [
        "Category:       lock",
        "By itself:      connection (",
        "When loaded:    rule.of.before (40%)",
    ] {
        assert!(told.lines().any(|line| line.starts_with(words)), "{told}");
    }
}

/// What lists show is meant, also where something that nobody is shown begins alike.
#[test]
fn an_id_that_is_shown_is_enough() {
    let (database, world) = two_problems();
    let url = &database.url;
    let issue = "SELECT ARRAY[issue::text, problem::text] FROM issue JOIN problem USING (problem) WHERE text LIKE '%refused%'";
    let shown = rows(url, issue).remove(0);
    let (short, meant) = (&shown[0][..4], &shown[1]);
    let other = problem(url, "ORA-00942");
    let alias = format!(
        "INSERT INTO template_alias VALUES ('{short}0000-0000-8000-8000-000000000000', '{other}')"
    );
    world.run(&["sql", "--write", &alias]).done();
    world
        .run(&["issues", "rename", short, "as it is called"])
        .done();
    let renamed = "SELECT ARRAY[problem::text] FROM problem WHERE title = 'as it is called'";
    assert_eq!(&one(url, renamed), meant);
    // Of two that are not shown, either may be meant.
    let alias = format!(
        "INSERT INTO template_alias VALUES ('33330000-0000-8000-8000-000000000000', '{other}'), \
                         ('33331111-0000-8000-8000-000000000000', '{meant}')"
    );
    world.run(&["sql", "--write", &alias]).done();
    let answer = world.run(&["issues", "rename", "3333", "x", "--lang", "fr"]);
    assert!(
        answer.exit == 2 && answer.stderr.contains("plusieurs pannes"),
        "{}",
        answer.stderr
    );
}

#[test]
fn an_error_is_explained_by_its_id() {
    let (database, world) = two_problems();
    let refused = error(&database.url, REFUSED);
    let by_rule = world.run(&["explain", &refused]).done();
    assert!(by_rule.stdout.contains("connection"), "{}", by_rule.stdout);
    assert!(!by_rule.stdout.contains("corrected"), "{}", by_rule.stdout);
    let words = ["paramétrage", "--retryable", "yes", "--by", "Anne"];
    let to_whom = ["--blame", "l'équipe développement"];
    world
        .run(&[&["classify", "--correct", &refused][..], &words, &to_whom].concat())
        .done();
    let corrected = world.run(&["explain", &refused]).done().stdout;
    let lines: Vec<&str> = corrected
        .lines()
        .filter(|line| !line.starts_with(' '))
        .collect();
    for line in [
        "Category:       configuration",
        "Decided by:     Anne",
        "Who must act:   developers",
        "Worth a retry:  yes",
    ] {
        assert!(lines.contains(&line), "{corrected}");
    }
    assert!(
        corrected.contains("By itself:      connection ("),
        "{corrected}"
    );
    assert!(corrected.contains("\nconfiguration: "), "{corrected}");
    assert!(!corrected.contains("\nconnection: "), "{corrected}");
    let list = world.run(&["issues", "overrides"]).done().stdout;
    assert!(
        list.contains("→ configuration, developers, worth a retry"),
        "{list}"
    );
    let json = world
        .run(&["issues", "overrides", "--format", "json"])
        .done()
        .stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        (&json[0]["what"], &json[0]["blame"]),
        (&"configuration".into(), &"code".into())
    );
    assert_eq!(json[0]["retryable"], true);
}

/// On a narrow terminal, too, with the titles of what was merged.
#[test]
fn what_was_said_is_listed_whole() {
    let (database, world) = two_problems();
    let url = &database.url;
    let (refused, absent) = (problem(url, REFUSED), problem(url, "ORA-00942"));
    world
        .run(&["issues", "merge", &refused, &absent, "--by", "Anne"])
        .done();
    world
        .run(&["issues", "undo", "1", "--by", "Bernard"])
        .done();
    for lang in ["en", "fr"] {
        let arguments = ["--color", "never", "--lang", lang, "issues", "overrides"];
        let (exit, lines) = Screen::start(&world, &arguments, 80).end();
        assert_eq!(exit, Some(0), "{lines:?}");
        assert!(
            lines.iter().all(|line| line.chars().count() <= 80),
            "{lines:#?}"
        );
        let text = lines.join("\n");
        assert!(
            text.contains(&format!("→ {} ORA-00942", &absent[..8])),
            "{text}"
        );
        assert!(text.contains("Bernard") && text.contains(REFUSED), "{text}");
    }
}

#[test]
fn a_backup_keeps_what_people_said() {
    let (database, world) = two_problems();
    let refused = error(&database.url, REFUSED);
    world
        .run(&["classify", "--correct", &refused, "lock"])
        .done();
    world.run(&["backup", "b.tar"]).done();
    let (target, other) = place();
    let file = world.home.path().join("b.tar");
    other
        .run(&["restore", file.to_str().expect("UTF-8")])
        .done();
    assert_same_content("restored", &database.url, &target.url);
    is_proved(&other);
    other
        .run(&["issues", "rename", &problem(&target.url, REFUSED), "away"])
        .done();
    assert_eq!(number(&target.url, "SELECT max(override) FROM override"), 2);
}
