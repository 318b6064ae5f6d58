//! `deploy/grafana`: dashboards that Grafana can read, and whose every query has an answer.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use cashless_domain::BusinessDate;
use cashless_evaluation::{MonthState, Reason, UnrankedReason, Verdict};
use cashless_localservices::Prometheus;
use cashless_registry::InstitutionType;
use cashless_simulator::{Clock, Pace};
use serde_json::Value;

use crate::deploy_alerts::{committed_metrics, list, metrics_in, yaml};
use crate::harness::{Load, Plan, Role, System, http, installation, until};
use crate::tidy::root;

/// Long enough ago for the simulated day, whenever this runs.
const SHOWN_SECONDS: u64 = 10 * 365 * 86_400;
/// What rates and lines are drawn over, once there are two scrapes.
const SCRAPED_SECONDS: u64 = 60;
/// The day of the plans' year for which targets are evaluated.
const REPLAYED_DAY: &str = "2022-10-15";
/// Below it, what is not an institution's total is left out (suppression of small cells).
const SMALLEST_CELL: i64 = 5;

struct Dashboard {
    name: String,
    content: Value,
}

impl Dashboard {
    fn panels(&self) -> &[Value] {
        list(&self.content["panels"])
    }

    fn variables(&self) -> &[Value] {
        list(&self.content["templating"]["list"])
    }

    fn uid(&self) -> &str {
        text(&self.content["uid"])
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn dashboards() -> Vec<Dashboard> {
    let entries = fs::read_dir(root().join("deploy/grafana/dashboards")).expect("the dashboards");
    let mut dashboards: Vec<Dashboard> = entries
        .map(|entry| {
            let entry = entry.expect("an entry");
            let name = entry.file_name().to_string_lossy().into_owned();
            let content = fs::read_to_string(entry.path()).expect("a dashboard is text");
            let content = serde_json::from_str(&content).unwrap_or_else(|error| panic!("{name}: {error}"));
            Dashboard { name, content }
        })
        .collect();
    dashboards.sort_by(|left, right| left.name.cmp(&right.name));
    assert!(dashboards.len() >= 4, "where are the dashboards?");
    dashboards
}

#[test]
fn every_dashboard_fits_the_schema() {
    let schema = fs::read_to_string(root().join("deploy/grafana/dashboard.schema.json")).expect("the schema");
    let schema = serde_json::from_str(&schema).expect("the schema is JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("the schema is one");
    let wrong: Vec<String> = dashboards()
        .iter()
        .flat_map(|dashboard| {
            let name = dashboard.name.clone();
            validator
                .iter_errors(&dashboard.content)
                .map(move |error| format!("{name}, {}: {error}", error.instance_path()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_dashboard_is_whole() {
    let dashboards = dashboards();
    let variables: BTreeMap<&str, BTreeSet<&str>> = (dashboards.iter())
        .map(|dashboard| {
            (dashboard.uid(), dashboard.variables().iter().map(|one| text(&one["name"])).collect())
        })
        .collect();
    assert_eq!(variables.len(), dashboards.len(), "a uid is there twice");
    for dashboard in &dashboards {
        let mut ids = BTreeSet::new();
        let mut taken = BTreeSet::new();
        for panel in dashboard.panels() {
            let what = format!("{}, {}", dashboard.name, panel["title"]);
            assert!(ids.insert(panel["id"].as_u64()), "{what}: its id is there twice");
            // Titles are for officials, who read Vietnamese; descriptions are for whoever maintains it.
            assert!(!text(&panel["title"]).is_ascii(), "{what}: no Vietnamese title");
            assert!(text(&panel["description"]).len() > 40, "{what}: no description");
            let [x, y, w, h] =
                ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_u64().expect("a number"));
            for place in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
                assert!(place.0 < 24 && taken.insert(place), "{what}: lies over another panel or the edge");
            }
            for url in links(panel) {
                let (target, query) =
                    url.strip_prefix("/d/").and_then(|rest| rest.split_once('?')).expect("a link");
                let known = variables.get(target).unwrap_or_else(|| panic!("{what}: no dashboard {target}"));
                let set = query.split('&').filter_map(|pair| pair.strip_prefix("var-")?.split('=').next());
                for name in set {
                    assert!(known.contains(name), "{what}: {target} has no variable {name}");
                }
            }
        }
    }
}

fn links(panel: &Value) -> Vec<&str> {
    let overrides = list(&panel["fieldConfig"]["overrides"]).iter();
    let properties = overrides.flat_map(|one| list(&one["properties"]));
    let links = properties.filter(|property| property["id"] == "links");
    links.flat_map(|property| list(&property["value"])).map(|link| text(&link["url"])).collect()
}

#[test]
fn provisioning_has_the_data_sources_that_the_dashboards_name() {
    let sources = yaml(&root().join("deploy/grafana/provisioning/datasources/cashless.yaml"));
    let known: BTreeSet<(&str, &str)> =
        list(&sources["datasources"]).iter().map(|one| (text(&one["type"]), text(&one["uid"]))).collect();
    for dashboard in dashboards() {
        let panels = dashboard.panels().iter();
        let targets = panels.clone().flat_map(|panel| list(&panel["targets"]));
        for user in panels.chain(targets).chain(dashboard.variables()) {
            let source = (text(&user["datasource"]["type"]), text(&user["datasource"]["uid"]));
            assert!(known.contains(&source), "{}: {source:?} is not provisioned", dashboard.name);
        }
    }
}

#[test]
fn dashboards_ask_only_for_metrics_that_exist() {
    let committed = committed_metrics();
    for dashboard in dashboards() {
        for target in dashboard.panels().iter().flat_map(|panel| list(&panel["targets"])) {
            for metric in metrics_in(text(&target["expr"])) {
                assert!(
                    committed.contains(&metric),
                    "{} asks for {metric}, which no role has",
                    dashboard.name
                );
            }
        }
    }
}

#[test]
fn every_word_that_officials_see_is_vietnamese() {
    let content = |name: &str| {
        let dashboard = dashboards().into_iter().find(|dashboard| dashboard.name == name);
        dashboard.expect("the dashboard").content.to_string()
    };
    let (targets, institutions) = (content("targets.json"), content("institutions.json"));
    let mapped = |word: &str| format!("\"{word}\":{{\"index\"");
    for reason in Reason::ALL {
        assert!(targets.contains(&mapped(reason.name())), "{reason:?} has no words");
    }
    for kind in InstitutionType::ALL {
        assert!(institutions.contains(&mapped(kind.name())), "{kind:?} has no words");
    }
    for reason in UnrankedReason::ALL {
        assert!(institutions.contains(&mapped(reason.name())), "{reason:?} has no words");
    }
    for state in MonthState::ALL {
        assert!(institutions.contains(&format!("'{}'", state.name())), "{state:?} has no words");
    }
    for verdict in Verdict::ALL {
        assert!(
            targets.contains(&format!("\"{}\":{{\"color\"", verdict.vietnamese())),
            "{verdict:?} has no colour"
        );
    }
}

/// The values of variables, each with its chosen ones.
type Chosen = BTreeMap<String, Vec<String>>;

/// A query as Grafana would send it.
fn filled(query: &str, chosen: &Chosen) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let mut query = query
        .replace("$__fromTime", &format!("toDateTime({})", now - SHOWN_SECONDS))
        .replace("$__toTime", &format!("toDateTime({now})"))
        .replace("$__interval_s", "60")
        .replace("$__rate_interval", "30s");
    for (name, values) in chosen {
        let quoted: Vec<String> =
            values.iter().map(|value| format!("'{}'", value.replace('\'', "''"))).collect();
        query = query
            .replace(&format!("${{{name}:sqlstring}}"), &quoted.join(","))
            .replace(&format!("${{{name}:regex}}"), &format!("({})", values.join("|")));
    }
    assert!(!query.contains('$'), "something is not filled in: {query}");
    query
}

/// Asks ClickHouse as an analyst: names of columns, and rows.
fn ask(system: &System, sql: &str) -> (Vec<String>, Vec<Vec<Value>>) {
    let (url, user, password) = {
        let clickhouse = system.services.clickhouse();
        (clickhouse.http_url(), clickhouse.analyst(), clickhouse.password().to_owned())
    };
    let headers = [
        ("X-ClickHouse-User", user),
        ("X-ClickHouse-Key", &password),
        ("X-ClickHouse-Database", &system.name),
    ];
    let url = format!("{url}/?default_format=JSONCompact");
    let answer = http::post(&url, &headers, sql.as_bytes()).expect("ClickHouse answers");
    assert_eq!(answer.status, 200, "{sql}\n{}", answer.body);
    let answer: Value = serde_json::from_str(&answer.body).expect("JSON");
    let columns = list(&answer["meta"]).iter().map(|column| text(&column["name"]).to_owned()).collect();
    (columns, list(&answer["data"]).iter().map(|row| list(row).to_vec()).collect())
}

/// No cell of fewer than five payments, unless its row is an institution's total.
fn assert_suppressed(what: &str, columns: &[String], rows: &[Vec<Value>]) {
    if columns.iter().any(|column| column == "Mã cơ sở") {
        return;
    }
    for counted in ["Giao dịch", "Phiếu thu tiền mặt", "Trùng"] {
        let Some(place) = columns.iter().position(|column| column == counted) else { continue };
        for row in rows {
            let value = row[place].as_i64().or_else(|| text(&row[place]).parse().ok());
            assert!(
                value.is_none_or(|n| n <= 0 || n >= SMALLEST_CELL),
                "{what}: a cell of {counted} is too small to be shown: {row:?}"
            );
        }
    }
}

/// What is chosen when the dashboard is opened: all values where that is offered, else the first.
fn choose(system: &System, dashboard: &Dashboard) -> Chosen {
    let mut chosen = Chosen::new();
    for variable in dashboard.variables() {
        let name = text(&variable["name"]);
        let (_, rows) = ask(system, &filled(text(&variable["query"]), &chosen));
        let mut values: Vec<String> = rows.iter().map(|row| text(&row[0]).to_owned()).collect();
        assert!(!values.is_empty(), "{}: variable {name} has no values", dashboard.name);
        if variable["includeAll"] != true {
            values.truncate(1);
        }
        chosen.insert(name.to_owned(), values);
    }
    chosen
}

/// A Prometheus that reads the roles as `deploy/prometheus` has it, only more often.
fn start_prometheus(directory: &std::path::Path, roles: &[(&str, SocketAddr)]) -> Prometheus {
    let shipped = root().join("deploy/prometheus");
    let mut configuration = fs::read_to_string(shipped.join("prometheus.yml"))
        .expect("the configuration")
        .replace("_interval: 15s", "_interval: 1s")
        .replace("rules/*.yml", &shipped.join("rules/*.yml").to_string_lossy());
    for (target, address) in roles {
        assert!(configuration.contains(target), "prometheus.yml does not scrape {target}");
        configuration = configuration.replace(target, &address.to_string());
    }
    let path = directory.join("prometheus.yml");
    fs::write(&path, configuration).expect("written");
    Prometheus::start(installation(), &path).expect("Prometheus starts")
}

/// Whether an expression has a value that is a number.
fn has_samples(prometheus: &Prometheus, expression: &str, is_instant: bool) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let expression: String = expression.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let url = if is_instant {
        format!("{}/api/v1/query?query={expression}", prometheus.base_url())
    } else {
        let start = now - SCRAPED_SECONDS;
        format!(
            "{}/api/v1/query_range?query={expression}&start={start}&end={now}&step=1",
            prometheus.base_url()
        )
    };
    let Some(answer) = http::get(&url) else { return false };
    assert_eq!(answer.status, 200, "{expression}: {}", answer.body);
    let answer: Value = serde_json::from_str(&answer.body).expect("JSON");
    let series = list(&answer["data"]["result"]).iter();
    let mut samples = series.flat_map(|one| list(&one["values"]).iter().chain([&one["value"]]));
    samples.any(|sample| text(&sample[1]).parse::<f64>().is_ok_and(f64::is_finite))
}

/// Puts the shipped plans in force.
fn apply_plans(system: &System) {
    let plans = root().join("deploy/plans");
    let mut applied = 0;
    for entry in fs::read_dir(&plans).expect("the shipped plans") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        if name.ends_with(".json") && !name.ends_with(".schema.json") {
            let output = system.command(&["plan", "apply", &plans.join(&name).to_string_lossy()]);
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
            applied += 1;
        }
    }
    assert!(applied > 0, "no plan is shipped");
}

/// Every other institution has declared its months.
fn apply_declarations(system: &System) {
    let months = (1..=9).map(|month| format!("2022-{month:02}"));
    let lines = system.province.institutions().iter().step_by(2).flat_map(|institution| {
        months.clone().map(move |month| {
            format!(
                "{},{month},declaration,1,40,20000000,0,kế toán,2022-10-03T09:00:00+07:00\n",
                institution.id
            )
        })
    });
    let header =
        "institution_id,month,source,version,cash_n,cash_dong,cash_refunds_dong,signer_role,declared_at\n";
    let file = system.config.with_file_name("declarations.csv");
    fs::write(&file, header.to_owned() + &lines.collect::<String>()).expect("written");
    let output = system.command(&["declarations", "apply", &file.to_string_lossy()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_of_every_dashboard_has_an_answer() {
    let section = format!("[tracker]\ntoday = '{REPLAYED_DAY}'\nevery_ms = 500\n");
    let system = System::set_up(Plan { section, ..Plan::new(5) });
    system.apply_registry();
    apply_plans(&system);
    let (collector, aggregator) = system.start_both().await;
    apply_declarations(&system);
    let mut tracker = system.start_tracker();
    let directory = tempfile::tempdir().expect("a directory");
    let roles =
        [("collector:9101", &collector), ("aggregator:9102", &aggregator), ("tracker:9103", &tracker)];
    let admin = roles.map(|(target, role): (&str, &Role)| (target, role.admin()));
    let prometheus = start_prometheus(directory.path(), &admin);
    let first_day = BusinessDate::parse("2022-09-07").expect("a day");
    let days = Clock::Historic { first_day, days: 1, payments_per_day: 3_000 };
    let (_report, truth) = Load::start(&system, system.scenario_of(days), Pace::Unpaced).end().await;
    system.assert_true(&truth).await;
    tracker.ready().await;
    until("payments and declared cash are in the targets", async || {
        let seen = system.sql("SELECT count() FROM institution_standing FINAL WHERE n > 0 AND cash_n > 0");
        (seen.trim() != "0").then_some(())
    })
    .await;
    until("shares of the targets are figures", async || {
        let shares = "SELECT count() FROM target_progress_now WHERE metric IN ('count_share', 'value_share') AND display != ''";
        (system.sql(shares).trim() != "0").then_some(())
    })
    .await;

    let mut asked = 0;
    for dashboard in dashboards() {
        let chosen = choose(&system, &dashboard);
        for panel in dashboard.panels() {
            for target in list(&panel["targets"]) {
                let what = format!("{}, {} ({})", dashboard.name, panel["title"], text(&target["refId"]));
                if target["datasource"]["type"] == "prometheus" {
                    let expression = filled(text(&target["expr"]), &chosen);
                    let is_instant = target["instant"] == true;
                    until(&format!("{what} has data"), async || {
                        has_samples(&prometheus, &expression, is_instant).then_some(())
                    })
                    .await;
                } else {
                    let (columns, rows) = until(&format!("{what} has rows"), async || {
                        let answer = ask(&system, &filled(text(&target["rawSql"]), &chosen));
                        (!answer.1.is_empty()).then_some(answer)
                    })
                    .await;
                    assert_suppressed(&what, &columns, &rows);
                }
                asked += 1;
            }
        }
    }
    assert!(asked > 35, "hardly anything was asked: {asked}");
    tracker.terminate().await;
    aggregator.terminate().await;
    collector.terminate().await;
}
