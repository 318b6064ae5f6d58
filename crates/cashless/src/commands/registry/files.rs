//! The files that a command names.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use cashless_registry::{FileName, Files};

use crate::cli::GivenFiles;

/// What is in them.
pub(super) struct Contents(Vec<(FileName, Vec<u8>)>);

impl Contents {
    pub(super) fn read(given: &GivenFiles) -> anyhow::Result<Self> {
        if let Some(directory) = &given.directory {
            return Self::of_directory(directory);
        }
        let mut contents = Vec::new();
        for file in FileName::ALL {
            let path = match file {
                FileName::Units => &given.units,
                FileName::Institutions => &given.institutions,
                FileName::Identifiers => &given.identifiers,
                FileName::Attributes => &given.attributes,
                FileName::Connections => &given.connections,
                FileName::PayerAccounts => &given.payer_accounts,
                FileName::Successions => &given.successions,
                FileName::Indicators => &given.indicators,
            };
            if let Some(path) = path {
                let content =
                    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
                contents.push((*file, content));
            }
        }
        Ok(Self(contents))
    }

    /// Those that are there by their names.
    pub(super) fn of_directory(directory: &Path) -> anyhow::Result<Self> {
        let mut contents = Vec::new();
        for file in FileName::ALL {
            let path = directory.join(file.name());
            match std::fs::read(&path) {
                Ok(content) => contents.push((*file, content)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("{} cannot be read", path.display()));
                }
            }
        }
        let names = || FileName::ALL.iter().map(|file| file.name()).collect::<Vec<_>>().join(", ");
        anyhow::ensure!(!contents.is_empty(), "{} has none of {}", directory.display(), names());
        Ok(Self(contents))
    }

    pub(super) fn files(&self) -> Files<'_> {
        let content = |wanted| {
            let mut files = self.0.iter();
            files.find(|(file, _)| *file == wanted).map(|(_, content)| content.as_slice())
        };
        Files {
            units: content(FileName::Units),
            institutions: content(FileName::Institutions),
            identifiers: content(FileName::Identifiers),
            attributes: content(FileName::Attributes),
            connections: content(FileName::Connections),
            payer_accounts: content(FileName::PayerAccounts),
            successions: content(FileName::Successions),
            indicators: content(FileName::Indicators),
        }
    }
}
