//! Arrival models: one file each. The registry of `arrivals`.

mod batch;
mod mmpp;
mod poisson;
mod renewal;
mod trace;

use crate::model::Arrivals;

choice! {
    /// When the calls of a contact come.
    pub(crate) enum ArrivalsSettings "arrival model" => Arrivals {
        /// Poisson with a rate that may change in time, and a busyness that may be random.
        Poisson "poisson" (poisson::Settings),
        /// Recorded calls.
        Trace "trace" (trace::Settings),
        /// Independent gaps of any law.
        Renewal "renewal" (renewal::Settings),
        /// Poisson whose rate jumps between states.
        Mmpp "mmpp" (mmpp::Settings),
        /// Poisson batches.
        Batch "batch" (batch::Settings),
    }
}
