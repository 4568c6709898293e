//! What was recorded is repeated exactly; what was changed is found; what was cut short is used as far as it goes.

use crate::wild::{raw_input, wild_config};
use acd::{Acd, Input, Output, Recorder, Replay, ReplayError, Timestamp};
use proptest::prelude::*;

/// A switch whose every word is recorded, as a live one is.
struct Recorded {
    acd: Acd,
    recorder: Recorder,
    said: Vec<Vec<Output>>,
    bytes: Vec<u8>,
}

impl Recorded {
    fn new() -> Self {
        let acd = Acd::new(wild_config(0));
        let recorder = Recorder::new(Timestamp::ZERO, &acd);
        Self { acd, recorder, said: Vec::new(), bytes: Vec::new() }
    }

    fn note(&mut self, out: Vec<Output>) {
        for output in &out {
            match output {
                Output::Command(command) => self.recorder.command(command),
                Output::Event(event) => self.recorder.event(event),
            }
        }
        self.said.push(out);
    }

    /// Wakes the switch late for its timers, then says something to it.
    fn play(&mut self, now: Timestamp, input: Input) {
        if self.acd.next_timeout().is_some_and(|due| due <= now) {
            let mut out = Vec::new();
            self.recorder.timeout(now);
            self.acd.handle_timeout(now, &mut out);
            self.note(out);
        }
        let mut out = Vec::new();
        self.recorder.input(now, input);
        self.acd.handle(now, input, &mut out);
        self.note(out);
    }

    /// Plays everything; a snapshot and a flush come after each `pause` inputs.
    fn play_all(acts: &[(u8, Input)], pause: usize) -> Self {
        let mut recorded = Self::new();
        let mut now = 0;
        for (index, (step, input)) in acts.iter().enumerate() {
            now += u64::from(*step) * 500_000;
            recorded.play(Timestamp(now), *input);
            if index % pause == pause - 1 {
                recorded.recorder.snapshot(Timestamp(now), &recorded.acd);
                recorded.recorder.flush(&mut recorded.bytes);
            }
        }
        recorded.recorder.flush(&mut recorded.bytes);
        recorded
    }
}

/// Repeats a recording; returns what the switch says again.
fn repeat(mut replay: Replay<'_>) -> Vec<Vec<Output>> {
    let (mut said, mut out) = (Vec::new(), Vec::new());
    while let Some(step) = replay.step(&mut out).expect("a whole recording") {
        assert_eq!(step.number, said.len() as u64);
        assert!(step.agrees, "step {} differs", step.number);
        said.push(out.clone());
    }
    assert_eq!((replay.differing_snapshots(), replay.left_over()), (0, 0));
    said
}

fn acts() -> impl Strategy<Value = Vec<(u8, Input)>> {
    prop::collection::vec(raw_input(), 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_recording_is_repeated_word_for_word(acts in acts(), pause in 1_usize..60) {
        let recorded = Recorded::play_all(&acts, pause);
        let said = repeat(Replay::new(&recorded.bytes).expect("a recording"));
        prop_assert_eq!(&said, &recorded.said);
        let newest = repeat(Replay::from_newest(&recorded.bytes).expect("a recording"));
        prop_assert!(recorded.said.ends_with(&newest));
        prop_assert!(acts.len() < pause || newest.len() < said.len());
    }

    #[test]
    fn a_recording_cut_anywhere_is_repeated_as_far_as_it_goes(acts in acts(), at in any::<prop::sample::Index>()) {
        let recorded = Recorded::play_all(&acts, 5);
        let cut = &recorded.bytes[..at.index(recorded.bytes.len())];
        let Ok(mut replay) = Replay::new(cut) else { return Ok(()) };
        let (mut steps, mut out) = (0, Vec::new());
        while replay.step(&mut out).expect("what is whole is good").is_some() {
            prop_assert_eq!(&out, &recorded.said[steps]);
            steps += 1;
        }
        prop_assert!(replay.left_over() < cut.len());
    }

    #[test]
    fn a_changed_byte_is_found(acts in acts(), at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let mut bytes = Recorded::play_all(&acts, 5).bytes;
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        let mut out = Vec::new();
        let outcome = Replay::new(&bytes).and_then(|mut replay| {
            while replay.step(&mut out)?.is_some() {}
            Ok(replay.left_over())
        });
        // A length that grew looks like a recording cut short; everything else breaks a check sum.
        prop_assert!(!matches!(outcome, Ok(0)), "byte {at} changed unseen");
    }
}

#[test]
fn a_switch_that_decides_otherwise_is_found_at_its_first_step() {
    let mut recorded = Recorded::new();
    let arrives = |slot| Input::CallOffered {
        call: acd::CallId { slot, age: 0 },
        contact: acd::ContactId(0),
        kind: acd::AttemptKind::Fresh,
        attempt: 0,
        caller: 1,
    };
    recorded.play(Timestamp(1), arrives(0));
    // What is recorded is not what was said: as if the recording came from another version.
    recorded.recorder.input(Timestamp(2), arrives(1));
    recorded.acd.handle(Timestamp(2), arrives(1), &mut Vec::new());
    recorded.play(Timestamp(3), arrives(2));
    recorded.recorder.flush(&mut recorded.bytes);
    let mut replay = Replay::new(&recorded.bytes).expect("a recording");
    let mut agrees = Vec::new();
    while let Some(step) = replay.step(&mut Vec::new()).expect("whole") {
        agrees.push(step.agrees);
    }
    assert_eq!(agrees, [true, false, true]);
}

#[test]
fn other_bytes_are_no_recording() {
    for bytes in [&b""[..], b"CSREC\0\0\x02", b"INVITE sip:a SIP/2.0", &[0xFF; 64]] {
        assert_eq!(Replay::new(bytes).err(), Some(ReplayError::NotARecording));
    }
    assert_eq!(Replay::new(b"CSREC\0\0\x01").err(), Some(ReplayError::NotARecording));
}
