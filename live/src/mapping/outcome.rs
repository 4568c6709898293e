//! What a caller's telephone is told when he is let go (LIVE policy 9), and what an agent's telephone means by its answer.

use acd::{OfferFailure, ReleaseCause};
use sip::Duration;
use sip::endpoint::End;

/// How long a caller is asked to wait before he tries a centre again that has no room.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// What an unanswered caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Farewell {
    /// The final status of an INVITE not yet answered.
    pub(super) status: u16,
    /// The value of Reason, on the final status and on a BYE.
    pub(super) reason: Option<&'static str>,
    /// Retry-After of the final status.
    pub(super) retry_after: Option<Duration>,
}

/// Q.850 causes: 17 user busy, 21 call rejected, 34 no circuit available.
pub(super) fn farewell(cause: ReleaseCause) -> Farewell {
    let (status, reason) = match cause {
        ReleaseCause::Blocked => (486, Some("Q.850;cause=34;text=\"No line free\"")),
        ReleaseCause::Full => (486, Some("Q.850;cause=17;text=\"Queue full\"")),
        ReleaseCause::Closed => (480, Some("Q.850;cause=21;text=\"Closed\"")),
        ReleaseCause::TimedOut => (480, Some("X-ACD;text=\"timed out\"")),
        ReleaseCause::ClosedOut => (503, Some("X-ACD;text=\"closed out\"")),
        ReleaseCause::Cut => (503, Some("X-ACD;text=\"cut\"")),
        ReleaseCause::CallbackListed => (480, Some("X-ACD;text=\"callback listed\"")),
        ReleaseCause::Finished | ReleaseCause::AgentGone => (480, Some("Q.850;cause=16")),
        ReleaseCause::Stale => (481, None),
    };
    Farewell { status, reason, retry_after: (status == 503).then_some(RETRY_AFTER) }
}

/// What the end of a leg that rang means for the offer.
pub(super) fn failure(why: End) -> OfferFailure {
    match why {
        End::Refused(486 | 600) => OfferFailure::Busy,
        End::Refused(408 | 480 | 487) => OfferFailure::NoAnswer,
        // 401 and 407: we have no credentials for an agent's telephone; it can ring for nobody.
        End::Refused(401 | 404 | 407 | 410 | 500..=599) => OfferFailure::Unreachable,
        // 3xx is not followed; 488, 606: no codec; the rest is a refusal, too.
        End::Refused(_) => OfferFailure::Declined,
        End::TimedOut | End::Unreachable | End::PeerGone => OfferFailure::Unreachable,
        End::Hangup | End::Cancelled | End::Ours | End::SessionExpired => OfferFailure::Declined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_the_status_of_the_policy() {
        let status = |cause| farewell(cause).status;
        assert_eq!(status(ReleaseCause::Blocked), 486);
        assert_eq!(status(ReleaseCause::Full), 486);
        assert_eq!(status(ReleaseCause::Closed), 480);
        assert_eq!(status(ReleaseCause::ClosedOut), 503);
        assert!(farewell(ReleaseCause::Blocked).reason.is_some_and(|r| r.contains("cause=34")));
        assert!(farewell(ReleaseCause::Full).reason.is_some_and(|r| r.contains("cause=17")));
        assert!(farewell(ReleaseCause::Closed).reason.is_some_and(|r| r.contains("cause=21")));
        assert!(farewell(ReleaseCause::Cut).retry_after.is_some());
        assert!(farewell(ReleaseCause::Full).retry_after.is_none());
    }

    #[test]
    fn every_answer_of_a_telephone_means_what_the_mapping_says() {
        for (status, expected) in [
            (486, OfferFailure::Busy),
            (600, OfferFailure::Busy),
            (603, OfferFailure::Declined),
            (408, OfferFailure::NoAnswer),
            (480, OfferFailure::NoAnswer),
            (487, OfferFailure::NoAnswer),
            (404, OfferFailure::Unreachable),
            (410, OfferFailure::Unreachable),
            (500, OfferFailure::Unreachable),
            (503, OfferFailure::Unreachable),
            (488, OfferFailure::Declined),
            (302, OfferFailure::Declined),
            (401, OfferFailure::Unreachable),
        ] {
            assert_eq!(failure(End::Refused(status)), expected, "{status}");
        }
        assert_eq!(failure(End::TimedOut), OfferFailure::Unreachable);
    }
}
