//! What was refused without the switch, and how often.

macro_rules! refusals {
    ($($variant:ident $name:literal $doc:literal,)*) => {
        /// Why a call, a packet or a request was refused here. What SIP itself forbids is counted by the endpoint.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Refused {
            $(#[doc = $doc] $variant,)*
        }

        impl Refused {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in metrics and notes.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

refusals! {
    UnknownNumber "unknown_number" "A call to a number nobody has: 404.",
    Codec "codec" "An offer with nothing we speak, or none we may send to: 488.",
    Overload "overload" "A call beyond the limit, or no port for its audio: 503.",
    Draining "draining" "A call after the end was asked for: 503.",
    Reach "reach" "An address we may not send to: no INVITE, no audio.",
    Caps "caps" "An INVITE of ours beyond the caps.",
    Transfer "transfer" "A REFER by a caller (403) or by an agent whose transfer is not served (603).",
    FeatureCode "feature_code" "A feature code by somebody who is no agent: challenged, or 403.",
    StrayAudio "stray_audio" "Audio for a port without a call.",
    BadAudio "bad_audio" "A datagram on an audio port that is no RTP.",
    ForeignAudio "foreign_audio" "Audio from an address that is not the peer's.",
    BadControl "bad_control" "A datagram on a control port that is no RTCP.",
    ForeignControl "foreign_control" "RTCP from an address that is not the peer's, or before his is proven.",
    Recording "recording" "A recording that the disk refused or ended.",
    Change "change" "A re-INVITE or UPDATE with nothing we speak: 488.",
}

/// How often each reason occurred.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    counts: [u64; Refused::ALL.len()],
}

impl Counters {
    /// How often this one did.
    #[must_use]
    pub fn get(&self, why: Refused) -> u64 {
        self.counts[why as usize]
    }

    /// Those that occurred, with their names.
    pub fn occurred(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let all = Refused::ALL.iter().map(|why| (why.name(), self.get(*why)));
        all.filter(|(_, count)| *count > 0)
    }

    pub(crate) fn count(&mut self, why: Refused) {
        self.counts[why as usize] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_place_and_name() {
        let mut counters = Counters::default();
        for (place, why) in Refused::ALL.iter().enumerate() {
            assert_eq!(*why as usize, place);
            counters.count(*why);
            assert_eq!(counters.occurred().count(), place + 1);
        }
        let mut names: Vec<&str> = Refused::ALL.iter().map(|why| why.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Refused::ALL.len());
    }
}
