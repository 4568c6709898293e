//! Waiting for sockets or a deadline, whichever is first.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, ClockNanosleepFlags, clock_nanosleep};

use super::Clock;
use crate::time::{Duration, Instant};

/// Most sockets reported by one wait; the others are reported by the next.
const EVENTS_MAX: usize = 1024;

/// The number of the [`Waker`]'s own descriptor; callers' tokens stay below.
const WAKER: u64 = u64::MAX;

/// The caller's number for a socket; below `u64::MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token(pub u64);

/// What a socket is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// Something to read.
    Read,
    /// Something to read, or room to write.
    ReadWrite,
    /// Room to write.
    Write,
    /// Nothing but that it breaks.
    Errors,
}

/// A socket that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ready {
    /// Which.
    pub token: Token,
    /// There is something to read, an end or an error.
    pub is_readable: bool,
    /// There is room to write.
    pub is_writable: bool,
}

/// Waits for many sockets. Level-triggered: what was left unread is reported again.
#[derive(Debug)]
pub struct Poller {
    epoll: Epoll,
    waker: Waker,
    events: Vec<EpollEvent>,
    pace: Pace,
    pause_max: Duration,
}

/// How fast packets come, and so how long to sleep before the next drain.
///
/// A wake-up costs as much as a few packets: measured at 20,000 calls/s, a call costs 14.4 µs when each packet wakes, 6.2 µs
/// after 200 µs of sleep and 6.0 µs after 500 µs. So the pause is the time in which [`Pace::TOGETHER`] packets come. Few
/// packets are not kept waiting: they cost little, and each is a person.
#[derive(Debug, Default)]
struct Pace {
    /// Packets since `since`.
    packets: u64,
    since: Instant,
    pause: Duration,
}

impl Pace {
    /// How long packets are counted before the pause is set anew.
    const WINDOW: Duration = Duration::from_millis(10);
    /// Packets that are gathered by one pause.
    const TOGETHER: u64 = 16;
    /// The longest pause there is.
    const LONGEST: Duration = Duration::from_millis(2);
    /// Packets in a window from which on there is a pause: four in the longest one.
    const LEAST: u64 = 20;

    fn drained(&mut self, now: Instant, packets: usize) {
        self.packets += packets as u64;
        let elapsed = now.saturating_since(self.since);
        if elapsed < Self::WINDOW {
            return;
        }
        let windows =
            u64::try_from(elapsed.as_micros() / Self::WINDOW.as_micros()).unwrap_or(u64::MAX);
        let in_window = self.packets / windows;
        self.pause = if in_window < Self::LEAST {
            Duration::ZERO
        } else {
            let gathering = u64::try_from(Self::WINDOW.as_micros()).expect("ten milliseconds");
            Duration::from_micros(gathering * Self::TOGETHER / in_window).min(Self::LONGEST)
        };
        (self.packets, self.since) = (0, now);
    }
}

/// Ends a [`Poller::wait`] from another thread.
#[derive(Debug, Clone)]
pub struct Waker(Arc<EventFd>);

impl Waker {
    /// Ends the wait that is going on, or the next one.
    pub fn wake(&self) {
        // The only error is a counter at its end: then the wait will end all the same.
        let _ = self.0.write(1);
    }
}

impl Interest {
    fn flags(self) -> EpollFlags {
        match self {
            Self::Read => EpollFlags::EPOLLIN,
            Self::ReadWrite => EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT,
            Self::Write => EpollFlags::EPOLLOUT,
            Self::Errors => EpollFlags::empty(),
        }
    }
}

impl Poller {
    /// Makes one that waits for nothing yet and wakes for each packet.
    ///
    /// # Errors
    /// When the system has no descriptor left.
    pub fn new() -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
        let waker = EventFd::from_value_and_flags(0, flags)?;
        epoll.add(&waker, EpollEvent::new(EpollFlags::EPOLLIN, WAKER))?;
        let events = vec![EpollEvent::empty(); EVENTS_MAX];
        let waker = Waker(Arc::new(waker));
        Ok(Self { epoll, waker, events, pace: Pace::default(), pause_max: Duration::ZERO })
    }

    /// What other threads end a wait with.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Allows sleeping before a drain, up to so long, when many packets come.
    ///
    /// Two milliseconds are the most that is ever used; zero, the beginning, wakes for each packet.
    pub fn coalesce(&mut self, pause_max: Duration) {
        self.pause_max = pause_max;
    }

    /// Tells how many packets were found after the last wait.
    pub fn drained(&mut self, now: Instant, packets: usize) {
        self.pace.drained(now, packets);
    }

    /// How long the next wait sleeps before it looks.
    pub fn pause(&self) -> Duration {
        self.pace.pause.min(self.pause_max)
    }

    /// Waits for a socket too.
    ///
    /// # Errors
    /// When it is waited for already, or the system refuses.
    pub fn add(&self, socket: &impl AsFd, token: Token, interest: Interest) -> io::Result<()> {
        debug_assert!(token.0 < WAKER, "the last number is the waker's");
        Ok(self.epoll.add(socket, EpollEvent::new(interest.flags(), token.0))?)
    }

    /// Changes what a socket is waited for.
    ///
    /// # Errors
    /// When it is not waited for.
    pub fn modify(&self, socket: &impl AsFd, token: Token, interest: Interest) -> io::Result<()> {
        Ok(self.epoll.modify(socket, &mut EpollEvent::new(interest.flags(), token.0))?)
    }

    /// Waits for a socket no longer. A socket that is closed needs none of this.
    ///
    /// # Errors
    /// When it is not waited for.
    pub fn remove(&self, socket: &impl AsFd) -> io::Result<()> {
        Ok(self.epoll.delete(socket)?)
    }

    /// Waits until a socket is ready, a [`Waker`] wakes, or `until` has come; fills `ready`.
    ///
    /// Deadlines are kept to the microsecond as far as the kernel's timers go (its slack is 50 µs).
    ///
    /// # Errors
    /// When the system refuses; an interrupting signal is no error but the end of the wait.
    pub fn wait(
        &mut self,
        clock: &Clock,
        until: Option<Instant>,
        ready: &mut Vec<Ready>,
    ) -> io::Result<()> {
        ready.clear();
        let pause = self.pause();
        if !pause.is_zero() {
            let left = until.map_or(pause, |until| until.saturating_since(clock.now()));
            sleep(left.min(pause));
        }
        if self.collect(ready)? {
            return Ok(());
        }
        let left = until.map(|until| until.saturating_since(clock.now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Ok(());
        }
        // epoll counts milliseconds; ppoll on the epoll descriptor counts nanoseconds.
        let mut all = [PollFd::new(self.epoll.0.as_fd(), PollFlags::POLLIN)];
        match ppoll(&mut all, left.map(TimeSpec::from_duration), None) {
            Ok(0) | Err(Errno::EINTR) => Ok(()),
            Ok(_) => self.collect(ready).map(|_| ()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes what is ready now; returns whether there was anything.
    fn collect(&mut self, ready: &mut Vec<Ready>) -> io::Result<bool> {
        let count = match self.epoll.wait(&mut self.events, EpollTimeout::ZERO) {
            Ok(count) => count,
            Err(Errno::EINTR) => 0,
            Err(error) => return Err(error.into()),
        };
        for event in &self.events[..count] {
            if event.data() == WAKER {
                // Back to zero; that it is zero already is no fault.
                let _ = self.waker.0.read();
                continue;
            }
            let flags = event.events();
            ready.push(Ready {
                token: Token(event.data()),
                is_readable: !(flags - EpollFlags::EPOLLOUT).is_empty(),
                is_writable: flags.contains(EpollFlags::EPOLLOUT),
            });
        }
        Ok(count > 0)
    }
}

/// Sleeps, at most one interrupted sleep.
fn sleep(duration: Duration) {
    let time = TimeSpec::from_duration(duration);
    // A signal ends it early, which only means less coalescing.
    let _ = clock_nanosleep(ClockId::CLOCK_MONOTONIC, ClockNanosleepFlags::empty(), &time);
}
