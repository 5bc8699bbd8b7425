//! Reading options, which are JSON.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why an option cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    /// Where: `interactions.at`; a dot for the whole.
    pub path: String,
    /// Why.
    pub why: String,
}

impl Misread {
    /// The same where this was the value of an option.
    pub fn within(self, option: &str) -> Misread {
        let path = match self.path.as_str() {
            "." => option.to_owned(),
            path if path.starts_with('[') => format!("{option}{path}"),
            path => format!("{option}.{path}"),
        };
        Misread { path, ..self }
    }
}

/// Reads a value.
pub fn read<T: DeserializeOwned>(value: Value) -> Result<T, Misread> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        // what is allowed stands in the hint, in the user's words
        let why = error.inner().to_string().replace('`', "\"");
        let why = why.split(", expected").next().unwrap_or_default().to_owned();
        Misread { path: error.path().to_string(), why }
    })
}

/// Reads an object, for which serde would take a list as well.
pub fn read_object<T: DeserializeOwned>(value: Value) -> Result<T, Misread> {
    match value.is_array() {
        true => Err(Misread { path: ".".into(), why: "invalid type: a list".into() }),
        false => read(value),
    }
}
