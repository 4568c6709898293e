//! `rtp-types` and `rtcp-types` read the same packets: both must agree.

use proptest::prelude::*;
use rtcp_types::prelude::*;
use sip::rtp::rtcp::{Compound, Packet, Session};
use sip::rtp::{Header, Incoming, Outgoing, RtpFault, Start};
use sip::{Duration, Instant};

use crate::header;

/// A packet with everything a header can have, written by the other library.
fn rtp_packet() -> impl Strategy<Value = Vec<u8>> {
    let fields = (any::<bool>(), 0_u8..128, any::<u16>(), any::<u32>(), any::<u32>());
    let sources = prop::collection::vec(any::<u32>(), 0..15);
    let extension = prop::option::of((any::<u16>(), prop::collection::vec(any::<u8>(), 0..5)));
    let payload = prop::collection::vec(any::<u8>(), 0..200);
    let padding = prop::option::of(1_u8..50);
    (fields, sources, extension, payload, padding).prop_map(
        |((marker, kind, sequence, timestamp, ssrc), sources, extension, payload, padding)| {
            let words: Vec<u8> = extension.iter().flat_map(|(_, d)| d.repeat(4)).collect();
            let mut builder = rtp_types::RtpPacketBuilder::<&[u8], &[u8]>::new()
                .marker_bit(marker)
                .payload_type(kind)
                .sequence_number(sequence)
                .timestamp(timestamp)
                .ssrc(ssrc)
                .payload(payload.as_slice())
                .maybe_padding(padding);
            for source in sources {
                builder = builder.add_csrc(source);
            }
            if let Some((id, _)) = extension {
                builder = builder.extension(id, words.as_slice());
            }
            builder.write_vec().expect("a good packet")
        },
    )
}

/// Bytes that are nearly packets: cut, lengthened, or with some bytes replaced.
fn nearly(packet: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let cut = prop::option::of(any::<prop::sample::Index>());
    let more = prop::collection::vec(any::<u8>(), 0..3);
    (packet, changes, cut, more).prop_map(|(mut bytes, changes, cut, more)| {
        for (at, value) in changes {
            // Mostly where the lengths are.
            let at =
                if value & 1 == 0 { at.index(4.min(bytes.len())) } else { at.index(bytes.len()) };
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        bytes.extend(more);
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_read_the_same_from_the_same_bytes(bytes in nearly(rtp_packet())) {
        match (Header::parse(&bytes), rtp_types::RtpPacket::parse(&bytes)) {
            (Ok(ours), Ok(theirs)) => {
                prop_assert_eq!(ours.marker, theirs.marker_bit());
                prop_assert_eq!(ours.payload_type, theirs.payload_type());
                prop_assert_eq!(ours.sequence, theirs.sequence_number());
                prop_assert_eq!(ours.timestamp, theirs.timestamp());
                prop_assert_eq!(ours.ssrc, theirs.ssrc());
                prop_assert_eq!(ours.payload(&bytes), theirs.payload());
            }
            (Err(_), Err(_)) => {}
            // Theirs does not tell control packets apart.
            (Err(fault), Ok(_)) => prop_assert_eq!(fault, RtpFault::Control),
            (Ok(_), Err(fault)) => prop_assert!(false, "only theirs refuses: {}", fault),
        }
    }

    #[test]
    fn what_a_relay_sends_is_read_by_others(
        mut bytes in rtp_packet(), sequence: u16, timestamp: u32, ssrc: u32,
    ) {
        let Ok(theirs) = Header::parse(&bytes) else { return Ok(()) };
        let payload = theirs.payload(&bytes).to_vec();
        let mut out = Outgoing::new(Start { ssrc, sequence, timestamp });
        let fresh = out.relay(Instant::default(), &theirs, 101).expect("the first");
        let sent = theirs.rewrite(&mut bytes, fresh);
        let read = rtp_types::RtpPacket::parse(sent).expect("well formed");
        prop_assert_eq!((read.sequence_number(), read.timestamp(), read.ssrc()), (sequence, timestamp, ssrc));
        prop_assert_eq!((read.payload_type(), read.n_csrcs(), read.extension()), (101, 0, None));
        prop_assert_eq!(read.payload(), payload.as_slice());
    }

    #[test]
    fn our_reports_are_read_by_others(
        name in prop::collection::vec(0x21_u8..0x7F, 1..300),
        came in prop::collection::vec(0_u16..200, 1..50),
        sends: bool, leaves: bool, ntp: u64,
    ) {
        let mut outgoing = Outgoing::new(Start { ssrc: 7, sequence: 0, timestamp: 0 });
        let now = Instant::from_micros(3_000_000);
        if sends {
            outgoing.frame(now, 8, 160);
        }
        let mut incoming = Incoming::default();
        for sequence in came {
            incoming.receive(now, &header(sequence, u32::from(sequence) * 160, 9, &[0; 160]));
        }
        let seen = incoming.clone().observe().expect("a source");
        let mut session = Session::new(&name);
        let mut bytes = Vec::new();
        if leaves {
            session.leave(now, ntp, &outgoing, &mut incoming, &mut bytes);
        } else {
            session.start(Instant::default(), 0);
            let later = now + Duration::from_secs(9);
            prop_assert!(session.handle_timeout(later, ntp, 0, &outgoing, &mut incoming, &mut bytes));
        }
        let theirs: Vec<_> = rtcp_types::Compound::parse(&bytes).expect("good").collect();
        prop_assert_eq!(theirs.len(), if leaves { 3 } else { 2 });
        let first = theirs[0].as_ref().expect("good");
        let block = if let (true, rtcp_types::Packet::Sr(report)) = (sends, first) {
            prop_assert_eq!((report.ssrc(), report.ntp_timestamp()), (7, ntp));
            prop_assert_eq!((report.packet_count(), report.octet_count()), (1, 160));
            report.report_blocks().next()
        } else if let (false, rtcp_types::Packet::Rr(report)) = (sends, first) {
            report.report_blocks().next()
        } else {
            None
        };
        let block = block.expect("about one source");
        prop_assert_eq!((block.ssrc(), block.fraction_lost()), (9, seen.fraction_lost));
        prop_assert_eq!(block.cumulative_lost().cast_signed(), seen.lost);
        prop_assert_eq!(block.extended_sequence_number(), seen.highest_sequence);
        prop_assert_eq!(block.interarrival_jitter(), seen.jitter);
        let is_named = matches!(theirs[1], Ok(rtcp_types::Packet::Sdes(_)));
        prop_assert!(is_named, "{:?}", theirs[1]);
    }

    #[test]
    fn their_reports_are_read_by_us(bytes in nearly(reports())) {
        let theirs = rtcp_types::Compound::parse(&bytes);
        let Ok(ours) = Compound::parse(&bytes) else { return Ok(()) };
        // What we accept, they accept too, packet by packet.
        let theirs: Vec<_> = theirs.expect("only theirs refuses").collect();
        let ours: Vec<_> = ours.packets().collect();
        prop_assert_eq!(ours.len(), theirs.len());
        for (ours, theirs) in ours.iter().zip(theirs) {
            let (Packet::SenderReport { ssrc, info, reports }, Ok(rtcp_types::Packet::Sr(theirs))) =
                (ours, theirs)
            else {
                continue;
            };
            prop_assert_eq!((*ssrc, info.ntp), (theirs.ssrc(), theirs.ntp_timestamp()));
            prop_assert_eq!((info.timestamp, info.packets), (theirs.rtp_timestamp(), theirs.packet_count()));
            for (ours, theirs) in reports.iter().zip(theirs.report_blocks()) {
                prop_assert_eq!((ours.ssrc, ours.jitter), (theirs.ssrc(), theirs.interarrival_jitter()));
                prop_assert_eq!(ours.lost & 0xFF_FFFF, theirs.cumulative_lost().cast_signed());
                prop_assert_eq!(ours.last_report, theirs.last_sender_report_timestamp());
            }
        }
    }
}

/// Compound packets written by the other library.
fn reports() -> impl Strategy<Value = Vec<u8>> {
    let blocks =
        prop::collection::vec((any::<u32>(), any::<u8>(), 0_u32..0xFF_FFFF, any::<u32>()), 0..4);
    (any::<u32>(), any::<u64>(), blocks, any::<bool>()).prop_map(|(ssrc, ntp, blocks, leaves)| {
        let mut report = rtcp_types::SenderReport::builder(ssrc).ntp_timestamp(ntp).packet_count(5);
        for (ssrc, fraction, lost, jitter) in blocks {
            report = report.add_report_block(
                rtcp_types::ReportBlock::builder(ssrc)
                    .fraction_lost(fraction)
                    .cumulative_lost(lost)
                    .interarrival_jitter(jitter),
            );
        }
        let mut compound = rtcp_types::Compound::builder().add_packet(report);
        if leaves {
            compound = compound.add_packet(rtcp_types::Bye::builder().add_source(ssrc));
        }
        let mut bytes = vec![0; compound.calculate_size().expect("small")];
        compound.write_into(&mut bytes).expect("room");
        bytes
    })
}
