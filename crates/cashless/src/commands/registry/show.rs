//! `cashless registry show|export`.

use std::path::Path;

use anyhow::Context as _;
use cashless_domain::BusinessDate;
use cashless_registry::{Portrait, Summary, export};
use cashless_warehouse::{RegistryChange, Warehouse};
use serde_json::json;

use crate::commands::simulate::now;
use crate::telemetry::print;

/// Versions that people see; `--json` has all.
const VERSIONS_SHOWN: usize = 10;

/// What a person is told who asks about an institution that nobody has registered.
pub(crate) fn no_institution(id: &str, version: u32) -> String {
    format!(
        "there is no institution {id} in registry version {version}; `registry export` writes all ids, with names, to \
         institutions.csv"
    )
}

pub(super) async fn institution(
    warehouse: &Warehouse,
    id: &str,
    as_of: Option<u32>,
    on: Option<BusinessDate>,
    as_json: bool,
) -> anyhow::Result<()> {
    let stored = warehouse.registry(as_of).await?;
    let portrait =
        Portrait::of(&stored.registry, id, on).with_context(|| no_institution(id, stored.version))?;
    if as_json {
        print(&json!({ "registry_version": stored.version, "institution": portrait }).to_string());
    } else {
        portrait.lines().iter().for_each(|line| print(line));
        print(&format!("registry version {}", stored.version));
    }
    Ok(())
}

pub(super) async fn summary(
    warehouse: &Warehouse,
    as_of: Option<u32>,
    on: Option<BusinessDate>,
    as_json: bool,
) -> anyhow::Result<()> {
    let on = match on {
        Some(day) => day,
        None => now()?.business_date(),
    };
    let stored = warehouse.registry(as_of).await?;
    let changes = warehouse.registry_changes(as_of).await?;
    let summary = Summary::of(&stored.registry, on);
    if as_json {
        let versions: Vec<_> = changes.iter().map(version).collect();
        let shown = json!({
            "registry_version": stored.version, "on": on.to_string(), "summary": summary, "versions": versions,
        });
        print(&shown.to_string());
        return Ok(());
    }
    print(&format!("registry version {}, on {on}", stored.version));
    summary.lines().iter().for_each(|line| print(line));
    let earlier = changes.len().saturating_sub(VERSIONS_SHOWN);
    for RegistryChange { version, applicant } in &changes[earlier..] {
        print(&format!("version {version}: {} by {} {}", applicant.at, applicant.by, applicant.note));
    }
    if earlier > 0 {
        print(&format!("and {earlier} earlier versions"));
    }
    Ok(())
}

fn version(change: &RegistryChange) -> serde_json::Value {
    let RegistryChange { version, applicant } = change;
    json!({
        "registry_version": version,
        "applied_at": applicant.at.to_string(),
        "applied_by": applicant.by,
        "note": applicant.note,
    })
}

pub(super) async fn write_files(
    warehouse: &Warehouse,
    directory: &Path,
    as_of: Option<u32>,
    as_json: bool,
) -> anyhow::Result<()> {
    let stored = warehouse.registry(as_of).await?;
    std::fs::create_dir_all(directory).with_context(|| format!("{} cannot be made", directory.display()))?;
    let mut written = Vec::new();
    for (file, content) in export(&stored.registry) {
        let path = directory.join(file.name());
        std::fs::write(&path, content).with_context(|| format!("{} cannot be written", path.display()))?;
        written.push(path);
    }
    if as_json {
        print(&json!({ "registry_version": stored.version, "files": written }).to_string());
    } else {
        print(&format!("registry version {} is in {}", stored.version, directory.display()));
    }
    Ok(())
}
