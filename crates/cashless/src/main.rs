//! The one executable; roles and operator commands are subcommands.

fn main() -> std::process::ExitCode {
    cashless::main()
}
