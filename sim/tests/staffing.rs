//! The four staff rules against exact answers: M(t)/M/s(t)+M over two hours, solved by Kolmogorov's equations.
//!
//! 100, 240, 120, 180 calls/h by half-hour, 7, 13, 6, 10 agents, talk 180 s, patience 150 s (case TV1).

mod common;

use acd::Rate;
use acd::kpi::{Kpi, Selector};
use common::{assert_meets, assert_near, at, exponential, group, mean, scenario, secs, simulate};
use reports::Summary;
use scenarios::{Arrivals, Poisson, RateCurve, Scenario, Shift, StaffRule};

fn tv1(rule: StaffRule) -> Scenario {
    let mut tv1 = scenario(0);
    let steps = [(0, 100.0), (1800, 240.0), (3600, 120.0), (5400, 180.0)];
    let rate = |(start, per_hour)| (at(start), Rate { per_hour });
    tv1.contacts[0].arrivals = Arrivals::Poisson(Poisson {
        rate: RateCurve::Steps(steps.into_iter().map(rate).collect()),
        busyness: None,
    });
    tv1.contacts[0].patience = exponential(150.0);
    tv1.groups[0].schedule = vec![(at(0), 7), (at(1800), 13), (at(3600), 6), (at(5400), 10)];
    tv1.length = secs(7200);
    tv1.run.when_staff_shrinks = rule;
    tv1.run.replications = 4000;
    tv1
}

fn third_half_hour(summary: &Summary, kpi: Kpi, exact: f64) {
    let kpis = [kpi];
    let mut half_hours = summary.intervals_of(Selector::ALL, &kpis).map(|(_, _, figures)| figures);
    let figures = half_hours.nth(2);
    let estimate = figures.and_then(|figures| figures.figure(kpi, None)).expect("observed");
    assert_near(estimate, exact, kpi.key());
}

#[test]
fn named_agents_finish_and_leave_while_others_take_calls() {
    let summary = simulate(&tv1(StaffRule::NamedFinish));
    assert_meets(&summary, Kpi::AbandonmentRate, 0.088_067_9);
    assert_meets(&summary, Kpi::MeanWait, 13.210_19);
    third_half_hour(&summary, Kpi::AbandonedIn, 10.449_57);
    third_half_hour(&summary, Kpi::MeanBusy, 5.555_064);
    third_half_hour(&summary, Kpi::Overtime, 905.1985);
}

#[test]
fn nobody_takes_a_call_until_enough_have_finished() {
    let summary = simulate(&tv1(StaffRule::FirstToFinish));
    assert_meets(&summary, Kpi::AbandonmentRate, 0.095_259_8);
    assert_meets(&summary, Kpi::MeanWait, 14.288_97);
    third_half_hour(&summary, Kpi::AbandonedIn, 12.750_95);
    third_half_hour(&summary, Kpi::MeanBusy, 5.324_940);
    third_half_hour(&summary, Kpi::Overtime, 309.3296);
}

#[test]
fn surplus_calls_go_back_to_their_queue() {
    let summary = simulate(&tv1(StaffRule::Requeue));
    assert_meets(&summary, Kpi::AbandonmentRate, 0.100_775_6);
    assert_meets(&summary, Kpi::MeanWait, 15.116_34);
    third_half_hour(&summary, Kpi::AbandonedIn, 14.515_99);
    third_half_hour(&summary, Kpi::MeanBusy, 5.148_437);
    assert!(mean(&summary, Kpi::Overtime).abs() < 1e-9);
}

#[test]
fn surplus_calls_are_cut() {
    let mut cut = tv1(StaffRule::Cut);
    cut.run.replications = 200;
    let summary = simulate(&cut);
    // 11.83 busy before the drop to 6.
    let cuts = mean(&summary, Kpi::CutInTalk);
    assert!((4.5..6.5).contains(&cuts), "{cuts}");
    assert!(mean(&summary, Kpi::Overtime).abs() < 1e-9);
}

#[test]
fn absent_and_missing_agents_are_counted_whole() {
    let mut quiet = scenario(20);
    quiet.contacts[0].arrivals = common::poisson(1.0);
    quiet.length = secs(4 * 3600);
    quiet.groups[0].no_show = 0.25;
    quiet.timeline = vec![scenarios::TimelineEntry {
        name: "flu".to_owned(),
        at: at(2 * 3600),
        happening: scenarios::Happening::Absence {
            groups: Vec::new(),
            share: 0.2,
            lasts: secs(3600),
        },
    }];
    quiet.run.replications = 400;
    let summary = simulate(&quiet);
    let adherence = |interval: usize| {
        let figures = summary.intervals().nth(interval).expect("an interval").kpis;
        let all = figures.iter().find(|scope| scope.selector == Selector::ALL).expect("observed");
        all.figure(Kpi::Adherence, None).expect("observed").mean
    };
    // Binomial(20, 0.75), standard error of the mean share 0.005; then a fifth of those who came is away.
    assert!((adherence(0) - 0.75).abs() < 0.02, "{}", adherence(0));
    assert!((adherence(5) / adherence(0) - 0.8).abs() < 0.01, "{}", adherence(5));
    assert!((adherence(7) - adherence(0)).abs() < 1e-9, "{}", adherence(7));
}

#[test]
fn breaks_take_agents_off_the_telephones_and_bring_them_back() {
    let mut shifts = scenario(0);
    shifts.length = secs(4 * 3600);
    shifts.contacts[0].arrivals = common::poisson(60.0);
    let mut team = group(0, 0);
    team.schedule = Vec::new();
    let pause = (at(3600), at(5400));
    let shift = |from, to, count, breaks| Shift { from: at(from), to: at(to), count, breaks };
    team.shifts = vec![shift(0, 14_400, 6, vec![pause]), shift(0, 7200, 4, Vec::new())];
    shifts.groups = vec![team];
    shifts.run.replications = 100;
    let summary = simulate(&shifts);
    let present = |interval: usize| {
        let figures = summary.intervals().nth(interval).expect("an interval").kpis;
        let all = figures.iter().find(|scope| scope.selector == Selector::ALL).expect("observed");
        1.0 - all.figure(Kpi::Shrinkage, None).expect("observed").mean
    };
    // Some finish a call before their break: they are there a little longer.
    assert!((present(2) - 0.4).abs() < 0.06, "{}", present(2));
    for interval in [0, 1, 3, 5, 7] {
        assert!((present(interval) - 1.0).abs() < 1e-6, "{interval}: {}", present(interval));
    }
}
