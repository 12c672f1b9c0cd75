//! Sends a report by SMTP: text and HTML side by side, so that every mail program shows one of them. No address or password of
//! the configuration appears in a failure, but for the server's name and what it answered.

use crate::config;
use crate::errors::{self, ErrorCode, Failure};
use crate::night::cut;
use jiff::Timestamp;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::error::Error as _;
use std::time::{Duration, UNIX_EPOCH};

/// A server that says nothing for so long is not waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longer subjects are cut, in characters.
const SUBJECT_LENGTH: usize = 150;

/// What is sent.
#[derive(Clone, Debug)]
pub struct Mail {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Sends a mail, and says to whom. `now` dates it.
///
/// # Errors
/// `config_invalid` where settings are missing or do not fit together; `mail_not_sent` with what the server or the network said.
pub async fn send(
    mail: Mail,
    settings: &config::Mail,
    now: Timestamp,
) -> Result<Vec<String>, Failure> {
    let wanted = |[en, fr]: [&str; 2], key: &str, example: &str| {
        Failure::new(
            ErrorCode::ConfigInvalid,
            [
                format!("no {en} is configured"),
                format!("il n’y a pas {fr} dans la configuration"),
            ],
        )
        .hint([
            format!("set {key} under [mail] in the configuration file, for example {example}; `smartetl config show` names the file"),
            format!(
                "fixez {key} sous [mail] dans le fichier de configuration, par exemple {example}\u{a0}; `smartetl config show` \
                 nomme le fichier"
            ),
        ])
    };
    let server = settings.smtp.as_ref();
    let server = server.ok_or_else(|| {
        wanted(
            ["mail server", "de serveur de courriel"],
            "smtp",
            "\"smtps://user@mail.example.com\"",
        )
    })?;
    let from = settings.from.as_ref();
    let from = from.ok_or_else(|| {
        wanted(
            ["sender", "d’expéditeur"],
            "from",
            "\"smartETL <etl@example.com>\"",
        )
    })?;
    if settings.to.is_empty() {
        return Err(wanted(
            ["address to send to", "d’adresse de destination"],
            "to",
            "[\"data@example.com\"]",
        ));
    }
    let transport = transport(server, &settings.password)?;
    let message = message(mail, from, &settings.to, now)?;
    let sent = transport.send(message).await;
    let place = place(server);
    sent.map_err(|error| not_sent(&error).at(place))?;
    Ok(settings.to.iter().map(|to| to.email.to_string()).collect())
}

fn transport(
    server: &reqwest::Url,
    password: &str,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, Failure> {
    let invalid =
        |message: [&str; 2]| Failure::new(ErrorCode::ConfigInvalid, message).at(place(server));
    let mut address = server.clone();
    match (server.username(), password) {
        ("", "") => {}
        ("", _) => {
            return Err(invalid([
                "mail.password is set, but mail.smtp names no user",
                "mail.password est fixé, mais mail.smtp ne nomme pas d’utilisateur",
            ])
            .hint([
                "write smtps://user@mail.example.com",
                "écrivez smtps://utilisateur@mail.example.com",
            ]));
        }
        (_, "") => {
            return Err(invalid([
                "mail.smtp names a user, but mail.password is empty",
                "mail.smtp nomme un utilisateur, mais mail.password est vide",
            ])
            .hint([
                "set it, or SMARTETL_MAIL_PASSWORD_FILE to a file that holds it",
                "fixez-le, ou nommez avec SMARTETL_MAIL_PASSWORD_FILE un fichier qui le contient",
            ]));
        }
        (_, password) => {
            let is_required = server.query_pairs().any(|(_, value)| value == "required");
            if server.scheme() == "smtp" && !is_required {
                return Err(invalid([
                    "the password would go over the network as it is",
                    "le mot de passe passerait en clair sur le réseau",
                ])
                .hint([
                    "write smtps:// in mail.smtp, or add ?tls=required",
                    "écrivez smtps:// dans mail.smtp, ou ajoutez ?tls=required",
                ]));
            }
            // Fails for addresses without a host only, which are none.
            let _ = address.set_password(Some(password));
        }
    }
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(address.as_str());
    let builder = builder.map_err(|error| not_sent(&error).at(place(server)))?;
    Ok(builder.timeout(Some(PATIENCE)).build())
}

fn message(mail: Mail, from: &Mailbox, to: &[Mailbox], now: Timestamp) -> Result<Message, Failure> {
    let invalid = |error: lettre::error::Error| {
        Failure::new(
            ErrorCode::Internal,
            format!("the mail cannot be written: {error}"),
        )
    };
    let hash =
        xxhash_rust::xxh3::xxh3_128(format!("{now} {} {}", mail.subject, mail.text).as_bytes());
    let domain = from.email.domain();
    let since_1970 = Duration::try_from(now.as_duration()).unwrap_or_default();
    // Nobody's notice of absence is to answer (RFC 3834).
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    let mut message = Message::builder()
        .from(from.clone())
        .subject(cut(&mail.subject, SUBJECT_LENGTH))
        .date(UNIX_EPOCH + since_1970)
        .message_id(Some(format!("<{hash:032x}@{domain}>")))
        .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()));
    for to in to {
        message = message.to(to.clone());
    }
    message
        .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
        .map_err(invalid)
}

/// Host and port, without the user.
fn place(server: &reqwest::Url) -> String {
    let port = server.port().map(|port| format!(":{port}"));
    format!(
        "{}://{}{}",
        server.scheme(),
        server.host_str().unwrap_or_default(),
        port.unwrap_or_default()
    )
}

fn not_sent(error: &smtp::Error) -> Failure {
    let failure = |message: [String; 2]| Failure::new(ErrorCode::MailNotSent, message);
    let reach = [
        "check host and port in mail.smtp, and that this machine may reach it",
        "vérifiez l’hôte et le port dans mail.smtp, et que cette machine peut le joindre",
    ];
    let said = innermost(error);
    let refused = matches!(
        error.status().map(|code| code.to_string()).as_deref(),
        Some("530" | "534" | "535" | "538")
    );
    if refused {
        failure([
            format!("the mail server refuses the user or the password: {said}"),
            format!("le serveur de courriel refuse l’utilisateur ou le mot de passe\u{a0}: {said}"),
        ])
        .hint([
            "check the user in mail.smtp and mail.password",
            "vérifiez l’utilisateur dans mail.smtp et mail.password",
        ])
    } else if error.status().is_some() {
        failure([
            format!("the mail server does not take the mail: {said}"),
            format!("le serveur de courriel n’accepte pas le message\u{a0}: {said}"),
        ])
        .hint([
            "it must let this sender (mail.from) write to these addresses (mail.to)",
            "il doit permettre à cet expéditeur (mail.from) d’écrire à ces adresses (mail.to)",
        ])
    } else if error.is_tls()
        || said.contains("certificate")
        || said.contains("TLS")
        || said.contains("corrupt message")
    {
        failure([
            format!("no safe connection to the mail server: {said}"),
            format!("pas de connexion sûre au serveur de courriel\u{a0}: {said}"),
        ])
        .hint([
            "smtps:// is for servers with TLS from the start (usually port 465), smtp://…?tls=required for STARTTLS \
             (usually 587); this machine must trust the server's certificate",
            "smtps:// est pour les serveurs en TLS dès le début (d’habitude le port 465), smtp://…?tls=required pour STARTTLS \
             (d’habitude 587)\u{a0}; cette machine doit faire confiance au certificat du serveur",
        ])
    } else if error.is_timeout() {
        failure(
            [
                "the mail server does not answer",
                "le serveur de courriel ne répond pas",
            ]
            .map(str::to_owned),
        )
        .hint(reach)
    } else if error.is_response() || error.is_client() {
        failure([
            format!("this server does not speak as expected: {said}"),
            format!("ce serveur ne répond pas comme attendu\u{a0}: {said}"),
        ])
        .hint([
            "check host, port and ?tls= in mail.smtp",
            "vérifiez l’hôte, le port et ?tls= dans mail.smtp",
        ])
    } else {
        failure([
            format!("the mail server cannot be reached: {said}"),
            format!("le serveur de courriel est injoignable\u{a0}: {said}"),
        ])
        .hint(reach)
    }
}

/// The innermost cause says what happened; the outer ones only that something did.
fn innermost(error: &smtp::Error) -> String {
    let Some(mut cause) = error.source() else {
        return error.to_string();
    };
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    match cause.downcast_ref::<std::io::Error>() {
        Some(error) => errors::reason(error),
        None => cause.to_string(),
    }
}
