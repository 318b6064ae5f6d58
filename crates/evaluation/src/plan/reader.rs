use cashless_domain::BusinessDate;
use serde_json::{Map, Value};

use super::error::{PlanError, PlanProblem};

/// The members of one JSON object of a plan file. What is wrong is kept, and reading goes on with a stand-in; so one
/// reading finds everything.
pub(super) struct Reader<'a> {
    pointer: String,
    members: Option<&'a Map<String, Value>>,
    errors: Vec<PlanError>,
}

impl<'a> Reader<'a> {
    /// Reads an object that may have these members and no others.
    pub(super) fn new(pointer: &str, value: &'a Value, known: &[&str]) -> Self {
        let mut reader = Self { pointer: pointer.to_owned(), members: value.as_object(), errors: Vec::new() };
        let Some(members) = reader.members else {
            reader.wrong("", PlanProblem::WrongType("an object"));
            return reader;
        };
        for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
            reader.wrong(name, PlanProblem::UnknownMember);
        }
        reader
    }

    /// Everything that was wrong.
    pub(super) fn into_errors(self) -> Vec<PlanError> {
        self.errors
    }

    /// The pointer of a member, or of the object itself.
    pub(super) fn at(&self, name: &str) -> String {
        if name.is_empty() {
            self.pointer.clone()
        } else {
            format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
        }
    }

    pub(super) fn wrong(&mut self, name: &str, problem: PlanProblem) {
        let pointer = self.at(name);
        self.errors.push(PlanError { pointer, problem });
    }

    /// Something is wrong with one item of a list.
    pub(super) fn wrong_item(&mut self, name: &str, index: usize, problem: PlanProblem) {
        let pointer = format!("{}/{index}", self.at(name));
        self.errors.push(PlanError { pointer, problem });
    }

    pub(super) fn found(&mut self, errors: Vec<PlanError>) {
        self.errors.extend(errors);
    }

    /// A member that may be absent; `null` is the same as absent.
    pub(super) fn optional(&self, name: &str) -> Option<&'a Value> {
        self.members?.get(name).filter(|value| !value.is_null())
    }

    /// A member that has to be there.
    pub(super) fn required(&mut self, name: &str) -> Option<&'a Value> {
        let value = self.optional(name);
        if value.is_none() && self.members.is_some() {
            self.wrong(name, PlanProblem::Missing);
        }
        value
    }

    pub(super) fn text(&mut self, name: &str) -> String {
        let value = self.required(name);
        self.as_text(name, value).unwrap_or_default()
    }

    pub(super) fn optional_text(&mut self, name: &str) -> Option<String> {
        let value = self.optional(name);
        self.as_text(name, value)
    }

    fn as_text(&mut self, name: &str, value: Option<&Value>) -> Option<String> {
        match value?.as_str() {
            Some(text) if !text.trim().is_empty() => return Some(text.to_owned()),
            Some(_) => self.wrong(name, PlanProblem::Empty),
            None => self.wrong(name, PlanProblem::WrongType("a text")),
        }
        None
    }

    pub(super) fn id(&mut self, name: &str) -> String {
        let id = self.text(name);
        let is_id = |id: &str| {
            id.len() <= 40
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        if !is_id(&id) {
            self.wrong(name, PlanProblem::InvalidId);
        }
        id
    }

    pub(super) fn boolean(&mut self, name: &str) -> bool {
        match self.optional(name) {
            None => false,
            Some(Value::Bool(value)) => *value,
            Some(_) => {
                self.wrong(name, PlanProblem::WrongType("true or false"));
                false
            }
        }
    }

    pub(super) fn number(&mut self, name: &str, min: i64, max: i64) -> Option<i64> {
        let value = self.required(name);
        self.as_number(name, value, min, max)
    }

    pub(super) fn optional_number(&mut self, name: &str, min: i64, max: i64) -> Option<i64> {
        let value = self.optional(name);
        self.as_number(name, value, min, max)
    }

    fn as_number(&mut self, name: &str, value: Option<&Value>, min: i64, max: i64) -> Option<i64> {
        let number = value?.as_i64().filter(|number| (min..=max).contains(number));
        if number.is_none() {
            self.wrong(name, PlanProblem::OutOfRange { min, max });
        }
        number
    }

    /// A small number with a default.
    pub(super) fn replace(&mut self, name: &str, min: u8, max: u8, setting: &mut u8) {
        let number = self.optional_number(name, min.into(), max.into());
        if let Some(number) = number.and_then(|number| u8::try_from(number).ok()) {
            *setting = number;
        }
    }

    pub(super) fn date(&mut self, name: &str) -> Option<BusinessDate> {
        let value = self.required(name);
        self.as_date(name, value)
    }

    pub(super) fn optional_date(&mut self, name: &str) -> Option<BusinessDate> {
        let value = self.optional(name);
        self.as_date(name, value)
    }

    fn as_date(&mut self, name: &str, value: Option<&Value>) -> Option<BusinessDate> {
        let date = value?.as_str().filter(|text| text.len() == 10);
        let date = date.and_then(|text| BusinessDate::parse(text).ok());
        if date.is_none() {
            self.wrong(name, PlanProblem::InvalidDate("YYYY-MM-DD, between 1970 and 2149"));
        }
        date
    }

    pub(super) fn word<T: Copy>(
        &mut self,
        name: &str,
        all: &[T],
        spelling: fn(T) -> &'static str,
    ) -> Option<T> {
        let value = self.required(name);
        self.as_word(name, value?, all, spelling)
    }

    pub(super) fn optional_word<T: Copy>(
        &mut self,
        name: &str,
        all: &[T],
        spelling: fn(T) -> &'static str,
    ) -> Option<T> {
        let value = self.optional(name);
        self.as_word(name, value?, all, spelling)
    }

    fn as_word<T: Copy>(
        &mut self,
        name: &str,
        value: &Value,
        all: &[T],
        spelling: fn(T) -> &'static str,
    ) -> Option<T> {
        let text = value.as_str();
        let word = all.iter().copied().find(|word| Some(spelling(*word)) == text);
        if word.is_none() {
            let words = all.iter().map(|word| spelling(*word)).collect::<Vec<_>>().join(", ");
            self.wrong(name, PlanProblem::UnknownWord(words));
        }
        word
    }

    /// The items of a list with their pointers; none if it is absent.
    pub(super) fn list(&mut self, name: &str) -> Vec<(String, &'a Value)> {
        let Some(value) = self.optional(name) else { return Vec::new() };
        let Some(items) = value.as_array() else {
            self.wrong(name, PlanProblem::WrongType("a list"));
            return Vec::new();
        };
        let pointer = self.at(name);
        items.iter().enumerate().map(|(index, item)| (format!("{pointer}/{index}"), item)).collect()
    }

    /// A list that has to be there, with something in it.
    pub(super) fn required_list(&mut self, name: &str) -> Vec<(String, &'a Value)> {
        let is_there = self.required(name).is_some();
        let items = self.list(name);
        if is_there && items.is_empty() && self.optional(name).is_some_and(Value::is_array) {
            self.wrong(name, PlanProblem::Empty);
        }
        items
    }

    pub(super) fn texts(&mut self, items: Vec<(String, &'a Value)>) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        for (pointer, item) in items {
            let problem = match item.as_str() {
                Some(text) if text.trim().is_empty() => PlanProblem::Empty,
                Some(text) if texts.iter().any(|other| other == text) => {
                    PlanProblem::Repeated(text.to_owned())
                }
                Some(text) => {
                    texts.push(text.to_owned());
                    continue;
                }
                None => PlanProblem::WrongType("a text"),
            };
            self.errors.push(PlanError { pointer, problem });
        }
        texts
    }

    pub(super) fn words<T: Copy + PartialEq>(
        &mut self,
        name: &str,
        all: &[T],
        spelling: fn(T) -> &'static str,
    ) -> Vec<T> {
        let mut words = Vec::new();
        for (pointer, item) in self.list(name) {
            let found = all.iter().copied().find(|word| Some(spelling(*word)) == item.as_str());
            let problem = match found {
                Some(word) if !words.contains(&word) => {
                    words.push(word);
                    continue;
                }
                Some(word) => PlanProblem::Repeated(spelling(word).to_owned()),
                None => PlanProblem::UnknownWord(
                    all.iter().map(|word| spelling(*word)).collect::<Vec<_>>().join(", "),
                ),
            };
            self.errors.push(PlanError { pointer, problem });
        }
        words
    }
}
