use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use cashless_domain::{SourceClass, SourceId};
use cashless_providers::{
    Adapter, CodePattern, CodePatterns, DeclaredFor, MergeBy, PROVIDERS, Provider, ReceiverRule, Receivers,
    Source,
};
use serde::Deserialize;
use serde_json::Value;

use crate::metrics::SourceMetrics;
use crate::repeats::Repeats;
use crate::settings::settings;

/// What a reload brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReloadSummary {
    /// Sources known now.
    pub sources: usize,
}

/// Why a sources file is refused. The one before it stays in use.
#[derive(Debug, thiserror::Error)]
pub enum SourcesError {
    /// It cannot be read.
    #[error("sources file {path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// Everything that is wrong with it.
    #[error("sources file: {}", .0.join("; "))]
    Invalid(Vec<String>),
}

/// A source, ready to authenticate, normalise and answer.
pub(crate) struct LiveSource {
    pub(crate) source: Source,
    pub(crate) provider: &'static Provider,
    pub(crate) adapter: Arc<dyn Adapter>,
    /// Whose cash it may declare; none if it may not declare.
    pub(crate) declares_for: Option<DeclaredFor>,
    pub(crate) metrics: OnceLock<SourceMetrics>,
    /// For providers that hear it when a delivery is a repetition.
    pub(crate) repeats: Option<Repeats>,
}

/// A source as the sources file describes it, for whoever checks its connection.
pub struct ConfiguredSource {
    /// The source.
    pub source: Source,
    /// What it is connected by.
    pub provider: &'static Provider,
    /// The provider, set up with the source's secrets.
    pub adapter: Arc<dyn Adapter>,
}

impl ConfiguredSource {
    /// Reads one source of the sources file.
    ///
    /// # Errors
    /// The file cannot be used, or has no such source.
    pub fn read(sources_file: &Path, name: &str) -> Result<Self, SourcesError> {
        let sources = Sources::read(sources_file)?;
        let mut names: Vec<_> = sources.names().collect();
        names.sort_unstable();
        let unknown =
            || SourcesError::Invalid(vec![format!("no source {name:?}, only {}", names.join(", "))]);
        let live = sources.get(name).ok_or_else(unknown)?;
        Ok(Self { source: live.source.clone(), provider: live.provider, adapter: Arc::clone(&live.adapter) })
    }
}

/// Every source by its name. Replaced as a whole.
pub(crate) struct Sources(HashMap<String, Arc<LiveSource>>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    source: Vec<toml::Table>,
}

/// What every source has; everything else in its table belongs to its provider.
#[derive(Deserialize)]
struct Entry {
    id: String,
    class: String,
    provider: String,
    merge_by: Option<String>,
    id_scope: Option<String>,
    merchant_scope: Option<String>,
    #[serde(default)]
    receivers: Vec<Receiver>,
    #[serde(default)]
    invoice_codes: Vec<String>,
    /// Whether it may declare cash.
    #[serde(default)]
    declares: bool,
    /// For which institutions.
    institutions: Option<Vec<String>>,
    #[serde(default)]
    dangerous_unconfirmed_format: bool,
    #[serde(flatten)]
    settings: toml::Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Receiver {
    bank: Option<String>,
    account: Option<String>,
    virtual_account_prefix: Option<String>,
    merchant: Option<String>,
    terminal: Option<String>,
}

impl Sources {
    pub(crate) fn read(path: &Path) -> Result<Self, SourcesError> {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| SourcesError::Unreadable { path: path.to_owned(), cause })?;
        Self::parse(&text, path.parent().unwrap_or(Path::new(".")))
    }

    /// `base` is where relative paths of secrets start.
    pub(crate) fn parse(text: &str, base: &Path) -> Result<Self, SourcesError> {
        let file: File = toml::from_str(text).map_err(|error| {
            let line =
                error.span().map(|span| text.bytes().take(span.start).filter(|byte| *byte == b'\n').count());
            let place = line.map_or(String::new(), |line| format!("line {}: ", line + 1));
            SourcesError::Invalid(vec![format!("{place}{}", error.message())])
        })?;
        let (mut sources, mut problems) = (HashMap::new(), Vec::new());
        if file.source.is_empty() {
            problems.push("no [[source]]".to_owned());
        }
        for (index, table) in file.source.into_iter().enumerate() {
            let name = match table.get("id").and_then(toml::Value::as_str) {
                Some(id) => format!("source {id:?}"),
                None => format!("source number {}", index + 1),
            };
            let mut complain = |problem: &dyn fmt::Display| problems.push(format!("{name}: {problem}"));
            match table.try_into::<Entry>() {
                Ok(entry) => {
                    let live = entry.live(base, &mut complain);
                    if let Some(live) = live
                        && sources.insert(live.source.id.to_string(), live.into()).is_some()
                    {
                        complain(&"another source has this id");
                    }
                }
                Err(error) => complain(&error.message()),
            }
        }
        problems.extend(disagreements(&sources));
        if problems.is_empty() { Ok(Self(sources)) } else { Err(SourcesError::Invalid(problems)) }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Arc<LiveSource>> {
        self.0.get(name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// What is wrong between sources: those that share their ids must make the same payments of them.
fn disagreements(sources: &HashMap<String, Arc<LiveSource>>) -> Vec<String> {
    let mut scopes: BTreeMap<&str, &Source> = BTreeMap::new();
    let mut problems = Vec::new();
    if sources.contains_key(SourceId::UNDECODABLE) {
        problems.push(format!(
            "source {:?}: the name is kept for log records of no source",
            SourceId::UNDECODABLE
        ));
    }
    for live in sources.values() {
        let source = &live.source;
        let first = *scopes.entry(&source.id_scope).or_insert(source);
        if (first.merge_by, &first.merchant_scope) != (source.merge_by, &source.merchant_scope) {
            problems.push(format!(
                "id_scope {:?}: its sources differ in merge_by or merchant_scope",
                source.id_scope
            ));
        }
    }
    problems
}

impl Entry {
    /// The source, unless something was complained about.
    fn live(self, base: &Path, complain: &mut dyn FnMut(&dyn fmt::Display)) -> Option<LiveSource> {
        let id = SourceId::new(&self.id).map_err(|error| complain(&format_args!("id: {error}"))).ok();
        let class = SourceClass::from_name(&self.class);
        if class.is_none() {
            complain(&"class: neither bank, intermediary nor institution");
        }
        let mut scope = |name: &str, scope: Option<&String>| {
            let scope = scope.unwrap_or(&self.id);
            if let Err(error) = SourceId::new(scope) {
                complain(&format_args!("{name}: {error}"));
            }
            scope.clone()
        };
        let id_scope = scope("id_scope", self.id_scope.as_ref());
        let merchant_scope = scope("merchant_scope", self.merchant_scope.as_ref());
        let declares_for = self.declares_for(complain);
        let receivers = receivers(&self.receivers, self.declares, complain);
        let invoice_codes = self.invoice_codes(complain);
        let provider = Provider::named(&self.provider);
        if provider.is_none() {
            let names: Vec<_> = PROVIDERS.iter().map(|provider| provider.name).collect();
            complain(&format_args!("provider: none of {}", names.join(", ")));
        }
        let merge_by = self.merge_by(provider?, complain);
        self.confirm(provider?, complain);
        let adapter = self.adapter(provider?, base, complain);
        if self.declares && adapter.as_ref().is_some_and(|adapter| adapter.declaring().is_none()) {
            complain(&"declares: the provider's format has no cash declarations; standard-webhooks has");
        }
        Some(LiveSource {
            source: Source {
                id: id?,
                class: class?,
                merge_by: merge_by?,
                id_scope,
                merchant_scope,
                receivers,
                invoice_codes,
            },
            adapter: adapter?,
            declares_for,
            metrics: OnceLock::new(),
            repeats: provider?.tells_repeats.then(Repeats::default),
            provider: provider?,
        })
    }

    fn merge_by(&self, provider: &Provider, complain: &mut dyn FnMut(&dyn fmt::Display)) -> Option<MergeBy> {
        match (provider.merge_by, self.merge_by.as_deref()) {
            (Some(merge_by), None) => Some(merge_by),
            (Some(_), Some(_)) => {
                complain(&"merge_by: the provider's messages decide it; leave it out");
                None
            }
            (None, Some("bank_reference")) => Some(MergeBy::BankReference),
            (None, Some("transaction_id")) => Some(MergeBy::TransactionId),
            // It only declares: no payment of its has a name.
            (None, None) if self.declares && self.receivers.is_empty() => Some(MergeBy::TransactionId),
            (None, _) => {
                complain(&"merge_by: neither bank_reference nor transaction_id");
                None
            }
        }
    }

    fn declares_for(&self, complain: &mut dyn FnMut(&dyn fmt::Display)) -> Option<DeclaredFor> {
        match (self.declares, &self.institutions) {
            (false, None) => None,
            (false, Some(_)) => {
                complain(&"institutions: they belong to a source that says declares = true");
                None
            }
            (true, rules) => {
                let rules = rules.iter().flatten().cloned();
                DeclaredFor::new(rules)
                    .map_err(|problem| complain(&format_args!("institutions: {problem}")))
                    .ok()
            }
        }
    }

    /// A format that nobody has confirmed works only for those who say that they know.
    fn confirm(&self, provider: &Provider, complain: &mut dyn FnMut(&dyn fmt::Display)) {
        match (provider.unconfirmed, self.dangerous_unconfirmed_format) {
            (Some(doubt), true) => {
                tracing::warn!(
                    source = self.id,
                    provider = provider.name,
                    doubt,
                    "an unconfirmed format is on"
                );
            }
            (Some(doubt), false) => complain(&format_args!(
                "provider: its format is not confirmed ({doubt}); try it in the provider's sandbox, then set \
                 dangerous_unconfirmed_format = true"
            )),
            (None, true) => complain(&"dangerous_unconfirmed_format: the provider's format is confirmed"),
            (None, false) => {}
        }
    }

    fn invoice_codes(&self, complain: &mut dyn FnMut(&dyn fmt::Display)) -> CodePatterns {
        let mut parse = |text: &String| {
            CodePattern::parse(text).map_err(|error| complain(&format_args!("invoice_codes: {error}"))).ok()
        };
        CodePatterns::new(self.invoice_codes.iter().filter_map(&mut parse).collect::<Vec<_>>())
    }

    fn adapter(
        &self,
        provider: &Provider,
        base: &Path,
        complain: &mut dyn FnMut(&dyn fmt::Display),
    ) -> Option<Arc<dyn Adapter>> {
        let settings = settings(&self.settings, provider.secrets, base);
        let settings =
            settings.map_err(|problems| problems.iter().for_each(|problem| complain(problem))).ok()?;
        (provider.configure)(Value::Object(settings)).map_err(|problem| complain(&problem)).ok()
    }
}

fn receivers(entries: &[Receiver], declares: bool, complain: &mut dyn FnMut(&dyn fmt::Display)) -> Receivers {
    if entries.is_empty() && !declares {
        complain(&"receivers: none, so every message would be refused");
    }
    let mut rules: Vec<ReceiverRule> = Vec::with_capacity(entries.len());
    for entry in entries {
        match entry.rule() {
            Ok(rule) if rules.contains(&rule) => complain(&"receivers: one is listed twice"),
            Ok(rule) => rules.push(rule),
            Err(problem) => complain(&format_args!("receivers: {problem}")),
        }
    }
    Receivers::new(rules)
}

impl Receiver {
    fn rule(&self) -> Result<ReceiverRule, &'static str> {
        let Self { bank, account, virtual_account_prefix, merchant, terminal } = self;
        let rule = match (bank, account, virtual_account_prefix, merchant, terminal) {
            (Some(bank), None, None, None, None) => ReceiverRule::Bank { bank: bank.clone() },
            (Some(bank), Some(account), None, None, None) => {
                ReceiverRule::Account { bank: bank.clone(), account: account.clone() }
            }
            (Some(bank), None, Some(prefix), None, None) => {
                ReceiverRule::VirtualAccountPrefix { bank: bank.clone(), prefix: prefix.clone() }
            }
            (None, None, None, Some(merchant), None) if merchant == "*" => ReceiverRule::AnyMerchant,
            (None, None, None, Some(merchant), None) => ReceiverRule::Merchant(merchant.clone()),
            (None, None, None, None, Some(terminal)) if terminal == "*" => ReceiverRule::AnyTerminal,
            (None, None, None, None, Some(terminal)) => ReceiverRule::Terminal(terminal.clone()),
            _ => {
                return Err(
                    "one names a bank (alone, with an account or with a prefix), a merchant or a terminal",
                );
            }
        };
        let is_number = |text: &str| {
            (1..=34).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        };
        let is_name = |text: &str| {
            (1..=64).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
        };
        let fits = match &rule {
            ReceiverRule::Bank { bank } => is_number(bank),
            ReceiverRule::Account { bank, account } => is_number(bank) && is_number(account),
            ReceiverRule::VirtualAccountPrefix { bank, prefix } => is_number(bank) && is_number(prefix),
            ReceiverRule::Merchant(name) | ReceiverRule::Terminal(name) => is_name(name),
            ReceiverRule::AnyMerchant | ReceiverRule::AnyTerminal => true,
        };
        if fits {
            Ok(rule)
        } else {
            Err("a number has digits and capitals, a name also small letters and _ . -")
        }
    }
}

#[cfg(test)]
#[path = "sources_tests.rs"]
mod tests;
