//! The corpora of the fuzz targets, run as plain tests. `UPDATE_CORPUS=1` writes the composed requests anew.

mod every;

use std::path::{Path, PathBuf};

use every::{Request, connected, targets};

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

#[test]
fn every_file_of_the_corpora_is_survived() {
    for (name, target) in targets::TARGETS {
        let files: Vec<_> = std::fs::read_dir(corpus(name)).expect("a corpus").flatten().collect();
        assert!(!files.is_empty(), "{name} has no corpus");
        for file in files {
            target(&std::fs::read(file.path()).expect("readable"));
        }
    }
}

#[test]
fn the_corpus_has_a_request_of_every_provider_that_is_believed() {
    for connected in connected() {
        for happening in every::HAPPENINGS {
            let Some(composed) = connected.compose(happening) else { continue };
            let name = connected.provider.name;
            let path = corpus("delivery").join(format!("{name}-{}", format!("{happening:?}").to_lowercase()));
            if std::env::var_os("UPDATE_CORPUS").is_some() {
                std::fs::write(&path, targets::written(&Request::from(&composed))).expect("writable");
            }
            let file = std::fs::read(&path)
                .unwrap_or_else(|error| panic!("{}: {error}; write it with UPDATE_CORPUS=1", path.display()));
            let request = targets::parse(&file).expect("a request");
            let read =
                connected.read(&request).unwrap_or_else(|refused| panic!("{}: {refused}", path.display()));
            assert!(read.has_events(), "{}: its sender is known, its statement is not", path.display());
        }
    }
}
