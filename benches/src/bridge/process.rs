//! What another process used of the machine, from `/proc`.

use std::fs;
use std::io;

/// CPU time of one process with all its threads, and of one core with all its processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// On a core, by the scheduler's account. Unit: nanoseconds.
    pub process_ns: u64,
    /// Ticks the core was not idle, interrupts included.
    pub core_busy: u64,
    /// All its ticks.
    pub core_all: u64,
}

impl Used {
    /// Reads the accounts of a process and of the core it is pinned to.
    ///
    /// # Errors
    /// When there is no such process or core.
    pub fn read(process: u32, core: usize) -> io::Result<Self> {
        let mut process_ns = 0;
        for task in fs::read_dir(format!("/proc/{process}/task"))? {
            process_ns += first_number(&fs::read_to_string(task?.path().join("schedstat"))?)?;
        }
        let (core_busy, core_all) = core_ticks(&fs::read_to_string("/proc/stat")?, core)?;
        Ok(Self { process_ns, core_busy, core_all })
    }
}

fn bad() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "an account of /proc that cannot be read")
}

fn first_number(text: &str) -> io::Result<u64> {
    text.split_whitespace().next().and_then(|word| word.parse().ok()).ok_or_else(bad)
}

/// Ticks busy and in all; `idle` and `iowait` are the fourth and fifth column.
fn core_ticks(stat: &str, core: usize) -> io::Result<(u64, u64)> {
    let name = format!("cpu{core} ");
    let line = stat.lines().find_map(|line| line.strip_prefix(&name)).ok_or_else(bad)?;
    let ticks: Result<Vec<u64>, _> = line.split_whitespace().take(8).map(str::parse).collect();
    let ticks = ticks.map_err(|_| bad())?;
    let [_, _, _, idle, waiting, ..] = ticks[..] else { return Err(bad()) };
    let all: u64 = ticks.iter().sum();
    Ok((all - idle - waiting, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_ticks_are_not_busy() {
        let stat = "cpu  1 1 1 1\ncpu0 10 1 20 100 5 0 4 2 7 7\ncpu1 0 0 0 1 0 0 0 0 0 0\n";
        assert_eq!(core_ticks(stat, 0).expect("read"), (37, 142));
        assert_eq!(core_ticks(stat, 1).expect("read"), (0, 1));
        assert!(core_ticks(stat, 2).is_err());
    }
}
