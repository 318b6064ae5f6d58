//! Dead letters once written must stay readable, and their schema file must stay as it is.

use cashless_domain::{DeadLetterReason, Stage, Timestamp};
use cashless_wire::{DeadLetter, Decoder, Encoder};

/// Written by the first release. Never edit it.
const GOLDEN_V1: &str = include_str!("golden/dead_letter_v1.hex");

fn letter() -> DeadLetter {
    DeadLetter {
        id: "vi-du-bank/0011223344556677/2".to_owned(),
        stage: Stage::Collector,
        source: "vi-du-bank".to_owned(),
        reason: DeadLetterReason::VoidUnaddressed,
        dead_lettered_at: Timestamp::from_micros(1_662_379_201_000_000).expect("in range"),
        body_digest: [0xab; 32],
        body_bytes: 731,
        sealed_body: Some(vec![1, 2, 3]),
    }
}

#[test]
fn today_writes_the_bytes_of_the_first_release_and_reads_them() {
    let mut bytes = Vec::new();
    Encoder::default().encode_dead_letter(&letter(), &mut bytes).expect("it fits its schema");
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, GOLDEN_V1.trim());
    assert_eq!(Decoder::default().dead_letter(&bytes).expect("readable"), letter());
}
