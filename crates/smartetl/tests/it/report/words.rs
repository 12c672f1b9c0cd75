//! That what people read says what programs are given.

use serde_json::Value;

/// A report for people names what the one for programs does: jobs, figures, times of the clock.
pub fn says_what_json_says(report: &str, json: &Value, lang: &str, what: &str) {
    let report = without_tags(report);
    let report = report.split_whitespace().collect::<Vec<_>>().join(" ");
    let english = lang == "en";
    let pick = |en: &'static str, fr: &'static str| if english { en } else { fr };
    let says = |words: &str| {
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            report.contains(&words),
            "{what}: `{words}` is missing in {report}"
        );
    };
    says(json["sentence"].as_str().expect("a sentence"));
    let count = |of: &str| json["counts"][of].as_u64().expect("a number");
    let plural =
        |number: u64, one: &'static str, many: &'static str| if number > 1 { many } else { one };
    let ok = count("ok");
    says(&format!(
        "{ok} {}",
        pick("succeeded", plural(ok, "réussi", "réussis"))
    ));
    for (of, en, fr) in [
        ("failed", "failed", "en échec"),
        ("lost", "never ended", "sans fin"),
        ("running", "running", "en cours"),
    ] {
        if count(of) > 0 {
            says(&format!("{} {}", count(of), pick(en, fr)));
        }
    }
    for (list, label) in [
        ("late", pick("Late", "En retard")),
        ("not_seen", pick("Not seen", "Non démarrés")),
        ("recovered", pick("Recovered", "Rattrapés")),
        ("failed", pick("Failed", "En échec")),
    ] {
        if count(list) == 0 {
            says(&format!("{label} {}", pick("none", "aucun")));
        }
    }
    let clock = |at: &Value| {
        let at: jiff::Timestamp = at.as_str().expect("a moment").parse().expect("a moment");
        at.in_tz("Europe/Paris")
            .expect("a zone")
            .strftime("%H:%M")
            .to_string()
    };
    let colon = pick(": ", "\u{a0}: ");
    let listed = |list: &'static str| json[list].as_array().expect("a list").iter().take(4);
    for job in listed("late") {
        let name = job["job"].as_str().expect("a name");
        let ready = if job["ready_at"].is_null() {
            pick("not ready yet", "pas encore prêt").to_owned()
        } else {
            format!("{} {}", pick("ready at", "prêt à"), clock(&job["ready_at"]))
        };
        let usual = pick("usually by", "d’habitude avant");
        let by = clock(&job["usually_ready_by"]);
        says(&format!("{name}{colon}{ready}, {usual} {by}"));
    }
    for job in listed("not_seen") {
        let name = job["job"].as_str().expect("a name");
        let by = clock(&job["usually_started_by"]);
        let usual = pick("usually started by", "démarre d’habitude avant");
        says(&format!("{name}{colon}{usual} {by}"));
    }
    for job in listed("recovered") {
        let name = job["job"].as_str().expect("a name");
        let by = match job["recovered_by"].as_str() {
            Some("schedule") => pick("by the next scheduled run", "par l’exécution suivante"),
            Some("rerun") => pick("by a rerun", "par une relance"),
            _ => pick("by a person", "par une intervention manuelle"),
        };
        let at = pick("at", "à");
        let failed = clock(&job["first_failure_at"]);
        let failed = format!("{} {at} {failed}", pick("failed", "en échec"));
        let again = clock(&job["recovered_at"]);
        says(&format!(
            "{name}{colon}{failed}, {} {at} {again} {by}",
            pick("recovered", "rattrapé")
        ));
    }
    let causes = json["causes"].as_array().expect("a list");
    let open = causes.iter().filter(|cause| cause["open"] != 0).count();
    let listed = if what.ends_with("html") {
        4
    } else {
        open.clamp(1, 3)
    };
    for cause in causes.iter().take(listed) {
        let place = &cause["places"][0];
        let step = place["step"].as_str().map(|step| format!(" › {step}"));
        let job = place["job"].as_str().expect("a job");
        let names = |list: &str, before: &str| {
            let names = place[list].as_array().expect("a list").iter();
            let names: Vec<&str> = names.filter_map(Value::as_str).take(4).collect();
            if names.is_empty() {
                String::new()
            } else {
                format!("{before}{}", names.join(", "))
            }
        };
        let is_one = place["blocked"]
            .as_array()
            .is_some_and(|all| all.len() == 1);
        let many = if is_one {
            " → non démarré\u{a0}: "
        } else {
            " → non démarrés\u{a0}: "
        };
        let roots = names("roots", pick(" in ", " dans "));
        let blocked = names("blocked", pick(" → never started: ", many));
        let at = clock(&place["first_at"]);
        says(&format!(
            "{at} {job}{}{roots}{blocked}",
            step.unwrap_or_default()
        ));
    }
    if let Some(share) = json["first_try"]["share"].as_f64() {
        let percent = format!("{:.1}", share * 100.0);
        let percent = percent.trim_end_matches('0').trim_end_matches('.');
        says(
            &format!("{}%", percent.replace('.', pick(".", ",")))
                .replace('%', pick("%", "\u{202f}%")),
        );
    }
}

/// What is read of a page; what stands in one line stays in one.
pub fn without_tags(page: &str) -> String {
    let (_, body) = page.split_once("</head>").unwrap_or(("", page));
    let mut text = String::new();
    for (index, part) in body.split('<').enumerate() {
        let (tag, behind) = if index == 0 {
            ("", part)
        } else {
            part.split_once('>').expect("a tag ends")
        };
        let name = tag.trim_start_matches('/').split(' ').next();
        if !matches!(name, Some("b" | "span")) {
            text.push(' ');
        }
        text += behind;
    }
    for (entity, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, character);
    }
    text
}
