//! Ports: what an adapter's programs listen on, and what of it outlives them. Read from `/proc`; elsewhere than on Linux
//! nothing is known, and nothing found.
//!
//! A server that left the adapter's process group on purpose is out of reach of [`super::group`]; the port that it holds
//! is what shows that it is still there.

#[cfg(target_os = "linux")]
use std::collections::{BTreeMap, BTreeSet};

/// A port that somebody listens on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Port {
    /// The socket, by the number that the system gives it: the same port listened on later is another.
    inode: u64,
    number: u16,
    /// The command that holds it.
    holder: String,
}

impl Port {
    /// The port and who holds it, in words.
    pub(super) fn text(&self) -> String {
        format!("port {} of `{}`", self.number, self.holder)
    }
}

/// The ports that a program, what it started, and what is in its process group listen on.
#[cfg(target_os = "linux")]
pub(super) fn listening(leader: u32) -> Vec<Port> {
    let open = open();
    let mut parents: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut family = BTreeSet::from([leader]);
    for (id, parent, group) in processes() {
        parents.entry(parent).or_default().push(id);
        if group == leader {
            family.insert(id);
        }
    }
    let mut unseen: Vec<u32> = family.iter().copied().collect();
    while let Some(id) = unseen.pop() {
        for &child in parents.get(&id).into_iter().flatten() {
            if family.insert(child) {
                unseen.push(child);
            }
        }
    }
    let mut ports: Vec<Port> = Vec::new();
    for id in family {
        for inode in sockets(id) {
            if let Some(&number) = open.get(&inode)
                && ports.iter().all(|port| port.inode != inode)
            {
                ports.push(Port { inode, number, holder: command(id) });
            }
        }
    }
    ports
}

/// Those of these ports that are still listened on.
#[cfg(target_os = "linux")]
pub(super) fn still_open(ports: &[Port]) -> Vec<Port> {
    if ports.is_empty() {
        return Vec::new();
    }
    let open = open();
    ports.iter().filter(|port| open.contains_key(&port.inode)).cloned().collect()
}

/// The ports that anybody listens on, by socket.
#[cfg(target_os = "linux")]
fn open() -> BTreeMap<u64, u16> {
    const LISTENING: &str = "0A";
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| std::fs::read_to_string(path).unwrap_or_default());
    let lines = tables.iter().flat_map(|table| table.lines().skip(1));
    lines
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let number = u16::from_str_radix(fields.get(1)?.rsplit_once(':')?.1, 16).ok()?;
            (*fields.get(3)? == LISTENING).then_some((fields.get(9)?.parse().ok()?, number))
        })
        .collect()
}

/// Every process: its id, its parent and its group.
#[cfg(target_os = "linux")]
fn processes() -> Vec<(u32, u32, u32)> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter_map(|id| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name in parentheses may hold anything, so fields are counted from its end: state, parent, group.
        let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(1);
        Some((id, fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    })
    .collect()
}

/// The sockets that a process holds.
#[cfg(target_os = "linux")]
fn sockets(id: u32) -> Vec<u64> {
    let Ok(files) = std::fs::read_dir(format!("/proc/{id}/fd")) else { return Vec::new() };
    let links = files.flatten().filter_map(|file| std::fs::read_link(file.path()).ok());
    links.filter_map(|link| link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()).collect()
}

#[cfg(target_os = "linux")]
fn command(id: u32) -> String {
    let words = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&words).replace('\0', " ").trim().to_owned()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn listening(_: u32) -> Vec<Port> {
    Vec::new()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn still_open(_: &[Port]) -> Vec<Port> {
    Vec::new()
}
