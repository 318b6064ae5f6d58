//! `deploy/compose.yaml`: every role, nothing that is not there, and what Prometheus looks for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::deploy_alerts::{list, yaml};
use crate::harness::EXECUTABLE;
use crate::tidy::root;

fn deploy(path: &str) -> PathBuf {
    root().join("deploy").join(path)
}

fn services() -> BTreeMap<String, Value> {
    let compose = yaml(&deploy("compose.yaml"));
    let services = compose["services"].as_object().expect("services");
    services.iter().map(|(name, service)| (name.clone(), service.clone())).collect()
}

fn help(arguments: &[&str]) -> String {
    let output = Command::new(EXECUTABLE).args(arguments).arg("--help").output().expect("it runs");
    String::from_utf8(output.stdout).expect("text")
}

/// The subcommands that run until they are told to stop: those with an admin listener.
fn serving_roles() -> BTreeSet<String> {
    let help_text = help(&[]);
    let (_, commands) = help_text.split_once("Commands:").expect("a list of commands");
    let (commands, _) = commands.split_once("Options:").expect("options follow");
    let names = commands.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let serving = names.filter(|name| !name.is_empty() && *name != "help");
    serving.filter(|name| help(&[name]).contains("--admin-listen")).map(str::to_owned).collect()
}

fn admin_port(service: &Value) -> Option<&str> {
    service["environment"]["CASHLESS_ADMIN_LISTEN"].as_str()?.rsplit(':').next()
}

/// `deploy` and a relative path, without `..` inside.
fn resolved(relative: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for part in deploy(relative).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::CurDir => {}
            other => path.push(other),
        }
    }
    path
}

#[test]
fn every_role_that_serves_is_a_service() {
    let services = services();
    let roles = serving_roles();
    assert!(roles.contains("collector") && roles.contains("aggregator"), "{roles:?}");
    for role in &roles {
        let service = services.get(role).unwrap_or_else(|| panic!("{role} is no service"));
        assert_eq!(service["command"][0], role.as_str());
        assert!(admin_port(service).is_some(), "{role} does not say where its metrics are");
    }
}

#[test]
fn prometheus_scrapes_exactly_the_services_admin_ports() {
    let offered: BTreeSet<String> = services()
        .iter()
        .filter_map(|(name, service)| Some(format!("{name}:{}", admin_port(service)?)))
        .collect();
    let configuration = yaml(&deploy("prometheus/prometheus.yml"));
    let scraped: BTreeSet<String> = list(&configuration["scrape_configs"])
        .iter()
        .flat_map(|job| list(&job["static_configs"]))
        .flat_map(|group| list(&group["targets"]))
        .map(|target| target.as_str().expect("an address").to_owned())
        .collect();
    assert_eq!(scraped, offered);
}

#[test]
fn what_is_mounted_and_built_is_there() {
    let mut mounted = 0;
    for (name, service) in services() {
        for volume in list(&service["volumes"]) {
            let host = volume.as_str().and_then(|volume| volume.split(':').next()).expect("a short volume");
            if host.starts_with('.') {
                assert!(resolved(host).exists(), "{name} mounts {host}, which is not there");
                mounted += 1;
            }
        }
        if let Some(file) = service["build"]["dockerfile"].as_str() {
            let context = service["build"]["context"].as_str().expect("a context");
            assert!(resolved(context).join(file).is_file(), "{name} is built by {file}, which is not there");
        }
    }
    assert!(mounted >= 8, "hardly anything is mounted: {mounted}");
    // The dashboards lie where Grafana is told to look for them.
    let provider = yaml(&deploy("grafana/provisioning/dashboards/cashless.yaml"));
    let looked_for = provider["providers"][0]["options"]["path"].as_str().expect("a path").to_owned();
    let grafana = services().remove("grafana").expect("Grafana");
    let is_mounted =
        |volume: &Value| volume.as_str().is_some_and(|volume| volume.contains(&format!(":{looked_for}:")));
    assert!(list(&grafana["volumes"]).iter().any(is_mounted), "no dashboards at {looked_for}");
}

#[test]
fn services_are_pinned_healthy_and_wait_only_for_each_other() {
    let services = services();
    let compose = yaml(&deploy("compose.yaml"));
    for (name, service) in &services {
        let image = service["image"].as_str().unwrap_or_else(|| panic!("{name} has no image"));
        let tag = image.rsplit_once(':').map(|(_, tag)| tag).unwrap_or_default();
        assert!(tag.starts_with(|first: char| first.is_ascii_digit() || first == 'v'), "{name}: {image}");
        if name != "setup" {
            assert!(service["healthcheck"]["test"].is_array(), "{name} has no health check");
        }
        for other in service["depends_on"].as_object().into_iter().flat_map(|others| others.keys()) {
            assert!(services.contains_key(other), "{name} waits for {other}, which is no service");
        }
        for secret in list(&service["secrets"]) {
            let secret = secret.as_str().expect("a name");
            assert!(compose["secrets"][secret]["file"].is_string(), "{name}: no file of {secret}");
        }
        let environment = service["environment"].to_string().to_lowercase();
        assert!(
            !environment.contains("password\":") || environment.contains("/run/secrets/"),
            "{name}: a secret"
        );
    }
}

#[test]
fn every_variable_is_explained_in_the_example() {
    let compose = std::fs::read_to_string(deploy("compose.yaml")).expect("text");
    let example = std::fs::read_to_string(deploy("compose.env.example")).expect("text");
    let used: BTreeSet<&str> =
        (compose.split("${").skip(1)).map(|rest| rest.split([':', '}']).next().unwrap_or_default()).collect();
    let explained: BTreeSet<&str> = (example.lines())
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name)
        .filter(|name| !name.starts_with('#'))
        .collect();
    assert_eq!(used, explained);
}

#[test]
fn the_configuration_of_compose_is_one() {
    // Without its secrets it cannot run, and without ClickHouse it cannot migrate; but it gets as far as that.
    let output = Command::new(EXECUTABLE)
        .args([Path::new("--config"), &deploy("compose.toml"), Path::new("migrate"), Path::new("--dry-run")])
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("cannot plan migrations"), "{said}");
}
