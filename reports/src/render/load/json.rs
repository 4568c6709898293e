//! What `summary.json` says of a load run besides its figures: the object `load`.
//!
//! `setup` is how the run was made, `statuses` the calls by the response that decided them, the objects after it
//! what was counted by kind (`others`: kinds beyond the limit of a table), `health` the generator's, `mos_model` the
//! constants of the quality figures. What nobody measured is `{"not_observed": true}`.

use crate::render::json::Writer;
use crate::traffic::{EModel, Health, Kinds, LoadReport};
use std::fmt::Display;

/// Writes the object.
pub(in crate::render) fn write(out: &mut Writer<'_>, load: &LoadReport) {
    out.object(|out| {
        out.field("setup", |out| {
            out.object(|out| {
                for (what, value) in &load.statements {
                    out.named(what, |out| out.text(value));
                }
            });
        });
        out.field("end_s", |out| out.seconds(load.end));
        out.field("placing_s", |out| out.seconds(load.placing));
        out.field("interval_s", |out| out.seconds(load.interval));
        out.field("statuses", |out| {
            out.inline(|out| {
                for (status, count) in load.statuses() {
                    out.field(&status.to_string(), |out| out.raw(&count.to_string()));
                }
            });
        });
        let tables = &load.tables;
        out.field("failures", |out| kinds(out, &tables.calls));
        out.field("registration_failures", |out| kinds(out, &tables.registrations));
        out.field("retransmissions", |out| kinds(out, &tables.repeated));
        out.field("repeats_came", |out| kinds(out, &tables.repeats_came));
        out.field("unexpected", |out| kinds(out, &tables.unexpected));
        out.field("health", |out| health(out, &load.health));
        if let Some(model) = &load.model {
            out.field("mos_model", |out| mos_model(out, model));
        }
    });
}

fn kinds<K: Copy + Ord + Display>(out: &mut Writer<'_>, kinds: &Kinds<K>) {
    out.inline(|out| {
        for (kind, count) in kinds.iter() {
            out.field(&kind.to_string(), |out| out.raw(&count.to_string()));
        }
        if kinds.others() > 0 {
            out.field("others", |out| out.raw(&kinds.others().to_string()));
        }
    });
}

fn health(out: &mut Writer<'_>, health: &Health) {
    out.object(|out| {
        out.field("cpu_by_thread", |out| {
            out.inline_list(health.cpu.iter().copied(), Writer::number)
        });
        out.field("starved", |out| match health.starved {
            Some(share) => out.number(share),
            None => out.not_observed(),
        });
        out.field("loop_lag_p999_s", |out| out.seconds(health.loop_lag));
        out.field("start_lag_p99_s", |out| out.seconds(health.start_lag));
        if let Some(lag) = health.audio_lag {
            out.field("audio_lag_p99_s", |out| out.seconds(lag));
        }
        let counts = [
            ("receive_overflows", health.overflows),
            ("send_failures", health.send_failures),
            ("messages_sent", health.sent),
            ("messages_received", health.received),
        ];
        for (key, count) in counts {
            out.field(key, |out| out.raw(&count.to_string()));
        }
        out.field("faults", |out| out.inline_list(&health.faults, |out, fault| out.text(fault)));
    });
}

fn mos_model(out: &mut Writer<'_>, model: &EModel) {
    out.inline(|out| {
        out.field("name", |out| out.text("ITU-T G.107"));
        out.field("codec", |out| out.text(model.codec));
        out.field("ie", |out| out.number(model.ie));
        out.field("bpl", |out| out.number(model.bpl));
        out.field("burst_r", |out| out.number(model.burst_r));
        out.field("delay_s", |out| out.seconds(model.delay));
    });
}
