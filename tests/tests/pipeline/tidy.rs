//! Rules about the tree itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const COMMITTED_METRICS: &str = include_str!("metrics.txt");
/// The functions that let time pass, each the one place of its tests.
const POLLING_HELPERS: [&str; 3] = ["until", "wait_until", "eventually"];

/// The top of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package lies in the workspace")
}

fn names(directory: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).expect("a directory");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

/// Every Rust file of the workspace, with its text.
fn sources() -> Vec<(PathBuf, String)> {
    let (mut sources, mut left) = (Vec::new(), vec![root().join("crates"), root().join("tests")]);
    while let Some(directory) = left.pop() {
        for name in names(&directory) {
            let path = directory.join(name);
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source file is text");
                sources.push((path, text));
            }
        }
    }
    assert!(sources.len() > 50, "where are the sources?");
    sources
}

#[test]
fn the_top_level_holds_what_it_should() {
    let wanted = [
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "README.md",
        "crates",
        "deploy",
        "rust-toolchain.toml",
        "schemas",
        "tests",
    ];
    let is_ours = |name: &String| !name.starts_with('.') && name != "target";
    let found: Vec<String> = names(root()).into_iter().filter(is_ours).collect();
    assert_eq!(found, wanted);
}

#[test]
fn nothing_is_left_to_do_and_no_test_is_left_out() {
    // In two pieces, or this file would not pass.
    let unwanted = [
        concat!("to", "do!("),
        concat!("unimpl", "emented!("),
        concat!("#[ig", "nore"),
        concat!("dbg", "!("),
    ];
    for (path, text) in sources() {
        for word in unwanted {
            assert!(!text.contains(word), "{word} in {}", path.display());
        }
    }
}

#[test]
fn tests_wait_for_conditions_only() {
    let mut pauses = 0;
    for (path, text) in sources() {
        let parts: Vec<_> = path.strip_prefix(root()).expect("below the root").components().collect();
        if !parts.iter().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        for (at, _) in text.match_indices(concat!("sle", "ep(")) {
            let (_, function) = text[..at].rsplit_once("fn ").expect("inside a function");
            let name = function.split(['(', '<']).next().unwrap_or_default();
            assert!(POLLING_HELPERS.contains(&name), "{} pauses in {name}", path.display());
            pauses += 1;
        }
    }
    assert!(pauses > 0, "the polling helper of these tests was not found");
}

#[test]
fn every_crate_says_what_it_is_for() {
    let architecture =
        fs::read_to_string(root().join("crates/ARCHITECTURE.md")).expect("the map of the crates");
    let crates = names(&root().join("crates"));
    for name in crates.iter().filter(|name| root().join("crates").join(name).is_dir()) {
        let library = root().join("crates").join(name).join("src/lib.rs");
        let text =
            fs::read_to_string(&library).unwrap_or_else(|error| panic!("{}: {error}", library.display()));
        assert!(text.starts_with("//! "), "{} does not begin with what it is for", library.display());
        assert!(architecture.contains(&format!("`{name}`")), "ARCHITECTURE.md does not name `{name}`");
    }
}

#[test]
fn every_metric_in_the_code_is_a_committed_one() {
    let committed: BTreeSet<&str> =
        COMMITTED_METRICS.lines().filter_map(|line| line.split([' ', '{']).nth(1)).collect();
    let mut in_code = BTreeSet::new();
    for (path, text) in sources() {
        if path.ends_with("src/metrics.rs") {
            let words = text.split('"').skip(1).step_by(2).filter(|word| {
                ["collector_", "aggregator_", "tracker_"].iter().any(|role| word.starts_with(role))
                    && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            });
            in_code.extend(words.map(str::to_owned));
        }
    }
    assert_eq!(in_code.iter().map(String::as_str).collect::<BTreeSet<_>>(), committed);
}
