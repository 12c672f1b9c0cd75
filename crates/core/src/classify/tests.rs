use proptest::prelude::*;

use super::*;

const NOTHING: ErrorFacts<'static> = ErrorFacts {
    system: "talend",
    error_type: None,
    error_code: None,
    code_scheme: None,
    message: None,
    stack: None,
};

fn of_message(system: &str, message: &str) -> Classification {
    classify(&ErrorFacts {
        system,
        message: Some(message),
        ..NOTHING
    })
}

fn of_code(scheme: &str, code: &str) -> Classification {
    classify(&ErrorFacts {
        error_code: Some(code),
        code_scheme: Some(scheme),
        ..NOTHING
    })
}

fn speaks(message: &str, rule: &str) -> bool {
    explain(&ErrorFacts {
        message: Some(message),
        ..NOTHING
    })
    .iter()
    .any(|evidence| evidence.says.rule == rule)
}

#[test]
fn every_rule_matches_its_examples_and_not_its_counter() {
    let mut wrong = Vec::new();
    let file = rules::file();
    for rule in &file.rule {
        if rule.example.is_empty() || rule.counter.is_empty() {
            wrong.push(format!("{}: no example or no counter", rule.id));
        }
        let decides = |example: &String| of_message("talend", example).rule == rule.id;
        if !rule.example.iter().any(decides) {
            wrong.push(format!("{}: decides on no example", rule.id));
        }
        for example in &rule.example {
            if !speaks(example, &rule.id) {
                wrong.push(format!("{}: is silent on {example:?}", rule.id));
            }
            let verdict = of_message("talend", example);
            if verdict.category != rule.category {
                wrong.push(format!("{}: {example:?} became {verdict:?}", rule.id));
            }
        }
        if speaks(&rule.counter, &rule.id) {
            wrong.push(format!("{}: speaks on {:?}", rule.id, rule.counter));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_id_is_there_once() {
    let file = rules::file();
    let mut ids: Vec<&String> = file.rule.iter().map(|rule| &rule.id).collect();
    ids.extend(file.find.iter().map(|find| &find.id));
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn every_code_decides_alone() {
    let mut wrong = Vec::new();
    for entry in &rules::file().codes {
        for code in &entry.codes {
            let (scheme, of_class) = match &*entry.scheme {
                "sqlstate_class" => ("sqlstate", format!("{code}ZZZ")),
                scheme => (scheme, code.clone()),
            };
            let verdict = of_code(scheme, &of_class);
            let rule = format!("{}:{}", entry.scheme, rules::canonical(&entry.scheme, code));
            if verdict.rule != rule || verdict.category != entry.category {
                wrong.push(format!("{rule}: {verdict:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_search_finds_its_examples_and_not_its_counter() {
    let mut wrong = Vec::new();
    for find in &rules::file().find {
        let pattern = regex::Regex::new(&find.pattern).expect("it is compiled elsewhere too");
        let finds = |text: &str| {
            let mut folded = String::new();
            fold::fold_into(text, &mut folded);
            let hinted = find
                .hints
                .iter()
                .any(|hint| folded.contains(hint.trim_matches('|')));
            let captures = hinted.then(|| pattern.captures(&folded)).flatten()?;
            Some(format!(
                "{}:{}",
                find.scheme,
                rules::canonical(
                    &find.scheme,
                    captures.get(1).or_else(|| captures.get(2))?.as_str()
                )
            ))
        };
        let system = find.systems.first().map_or("talend", |system| system);
        let decides = |text: &str| of_message(system, text).rule.to_owned();
        if find.example.is_empty() || find.counter.is_empty() {
            wrong.push(format!("{}: no example or no counter", find.id));
        }
        for example in &find.example {
            if finds(example) != Some(decides(example)) {
                wrong.push(format!(
                    "{}: {example:?} is {:?}, decided {}",
                    find.id,
                    finds(example),
                    decides(example)
                ));
            }
        }
        if finds(&find.counter) == Some(decides(&find.counter)) {
            wrong.push(format!("{}: finds {:?}", find.id, find.counter));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_pattern_and_default_can_be_read() {
    engine::compile_all();
}

/// (system, category, message): what an imagined French wholesaler's jobs in Talend write, and others.
const MESSAGES: &[(&str, Category, &str)] = &[
    (
        "talend",
        Category::Connection,
        "java.sql.SQLRecoverableException:Listener refused the connection with the following error:\nORA-12541, TNS:no listener",
    ),
    (
        "talend",
        Category::Connection,
        "java.net.ConnectException:Connexion refusée",
    ),
    (
        "talend",
        Category::Connection,
        "java.net.ConnectException: Connexion refus\u{fffd}e (Connection refused)",
    ),
    (
        "talend",
        Category::Connection,
        "java.net.UnknownHostException:sftp.transporteur.invalid",
    ),
    (
        "talend",
        Category::Connection,
        "com.jcraft.jsch.JSchException:java.net.UnknownHostException: edi.fournisseur.invalid",
    ),
    (
        "talend",
        Category::MissingFile,
        "java.io.FileNotFoundException:/data/in/ventes_20240131.csv (Aucun fichier ou dossier de ce type)",
    ),
    (
        "talend",
        Category::MissingFile,
        "java.io.FileNotFoundException:D:\\in\\prix.xlsx (Le fichier spécifié est introuvable)",
    ),
    (
        "talend",
        Category::Permission,
        "java.io.FileNotFoundException:/data/out/stock.csv (Permission non accordée)",
    ),
    (
        "talend",
        Category::Permission,
        "java.io.FileNotFoundException: /data/out/stock.csv (Permission denied)",
    ),
    (
        "talend",
        Category::DataFormat,
        "java.lang.NumberFormatException:For input string: \"12,50\"",
    ),
    (
        "talend",
        Category::DataFormat,
        "java.lang.RuntimeException: java.text.ParseException: Unparseable date: \"31/02/2024\"",
    ),
    (
        "talend",
        Category::Resource,
        "java.io.IOException:No space left on device",
    ),
    (
        "talend",
        Category::Resource,
        "java.io.IOException: Aucun espace disponible sur le périphérique",
    ),
    (
        "talend",
        Category::Resource,
        "java.lang.OutOfMemoryError:Java heap space",
    ),
    (
        "talend",
        Category::Lock,
        "java.sql.SQLSyntaxErrorException:ORA-00054: resource busy and acquire with NOWAIT specified or timeout expired",
    ),
    (
        "talend",
        Category::Resource,
        "java.sql.SQLException:ORA-01555: snapshot too old: rollback segment number 12 with name \"_SYSSMU12\" too small",
    ),
    (
        "talend",
        Category::Resource,
        "ORA-01653: impossible d'étendre la table ERP.MOUVEMENTS de 128 dans le tablespace DATA",
    ),
    (
        "talend",
        Category::Lock,
        "ORA-00060: étreinte mortelle détectée pendant l'attente d'une ressource",
    ),
    (
        "talend",
        Category::Constraint,
        "java.sql.SQLIntegrityConstraintViolationException:ORA-00001: violation de contrainte unique (ERP.PK_COMMANDE)",
    ),
    (
        "talend",
        Category::Constraint,
        "ERREUR: la valeur d'une clé dupliquée rompt la contrainte unique « pk_client »",
    ),
    (
        "talend",
        Category::MissingObject,
        "java.sql.SQLSyntaxErrorException: ORA-00942: Table ou vue inexistante",
    ),
    (
        "talend",
        Category::Authentication,
        "java.sql.SQLException: ORA-01017: invalid username/password; logon denied",
    ),
    (
        "talend",
        Category::Authentication,
        "com.jcraft.jsch.JSchException:Auth fail",
    ),
    (
        "talend",
        Category::Timeout,
        "java.net.SocketTimeoutException:Read timed out",
    ),
    (
        "talend",
        Category::Dependency,
        "Réponse HTTP 503 de l'API partenaire",
    ),
    (
        "talend",
        Category::ExternalApi,
        "API transporteur : statut HTTP 429 Too Many Requests",
    ),
    (
        "talend",
        Category::Authentication,
        "API partenaire : HTTP/1.1 401 Unauthorized",
    ),
    (
        "talend",
        Category::MissingObject,
        "ERREUR: la colonne « code_tva » n'existe pas",
    ),
    (
        "talend",
        Category::SchemaChange,
        "Structure du fichier inattendue : 14 colonnes lues, 12 attendues",
    ),
    ("talend", Category::DataQuality, "Fichier vide"),
    (
        "talend",
        Category::DataQuality,
        "Contrôle qualité : 12 lignes en anomalie",
    ),
    (
        "talend",
        Category::DataQuality,
        "Seuil de rejets dépassé : 214 lignes rejetées",
    ),
    ("talend", Category::Code, "java.lang.NullPointerException"),
    (
        "talend",
        Category::Configuration,
        "java.lang.ClassNotFoundException:oracle.jdbc.OracleDriver",
    ),
    (
        "mysql",
        Category::Lock,
        "Error 1205: Lock wait timeout exceeded",
    ),
    ("sqlserver", Category::Lock, "Msg 1205, Level 13, State 51"),
    ("sqlserver", Category::Timeout, "Error 258: x"),
    (
        "airflow",
        Category::ExternalApi,
        "requests.exceptions.HTTPError: 502 Server Error: Bad Gateway for url: https://api.example.org/v1",
    ),
    ("airflow", Category::Permission, "[Errno 13] x: '/opt/data'"),
    (
        "airflow",
        Category::Lock,
        "PermissionError: [WinError 32] Le processus ne peut pas accéder au fichier car ce fichier est utilisé par un autre processus",
    ),
    (
        "spark",
        Category::MissingObject,
        "[TABLE_OR_VIEW_NOT_FOUND] x. SQLSTATE: 42P01",
    ),
    (
        "dbt",
        Category::DataQuality,
        "Got 12 results, configured to fail if != 0",
    ),
    (
        "talend",
        Category::Connection,
        "Connexion interrompue par l'hôte distant",
    ),
    (
        "talend",
        Category::Connection,
        "Transfert interrompu par le pare-feu",
    ),
    (
        "talend",
        Category::Cancelled,
        "Session interrompue par l'exploitant",
    ),
    (
        "talend",
        Category::Lock,
        "Délai d'attente du verrou dépassé",
    ),
    (
        "talend",
        Category::Lock,
        "Le délai d'attente du verrou est dépassé",
    ),
    (
        "talend",
        Category::Lock,
        "Délai dépassé en attente d'un verrou",
    ),
    (
        "talend",
        Category::Dependency,
        "L'API de géocodage a répondu 503",
    ),
    (
        "talend",
        Category::Dependency,
        "Erreur 503 du web service partenaire",
    ),
    (
        "zos",
        Category::DataFormat,
        "IEF450I JOB1 STEP10 - ABEND=S0C7 U0000 REASON=00000007",
    ),
    (
        "zos",
        Category::Timeout,
        "IEF450I JOB1 STEP10 - ABEND=S322 U0000",
    ),
    (
        "zos",
        Category::Cancelled,
        "IEF450I JOB1 STEP10 - ABEND=S222 U0000",
    ),
    (
        "zos",
        Category::Resource,
        "IEC030I B37-04,IFG0554A,JOB1,STEP10,OUT",
    ),
    (
        "zos",
        Category::MissingFile,
        "IEF212I JOB1 STEP10 INPUT - DATA SET NOT FOUND",
    ),
    ("zos", Category::MissingFile, "ABEND S013-18"),
    (
        "as400",
        Category::Lock,
        "CPF4128 Not allowed to open member CLIENTPF because of lock.",
    ),
    (
        "as400",
        Category::Lock,
        "SQL0913 - Row or object CLIENT in PROD type *FILE in use.",
    ),
    (
        "as400",
        Category::MissingObject,
        "SQL0204 - CLIENT in PRODLIB type *FILE not found.",
    ),
    (
        "as400",
        Category::MissingObject,
        "SQL0204 CLIENT de PRODLIB de type *FILE non trouvé.",
    ),
    ("db2", Category::Lock, "SQLCODE -913"),
    ("mq", Category::Resource, "MQRC_Q_FULL 2053"),
    ("mq", Category::Permission, "MQ reason 2035"),
    (
        "dbt",
        Category::DataFormat,
        "Database Error in model a (models/a.sql)\n  Numeric value 'abc' is not recognized",
    ),
    (
        "snowflake",
        Category::DataFormat,
        "100038 (22018): Numeric value 'abc' is not recognized",
    ),
    (
        "snowflake",
        Category::Lock,
        "000625 (57014): Statement has locked table 'T' in transaction 12 and this lock has not yet been released. Your statement was aborted because the number of waiters for this lock exceeds the 20 statements limit.",
    ),
    (
        "snowflake",
        Category::Configuration,
        "000606 (57P03): No active warehouse selected in the current session.",
    ),
    (
        "talend",
        Category::Code,
        "java.lang.Error: Unresolved compilation problem: \n\tcontext.dateDebut cannot be resolved",
    ),
    (
        "talend",
        Category::Code,
        "row1.montant cannot be resolved or is not a field",
    ),
    (
        "airflow",
        Category::Resource,
        "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30",
    ),
    (
        "dbt",
        Category::Dependency,
        "SKIP relation analytics.fct_orders due to ephemeral model error",
    ),
    (
        "kafka",
        Category::Connection,
        "org.apache.kafka.common.errors.NotLeaderOrFollowerException: For requests intended only for the leader",
    ),
    (
        "shell",
        Category::Configuration,
        "/bin/sh: 1: bteq: not found",
    ),
    (
        "shell",
        Category::Connection,
        "cp: cannot stat '/nas/in': Stale file handle",
    ),
    (
        "talend",
        Category::Constraint,
        "Doublon sur la clé CODE_CLIENT",
    ),
    (
        "talend",
        Category::SchemaChange,
        "Colonne obligatoire SIRET manquante dans le fichier source",
    ),
    (
        "talend",
        Category::ExternalApi,
        "Le partenaire EDI a rejeté le message",
    ),
    (
        "python",
        Category::SchemaChange,
        "KeyError: \"['montant'] not in index\"",
    ),
    (
        "talend",
        Category::DataFormat,
        "org.apache.poi.EncryptedDocumentException: The supplied spreadsheet is protected",
    ),
    ("talend", Category::Unknown, "Erreur interne"),
    ("talend", Category::Unknown, "Erreur bloquante"),
    ("talend", Category::Unknown, "Query failed"),
    ("talend", Category::Unknown, "Failed to write"),
    (
        "talend",
        Category::Unknown,
        "The operation could not be completed",
    ),
    (
        "ssis",
        Category::Unknown,
        "The Execution method succeeded, but the number of errors raised (1) reached the maximum allowed (1); resulting in failure.",
    ),
    ("talend", Category::Unknown, "Une chose étrange est arrivée"),
    ("talend", Category::Unknown, ""),
];

#[test]
fn messages_of_the_field() {
    let wrong: Vec<_> = MESSAGES
        .iter()
        .map(|(system, category, message)| (category, message, of_message(system, message)))
        .filter(|(category, _, verdict)| verdict.category != **category)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_structured_code_decides_before_the_words() {
    let facts = ErrorFacts {
        error_code: Some("23505"),
        code_scheme: Some("sqlstate"),
        message: Some("connection refused"),
        ..NOTHING
    };
    let verdict = classify(&facts);
    assert_eq!(
        (verdict.category, verdict.rule),
        (Category::Constraint, "sqlstate:23505")
    );
    assert_eq!(of_code("sqlstate", "22XYZ").rule, "sqlstate_class:22");
    assert_eq!(of_code("oracle", "12541").rule, "oracle:ORA-12541");
    assert_eq!(of_code("http", "404").retryable, Some(false));
    assert_eq!(of_code("http", "429").retryable, Some(true));
    assert_eq!(of_code("exit", "1"), Classification::UNKNOWN);
    assert_eq!(of_code("sqlstate", "é€"), Classification::UNKNOWN);
    let no_scheme = ErrorFacts {
        error_code: Some("ORA-1017"),
        ..NOTHING
    };
    assert_eq!(classify(&no_scheme).category, Category::Authentication);
}

fn of_bare_code(system: &str, code: &str) -> Classification {
    classify(&ErrorFacts {
        system,
        error_code: Some(code),
        ..NOTHING
    })
}

#[test]
fn a_scheme_is_known_whatever_the_size_of_its_letters() {
    for (scheme, code, rule) in [
        ("HTTP", "500", "http:500"),
        ("Http", "HTTP 404", "http:404"),
        ("SQLSTATE", "42p01", "sqlstate:42P01"),
        ("ORA", "942", "oracle:ORA-00942"),
        ("SQL Server", "1205", "sqlserver:1205"),
        ("MSSQL", "1205", "sqlserver:1205"),
        ("MariaDB", "1213", "mysql:1213"),
        ("Errno", "ENOSPC", "errno:ENOSPC"),
        ("exit_code", "137", "exit:137"),
        ("DB2", "SQL0911N", "db2:911"),
        ("db2", "-911", "db2:911"),
    ] {
        assert_eq!(of_code(scheme, code).rule, rule, "{scheme} {code}");
    }
    // What others call their codes is no failure, and says nothing.
    assert_eq!(of_code("our own", "500"), Classification::UNKNOWN);
    assert!(schemes().all(knows_scheme) && !knows_scheme("our own"));
}

#[test]
fn every_scheme_of_the_tables_can_be_named() {
    for entry in &rules::file().codes {
        let is_class = entry.scheme == "sqlstate_class";
        assert!(
            is_class || schemes().any(|name| name == entry.scheme),
            "{}",
            entry.scheme
        );
    }
}

#[test]
fn a_scheme_that_is_not_said_is_told_by_the_system_or_the_form() {
    for (system, code, rule) in [
        ("sqlserver", "1205", "sqlserver:1205"),
        ("SQLServer", "1205", "sqlserver:1205"),
        ("mssql", "2627", "sqlserver:2627"),
        ("mysql", "1205", "mysql:1205"),
        ("oracle", "942", "oracle:ORA-00942"),
        ("db2", "-204", "db2:204"),
        ("postgresql", "53300", "sqlstate:53300"),
        ("rest", "503", "http:503"),
        ("bash", "137", "exit:137"),
        ("ssis", "0xC020801C", "ssis:0XC020801C"),
        ("sqlserver", "42P01", "sqlstate:42P01"),
        ("", "42P01", "sqlstate:42P01"),
        ("talend", "42P01", "sqlstate:42P01"),
        ("", "23505", "sqlstate:23505"),
        ("", "08S01", "sqlstate:08S01"),
        ("", "ORA-00942", "oracle:ORA-00942"),
        ("talend", "ora-942", "oracle:ORA-00942"),
        ("", "TNS-12541", "oracle:ORA-12541"),
        ("", "HTTP 503", "http:503"),
        ("", "HTTP/503", "http:503"),
        ("", "SQLSTATE: 42P01", "sqlstate:42P01"),
        ("", "SQL0911N", "db2:911"),
        ("", "0xC020801C", "ssis:0XC020801C"),
        ("", "-1071611876", "ssis:0XC020801C"),
        ("", "0x80070005", "winerror:5"),
        ("", "ENOSPC", "errno:ENOSPC"),
        ("", "EAI_AGAIN", "errno:EAI_AGAIN"),
        ("", "DEADLINE_EXCEEDED", "grpc:DEADLINE_EXCEEDED"),
        ("", "SIGKILL", "exit:SIGKILL"),
    ] {
        assert_eq!(of_bare_code(system, code).rule, rule, "{system} {code}");
    }
    for (system, code) in [
        ("", "500"),
        ("talend", "503"),
        ("", "1205"),
        ("", "12345"),
        ("", "ABCDE"),
        ("", "EVENTS"),
        ("", "LOT-12"),
        ("", ""),
        ("", "é"),
    ] {
        assert_eq!(
            of_bare_code(system, code),
            Classification::UNKNOWN,
            "{system} {code}"
        );
    }
    let of_http = classify(&ErrorFacts {
        error_code: Some("503"),
        message: Some("HTTP : le partenaire ne veut plus"),
        ..NOTHING
    });
    assert_eq!(of_http.rule, "http:503");
}

#[test]
fn a_code_that_means_two_things_asks_the_words() {
    let with = |message| {
        classify(&ErrorFacts {
            error_code: Some("57014"),
            code_scheme: Some("sqlstate"),
            message,
            ..NOTHING
        })
        .category
    };
    assert_eq!(
        with(Some("ERROR: canceling statement due to user request")),
        Category::Cancelled
    );
    assert_eq!(
        with(Some("ERROR: canceling statement due to statement timeout")),
        Category::Timeout
    );
    assert_eq!(with(None), Category::Timeout);
}

/// What something is called says nothing about what happened to it.
#[test]
fn names_decide_nothing() {
    const FRAMES: &[&str] = &[
        "File {} is empty",
        "{} : fichier vide",
        "Fichier vide : {}",
        "Job {} : fichier vide",
        "Le fichier {} est vide",
    ];
    const NAMES: &[&str] = &[
        "/data/timeout/in.csv",
        "C:\\Deadlock\\in.csv",
        "\\\\srv\\Permission denied\\in.csv",
        "C:\\Program Files\\Deadlock Tool\\in.csv",
        "../deadlock/in.csv",
        "in/deadlock/2024.csv",
        "deadlock_2024.csv",
        "Timeout.xlsx",
        "https://timeout.example.com/deadlock?forbidden=1",
        "s3://timeout/OutOfMemoryError/part-0.parquet",
        "timeout@deadlock.example",
        "J_Deadlock_Check",
        "J_LOAD_TIMEOUT",
        "LoadDeadlockStats",
        "stg_timeout_deadlock",
        "\"Deadlock\"",
        "'permission denied'",
        "« Accès refusé »",
        "\"PERMISSION_DENIED\"",
        "\"OutOfMemoryError\"",
        "PERMISSION_DENIED",
    ];
    let mut wrong = Vec::new();
    for frame in FRAMES {
        for name in NAMES {
            let message = frame.replace("{}", name);
            let verdict = of_message("talend", &message);
            if verdict.category != Category::DataQuality {
                wrong.push((message, verdict.category, verdict.rule));
            }
        }
    }
    for message in [
        "Table \"PERMISSION_DENIED\" is empty",
        "Table DEADLOCK is empty",
        "La table « TIMEOUT » est vide",
        "Customer \"SFTP Connection\" has no order",
        "Client « Timeout SARL » sans commande",
        "Le fournisseur « Deadlock et fils » n'a rien livré",
        "{\"job\": \"Deadlock Monitor\", \"state\": \"ko\"}",
    ] {
        let verdict = of_message("talend", message);
        let names = [
            Category::Timeout,
            Category::Lock,
            Category::Permission,
            Category::Connection,
        ];
        if names.contains(&verdict.category) {
            wrong.push((message.to_owned(), verdict.category, verdict.rule));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is said of the data, or what is named, often only follows from the cause, which stands beside it.
#[test]
fn a_cause_decides_before_what_it_did_to_the_data() {
    for (category, message) in [
        (
            Category::Connection,
            "Connexion refusée : aucune donnée n'a été chargée",
        ),
        (
            Category::Timeout,
            "java.net.SocketTimeoutException: Read timed out ; fichier vide supprimé",
        ),
        (
            Category::Resource,
            "OutOfMemoryError: Java heap space while processing rejected rows",
        ),
        (
            Category::Constraint,
            "duplicate key value violates unique constraint \"pk_x\" ; 12 lignes rejetées",
        ),
        (
            Category::MissingFile,
            "Fichier introuvable ; aucune donnée à charger",
        ),
        (
            Category::Timeout,
            "canceling statement due to statement timeout, no data received",
        ),
        (Category::MissingObject, "ORA-00942: x ; 12 lignes rejetées"),
    ] {
        let verdict = of_message("talend", message);
        assert_eq!(verdict.category, category, "{message}: {verdict:?}");
    }
}

#[test]
fn what_did_not_happen_decides_nothing() {
    let mut wrong = Vec::new();
    for message in [
        "No OutOfMemoryError occurred",
        "There was no out of memory",
        "Il n'y a pas eu d'interblocage",
        "Aucun interblocage détecté",
        "Le certificat du partenaire n'a pas expiré",
        "The certificate has not expired",
        "Password has not expired",
        "Le mot de passe n'a pas expiré",
        "Nombre de lignes rejetées : 0",
        "rejected rows: 0",
        "0 rejected rows",
        "0 ligne rejetée",
        "Aucune ligne n'a été rejetée",
        "Rejets : 0 (0 %)",
        "Aucune incohérence détectée",
        "No duplicates found",
        "No missing files, no duplicates",
        "Aucun doublon détecté",
        "Data quality check passed",
        "Contrôle qualité : OK",
        "Timeout set to 30 seconds",
        "The job ended without timeout",
        "IllegalStateException: Deadlock monitor thread is null",
    ] {
        let verdict = of_message("talend", message);
        if verdict.category != Category::Unknown {
            wrong.push((message, verdict.category, verdict.rule));
        }
    }
    for (category, message) in [
        (Category::Lock, "No row was read: deadlock detected"),
        (
            Category::Lock,
            "Aucun doublon, mais un interblocage détecté",
        ),
        (Category::Timeout, "Timeout: 0 rows were read"),
        (
            Category::Timeout,
            "The statement could not end before the timeout expired",
        ),
        (Category::DataQuality, "Lignes rejetées : 12"),
        (Category::DataQuality, "10 rejected rows"),
        (
            Category::DataQuality,
            "Rejets : 0,5 %, seuil de rejet dépassé",
        ),
        (Category::DataQuality, "Fichier reçu sans aucune donnée"),
        (Category::Resource, "There is no space left on device"),
        (Category::Connection, "There is no route to host"),
        (
            Category::Authentication,
            "Le certificat du partenaire n'est plus valide",
        ),
    ] {
        let verdict = of_message("talend", message);
        if verdict.category != category {
            wrong.push((message, verdict.category, verdict.rule));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A number that counts is no number of a vendor, a name no event.
#[test]
fn counts_and_names_are_no_codes() {
    for (system, message) in [
        ("sqlserver", "Erreur : 53 commandes sans client"),
        ("sqlserver", "Error: 20 invoices not sent"),
        ("sqlserver", "Erreur 102 lignes ignorées"),
        ("mysql", "Erreur : 2013 factures en attente"),
        ("talend", "Article 404 introuvable au catalogue"),
        ("talend", "500 erreur interne de saisie"),
    ] {
        let verdict = of_message(system, message);
        assert!(!verdict.rule.contains(':'), "{message}: {verdict:?}");
    }
    for (system, message, rule) in [
        (
            "sqlserver",
            "Error: 1205 Transaction was lost",
            "sqlserver:1205",
        ),
        ("sqlserver", "Erreur 1205 : x", "sqlserver:1205"),
        ("sqlserver", "Erreur 1205 dans le lot", "sqlserver:1205"),
        ("talend", "Msg 1205, Level 13", "sqlserver:1205"),
        ("mysql", "error 2013 (HY000)", "mysql:2013"),
        ("mysql", "Error 1045 Access denied", "mysql:1045"),
    ] {
        assert_eq!(of_message(system, message).rule, rule, "{message}");
    }
    for (category, message) in [
        (
            Category::Authentication,
            "Le compte client 4711 est désactivé",
        ),
        (
            Category::Permission,
            "Value of column PRICE is not allowed to be negative",
        ),
        (Category::Cancelled, "Process exited with code -1"),
        (Category::Cancelled, "Signal 2 reçu de la sonde"),
        (Category::Resource, "Signal 9 reçu de la sonde"),
        (
            Category::Cancelled,
            "Le programme a rendu le code de sortie -2",
        ),
    ] {
        let verdict = of_message("talend", message);
        assert_ne!(verdict.category, category, "{message}: {verdict:?}");
    }
}

/// What happens in a part of the work is an error of its own; what that part ended with is none.
#[test]
fn an_error_in_a_child_is_no_wrapper() {
    for message in [
        "sous-flux logistique : code postal 75001 invalide",
        "Traitement fils : le code article 12 est inconnu",
        "Child process returned 12 rows",
    ] {
        let verdict = of_message("talend", message);
        assert!(!verdict.wrapper, "{message}: {verdict:?}");
    }
    for message in [
        "Le job fils s'est terminé avec le code 4",
        "Job enfant : code retour 4",
        "Sous-traitement : code de sortie = 12",
        "Child job ended with return code 8",
        "Le traitement fils s'est terminé avec des erreurs",
    ] {
        let verdict = of_message("talend", message);
        assert!(verdict.wrapper, "{message}: {verdict:?}");
    }
    let told = "Le job enfant a reçu le code retour 4 de la base : ORA-00942: x";
    assert_eq!(of_message("talend", told).category, Category::MissingObject);
}

/// Whatever the wording and the language, the same thing is of one kind, and trying again helps or does not.
#[test]
fn all_wordings_agree() {
    const WORDINGS: &[(Category, Option<bool>, &[&str])] = &[
        (
            Category::Resource,
            Some(true),
            &[
                "Process exited with code 137",
                "Command exited with exit code 137",
                "Le traitement s'est terminé avec le code 137",
                "Code retour : 137",
                "Process killed by signal 9",
                "Processus tué par le signal 9",
                "Task exited with return code -9",
                "Task exited with return code Negsignal.SIGKILL",
                "Le processus a reçu SIGKILL",
                "run.sh: line 4: 2211 Killed   python load.py",
                "run.sh : ligne 4 : 2211 Processus arrêté   python load.py",
                "wait: signal: killed",
                "Container exited with a non-zero exit code 137",
                "subprocess.CalledProcessError: Command 'x' died with <Signals.SIGKILL: 9>.",
            ],
        ),
        (
            Category::Code,
            Some(false),
            &[
                "Process exited with code 139",
                "Le traitement s'est terminé avec le code 139",
                "Segmentation fault (core dumped)",
                "Erreur de segmentation (core dumped)",
                "Process killed by signal 11",
                "Processus tué par le signal 11",
                "Task exited with return code Negsignal.SIGSEGV",
                "Le processus a reçu SIGSEGV",
                "Process finished with exit code 139 (interrupted by signal 11: SIGSEGV)",
                "Exit status -11",
            ],
        ),
        (
            Category::Cancelled,
            Some(true),
            &[
                "Process exited with code 143",
                "Le traitement s'est terminé avec le code 143",
                "Process killed by signal 15",
                "Processus tué par le signal 15",
                "Task received SIGTERM",
                "Le processus a reçu SIGTERM",
            ],
        ),
        (
            Category::Authentication,
            Some(false),
            &[
                "The remote server returned an error: (401) Unauthorized.",
                "Le serveur distant a retourné une erreur : (401) Non autorisé.",
                "Response status code does not indicate success: 401 (Unauthorized).",
                "HTTP 401",
                "Unauthorized (401)",
                "The server certificate has expired",
                "Le certificat du serveur a expiré",
            ],
        ),
        (
            Category::Permission,
            Some(false),
            &[
                "The remote server returned an error: (403) Forbidden.",
                "Le serveur distant a retourné une erreur : (403) Interdit.",
                "Response status code does not indicate success: 403 (Forbidden).",
                "Server answered [403]",
                "Le serveur a répondu [403]",
                "Forbidden (403)",
            ],
        ),
        (
            Category::ExternalApi,
            Some(false),
            &[
                "The remote server returned an error: (404) Not Found.",
                "Le serveur distant a retourné une erreur : (404) Introuvable.",
                "Response status code does not indicate success: 404 (Not Found).",
                "The remote server returned an error: (400) Bad Request.",
                "Le serveur distant a retourné une erreur : (400) Demande incorrecte.",
                "Request failed with status code 404",
                "http-error-code: 404",
                "550 5.1.1 <x@y.invalid>: Recipient address rejected: User unknown",
                "554 5.7.1 Message rejected as spam",
                "SMTP : 550 5.1.1 Adresse inconnue",
                "552 5.2.2 Mailbox full",
            ],
        ),
        (
            Category::ExternalApi,
            Some(true),
            &[
                "The remote server returned an error: (429) Too Many Requests.",
                "Le serveur distant a retourné une erreur : (429) Trop de demandes.",
                "The remote server returned an error: (502) Bad Gateway.",
                "Le serveur distant a retourné une erreur : (502) Passerelle incorrecte.",
                "The remote server returned an error: (500) Internal Server Error.",
                "Le serveur distant a retourné une erreur : (500) Erreur interne au serveur.",
                "Request failed with status code 502",
                "Too Many Requests (429)",
                "450 4.2.1 The mailbox is busy, try again later",
                "451 4.7.1 Greylisting in action, please come back later",
                "SMTP : 451 4.7.1 Liste grise, revenez plus tard",
                "452 4.2.2 Mailbox full",
            ],
        ),
        (
            Category::Dependency,
            Some(true),
            &[
                "The remote server returned an error: (503) Server Unavailable.",
                "Le serveur distant a retourné une erreur : (503) Serveur non disponible.",
                "Response status code does not indicate success: 503 (Service Unavailable).",
                "Server answered [503]",
                "Le serveur a répondu [503]",
            ],
        ),
        (
            Category::Timeout,
            Some(true),
            &[
                "The remote server returned an error: (504) Gateway Timeout.",
                "Le serveur distant a retourné une erreur : (504) Délai de passerelle.",
                "Response status code does not indicate success: 504 (Gateway Timeout).",
                "Request failed with status code 504",
            ],
        ),
        (
            Category::Connection,
            Some(false),
            &[
                "The remote certificate is invalid according to the validation procedure.",
                "Le certificat distant n'est pas valide selon la procédure de validation.",
                "javax.net.ssl.SSLHandshakeException: PKIX path building failed",
                "javax.net.ssl.SSLHandshakeException: Received fatal alert: certificate_unknown",
                "javax.net.ssl.SSLHandshakeException: Received fatal alert: bad_certificate",
                "TLS handshake failed: x509: certificate signed by unknown authority",
                "Échec de la négociation TLS : certificat non approuvé",
                "Impossible de vérifier le certificat du serveur",
                "unable to verify the first certificate",
                "tlsv1 alert unknown ca",
                "hostname 'a.invalid' doesn't match certificate",
                "No subject alternative names matching IP address 10.0.0.1 found in certificate",
                "curl: (60) SSL certificate problem: self signed certificate",
                "ORA-29024: Certificate validation failure",
                "The certificate chain was issued by an authority that is not trusted.",
                "La chaîne de certificats a été fournie par une autorité qui n'est pas approuvée",
                "SELF_SIGNED_CERT_IN_CHAIN",
            ],
        ),
        (
            Category::Connection,
            Some(true),
            &[
                "javax.net.ssl.SSLHandshakeException: Remote host terminated the handshake",
                "curl: (35) the peer hung up",
            ],
        ),
        (
            Category::DataFormat,
            Some(false),
            &[
                "gzip: /in/stock.csv.gz: unexpected end of file",
                "gzip: stock.gz: not in gzip format",
                "gzip : stock.gz : n'est pas au format gzip",
                "gzip: stock.gz: invalid compressed data--crc error",
                "End-of-central-directory signature not found.  Either this file is not a zipfile, or it constitutes one disk of a multi-part archive.",
                "zipfile.BadZipFile: File is not a zip file",
                "java.util.zip.ZipException: invalid LOC header (bad signature)",
                "java.util.zip.ZipException: Not in GZIP format",
                "java.io.EOFException: Unexpected end of ZLIB input stream",
                "tar: This does not look like a tar archive",
                "tar: Ceci ne ressemble pas à une archive de type « tar »",
                "tar: Unexpected EOF in archive",
                "tar: Fin de fichier inattendue dans l'archive",
                "Archive corrompue : ventes.zip",
                "The archive ventes.zip is corrupt",
            ],
        ),
        (
            Category::Unknown,
            None,
            &[
                "SSIS Error Code DTS_E_OLEDBERROR.  An OLE DB error has occurred. Error code: 0x80004005.",
                "Code d'erreur SSIS DTS_E_OLEDBERROR. Une erreur OLE DB s'est produite. Code d'erreur : 0x80004005.",
                "ORA-29913: error in executing ODCIEXTTABLEOPEN callout",
                "ORA-29913: erreur lors de l'exécution de l'appel externe ODCIEXTTABLEFETCH",
            ],
        ),
        (
            Category::MissingFile,
            Some(true),
            &[
                "ORA-29913: error in executing ODCIEXTTABLEOPEN callout\nORA-29400: data cartridge error\nKUP-04040: file ventes.csv in EXT_DIR not found",
                "ORA-29913: erreur d'exécution de l'appel externe\nORA-29400: erreur de cartouche de données\nKUP-04040: fichier ventes.csv introuvable dans EXT_DIR",
                "SSIS Error Code DTS_E_OLEDBERROR. Hresult: 0x80070002 x",
            ],
        ),
        (
            Category::Lock,
            Some(true),
            &[
                "SSIS Error Code DTS_E_OLEDBERROR.  An OLE DB error has occurred. Error code: 0x80004005. Description: \"Transaction (Process ID 61) was deadlocked on lock resources with another process\".",
                "Code d'erreur SSIS DTS_E_OLEDBERROR. Une erreur OLE DB s'est produite. Description : « La transaction a été victime d'un interblocage ».",
            ],
        ),
        (
            Category::Code,
            Some(true),
            &[
                "ORA-04068: existing state of packages has been discarded",
                "ORA-04068: l'état existant des packages a été ignoré",
            ],
        ),
    ];
    let mut wrong = Vec::new();
    for (category, retryable, messages) in WORDINGS {
        for message in *messages {
            let verdict = of_message("talend", message);
            if (verdict.category, verdict.retryable) != (*category, *retryable) {
                let (said, again) = (verdict.category, verdict.retryable);
                wrong.push(format!(
                    "{category} {retryable:?} became {said} {again:?} by {}: {message}",
                    verdict.rule
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What a product quotes of another one says what happened.
#[test]
fn quoted_sentences_and_codes_are_read() {
    for (category, message) in [
        (
            Category::Timeout,
            "An OLE DB record is available.  Source: \"Microsoft SQL Server Native Client 11.0\"  Hresult: 0x80004005  Description: \"Login timeout expired\".",
        ),
        (
            Category::Timeout,
            "Description : « Délai d'attente de la connexion dépassé »",
        ),
        (Category::Connection, "{\"error\": \"Connection refused\"}"),
        (
            Category::Lock,
            "{\"job\": \"J_Load\", \"reason\": \"deadlock\"}",
        ),
        (Category::Lock, "RuntimeError('database is locked')"),
        (Category::Lock, "Error: ER_LOCK_DEADLOCK"),
        (
            Category::Lock,
            "Le travail a fini ainsi : \"La table est verrouillée par un autre\"",
        ),
        (Category::Permission, "Job « Prix » : accès refusé"),
        (Category::Permission, "grpc: code \"PERMISSION_DENIED\""),
        (Category::Authentication, "{\"error\":\"invalid_grant\"}"),
        (
            Category::Resource,
            "J_Prix failed: java.lang.OutOfMemoryError: x",
        ),
        (Category::MissingFile, "Error: 'NoSuchKey'"),
        (
            Category::MissingFile,
            "java.io.FileNotFoundException:/data/timeout/in.csv (Aucun fichier ou dossier de ce type)",
        ),
        (
            Category::Permission,
            "java.io.FileNotFoundException: C:\\timeout\\in.csv (Accès refusé)",
        ),
        (
            Category::MissingFile,
            "Could not find file 'C:\\deadlock\\in.csv'.",
        ),
        (
            Category::Timeout,
            "Task load_prices of J_Prices: timeout after 300 s",
        ),
    ] {
        let verdict = of_message("talend", message);
        assert_eq!(verdict.category, category, "{message}: {verdict:?}");
    }
}

#[test]
fn the_deepest_cause_decides() {
    let java = "org.apache.camel.CamelException: failed\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException: x\n\tat d.E.f(E.java:2)\nCaused by: java.net.UnknownHostException: h\n\tat g.H.i(H.java:3)\n\t... 12 more";
    let python = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    g()\nKeyError: 'x'\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"a.py\", line 3, in h\n    f()\nFileNotFoundError: y\n";
    let simple = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    json.decoder()\nPermissionError: z";
    for (stack, category) in [
        (java, Category::Connection),
        (python, Category::Code),
        (simple, Category::Permission),
    ] {
        let facts = ErrorFacts {
            message: Some("java.io.FileNotFoundException: top"),
            stack: Some(stack),
            ..NOTHING
        };
        assert_eq!(classify(&facts).category, category, "{stack}");
    }
}

#[test]
fn wrappers_say_so() {
    let child = of_message(
        "talend",
        "java.lang.RuntimeException:Child job running failed.",
    );
    assert!(child.wrapper && child.category == Category::Dependency);
    assert!(is_wrapper(child.rule));

    let telling = of_message(
        "talend",
        "Child job running failed.\njava.net.ConnectException: Connexion refusée",
    );
    assert_eq!(telling.category, Category::Connection);
    assert!(telling.wrapper && is_wrapper(telling.rule), "{telling:?}");

    let bash = of_message(
        "airflow",
        "Bash command failed. The command returned a non-zero exit code 1.",
    );
    assert!(bash.wrapper && is_wrapper(bash.rule));
    let connect = of_message(
        "kafka-connect",
        "Task threw an uncaught and unrecoverable exception\njava.lang.NullPointerException",
    );
    assert_eq!((connect.category, connect.wrapper), (Category::Code, false));

    for telling in [
        "none",
        "class.code",
        "oracle:ORA-12541",
        "wrapped:x",
        "",
        "é",
    ] {
        assert!(!is_wrapper(telling), "{telling}");
    }
}

#[test]
fn explain_names_what_decided_and_what_else_spoke() {
    let facts = ErrorFacts {
        error_code: Some("23505"),
        code_scheme: Some("sqlstate"),
        message: Some("ERREUR: la valeur d'une clé dupliquée rompt la contrainte unique"),
        ..NOTHING
    };
    let all = explain(&facts);
    assert_eq!(all[0].place, Place::Code);
    assert!(all[0].decided);
    assert_eq!(all.iter().filter(|evidence| evidence.decided).count(), 1);
    assert!(
        all.iter()
            .any(|evidence| evidence.says.rule == "phrase.constraint"),
        "{all:#?}"
    );
    let other = otherwise(&all).expect("the words speak too");
    assert_eq!(other.says.rule, "phrase.constraint");
    assert!(explain(&NOTHING).is_empty());
    assert_eq!(otherwise(&[]), None);
}

/// Without what decided, that which is named next decides.
#[test]
fn what_would_have_decided_otherwise_does() {
    let whole = explain(&ErrorFacts {
        error_code: Some("57P03"),
        code_scheme: Some("sqlstate"),
        message: Some("No space left on device"),
        ..NOTHING
    });
    let other = otherwise(&whole).expect("the words speak too");
    let alone = of_message("talend", "No space left on device");
    assert_eq!(other.says, alone);
}

/// Nothing a message can hold stops it, and none of it is read twice.
#[test]
fn damaged_letters_in_names_move_nothing() {
    let verdict = of_message(
        "talend",
        "Fichier /data/aoÃ»t/ventes.csv, colonne \"€ HT\" : permission denied",
    );
    assert_eq!(verdict.category, Category::Permission);
    let verdict = of_message(
        "talend",
        "Table \"aoÃ»\" \"€\" \"J_Deadlock_Check\" : timeout",
    );
    assert_eq!(verdict.category, Category::Timeout);
}

#[test]
fn a_system_has_one_name_however_it_is_written() {
    for system in ["mssql", "sqlserver", "SQL Server", "SQL_SERVER"] {
        assert_eq!(
            of_message(system, "Error 1205").category,
            Category::Lock,
            "{system}"
        );
    }
}

#[test]
fn what_did_not_happen_says_nothing() {
    for message in [
        "0 errors, 0 deadlocks",
        "Traitement terminé sans erreur, 0 timeout",
        "No errors found, 0 rejected rows",
        "Aucun rejet : 0 ligne rejetée",
        "Aucune erreur de connexion détectée",
        "Pas de timeout cette nuit",
    ] {
        let verdict = of_message("talend", message);
        assert!(matches!(verdict.rule, "none" | "model"), "{}", verdict.rule);
    }
    for message in [
        "no deadlock detected, but duplicate key value violates unique constraint",
        "NULL not allowed",
        "Valeur NULL non autorisée",
    ] {
        let verdict = of_message("talend", message);
        assert_eq!(verdict.category, Category::Constraint, "{}", verdict.rule);
    }
}

#[test]
fn both_languages_say_the_same() {
    for (category, english, french) in [
        (Category::ExternalApi, "Quota exceeded", "Quota dépassé"),
        (
            Category::ExternalApi,
            "Rate limit exceeded",
            "Limite de débit dépassée",
        ),
        (Category::Constraint, "Duplicate entry", "Entrée en double"),
        (
            Category::Dependency,
            "Predecessor failed",
            "Le prédécesseur a échoué",
        ),
        (
            Category::DataFormat,
            "Unsupported encoding",
            "Encodage non pris en charge",
        ),
    ] {
        for message in [english, french] {
            assert_eq!(
                of_message("talend", message).category,
                category,
                "{message}"
            );
        }
    }
}

#[test]
fn messages_that_attack_are_classified() {
    let megabyte = "x".repeat(1 << 20);
    let quotes = "'\"«".repeat(333_333);
    let signs = "\u{202e}\u{200f}\u{1b}[31m".repeat(50_000);
    let nearly = "caused by: ora- http status code: ".repeat(30_000);
    let open = "Traceback (most recent call last):\n  ".repeat(30_000);
    for text in [megabyte, quotes, signs, nearly, open] {
        let verdict = of_message("talend", &text);
        assert_eq!(
            verdict.category == Category::Unknown,
            verdict.blame.is_none()
        );
        explain(&ErrorFacts {
            message: Some(&text),
            stack: Some(&text),
            ..NOTHING
        });
    }
    let coloured = of_message("talend", "\u{1b}[31mORA-00942\u{1b}[0m: \u{202b}x\u{202c}");
    assert_eq!(coloured.category, Category::MissingObject);
}

proptest! {
    #[test]
    fn any_text_has_a_category_and_explain_agrees(
        message in "(\\PC|[Ã»« \u{a0}\"'/(.:@_é]|Ã»|/data/|\tat a.b/\\(){0,40}",
        lead in prop::sample::select(vec!["", "Caused by: ", "ORA-", "SQLSTATE: ", "HTTP ", "Ã", "permission denied Ã", "Ã» \"€\" timeout ", "[Errno ", "Traceback (most recent call last)\n  "]),
        stack in prop::option::of("\\PC{0,40}\n(Caused by: )?\\PC{0,40}"),
        code in prop::option::of("\\PC{0,6}"),
        scheme in prop::option::of(prop::sample::select(vec!["sqlstate", "oracle", "exit", "?"])),
    ) {
        let message = format!("{lead}{message}");
        let facts = ErrorFacts {
            message: Some(&message),
            stack: stack.as_deref(),
            error_code: code.as_deref(),
            code_scheme: scheme,
            ..NOTHING
        };
        let verdict = classify(&facts);
        prop_assert_eq!(verdict.wrapper, is_wrapper(verdict.rule));
        prop_assert_eq!(verdict.category == Category::Unknown, verdict.blame.is_none());
        let all = explain(&facts);
        prop_assert_eq!(all.iter().filter(|evidence| evidence.decided).count(), usize::from(verdict.rule != "none"));
    }
}
