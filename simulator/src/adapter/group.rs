//! Process groups: a child is started as the leader of its own, and ended together with it.
//!
//! A program that leaves its group on purpose (setsid) is out of reach. Elsewhere than on Unix only the child itself is
//! ended.

use std::process::{Child, Command, ExitStatus};

/// Makes the child the leader of a group of its own.
pub(super) fn lead_group(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// Ends the child and whatever is left of its group. Safe to call on one that has ended.
pub(super) fn kill_group(child: &mut Child) {
    #[cfg(unix)]
    if let Ok(id) = i32::try_from(child.id()) {
        // An empty group is no error here: that is what is wanted.
        let _ = nix::sys::signal::killpg(nix::unistd::Pid::from_raw(id), nix::sys::signal::Signal::SIGKILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// The processes left in the group of a child that has ended: the id of each, and its command where that can be read.
pub(super) fn left_behind(child: &Child) -> Vec<String> {
    #[cfg(target_os = "linux")]
    {
        members(child.id())
    }
    #[cfg(all(unix, not(target_os = "linux")))]
    {
        let group = i32::try_from(child.id()).ok().map(nix::unistd::Pid::from_raw);
        let alive = group.is_some_and(|group| nix::sys::signal::killpg(group, None).is_ok());
        alive.then(|| format!("some of the process group {}", child.id())).into_iter().collect()
    }
    #[cfg(not(unix))]
    {
        let _ = child;
        Vec::new()
    }
}

#[cfg(target_os = "linux")]
fn members(group: u32) -> Vec<String> {
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let ids = processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let mut found: Vec<(u32, String)> = ids
        .filter_map(|id| {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            // The name in parentheses may hold anything, so fields are counted from its end: state, parent, group.
            let mut fields = stat.rsplit_once(") ")?.1.split(' ');
            let (state, of) = (fields.next()?, fields.nth(1)?.parse::<u32>().ok()?);
            // A zombie runs no more; whoever inherited it has yet to notice.
            if of != group || state == "Z" || state == "X" {
                return None;
            }
            let command = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            Some((id, format!("`{}` (process {id})", command.trim())))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, text)| text).collect()
}

/// How a child ended, in words that follow its name.
pub(super) fn how_ended(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        let name = nix::sys::signal::Signal::try_from(signal).map_or("unknown", nix::sys::signal::Signal::as_str);
        return format!("was killed by signal {signal} ({name})");
    }
    match status.code() {
        Some(code) => format!("exited with status {code}"),
        None => "ended".to_owned(),
    }
}
