use proptest::prelude::*;

use super::*;

/// Forms in which tools print secrets; `{}` is the secret.
const FORMS: &[&str] = &[
    "password={}",
    "password = {}",
    "Password: {}",
    "PASSWORD={};user=etl",
    "pwd={}",
    "pwd: {} ; user: etl",
    "passwd={}&x=1",
    "db_pass={}",
    "DB_PASSWORD={}",
    "ORACLE_PWD='{}'",
    "mot de passe : {}",
    "mot de passe\u{a0}: « {} »",
    "le mot de passe est \"{}\"",
    "Mot de passe={}",
    "mdp={}",
    "mdp : {}",
    "client_secret={}",
    "clientSecret: \"{}\"",
    "token={}",
    "access_token={}&expires=3600",
    "jeton : {}",
    "api_key={}",
    "api-key: {}",
    "apikey={}",
    "X-Api-Key: {}",
    "clé d'API : {}",
    "Authorization: Bearer {}",
    "Authorization: Basic {}",
    "\"Authorization\": \"Bearer {}\"",
    "-H 'Authorization: Token {}' https://x",
    "postgresql://etl:{}@db:5432/erp",
    "sftp://etl:{}@host",
    "etl:{}@db1",
    "etl_prod:{}@10.0.0.3:5432/erp",
    "conn=svc.etl:{}@db1.example.org",
    "(svc:{}@ERP)",
    "jdbc:oracle:thin:etl/{}@//db:1521/ERP",
    "jdbc:oracle:thin:etl/{}@db:1521:ERP",
    "jdbc:sqlserver://db:1433;databaseName=erp;user=etl;password={};encrypt=true",
    "jdbc:postgresql://db/erp?user=etl&password={}&ssl=true",
    "jdbc:mysql://db:3306/erp?password={}",
    "sqlplus etl/{}@ERP",
    "sqlplus -S etl/{}@ERP @script.sql",
    "AccountKey={};EndpointSuffix=core",
    "aws_secret_access_key = {}",
    "AWS_SESSION_TOKEN={}",
    "{\"user\":\"etl\",\"password\":\"{}\",\"host\":\"db\"}",
    "{\"password\" : \"{}\"}",
    "{\\\"password\\\":\\\"{}\\\"}",
    "{'password': '{}'}",
    "<connection user=\"etl\" password=\"{}\" host=\"db\"/>",
    "<password>{}</password>",
    "<ns:password>{}</ns:password>",
    "mysqldump --password={} erp",
    "bcp erp --password {} -U etl",
    "bcp db.t in f.csv -S srv -U etl -P {}",
    "curl --user=etl:{} https://x",
    "lftp -u etl,{} sftp://host",
    "bcp db.t in f.csv -S srv -U etl -P{}",
    "conn scott/{}@orcl",
    "exp scott/{}@ORCL file=erp.dmp",
    "imp scott/{}@ORCL",
    "sshpass -p {} ssh host",
    "ldapsearch -w {} -x",
    "mysql -u etl -p{} erp",
    "curl -u etl:{} https://x",
    "CREATE USER etl IDENTIFIED BY {}",
    "ALTER ROLE etl PASSWORD '{}'",
    "https://x.blob.core.windows.net/c?sv=1&sig={}",
    "password => {}",
    "(password={})",
    "[password={}]",
    "conn(user=etl, password={}, host=db)",
    "PGPASSWORD={} psql -h db",
    "spring.datasource.password={}",
    "--context_param erp_password={}",
    "-Djavax.net.ssl.trustStorePassword={} -jar x",
    "Échec : mot de passe={} refusé",
    "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
    "API key provided: {}",
    "the password was: {}",
    "pass phrase={}",
    "Passwort: {}",
    "contraseña: {}",
    "<entry key=\"db_password\">{}</entry>",
    "<entry key='db_password'>{}</entry>",
    "rman target / catalog rman/{}@cat",
    "impdp userid=etl/{} directory=d",
    "<property name=\"password\" value=\"{}\"/>",
    "sqlldr etl/{} control=x.ctl",
    "impdp etl/{} directory=d",
    "rman target sys/{}@ERP",
    ".LOGON prod/etl,{};",
    "db2 connect to DWH user etl using {}",
    "net use Z: \\\\nas\\share {} /user:CORP\\etl",
    "aws configure set aws_secret_access_key {}",
];

/// Texts that hold no secret and keep every word.
const KEPT: &[&str] = &[
    "",
    "password authentication failed for user \"etl\"",
    "FATAL:  password authentication failed for user \"postgres\"",
    "Access denied for user 'etl'@'10.0.0.3' (using password: YES)",
    "Access denied for user 'etl'@'10.0.0.3' (using password: NO)",
    "authentification par mot de passe échouée pour l'utilisateur  « mdp »",
    "ORA-01017: nom utilisateur/mot de passe non valide ; connexion refusée",
    "ORA-01017: invalid username/password; logon denied",
    "The server requested password-based authentication, but no password was provided by plugin null",
    "connection failed: fe_sendauth: no password supplied",
    "password is incorrect",
    "Mot de passe incorrect : vérifiez le compte",
    "password for user etl: ORA-01017",
    "password rejected: the account is locked",
    "Cookie: none was sent",
    "cp -p prix2024.csv /data/in",
    "password has expired",
    "le mot de passe est expiré",
    "Your password: expired",
    "The provided token has expired.",
    "Unexpected token: FROM",
    "unexpected token 'x' at line 3",
    "token expired",
    "syntax error at token \"final\"",
    "invalid token: expired",
    "token_type: bearer",
    "tokens: 45",
    "max_tokens=100",
    "tokenizer: standard",
    "bearer authentication failed",
    "Basic authentication required",
    "basic data types",
    "PASS=3 WARN=0 ERROR=1 SKIP=0",
    "12 passed, 3 failed",
    "bypass: on",
    "compass=north",
    "PWD=/home/etl/jobs",
    "https://example.org:8080/a/b?x=1",
    "http://example.org/@user",
    "http://[::1]:80/x@y",
    "https://host:443/path/me@example.org",
    "mail to jean.dupont@example.org",
    "mail: jean.dupont@example.org",
    "mailto:jean.dupont@example.org",
    "email:jean.dupont@example.org",
    "a.b@c.fr",
    "run@host",
    "12:30@x",
    "02:14:05.123@host",
    "nuit:2026-01-01T10:00:00@host",
    "job:step@3",
    "job:load_orders@etl01",
    "load_orders:123456@host",
    "stock:export@3",
    "at C:/etl/jobs/orders@host",
    "git@github.com:etl/jobs.git",
    "postgres:latest@sha256:9f86d081884c",
    "java.lang.RuntimeException:com.acme.Loader@1b2c3d4e",
    "jdbc:oracle:thin:@db:1521:ERP",
    "::::::::@host",
    "@@@@@@@@",
    "psql -p 5432 -h db",
    "mkdir -p raw/in",
    "ssh -p 22 host",
    "connect to /data/x@y",
    "unable to connect to server",
    "Exception in component tDBInput_1",
    "the secret of success",
    "secretary: Dupont",
    "password=",
    "password: ",
    "\"password\":null",
    "\"password\": \"\"",
    "eyJ",
    "ASIA and Akia are words",
    "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----",
    "std::token::Kind",
    "mot de passe expiré depuis 3 jours",
    "password expired",
    "password ORA-01017 at tDBInput_1",
    "no password in tDBInput_12 for etl",
    "le mot de passe d'accès manque",
    "Password incorrect (ORA-28000)",
    "password policy [default]",
    "API key provided: none",
    "Signature: void foo(int)",
    "method signature = (Ljava/lang/String;)V",
    "docker run -p 8080:80 img",
    "docker run -p 127.0.0.1:8080:80/tcp img",
    "token = expired",
    "token = revoked since monday",
    "lock:Object@7f31245a",
    "java.lang.Thread:worker12@deadbeef",
    "arn:aws:iam::12345:user/etl@corp.example",
    "exp 12/2024@site",
    "exp and/or imp",
    "sqlplus n/a",
    "sqlldr jobs/load.ctl control=x",
    "actions/setupNode12@v4",
    "scripts/load2@host",
    "see docs/Page2Setup@main",
    "Password rejected [SQLSTATE 28000]",
    "password expired (0x8007052e)",
    "password SCRAM-SHA-256 authentication",
    "sk-load-customers-2024-daily-run",
    "task-abcdefABCDEF1234567890",
    "dapibus 0123456789",
    "ENC(column) and enc()",
    "logon denied, retry",
    "connect to DWH as user etl using SSL",
    "net use Z: \\\\nas\\share failed",
    "https://hooks.slack.com/services/",
];

#[test]
fn texts_without_secrets_are_kept_and_not_copied() {
    for text in KEPT {
        assert!(
            matches!(redact(text), Cow::Borrowed(_)),
            "{text:?} became {:?}",
            redact(text)
        );
    }
}

#[test]
fn the_rest_of_the_message_stays() {
    for (text, expected) in [
        (
            "Mot de passe incorrect : azerty123",
            "Mot de passe incorrect : ***",
        ),
        (
            "password for user etl: hunter!2 (try 2)",
            "password for user etl: *** (try 2)",
        ),
        ("curl -u bob:S3cr3t! https://x", "curl -u bob:*** https://x"),
        (
            "> Cookie: JSESSIONID=0a1B; theme=dark\n< HTTP/1.1 401",
            "> Cookie: ***\n< HTTP/1.1 401",
        ),
        (
            "jdbc:sqlserver://db;user=etl;password=x1;encrypt=true failed",
            "jdbc:sqlserver://db;user=etl;password=***;encrypt=true failed",
        ),
        (
            "could not open postgresql://etl:x1@db:5432/erp: refused",
            "could not open postgresql://etl:***@db:5432/erp: refused",
        ),
        (
            "svc:Tr0ub4dor@db1 refused, then svc:p@ssw0rd@db2:5432/x@y",
            "svc:***@db1 refused, then svc:***@db2:5432/x@y",
        ),
        ("postgres://etl:p@ss/w@db/erp", "postgres://etl:***@db/erp"),
        (
            "{\"password\":\"a \\\" b\",\"host\":\"db\"}",
            "{\"password\":\"***\",\"host\":\"db\"}",
        ),
        ("PASSWORD 'it''s' VALID UNTIL", "PASSWORD '***' VALID UNTIL"),
        (
            "conn(password=ab,cd, host=db)",
            "conn(password=***, host=db)",
        ),
        (
            "Authorization: Bearer abc123.def\nHost: db",
            "Authorization: Bearer ***\nHost: db",
        ),
        ("key AKIAIOSFODNN7EXAMPLE denied", "key *** denied"),
        (
            "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_9.",
            "got ***.",
        ),
        ("password is S3cret! for etl", "password is ***! for etl"),
        (
            "le mot de passe est Azerty12 pour etl",
            "le mot de passe est *** pour etl",
        ),
        ("password=\"cut he", "password=\"***"),
        (
            "<password>a b</password><host>db</host>",
            "<password>***</password><host>db</host>",
        ),
        (
            "Le mot de passe : Azerty12, l'hôte : db",
            "Le mot de passe : ***, l'hôte : db",
        ),
        (
            "Invalid API key provided: sk-proj-abcDEF1234567890abcdEFGH. Stop",
            "Invalid API key provided: ***. Stop",
        ),
        (
            "Login failed with password Zx9!kLm2pQ for user etl",
            "Login failed with password *** for user etl",
        ),
        ("mot de passe Zx9kLm2pQw refusé", "mot de passe *** refusé"),
        (
            "SSL key password Zx9kLm2pQw wrong",
            "SSL key password *** wrong",
        ),
        ("Using password [Zx9kLm2pQw]", "Using password [***]"),
        ("mdp incorrect (Zx9kLm2pQw)", "mdp incorrect (***)"),
        ("exp etl/Zx9kLm2pQw file=x", "exp etl/*** file=x"),
        ("sqlldr etl/tiger control=x", "sqlldr etl/*** control=x"),
        (
            "connect failed (etl/Zx9kLm2pQw@ERP)",
            "connect failed (etl/***@ERP)",
        ),
        (
            "no answer (etl/Zx9kLm2pQw@//db:1521/ERP)",
            "no answer (etl/***@//db:1521/ERP)",
        ),
        (
            "net use \\\\nas\\share /user:CORP\\etl Zx9kLm2pQw",
            "net use \\\\nas\\share /user:CORP\\etl ***",
        ),
        (
            "key sk-proj-abcDEF1234567890abcdEFGH, dapi0123456789abcdef0123456789abcdef",
            "key ***, ***",
        ),
        (
            "POST https://hooks.slack.com/services/T0AB/B0CD/x1Y2z3: 404",
            "POST https://hooks.slack.com/services/***: 404",
        ),
        (
            "enc:system.encryption.key.v1:Wm9Kq2== read",
            "enc:system.encryption.key.v1:*** read",
        ),
        (
            "value ENC(G6N718UuyPE5bHyWKyuLQSm02auQPUtm) read",
            "value ENC(***) read",
        ),
        (
            "Authorization: Digest username=\"etl\", response=\"6629fae49393a053\", opaque=\"5c\"",
            "Authorization: Digest username=\"etl\", response=\"***\", opaque=\"5c\"",
        ),
        (
            "X-Amz-Signature=9f86d081884c7d659a2feaa0&x=1",
            "X-Amz-Signature=***&x=1",
        ),
        ("password=a\npassword=b", "password=***\npassword=***"),
        (
            "-----BEGIN PRIVATE KEY-----\nMIIabc",
            "-----BEGIN PRIVATE KEY-----***",
        ),
    ] {
        assert_eq!(redact(text), expected);
    }
}

fn check_planted(form: &str, secret: &str, before: &str, after: &str) {
    let text = format!("{before}{}{after}", form.replace("{}", secret));
    let once = redact(&text).into_owned();
    assert!(!once.contains(secret), "{text:?} became {once:?}");
    assert!(once.contains(REDACTED));
    assert!(
        once.starts_with(before) && once.ends_with(after),
        "{text:?} became {once:?}"
    );
    assert_eq!(redact(&once), once, "of {text:?}");
}

#[test]
fn secrets_of_every_form() {
    for form in FORMS {
        for secret in [
            "x9Kq-Lm2",
            "Azerty123",
            "S3cr$et_42",
            "9f86d081884c7d659a2feaa0",
            "été2024né",
        ] {
            check_planted(form, secret, "Début : ", "");
            check_planted(form, secret, "", " et la suite");
            check_planted(form, secret, "a=1\n", "\nfin");
        }
    }
}

#[test]
fn quoted_secrets_may_hold_anything() {
    for form in [
        "password=\"{}\"",
        "password: '{}'",
        "\"password\":\"{}\"",
        "mot de passe : « {} »",
        "pwd=\"{}\";x=1",
    ] {
        for secret in ["deux mots 1", "a;b,c&d=e9", "x y)z] {q}7", "://u:p@h8"] {
            check_planted(form, secret, "x ", " y");
        }
    }
}

/// A password may begin like a token or hold the name of one.
#[test]
fn a_trigger_in_a_secret_hides_nothing() {
    for secret in ["Eyj00-0A", "Asia0815", "xtoken12"] {
        check_planted("etl:{}@db1", secret, "", "");
    }
}

#[test]
fn triggers_are_written_in_lower_case() {
    for (word, _) in TRIGGERS {
        assert_eq!(*word, word.to_lowercase());
    }
}

proptest! {
    #[test]
    fn planted_secrets_never_survive(
        form in prop::sample::select(FORMS),
        secret in "[A-Za-z]{3,6}[0-9]{2,4}[A-Za-z0-9_$-]{2,12}[A-Za-z0-9]",
        before in "(\\PC{0,12} )?",
        after in "( [a-zé ,.]{0,20})?",
    ) {
        // What stands before may itself announce a secret that swallows the form: then the secret is gone too.
        let text = format!("{before}{}{after}", form.replace("{}", &secret));
        let once = redact(&text).into_owned();
        prop_assert!(!once.contains(&secret), "{:?} became {:?}", text, once);
        prop_assert_eq!(redact(&once), once.as_str());
    }

    #[test]
    fn twice_is_once(parts in prop::collection::vec(
        prop_oneof![
            prop::sample::select(TRIGGERS).prop_map(|(word, _)| word.to_owned()),
            prop::sample::select(vec!["=", ":", " ", "\"", "'", "@", "/", ";", ",", "***", "\n", "«", "»", "\\", "<", ">", "-----", "PRIVATE KEY", "Bearer ", "is ", "]", ")", ".", "--", "-----END", "\u{a0}"]).prop_map(str::to_owned),
            "\\PC{0,6}",
            "[A-Z0-9]{4,20}",
        ], 0..14)) {
        let text = parts.concat();
        let once = redact(&text).into_owned();
        prop_assert_eq!(redact(&once), once.as_str(), "of {:?}", text);
    }
}
