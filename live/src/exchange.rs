//! The exchange: the switch, everything outside it, and the loop that moves what happened from one to the other.
//!
//! ```text
//! message, datagram, time ─► Board ─ inputs ─► Acd ─ commands ─► Board ─► messages, packets
//!                                               └─ events ─► Chronicle
//! ```
//!
//! Sans-IO: the shell reads sockets and clocks. After each batch of `handle_*` it calls [`Exchange::work`], then sends what
//! [`Exchange::poll_transmit`] and [`Exchange::packets`] hold, and comes back at [`Exchange::next_timeout`].

use crate::board::Board;
use crate::chronicle::{Chronicle, Finished};
use crate::clock::Clock;
use crate::counters::Counters;
use crate::media::{Outbox, Quality};
use crate::record::Tape;
use acd::{Acd, Command, Event, Input, Output, Outside, Timestamp, settle};
use sip::endpoint::Usage;
use sip::flow::Flow;
use sip::message::Fault;
use sip::{Duration, Instant};
use std::cell::RefCell;
use std::net::SocketAddr;

/// Rounds between switch and board in one moment before the loop gives the wire a turn.
const ROUNDS_MAX: u32 = 10_000;

/// How often the event log reaches the disk even when it has not grown much.
const LOG_EVERY: Duration = Duration::from_secs(1);

/// How much is going on; all zero when nothing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Calls.
    pub calls: usize,
    /// Legs with audio.
    pub audio: usize,
    /// Legs with a report on audio to come.
    pub reporting: usize,
    /// Ports taken.
    pub ports: usize,
    /// Legs known by who is at their other end.
    pub parties: usize,
    /// Calls we made that go on.
    pub dialled: u32,
    /// What the endpoint holds.
    pub endpoint: Usage,
}

/// The switch with everything outside it.
pub struct Exchange {
    pub(crate) acd: Acd,
    pub(crate) board: Board,
    pub(crate) chronicle: Chronicle,
    pub(crate) clock: Clock,
    pub(crate) tape: RefCell<Option<Tape>>,
    pub(crate) out: Vec<Output>,
    pub(crate) log_due: Instant,
    /// Whether the last round gave up before everybody was quiet.
    pub(crate) has_more: bool,
    /// The last moment the switch saw: time handed to it never goes back.
    pub(crate) seen: Timestamp,
}

/// Everything that comes in.
impl Exchange {
    /// Takes a SIP message.
    pub fn handle_message(&mut self, now: Instant, flow: Flow, bytes: &[u8]) {
        self.board.endpoint.handle_message(now, flow, bytes);
    }

    /// Takes the head of a piece that broke its stream.
    pub fn handle_broken(&mut self, now: Instant, flow: Flow, fault: Fault, head: &[u8]) {
        self.board.endpoint.handle_broken(now, flow, fault, head);
    }

    /// Takes the news that a flow does not work.
    pub fn handle_unreachable(&mut self, now: Instant, flow: Flow) {
        self.board.endpoint.handle_unreachable(now, flow);
    }

    /// Takes a datagram that came to an audio port; it may be changed on its way to the other leg.
    pub fn handle_audio(&mut self, now: Instant, port: u32, from: SocketAddr, datagram: &mut [u8]) {
        self.board.media.handle(now, port, from, datagram);
    }

    /// Takes a datagram that came to an audio port's control socket.
    pub fn handle_control(&mut self, now: Instant, port: u32, from: SocketAddr, datagram: &[u8]) {
        self.board.media.handle_control(now, port, from, datagram);
    }

    /// Fires what is due, then [`Self::work`]s.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.board.now = now;
        if self.board.endpoint.next_timeout().is_some_and(|due| due <= now) {
            self.board.endpoint.handle_timeout(now);
        }
        if self.board.media.next_timeout().is_some_and(|due| due <= now) {
            let Board { media, tokens, .. } = &mut self.board;
            media.handle_timeout(now, tokens);
        }
        if self.board.agents.next_timeout().is_some_and(|due| due <= now) {
            self.board.keep_alive();
        }
        if self.log_due <= now {
            self.log_due = now + LOG_EVERY;
            self.chronicle.write_log();
            record(&self.tape, Tape::write);
            self.chronicle.check_laws(self.seen, &self.acd);
        }
        self.work(now);
    }

    /// When [`Self::handle_timeout`] is to be called next.
    pub fn next_timeout(&self) -> Instant {
        if self.has_more {
            return self.board.now;
        }
        let switch = [self.acd.next_timeout(), self.board.robots.next_timeout()];
        let switch = switch.into_iter().flatten().min().map(|due| self.clock.of_wire(due));
        let wire = [
            self.board.endpoint.next_timeout(),
            self.board.media.next_timeout(),
            self.board.agents.next_timeout(),
            switch,
        ];
        wire.into_iter().flatten().fold(self.log_due, Instant::min)
    }
}

/// What follows from it.
impl Exchange {
    /// Moves what happened to the switch and what it commands to the wire, until both are quiet.
    pub fn work(&mut self, now: Instant) {
        self.board.now = now;
        let at = self.clock.of_switch(now).max(self.seen);
        self.seen = at;
        for _ in 0..ROUNDS_MAX {
            while let Some(event) = self.board.endpoint.poll_event() {
                self.board.hear(event);
            }
            while let Some(said) = self.board.media.poll_said() {
                self.board.heard(said);
            }
            self.settle(at);
            let Some((given, command)) = self.board.take_command() else {
                if self.is_quiet(at) {
                    self.has_more = false;
                    return;
                }
                continue;
            };
            self.board.carry_out(given, command);
            while let Some((given, command)) = self.board.take_command() {
                self.board.carry_out(given, command);
            }
        }
        self.has_more = true;
    }

    fn is_quiet(&self, at: Timestamp) -> bool {
        let is_due = |due: Option<Timestamp>| due.is_some_and(|due| due <= at);
        !self.board.has_input()
            && !is_due(self.acd.next_timeout())
            && !is_due(self.board.robots.next_timeout())
    }

    /// One turn of the switch's loop, watched.
    fn settle(&mut self, at: Timestamp) {
        let Self { acd, board, chronicle, tape, out, .. } = self;
        if acd.next_timeout().is_some_and(|due| due <= at) {
            record(tape, |tape| tape.timeout(at));
        }
        let mut watched = Watched { board, tape, at };
        settle(at, acd, &mut watched, out, &mut |now: Timestamp, event: &Event| {
            record(tape, |tape| tape.event(event));
            chronicle.observe(now, event);
        });
    }
}

/// What goes out.
impl Exchange {
    /// The next SIP message to send: its bytes replace those of `buffer`.
    pub fn poll_transmit(&mut self, buffer: &mut Vec<u8>) -> Option<Flow> {
        self.board.endpoint.poll_transmit(buffer)
    }

    /// The audio to send; cleared by the caller once it is sent.
    pub fn packets(&mut self) -> &mut Outbox {
        &mut self.board.media.outbox
    }

    /// Names the local address of a socket as peers see it.
    pub fn bind(&mut self, socket: u32, address: SocketAddr) {
        self.board.endpoint.bind(socket, address);
    }

    /// Forgets a socket: its connection is closed.
    pub fn forget_socket(&mut self, socket: u32) {
        self.board.endpoint.forget_socket(socket);
    }

    /// Begins the end: new calls are sent away, waiting ones let go; talks go on until [`Self::hang_up_all`].
    pub fn drain(&mut self, now: Instant) {
        if !std::mem::replace(&mut self.board.is_draining, true) {
            self.board.tell(Input::CloseQueues);
            self.work(now);
        }
    }

    /// Hangs up every call that is left.
    pub fn hang_up_all(&mut self, now: Instant) {
        self.drain(now);
        self.board.hang_up_all();
        self.work(now);
    }

    /// Ends the run and sums it up.
    pub fn finish(self, now: Instant) -> Finished {
        let at = self.clock.of_switch(now).max(self.seen);
        let tape_error = self.tape.into_inner().and_then(Tape::finish);
        self.chronicle.finish(at, &self.acd, tape_error)
    }

    /// How much is going on.
    pub fn load(&self) -> Load {
        let board = &self.board;
        Load {
            calls: board.calls.len(),
            audio: board.media.len(),
            reporting: board.media.reporting(),
            ports: board.ports.taken(),
            parties: board.parties.len(),
            dialled: board.reach.dialled(),
            endpoint: board.endpoint.usage(),
        }
    }

    /// The switch, to be looked at.
    pub fn switch(&self) -> &Acd {
        &self.acd
    }

    /// What was refused here, then on audio ports; what SIP forbids is in [`Self::sip_counters`].
    pub fn counters(&self) -> [&Counters; 2] {
        [&self.board.refused, &self.board.media.refused]
    }

    /// How good the audio was so far.
    pub fn quality(&self) -> Quality {
        self.board.media.quality()
    }

    /// What the endpoint refused.
    pub fn sip_counters(&self) -> &sip::endpoint::Counters {
        self.board.endpoint.counters()
    }
}

fn record(tape: &RefCell<Option<Tape>>, what: impl FnOnce(&mut Tape)) {
    if let Some(tape) = tape.borrow_mut().as_mut() {
        what(tape);
    }
}

/// The board, with the recorder looking over its shoulder.
struct Watched<'a> {
    board: &'a mut Board,
    tape: &'a RefCell<Option<Tape>>,
    at: Timestamp,
}

impl Outside for Watched<'_> {
    fn handle_command(&mut self, now: Timestamp, command: &Command) {
        record(self.tape, |tape| tape.command(command));
        self.board.handle_command(now, command);
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.board.handle_timeout(now);
    }

    fn poll_input(&mut self) -> Option<Input> {
        let input = self.board.poll_input()?;
        record(self.tape, |tape| tape.input(self.at, input));
        Some(input)
    }

    fn next_timeout(&self) -> Option<Timestamp> {
        self.board.next_timeout()
    }
}
