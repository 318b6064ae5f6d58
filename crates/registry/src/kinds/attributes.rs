use cashless_domain::IdKey;

use super::{Kept, ends, truth};
use crate::csv_file::Row;
use crate::error::{FileName, Problem};
use crate::rows::{AttributeRow, Interval};
use crate::words::{Attribute, MethodFamily, PlatformCategory};

impl Kept for AttributeRow {
    type Key = String;
    const FILE: FileName = FileName::Attributes;
    const COLUMNS: &'static [&'static str] = &[
        "institution_id",
        "attribute",
        "value",
        "name",
        "ministry_listed",
        "declared_by",
        "evidence",
        "valid_from",
        "valid_to",
    ];

    fn read(line: &mut Row<'_>, _key: &IdKey) -> (Option<String>, Option<Self>) {
        let id = line.institution("institution_id");
        let attribute = line.word("attribute", Attribute::ALL, Attribute::name);
        let value = attribute.and_then(|attribute| value(line, attribute));
        let may_be_named = may_be_named(line, attribute);
        let ministry_listed =
            if line.text("ministry_listed").is_empty() { Some(false) } else { line.truth("ministry_listed") };
        let valid = line.interval();
        let (name, declared_by) = (line.words("name"), line.words("declared_by"));
        let evidence = line.text("evidence").to_owned();
        let row = || {
            may_be_named.then_some(())?;
            Some(Self {
                valid: valid?,
                attribute: attribute?,
                value: value?,
                name: name?,
                ministry_listed: ministry_listed?,
                declared_by: declared_by?,
                evidence,
            })
        };
        (id, row())
    }

    fn cells(&self, key: &String) -> Vec<String> {
        let [from, to] = ends(self.valid);
        vec![
            key.clone(),
            self.attribute.name().into(),
            self.value.clone(),
            self.name.clone(),
            truth(self.ministry_listed),
            self.declared_by.clone(),
            self.evidence.clone(),
            from,
            to,
        ]
    }

    fn valid(&self) -> Interval {
        self.valid
    }

    fn aspect(&self) -> [&str; 3] {
        [self.attribute.name(), &self.value, &self.name]
    }

    fn institutions<'r>(&'r self, key: &'r String) -> [&'r str; 2] {
        [key, ""]
    }

    fn head(&self, key: &String) -> String {
        let what = self.aspect().into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        format!("attribute {what} of {key}")
    }

    fn detail(&self) -> String {
        let listed = if self.ministry_listed { ", listed by the ministry" } else { "" };
        format!("(declared by {}{listed})", self.declared_by)
    }
}

/// Who answers for cashless payment is a person, and no person's name is stored.
fn may_be_named(line: &mut Row<'_>, attribute: Option<Attribute>) -> bool {
    let is_fit = attribute != Some(Attribute::FocalPoint) || line.text("name").is_empty();
    if !is_fit {
        line.wrong(Problem::NotEmpty { column: "name", of: Attribute::FocalPoint.name() });
    }
    is_fit
}

/// An attribute that is a plain yes has no value: a "no" there would be read as a yes.
fn value(line: &mut Row<'_>, attribute: Attribute) -> Option<String> {
    match attribute {
        Attribute::Platform => {
            let category = line.word("value", PlatformCategory::ALL, PlatformCategory::name);
            category.map(|category| category.name().to_owned())
        }
        Attribute::MethodReady => {
            let family = line.word("value", MethodFamily::ALL, MethodFamily::name);
            family.map(|family| family.name().to_owned())
        }
        Attribute::TemplateAgreed => line.required("value"),
        Attribute::Accepting | Attribute::FocalPoint | Attribute::PaymentModule => {
            if line.text("value").is_empty() {
                return Some(String::new());
            }
            line.wrong(Problem::NotEmpty { column: "value", of: attribute.name() });
            None
        }
    }
}
