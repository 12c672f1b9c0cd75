//! What the summary says of nights whose story is known.

use crate::running::Up;
use crate::samples::{COLUMNS, ERROR_COLUMNS};
use crate::support::{World, own_database};
use smartetl_store::night::{Night, night};
use sqlx::{Connection, PgConnection};
use std::fmt::Write as _;

/// Logs of a night, line by line.
#[derive(Default)]
struct Logs {
    stats: String,
    errors: String,
}

impl Logs {
    /// A root job, or a child of `root`; times are those of the evening before 6 January.
    fn run(&mut self, root: &str, run: &str, job: &str, begin: &str, end: &str, status: &str) {
        self.run_in("PROD", root, run, job, [begin, end, status]);
    }

    fn run_in(&mut self, context: &str, root: &str, run: &str, job: &str, facts: [&str; 3]) {
        let [begin, end, status] = facts;
        let father = if root == run { run } else { root };
        let who = format!("{run};{father};{root};1;SALES;{job};_id;0.1;{context};");
        let _ = writeln!(self.stats, "2026-01-05 {begin}:00;{who};begin;;");
        let _ = writeln!(self.stats, "2026-01-05 {end}:00;{who};end;{status};60000");
    }

    fn error(&mut self, root: &str, run: &str, job: &str, at: &str, message: &str) {
        let _ = writeln!(
            self.errors,
            "2026-01-05 {at}:00;{run};{root};{root};SALES;{job};PROD;6;Java Exception;tDBInput_1;{message};1"
        );
    }

    fn write(&self, world: &World) {
        world.file("data/stats.csv", &format!("{COLUMNS}{}", self.stats));
        if !self.errors.is_empty() {
            world.file(
                "data/errors.csv",
                &format!("{ERROR_COLUMNS}{}", self.errors),
            );
        }
    }
}

const DENIED: &str =
    "java.sql.SQLException:ORA-01017: invalid username/password; logon denied, session ";

/// Two databases refuse the same password in trees that have nothing to do with each other; another job fails in between.
fn same_error_in_several_trees() -> Logs {
    let denied = |session: u32| format!("{}{session}", DENIED.replace(';', ","));
    let mut logs = Logs::default();
    // Its end comes last, its error first.
    logs.run("c1", "c1", "load_crm", "22:00", "23:50", "failure");
    logs.run("c1", "c2", "read_crm", "22:01", "22:10", "failure");
    logs.error("c1", "c2", "read_crm", "22:10", &denied(17));
    logs.run("s1", "s1", "load_stock", "22:02", "22:30", "failure");
    logs.run("s1", "s2", "read_stock", "22:03", "22:20", "failure");
    logs.error("s1", "s2", "read_stock", "22:20", &denied(18));
    logs.run("o1", "o1", "load_orders", "22:02", "22:25", "failure");
    logs.run("o1", "o2", "read_stock", "22:03", "22:21", "failure");
    logs.error("o1", "o2", "read_stock", "22:21", &denied(19));
    logs.run("m1", "m1", "load_mail", "22:04", "22:05", "failure");
    logs.error(
        "m1",
        "m1",
        "load_mail",
        "22:05",
        "java.lang.NullPointerException:null",
    );
    // The same error once more, and made good.
    logs.run("f1", "f1", "load_fax", "21:40", "21:50", "failure");
    logs.error("f1", "f1", "load_fax", "21:50", &denied(20));
    logs.run("f2", "f2", "load_fax", "22:35", "22:40", "success");
    // The same fault in the code of two jobs is two faults.
    logs.run("n1", "n1", "load_notes", "23:00", "23:05", "failure");
    logs.error(
        "n1",
        "n1",
        "load_notes",
        "23:05",
        "java.lang.NullPointerException:null",
    );
    logs.run("g1", "g1", "load_good", "22:00", "22:10", "success");
    logs
}

fn read(url: &str) -> Night {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await.expect("the server");
        let night = night(&mut connection, None, None).await.expect("a query");
        night.expect("there is a night")
    })
}

#[test]
fn an_error_that_strikes_unrelated_jobs_is_one_line_that_names_them() {
    let database = own_database();
    let world = World::on(&database.url);
    same_error_in_several_trees().write(&world);
    let up = Up::start(&world, &[]);
    up.line("5 of 7 jobs failed, 3 causes; the first:");
    let first = up.line("load_mail");
    assert!(first.contains("22:05 load_mail"), "{first}");
    up.line("Authentication · 4 jobs · to act");
    let crm = up.line("read_crm");
    assert_eq!(crm.trim(), "22:10 read_crm › tDBInput_1 in load_crm");
    let stock = up.line("read_stock");
    assert_eq!(
        stock.trim(),
        "22:20 read_stock › tDBInput_1 in load_stock, load_orders"
    );
    let fax = up.line("load_fax");
    assert_eq!(fax.trim(), "21:50 load_fax › tDBInput_1 · recovered");
    let message = up.line("ORA-01017");
    assert!(message.ends_with("session 17"), "{message}");
    let page = up.ask("GET /?lang=fr");
    for words in [
        "read_crm › tDBInput_1 dans load_crm",
        "read_stock › tDBInput_1 dans load_stock, load_orders",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    up.stop();
    let night = read(&database.url);
    let told: Vec<_> = night
        .causes
        .iter()
        .map(|cause| {
            (
                cause.jobs,
                cause.open,
                cause.places.len(),
                cause.jobs_struck(),
            )
        })
        .collect();
    assert_eq!(told, [(1, 1, 1, 1), (4, 3, 3, 2), (1, 1, 1, 1)]);
}

#[test]
fn runs_that_were_started_by_hand_are_no_night_and_said() {
    let database = own_database();
    let world = World::on(&database.url);
    let mut logs = Logs::default();
    let facts = ["22:00", "22:10", "success"];
    logs.run_in("PROD_MANUEL", "a1", "a1", "load_crm", facts);
    logs.run_in("PROD_MANUEL", "a2", "a2", "load_stock", facts);
    logs.run_in("PROD_REPRISE", "a3", "a3", "load_stock", facts);
    logs.run_in("DEV_MANUEL", "a4", "a4", "load_crm", facts);
    logs.write(&world);
    let up = Up::start(&world, &["--data-dir", "kept"]);
    up.line(
        "PROD: 3 runs are stored, but none belongs to a night: 2 started by hand, 1 started to reprocess.",
    );
    up.line("DEV: 1 run is stored, but it belongs to no night: 1 started by hand.");
    // As it can be typed.
    up.line("smartetl --data-dir kept sql \"SELECT job");
    let page = up.ask("GET /?lang=fr");
    assert!(
        page.contains("PROD\u{a0}: 3 exécutions sont enregistrées, mais aucune n’appartient à une nuit\u{a0}: 2 lancées à la main, 1 reprise.")
            && page.contains("[triggers]")
            && page.contains("smartetl --data-dir kept sql &quot;SELECT job"),
        "{page}"
    );
    let dev = up.ask("GET /?environment=DEV&lang=en");
    assert!(
        dev.starts_with("HTTP/1.1 404") && dev.contains("DEV: 1 run is stored"),
        "{dev}"
    );
    let status = world.run(&["status"]).stdout;
    assert!(
        status.contains("none: runs that were started by hand or to reprocess make no night"),
        "{status}"
    );
    // One that is scheduled makes a night, of its own environment only.
    logs.run("b1", "b1", "load_crm", "22:30", "22:40", "success");
    logs.write(&world);
    up.line("the only job succeeded");
    up.stop();
}
