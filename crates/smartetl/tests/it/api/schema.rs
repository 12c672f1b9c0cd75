//! Whether a value is what the document says. Knows as much of JSON Schema as the document uses, and refuses the rest.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The document of the API.
pub struct Document(pub Value);

impl Document {
    pub fn current() -> Self {
        let document = smartetl::api::document();
        Self(serde_json::to_value(document).expect("it is JSON"))
    }

    /// The schema of what `path` answers with 200 as JSON.
    pub fn answer(&self, path: &str) -> &Value {
        &self.0["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    }

    pub fn problem(&self) -> &Value {
        &self.0["components"]["schemas"]["ProblemDetails"]
    }

    /// # Errors
    /// Where it is not, and how.
    pub fn check(&self, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("{place}: {what}: {value}"));
        let schema = self.resolved(schema);
        let Some(known) = schema.as_object() else {
            return wrong("no schema");
        };
        // Anything.
        if known.keys().all(|key| key == "description") {
            return Ok(());
        }
        if let Some(parts) = known.get("oneOf") {
            let parts = parts.as_array().expect("schemas");
            let tried: Vec<_> = parts
                .iter()
                .map(|part| self.check(part, value, place))
                .collect();
            return match tried.iter().filter(|one| one.is_ok()).count() {
                1 => Ok(()),
                0 => Err(format!("{place}: none fits: {tried:?}")),
                _ => wrong("several fit"),
            };
        }
        let mut properties = BTreeMap::new();
        let mut required = Vec::new();
        self.gather(schema, &mut properties, &mut required);
        if !properties.is_empty() {
            let Some(object) = value.as_object() else {
                return wrong("no object");
            };
            return self.object(&properties, &required, object, place);
        }
        let types: Vec<&str> = match &known["type"] {
            Value::String(one) => vec![one],
            Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
            _ => return wrong("a schema without a type"),
        };
        let of = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let is_whole_number = of == "integer" && types.contains(&"number");
        if !types.contains(&of) && !is_whole_number {
            return wrong(&format!("not {types:?}"));
        }
        if let Some(words) = known.get("enum").and_then(Value::as_array)
            && !words.contains(value)
        {
            return wrong("not one of the words");
        }
        if let (Some(least), Some(number)) =
            (known.get("minimum").and_then(Value::as_f64), value.as_f64())
            && number < least
        {
            return wrong("too small");
        }
        let text = value.as_str();
        match (known.get("format").and_then(Value::as_str), text) {
            (Some("date-time"), Some(text)) if text.parse::<jiff::Timestamp>().is_err() => {
                wrong("no moment")
            }
            (Some("date"), Some(text)) if text.parse::<jiff::civil::Date>().is_err() => {
                wrong("no day")
            }
            _ => match value {
                Value::Array(items) => {
                    let each = items.iter().enumerate();
                    let mut each = each.map(|(number, item)| {
                        self.check(&known["items"], item, &format!("{place}[{number}]"))
                    });
                    each.find(Result::is_err).unwrap_or(Ok(()))
                }
                _ => Ok(()),
            },
        }
    }

    fn object(
        &self,
        properties: &BTreeMap<String, &Value>,
        required: &[String],
        object: &Map<String, Value>,
        place: &str,
    ) -> Result<(), String> {
        for name in required {
            if !object.contains_key(name) {
                return Err(format!("{place}.{name} is missing"));
            }
        }
        for (name, value) in object {
            let Some(schema) = properties.get(name) else {
                return Err(format!("{place}.{name} is not in the document"));
            };
            self.check(schema, value, &format!("{place}.{name}"))?;
        }
        Ok(())
    }

    /// The properties of an object and of what is flattened into it.
    fn gather<'d>(
        &'d self,
        schema: &'d Value,
        properties: &mut BTreeMap<String, &'d Value>,
        required: &mut Vec<String>,
    ) {
        let schema = self.resolved(schema);
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.gather(part, properties, required);
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            properties.insert(name.clone(), property);
        }
        let names = schema["required"].as_array().into_iter().flatten();
        required.extend(names.filter_map(Value::as_str).map(str::to_owned));
    }

    fn resolved<'d>(&'d self, schema: &'d Value) -> &'d Value {
        match schema["$ref"].as_str() {
            Some(to) => {
                let name = to.rsplit('/').next().expect("a name");
                &self.0["components"]["schemas"][name]
            }
            None => schema,
        }
    }
}

#[test]
fn what_the_document_does_not_say_is_found() {
    let document = Document::current();
    let problem = |value: Value| document.check(document.problem(), &value, "problem");
    let good = serde_json::json!({
        "type": "about:blank", "title": "Bad Request", "status": 400, "code": "usage", "detail": "…"
    });
    assert_eq!(problem(good.clone()), Ok(()));
    let changed = |name: &str, value: Value| {
        let mut changed = good.clone();
        changed[name] = value;
        problem(changed)
    };
    for (name, value) in [
        ("status", "400".into()),
        ("status", Value::Null),
        ("code", 1.into()),
        ("other", 1.into()),
    ] {
        assert!(changed(name, value.clone()).is_err(), "{name} = {value}");
    }
    assert!(problem(serde_json::json!({})).is_err());
}
