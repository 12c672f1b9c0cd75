//! The core depends on little. A new name here is a decision: it must be pure (no IO, clock, environment, randomness).

const DEPENDENCIES: &[&str] = &[
    "aho-corasick",
    "hashbrown",
    "jiff",
    "memchr",
    "regex",
    "serde",
    "toml",
    "uuid",
    "xxhash-rust",
];

#[test]
fn the_dependencies_of_the_core_are_these() {
    let manifest: toml::Table = include_str!("../../Cargo.toml")
        .parse()
        .expect("Cargo reads the same file");
    let mut named: Vec<&str> = Vec::new();
    for (section, content) in &manifest {
        match section.as_str() {
            "dependencies" | "build-dependencies" => {
                let table = content
                    .as_table()
                    .expect("a section of dependencies is a table");
                named.extend(table.keys().map(String::as_str));
            }
            "target" => panic!("dependencies of one platform only would escape this list"),
            _ => {}
        }
    }
    named.sort_unstable();
    assert_eq!(named, DEPENDENCIES);
}
