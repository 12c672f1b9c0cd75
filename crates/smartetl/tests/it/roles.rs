//! `roles sync` on a server of its own, because roles belong to all of its databases.

use crate::processes::{OwnServer, wait_until};
use crate::samples::stats;
use crate::support::{Answer, World};
use crate::tables::{connected, number, rows};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// Who logs in how: (user, password).
type User<'u> = (&'u str, &'u str);

/// What the settings say.
struct Names<'n> {
    database: &'n str,
    owner: User<'n>,
    airflow: User<'n>,
    grafana: User<'n>,
}

const NAMES: Names<'_> = Names {
    database: "etl",
    owner: ("etl_owner", "own-1"),
    airflow: ("airflow", "air-1"),
    grafana: ("grafana", "graf-1"),
};

/// A server whose superuser has this address.
struct Place<'p> {
    admin: &'p str,
}

impl Place<'_> {
    fn url(&self, (user, password): User<'_>, database: &str) -> String {
        let [user, password, database] =
            [user, password, database].map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC));
        let (_, server) = self.admin.rsplit_once('@').expect("it has a user");
        let (server, _) = server.split_once('/').expect("it has a database");
        format!("postgresql://{user}:{password}@{server}/{database}")
    }

    fn world(&self, names: &Names<'_>) -> World {
        World::on(&self.url(names.owner, names.database))
            .in_paris()
            .set("SMARTETL_ROLES_ADMIN_URL", self.admin)
            .set(
                "SMARTETL_ROLES_AIRFLOW_URL",
                &self.url(names.airflow, "airflow"),
            )
            .set(
                "SMARTETL_ROLES_GRAFANA_URL",
                &self.url(names.grafana, names.database),
            )
    }

    fn sync(&self, names: &Names<'_>) -> String {
        let answer = self.world(names).run(&["roles", "sync"]).done();
        answer.stdout
    }

    /// What the server says to a statement of a user; `Ok` when it does it.
    fn may(&self, user: User<'_>, database: &str, statement: &str) -> Result<(), String> {
        let url = self.url(user, database);
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let told = |error: sqlx::Error| error.to_string();
            let mut connection = PgConnection::connect(&url).await.map_err(told)?;
            // A setting is no protection: everybody can change it.
            for statement in ["SET default_transaction_read_only = off", statement] {
                sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
                    .execute(&mut connection)
                    .await
                    .map_err(told)?;
            }
            connection.close().await.map_err(told)
        })
    }

    fn may_not(&self, user: User<'_>, database: &str, statement: &str, words: &str) {
        let refused = self.may(user, database, statement);
        let refused = refused.expect_err(statement);
        assert!(refused.contains(words), "{statement}: {refused}");
    }
}

fn on_a_server(test: impl FnOnce(&OwnServer, Place<'_>)) {
    let folder = tempfile::tempdir().expect("a folder");
    let server = OwnServer::below(folder.path());
    server.with_url(|admin| test(&server, Place { admin }));
}

fn load(world: &World, runs: std::ops::Range<u32>) -> Answer {
    world.file("logs/stats.csv", &stats(runs));
    world.run(&["load", "logs", "--as-of", "2026-03-01T00:00:00Z"])
}

fn loaded(world: &World, runs: std::ops::Range<u32>) {
    load(world, runs).done();
}

/// Whoever may make no roles has no reader: `doctor` says what that means.
#[test]
fn an_owner_without_a_reader() {
    on_a_server(|_, place| {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let mut connection = PgConnection::connect(place.admin).await.expect("a server");
            for statement in [
                "CREATE ROLE plain LOGIN PASSWORD 'plain'",
                "CREATE DATABASE plain OWNER plain",
            ] {
                sqlx::raw_sql(statement)
                    .execute(&mut connection)
                    .await
                    .expect("a superuser may");
            }
        });
        let world = World::on(&place.url(("plain", "plain"), "plain"));
        let before = world.run(&["doctor"]);
        assert!(
            !before.stdout.contains("smartetl_read"),
            "{}",
            before.stdout
        );
        world.run(&["migrate"]).done();
        let after = world.run(&["doctor"]);
        assert!(
            after.stdout.contains("smartetl sql` reads as the owner"),
            "{}",
            after.stdout
        );
    });
}

#[test]
fn each_role_may_what_it_is_for() {
    on_a_server(|_, place| {
        // Names that must be quoted, and passwords that must be encoded.
        let names = Names {
            database: "my \"etl\"",
            owner: ("Ann's \"own\"er", "p@ss/w:rd é"),
            ..NAMES
        };
        let told = place.sync(&names);
        assert_eq!(told.matches(" made").count(), 5, "{told}");
        let world = place.world(&names);
        loaded(&world, 0..3);
        let read = world.run(&["sql", "SELECT count(*) FROM dataset", "--format", "csv"]);
        assert_eq!(read.stdout, "count\n3\n", "{}", read.stderr);

        // The tables came after the reader: it sees them all, with their months and views.
        let of_etl = names.database;
        let tables = rows(
            &place.url(names.owner, of_etl),
            "SELECT ARRAY[relname::text] FROM pg_class WHERE relnamespace = 'public'::regnamespace \
             AND relkind IN ('r', 'p', 'v')",
        );
        assert!(
            tables.iter().any(|table| table[0] == "log_2025_12"),
            "{tables:?}"
        );
        for table in &tables {
            let statement = format!("SELECT count(*) FROM {}", table[0]);
            place
                .may(names.grafana, of_etl, &statement)
                .expect("it reads");
        }
        // But none of the rows that tell who may come in, and who did what.
        for (table, row) in [
            (
                "account",
                "(name, role, password, made_at, changed_at) VALUES ('ann', 'viewer', 'hash', now(), now())",
            ),
            (
                "session",
                "(hash, account, made_at, expires_at) VALUES ('hash', 1, now(), now())",
            ),
            (
                "api_token",
                "(name, hash, scopes, made_at, made_by) VALUES ('bot', 'hash', '{}', now(), 'ann')",
            ),
            (
                "audit",
                "(at, who, way, kind) VALUES (now(), 'ann', 'login', 'ack')",
            ),
        ] {
            place
                .may(names.owner, of_etl, &format!("INSERT INTO {table} {row}"))
                .expect("the owner writes");
            let count = format!("SELECT count(*) FROM {table}");
            assert_eq!(number(&place.url(names.owner, of_etl), &count), 1);
            assert_eq!(number(&place.url(names.grafana, of_etl), &count), 0);
        }
        // Whatever tables come later.
        let secret = "SELECT ARRAY[relname::text] FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid \
             WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attname IN ('password', 'hash') AND NOT relrowsecurity";
        assert_eq!(
            rows(&place.url(names.owner, of_etl), secret),
            [] as [Vec<String>; 0]
        );
        for (statement, words) in [
            ("DELETE FROM dataset", "permission denied"),
            (
                "INSERT INTO horizon VALUES ('a', 'b', now())",
                "permission denied",
            ),
            ("CREATE TABLE mine (a int)", "permission denied"),
            ("CREATE TEMPORARY TABLE mine (a int)", "permission denied"),
            ("SELECT nextval('batch_seq')", "permission denied"),
            ("SELECT passwd FROM pg_shadow", "permission denied"),
            ("COPY (SELECT 1) TO PROGRAM 'cat'", "permission denied"),
            ("CREATE ROLE other", "permission denied"),
        ] {
            place.may_not(names.grafana, of_etl, statement, words);
        }
        place.may_not(
            names.grafana,
            "airflow",
            "SELECT 1",
            "permission denied for database",
        );
        place.may_not(
            names.airflow,
            of_etl,
            "SELECT 1",
            "permission denied for database",
        );
        place.may_not(
            names.owner,
            "airflow",
            "SELECT 1",
            "permission denied for database",
        );
        place
            .may(names.airflow, "airflow", "CREATE TABLE dag (a int)")
            .expect("it is its own");
        place.may_not(
            names.owner,
            of_etl,
            "CREATE ROLE other",
            "permission denied",
        );

        let again = place.sync(&names);
        assert!(!again.contains(" made"), "{again}");
        assert_eq!(again.matches("as the settings say").count(), 3, "{again}");
        loaded(&world, 0..5);
        place
            .may(names.grafana, of_etl, "SELECT count(*) FROM log_2025_12")
            .expect("it still reads");
    });
}

#[test]
fn changed_passwords_count_where_data_is() {
    on_a_server(|server, place| {
        place.sync(&NAMES);
        loaded(&place.world(&NAMES), 0..3);
        let changed = Names {
            owner: (NAMES.owner.0, "own-2"),
            airflow: (NAMES.airflow.0, "air-2"),
            grafana: (NAMES.grafana.0, "graf-2"),
            ..NAMES
        };
        place.sync(&changed);
        for (old, new, database) in [
            (NAMES.owner, changed.owner, "etl"),
            (NAMES.airflow, changed.airflow, "airflow"),
            (NAMES.grafana, changed.grafana, "etl"),
        ] {
            place.may_not(old, database, "SELECT 1", "password authentication failed");
            place.may(new, database, "SELECT 1").expect("it logs in");
        }
        loaded(&place.world(&changed), 0..4);

        // The superuser's own, through the socket, where the server asks for none.
        let cluster = server.data.join("postgresql/cluster");
        let rules = "local all smartetl trust\nhost all all all scram-sha-256\n";
        std::fs::write(cluster.join("pg_hba.conf"), rules).expect("it is ours");
        number(place.admin, "SELECT pg_reload_conf()::int");
        let socket = rows(
            place.admin,
            "SELECT ARRAY[current_setting('unix_socket_directories'), current_setting('port')]",
        );
        let (folder, port) = (&socket[0][0], &socket[0][1]);
        let folder = utf8_percent_encode(folder.trim_matches('"'), NON_ALPHANUMERIC);
        let through = format!("postgresql://smartetl:new-super@{folder}:{port}/postgres");
        let world =
            World::on(&place.url(changed.owner, "etl")).set("SMARTETL_ROLES_ADMIN_URL", &through);
        let trusted = format!("postgresql://smartetl@{folder}:{port}/postgres");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        wait_until("the server has read its rules", || {
            runtime.block_on(PgConnection::connect(&trusted)).is_ok()
        });
        let answer = world.run(&["roles", "sync"]).done();
        assert!(answer.stdout.contains("password set"), "{}", answer.stdout);
        place
            .may(("smartetl", "new-super"), "etl", "SELECT 1")
            .expect("it is the new one");
    });
}

#[test]
fn changed_names_take_over_what_there_is() {
    on_a_server(|_, place| {
        place.sync(&NAMES);
        loaded(&place.world(&NAMES), 0..3);
        place
            .may(
                NAMES.airflow,
                "airflow",
                "CREATE TABLE dag AS SELECT 1 AS a",
            )
            .expect("it is its own");
        let renamed = Names {
            owner: ("team", "own-1"),
            airflow: ("scheduler", "air-1"),
            grafana: ("viewer", "graf-1"),
            ..NAMES
        };
        let told = place.sync(&renamed);
        assert_eq!(
            told.matches("replaced, cannot log in any more").count(),
            3,
            "{told}"
        );
        for (old, database) in [
            (NAMES.owner, "etl"),
            (NAMES.airflow, "airflow"),
            (NAMES.grafana, "etl"),
        ] {
            place.may_not(old, database, "SELECT 1", "is not permitted to log in");
        }
        let world = place.world(&renamed);
        // Another month, so that tables are made too.
        let february = stats(0..2).replace("2026-01-01", "2026-02-02");
        world.file("february/stats.csv", &february);
        world
            .run(&["load", "february", "--as-of", "2026-03-01T00:00:00Z"])
            .done();
        let owners = "SELECT ARRAY[relowner::regrole::text] FROM pg_class \
             WHERE relnamespace = 'public'::regnamespace GROUP BY 1";
        assert_eq!(rows(&place.url(renamed.owner, "etl"), owners), [["team"]]);
        place
            .may(
                renamed.airflow,
                "airflow",
                "INSERT INTO dag VALUES (2); DROP TABLE dag",
            )
            .expect("it is its own now");
        for table in ["log_2025_12", "log_2026_02", "run_history"] {
            let statement = format!("SELECT count(*) FROM {table}");
            place
                .may(renamed.grafana, "etl", &statement)
                .expect("it reads");
        }
        // And back again: the first names are welcome.
        place.sync(&NAMES);
        loaded(&place.world(&NAMES), 0..6);
        place.may_not(
            renamed.owner,
            "etl",
            "SELECT 1",
            "is not permitted to log in",
        );
    });
}

/// Whoever began with the superuser alone.
#[test]
fn what_a_superuser_made_is_handed_over() {
    on_a_server(|_, place| {
        loaded(&World::on(place.admin).in_paris(), 0..3);
        let names = Names {
            database: "smartetl",
            ..NAMES
        };
        let told = place.sync(&names);
        assert!(
            told.contains("handed over by smartetl to etl_owner"),
            "{told}"
        );
        let world = place.world(&names);
        loaded(&world, 0..4);
        world.run(&["migrate"]).done();
        place
            .may(names.grafana, "smartetl", "SELECT count(*) FROM dataset")
            .expect("it reads");
    });
}

#[test]
fn passwords_are_in_no_log_and_in_no_message() {
    on_a_server(|server, place| {
        connected(place.admin, async |connection| {
            for statement in [
                "ALTER SYSTEM SET log_statement = 'all'",
                "SELECT pg_reload_conf()",
            ] {
                sqlx::query(statement)
                    .execute(&mut *connection)
                    .await
                    .expect("it is a superuser");
            }
        });
        let world = place.world(&NAMES);
        let answer = world.run(&["-vv", "roles", "sync"]).done();
        let mut logs = answer.stdout + &answer.stderr;
        for entry in walkdir::WalkDir::new(&server.data) {
            let entry = entry.expect("an entry");
            if entry.path().extension().is_some_and(|end| end == "log") {
                logs += &std::fs::read_to_string(entry.path()).expect("a log");
            }
        }
        assert!(logs.contains("CREATE ROLE"), "the statements are logged");
        for (_, password) in [NAMES.owner, NAMES.airflow, NAMES.grafana] {
            assert!(!logs.contains(password), "{password}");
        }
    });
}

#[test]
fn what_cannot_be_is_refused_before_anything_changes() {
    let refused = |world: &World, words: &[&str]| {
        let answer = world.run(&["roles", "sync"]);
        assert_eq!(answer.exit, 2, "{}", answer.stdout);
        for words in words.iter().chain(&["\nhint: "]) {
            assert!(answer.stderr.contains(words), "{}", answer.stderr);
        }
        assert!(!answer.stderr.contains("own-1"), "{}", answer.stderr);
    };
    refused(
        &World::new(),
        &["the embedded PostgreSQL has the roles that it needs"],
    );
    on_a_server(|_, place| {
        let owner = place.url(NAMES.owner, "etl");
        refused(
            &World::on(&owner),
            &[
                "nobody is named who may make roles",
                "SMARTETL_ROLES_ADMIN_URL",
            ],
        );
        let with_admin = |url: &str| World::on(url).set("SMARTETL_ROLES_ADMIN_URL", place.admin);
        refused(
            &with_admin(&place.url(("smartetl", "x"), "etl")),
            &["smartetl cannot be two roles at once"],
        );
        let bare = with_admin(owner.strip_suffix("/etl").expect("it names one"));
        refused(&bare, &["the address names no database"]);
        let airflow = (
            "SMARTETL_ROLES_AIRFLOW_URL",
            place.url(NAMES.airflow, "etl"),
        );
        refused(
            &with_admin(&owner).set(airflow.0, &airflow.1),
            &["Airflow and smartETL cannot share the database etl"],
        );
        let count = "SELECT count(*) FROM pg_roles WHERE rolname = 'etl_owner'";
        assert_eq!(number(place.admin, count), 0);

        place.sync(&NAMES);
        let weak = World::on(&owner).set(
            "SMARTETL_ROLES_ADMIN_URL",
            &place.url(NAMES.airflow, "airflow"),
        );
        refused(&weak, &["airflow is no superuser"]);
        connected(place.admin, async |connection| {
            sqlx::raw_sql("ALTER ROLE etl_owner SUPERUSER")
                .execute(connection)
                .await
                .expect("it is a superuser");
        });
        refused(&with_admin(&owner), &["the role etl_owner is a superuser"]);
    });
}
