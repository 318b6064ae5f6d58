//! Every provider's fixtures, answered by its adapter alone. `CASHLESS_VECTORS=DIR` reads another directory instead.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use cashless_domain::{IdKey, PersonKeys, SourceClass, SourceId};
use cashless_providers::vectors::{Receiver, VectorFile};
use cashless_providers::{
    Answered, CodePatterns, Content, Context, Delivery, DigestKeys, MergeBy, Outcome, ReceiverRule,
    Receivers, Reply, Source,
};

/// Answers as a collector would, with a memory of what it has seen.
fn answer(receiver: &Receiver<'_>, deliveries: &[Delivery<'_>]) -> Vec<Reply> {
    let source = Source {
        id: SourceId::new("vectors").expect("a name"),
        class: SourceClass::Bank,
        merge_by: receiver.provider.merge_by.unwrap_or(MergeBy::TransactionId),
        id_scope: "vectors".to_owned(),
        merchant_scope: "vectors".to_owned(),
        receivers: Receivers::new([
            ReceiverRule::Bank { bank: "970436".to_owned() },
            ReceiverRule::AnyMerchant,
        ]),
        invoice_codes: CodePatterns::default(),
    };
    let keys = DigestKeys { ids: IdKey::new(&[1; 32]).expect("a key"), persons: PersonKeys::default() };
    let context = Context { source: &source, keys: &keys, received_at: receiver.now };
    let mut seen = HashSet::new();
    let answer = |delivery: &Delivery<'_>| match receiver.adapter.receive(delivery, &context) {
        Ok(received) => match received.content {
            Content::Items(normalized) => {
                let answered =
                    Answered { normalized: &normalized, repeated: !seen.insert(delivery.raw().to_vec()) };
                receiver.adapter.reply_to_items(delivery, answered, receiver.now)
            }
            Content::Answer(reply) => reply,
        },
        Err(refused) => receiver.adapter.reply(delivery, Outcome::Refused(refused), receiver.now),
    };
    deliveries.iter().map(answer).collect()
}

fn files() -> Vec<PathBuf> {
    let listed = |directory: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let mut files = match std::env::var_os("CASHLESS_VECTORS") {
        Some(directory) => listed(Path::new(&directory)),
        None => {
            let folders = listed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
            folders.into_iter().map(|folder| folder.join("fixtures/vectors.json")).collect()
        }
    };
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json") && path.is_file());
    files.sort();
    files
}

#[test]
fn every_vector_comes_out_as_it_expects() {
    let (mut failures, mut checked) = (Vec::new(), 0);
    for path in files() {
        let text = std::fs::read_to_string(&path).expect("readable");
        let file = VectorFile::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        checked += file.len();
        failures.extend(file.check(&mut answer).into_iter().map(|mismatch| {
            let (vector, member) = (mismatch.vector, mismatch.member);
            format!(
                "{} {vector} {member}: expected {}, got {}",
                file.provider, mismatch.expected, mismatch.got
            )
        }));
    }
    assert!(checked > 0, "no vectors");
    assert!(failures.is_empty(), "{} of {checked} vectors:\n{}", failures.len(), failures.join("\n"));
}
