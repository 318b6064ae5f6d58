//! What a person may see of an account number.

const MASK: &str = "•••";

/// The last three characters, fewer of short values: never more than a third.
pub(crate) fn masked(value: &str) -> String {
    let characters = value.chars().count();
    let hidden = characters - (characters / 3).min(3);
    MASK.chars().chain(value.chars().skip(hidden)).collect()
}

/// Whether it shows no more than [`masked`] ever does.
pub(crate) fn is_masked(tail: &str) -> bool {
    tail.strip_prefix(MASK).is_some_and(|shown| shown.chars().count() <= 3)
}
