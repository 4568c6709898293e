//! Addressed streams: (seed, replication, purpose, entity) names a draw, whatever was drawn before.

/// What a draw is for. The discriminant is part of the address: never renumber, only append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Purpose {
    /// Gaps between arrivals.
    Arrival = 1,
    /// Busyness of a day or run.
    Busyness = 2,
    /// Extra arrivals of a demand factor, and thinning.
    Demand = 3,
    /// Sojourns and first state of a modulated arrival process; batch sizes.
    Modulation = 4,
    /// Mood.
    Mood = 5,
    /// Patience.
    Patience = 6,
    /// Balking.
    Balk = 7,
    /// What a caller wants from the IVR.
    Choice = 8,
    /// Time to press a key.
    Think = 9,
    /// Whether a callback is accepted.
    Callback = 10,
    /// Talk time.
    Talk = 11,
    /// Time on hold.
    Hold = 12,
    /// After-call work.
    Acw = 13,
    /// Whether a failed caller tries again.
    Redial = 14,
    /// When.
    RedialDelay = 15,
    /// Whether a served caller calls again.
    Reconnect = 16,
    /// When.
    ReconnectDelay = 17,
    /// Time to answer an offer.
    PickUp = 18,
    /// Whether an offer is left ringing.
    NoAnswer = 19,
    /// Whether an agent comes.
    NoShow = 20,
    /// Who is absent.
    Absence = 21,
}

/// All streams of one replication.
#[derive(Debug, Clone, Copy)]
pub struct Chance {
    base: u64,
}

impl Chance {
    /// Names the streams of a replication of a seed.
    #[must_use]
    pub fn new(seed: u64, replication: u32) -> Self {
        let _ = (seed, replication);
        todo!()
    }

    /// Returns the stream of a purpose for one group of entities (a contact, a queue, an agent group; 0 where there is none).
    #[must_use]
    pub fn stream(&self, purpose: Purpose, group: u32) -> Stream {
        let _ = (self.base, purpose, group);
        todo!()
    }
}

/// The draws of one purpose, by entity.
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    base: u64,
}

impl Stream {
    /// Returns the draw of an entity (a fresh call's number, a day, a seat).
    #[inline]
    #[must_use]
    pub fn draw(&self, entity: u64) -> Draw {
        let _ = (self.base, entity);
        todo!()
    }

    /// Returns the draw of the `repeat`-th repetition for an entity: attempt k of a call, n-th offer to an agent. `repeat` 0 equals [`Stream::draw`].
    #[inline]
    #[must_use]
    pub fn draw_again(&self, entity: u64, repeat: u64) -> Draw {
        let _ = repeat;
        self.draw(entity)
    }
}

/// One addressed draw: a small generator. Implements `rand_core`'s traits too.
#[derive(Debug, Clone)]
pub struct Draw {
    state: u64,
}

impl Draw {
    /// Returns the next 64 random bits.
    #[inline]
    pub fn next_word(&mut self) -> u64 {
        self.state
    }

    /// Returns a uniform number in the open interval (0, 1).
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        todo!()
    }

    /// Returns whether an event of this probability happens.
    #[inline]
    pub fn happens(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Returns a standard exponential number (mean 1).
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        todo!()
    }

    /// Returns a standard normal number.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        todo!()
    }
}
