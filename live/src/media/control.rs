//! RTCP of all legs: our reports at their times, the peers' as they come (RFC 3550 §6).
//!
//! A leg reports from the moment it is acknowledged until it is closed; nothing goes to an address that is not proven, and
//! who sent nothing leaves without a goodbye.

use super::outbox::Channel;
use super::session::{MediaId, Session};
use super::{Media, Owner};
use crate::counters::Refused;
use sip::rtp::rtcp::{self, Told};
use sip::sdp::Control as Place;
use sip::{Duration, Instant};
use std::collections::BTreeSet;
use std::net::SocketAddr;

/// How good the audio of the run was, all legs together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quality {
    /// Packets that came, each counted once.
    pub received: u64,
    /// Packets that were lost on their way to us.
    pub lost: u64,
    /// Packets we sent.
    pub sent: u64,
    /// Packets that peers say were lost on their way to them, by the last report of each leg.
    pub lost_by_peers: u64,
    /// Reports sent.
    pub reports_sent: u64,
    /// Compound packets read.
    pub reports_received: u64,
    /// How often a peer's report told how long a packet needs there and back, and the sum and most of it.
    pub round_trips: u64,
    /// The sum of them.
    pub round_trip_sum: Duration,
    /// The longest.
    pub round_trip_max: Duration,
}

impl Quality {
    /// Mean round trip; `None` where no peer's report told one.
    #[must_use]
    pub fn round_trip(&self) -> Option<Duration> {
        let count = u32::try_from(self.round_trips).unwrap_or(u32::MAX);
        self.round_trip_sum.checked_div(count)
    }

    fn take(&mut self, told: &Told) {
        self.reports_received += 1;
        if let Some(trip) = told.round_trip {
            self.round_trips += 1;
            self.round_trip_sum += trip;
            self.round_trip_max = self.round_trip_max.max(trip);
        }
    }
}

/// The control side of one leg.
#[derive(Debug)]
pub(super) struct Control {
    reports: rtcp::Session,
    /// Where the peer's control packets come from: best for ours where an address is translated on the way.
    heard_from: Option<SocketAddr>,
    has_sent: bool,
    lost_by_peer: u64,
}

impl Control {
    /// Makes one under a random canonical name (RFC 7022 §4.2).
    pub(super) fn new(name: u64) -> Self {
        let reports = rtcp::Session::new(format!("{name:016x}").as_bytes());
        Self { reports, heard_from: None, has_sent: false, lost_by_peer: 0 }
    }

    /// Another description: what was learned of the old address is forgotten.
    pub(super) fn forget_address(&mut self) {
        self.heard_from = None;
    }
}

/// Whose report is due when, and what the reports of all legs told.
#[derive(Debug)]
pub(super) struct Reports {
    due: BTreeSet<(Instant, MediaId)>,
    /// The wall clock in the form of NTP at a moment.
    wall: (Instant, u64),
    quality: Quality,
    buffer: Vec<u8>,
}

impl Reports {
    pub(super) fn new(wall: (Instant, u64)) -> Self {
        Self { due: BTreeSet::new(), wall, quality: Quality::default(), buffer: Vec::new() }
    }

    /// When the next report is due.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        self.due.first().map(|(due, _)| *due)
    }

    /// How many legs report.
    pub(super) fn len(&self) -> usize {
        self.due.len()
    }

    fn take_due(&mut self, now: Instant) -> Option<MediaId> {
        let due = self.due.first().copied().filter(|(due, _)| *due <= now)?;
        self.due.remove(&due);
        Some(due.1)
    }

    /// Wall-clock time: seconds since 1900 above, their 2⁻³² parts below. It goes on evenly, whoever sets the machine's.
    fn ntp(&self, now: Instant) -> u64 {
        let (then, ntp) = self.wall;
        let since = now.saturating_since(then);
        let parts = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
        ntp.wrapping_add(since.as_secs() << 32).wrapping_add(parts)
    }
}

impl Media {
    /// How good the audio was so far; legs that are up count with what is known of them.
    pub(crate) fn quality(&self) -> Quality {
        let mut quality = self.reports.quality;
        for session in self.slots.iter().filter_map(|(_, session)| session.as_ref()) {
            add_leg(&mut quality, session);
        }
        quality
    }

    /// How many legs have a report to come.
    pub(crate) fn reporting(&self) -> usize {
        self.reports.len()
    }

    /// A leg's audio may begin: its reports, too.
    pub(super) fn start_reports(&mut self, now: Instant, id: MediaId, chance: u32) {
        let Some(session) = self.get_mut(id) else { return };
        let reports = &mut session.control.reports;
        let is_service = matches!(session.owner, Owner::Service(_));
        if is_service || reports.next_timeout().is_some() {
            return;
        }
        reports.start(now, chance);
        let due = reports.next_timeout();
        self.reports.due.extend(due.map(|due| (due, id)));
    }

    /// Sends the reports that are due; `chance` gives random numbers.
    pub(super) fn send_reports(&mut self, now: Instant, chance: &mut dyn FnMut() -> u32) {
        while let Some(id) = self.reports.take_due(now) {
            let ntp = self.reports.ntp(now);
            let mut buffer = std::mem::take(&mut self.reports.buffer);
            buffer.clear();
            if let Some(session) = self.get_mut(id) {
                let Session { control, outgoing, incoming, .. } = session;
                let reports = &mut control.reports;
                reports.handle_timeout(now, ntp, chance(), outgoing, incoming, &mut buffer);
                let due = reports.next_timeout();
                self.reports.due.extend(due.map(|due| (due, id)));
                self.send_control(id, &buffer);
            }
            self.reports.buffer = buffer;
        }
    }

    /// A leg ends: a last report with a goodbye, if anything was sent before (RFC 3550 §6.3.7).
    pub(super) fn end_reports(&mut self, now: Instant, id: MediaId) {
        let ntp = self.reports.ntp(now);
        let Some(session) = self.get_mut(id) else { return };
        let Session { control, outgoing, incoming, .. } = session;
        let due = control.reports.next_timeout();
        let has_sent = control.has_sent || outgoing.sent().packets > 0;
        let mut buffer = Vec::new();
        if due.is_some() && has_sent {
            control.reports.leave(now, ntp, outgoing, incoming, &mut buffer);
        }
        due.map(|due| self.reports.due.remove(&(due, id)));
        self.send_control(id, &buffer);
        if let Some((_, Some(session))) = self.slots.get(id.slot as usize) {
            add_leg(&mut self.reports.quality, session);
        }
    }

    /// Sends a compound packet where the leg's control goes, if that is anywhere by now.
    fn send_control(&mut self, id: MediaId, packet: &[u8]) {
        let Some(session) = self.get_mut(id) else { return };
        let Some((by, to)) = session.control_target().filter(|_| !packet.is_empty()) else {
            return;
        };
        session.control.has_sent = true;
        let port = session.port.number;
        self.reports.quality.reports_sent += 1;
        self.outbox.push_by(by, port, to, packet);
    }

    /// Takes a datagram that came to a port's control socket.
    pub(crate) fn handle_control(
        &mut self,
        now: Instant,
        port: u32,
        from: SocketAddr,
        datagram: &[u8],
    ) {
        let id = self.by_port.get(port as usize).copied().flatten();
        let Some(id) = id else { return self.refused.count(Refused::StrayAudio) };
        let session = self.get_mut(id).expect("a port's session is open");
        let from = SocketAddr::new(from.ip().to_canonical(), from.port());
        // Whose audio is proven has proven his host; another port of his is his.
        if session.proof.target().is_none_or(|proven| proven.ip() != from.ip()) {
            return self.refused.count(Refused::ForeignControl);
        }
        if self.take_control(now, id, datagram)
            && let Some(session) = self.get_mut(id)
        {
            session.control.heard_from = Some(from);
        }
    }

    /// Reads a peer's compound packet; returns whether it was one.
    pub(super) fn take_control(&mut self, now: Instant, id: MediaId, datagram: &[u8]) -> bool {
        let ntp = self.reports.ntp(now);
        let Some(session) = self.get_mut(id) else { return false };
        let ours = session.outgoing.ssrc();
        let Ok(told) = session.control.reports.receive(now, ntp, ours, datagram) else {
            self.refused.count(Refused::BadControl);
            return false;
        };
        if let Some(report) = told.report {
            session.control.lost_by_peer = u64::try_from(report.lost).unwrap_or(0);
        }
        self.reports.quality.take(&told);
        true
    }
}

impl Session {
    /// Where control packets may go now, and by which socket.
    fn control_target(&self) -> Option<(Channel, SocketAddr)> {
        let proven = self.proof.target()?;
        match self.agreed()?.control {
            Place::Shared => Some((Channel::Audio, proven)),
            Place::Nowhere => None,
            // A description may name a third host: what is proven is the audio's.
            Place::At(described) => {
                let described = Some(described).filter(|at| at.ip().to_canonical() == proven.ip());
                Some((Channel::Control, self.control.heard_from.or(described)?))
            }
        }
    }
}

fn add_leg(quality: &mut Quality, session: &Session) {
    let reception = session.incoming.reception();
    quality.received += reception.received;
    quality.lost += reception.lost;
    quality.sent += session.outgoing.sent().packets;
    quality.lost_by_peers += session.control.lost_by_peer;
}
