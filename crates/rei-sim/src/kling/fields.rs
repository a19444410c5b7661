//! Strict reading of a JSON body: everything that is wrong is collected.

use serde_json::{Map, Value};

/// Collects what is wrong with a body.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// What the service refuses.
    pub(super) wrong: Vec<String>,
    /// What it ignores silently, although it must be a mistake.
    pub(super) unknown: Vec<String>,
}

/// An object and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Object<'a> {
    map: Option<&'a Map<String, Value>>,
    path: String,
}

impl Reader {
    pub(super) fn wrong(&mut self, what: impl Into<String>) {
        self.wrong.push(what.into());
    }

    /// Notes it unless `holds`.
    pub(super) fn demand(&mut self, holds: bool, what: impl Into<String>) {
        if !holds {
            self.wrong(what);
        }
    }

    /// Null is refused wherever it stands.
    pub(super) fn no_null(&mut self, value: &Value, path: &str) {
        match value {
            Value::Null => self.wrong(format!("{path} must not be null")),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.no_null(item, &format!("{path}[{index}]"));
                }
            }
            Value::Object(map) => {
                for (name, value) in map {
                    self.no_null(value, &format!("{path}.{name}"));
                }
            }
            _ => {}
        }
    }

    /// Reads an object; other fields than these are noted.
    pub(super) fn object<'a>(
        &mut self,
        value: &'a Value,
        path: &str,
        known: &[&str],
    ) -> Object<'a> {
        let map = value.as_object();
        self.demand(map.is_some(), format!("{path} must be an object"));
        for name in map.into_iter().flat_map(Map::keys) {
            if !known.contains(&name.as_str()) {
                self.unknown.push(format!("unknown field {path}.{name}"));
            }
        }
        Object { map, path: path.to_owned() }
    }

    /// A nested object; absent is one without fields.
    pub(super) fn inner<'a>(
        &mut self,
        object: &Object<'a>,
        name: &str,
        known: &[&str],
    ) -> Object<'a> {
        match object.get(name) {
            Some(value) => self.object(value, &object.at(name), known),
            None => Object { map: None, path: object.at(name) },
        }
    }

    /// A list; absent is empty.
    pub(super) fn list<'a>(&mut self, object: &Object<'a>, name: &str) -> &'a [Value] {
        match object.get(name) {
            None => &[],
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.wrong(format!("{} must be an array", object.at(name)));
                &[]
            }
        }
    }

    pub(super) fn text<'a>(&mut self, object: &Object<'a>, name: &str) -> Option<&'a str> {
        let value = object.get(name)?;
        self.demand(value.is_string(), format!("{} must be a string", object.at(name)));
        value.as_str()
    }

    /// A text that must be there and not empty.
    pub(super) fn required<'a>(&mut self, object: &Object<'a>, name: &str) -> Option<&'a str> {
        let text = self.text(object, name);
        let is_there = object.get(name).is_some_and(|value| *value != "");
        self.demand(is_there, format!("{} is required", object.at(name)));
        text
    }

    pub(super) fn choice<'a>(
        &mut self,
        object: &Object<'a>,
        name: &str,
        choices: &[&str],
    ) -> Option<&'a str> {
        let text = self.text(object, name)?;
        let fits = choices.contains(&text);
        self.demand(fits, format!("{} must be one of {choices:?}, not {text}", object.at(name)));
        fits.then_some(text)
    }

    /// A whole number, as a number.
    pub(super) fn whole(&mut self, object: &Object<'_>, name: &str) -> Option<u32> {
        let value = object.get(name)?;
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        self.demand(number.is_some(), format!("{} must be an integer", object.at(name)));
        number
    }

    pub(super) fn flag(&mut self, object: &Object<'_>, name: &str) -> Option<bool> {
        let value = object.get(name)?;
        self.demand(value.is_boolean(), format!("{} must be a boolean", object.at(name)));
        value.as_bool()
    }
}

impl<'a> Object<'a> {
    /// The value of a field; null was complained of already.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.map?.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The path of a field.
    pub(super) fn at(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }
}
