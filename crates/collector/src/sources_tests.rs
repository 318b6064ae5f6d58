use super::*;

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn parse(text: &str) -> Result<Sources, SourcesError> {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("secret"), format!("{SECRET}\n")).expect("written");
    std::fs::write(directory.path().join("bad"), "whsec_CANARY").expect("written");
    Sources::parse(text, directory.path())
}

fn problems(text: &str) -> Vec<String> {
    match parse(text) {
        Err(SourcesError::Invalid(problems)) => problems,
        Err(error) => panic!("{error}"),
        Ok(_) => Vec::new(),
    }
}

#[test]
fn a_complete_file_is_read() {
    let sources = parse(
        r#"
        [[source]]
        id = "example-bank"
        class = "bank"
        provider = "standard-webhooks"
        merge_by = "bank_reference"
        secrets = [{ file = "secret" }]
        public_keys = ["whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="]
        [[source.receivers]]
        bank = "970405"
        [[source.receivers]]
        bank = "970436"
        virtual_account_prefix = "M789"

        [[source]]
        id = "example-gateway"
        class = "intermediary"
        provider = "standard-webhooks"
        merge_by = "transaction_id"
        id_scope = "gateway-ids"
        secrets = [{ file = "secret" }]
        receivers = [{ merchant = "*" }, { terminal = "T-1" }]
        "#,
    )
    .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(sources.len(), 2);
    let gateway = &sources.get("example-gateway").expect("known").source;
    assert_eq!(
        (gateway.id_scope.as_str(), gateway.merchant_scope.as_str()),
        ("gateway-ids", "example-gateway")
    );
}

#[test]
fn everything_wrong_is_told_at_once_and_no_secret_is_repeated() {
    let problems = problems(
        r#"
        [[source]]
        id = "Bad Id"
        class = "shop"
        provider = "standard-webhooks"
        merge_by = "luck"
        secrets = [{ env = "CASHLESS_TEST_NO_SUCH_VARIABLE" }]
        receivers = [{ bank = "970405", merchant = "x" }, { bank = "nope" }]

        [[source]]
        id = "elsewhere"
        class = "bank"
        provider = "other"
        receivers = [{ bank = "970405" }]

        [[source]]
        id = "fixed"
        class = "intermediary"
        provider = "payos"
        merge_by = "transaction_id"
        checksum_key = { file = "secret" }
        bank = "970405"
        invoice_codes = ["HP.*"]
        dangerous_unconfirmed_format = true
        receivers = [{ bank = "970405" }]

        [[source]]
        id = "typo"
        clas = "bank"

        [[source]]
        id = "inline"
        class = "bank"
        provider = "standard-webhooks"
        merge_by = "transaction_id"
        secrets = ["whsec_CANARY"]
        receivers = [{ bank = "970405" }]

        [[source]]
        id = "member"
        class = "bank"
        provider = "standard-webhooks"
        merge_by = "transaction_id"
        secrets = [{ file = "secret" }]
        sekret = 7
        receivers = [{ bank = "970405" }]

        [[source]]
        id = "not-a-secret"
        class = "bank"
        provider = "standard-webhooks"
        merge_by = "transaction_id"
        secrets = [{ file = "bad" }]
        receivers = [{ bank = "970405" }]

        [[source]]
        id = "keyless"
        class = "bank"
        provider = "standard-webhooks"
        merge_by = "transaction_id"
        "#,
    );
    let all = problems.join("\n");
    for expected in [
        "source \"Bad Id\": id",
        "class:",
        "source \"elsewhere\": provider: none of standard-webhooks, payos",
        "source \"fixed\": merge_by: the provider's messages decide it",
        "source \"fixed\": invoice_codes: a code pattern is",
        "source \"fixed\": dangerous_unconfirmed_format: the provider's format is confirmed",
        "merge_by:",
        "whsec_ followed by",
        "CASHLESS_TEST_NO_SUCH_VARIABLE",
        "names a bank",
        "a number has",
        "source \"typo\": missing field `class`",
        "source \"member\": unknown field `sekret`",
        "source \"inline\": secrets: a secret is named by",
        "source \"keyless\": a source needs at least one key",
        "source \"keyless\": receivers: none",
    ] {
        assert!(all.contains(expected), "{expected} in:\n{all}");
    }
    assert!(!all.contains("CANARY"), "{all}");
}

#[test]
fn unknown_tables_broken_files_and_repeated_ids_are_refused() {
    assert!(problems("[[sauce]]\nid = 1").join("").contains("unknown field"));
    assert!(problems("[[source]\n").join("").contains("line 1"));
    assert_eq!(problems(""), ["no [[source]]"]);
    let entry = "[[source]]\nid = 'a'\nclass = 'bank'\nprovider = 'standard-webhooks'\nmerge_by = 'transaction_id'\n\
                 secrets = [{ file = 'secret' }]\nreceivers = [{ bank = '970405' }]\n";
    assert!(problems(&entry.repeat(2)).join("").contains("another source has this id"));
}

#[test]
fn a_source_declares_for_the_institutions_that_it_names() {
    let entry = |more: &str| {
        format!(
            "[[source]]\nid = 'a'\nclass = 'institution'\nprovider = 'standard-webhooks'\n\
             secrets = [{{ file = 'secret' }}]\n{more}"
        )
    };
    let sources = parse(&entry("declares = true\ninstitutions = ['TH-1', 'BV-*']"))
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(sources.get("a").expect("known").declares_for.is_some());
    let table = [
        ("declares = true", "institutions: none"),
        ("declares = true\ninstitutions = []", "institutions: none"),
        ("declares = true\ninstitutions = ['*X']", "institutions: one is an id"),
        ("institutions = ['*']", "institutions: they belong to a source that says declares = true"),
        ("merge_by = 'transaction_id'", "receivers: none"),
        ("declares = true\ninstitutions = ['*']\nreceivers = [{ bank = '970405' }]", "merge_by:"),
    ];
    for (more, expected) in table {
        let problems = problems(&entry(more)).join("\n");
        assert!(problems.contains(expected), "{more}: {problems}");
    }
    let payos = "[[source]]\nid = 'p'\nclass = 'intermediary'\nprovider = 'payos'\nbank = '970405'\n\
                 checksum_key = { file = 'secret' }\nreceivers = [{ bank = '970405' }]\n\
                 declares = true\ninstitutions = ['*']\n";
    assert!(problems(payos).join("").contains("declares: the provider's format has no cash declarations"));
}
