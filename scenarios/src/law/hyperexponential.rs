//! `hyperexponential = { p = [0.4, 0.6], mean = ["30s", "180s"] }`: exponential with one of several
//! means; or `{ mean = "90s", cv = 1.7 }`, two phases fitted with balanced means
//! (p₁m₁ = p₂m₂; Whitt 1982, *Approximating a Point Process by a Renewal Process*).

use crate::law::{Amount, positive};
use crate::limits;
use crate::read::{OneOrMany, Positive};
use crate::resolve::Resolver;
use crate::source::Span;
use acd::Share;
use chance::Law;

settings! {
    /// A hyperexponential law.
    pub(crate) struct Settings<A> {
        /// The probability of each phase; together 1.
        p: Option<Vec<Share>>,
        /// The mean of each phase, or of the whole law when it is given by `cv`.
        mean: OneOrMany<A>,
        /// Standard deviation ÷ mean, above 1.
        cv: Option<Positive>,
    }
}

impl<A: Amount> Settings<A> {
    pub(crate) fn resolve(&self, span: Span, resolver: &mut Resolver) -> Option<Law> {
        let mut means = Vec::with_capacity(self.mean.0.len());
        for mean in &self.mean.0 {
            means.push(positive(*mean, "mean", span, resolver)?);
        }
        match (&self.p, self.cv, means.as_slice()) {
            (Some(p), None, means) => by_phases(p, means, span, resolver),
            (None, Some(cv), [mean]) => by_cv(*mean, cv.0, span, resolver),
            (Some(_) | None, _, _) => {
                resolver
                    .faults
                    .error(span, "a hyperexponential law is given in two ways or in none")
                    .label("expected `p` and `mean` as lists, or one `mean` and `cv`");
                None
            }
        }
    }
}

fn by_phases(p: &[Share], means: &[f64], span: Span, resolver: &mut Resolver) -> Option<Law> {
    if p.len() != means.len() {
        let message = format!("{} probabilities for {} means", p.len(), means.len());
        resolver.faults.error(span, message).label("expected as many of `p` as of `mean`");
        return None;
    }
    resolver.within(p.len(), limits::PHASES, "phases", span)?;
    resolver.add_to_one(p.iter().map(|share| share.0), "the probabilities `p`", span)?;
    Some(Law::Hyperexponential {
        phases: p.iter().map(|share| share.0).zip(means.iter().copied()).collect(),
    })
}

fn by_cv(mean: f64, cv: f64, span: Span, resolver: &mut Resolver) -> Option<Law> {
    if cv <= 1.0 {
        let fault = resolver.faults.error(span, format!("no hyperexponential law has the cv {cv}"));
        fault.label("expected `cv` above 1").hint("below 1 use `erlang` or `gamma`");
        return None;
    }
    let squared = cv * cv;
    let first = 0.5 * (1.0 + ((squared - 1.0) / (squared + 1.0)).sqrt());
    let phases = [first, 1.0 - first].map(|p| (p, mean / (2.0 * p)));
    Some(Law::Hyperexponential { phases: phases.to_vec() })
}
