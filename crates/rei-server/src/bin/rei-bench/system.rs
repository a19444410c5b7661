//! What the kernel says about processes.

use anyhow::Context;

/// CPU time of this process, in milliseconds.
pub(crate) fn own_cpu_ms() -> f64 {
    cpu_ms(std::process::id())
}

/// User and system time of a process, in milliseconds; the kernel counts in hundredths of a second.
pub(crate) fn cpu_ms(process: u32) -> f64 {
    let fields = stat(process);
    (ticks(&fields, 11) + ticks(&fields, 12)) * 10.0
}

/// The same with all processes below it, those included that have ended.
pub(crate) fn cpu_ms_below(process: u32) -> f64 {
    let fields = stat(process);
    let ended = (ticks(&fields, 13) + ticks(&fields, 14)) * 10.0;
    let below: f64 = children(process).into_iter().map(cpu_ms_below).sum();
    cpu_ms(process) + ended + below
}

/// The processes that this one started, by the beginning of their name.
pub(crate) fn children_named(name: &str) -> Vec<u32> {
    let is_it = |process: &u32| {
        let told = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
        told.starts_with(name)
    };
    children(std::process::id()).into_iter().filter(is_it).collect()
}

/// What a line of the kernel's page about a process says, in KiB.
pub(crate) fn memory_kib(process: u32, line: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let found = status.lines().find(|it| it.starts_with(line)).unwrap_or_default();
    found.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// From now on the kernel notes the highest memory anew.
pub(crate) fn forget_peak(process: u32) -> anyhow::Result<()> {
    std::fs::write(format!("/proc/{process}/clear_refs"), "5")
        .context("the kernel does not let the peak of memory be forgotten")
}

fn children(process: u32) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent = process.to_string();
    numbers.filter(|number| stat(*number).get(1) == Some(&parent)).collect()
}

/// The fields after the process's name: its state, its parent and so on.
fn stat(process: u32) -> Vec<String> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().map(str::to_owned).collect()
}

fn ticks(fields: &[String], index: usize) -> f64 {
    fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0)
}
