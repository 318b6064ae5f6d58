//! The files an operator would write by hand: the registry's two tables and the collector's sources.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::institutions::Institution;
use crate::province::Province;
use crate::sources::{ReceiverRule, Source, Voice};

/// Which file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}")]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub source: std::io::Error,
}

/// Where the files of a province went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvinceFiles {
    /// `institutions.csv`.
    pub institutions: PathBuf,
    /// `identifiers.csv`.
    pub identifiers: PathBuf,
    /// The registry's other files, which lie beside: `units.csv`, `attributes.csv`, `connections.csv`,
    /// `payer_accounts.csv`, `successions.csv` and `indicators.csv`.
    pub others: Vec<PathBuf>,
    /// `sources.toml`, which names the secrets' files by absolute paths.
    pub sources: PathBuf,
}

/// `sources.toml`.
#[derive(serde::Serialize)]
struct SourcesFile<'a> {
    source: Vec<SourceEntry<'a>>,
}

#[derive(serde::Serialize)]
struct SourceEntry<'a> {
    id: &'a str,
    class: &'static str,
    provider: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    merge_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dangerous_unconfirmed_format: Option<bool>,
    #[serde(flatten)]
    settings: Map<String, Value>,
    receivers: &'a [ReceiverRule],
}

impl Province {
    /// Writes the registry's files, `sources.toml` and `secrets/<source>` into a directory, making it if need be. Secrets are readable by their owner only.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write_files(&self, directory: &Path) -> Result<ProvinceFiles, WriteError> {
        let failed = |path: &Path| {
            let path = path.to_path_buf();
            move |source| WriteError { path, source }
        };
        let directory = std::path::absolute(directory).map_err(failed(directory))?;
        let secrets = directory.join("secrets");
        fs::create_dir_all(&secrets).map_err(failed(&secrets))?;
        let mut files = ProvinceFiles {
            institutions: directory.join("institutions.csv"),
            identifiers: directory.join("identifiers.csv"),
            others: Vec::new(),
            sources: directory.join("sources.toml"),
        };
        let others = [
            ("units.csv", self.units_csv()),
            ("attributes.csv", self.attributes_csv()),
            ("connections.csv", self.connections_csv()),
            ("payer_accounts.csv", self.payer_accounts_csv()),
            ("successions.csv", self.successions_csv()),
            ("indicators.csv", self.indicators_csv()),
        ];
        for (name, text) in others {
            let path = directory.join(name);
            fs::write(&path, text).map_err(failed(&path))?;
            files.others.push(path);
        }
        fs::write(&files.institutions, self.institutions_csv()).map_err(failed(&files.institutions))?;
        fs::write(&files.identifiers, self.identifiers_csv()).map_err(failed(&files.identifiers))?;
        for source in self.sources() {
            for (name, secret) in secrets_of(source) {
                let path = secrets.join(name);
                write_private(&path, &secret).map_err(failed(&path))?;
            }
        }
        fs::write(&files.sources, self.sources_toml(&secrets)).map_err(failed(&files.sources))?;
        Ok(files)
    }

    /// The text of `institutions.csv`.
    #[must_use]
    pub fn institutions_csv(&self) -> String {
        let header = "institution_id,name,sector,type,ownership,care_tier,scope,unit_code,unit_name,parent_id,\
                      status,learners,beds,visits,managed_by,fee_collecting,valid_from,valid_to";
        table(header, self.institutions().iter().map(institution_line))
    }

    /// The text of `identifiers.csv`.
    #[must_use]
    pub fn identifiers_csv(&self) -> String {
        let header = "kind,provider,value,institution_id,purpose,valid_from,valid_to,evidence";
        table(
            header,
            self.registrations().iter().map(|line| {
                let identifier = &self.identifiers()[line.identifier as usize];
                vec![
                    identifier.kind.name().into(),
                    identifier.provider.clone(),
                    identifier.value.clone(),
                    self.institutions()[line.institution].id.clone(),
                    line.purpose.name().into(),
                    line.valid_from.to_string(),
                    line.valid_to.map(|date| date.to_string()).unwrap_or_default(),
                    "synthetic".into(),
                ]
            }),
        )
    }

    /// The text of `sources.toml`; `secrets` is the directory of the secrets' files.
    #[must_use]
    pub fn sources_toml(&self, secrets: &Path) -> String {
        let source = self.sources().iter().map(|source| entry(source, secrets)).collect();
        toml::to_string(&SourcesFile { source }).expect("tables of strings are always TOML")
    }
}

fn entry<'a>(source: &'a Source, secrets: &Path) -> SourceEntry<'a> {
    let file = |name: &str| json!({ "file": secrets.join(name) });
    let (provider, settings) = match &source.voice {
        Voice::Standard(key) => {
            let mut settings = Map::new();
            if key.shared_secret().is_some() {
                settings.insert("secrets".into(), json!([file(source.id.as_str())]));
            }
            if let Some(public_key) = key.public_key() {
                settings.insert("public_keys".into(), json!([public_key]));
            }
            ("standard-webhooks", settings)
        }
        Voice::Dialect(dialect) => {
            let mut settings = dialect.settings.as_object().cloned().unwrap_or_default();
            for name in dialect.provider.secrets {
                let path = format!("{}.{name}", source.id);
                match settings.get_mut(*name) {
                    Some(Value::Array(secrets)) => {
                        let numbered = |number| file(&format!("{path}.{number}"));
                        *secrets = (0..secrets.len()).map(numbered).collect();
                    }
                    Some(secret) => *secret = file(&path),
                    None => {}
                }
            }
            (dialect.provider.name, settings)
        }
    };
    let unconfirmed = source.dialect().and_then(|dialect| dialect.provider.unconfirmed);
    SourceEntry {
        id: source.id.as_str(),
        class: source.class.name(),
        provider,
        merge_by: source.key().map(|_| source.merge_by.name()),
        dangerous_unconfirmed_format: unconfirmed.map(|_| true),
        settings,
        receivers: &source.receivers,
    }
}

/// The files of a source's secrets, as its entry names them.
fn secrets_of(source: &Source) -> Vec<(String, String)> {
    match &source.voice {
        Voice::Standard(key) => {
            key.shared_secret().map(|secret| (source.id.to_string(), secret)).into_iter().collect()
        }
        Voice::Dialect(dialect) => {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let of = |name: &&str| -> Vec<(String, String)> {
                let path = format!("{}.{name}", source.id);
                match dialect.settings.get(*name) {
                    Some(Value::Array(secrets)) => {
                        let numbered = |(number, secret)| (format!("{path}.{number}"), text(secret));
                        secrets.iter().enumerate().map(numbered).collect()
                    }
                    Some(secret) => vec![(path, text(secret))],
                    None => Vec::new(),
                }
            };
            dialect.provider.secrets.iter().flat_map(of).collect()
        }
    }
}

fn institution_line(institution: &Institution) -> Vec<String> {
    let Institution { id, name, sector, type_name, ownership, care_tier, scope, .. } = institution;
    let Institution { unit_code, unit_name, managed_by, valid_from, valid_to, .. } = institution;
    vec![
        id.clone(),
        name.clone(),
        (*sector).into(),
        (*type_name).into(),
        (*ownership).into(),
        (*care_tier).into(),
        (*scope).into(),
        (*unit_code).into(),
        (*unit_name).into(),
        institution.parent_id.clone(),
        "active".into(),
        institution.learners.to_string(),
        institution.beds.to_string(),
        institution.visits.to_string(),
        (*managed_by).into(),
        "true".into(),
        valid_from.to_string(),
        valid_to.map(|date| date.to_string()).unwrap_or_default(),
    ]
}

pub(crate) fn table(header: &str, lines: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = std::iter::once(header.split(',').map(str::to_owned).collect())
        .chain(lines)
        .try_for_each(|line: Vec<String>| writer.write_record(line));
    written.expect("memory takes every line, and all lines are as long as the header");
    let bytes = writer.into_inner().expect("memory is flushed without fail");
    String::from_utf8(bytes).expect("only strings were written")
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
