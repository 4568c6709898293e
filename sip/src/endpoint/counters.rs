//! What was refused, and how often.

macro_rules! refusals {
    ($($variant:ident $name:literal $doc:literal,)*) => {
        /// Why a message was refused or dropped without the owner.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Refused {
            $(#[doc = $doc] $variant,)*
        }

        impl Refused {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in metrics.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

refusals! {
    Malformed "malformed" "A request that could not be read: 400, 414, 501, 505 or 513.",
    Dropped "dropped" "A message that could not be read and cannot be answered.",
    StrayResponse "stray_response" "A response to nothing we sent.",
    StrayAck "stray_ack" "An ACK of no call here.",
    Method "method" "A method not served, known (405) or not (501).",
    Scheme "scheme" "A Request-URI that is not SIP: 416.",
    TooManyHops "too_many_hops" "Max-Forwards used up: 483.",
    Extension "extension" "An extension is required that is not here: 420.",
    MediaType "media_type" "A body of a type not served: 415, or none acceptable: 406.",
    Merged "merged" "The same request by another way: 482.",
    NoDialog "no_dialog" "A request within a call that is not here, or not by these tags: 481.",
    OutOfOrder "out_of_order" "A request within a call with an old CSeq: 500.",
    Glare "glare" "A change while one of ours is under way: 491.",
    ChangePending "change_pending" "A change while the peer's last one is under way: 500.",
    Interval "interval" "A session interval that is too small: 422.",
    Package "package" "An event or INFO package not served: 489 or 469.",
    Overload "overload" "No room for one more: 503.",
    Unproved "unproved" "A REGISTER without credentials: challenged with 401. Not a fault.",
    Credentials "credentials" "A REGISTER with wrong credentials: 401.",
    Replay "replay" "Credentials used a second time: 401 with a new nonce.",
    Address "address" "A REGISTER for an address that is not the account's: 403 or 404.",
    TooBrief "too_brief" "A registration for too short a time: 423.",
    Contact "contact" "A REGISTER with too many contacts or a wrong one: 400 or 403.",
    Fork "fork" "A second 2xx to one INVITE: acknowledged and hung up.",
    Late "late" "A 2xx to a withdrawn INVITE: acknowledged and hung up.",
}

/// How often each reason occurred.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    counts: [u64; Refused::ALL.len()],
}

impl Counters {
    /// How often this one did.
    pub fn get(&self, why: Refused) -> u64 {
        self.counts[why as usize]
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub(super) fn count(&mut self, why: Refused) {
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
            assert_eq!(counters.get(*why), 1);
            assert!(!Refused::ALL[..place].iter().any(|other| other.name() == why.name()));
        }
        assert_eq!(counters.total(), Refused::ALL.len() as u64);
    }
}
