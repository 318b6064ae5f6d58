//! The process that is ClickHouse: the whole server lives in a shared library, which this loads and runs.
//!
//! The library offers the server only through the command line of `clickhouse-local`. Run non-interactively that ends the
//! process on the first malformed connection, a port scan being enough; run interactively, which it does when stdin is a
//! terminal, it survives them. So it gets a pseudo-terminal, and an end-of-input typed there is the clean way to stop it.
#![expect(
    unsafe_code,
    reason = "the server is a C function in a shared library; nothing else in the workspace is unsafe"
)]

use std::ffi::{CStr, CString, OsString, c_char, c_int, c_void};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use libloading::{Library, Symbol};
use nix::pty::openpty;
use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{dup2_stdin, dup2_stdout};

pub(crate) const SUBCOMMAND: &str = "local-clickhouse-host";

/// Ctrl-D, end of input.
const END_OF_INPUT: &[u8] = b"\x04";
static STOP_ASKED: AtomicBool = AtomicBool::new(false);

type Run = unsafe extern "C" fn(c_int, *mut *mut c_char) -> *mut c_void;
type ErrorText = unsafe extern "C" fn(*mut c_void) -> *const c_char;

/// Written by the server when it listens; holds its two ports.
pub(crate) fn listening_path(directory: &Path) -> PathBuf {
    directory.join("listening.tsv")
}

/// `local-clickhouse-host LIBRARY DIRECTORY CONFIG HTTP_PORT TCP_PORT`
///
/// Must be called while the process has one thread: those that the library starts inherit the signal mask set here.
pub(crate) fn host(arguments: &[OsString]) -> ExitCode {
    match arguments {
        [library, directory, config, http_port, tcp_port] => {
            let flags = server_flags(Path::new(directory), config, http_port, tcp_port);
            let Err(error) = prepare(Path::new(directory)).and_then(|()| run(Path::new(library), flags));
            complain(&error.to_string());
        }
        _ => complain("five arguments are needed"),
    }
    ExitCode::FAILURE
}

fn server_flags(
    directory: &Path,
    config: &OsString,
    http_port: &OsString,
    tcp_port: &OsString,
) -> Vec<OsString> {
    let joined = |flag: &str, value: &OsString| {
        let mut joined = OsString::from(flag);
        joined.push(value);
        joined
    };
    let mut flags = vec![
        OsString::from("clickhouse"),
        joined("--path=", &directory.as_os_str().to_owned()),
        joined("--config-file=", config),
        joined("--http_port=", http_port),
        joined("--tcp_port=", tcp_port),
    ];
    let fixed = [
        "--listen_host=127.0.0.1",
        "--interactive",
        "--progress=off",
        "--disable_suggestion",
        "--history_file=/dev/null",
        "--highlight=0",
        // Interactive mode would otherwise change the default format of HTTP answers too.
        "--output-format=TabSeparated",
        "--log-level=warning",
        "--query",
    ];
    flags.extend(fixed.map(OsString::from));
    flags.push(OsString::from(format!(
        "SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; \
         SELECT getServerPort('http_port'), getServerPort('tcp_port') INTO OUTFILE '{}' TRUNCATE FORMAT TSV",
        listening_path(directory).display()
    )));
    flags
}

/// Gives the library its terminal, and turns a request to end into the end of that terminal's input.
fn prepare(directory: &Path) -> io::Result<()> {
    match fs::remove_file(listening_path(directory)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let _ = prctl::set_name(c"clickhouse");
    let polite: SigSet =
        [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGQUIT].into_iter().collect();
    polite.thread_block()?;

    let terminal = openpty(None, None)?;
    dup2_stdin(&terminal.slave)?;
    // The prompt is of no use; errors go to stderr.
    dup2_stdout(OpenOptions::new().write(true).open("/dev/null")?)?;
    drop(terminal.slave);

    let mut keyboard = File::from(terminal.master.try_clone()?);
    thread::spawn(move || {
        if polite.wait().is_ok() {
            STOP_ASKED.store(true, Ordering::SeqCst);
            // Should this fail, whoever asked goes on to SIGKILL.
            let _ = keyboard.write_all(END_OF_INPUT);
        }
    });
    thread::spawn(move || drain(terminal.master));
    Ok(())
}

/// The terminal echoes, and would block the library once full.
fn drain(terminal: OwnedFd) {
    let mut terminal = File::from(terminal);
    let mut echo = [0; 4096];
    while terminal.read(&mut echo).is_ok_and(|count| count > 0) {}
}

/// Runs the server until it is stopped, then ends the process.
fn run(library: &Path, flags: Vec<OsString>) -> io::Result<std::convert::Infallible> {
    let flags: Vec<CString> =
        flags.into_iter().map(|flag| CString::new(flag.into_vec())).collect::<Result<_, _>>()?;
    let count = c_int::try_from(flags.len()).map_err(io::Error::other)?;
    let mut pointers: Vec<*mut c_char> =
        flags.iter().map(|flag| flag.as_ptr().cast_mut()).chain([ptr::null_mut()]).collect();

    // SAFETY: running the library's initialisers is what this process is for. Its checksum was verified when it was installed.
    let library = unsafe { Library::new(library) }.map_err(io::Error::other)?;
    // SAFETY: the type is that of the C header of the pinned version; `library` outlives the symbol.
    let run: Symbol<'_, Run> = unsafe { library.get(c"chdb_query_cmdline") }.map_err(io::Error::other)?;
    // SAFETY: as above.
    let error_text: Symbol<'_, ErrorText> =
        unsafe { library.get(c"chdb_result_error") }.map_err(io::Error::other)?;

    // SAFETY: `pointers` are `count` C strings and a null, as for C's `main`, and `flags` owns them until after the call.
    let result = unsafe { run(count, pointers.as_mut_ptr()) };
    if !result.is_null() {
        // SAFETY: `result` came from the call above and has not been freed.
        let text = unsafe { error_text(result) };
        if !text.is_null() {
            // SAFETY: a non-null text is a C string owned by `result`.
            complain(&unsafe { CStr::from_ptr(text) }.to_string_lossy());
        }
    }
    // What the call returns says nothing about why it ended: an error while listening looks like a success.
    let code = if STOP_ASKED.load(Ordering::SeqCst) { 0 } else { 1 };
    // SAFETY: ends the process at once. The data is flushed; the library's exit handlers are not fit to be run.
    unsafe { nix::libc::_exit(code) }
}

fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
