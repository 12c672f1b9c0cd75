use super::super::mask;
use super::*;
use proptest::prelude::*;

/// The texts of the templates of these messages, one for each message.
fn templates(messages: &[&str]) -> Vec<String> {
    let masked: Vec<String> = messages.iter().map(|message| masked(message)).collect();
    let (templates, of) = Templates::of(masked.iter().map(String::as_str));
    of.iter().map(|at| templates[*at].text.clone()).collect()
}

fn masked(message: &str) -> String {
    let mut out = String::new();
    mask(message, &mut out);
    out
}

#[track_caller]
fn check_one(messages: &[&str], expected: &str) {
    assert_eq!(templates(messages), vec![expected; messages.len()]);
}

#[track_caller]
fn check_apart(messages: &[&str]) {
    let mut texts = templates(messages);
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), messages.len(), "{texts:#?}");
}

#[test]
fn names_behind_their_noun_vary() {
    check_one(
        &[
            "ERREUR: droit refusé pour la table clients",
            "ERREUR: droit refusé pour la table ventes",
        ],
        "ERREUR: droit refusé pour la table <*>",
    );
    check_one(
        &[
            "password authentication failed for user etl from 10.0.0.1",
            "password authentication failed for user svc_dwh2 from 10.0.0.2",
        ],
        "password authentication failed for user <*> from <*>",
    );
    check_one(
        &["Connected: Yes (node #)", "Connected: No (node #)"],
        "Connected: <*> (node <*>)",
    );
    check_one(
        &[
            "the screen says isScreenOn true",
            "the screen says isScreenOn false",
        ],
        "the screen says isScreenOn <*>",
    );
    check_one(
        &[
            "lock of getValue is false now",
            "lock of getValue is true now",
        ],
        "lock of getValue is <*> now",
    );
    check_apart(&["the answer is true", "the answer is false"]);
    check_apart(&["table or view does not exist", "table and view do exist"]);
    check_apart(&[
        "the task failed",
        "the task timed out",
        "the task succeeded",
    ]);
    check_apart(&["delivery failed (12)", "delivery failed (refused)"]);
    for what_is_done in [
        ["Database backup failed", "Database restore failed"],
        [
            "File upload failed: no answer",
            "File download failed: no answer",
        ],
        ["User creation failed", "User deletion failed"],
        ["Index rebuild failed", "Index scan failed"],
        ["Job crash detected", "Job overlap detected"],
        ["Fichier incomplet", "Fichier obsolète"],
        [
            "échec de la tâche chargement",
            "échec de la tâche suppression",
        ],
    ] {
        check_apart(&what_is_done);
    }
    check_one(
        &["job Consolidation failed", "job Chargement failed"],
        "job <*> failed",
    );
}

#[test]
fn what_is_seen_once_stays_readable() {
    check_one(
        &["ORA-00001: unique constraint (NEGOCE.PK_CLIENT) violated"],
        "ORA-00001: unique constraint (NEGOCE.PK_CLIENT) violated",
    );
    check_one(
        &[
            "ORA-00001: unique constraint (NEGOCE.PK_CLIENT) violated",
            "ORA-00001: unique constraint (NEGOCE.PK_VENTE) violated",
        ],
        "ORA-00001: unique constraint (<*>) violated",
    );
}

#[test]
fn codes_and_classes_stay_apart() {
    check_apart(&[
        "Task exited with return code 1",
        "Task exited with return code 137",
        "HTTP 503 from https://a.example/b",
        "HTTP 404 from https://a.example/b",
        "ORA-00942: table or view does not exist",
        "load failed: java.net.ConnectException",
        "load failed: java.net.SocketTimeoutException",
    ]);
}

#[test]
fn few_alternatives_are_words_and_many_are_names() {
    let names = [
        "Lyon",
        "Nantes",
        "Paris",
        "Brest",
        "Lille",
        "Reims",
        "Dijon",
        "Metz",
        "Saint Malo",
        "La Roche sur",
    ];
    let of = |count: usize| -> Vec<String> {
        let message = |name| format!("delivery of {name} was put back by the depot");
        names.iter().take(count).map(message).collect()
    };
    let few = of(4);
    check_apart(&few.iter().map(String::as_str).collect::<Vec<_>>());
    // Names of several words count as well: the length of a message plays no part.
    let many = of(names.len());
    check_one(
        &many.iter().map(String::as_str).collect::<Vec<_>>(),
        "delivery of <*> was put back by the depot",
    );
}

#[test]
fn two_places_can_vary_at_once() {
    let mut messages = Vec::new();
    for from in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        for to in ["p", "q", "r", "s", "t", "u", "v", "w"] {
            messages.push(format!("move from {from}x to {to}x was refused"));
        }
    }
    check_one(
        &messages.iter().map(String::as_str).collect::<Vec<_>>(),
        "move from <*> to <*> was refused",
    );
}

#[test]
fn lists_of_any_length_are_alike() {
    check_one(
        &[
            "bad columns: a = 1, b: ok, a = 2, b: ok",
            "bad columns: a = 1, b: ok, a = 2, b: ok, a = 3, b: ok",
        ],
        "bad columns: a = <*>, b: ok, a = <*>, b: ok",
    );
    check_one(
        &[
            "connection from 10.0.0.1 () at 12:00:00",
            "connection from 10.0.0.1 (10.1.1.1) at 12:00:01",
        ],
        "connection from <*> (<*>) at <*>",
    );
}

#[test]
fn values_of_programs_vary() {
    check_one(
        &[
            "acquire lock=1, name=android, ws=null, ok=true",
            "acquire lock=2, name=com.example.phone, ws=WorkSource{10113 a{b}}, ok=false",
        ],
        "acquire lock=<*>, name=<*>, ws=<*>, ok=<*>",
    );
}

#[test]
fn frames_of_stack_traces_tell_equal_messages_apart() {
    let frame = |class: &str| {
        format!(
            "java.lang.NullPointerException: null\n\tat java.util.Map.get(Map.java:1)\n\tat {class}.main(A.java:7)"
        )
    };
    let (one, other) = (frame("shop.Load"), frame("shop.Sell"));
    check_apart(&[&one, &other]);
    assert_eq!(
        templates(&[&one]),
        ["java.lang.NullPointerException: null @ shop.Load.main"]
    );
}

/// The templates of masked messages of which some are cut.
fn with_cut(messages: &[(&str, bool)]) -> Vec<String> {
    let mut all = Templates::default();
    let places: Vec<Place> = messages
        .iter()
        .map(|(text, cut)| all.place(&masked(text), *cut))
        .collect();
    all.mine();
    places
        .iter()
        .map(|place| all.template(*place).text.clone())
        .collect()
}

#[test]
fn a_cut_message_joins_the_one_template_it_begins() {
    let whole = "value too large for column LIBELLE, the lot is put back and waits for the support";
    assert_eq!(
        with_cut(&[
            (whole, false),
            ("value too large for column LIBELLE, the lot is pu", true)
        ]),
        [whole; 2]
    );
    // Two that it may be: it stands apart.
    let other = "value too large for column LIBELLE, the lot is dropped";
    assert_eq!(
        with_cut(&[
            (whole, false),
            (other, false),
            ("value too large for column LIBELLE, the lo", true)
        ])[2],
        "value too large for column LIBELLE, the…"
    );
    // Cut ones of the same beginning are one.
    assert_eq!(
        with_cut(&[
            ("no space is left on the dev", true),
            ("no space is left on the device of th", true)
        ]),
        ["no space is left on the device of…"; 2]
    );
}

/// The templates of errors of which some are cut, as [`group::text`] writes them.
fn of_errors(errors: &[(Named<'_>, bool)]) -> Vec<String> {
    let mut all = Templates::default();
    let mut scratch = String::new();
    let places: Vec<Place> = errors
        .iter()
        .map(|(error, cut)| all.place_of(error, *cut, &mut scratch))
        .collect();
    all.mine();
    places
        .iter()
        .map(|place| all.template(*place).text.clone())
        .collect()
}

const DEPOTS: [&str; 8] = [
    "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel",
];

/// Whole messages with names that only their number tells, and what one that was cut joins.
#[track_caller]
fn check_cut(whole: impl Fn(&str) -> String, cut: &str, expected: &str) {
    let mut messages: Vec<String> = DEPOTS.iter().map(|name| whole(name)).collect();
    messages.push(cut.to_owned());
    let last = messages.len() - 1;
    let all: Vec<(&str, bool)> = messages
        .iter()
        .enumerate()
        .map(|(at, message)| (message.as_str(), at == last))
        .collect();
    assert_eq!(with_cut(&all)[last], expected);
}

#[test]
fn a_cut_message_with_a_name_that_no_other_has_joins_the_template() {
    let whole = |name: &str| format!("le depot {name} attend la livraison depuis hier soir");
    let template = "le depot <*> attend la livraison depuis hier soir";
    check_cut(whole, "le depot india attend la livraison dep", template);
    // A name of several words; and one of digits, whose form says that it varies.
    check_cut(
        whole,
        "le depot la roche sur attend la livraison dep",
        template,
    );
    check_cut(whole, "le depot 12/7 attend la livr", template);
    // Names end somewhere, and signs and codes are no names.
    for other in [
        "le depot la roche sur yon attend la livraison dep",
        "le depot : attend la livraison dep",
        "le depot ORA-00942 attend la livraison dep",
        "le depot india refuse la livraison dep",
    ] {
        let words = other.strip_suffix(" dep").expect("cut there");
        check_cut(whole, other, &format!("{words}…"));
    }
    // It was longer than all others.
    let longer = "le depot india attend la livraison depuis hier soir et de";
    check_cut(
        whole,
        longer,
        "le depot india attend la livraison depuis hier soir et…",
    );
    check_cut(
        whole,
        "le depot india attend la livraison depuis hier soir de",
        "le depot india attend la livraison depuis hier soir…",
    );
}

#[test]
fn a_cut_message_with_a_new_name_stands_apart_from_two_templates() {
    let mut messages = Vec::new();
    for name in DEPOTS {
        messages.push((
            format!("le depot {name} attend la livraison du matin"),
            false,
        ));
        messages.push((
            format!("le depot {name} attend la livraison du soir"),
            false,
        ));
    }
    messages.push(("le depot india attend la livraison du m".to_owned(), true));
    let messages: Vec<(&str, bool)> = messages
        .iter()
        .map(|(text, cut)| (text.as_str(), *cut))
        .collect();
    let templates = with_cut(&messages);
    assert_eq!(templates[0], "le depot <*> attend la livraison du matin");
    assert_eq!(
        templates.last().map(String::as_str),
        Some("le depot india attend la livraison du…")
    );
}

#[test]
fn a_cut_message_joins_whatever_other_columns_say() {
    let begin = "value too large for column LIBELLE, the lot is put back and waits for";
    let whole = format!("{begin} the support of the night");
    let cut = format!("{begin} the sup");
    let error = |message, code, stack| Named {
        error_type: Some("Java Exception"),
        error_code: code,
        message: Some(message),
        stack,
    };
    let stack = "java.sql.SQLException: x\n\tat shop.Load.read(Load.java:7)";
    let other = "java.io.IOException: x\n\tat shop.Load.read(Load.java:7)";
    for (code, stack) in [
        (None, None),
        (Some("1001"), None),
        (Some("NoSuchLot"), None),
        (None, Some(stack)),
        (Some("1001"), Some(stack)),
    ] {
        let found = of_errors(&[
            (error(&whole, code, stack), false),
            (error(&cut, code, stack), true),
        ]);
        assert_eq!(found[0], found[1]);
        // The same words with another code are another problem.
        let found = of_errors(&[
            (error(&whole, code, stack), false),
            (error(&whole, Some("1002"), Some(other)), false),
            (error(&cut, code, stack), true),
            (error(&cut, Some("1003"), stack), true),
        ]);
        if code.is_some() || stack.is_some() {
            assert_eq!(found[0], found[2]);
            assert_ne!(found[1], found[2]);
        } else {
            assert_eq!(found[2], format!("Java Exception: {begin} the…"));
        }
        assert!(found[3].contains("the… [1003]"), "{}", found[3]);
    }
    // The code stands in the message, where it was cut off.
    let said = format!("{begin} the support, error 1001");
    let found = of_errors(&[
        (error(&said, Some("1001"), None), false),
        (error(&cut, Some("1001"), None), true),
    ]);
    assert_eq!(found[0], found[1]);
}

#[test]
fn a_cut_message_joins_where_its_stack_tells_it_whole() {
    let whole = "java.sql.SQLException: value too large for column LIBELLE of the lot that came at 5, it is put back";
    let stack = format!("{whole}\n\tat shop.Load.read(Load.java:7)");
    let error = |message| Named {
        message: Some(message),
        stack: Some(&stack),
        ..Named::default()
    };
    let found = of_errors(&[(error(whole), false), (error(&whole[..80]), true)]);
    assert_eq!(found[0], found[1]);
}

#[test]
fn one_and_many_are_one_template() {
    for (one, many) in [
        (
            "1 row was rejected by the lookup",
            "12 rows were rejected by the lookup",
        ),
        ("1 ligne a été rejetée", "12 lignes ont été rejetées"),
        (
            "lot refused: 1 entry does not match",
            "lot refused: 3 entries do not match",
        ),
    ] {
        let found = with_cut(&[(one, false), (many, false)]);
        assert_eq!(found[0], found[1]);
        assert!(found[0].contains("<*>"), "{}", found[0]);
    }
    let found = with_cut(&[("12 rows rejected", false), ("12 rows read", false)]);
    assert_ne!(found[0], found[1]);
}

#[test]
fn a_cut_message_joins_also_where_its_list_or_its_trace_was_cut() {
    let list = "bad columns: a = 1, b: ok, a = 2, b: ok, a = 3, b: ok; the lot is refused";
    let template = with_cut(&[(list, false)]);
    for end in 20..list.len() - 8 {
        let found = with_cut(&[(list, false), (&list[..end], true)]);
        assert_eq!(found[1], template[0], "{}", &list[..end]);
    }
    let trace = "the job of the night failed\n\tat java.util.Map.get(Map.java:1)\n\tat shop.Load.run(Load.java:7)\n\
                 Caused by: java.sql.SQLException: x\n\tat shop.Db.read(Db.java:3)";
    let error = |message| Named {
        message: Some(message),
        ..Named::default()
    };
    for end in 20..trace.len() {
        let found = of_errors(&[(error(trace), false), (error(&trace[..end]), true)]);
        assert_eq!(found[0], found[1], "{}", &trace[..end]);
    }
}

#[test]
fn a_word_that_was_cut_behind_a_sign_is_no_word() {
    let text = "the postmaster is accepting TCP/IP connections from the e-mail server";
    for end in 20..text.len() {
        let found = with_cut(&[(text, false), (&text[..end], true), (&text[..17], true)]);
        assert_eq!(found, [text; 3], "{}", &text[..end]);
    }
}

#[test]
fn what_only_looks_like_a_list_is_one_template_wherever_it_was_cut() {
    // The last word stands before the name of a service, too, as if an item began again.
    let text = "la procedure demande de prevenir le service logistique puis de relancer la chaine";
    let cut = |end| (&text[..text.len() - end], true);
    let found = with_cut(&[cut(6), cut(4), cut(8)]);
    assert_eq!(
        found,
        ["la procedure demande de prevenir le service logistique puis de relancer la…"; 3]
    );
}

#[test]
fn all_words_of_a_long_message_count() {
    let long = |depot: &str, end: &str| {
        let words: String = (0..150_u8)
            .map(|at| char::from(b'a' + at % 26))
            .flat_map(|letter| [letter, letter, ' '])
            .collect();
        format!("le depot {depot} a dit {words}et refuse la livraison {end}")
    };
    let shown = |depot: &str, end: &str| {
        let all = long(depot, end);
        let words: Vec<&str> = all.split(' ').collect();
        let last = words.len() - 12;
        let (first, last) = (words[..100].join(" "), words[last..].join(" "));
        format!("{first} … {last}")
    };
    let (morning, evening) = (long("alpha", "du matin"), long("alpha", "du soir"));
    assert_eq!(
        templates(&[&morning, &evening]),
        [shown("alpha", "du matin"), shown("alpha", "du soir")]
    );
    // Names are found at the beginning.
    let all: Vec<String> = DEPOTS.iter().map(|name| long(name, "du soir")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    check_one(&all, &shown("<*>", "du soir"));
    // A cut one begins two of them, but for the code behind their end.
    let error = |message, code| Named {
        message: Some(message),
        error_code: Some(code),
        ..Named::default()
    };
    let found = of_errors(&[
        (error(&morning, "1001"), false),
        (error(&evening, "1002"), false),
        (error(&evening[..255], "1002"), true),
        (error(&evening[..255], "1003"), true),
    ]);
    assert_eq!(found[1], found[2]);
    assert!(found[3].ends_with("… [1003]"), "{}", found[3]);
}

#[test]
fn many_cut_messages_cost_what_they_are() {
    // Where everything varies and nothing is said, there are more places than can be looked at.
    let words = ["x.y", "12", "a.b", "34"];
    let of = |at: usize| -> String {
        let word = |place: usize| words[(at >> place) % words.len()];
        let all: Vec<&str> = (0..12)
            .map(|place| [word(place), "is"][place % 2])
            .collect();
        format!("start {}", all.join(" "))
    };
    let messages: Vec<(String, bool)> = (0..2_000).map(|at| (of(at), at % 2 == 0)).collect();
    let messages: Vec<(&str, bool)> = messages
        .iter()
        .map(|(text, cut)| (text.as_str(), *cut))
        .collect();
    assert_eq!(with_cut(&messages).len(), messages.len());
}

#[test]
fn known_signatures_are_looked_up_and_only_new_nodes_are_mined() {
    let mut all = Templates::default();
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let place = all.add(one, "lot # refused", false);
    all.mine();
    assert_eq!(all.get(one, false), Some(place));
    assert_eq!(all.get(two, false), None);
    let id = all.template(place).id;
    assert_eq!(all.add(two, "lot # refused", false), place);
    assert!(!all.stale && all.mined == 1);
    all.mine();
    assert_eq!((all.template(place).id, all.templates().len()), (id, 1));
    assert_eq!(id.as_bytes()[1], TEMPLATE_VERSION);
}

/// What a set of messages gives, whatever their order: the id and the text of each.
fn named(
    messages: &[(String, bool)],
) -> std::collections::BTreeMap<(String, bool), (Uuid, String)> {
    let mut all = Templates::default();
    let places: Vec<Place> = messages
        .iter()
        .map(|(text, cut)| {
            let place = all.place(text, *cut);
            // Loading goes on in batches; each of them may mine.
            if text.len() % 5 == 0 {
                all.mine();
            }
            place
        })
        .collect();
    all.mine();
    messages
        .iter()
        .zip(places)
        .map(|(message, place)| {
            let template = all.template(place);
            (message.clone(), (template.id, template.text.clone()))
        })
        .collect()
}

/// A message of few words, so that places vary, meet and run into each other.
fn small_message() -> impl Strategy<Value = (String, bool)> {
    let word = prop::sample::select(vec![
        "a",
        "b",
        "c",
        "d",
        "e",
        "f",
        "g",
        "h",
        "i",
        "j",
        "#",
        "t#",
        "u#",
        "x.y",
        "x.z",
        "=",
        "(",
        ")",
        ",",
        "user",
        "true",
        "E-42",
        "IoException",
    ]);
    (prop::collection::vec(word, 0..7), prop::bool::weighted(0.1))
        .prop_map(|(words, cut)| (words.join(" "), cut))
}

proptest! {
    #[test]
    fn the_order_of_messages_never_matters(
        (messages, shuffled) in prop::collection::vec(small_message(), 0..80)
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
    ) {
        prop_assert_eq!(named(&messages), named(&shuffled));
    }

    #[test]
    fn any_text_has_a_template(messages in prop::collection::vec("(\\PC|[ #=(){}.,<>*]){0,40}", 0..20)) {
        let (templates, of) = Templates::of(messages.iter().map(String::as_str));
        prop_assert_eq!(of.len(), messages.len());
        prop_assert!(of.iter().all(|at| *at < templates.len()));
    }

    /// Whatever whole messages there are: what was cut of one of them joins it, or stands apart.
    #[test]
    fn a_cut_message_joins_no_other_template(
        messages in prop::collection::vec(small_message(), 1..40),
        at in any::<prop::sample::Index>(),
        end in any::<prop::sample::Index>(),
    ) {
        let mut all = Templates::default();
        let whole: Vec<Place> = messages.iter().map(|(text, _)| all.place(text, false)).collect();
        let at = at.index(messages.len());
        let text = &messages[at].0;
        let end = end.index(text.len() + 1);
        let place = all.place(&text[..end], true);
        all.mine();
        let (cut, of) = (all.template(place), all.template(whole[at]));
        prop_assert!(cut == of || cut.text.contains('…'), "{:?} {:?}", &text[..end], cut);
    }
}
