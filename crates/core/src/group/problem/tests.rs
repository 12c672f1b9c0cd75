use super::*;
use proptest::prelude::*;

/// Templates `A`, `B`, … with signatures `a1`, `a2`, …: the letter says the template.
fn id(name: &str) -> Uuid {
    let mut hasher = Xxh3::new();
    hasher.update(name.as_bytes());
    Uuid::from_u128(hasher.digest128())
}

/// `a1` and `a1'` have the same text, as a signature of other masks has.
fn text_of(name: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(name.trim_end_matches('\'').as_bytes())
}

fn held(names: &str) -> Vec<Held> {
    names
        .split_whitespace()
        .map(|name| {
            let (name, cut) = name
                .strip_suffix('…')
                .map_or((name, false), |name| (name, true));
            Held {
                signature: id(name),
                cut,
                template: id(&name[..1].to_uppercase()),
                text: text_of(name),
            }
        })
        .collect()
}

fn said(number: i64, what: &str) -> Override {
    let words: Vec<&str> = what.split_whitespace().collect();
    let said = match words[..] {
        ["merge", into, other] => Said::Merge {
            into: id(into),
            other: id(other),
        },
        ["apart", problem] => Said::Split {
            problem: id(problem),
            how: Split::Apart,
        },
        ["each", problem] => Said::Split {
            problem: id(problem),
            how: Split::Each,
        },
        ["split", problem, ref these @ ..] => Said::Split {
            problem: id(problem),
            how: Split::These(these.iter().map(|name| id(name)).collect()),
        },
        ["rename", problem, title] => Said::Rename {
            problem: id(problem),
            title: title.to_owned(),
        },
        ["correct", problem, category] => Said::Correct {
            problem: id(problem),
            signature: None,
            to: correction(category),
        },
        ["correct", problem, signature, category] => Said::Correct {
            problem: id(problem),
            signature: Some(id(signature)),
            to: correction(category),
        },
        _ => panic!("{what}"),
    };
    Override {
        number,
        said,
        is_undone: false,
    }
}

fn correction(category: &str) -> Correction {
    Correction {
        category: Category::parse(category).expect("a category"),
        blame: Some(Blame::Data),
        retryable: None,
    }
}

fn overrides(said_in_order: &[&str]) -> Vec<Override> {
    (1..)
        .zip(said_in_order)
        .map(|(number, what)| said(number, what))
        .collect()
}

/// `A=a1,a2 B=b1`: names of problems as far as they are known here, `?` else; with `:title` and `!category`.
fn shown(names: &str, problems: &[Problem]) -> String {
    let signatures: Vec<&str> = names.split_whitespace().collect();
    let mut lines: Vec<String> = problems
        .iter()
        .map(|problem| {
            let name = ["A", "B", "C", "D", "E"]
                .into_iter()
                .find(|name| id(name) == problem.id)
                .unwrap_or("?");
            let members: Vec<&str> = problem.members.iter().map(|at| signatures[*at]).collect();
            let title = problem.title.as_ref().map(|title| format!(":{title}"));
            let correction = problem.correction;
            let correction = correction.map(|to| format!("!{}", to.category.as_str()));
            format!(
                "{name}={}{}{}",
                members.join(","),
                title.unwrap_or_default(),
                correction.unwrap_or_default()
            )
        })
        .collect();
    lines.sort();
    lines.join(" ")
}

#[track_caller]
fn check(names: &str, said_in_order: &[&str], expected: &str) {
    let found = problems(&held(names), &BTreeMap::new(), &overrides(said_in_order));
    assert_eq!(shown(names, &found), expected);
}

#[test]
fn without_a_word_a_problem_is_a_template() {
    check("a1 a2 b1", &[], "A=a1,a2 B=b1");
}

#[test]
fn a_merge_keeps_the_id_it_goes_into() {
    check("a1 b1 c1", &["merge B A"], "B=a1,b1 C=c1");
    check("a1 b1 c1", &["merge B A", "merge C B"], "C=a1,b1,c1");
    check("a1 b1 c1", &["merge B A", "merge C A"], "C=a1,b1,c1");
    check("a1 b1", &["merge A B", "merge B A"], "A=a1,b1");
}

#[test]
fn a_merged_problem_falls_apart_into_what_it_was() {
    check(
        "a1 b1 c1",
        &["merge A B", "merge A C", "apart A"],
        "A=a1 B=b1 C=c1",
    );
    check("a1 b1", &["apart A"], "A=a1 B=b1");
}

#[test]
fn signatures_stand_apart_whatever_their_problem_was_merged_with() {
    check("a1 a2 b1", &["merge A B", "split A a1"], "?=a1 A=a2,b1");
    check("a1 a2 b1", &["merge A B", "split A a1 b1"], "?=a1,b1 A=a2");
    check("a1 a2 a3", &["each A"], "?=a1 ?=a2 ?=a3");
    check(
        "a1 a2 a3",
        &["split A a1 a2", "split A a1"],
        "?=a1 ?=a2 A=a3",
    );
}

/// Where masks change, the same message comes under another signature: people's word holds for it.
#[test]
fn a_split_holds_for_the_same_text_under_another_signature() {
    check(
        "a1 b1 b2 b1'",
        &["merge A B", "split A b1"],
        "?=b1,b1' A=a1,b2",
    );
    check("a1 b1 b1'", &["merge A B", "each A"], "?=a1 ?=b1,b1'");
}

/// Whoever splits the same off again, and merged it in between, means it.
#[test]
fn what_was_split_off_and_merged_is_split_off_again() {
    let a1 = split_id(&BTreeSet::from([id("a1")]));
    let merge = |number, into, other| Override {
        number,
        said: Said::Merge { into, other },
        is_undone: false,
    };
    let said_in_order = [
        said(1, "split A a1"),
        merge(2, a1, id("A")),
        said(3, "split A a1"),
    ];
    let found = problems(&held("a1 a2"), &BTreeMap::new(), &said_in_order);
    assert_eq!(shown("a1 a2", &found), "?=a1 A=a2");
    assert_eq!(found.iter().filter(|problem| problem.id == a1).count(), 1);
}

/// What was split off and joined with something else leaves nothing there once the split is taken back.
#[test]
fn a_split_that_was_taken_back_names_nothing() {
    let a1 = split_id(&BTreeSet::from([id("a1")]));
    let behind = [
        Override {
            number: 2,
            said: Said::Rename {
                problem: a1,
                title: "one".to_owned(),
            },
            is_undone: false,
        },
        Override {
            number: 3,
            said: Said::Merge {
                into: a1,
                other: id("B"),
            },
            is_undone: false,
        },
    ];
    let held = held("a1 a2 b1");
    let split = said(1, "split A a1");
    let Said::Split { how, .. } = split.said.clone() else {
        panic!("a split")
    };
    let with_it = [&[split][..], &behind].concat();
    let found = problems(&held, &BTreeMap::new(), &with_it);
    assert_eq!(shown("a1 a2 b1", &found), "?=a1,b1:one A=a2");
    for how in [how, Split::Each] {
        let taken_back = Override {
            number: 1,
            said: Said::Split {
                problem: id("A"),
                how,
            },
            is_undone: true,
        };
        let without = [&[taken_back][..], &behind].concat();
        let found = problems(&held, &BTreeMap::new(), &without);
        assert_eq!(shown("a1 a2 b1", &found), "A=a1,a2 B=b1");
    }
}

#[test]
fn titles_and_corrections_stay_with_what_they_were_said_of() {
    check(
        "a1 b1",
        &["rename A one", "correct B lock", "merge A B"],
        "A=a1,b1:one!lock",
    );
    check(
        "a1 b1",
        &["correct B lock", "merge A B", "correct A code", "apart A"],
        "A=a1!code B=b1!lock",
    );
    check(
        "a1 b1",
        &["rename A one", "rename B two", "merge A B"],
        "A=a1,b1:two",
    );
}

#[test]
fn a_correction_is_of_the_error_that_was_looked_at() {
    check("a1 b1", &["correct A b1 lock"], "A=a1 B=b1!lock");
    // It is not there any more.
    check("a1 b1", &["correct A c1 lock"], "A=a1!lock B=b1");
    check(
        "a1 a2",
        &["correct A a1 lock", "split A a1"],
        "?=a1 A=a2!lock",
    );
}

#[test]
fn a_new_signature_falls_into_the_merged_problem() {
    check(
        "a1 b1 b2",
        &["merge A B", "correct A lock"],
        "A=a1,b1,b2!lock",
    );
}

#[test]
fn a_cut_message_goes_with_the_whole_one() {
    let mut of_cut = held("b1 b1…");
    of_cut[1].template = id("C");
    let found = problems(&of_cut, &BTreeMap::new(), &overrides(&["correct B lock"]));
    assert_eq!(shown("b1 b1…", &found), "B=b1,b1…!lock");
}

#[test]
fn an_id_that_became_an_alias_still_says_which() {
    let names = "b1 b2 c1";
    let aliases = BTreeMap::from([(id("A"), id("B"))]);
    let found = problems(
        &held(names),
        &aliases,
        &overrides(&["correct A lock", "merge C A"]),
    );
    assert_eq!(shown(names, &found), "C=b1,b2,c1!lock");
}

#[test]
fn what_names_nothing_waits_until_it_comes_back() {
    let said_in_order = ["merge A B", "rename A one"];
    check("b1 c1", &said_in_order, "A=b1:one C=c1");
    check("a1 b1 c1", &said_in_order, "A=a1,b1:one C=c1");
}

#[test]
fn aliases_lead_to_where_most_signatures_are() {
    let before = held("a1 a2 a3 b1");
    let mut now = before.clone();
    for (held, template) in now.iter_mut().zip(["C", "D", "D", "B"]) {
        held.template = id(template);
    }
    let first = aliases(&before, &now, &BTreeMap::new());
    assert_eq!(first, BTreeMap::from([(id("A"), id("D"))]));
    // A tie goes to the smaller id, and old names follow.
    let mut later = now.clone();
    later[1].template = id("E");
    later[2].template = id("C");
    let second = aliases(&now, &later, &first);
    let smaller = id("E").min(id("C"));
    assert_eq!(
        second,
        BTreeMap::from([(id("A"), smaller), (id("D"), smaller)])
    );
    assert_eq!(aliases(&later, &before, &second).get(&id("A")), None);
}

fn any_said() -> impl Strategy<Value = String> {
    let one = prop::sample::select(vec!["A", "B", "C", "D", "E"]);
    let signature = prop::sample::select(vec!["a1", "a2", "b1", "b2", "c1", "d1"]);
    prop_oneof![
        4 => (one.clone(), one.clone()).prop_map(|(one, two)| format!("merge {one} {two}")),
        1 => one.clone().prop_map(|one| format!("apart {one}")),
        1 => one.clone().prop_map(|one| format!("each {one}")),
        2 => (one.clone(), prop::collection::btree_set(signature, 1..3))
            .prop_map(|(one, these)| format!("split {one} {}", these.into_iter().collect::<Vec<_>>().join(" "))),
        1 => one.clone().prop_map(|one| format!("rename {one} title")),
        1 => one.prop_map(|one| format!("correct {one} lock")),
    ]
}

const NAMES: &str = "a1 a2 a3 b1 b2 c1 d1 d2";

proptest! {
    /// Each signature is in one problem, and no two problems have one id.
    #[test]
    fn problems_are_a_partition(words in prop::collection::vec(any_said(), 0..12)) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let found = problems(&held(NAMES), &BTreeMap::new(), &overrides(&words));
        let mut members: Vec<usize> = found.iter().flat_map(|problem| problem.members.clone()).collect();
        members.sort_unstable();
        prop_assert_eq!(members, (0..NAMES.split_whitespace().count()).collect::<Vec<_>>());
        let ids: BTreeSet<Uuid> = found.iter().map(|problem| problem.id).collect();
        prop_assert_eq!(ids.len(), found.len());
    }

    /// Whether merges were made in this order or another, the same mean the same.
    #[test]
    fn the_order_of_merges_changes_no_group(merges in prop::collection::vec((0..5_usize, 0..5_usize), 0..8), seed in any::<u64>()) {
        let name = |at: usize| ["A", "B", "C", "D", "E"][at];
        let words: Vec<String> = merges.iter().map(|(into, other)| format!("merge {} {}", name(*into), name(*other))).collect();
        let mut turned = words.clone();
        let places = turned.len().max(1);
        turned.rotate_left(seed as usize % places);
        if seed % 2 == 0 {
            turned.reverse();
        }
        let groups = |words: &[String]| -> BTreeSet<Vec<usize>> {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            problems(&held(NAMES), &BTreeMap::new(), &overrides(&words)).into_iter().map(|problem| problem.members).collect()
        };
        prop_assert_eq!(groups(&words), groups(&turned));
    }

    /// Neither the order in which signatures nor that in which overrides are read matters.
    #[test]
    fn the_order_of_reading_changes_nothing(words in prop::collection::vec(any_said(), 0..10), turn in 0..8_usize) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (signatures, mut said) = (held(NAMES), overrides(&words));
        let mut turned = signatures.clone();
        turned.rotate_left(turn);
        let set = |held: &[Held], found: Vec<Problem>| -> BTreeMap<_, _> {
            found.into_iter().map(|problem| {
                let members: BTreeSet<Uuid> = problem.members.iter().map(|at| held[*at].signature).collect();
                (problem.id, (members, problem.title, problem.correction.map(|to| to.category)))
            }).collect()
        };
        let one = set(&signatures, problems(&signatures, &BTreeMap::new(), &said));
        said.reverse();
        let two = set(&turned, problems(&turned, &BTreeMap::new(), &said));
        prop_assert_eq!(one, two);
    }

    /// A signature that comes later moves no other.
    #[test]
    fn a_signature_that_is_new_changes_no_other(words in prop::collection::vec(any_said(), 0..10)) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let more = format!("{NAMES} c9");
        let groups = |names: &str| -> BTreeSet<Vec<usize>> {
            let last = NAMES.split_whitespace().count();
            problems(&held(names), &BTreeMap::new(), &overrides(&words)).into_iter()
                .map(|problem| problem.members.into_iter().filter(|at| *at < last).collect::<Vec<_>>())
                .filter(|members| !members.is_empty())
                .collect()
        };
        prop_assert_eq!(groups(NAMES), groups(&more));
    }
}
