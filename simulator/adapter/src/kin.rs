//! Kin: every process that an adapter started, wherever it went.
//!
//! A child leads a process group of its own. On Linux the harness is moreover the one to whom processes fall whose parent
//! has ended (a *subreaper*), so that neither a session of its own (setsid) nor a second fork hides a process: it is a
//! descendant of the child or has become a child of the harness. Whose it was, where programs run side by side, says
//! a mark in its environment. On other Unix systems the process group is all that is known, and elsewhere the child.

use std::collections::BTreeMap;
use std::io;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::group::lead_group;

/// The variable by which what a program starts is known again.
const MARK: &str = "TOMBSTONE_ADAPTER";

/// The children that run, and the mark of each. Held while one is started, so that nobody takes it for an orphan.
static KNOWN: Mutex<BTreeMap<u32, String>> = Mutex::new(BTreeMap::new());
/// Whether every child of this process that is not known is what some adapter left behind.
static ALONE: AtomicBool = AtomicBool::new(false);
/// Whether no more are started.
static CLOSED: AtomicBool = AtomicBool::new(false);
/// How many were started.
static STARTED: AtomicU64 = AtomicU64::new(0);

/// Says that this process starts no children but adapters, so that any other child is what one left behind, whatever its
/// environment says.
pub fn alone() {
    ALONE.store(true, Ordering::Relaxed);
    adopt();
}

/// Orphans of what this process started fall to it from now on.
fn adopt() {
    #[cfg(target_os = "linux")]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        // Where the kernel does not know it, the process group is still ended.
        ONCE.call_once(|| {
            let _ = nix::sys::prctl::set_child_subreaper(true);
        });
    }
}

/// Starts a child that leads a group of its own and whose descendants are known again.
///
/// # Errors
/// As [`Command::spawn`].
pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    adopt();
    let mark = format!("{}-{}", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed));
    command.env(MARK, &mark);
    lead_group(command);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if CLOSED.load(Ordering::Relaxed) {
        return Err(io::Error::other("the run is being ended"));
    }
    let child = command.spawn()?;
    known.insert(child.id(), mark);
    Ok(child)
}

/// Ends every child, and everything that any of them started, when the run is ended from outside. They are asked first
/// (SIGTERM) and have `grace` to end. No more are started.
pub fn end_all(grace: Duration) {
    let children: Vec<u32> = {
        let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        CLOSED.store(true, Ordering::Relaxed);
        known.keys().copied().collect()
    };
    #[cfg(unix)]
    {
        use nix::sys::signal::Signal;
        children.iter().for_each(|&child| signal_group(child, Signal::SIGTERM));
        let mut left = grace.as_millis() / PAUSE.as_millis();
        while left > 0 && runs(&children) {
            std::thread::sleep(PAUSE);
            left -= 1;
        }
        children.iter().for_each(|&child| signal_group(child, Signal::SIGKILL));
    }
    #[cfg(target_os = "linux")]
    children.into_iter().for_each(linux::end_all);
    #[cfg(not(unix))]
    let _ = (children, grace);
}

/// How long to wait before looking again whether something has ended.
const PAUSE: Duration = Duration::from_millis(10);

/// Ends the child and everything that it started. Safe to call on one that has ended.
pub(super) fn bury(child: &mut Child) {
    #[cfg(unix)]
    signal_group(child.id(), nix::sys::signal::Signal::SIGKILL);
    let _ = child.kill();
    let _ = child.wait();
    #[cfg(target_os = "linux")]
    linux::end_all(child.id());
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).remove(&child.id());
}

/// An empty group is no error: that is what is wanted.
#[cfg(unix)]
fn signal_group(leader: u32, signal: nix::sys::signal::Signal) {
    if let Ok(id) = i32::try_from(leader) {
        let _ = nix::sys::signal::killpg(nix::unistd::Pid::from_raw(id), signal);
    }
}

/// Whether anything in the groups of these children runs.
#[cfg(unix)]
fn runs(children: &[u32]) -> bool {
    #[cfg(target_os = "linux")]
    {
        linux::all().iter().any(|process| !process.ended && children.contains(&process.group))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let groups = children.iter().filter_map(|&child| i32::try_from(child).ok()).map(nix::unistd::Pid::from_raw);
        groups.into_iter().any(|group| nix::sys::signal::killpg(group, None).is_ok())
    }
}

/// The commands of the processes that a child started and that still run, in the order of their ids; or only of those that
/// left its process group. How many of a kind there are is told with it, and no id: it differs from run to run.
pub(super) fn of(child: &Child, escaped: bool) -> Vec<String> {
    #[cfg(target_os = "linux")]
    {
        let relatives = linux::relatives(child.id());
        let mut commands: Vec<(String, u32)> = Vec::new();
        for relative in relatives.iter().filter(|relative| !escaped || relative.group != child.id()) {
            let command = linux::command(relative.id);
            match commands.iter_mut().find(|(known, _)| *known == command) {
                Some((_, times)) => *times += 1,
                None => commands.push((command, 1)),
            }
        }
        let told = commands.into_iter().map(|(command, times)| match times {
            1 => format!("`{command}`"),
            _ => format!("`{command}` ({times} times)"),
        });
        told.collect()
    }
    #[cfg(all(unix, not(target_os = "linux")))]
    {
        let group = i32::try_from(child.id()).ok().map(nix::unistd::Pid::from_raw);
        let alive = !escaped && group.is_some_and(|group| nix::sys::signal::killpg(group, None).is_ok());
        alive.then(|| "some of its process group".to_owned()).into_iter().collect()
    }
    #[cfg(not(unix))]
    {
        let _ = (child, escaped);
        Vec::new()
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeSet;
    use std::sync::PoisonError;
    use std::sync::atomic::Ordering;
    use std::thread;
    use std::time::Duration;

    use nix::sys::signal::{Signal, kill};
    use nix::sys::wait::{WaitPidFlag, waitpid};
    use nix::unistd::Pid;

    use super::{ALONE, KNOWN, MARK};

    /// A process, as `/proc` shows it.
    #[derive(Clone, Copy, Debug)]
    pub(super) struct Relative {
        pub(super) id: u32,
        parent: u32,
        pub(super) group: u32,
        /// Whether it has ended and nobody has taken notice.
        pub(super) ended: bool,
    }

    /// Every process.
    pub(super) fn all() -> Vec<Relative> {
        let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
        let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let read = |id| {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            // The name in parentheses may hold anything, so fields are counted from its end: state, parent, group.
            let mut fields = stat.rsplit_once(") ")?.1.split(' ');
            let ended = matches!(fields.next()?, "Z" | "X");
            let mut number = || fields.next()?.parse::<u32>().ok();
            Some(Relative { id, parent: number()?, group: number()?, ended })
        };
        let mut all: Vec<Relative> = ids.filter_map(read).collect();
        all.sort_unstable_by_key(|process| process.id);
        all
    }

    /// The processes that a child started and that still run, without the child.
    pub(super) fn relatives(leader: u32) -> Vec<Relative> {
        let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mark) = known.get(&leader) else { return Vec::new() };
        let all = all();
        let own = std::process::id();
        let orphan = |process: &Relative| {
            process.parent == own && !known.contains_key(&process.id) && {
                match marked(process.id) {
                    Some(theirs) => theirs == *mark || !known.values().any(|other| *other == theirs),
                    None => ALONE.load(Ordering::Relaxed),
                }
            }
        };
        let mut family: BTreeSet<u32> = BTreeSet::from([leader]);
        let first = all.iter().filter(|process| process.group == leader || orphan(process));
        family.extend(first.map(|process| process.id));
        let mut grown = 0;
        while grown < family.len() {
            grown = family.len();
            let children = all.iter().filter(|process| family.contains(&process.parent)).map(|process| process.id);
            let children: Vec<u32> = children.collect();
            family.extend(children);
        }
        let others =
            all.into_iter().filter(|it| it.id != leader && it.id != own && !it.ended && family.contains(&it.id));
        others.collect()
    }

    /// The mark in the environment of a process.
    fn marked(id: u32) -> Option<String> {
        let environment = std::fs::read(format!("/proc/{id}/environ")).ok()?;
        let start = format!("{MARK}=").into_bytes();
        let mark = environment.split(|&byte| byte == 0).find_map(|variable| variable.strip_prefix(start.as_slice()))?;
        Some(String::from_utf8_lossy(mark).into_owned())
    }

    /// How often it is looked for more: a program may start processes faster than they are ended.
    const TRIES: u32 = 200;

    /// Ends everything that a child started.
    pub(super) fn end_all(leader: u32) {
        let mut ended = Vec::new();
        for _ in 0..TRIES {
            let left = relatives(leader);
            if left.is_empty() {
                break;
            }
            for Relative { id, .. } in left {
                let Ok(id) = i32::try_from(id) else { continue };
                let _ = kill(Pid::from_raw(id), Signal::SIGKILL);
                ended.push(id);
            }
            thread::sleep(Duration::from_millis(1));
        }
        if ALONE.load(Ordering::Relaxed) {
            // Orphans that ended by themselves wait for somebody to take notice.
            let own = std::process::id();
            let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
            let orphans = all().into_iter().filter(|it| it.parent == own && it.ended && !known.contains_key(&it.id));
            ended.extend(orphans.filter_map(|it| i32::try_from(it.id).ok()));
        }
        for id in ended {
            let _ = waitpid(Pid::from_raw(id), Some(WaitPidFlag::WNOHANG));
        }
    }

    /// The most characters of a command that are told.
    const TOLD: usize = 200;

    /// The command of a process, as far as it is told.
    pub(super) fn command(id: u32) -> String {
        let words = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let text = String::from_utf8_lossy(&words).replace('\0', " ");
        super::super::bounds::text(text.trim(), TOLD)
    }
}
