//! The product under test.

fn main() -> std::process::ExitCode {
    cashless::main()
}
