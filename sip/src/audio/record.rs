//! Recording a call: a stereo WAV file, left the caller, right the agent.
//!
//! Packets are put where their timestamps say, so a loss is a silence and both sides stay in step.
//! What comes late or in the wrong order has 200 ms to find its place. The header is put right every
//! second: a file cut short by a crash plays up to its last second.

use std::io::{Seek, Write};

use super::g711::decode;
use super::{FRAME, RATE};
use crate::rtp::Header;
use crate::sdp::negotiate::Codec;
use crate::time::{Duration, Instant};

/// How long a sample may come after its moment.
const DELAY: u64 = 1600;
/// Samples kept of each side before they are written: two seconds.
const KEPT: u64 = 16_000;
/// How far a source's clock may be from ours before its packets are put where our clock says.
const DRIFT_MAX: u64 = 4000;
/// How often samples and the header are written.
const WRITE_EVERY: Duration = Duration::from_secs(1);
/// Bytes of one moment: two sides of 16 bits.
const MOMENT: u64 = 4;

/// Whose audio it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The left channel.
    Caller,
    /// The right channel.
    Agent,
}

/// Why a recording ended. What was written until then is a good file.
#[derive(Debug, thiserror::Error)]
pub enum RecordFault {
    /// The disk, or whatever it is written to.
    #[error("cannot write the recording: {0}")]
    Wav(#[from] hound::Error),
    /// The most bytes allowed are written.
    #[error("recording reached its {0} bytes")]
    Full(u64),
    /// It had ended before.
    #[error("recording has ended")]
    Over,
}

/// A recording being made.
pub struct Recording<W: Write + Seek> {
    /// `None` after a fault.
    file: Option<hound::WavWriter<W>>,
    started: Instant,
    bytes_max: u64,
    /// Samples of each side that are in the file.
    written: u64,
    next_write: Instant,
    tracks: [Track; 2],
}

struct Track {
    samples: Vec<i16>,
    anchor: Option<Anchor>,
    is_muted: bool,
}

/// Where a source's timestamps lie in the file.
#[derive(Clone, Copy)]
struct Anchor {
    ssrc: u32,
    timestamp: u32,
    position: u64,
}

impl<W: Write + Seek> Recording<W> {
    /// Begins a file of at most `bytes_max` bytes of audio: 32,000 a second.
    ///
    /// # Errors
    /// When the header cannot be written.
    pub fn begin(file: W, now: Instant, bytes_max: u64) -> Result<Self, RecordFault> {
        let sample_format = hound::SampleFormat::Int;
        let spec =
            hound::WavSpec { channels: 2, sample_rate: RATE, bits_per_sample: 16, sample_format };
        let mut file = hound::WavWriter::new(file, spec)?;
        file.flush()?;
        Ok(Self {
            file: Some(file),
            started: now,
            bytes_max,
            written: 0,
            next_write: now + WRITE_EVERY,
            tracks: [Track::new(), Track::new()],
        })
    }

    /// Takes the audio of a packet that came, or was sent, at `now`.
    pub fn handle_packet(
        &mut self,
        now: Instant,
        side: Side,
        header: &Header,
        codec: Codec,
        payload: &[u8],
    ) {
        let (written, clock) = (self.written, self.samples_at(now));
        let track = self.track(side);
        let start = track.position(header, clock);
        // What is longer than the buffer has no place in it.
        for (position, &byte) in (start..).zip(payload.iter().take(FRAME * 8)) {
            if (written..written + KEPT).contains(&position) && !track.is_muted {
                track.samples[index(position)] = decode(codec, byte);
            }
        }
    }

    /// Leaves a side out from now on, or no longer: for digits that are secret.
    pub fn mute(&mut self, side: Side, is_muted: bool) {
        self.track(side).is_muted = is_muted;
    }

    /// When something is to be written; `None` once it is over.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.file.as_ref().map(|_| self.next_write)
    }

    /// Writes what is old enough, once a second.
    ///
    /// # Errors
    /// [`RecordFault`] ends the recording, once; the file is closed as it is.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), RecordFault> {
        if self.file.is_none() || now < self.next_write {
            return Ok(());
        }
        self.next_write = now + WRITE_EVERY;
        let until = self.samples_at(now).saturating_sub(DELAY);
        self.write_until(until)
    }

    /// Writes the rest and ends the file; returns how long it is.
    ///
    /// # Errors
    /// [`RecordFault`]; what was written before stays.
    pub fn finish(mut self, now: Instant) -> Result<Duration, RecordFault> {
        if self.file.is_none() {
            return Err(RecordFault::Over);
        }
        let until = self.samples_at(now);
        self.write_until(until)?;
        let file = self.file.take().ok_or(RecordFault::Over)?;
        file.finalize()?;
        Ok(Duration::from_micros(self.written * 125))
    }

    fn track(&mut self, side: Side) -> &mut Track {
        match side {
            Side::Caller => &mut self.tracks[0],
            Side::Agent => &mut self.tracks[1],
        }
    }

    /// Samples from the beginning to a moment.
    fn samples_at(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_since(self.started).as_micros()).unwrap_or(u64::MAX) / 125
    }

    fn write_until(&mut self, until: u64) -> Result<(), RecordFault> {
        let room = self.bytes_max / MOMENT;
        let outcome = self.write_moments(until.min(room));
        let outcome = match outcome {
            Ok(()) if until > room => Err(RecordFault::Full(self.bytes_max)),
            outcome => outcome,
        };
        if outcome.is_err() {
            // Dropping it puts the header right if the disk still lets it.
            self.file = None;
        }
        outcome
    }

    fn write_moments(&mut self, until: u64) -> Result<(), RecordFault> {
        let file = self.file.as_mut().ok_or(RecordFault::Over)?;
        let [left, right] = &mut self.tracks;
        while self.written < until {
            let count = (until - self.written).min(KEPT / 2);
            let mut samples = file.get_i16_writer(u32::try_from(count * 2).expect("small"));
            for position in self.written..self.written + count {
                let at = index(position);
                samples.write_sample(std::mem::take(&mut left.samples[at]));
                samples.write_sample(std::mem::take(&mut right.samples[at]));
            }
            samples.flush()?;
            self.written += count;
        }
        Ok(file.flush()?)
    }
}

impl Track {
    fn new() -> Self {
        let samples = vec![0; usize::try_from(KEPT).expect("small")];
        Self { samples, anchor: None, is_muted: false }
    }

    /// Where a packet's first sample belongs, in samples from the beginning.
    fn position(&mut self, header: &Header, clock: u64) -> u64 {
        let known = self.anchor.filter(|anchor| anchor.ssrc == header.ssrc);
        let position = known.and_then(|anchor| {
            let since = header.timestamp.wrapping_sub(anchor.timestamp).cast_signed();
            let position = anchor.position.checked_add_signed(i64::from(since))?;
            (position.abs_diff(clock) <= DRIFT_MAX).then_some(position)
        });
        position.unwrap_or_else(|| {
            let (ssrc, timestamp) = (header.ssrc, header.timestamp);
            self.anchor = Some(Anchor { ssrc, timestamp, position: clock });
            clock
        })
    }
}

fn index(position: u64) -> usize {
    usize::try_from(position % KEPT).expect("two seconds")
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor, SeekFrom};
    use std::sync::{Arc, Mutex};

    use super::super::g711::encode;
    use super::super::tone::{Tone, level, loudness};
    use super::*;

    /// A file that can be looked at while it is written.
    #[derive(Clone, Default)]
    struct Disk(Arc<Mutex<Cursor<Vec<u8>>>>, Option<usize>);

    impl Disk {
        fn bytes(&self) -> Vec<u8> {
            self.0.lock().expect("no panic").get_ref().clone()
        }

        /// Both channels.
        fn read(&self) -> [Vec<i16>; 2] {
            let bytes = self.bytes();
            let mut wav = hound::WavReader::new(&bytes[..]).expect("a good file");
            let all: Vec<i16> = wav.samples().collect::<Result<_, _>>().expect("whole");
            [0, 1].map(|side| all.iter().skip(side).step_by(2).copied().collect())
        }
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.1.is_some_and(|full| self.bytes().len() + bytes.len() > full) {
                return Err(io::Error::from(io::ErrorKind::StorageFull));
            }
            self.0.lock().expect("no panic").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Disk {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.lock().expect("no panic").seek(to)
        }
    }

    const NOON: Instant = Instant::from_micros(5_000_000);

    fn ms(ms: u64) -> Instant {
        NOON + Duration::from_millis(ms)
    }

    /// The frames of a tone, as packets with their numbers.
    fn packets(hertz: f64, ssrc: u32, count: u16) -> Vec<(u64, Header, Vec<u8>)> {
        let mut tone = Tone::new(hertz, 0.5);
        let frame = |n: u16| {
            let header = Header::of(false, 8, n, u32::from(n) * 160 + 77, ssrc);
            let payload = tone.by_ref().take(FRAME).map(|sample| encode(Codec::Pcma, sample));
            (u64::from(n), header, payload.collect())
        };
        (0..count).map(frame).collect()
    }

    fn record(disk: &Disk, left: Vec<(u64, Header, Vec<u8>)>, right: Vec<(u64, Header, Vec<u8>)>) {
        let mut recording = Recording::begin(disk.clone(), NOON, 1 << 30).expect("memory");
        let last = left.iter().chain(&right).map(|it| it.0).max().unwrap_or(0);
        for slot in 0..=last {
            for (side, packets) in [(Side::Caller, &left), (Side::Agent, &right)] {
                for (_, header, payload) in packets.iter().filter(|it| it.0 == slot) {
                    let now = ms(slot * 20);
                    recording.handle_packet(now, side, header, Codec::Pcma, payload);
                }
            }
            recording.handle_timeout(ms(slot * 20)).expect("room");
        }
        let length = recording.finish(ms(last * 20 + 20)).expect("memory");
        assert_eq!(length, Duration::from_millis(last * 20 + 20));
    }

    #[test]
    fn caller_is_left_and_agent_is_right_for_the_whole_length() {
        let disk = Disk::default();
        record(&disk, packets(440.0, 1, 200), packets(1000.0, 2, 200));
        let [left, right] = disk.read();
        assert_eq!((left.len(), right.len()), (32_000, 32_000));
        for (side, own, other) in [(left, 440.0, 1000.0), (right, 1000.0, 440.0)] {
            assert!((level(&side, own) - 0.5).abs() < 0.01);
            // The noise of G.711 lies 38 dB below the tone.
            assert!(level(&side, other) < 0.5 / 80.0);
        }
    }

    #[test]
    fn order_is_restored_copies_do_nothing_and_a_loss_is_a_silence() {
        let disk = Disk::default();
        let mut left = packets(440.0, 1, 100);
        left[10].0 = 14; // 80 ms late
        left.swap(20, 21);
        (left[20].0, left[21].0) = (20, 21);
        left.push(left[30].clone());
        left.remove(50);
        record(&disk, left, Vec::new());
        let [left, right] = disk.read();
        let whole: Vec<i16> = packets(440.0, 1, 100)
            .iter()
            .flat_map(|(_, _, bytes)| bytes.iter().map(|&byte| decode(Codec::Pcma, byte)))
            .collect();
        assert_eq!(left[..8000], whole[..8000]);
        assert_eq!(left[8000..8160], [0; 160]);
        assert_eq!(left[8160..], whole[8160..]);
        assert!(loudness(&right) == 0.0);
    }

    #[test]
    fn a_file_cut_short_plays_up_to_its_last_second() {
        let disk = Disk::default();
        let mut recording = Recording::begin(disk.clone(), NOON, 1 << 30).expect("memory");
        assert_eq!(disk.read()[0].len(), 0, "good from the beginning");
        for (n, header, payload) in packets(440.0, 1, 170) {
            let now = ms(n * 20);
            recording.handle_packet(now, Side::Caller, &header, Codec::Pcma, &payload);
            recording.handle_timeout(now).expect("memory");
        }
        let [left, right] = disk.read(); // as a crash would leave it
        assert_eq!((left.len(), right.len()), (24_000 - 1600, 24_000 - 1600));
        assert!((level(&left, 440.0) - 0.5).abs() < 0.01);
        std::mem::forget(recording);
    }

    #[test]
    fn another_source_or_clock_is_put_where_our_clock_says() {
        let disk = Disk::default();
        let mut left = packets(440.0, 1, 50);
        for (n, mut header, payload) in packets(1000.0, 9, 50) {
            header.timestamp = header.timestamp.wrapping_add(4_000_000_000);
            left.push((n + 50, header, payload));
        }
        for (n, mut header, payload) in packets(2000.0, 9, 50) {
            header.timestamp = header.timestamp.wrapping_add(9_999);
            left.push((n + 100, header, payload));
        }
        record(&disk, left, Vec::new());
        let [left, _] = disk.read();
        for (start, hertz) in [(0, 440.0), (8000, 1000.0), (16_000, 2000.0)] {
            let part = &left[start..start + 8000];
            assert!((level(part, hertz) - 0.5).abs() < 0.01, "{hertz} Hz");
        }
    }

    #[test]
    fn a_muted_side_leaves_no_trace() {
        let disk = Disk::default();
        let mut recording = Recording::begin(disk.clone(), NOON, 1 << 30).expect("memory");
        for (n, header, payload) in packets(440.0, 1, 30) {
            recording.mute(Side::Caller, (10..20).contains(&n));
            recording.handle_packet(ms(n * 20), Side::Caller, &header, Codec::Pcma, &payload);
        }
        recording.finish(ms(600)).expect("memory");
        let [left, _] = disk.read();
        assert_eq!(left[1600..3200], [0; 1600]);
        assert!(loudness(&left[..1600]) > 0.3 && loudness(&left[3200..]) > 0.3);
    }

    #[test]
    fn limits_and_full_disks_end_it_once_with_a_good_file() {
        for (bytes_max, disk) in [(64_000, None), (1 << 30, Some(60_000))] {
            let disk = Disk(Arc::default(), disk);
            let mut recording = Recording::begin(disk.clone(), NOON, bytes_max).expect("memory");
            let outcomes = (1..10).map(|s| recording.handle_timeout(ms(s * 1000)));
            assert_eq!(outcomes.filter(Result::is_err).count(), 1);
            assert_eq!(recording.next_timeout(), None);
            assert!(matches!(recording.finish(ms(9000)), Err(RecordFault::Over)));
            let length = disk.read()[0].len();
            assert!((1..=16_000).contains(&length), "{length}");
        }
    }
}
