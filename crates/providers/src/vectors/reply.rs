use serde_json::Value;

use super::Mismatch;
use crate::Reply;

/// Compares an answer: `status`, `content_type`, `body` and `json` exactly, `json_shape` with `<…>` for any value.
pub(super) fn compare(vector: &str, wanted: &Value, got: Option<&Reply>) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    let mut note = |member: &str, expected: String, got: String| {
        let (vector, member) = (vector.to_owned(), format!("reply.{member}"));
        mismatches.push(Mismatch { vector, member, expected, got });
    };
    let Some(got) = got else {
        note("", wanted.to_string(), "no answer".to_owned());
        return mismatches;
    };
    if let Some(status) = wanted.get("status")
        && *status != got.status
    {
        note("status", status.to_string(), got.status.to_string());
    }
    for (member, is) in [("content_type", got.content_type), ("body", got.body.as_ref())] {
        if let Some(text) = wanted.get(member).and_then(Value::as_str)
            && text != is
        {
            note(member, text.to_owned(), is.to_owned());
        }
    }
    let json: Value = serde_json::from_str(&got.body).unwrap_or(Value::Null);
    if let Some(exact) = wanted.get("json")
        && *exact != json
    {
        note("json", exact.to_string(), got.body.to_string());
    }
    if let Some(shape) = wanted.get("json_shape")
        && !has_shape(shape, &json)
    {
        note("json_shape", shape.to_string(), got.body.to_string());
    }
    mismatches
}

fn has_shape(shape: &Value, json: &Value) -> bool {
    match (shape, json) {
        (Value::String(placeholder), json) if placeholder.starts_with('<') => {
            !json.is_null() && (placeholder != "<non-zero>" || json.as_i64() != Some(0))
        }
        (Value::Object(shape), Value::Object(json)) => {
            shape.len() == json.len()
                && shape.iter().all(|(name, shape)| json.get(name).is_some_and(|json| has_shape(shape, json)))
        }
        (shape, json) => shape == json,
    }
}
