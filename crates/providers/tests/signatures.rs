//! Every recorded signature is judged as its fixture says, and every forgery of a good one is refused.

use cashless_domain::Timestamp;
use cashless_providers::Refused;
use cashless_providers::standard_webhooks::{
    InvalidKey, Keys, PrivateKey, PublicKey, SigningSecret, Unverified, sign_v1, sign_v1a,
};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    case: String,
    #[serde(rename = "origin")]
    _origin: String,
    secrets: Vec<String>,
    public_keys: Vec<String>,
    private_key: Option<String>,
    now_s: i64,
    id: Option<String>,
    timestamp: Option<String>,
    signature: Option<String>,
    body: String,
    verdict: String,
}

fn fixtures() -> Vec<Fixture> {
    serde_json::from_str(include_str!("../src/standard_webhooks/fixtures/signatures.json")).expect("fixtures")
}

impl Fixture {
    fn keys(&self) -> Keys {
        let secrets: Vec<_> =
            self.secrets.iter().map(|key| SigningSecret::parse(key).expect("a secret")).collect();
        let public: Vec<_> =
            self.public_keys.iter().map(|key| PublicKey::parse(key).expect("a key")).collect();
        Keys::new(&secrets, &public).expect("some key")
    }

    fn judge(&self) -> Result<(), Refused> {
        let (id, timestamp, signature) =
            (self.id.as_deref(), self.timestamp.as_deref(), self.signature.as_deref());
        check(&self.keys(), self.now_s, id, timestamp, signature, self.body.as_bytes())
    }
}

fn check(
    keys: &Keys,
    now_s: i64,
    id: Option<&str>,
    timestamp: Option<&str>,
    signature: Option<&str>,
    body: &[u8],
) -> Result<(), Refused> {
    let now = Timestamp::from_micros(now_s * 1_000_000).expect("a time");
    Unverified::new(id, timestamp, signature, body)?.verify(keys, now).map(drop)
}

#[test]
fn every_recorded_signature_is_judged_as_recorded() {
    let fixtures = fixtures();
    assert!(fixtures.len() >= 10);
    for fixture in fixtures {
        let expected = match fixture.verdict.as_str() {
            "accepted" => Ok(()),
            "bad_signature" => Err(Refused::BadSignature),
            "stale" => Err(Refused::Stale),
            "missing_signature" => Err(Refused::MissingSignature),
            other => panic!("unknown verdict {other}"),
        };
        assert_eq!(fixture.judge(), expected, "{}", fixture.case);
    }
}

#[test]
fn every_forged_copy_of_a_good_delivery_is_refused() {
    for fixture in fixtures().iter().filter(|fixture| fixture.verdict == "accepted") {
        let (keys, id) = (fixture.keys(), fixture.id.as_deref().expect("an id"));
        let (timestamp, signature) = (fixture.timestamp.as_deref(), fixture.signature.as_deref());
        let refused = |id: &str, timestamp: Option<&str>, body: &[u8]| {
            let verdict = check(&keys, fixture.now_s, Some(id), timestamp, signature, body);
            assert_eq!(verdict, Err(Refused::BadSignature), "{}", fixture.case);
        };
        for position in 0..fixture.body.len() {
            let mut body = fixture.body.clone().into_bytes();
            body[position] ^= 1;
            refused(id, timestamp, &body);
        }
        refused(id, timestamp, &fixture.body.as_bytes()[1..]);
        refused(id, timestamp, format!("{} ", fixture.body).as_bytes());
        for position in 0..id.len() {
            let mut forged = id.to_owned();
            forged.replace_range(position..=position, "~");
            refused(&forged, timestamp, fixture.body.as_bytes());
        }
        let later = (timestamp.expect("a time").parse::<i64>().expect("digits") + 1).to_string();
        refused(id, Some(&later), fixture.body.as_bytes());
    }
}

#[test]
fn our_signatures_are_those_that_were_published() {
    for fixture in fixtures().iter().filter(|fixture| fixture.verdict == "accepted") {
        let (id, body) = (fixture.id.as_deref().expect("an id"), fixture.body.as_bytes());
        let at = fixture.timestamp.as_deref().expect("a time").parse().expect("digits");
        let ours = match &fixture.private_key {
            Some(key) => sign_v1a(&PrivateKey::parse(key).expect("a key"), id, at, body),
            None => sign_v1(&SigningSecret::parse(&fixture.secrets[0]).expect("a secret"), id, at, body),
        };
        let published = fixture.signature.as_deref().expect("a signature");
        assert!(published.split(' ').any(|entry| entry == ours), "{}", fixture.case);
    }
}

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn shared() -> (SigningSecret, Keys) {
    let secret = SigningSecret::parse(SECRET).expect("a secret");
    let keys = Keys::new([&secret], []).expect("a key");
    (secret, keys)
}

#[test]
fn the_tolerance_ends_after_three_hundred_seconds_either_way() {
    let (secret, keys) = shared();
    let at = 1_800_000_000;
    let (signature, text) = (sign_v1(&secret, "m", at, b"{}"), at.to_string());
    let judge = |now_s| check(&keys, now_s, Some("m"), Some(&text), Some(&signature), b"{}");
    for (offset, expected) in
        [(0, Ok(())), (300, Ok(())), (-300, Ok(())), (301, Err(Refused::Stale)), (-301, Err(Refused::Stale))]
    {
        assert_eq!(judge(at + offset), expected, "{offset}");
    }
}

#[test]
fn unknown_versions_are_skipped_and_any_live_key_will_do() {
    let (secret, keys) = shared();
    let other = SigningSecret::parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").expect("a secret");
    let (at, body) = (1_800_000_000, b"{}".as_slice());
    let good = sign_v1(&secret, "m", at, body);
    let judge = |signature: &str| check(&keys, at, Some("m"), Some("1800000000"), Some(signature), body);
    assert_eq!(judge(&format!("v9,abc nonsense v1,!!! v1,AAAA {good}")), Ok(()));
    assert_eq!(judge(&good.replace("v1,", "v2,")), Err(Refused::BadSignature));
    assert_eq!(judge(&sign_v1(&other, "m", at, body)), Err(Refused::BadSignature));
    let both = Keys::new([&other, &secret], []).expect("keys");
    assert_eq!(check(&both, at, Some("m"), Some("1800000000"), Some(&good), body), Ok(()));
    for timestamp in ["+1800000000", " 1800000000", "1800000000.0", "-5", "99999999999999999999"] {
        let verdict = check(&keys, at, Some("m"), Some(timestamp), Some(&good), body);
        assert_eq!(verdict, Err(Refused::BadSignature), "{timestamp}");
    }
}

#[test]
fn keys_that_are_none_are_refused_without_being_repeated() {
    use base64::Engine as _;
    let encoded = |bytes: usize| base64::engine::general_purpose::STANDARD.encode(vec![7; bytes]);
    for secret in ["", "whsec_", "CANARY", "whsec_CANARY", &format!("whsec_{}", encoded(23)), &encoded(32)] {
        assert_eq!(SigningSecret::parse(secret).err(), Some(InvalidKey::Secret), "{secret}");
    }
    assert!(SigningSecret::parse(&format!("whsec_{}", encoded(65))).is_err());
    assert!(SigningSecret::parse(&format!("whsec_{}", encoded(24))).is_ok());
    assert!(SigningSecret::parse(&format!("whsec_{}", encoded(64))).is_ok());
    // The neutral element signs anything.
    let weak = format!(
        "whpk_{}",
        base64::engine::general_purpose::STANDARD.encode([[1].as_slice(), &[0; 31]].concat())
    );
    assert_eq!(PublicKey::parse(&weak).err(), Some(InvalidKey::Public));
    assert_eq!(Keys::new([], []).err(), Some(InvalidKey::None));
    let (secret, keys) = shared();
    assert!(!format!("{secret:?} {keys:?}").contains("AAEC"));
}

proptest! {
    #[test]
    fn no_header_or_body_panics_or_passes(
        id in "\\PC{0,40}", timestamp in "[0-9+. -]{0,14}", signature in "(v1|v1a|v2)?,?\\PC{0,100}",
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let (_, keys) = shared();
        prop_assert!(check(&keys, 1_800_000_000, Some(&id), Some(&timestamp), Some(&signature), &body).is_err());
    }
}
