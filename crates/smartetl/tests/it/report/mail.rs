//! Reports by mail: whole conversations with a server of SMTP on a port of this machine, which writes down what it is given.

use crate::samples::stats;
use crate::support::{Answer, World, place};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use smartetl_testkit::TestDatabase;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

/// A command and what is answered to it instead of yes.
type Refusal = Option<(&'static str, &'static str)>;

/// A server that takes one mail, or refuses what it is told to.
struct Server {
    port: u16,
    heard: JoinHandle<Heard>,
}

/// What was said to it.
#[derive(Debug, Default)]
struct Heard {
    commands: Vec<String>,
    /// Lines without their ends, as they came over the network.
    data: Vec<String>,
}

impl Server {
    fn start(refused: Refusal) -> Self {
        Self::listen(refused, None)
    }

    /// One that speaks TLS from the start, as `localhost`.
    fn with_tls(refused: Refusal) -> Self {
        let key = PrivateKeyDer::from_pem_file(certificate("server.key.pem")).expect("a key");
        let chain =
            CertificateDer::from_pem_file(certificate("server.pem")).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring speaks the usual versions")
            .with_no_client_auth()
            .with_single_cert(vec![chain], key);
        Self::listen(
            refused,
            Some(Arc::new(config.expect("they belong together"))),
        )
    }

    fn listen(refused: Refusal, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard = std::thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a client");
            let mut heard = Heard::default();
            // A client that is refused goes when it likes.
            let _ = match tls {
                None => converse(stream, refused, &mut heard),
                Some(config) => {
                    let session = ServerConnection::new(config).expect("a good configuration");
                    converse(StreamOwned::new(session, stream), refused, &mut heard)
                }
            };
            heard
        });
        Self { port, heard }
    }

    fn heard(self) -> Heard {
        self.heard.join().expect("the server ends with its client")
    }
}

/// A file of `tls/`: an authority that nobody else trusts, and a server that it vouches for until 2120.
fn certificate(name: &str) -> String {
    format!("{}/tests/it/report/tls/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn converse(
    mut stream: impl Read + Write,
    refused: Refusal,
    heard: &mut Heard,
) -> std::io::Result<()> {
    stream.write_all(b"220 mail.test ESMTP\r\n")?;
    while let Some(said) = line(&mut stream)? {
        heard.commands.push(said.clone());
        let answer = match (refused, said.split([' ', ':']).next().unwrap_or_default()) {
            (Some((command, answer)), _) if said.starts_with(command) => answer,
            (_, "EHLO") => "250-mail.test\r\n250-AUTH PLAIN LOGIN\r\n250 ENHANCEDSTATUSCODES",
            (_, "AUTH") => "235 2.7.0 welcome",
            (_, "DATA") => {
                stream.write_all(b"354 go on\r\n")?;
                while let Some(said) = line(&mut stream)?.filter(|said| said != ".") {
                    heard.data.push(said);
                }
                "250 2.0.0 taken"
            }
            (_, "QUIT") => return stream.write_all(b"221 bye\r\n"),
            _ => "250 2.0.0 ok",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes())?;
        stream.flush()?;
    }
    Ok(())
}

/// A line without its end; `None` when the client is gone.
fn line(stream: &mut impl Read) -> std::io::Result<Option<String>> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while stream.read(&mut byte)? == 1 {
        line.push(byte[0]);
        if line.ends_with(b"\r\n") {
            line.truncate(line.len() - 2);
            return Ok(Some(String::from_utf8(line).expect("UTF-8")));
        }
    }
    Ok(None)
}

impl Heard {
    /// The value of a header of the mail, unfolded and with its encoded words read.
    fn header(&self, name: &str) -> String {
        let head: Vec<&str> = self
            .data
            .iter()
            .map(String::as_str)
            .take_while(|line| !line.is_empty())
            .collect();
        let head = head.join("\n").replace("\n ", " ").replace("\n\t", " ");
        let line = head
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let value = line.unwrap_or_else(|| panic!("no {name} in {head}"));
        // Blanks between two encoded words do not count.
        let value = value.replace("?= =?", "?==?");
        let (mut text, mut rest) = (String::new(), value.as_str());
        while let Some((before, word)) = rest.split_once("=?utf-8?b?") {
            let (word, behind) = word.split_once("?=").expect("a word ends");
            text += before;
            text += &String::from_utf8(base64(word)).expect("UTF-8");
            rest = behind;
        }
        text + rest
    }

    /// The parts of the mail by their types, decoded.
    fn parts(&self) -> Vec<(String, String)> {
        let kind = self.header("Content-Type");
        let (kind, boundary) = kind.split_once("boundary=").expect("several parts");
        assert!(kind.starts_with("multipart/alternative"), "{kind}");
        let boundary = format!("--{}", boundary.trim_matches('"'));
        let unstuffed = self
            .data
            .iter()
            .map(|line| line.strip_prefix('.').unwrap_or(line));
        let body: Vec<&str> = unstuffed.collect();
        let parts = body.split(|line| line.starts_with(&boundary)).skip(1);
        parts
            .filter_map(|part| {
                let blank = part.iter().position(|line| line.is_empty())?;
                let (head, body) = part.split_at(blank);
                let value = |name: &str| {
                    let line = head.iter().find_map(|line| line.strip_prefix(name));
                    line.map(|value| value.trim_start_matches(": ").to_owned())
                };
                // The line end before the boundary belongs to it.
                let body = body[1..].join("\r\n");
                let bytes = match value("Content-Transfer-Encoding").as_deref() {
                    Some("base64") => base64(&body),
                    Some("quoted-printable") => quoted_printable(&body),
                    _ => body.into_bytes(),
                };
                let text = String::from_utf8(bytes).expect("UTF-8");
                Some((value("Content-Type")?, text.replace("\r\n", "\n")))
            })
            .collect()
    }
}

fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let Some(value) = LETTERS.iter().position(|known| *known == letter) else {
            continue;
        };
        bits = (bits << 6) | value as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let joined = text.replace("=\r\n", "");
    let mut parts = joined.split('=');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).expect("two hexadecimal digits"));
        bytes.extend(rest.as_bytes());
    }
    bytes
}

/// A night in which a job failed with this message, and whoever sends reports of it through this server.
fn surroundings(smtp: &str) -> (TestDatabase, World) {
    let (database, world) = place();
    let world = world
        .set("SMARTETL_MAIL_SMTP", smtp)
        .set("SMARTETL_MAIL_FROM", "Équipe ETL <etl@example.com>")
        .set("SMARTETL_MAIL_TO", "ann@example.com, Béa <bea@example.com>");
    world.file("logs/stats.csv", &stats(0..3));
    let failed = "2026-01-01 03:00:00;f1;f1;f1;77;SALES;load_stock;_x2;0.1;PROD;;begin;;\n\
                  2026-01-01 03:05:00;f1;f1;f1;77;SALES;load_stock;_x2;0.1;PROD;;end;failure;300000\n";
    world.file(
        "logs/failed.csv",
        &format!("{}{failed}", crate::samples::COLUMNS),
    );
    let error = "2026-01-01 03:04:00;f1;f1;f1;SALES;load_stock;PROD;6;Java Exception;tDBInput_1;\
                 java.io.FileNotFoundException:../reçus/à_charger.csv (No such file or directory);1\n";
    world.file(
        "logs/errors.csv",
        &format!("{}{error}", crate::samples::ERROR_COLUMNS),
    );
    world
        .run(&["load", "--as-of", "2026-01-01T08:00:00Z", "logs"])
        .done();
    (database, world)
}

fn send(world: &World, arguments: &[&str]) -> Answer {
    world.run(&[&["report", "--send"], arguments].concat())
}

#[test]
fn text_and_html_arrive_as_they_are() {
    let server = Server::start(None);
    let (_database, world) = surroundings(&format!("smtp://127.0.0.1:{}", server.port));
    let answer = send(
        &world,
        &["--lang", "fr", "-o", "night.html", "--format", "html"],
    );
    assert_eq!(
        (answer.exit, answer.stdout.as_str()),
        (0, ""),
        "{}",
        answer.stderr
    );
    assert_eq!(answer.stderr, "envoyé à ann@example.com, bea@example.com\n");
    let heard = server.heard();
    let commands = heard.commands.join("\n");
    for command in [
        "MAIL FROM:<etl@example.com>",
        "RCPT TO:<ann@example.com>",
        "RCPT TO:<bea@example.com>",
    ] {
        assert!(commands.contains(command), "{commands}");
    }
    assert!(!commands.contains("AUTH"), "{commands}");
    assert_eq!(heard.header("From"), "Équipe ETL <etl@example.com>");
    let to = heard.header("To");
    assert!(
        to.contains("ann@example.com") && to.contains("Béa <bea@example.com>"),
        "{to}"
    );
    let subject = heard.header("Subject");
    assert!(
        subject
            .starts_with("Nuit du 31 décembre au 1er janvier (PROD)\u{a0}: 1 job sur 2 en échec"),
        "{subject}"
    );
    assert!(subject.chars().count() <= 150, "{subject}");
    assert!(heard.header("Message-ID").ends_with("@example.com>"));
    assert_eq!(heard.header("Auto-Submitted"), "auto-generated");
    assert!(!heard.header("Date").is_empty());
    // RFC 5321: no line of more than 1000 bytes, a dot at its beginning doubled.
    assert!(heard.data.iter().all(|line| line.len() <= 998));
    let mut dots = heard.data.iter().filter(|line| line.starts_with('.'));
    assert!(dots.all(|line| line.starts_with("..")));
    let parts = heard.parts();
    let [(text_kind, text), (html_kind, html)] = &parts[..] else {
        panic!("{parts:?}");
    };
    assert_eq!(text_kind, "text/plain; charset=utf-8");
    assert_eq!(html_kind, "text/html; charset=utf-8");
    let file = std::fs::read_to_string(world.home.path().join("night.html")).expect("the file");
    assert_eq!(html, &file);
    assert!(
        text.contains("java.io.FileNotFoundException:../reçus/à_charger.csv"),
        "{text}"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 76),
        "{text}"
    );
    let first = "Nuit du 31 décembre au 1er janvier\u{a0}: 1 job sur 2 en échec, une seule cause";
    assert!(text.starts_with(first), "{text}");
}

#[test]
fn whoever_refuses_is_named_with_what_to_do() {
    for (refused, told, hint) in [
        (
            ("RCPT", "550 5.1.1 no such user here"),
            "the mail server does not take the mail: 5.1.1 no such user here",
            "mail.to",
        ),
        (
            ("MAIL", "530 5.7.0 authentication required"),
            "the mail server refuses the user or the password: 5.7.0 authentication required",
            "mail.password",
        ),
        (
            ("EHLO", "554 go away"),
            "the mail server does not take the mail: go away",
            "mail.from",
        ),
    ] {
        let server = Server::start(Some(refused));
        let (_database, world) = surroundings(&format!("smtp://127.0.0.1:{}", server.port));
        let answer = send(&world, &[]);
        let data = server.heard().data;
        assert_eq!((answer.exit, data.len()), (2, 0), "{}", answer.stderr);
        assert!(
            answer.stderr.starts_with(&format!("error: {told}")),
            "{}",
            answer.stderr
        );
        assert!(
            answer.stderr.contains("hint: ") && answer.stderr.contains(hint),
            "{}",
            answer.stderr
        );
    }
}

#[test]
fn no_server_and_no_safe_connection_are_told_apart() {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let free = free.expect("a port").port();
    let (database, world) = surroundings(&format!("smtp://127.0.0.1:{free}"));
    let answer = send(&world, &[]);
    assert_eq!(answer.exit, 2);
    assert!(
        answer
            .stderr
            .starts_with("error: the mail server cannot be reached: connection refused"),
        "{}",
        answer.stderr
    );
    for address in [
        "smtps://127.0.0.1:PORT",
        "smtp://127.0.0.1:PORT?tls=required",
    ] {
        let server = Server::start(None);
        let address = address.replace("PORT", &server.port.to_string());
        let world = World::new()
            .set("DATABASE_URL", &database.url)
            .set("SMARTETL_MAIL_SMTP", &address)
            .set("SMARTETL_MAIL_FROM", "etl@example.com")
            .set("SMARTETL_MAIL_TO", "ann@example.com");
        let answer = send(&world, &[]);
        assert_eq!(answer.exit, 2);
        assert!(
            answer
                .stderr
                .starts_with("error: no safe connection to the mail server"),
            "{address}: {}",
            answer.stderr
        );
    }
}

#[test]
fn a_password_goes_over_tls_only_to_a_server_that_is_trusted() {
    let (database, _) = surroundings("");
    let world = |server: &Server, authority: &str| {
        let address = format!("smtps://ann%40example.com@localhost:{}", server.port);
        let world = World::on(&database.url)
            .set("SMARTETL_MAIL_SMTP", &address)
            .set("SMARTETL_MAIL_PASSWORD_FILE", "password")
            .set("SMARTETL_MAIL_FROM", "etl@example.com")
            .set("SMARTETL_MAIL_TO", "ann@example.com")
            .set("SSL_CERT_FILE", authority);
        world.file("password", "grün:s3cret@%\n");
        world
    };
    let authority = certificate("authority.pem");
    let server = Server::with_tls(None);
    send(&world(&server, &authority), &[]).done();
    let heard = server.heard();
    let mut commands = heard.commands.iter();
    let login = commands.find_map(|line| line.strip_prefix("AUTH PLAIN "));
    let login = String::from_utf8(base64(login.expect("a login"))).expect("UTF-8");
    assert_eq!(login, "\0ann@example.com\0grün:s3cret@%");
    assert!(!heard.data.is_empty());
    let server = Server::with_tls(Some(("AUTH", "535 5.7.8 wrong password")));
    let answer = send(&world(&server, &authority), &[]);
    assert_eq!((answer.exit, server.heard().data.len()), (2, 0));
    let told = "error: the mail server refuses the user or the password: 5.7.8 wrong password";
    assert!(answer.stderr.starts_with(told), "{}", answer.stderr);
    // A server for which only an unknown authority vouches hears nothing.
    let server = Server::with_tls(None);
    let other = Path::new(&authority).with_file_name("other.pem");
    let answer = send(&world(&server, &other.display().to_string()), &[]);
    assert_eq!(answer.exit, 2);
    let told = "error: no safe connection to the mail server";
    assert!(answer.stderr.starts_with(told), "{}", answer.stderr);
    assert!(!answer.stderr.contains("s3cret"), "{}", answer.stderr);
    assert!(server.heard().commands.is_empty());
}

#[test]
fn what_is_missing_is_said_and_no_password_is() {
    let (_database, world) = surroundings("");
    let told = |world: &World| {
        let answer = send(world, &[]);
        assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""));
        assert!(!answer.stderr.contains("s3cret"), "{}", answer.stderr);
        answer.stderr
    };
    assert!(
        told(&world)
            .starts_with("error: no mail server is configured\nhint: set smtp under [mail]")
    );
    let world = world.set("SMARTETL_MAIL_SMTP", "smtp://ann@mail.example.com");
    assert!(told(&world).starts_with("error: mail.smtp names a user, but mail.password is empty"));
    world.file("password", "s3cret\n");
    let world = world.set("SMARTETL_MAIL_PASSWORD_FILE", "password");
    assert!(told(&world).starts_with("error: the password would go over the network as it is"));
    let shown = world.run(&["config", "show", "--format", "toml"]).stdout;
    assert!(
        shown.contains("# password = \"***\"") && !shown.contains("s3cret"),
        "{shown}"
    );
    let wrong = world.set("SMARTETL_MAIL_SMTP", "smtps://ann:s3cret@mail.example.com");
    assert!(told(&wrong).starts_with("error: mail.smtp: the password stands in mail.password"));
    let wrong = wrong
        .set("SMARTETL_MAIL_SMTP", "")
        .set("SMARTETL_MAIL_TO", "ann at example");
    assert!(told(&wrong).contains("`ann at example` is no mail address"));
}

#[test]
fn a_page_needs_nothing_from_elsewhere() {
    let (_database, world) = surroundings("");
    let page = world
        .run(&["report", "--format", "html", "--lang", "en"])
        .stdout;
    for foreign in [
        "<script", "<link", "<img", "href=", "src=", "url(", "@import", "http:", "https:",
    ] {
        assert!(!page.contains(foreign), "{foreign} in {page}");
    }
    let (head, rest) = page.split_once("<style>").expect("rules of style");
    let (_, body) = rest.split_once("</style>").expect("their end");
    // Element by element.
    let lines = format!("{head}{body}").replace("><", ">\n<");
    insta::assert_snapshot!(lines);
}
