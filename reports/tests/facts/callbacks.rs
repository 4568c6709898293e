//! Callbacks: a place that is kept, and the list.

use crate::story::*;
use acd::kpi::Scope;
use acd::{AgentPhase, Event, Outcome};

const READY: AgentPhase = AgentPhase::Ready;

#[test]
fn callbacks_keep_their_place_or_stand_on_the_list() {
    let mut story = Story::default();
    story.signs_in(0, 0, NORTH);
    // Virtual hold: stays offered, is answered when connected.
    story.waits_in_sales(10, 0).event(10, Event::CallbackAccepted { call: call(0), queue: SALES });
    story.offered(100, 0, 0, SALES, true).answered(100, 0, 0, SALES, 90, 0);
    // List: an outcome at once; the call out is no attempt.
    story.waits_in_sales(20, 1).leaves(20, 1, SALES, Outcome::CallbackListed, 0);
    story.talk_ends(200, 0, 0, 100, READY);
    let made = Event::OfferMade {
        offer: offer(0),
        call: call(1),
        queue: SALES,
        was_waiting: false,
        is_callback: true,
    };
    story.event(200, made);
    let answered = Event::CallAnswered {
        offer: offer(0),
        call: call(1),
        queue: SALES,
        wait: secs(185),
        ring: secs(5),
        is_callback: true,
    };
    story.event(205, answered);
    let ended = Event::TalkEnded {
        offer: offer(0),
        call: call(1),
        talk: secs(95),
        hold: secs(10),
        next: READY,
        reason: None,
        was_cut: false,
        is_callback: true,
    };
    story.event(310, ended);
    let totals = story.totals(&context(), 600);
    let figures = Figures(&totals);
    same(figures.run("offered"), 2.0);
    same(figures.run("answered"), 1.0);
    same(figures.run("callbacks"), 1.0);
    same(figures.run("callback_listed"), 1.0);
    same(figures.run("mean_callback_list"), 180.0 / 600.0);
    // One came up in its place after 90 s, one from the list after 180 s.
    same(figures.at("callback_delay_s", Scope::Queue(SALES)), (90.0 + 180.0) / 2.0);
    same(figures.run("callback_delay_s"), (90.0 + 180.0) / 2.0);
    same(figures.run("asa_s"), 90.0);
    same(figures.run("p_wait"), 1.0);
    // Both talks are handled calls.
    same(figures.run("aht_s"), (100.0 + 105.0) / 2.0);
    same(figures.run("hold_s"), 5.0);
    same(figures.run("mean_in_system"), (190.0 + 110.0) / 600.0);
    same(figures.run("mean_busy_trunks"), 190.0 / 600.0);
}

#[test]
fn a_callback_that_is_dropped_leaves_the_list_and_counts_as_listed() {
    let mut story = Story::default();
    for number in 0..3 {
        story.waits_in_sales(20, number).leaves(20, number, SALES, Outcome::CallbackListed, 0);
    }
    story.signs_in(100, 0, NORTH);
    story.event(120, Event::CallbackDropped { call: call(0), queue: SALES });
    // One rings when it is dropped.
    let made = Event::OfferMade {
        offer: offer(0),
        call: call(1),
        queue: SALES,
        was_waiting: false,
        is_callback: true,
    };
    story.event(140, made);
    story.event(150, Event::CallbackDropped { call: call(1), queue: SALES });
    let totals = story.totals(&context(), 600);
    let figures = Figures(&totals);
    same(figures.run("callback_listed"), 3.0);
    same(figures.run("closed_out"), 0.0);
    same(figures.run("mean_callback_list"), (100.0 + 120.0 + 580.0) / 600.0);
    same(figures.at("mean_callback_list", Scope::Queue(SALES)), 800.0 / 600.0);
    same(figures.run("mean_in_system"), 10.0 / 600.0);
}
