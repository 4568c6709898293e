//! The calls outside the switch: who calls on which leg, and how far he has been answered.

use crate::identity::Identity;
use crate::media::MediaId;
use acd::{CallId, ContactId, OfferId};
use sip::endpoint::Leg;

/// How far the caller's INVITE has been answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Not at all, but for the 100.
    Offered,
    /// 180.
    Ringing,
    /// 183: he hears us before the answer.
    Early,
    /// 200.
    Answered,
}

/// How keys are taken at a menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gathers {
    /// A key stops the prompt; else keys count only after it.
    pub(crate) barge_in: bool,
    /// Whether the prompt has come to its end.
    pub(crate) is_played: bool,
}

/// A call, from its INVITE until both the switch and the wire are done with it.
#[derive(Debug)]
pub(crate) struct Call {
    /// The caller's leg; `None` when it is over.
    pub(crate) leg: Option<Leg>,
    pub(crate) contact: ContactId,
    /// Its number among the calls of this run: the address of what is drawn for it.
    pub(crate) number: u64,
    pub(crate) stage: Stage,
    /// Whether the switch has it.
    pub(crate) is_in_switch: bool,
    /// Its audio; `None` when the leg is over.
    pub(crate) media: Option<MediaId>,
    /// Who calls.
    pub(crate) identity: Identity,
    /// Whom he talks to.
    pub(crate) with: Option<OfferId>,
    /// Whether the switch waits for a key, and whether it stops the prompt.
    pub(crate) gathers: Option<Gathers>,
}

/// The table of calls; slots are used again.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// Calls since the beginning.
    opened: u64,
}

#[derive(Debug, Default)]
struct Slot {
    age: u32,
    call: Option<Call>,
}

impl Calls {
    /// Opens a call on a leg; the switch is about to hear of it.
    pub(crate) fn open(
        &mut self,
        leg: Leg,
        contact: ContactId,
        media: MediaId,
        identity: Identity,
    ) -> CallId {
        let number = self.opened;
        self.opened += 1;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            u32::try_from(self.slots.len() - 1).expect("the endpoint's legs are fewer")
        });
        let place = &mut self.slots[slot as usize];
        place.call = Some(Call {
            leg: Some(leg),
            contact,
            number,
            stage: Stage::Offered,
            is_in_switch: true,
            media: Some(media),
            identity,
            with: None,
            gathers: None,
        });
        CallId { slot, age: place.age }
    }

    /// Returns a call that is not over.
    pub(crate) fn get(&self, id: CallId) -> Option<&Call> {
        self.slots.get(id.index()).filter(|slot| slot.age == id.age)?.call.as_ref()
    }

    /// Returns a call that is not over, to be changed.
    pub(crate) fn get_mut(&mut self, id: CallId) -> Option<&mut Call> {
        self.slots.get_mut(id.index()).filter(|slot| slot.age == id.age)?.call.as_mut()
    }

    /// Forgets a call once neither the wire nor the switch has it.
    pub(crate) fn close_if_over(&mut self, id: CallId) {
        let is_over = self.get(id).is_some_and(|call| call.leg.is_none() && !call.is_in_switch);
        if !is_over {
            return;
        }
        let slot = &mut self.slots[id.index()];
        slot.age = slot.age.wrapping_add(1);
        self.free.push(id.slot);
        slot.call = None;
    }

    /// Returns how many calls there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}
