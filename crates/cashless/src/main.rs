//! The one executable; roles and operator commands are subcommands.

/// Events are decoded by one thread and freed by another, at which the system's allocator is slow.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cashless::main()
}
