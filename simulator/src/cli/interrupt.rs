//! A run that is ended from outside: its programs are ended, what was decided by then is reported, and the exit code says
//! that the rest is missing. A second signal ends it at once.

use std::sync::Arc;

use tombstone_reports::journal::Journal;

use super::outcome::CommandError;
use super::showing::Showing;

/// Watches from now on for a signal that ends the run whose events stand in this journal: SIGINT, SIGTERM, SIGHUP, but for
/// a SIGHUP that whoever started this process has it ignore, as `nohup` does.
///
/// # Errors
///
/// When the system does not let it.
#[cfg(unix)]
pub(super) fn watch(journal: Arc<Journal>, showing: Showing) -> Result<(), CommandError> {
    use std::io;
    use std::sync::atomic::AtomicBool;
    use std::thread::Builder;
    use std::time::Duration;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag;
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::signal_name;
    use tombstone_adapter::kin;
    use tombstone_reports::Exit;
    use tombstone_reports::events::Event;

    /// How long programs have to end by themselves.
    const GRACE: Duration = Duration::from_secs(1);

    let cannot = |error: io::Error| CommandError::incomplete(format!("error: cannot watch for signals: {error}"));
    let code = i32::from(Exit::Incomplete.code());
    let hangup = (!ignored(SIGHUP)).then_some(SIGHUP);
    let watched: Vec<i32> = [SIGINT, SIGTERM].into_iter().chain(hangup).collect();
    let mut signals = Signals::new(&watched).map_err(cannot)?;
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in watched {
        // In this order: the first signal only sets the flag by which the second one ends the process.
        flag::register_conditional_shutdown(signal, code, Arc::clone(&interrupted)).map_err(cannot)?;
        flag::register(signal, Arc::clone(&interrupted)).map_err(cannot)?;
    }
    let ended = move || {
        let Some(signal) = signals.forever().next() else { return };
        let signal = signal_name(signal).unwrap_or("a signal").to_owned();
        // Where nothing more is judged, the run ends as if nothing had been.
        if !journal.close(Some(&Event::Interrupted { signal: signal.clone() })) {
            return;
        }
        eprintln!("{signal}: ending the programs, and writing what was decided by now");
        kin::end_all(GRACE);
        match journal.read() {
            Ok(lines) => {
                showing.show(&lines, &journal);
            }
            Err(error) => eprintln!("error: cannot read what was decided: {error}"),
        }
        std::process::exit(code);
    };
    Builder::new().name("signals".to_owned()).spawn(ended).map_err(cannot)?;
    Ok(())
}

/// A file that may not grow any more is an error of whoever writes it, as a full disk is, and ends no process.
pub(super) fn limits_are_errors() {
    #[cfg(unix)]
    {
        // Whoever handles the signal is told by the write; where it cannot be handled all is as it was.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
    }
}

/// Whether this process was started with a signal ignored. It is known on Linux only.
#[cfg(unix)]
fn ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    u32::try_from(signal - 1).ok().and_then(|bit| mask.checked_shr(bit)).is_some_and(|rest| rest & 1 == 1)
}

/// Where there are no such signals nothing is watched for.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it may fail")]
pub(super) fn watch(_: Arc<Journal>, _: Showing) -> Result<(), CommandError> {
    Ok(())
}
