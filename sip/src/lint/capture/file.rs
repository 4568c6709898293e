//! Records of pcap and pcapng files.
//!
//! Sources: draft-ietf-opsawg-pcap (classic) and draft-ietf-opsawg-pcapng.

use std::io::{ErrorKind, Read};

use super::CaptureFault;
use crate::time::Instant;

/// Longest record or block read; tcpdump's own limit is 262,144 bytes of a packet.
const BLOCK_MAX: usize = 512 * 1024;
/// Most interfaces of a pcapng section.
const INTERFACES_MAX: usize = 256;

/// One packet as captured.
pub(super) struct Packet<'a> {
    pub(super) number: u64,
    pub(super) at: Instant,
    pub(super) link: u32,
    pub(super) bytes: &'a [u8],
    /// The snap length has cut it.
    pub(super) is_cut: bool,
}

/// An open capture.
pub(super) struct File<R> {
    source: R,
    format: Format,
    is_big_endian: bool,
    interfaces: Vec<Interface>,
    number: u64,
    first: Option<u64>,
    buffer: Vec<u8>,
    ends_early: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Classic,
    Ng,
}

#[derive(Clone, Copy)]
struct Interface {
    link: u32,
    /// Ticks in a second.
    resolution: u64,
    /// Seconds to add.
    offset: u64,
    snap: u32,
}

/// Where in the buffer a packet is, and when it passed in ticks of its interface.
struct Place {
    interface: Interface,
    ticks: u64,
    start: usize,
    captured: usize,
    original: usize,
}

impl<R: Read> File<R> {
    pub(super) fn open(source: R) -> Result<Self, CaptureFault> {
        let mut file = Self {
            source,
            format: Format::Ng,
            is_big_endian: false,
            interfaces: Vec::new(),
            number: 0,
            first: None,
            buffer: Vec::new(),
            ends_early: false,
        };
        if !file.fill(4)? {
            return Err(CaptureFault::NotACapture);
        }
        let magic = [file.buffer[0], file.buffer[1], file.buffer[2], file.buffer[3]];
        let (is_big_endian, resolution) = match magic {
            [0x0A, 0x0D, 0x0D, 0x0A] => {
                file.section()?;
                return Ok(file);
            }
            [0xA1, 0xB2, 0xC3, 0xD4] => (true, 1_000_000),
            [0xD4, 0xC3, 0xB2, 0xA1] => (false, 1_000_000),
            [0xA1, 0xB2, 0x3C, 0x4D] => (true, 1_000_000_000),
            [0x4D, 0x3C, 0xB2, 0xA1] => (false, 1_000_000_000),
            _ => return Err(CaptureFault::NotACapture),
        };
        (file.format, file.is_big_endian) = (Format::Classic, is_big_endian);
        if !file.fill(20)? {
            return Err(CaptureFault::NotACapture);
        }
        // The upper bits of the link type say whether frames carry a checksum.
        let link = file.long(16) & 0xFFFF;
        file.interfaces.push(Interface { link, resolution, offset: 0, snap: 0 });
        Ok(file)
    }

    /// The next packet; none at the end, and where the file breaks off.
    pub(super) fn next(&mut self) -> Result<Option<Packet<'_>>, CaptureFault> {
        let place = match self.format {
            Format::Classic => self.next_record()?,
            Format::Ng => self.next_block()?,
        };
        let Some(place) = place else { return Ok(None) };
        let micros = micros(place.ticks, place.interface.resolution)
            .saturating_add(place.interface.offset.saturating_mul(1_000_000));
        let first = *self.first.get_or_insert(micros);
        Ok(Some(Packet {
            number: self.number,
            at: Instant::from_micros(micros.saturating_sub(first)),
            link: place.interface.link,
            bytes: &self.buffer[place.start..place.start + place.captured],
            is_cut: place.captured < place.original,
        }))
    }

    /// Whether the file broke off inside a record.
    pub(super) fn ends_early(&self) -> bool {
        self.ends_early
    }

    fn next_record(&mut self) -> Result<Option<Place>, CaptureFault> {
        if !self.fill(16)? {
            return Ok(None);
        }
        self.number += 1;
        let interface = self.interfaces[0];
        let (seconds, fraction) = (u64::from(self.long(0)), u64::from(self.long(4)));
        let ticks = (seconds * interface.resolution).saturating_add(fraction);
        let (captured, original) = (self.long(8) as usize, self.long(12) as usize);
        if captured > BLOCK_MAX {
            return Err(self.length(captured));
        }
        if !self.fill(captured)? {
            self.ends_early = true;
            return Ok(None);
        }
        Ok(Some(Place { interface, ticks, start: 0, captured, original }))
    }

    fn next_block(&mut self) -> Result<Option<Place>, CaptureFault> {
        loop {
            if !self.fill(4)? {
                return Ok(None);
            }
            let kind = self.long(0);
            if kind == 0x0A0D_0D0A {
                self.section()?;
                continue;
            }
            if !self.fill(4)? {
                self.ends_early = true;
                return Ok(None);
            }
            let length = self.long(0) as usize;
            if length < 12 || !length.is_multiple_of(4) || length > BLOCK_MAX {
                return Err(self.length(length));
            }
            if !self.fill(length - 8)? {
                self.ends_early = true;
                return Ok(None);
            }
            // The length stands again at the end of the block.
            self.buffer.truncate(length - 12);
            match kind {
                1 => self.interface()?,
                3 => return self.simple_packet().map(Some),
                6 => return self.packet().map(Some),
                _ => {}
            }
        }
    }

    /// A section header; its type has been read.
    fn section(&mut self) -> Result<(), CaptureFault> {
        if !self.fill(8)? {
            return Err(CaptureFault::NotACapture);
        }
        self.is_big_endian = match self.buffer[4..8] {
            [0x1A, 0x2B, 0x3C, 0x4D] => true,
            [0x4D, 0x3C, 0x2B, 0x1A] => false,
            _ => return Err(CaptureFault::NotACapture),
        };
        self.interfaces.clear();
        let length = self.long(0) as usize;
        if !(28..=BLOCK_MAX).contains(&length) || !length.is_multiple_of(4) {
            return Err(self.length(length));
        }
        self.ends_early |= !self.fill(length - 12)?;
        Ok(())
    }

    fn interface(&mut self) -> Result<(), CaptureFault> {
        if self.buffer.len() < 8 || self.interfaces.len() == INTERFACES_MAX {
            return Err(self.length(self.buffer.len()));
        }
        let (link, snap) = (u32::from(self.short(0)), self.long(4));
        let mut interface = Interface { link, resolution: 1_000_000, offset: 0, snap };
        let mut at = 8;
        while at + 4 <= self.buffer.len() {
            let (code, length) = (self.short(at), usize::from(self.short(at + 2)));
            let value = self.buffer.get(at + 4..at + 4 + length).unwrap_or_default();
            match (code, value) {
                (0, _) => break,
                (9, &[resolution]) => interface.resolution = ticks_in_second(resolution),
                (14, value) if value.len() == 8 => {
                    // A 64-bit number in the section's byte order.
                    let (low, high) = if self.is_big_endian { (4, 0) } else { (0, 4) };
                    let (low, high) = (self.long(at + 4 + low), self.long(at + 4 + high));
                    interface.offset = u64::from(high) << 32 | u64::from(low);
                }
                _ => {}
            }
            at += 4 + length.next_multiple_of(4);
        }
        self.interfaces.push(interface);
        Ok(())
    }

    fn packet(&mut self) -> Result<Place, CaptureFault> {
        self.number += 1;
        if self.buffer.len() < 20 {
            return Err(self.length(self.buffer.len()));
        }
        let interface = self.described(self.long(0))?;
        let ticks = u64::from(self.long(4)) << 32 | u64::from(self.long(8));
        let (captured, original) = (self.long(12) as usize, self.long(16) as usize);
        if captured > self.buffer.len() - 20 {
            return Err(self.length(captured));
        }
        Ok(Place { interface, ticks, start: 20, captured, original })
    }

    /// A packet without time: that of the first.
    fn simple_packet(&mut self) -> Result<Place, CaptureFault> {
        self.number += 1;
        if self.buffer.len() < 4 {
            return Err(self.length(self.buffer.len()));
        }
        let interface = self.described(0)?;
        let original = self.long(0) as usize;
        let snap = if interface.snap == 0 { usize::MAX } else { interface.snap as usize };
        let captured = original.min(snap);
        if captured > self.buffer.len() - 4 {
            return Err(self.length(captured));
        }
        let interface = Interface { offset: 0, resolution: 1_000_000, ..interface };
        let ticks = self.first.unwrap_or_default();
        Ok(Place { interface, ticks, start: 4, captured, original })
    }

    fn described(&self, interface: u32) -> Result<Interface, CaptureFault> {
        let found = self.interfaces.get(interface as usize).copied();
        found.ok_or(CaptureFault::Interface { number: self.number, interface })
    }

    /// Reads so many bytes into the buffer; false where the file has fewer.
    fn fill(&mut self, length: usize) -> Result<bool, CaptureFault> {
        self.buffer.clear();
        self.buffer.resize(length, 0);
        let mut filled = 0;
        while filled < length {
            match self.source.read(&mut self.buffer[filled..]) {
                Ok(0) => {
                    self.ends_early |= filled > 0;
                    return Ok(false);
                }
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    fn long(&self, at: usize) -> u32 {
        let bytes = [0, 1, 2, 3].map(|place| self.buffer.get(at + place).copied().unwrap_or(0));
        if self.is_big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    fn short(&self, at: usize) -> u16 {
        let bytes = [0, 1].map(|place| self.buffer.get(at + place).copied().unwrap_or(0));
        if self.is_big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    fn length(&self, length: usize) -> CaptureFault {
        CaptureFault::Length { number: self.number, length: length as u64 }
    }
}

/// What the option `if_tsresol` says: a power of ten, or of two with the highest bit.
fn ticks_in_second(resolution: u8) -> u64 {
    let (base, power) =
        if resolution & 0x80 != 0 { (2_u64, resolution & 0x7F) } else { (10, resolution) };
    base.saturating_pow(u32::from(power))
}

fn micros(ticks: u64, resolution: u64) -> u64 {
    let micros = u128::from(ticks) * 1_000_000 / u128::from(resolution.max(1));
    u64::try_from(micros).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_read_in_every_resolution() {
        assert_eq!(ticks_in_second(6), 1_000_000);
        assert_eq!(ticks_in_second(9), 1_000_000_000);
        assert_eq!(ticks_in_second(0x8A), 1024);
        assert_eq!(ticks_in_second(0x7F), u64::MAX);
        assert_eq!(micros(1536, 1024), 1_500_000);
        assert_eq!(micros(u64::MAX, 1), u64::MAX);
    }
}
