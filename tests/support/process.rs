//! What the system says of this process, on Linux.

#![allow(dead_code, reason = "each test file uses its part")]

use std::fs;

/// A line of /proc/self/status, such as `VmRSS`, in KiB, or `Threads`.
pub fn status(name: &str) -> usize {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}:"))).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

pub fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// One of this process's threads.
pub struct Task {
    pub name: String,
    /// How often it has gone to sleep by itself; it was woken as often, or once less.
    pub switches: usize,
    pub is_this_thread: bool,
}

/// All threads of this process, in the order in which they were begun.
pub fn tasks() -> Vec<Task> {
    let this = fs::read_link("/proc/thread-self").unwrap();
    let folders = fs::read_dir("/proc/self/task").unwrap().map(|entry| entry.unwrap().path());
    // One that ends meanwhile is no longer there.
    let mut tasks: Vec<(usize, Task)> = folders
        .filter_map(|folder| {
            let id = folder.file_name()?.to_str()?;
            let text = fs::read_to_string(folder.join("status")).ok()?;
            let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            let is_this_thread = this.ends_with(id);
            let switches = line("voluntary_ctxt_switches:")?.parse().ok()?;
            Some((id.parse().ok()?, Task { name: line("Name:")?.to_owned(), switches, is_this_thread }))
        })
        .collect();
    tasks.sort_by_key(|(id, _)| *id);
    tasks.into_iter().map(|(_, task)| task).collect()
}
