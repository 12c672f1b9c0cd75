//! YAML as a JSON tree, which all else here is made for.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value};

/// The first document of a text; null where there is none.
///
/// # Errors
/// What is wrong, with its line and column.
pub fn read(text: &str) -> Result<Value, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| error.to_string())?;
    Ok(documents.first().map_or(Value::Null, value))
}

fn value(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(scalar) => match scalar {
            Scalar::Null => Value::Null,
            Scalar::Boolean(is) => Value::from(*is),
            Scalar::Integer(number) => Value::from(*number),
            Scalar::FloatingPoint(number) => Value::from(number.0),
            Scalar::String(text) => Value::from(text.as_ref()),
        },
        Yaml::Representation(text, ..) => Value::from(text.as_ref()),
        Yaml::Sequence(list) => list.iter().map(value).collect(),
        Yaml::Tagged(_, inner) => value(inner),
        Yaml::Alias(_) | Yaml::BadValue => Value::Null,
        Yaml::Mapping(mapping) => {
            let mut map = Map::new();
            let mut merged = Vec::new();
            for (key, inner) in mapping {
                match self::value(key) {
                    // `<<: *anchor`, or several of them: what is written out goes before.
                    Value::String(key) if key == "<<" => merged.push(value(inner)),
                    Value::String(key) => {
                        map.insert(key, value(inner));
                    }
                    key => {
                        map.insert(key.to_string(), value(inner));
                    }
                }
            }
            let merged = merged.into_iter().flat_map(|one| match one {
                Value::Array(list) => list,
                one => vec![one],
            });
            for one in merged {
                let Value::Object(one) = one else { continue };
                for (key, inner) in one {
                    map.entry(key).or_insert(inner);
                }
            }
            Value::Object(map)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn yaml_becomes_a_tree() {
        let read = |text: &str| super::read(text).expect("YAML");
        assert_eq!(
            read("a: [1, 2.5, true, ~, x]\nb: |\n  c\n1: {d: 'e'}\n"),
            json!({ "a": [1, 2.5, true, null, "x"], "b": "c\n", "1": { "d": "e" } })
        );
        assert_eq!(
            read("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n"),
            json!({ "x": { "a": 1, "b": 2 }, "y": { "a": 1, "b": 3 } })
        );
        assert_eq!(read("# nothing\n"), Value::Null);
    }

    #[test]
    fn double_keys_and_broken_lines_are_refused() {
        for text in ["a: 1\na: 2\n", "a: [1\n", "a: b: c\n"] {
            assert!(super::read(text).is_err(), "{text}");
        }
    }
}
