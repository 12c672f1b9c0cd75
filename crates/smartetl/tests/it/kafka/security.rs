//! Brokers that want to know who asks, over TLS: certificates, PLAIN, SCRAM, and what people are told who get it wrong.

use super::{Topics, consume, consumed, produce};
use crate::support::{Answer, World, own_database};
use crate::tables::number;
use smartetl_testkit::kafka::{Broker, Setup};
use std::path::{Path, PathBuf};
use std::process::Command;

const PASSWORD: &str = "right-one";

/// Signs the broker's certificate, and others.
struct Authority {
    folder: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for certificates");
        let authority = Self { folder };
        for name in ["ca", "other"] {
            let (key, certificate) = (format!("{name}.key"), format!("{name}.pem"));
            let subject = format!("/CN={name}");
            let signed = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
            let files = ["-keyout", &key, "-out", &certificate, "-subj", &subject];
            authority.openssl(&[&["req"], &signed[..], &files].concat());
        }
        std::fs::write(authority.path("names"), "subjectAltName=IP:127.0.0.1\n").expect("a file");
        let asked = ["-newkey", "rsa:2048", "-nodes", "-subj", "/CN=broker"];
        let files = ["-keyout", "broker.key", "-out", "broker.csr"];
        authority.openssl(&[&["req"], &asked[..], &files].concat());
        let by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
        let files = [
            "-in",
            "broker.csr",
            "-out",
            "broker.crt",
            "-extfile",
            "names",
        ];
        authority.openssl(&[&["x509", "-req", "-days", "2"], &by[..], &files].concat());
        let text = |name: &str| std::fs::read_to_string(authority.path(name)).expect("a file");
        let both = text("broker.key") + &text("broker.crt");
        std::fs::write(authority.path("broker.pem"), both).expect("a file");
        authority
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn openssl(&self, arguments: &[&str]) {
        let mut command = Command::new("openssl");
        command.args(arguments).current_dir(self.folder.path());
        let done = command.output().expect("openssl can be run");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{arguments:?}: {said}");
    }

    /// A broker that lets `etl` in, by either mechanism.
    fn broker(&self) -> Broker {
        let (own, signer) = (self.path("broker.pem"), self.path("ca.pem"));
        let login = "org.apache.kafka.common.security";
        let properties = format!(
            "ssl.keystore.type=PEM\n\
             ssl.keystore.location={}\n\
             ssl.truststore.type=PEM\n\
             ssl.truststore.location={}\n\
             sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512\n\
             sasl.mechanism.inter.broker.protocol=PLAIN\n\
             listener.name.sasl_ssl.plain.sasl.jaas.config={login}.plain.PlainLoginModule required \
             username=\"broker\" password=\"{PASSWORD}\" user_broker=\"{PASSWORD}\" user_etl=\"{PASSWORD}\";\n\
             listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={login}.scram.ScramLoginModule required;\n",
            own.display(),
            signer.display(),
        );
        let known = format!("SCRAM-SHA-512=[name=etl,password={PASSWORD}]");
        Broker::of(&Setup {
            protocol: "SASL_SSL".to_owned(),
            properties,
            storage: vec!["--add-scram".to_owned(), known],
            ..Setup::default()
        })
    }
}

/// Somebody who says to be `etl`.
fn somebody(world: World, mechanism: &str, signer: &Path, password: &str) -> World {
    let configuration = format!(
        "[kafka]\nproperties = [\"security.protocol=SASL_SSL\", \"sasl.mechanism={mechanism}\", \
         \"sasl.username=etl\", \"ssl.ca.location={}\"]\n",
        signer.display()
    );
    let file = world.file("secure.toml", &configuration);
    let file = file.to_str().expect("UTF-8").to_owned();
    world
        .set("SMARTETL_CONFIG", &file)
        .set("SMARTETL_KAFKA_PASSWORD", password)
}

fn assert_says(answer: &Answer, parts: &[&str]) {
    assert_eq!(answer.exit, 2, "{}{}", answer.stdout, answer.stderr);
    for part in parts {
        assert!(answer.stderr.contains(part), "{part}: {}", answer.stderr);
    }
    assert!(!answer.stderr.contains("wrong-one"), "{}", answer.stderr);
}

#[test]
fn who_asks_is_known_by_a_password_over_tls() {
    let authority = Authority::new();
    let broker = authority.broker();
    let log = |world: &World| {
        let head = "moment;pid;root_pid;father_pid;project;job;context;priority;type;origin;message;code\n";
        let row = "2026-11-24 21:00:00;a;a;a;P;J;PROD;6;tDie;tDie_1;stopped;4\n";
        world.file("logs.csv", &format!("{head}{row}"))
    };
    for (name, mechanism) in [("plain", "PLAIN"), ("scram", "SCRAM-SHA-512")] {
        let database = own_database();
        let topics = Topics { name };
        let with = |signer: &str, password: &str| {
            let world = topics.at(&broker.address, World::on(&database.url).in_paris());
            somebody(world, mechanism, &authority.path(signer), password)
        };
        let world = with("ca.pem", PASSWORD);
        produce(&world, &log(&world)).done();
        consumed(&world);
        assert_eq!(number(&database.url, "SELECT count(*) FROM logerreur"), 1);

        let world = with("ca.pem", "wrong-one");
        let refused = [
            "the brokers do not let this user in: ",
            "hint: correct sasl.username and sasl.mechanism in kafka.properties, or the password in SMARTETL_KAFKA_PASSWORD",
        ];
        let log = log(&world);
        let path = log.to_str().expect("UTF-8");
        assert_says(&produce(&world, &log), &refused);
        assert_says(&world.run(&["produce", path]), &refused);
        assert_says(&consume(&world), &refused);
        assert_says(&world.run(&["consume"]), &refused);
        assert_says(&world.run(&["replay"]), &refused);

        let world = with("other.pem", PASSWORD);
        let unknown = [
            "no encrypted connection to the brokers: ",
            "ssl.ca.location",
        ];
        assert_says(&consume(&world), &unknown);
    }

    let database = own_database();
    let open = Topics { name: "open" }.at(&broker.address, World::on(&database.url));
    let without_tls = [
        "no broker answers: something takes connections there",
        "security.protocol=SASL_SSL",
    ];
    assert_says(&consume(&open), &without_tls);
}
