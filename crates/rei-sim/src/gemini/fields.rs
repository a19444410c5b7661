//! Strict reading of a JSON body: every unknown or misshapen field is collected, as the service lists them.

use std::collections::HashMap;

use serde_json::Value;

use super::refusals::FieldViolation;

/// Collects what is wrong with a body.
#[derive(Debug, Default)]
pub struct Reader {
    violations: Vec<FieldViolation>,
}

/// An object of which only known fields are left, by their camelCase names.
#[derive(Debug)]
pub struct Object<'a> {
    fields: HashMap<&'static str, &'a Value>,
    /// Where it stands, in the service's snake_case spelling.
    pub path: String,
}

impl Reader {
    /// Notes that the value at `path` is wrong.
    pub fn wrong(&mut self, path: &str, description: impl Into<String>) {
        self.violations
            .push(FieldViolation { field: path.to_owned(), description: description.into() });
    }

    /// Everything that was wrong.
    pub fn finish(self) -> Result<(), Vec<FieldViolation>> {
        if self.violations.is_empty() { Ok(()) } else { Err(self.violations) }
    }

    /// Reads an object with these fields (camelCase; snake_case is understood too) and no others.
    pub fn object<'a>(
        &mut self,
        value: &'a Value,
        path: &str,
        known: &[&'static str],
    ) -> Object<'a> {
        let mut fields = HashMap::new();
        let Some(entries) = value.as_object() else {
            self.wrong(path, format!("Invalid value at '{path}': a message is expected."));
            return Object { fields, path: path.to_owned() };
        };
        for (name, value) in entries {
            match known.iter().find(|known| **known == name || snake(known) == *name) {
                Some(known) if fields.insert(*known, value).is_some() => {
                    self.wrong(path, format!("Invalid JSON payload received. '{name}' at '{path}' is given twice."));
                }
                Some(_) => {}
                None => self.wrong(
                    path,
                    format!("Invalid JSON payload received. Unknown name \"{name}\" at '{path}': Cannot find field."),
                ),
            }
        }
        Object { fields, path: path.to_owned() }
    }

    /// Reads an array; absent is empty.
    pub fn array<'a>(&mut self, object: &Object<'a>, name: &'static str) -> &'a [Value] {
        match object.get(name) {
            None => &[],
            Some(Value::Array(items)) => items,
            Some(_) => {
                let path = object.at(name);
                self.wrong(&path, format!("Invalid value at '{path}': a list is expected."));
                &[]
            }
        }
    }

    /// Reads a string; absent is `None`.
    pub fn text<'a>(&mut self, object: &Object<'a>, name: &'static str) -> Option<&'a str> {
        let value = object.get(name)?;
        if value.is_string() {
            return value.as_str();
        }
        let path = object.at(name);
        self.wrong(&path, format!("Invalid value at '{path}' (TYPE_STRING), {value}"));
        None
    }

    /// Reads a string that must be one of these.
    pub fn choice<'a>(
        &mut self,
        object: &Object<'a>,
        name: &'static str,
        choices: &[&str],
    ) -> Option<&'a str> {
        let text = self.text(object, name)?;
        if choices.contains(&text) {
            return Some(text);
        }
        let path = object.at(name);
        let choices = choices.join(", ");
        self.wrong(
            &path,
            format!("Invalid value at '{path}': \"{text}\". Supported values: {choices}."),
        );
        None
    }
}

impl<'a> Object<'a> {
    /// The value of a field.
    pub fn get(&self, name: &'static str) -> Option<&'a Value> {
        self.fields.get(name).copied().filter(|value| !value.is_null())
    }

    /// The path of a field.
    pub fn at(&self, name: &str) -> String {
        if self.path.is_empty() { snake(name) } else { format!("{}.{}", self.path, snake(name)) }
    }
}

fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_spellings_are_read_and_unknown_fields_are_named() {
        let body = json!({"imageConfig": 1, "image_size": "1K", "imageSize": "2K", "seed": 1});
        let mut reader = Reader::default();
        let object = reader.object(&body, "generation_config", &["imageConfig", "imageSize"]);
        assert_eq!(object.get("imageConfig"), Some(&json!(1)));
        assert_eq!(object.at("imageSize"), "generation_config.image_size");
        let violations = reader.finish().expect_err("two are wrong");
        let texts: Vec<_> =
            violations.iter().map(|violation| violation.description.as_str()).collect();
        assert!(
            texts.iter().any(|text| text.contains("Unknown name \"seed\" at 'generation_config'")),
            "{texts:?}"
        );
        assert!(texts.iter().any(|text| text.contains("given twice")), "{texts:?}");
    }
}
