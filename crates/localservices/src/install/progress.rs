//! How the steps of an installation are shown.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Is told when a step that can take minutes begins and ends.
pub trait Progress: Send + Sync {
    /// A step begins.
    fn begin(&self, step: &str);
    /// The step that began last is over, well or badly.
    fn end(&self);
}

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _step: &str) {}
    fn end(&self) {}
}

/// On stderr: a spinner with the time gone by if that is a terminal, else one plain line a step.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal;

/// One terminal, one line: steps of several threads take turns on it.
static SPINNER: Mutex<Option<ProgressBar>> = Mutex::new(None);
const TICK: Duration = Duration::from_millis(120);

impl Progress for Terminal {
    fn begin(&self, step: &str) {
        if !io::stderr().is_terminal() {
            // A closed stderr must not stop an installation.
            let _ = writeln!(io::stderr(), "{step}");
            return;
        }
        let style =
            ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("the template is well formed");
        let spinner = ProgressBar::new_spinner().with_style(style).with_message(step.to_owned());
        spinner.enable_steady_tick(TICK);
        if let Ok(mut current) = SPINNER.lock() {
            *current = Some(spinner);
        }
    }

    fn end(&self) {
        if let Ok(mut current) = SPINNER.lock()
            && let Some(spinner) = current.take()
        {
            spinner.finish_and_clear();
        }
    }
}
