//! Values that people type.

use cashless_domain::{BusinessDate, DecidedBy, Kind, Timestamp};

pub(super) fn decided_by(text: &str) -> Result<DecidedBy, String> {
    DecidedBy::from_name(text).ok_or_else(|| "person or rule".to_owned())
}

pub(super) fn kind(text: &str) -> Result<Kind, String> {
    Kind::from_name(text).ok_or_else(|| {
        let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        format!("one of {}", names.join(", "))
    })
}

pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_rfc3339(text).map_err(|error| error.to_string())
}

pub(super) fn date(text: &str) -> Result<BusinessDate, String> {
    BusinessDate::parse(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::cli::Cli;

    #[test]
    fn a_day_that_is_none_is_named_by_every_command_that_takes_one() {
        let commands = [
            "registry show --on",
            "decisions list --from",
            "decisions list --to",
            "simulate --directory here --post-to 127.0.0.1:1 --day",
        ];
        for command in commands {
            let words = format!("cashless {command} 2022-02-30");
            let Err(error) = Cli::try_parse_from(words.split(' ')) else { panic!("{words} is taken") };
            let told = error.to_string();
            assert!(told.contains("'2022-02-30'") && told.contains("YYYY-MM-DD, as 2022-02-28"), "{told}");
            assert!(Cli::try_parse_from(words.replace("-30", "-28").split(' ')).is_ok());
        }
    }
}
