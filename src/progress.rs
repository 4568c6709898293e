//! The progress bar: on stderr, and only where a person looks at it.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows how many replications are done.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Begins a bar; indicatif draws it on a terminal only.
    pub(crate) fn begin(replications: u32, is_quiet: bool) -> Self {
        let target = match is_quiet {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr(),
        };
        let bar = ProgressBar::with_draw_target(Some(replications.into()), target);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} replications, {eta} left");
        bar.set_style(style.expect("the template is right"));
        Self { bar }
    }

    /// One more is done.
    pub(crate) fn step(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
