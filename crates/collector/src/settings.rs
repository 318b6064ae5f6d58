//! A provider's settings as they stand in the sources file: secrets fetched from where they are kept.

use std::path::Path;

use serde_json::{Map, Value};

use crate::SecretRef;

/// The settings as JSON. In the ones that are secrets, every text has to be named by reference.
///
/// # Errors
/// Everything that is wrong, without what stands there.
pub(crate) fn settings(
    table: &toml::Table,
    secrets: &[&str],
    base: &Path,
) -> Result<Map<String, Value>, Vec<String>> {
    let (mut settings, mut problems) = (Map::new(), Vec::new());
    for (name, value) in table {
        match resolved(value, secrets.contains(&name.as_str()), base) {
            Ok(value) => drop(settings.insert(name.clone(), value)),
            Err(problem) => problems.push(format!("{name}: {problem}")),
        }
    }
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

fn resolved(value: &toml::Value, is_secret: bool, base: &Path) -> Result<Value, String> {
    Ok(match value {
        toml::Value::Table(table)
            if is_secret && (table.contains_key("env") || table.contains_key("file")) =>
        {
            let secret: SecretRef = value.clone().try_into().map_err(|_| SecretRef::EXPECTED.to_owned())?;
            Value::String(secret.read(base).map_err(|error| error.to_string())?.to_string())
        }
        toml::Value::String(_) if is_secret => return Err(SecretRef::EXPECTED.to_owned()),
        toml::Value::String(text) => Value::String(text.clone()),
        toml::Value::Integer(number) => Value::from(*number),
        toml::Value::Boolean(value) => Value::Bool(*value),
        toml::Value::Array(values) => Value::Array(
            values.iter().map(|value| resolved(value, is_secret, base)).collect::<Result<_, _>>()?,
        ),
        toml::Value::Table(table) => {
            let members =
                table.iter().map(|(name, value)| Ok((name.clone(), resolved(value, is_secret, base)?)));
            Value::Object(members.collect::<Result<_, String>>()?)
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) => {
            return Err(
                "a setting is a text, an integer, true, false, or a list or table of those".to_owned()
            );
        }
    })
}
