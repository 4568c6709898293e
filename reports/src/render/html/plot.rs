//! Drawing with plotters: the only file that names it.
//!
//! Colours are drawn as placeholders and replaced by the page's variables, so that a chart follows light and dark.

use super::charts::shades;
use crate::Context;
use crate::render::clock;
use acd::Timestamp;
use plotters::coord::Shift;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// A colour of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) enum Colour {
    One,
    Two,
    Three,
    Ink,
    Soft,
    Rule,
    Bad,
    Mark,
}

impl Colour {
    const ALL: [Self; 8] = [
        Self::One,
        Self::Two,
        Self::Three,
        Self::Ink,
        Self::Soft,
        Self::Rule,
        Self::Bad,
        Self::Mark,
    ];

    /// Returns the page's variable.
    pub(super) fn variable(self) -> &'static str {
        match self {
            Self::One => "var(--one)",
            Self::Two => "var(--two)",
            Self::Three => "var(--three)",
            Self::Ink => "var(--ink)",
            Self::Soft => "var(--soft)",
            Self::Rule => "var(--rule)",
            Self::Bad => "var(--bad)",
            Self::Mark => "var(--mark)",
        }
    }

    /// A colour that nothing else uses.
    fn placeholder(self) -> RGBColor {
        RGBColor(1, 2, 100 + self as u8)
    }
}

/// What the vertical axis counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) enum Axis {
    /// A number.
    Number,
    /// A share of 1, from 0 to 100 %.
    Share,
    /// Seconds.
    Seconds,
    /// Seconds, most of them fractions of one.
    Delay,
}

/// What the labels of the horizontal axis tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) enum Time {
    /// The time of day.
    Clock,
    /// Minutes and seconds since the beginning.
    Elapsed,
}

/// A chart over the run's time.
#[derive(Debug, Clone)]
pub(in crate::render) struct Chart {
    pub(in crate::render) title: String,
    pub(in crate::render) note: String,
    pub(in crate::render) axis: Axis,
    pub(in crate::render) time: Time,
    pub(in crate::render) lines: Vec<Line>,
    /// A level to hold the lines against, with its label.
    pub(in crate::render) level: Option<(f64, String)>,
}

/// A line of a chart: one step per interval.
#[derive(Debug, Clone)]
pub(in crate::render) struct Line {
    pub(in crate::render) name: String,
    pub(in crate::render) colour: Colour,
    pub(in crate::render) steps: Vec<Step>,
    /// Whether the interval of confidence is shaded.
    pub(in crate::render) is_banded: bool,
}

/// A value over a stretch of time, s.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) struct Step {
    pub(in crate::render) from: f64,
    pub(in crate::render) to: f64,
    pub(in crate::render) value: f64,
    pub(in crate::render) band: Option<(f64, f64)>,
}

/// Something that happened, to be marked.
#[derive(Debug, Clone)]
pub(super) struct Shade {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) number: usize,
    pub(super) label: String,
    pub(super) is_action: bool,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plane<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<ClockAxis, RangedCoordf64>>;
type Failure<'a> = DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;

/// Seconds of the run, with ticks at round times of day: plotters would put them at round numbers.
#[derive(Debug, Clone)]
struct ClockAxis {
    length: f64,
    ticks: Vec<f64>,
}

impl Ranged for ClockAxis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (low, high): (i32, i32)) -> i32 {
        low + (f64::from(high - low) * value / self.length).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> std::ops::Range<f64> {
        0.0..self.length
    }
}

impl ValueFormatter<f64> for ClockAxis {}

/// Height of a row of names above the lines, px: one of what happened, one of what was done.
const ROW_HEIGHT: i32 = 15;

/// Draws a chart as SVG of a size in px.
pub(super) fn draw(
    context: &Context,
    chart: &Chart,
    (width, height): (u32, u32),
) -> Result<String, Box<dyn std::error::Error>> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        draw_on(&root, context, chart, width).map_err(|error| error.to_string())?;
        root.present().map_err(|error| error.to_string())?;
    }
    for colour in Colour::ALL {
        let RGBColor(red, green, blue) = colour.placeholder();
        svg = svg.replace(&format!("#{red:02X}{green:02X}{blue:02X}"), colour.variable());
    }
    // The page sets the width, the view box keeps the proportions.
    let label = crate::render::words::escape(&format!("{} ({})", chart.title, chart.note));
    let opening = format!("<svg width=\"{width}\" height=\"{height}\" ");
    let svg = svg.replacen(&opening, &format!("<svg role=\"img\" aria-label=\"{label}\" "), 1);
    // Within a page the name space is known.
    let svg = svg.replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1);
    Ok(svg.trim_end().to_owned())
}

fn draw_on<'a>(
    root: &Area<'a>,
    context: &Context,
    chart: &Chart,
    width: u32,
) -> Result<(), Failure<'a>> {
    let has_row = |done: bool| context.marks.iter().any(|mark| mark.is_action == done);
    let top = 8 + ROW_HEIGHT * (i32::from(has_row(false)) + i32::from(has_row(true)));
    let length = context.length.as_secs();
    let most = most(chart);
    let time = ClockAxis { length, ticks: ticks(context, width) };
    let mut plane = ChartBuilder::on(root)
        .margin_top(top)
        .margin_right(24)
        .margin_left(2)
        .margin_bottom(2)
        .x_label_area_size(24)
        .y_label_area_size(if chart.axis == Axis::Delay { 62 } else { 46 })
        .build_cartesian_2d(time, 0.0..most)?;
    let text = ("sans-serif", 15).into_font().color(&Colour::Soft.placeholder());
    let axis = chart.axis;
    plane
        .configure_mesh()
        .disable_x_mesh()
        .y_labels(6)
        .light_line_style(TRANSPARENT)
        .bold_line_style(Colour::Rule.placeholder().stroke_width(1))
        .axis_style(Colour::Soft.placeholder())
        .label_style(text)
        .x_label_formatter(&|at| match chart.time {
            Time::Clock => clock_label(context, *at),
            Time::Elapsed => elapsed_label(*at),
        })
        .y_label_formatter(&|value| label(axis, *value))
        .draw()?;
    draw_shades(root, &mut plane, context, most)?;
    for line in chart.lines.iter().filter(|line| line.is_banded) {
        draw_band(&mut plane, line, most)?;
    }
    for line in &chart.lines {
        draw_line(&mut plane, line)?;
    }
    if let Some((level, _)) = chart.level {
        draw_level(&mut plane, level, length)?;
    }
    Ok(())
}

/// The upper end of the vertical axis: a little above everything drawn.
fn most(chart: &Chart) -> f64 {
    if chart.axis == Axis::Share {
        return 1.0;
    }
    let values = chart.lines.iter().flat_map(|line| {
        line.steps.iter().map(|step| match step.band.filter(|_| line.is_banded) {
            // Bands of a few replications may be many times the value: they may leave the picture.
            Some((_, high)) => high.min(step.value * 2.0),
            None => step.value,
        })
    });
    let most = values.chain(chart.level.iter().map(|(level, _)| *level)).fold(0.0, f64::max);
    if most > 0.0 { most * 1.08 } else { 1.0 }
}

/// Ticks at round clock times, as many as fit.
fn ticks(context: &Context, width: u32) -> Vec<f64> {
    const STEPS: [f64; 17] = [
        1.0,
        5.0,
        10.0,
        15.0,
        30.0,
        60.0,
        300.0,
        900.0,
        1800.0,
        3600.0,
        7200.0,
        10_800.0,
        21_600.0,
        43_200.0,
        86_400.0,
        604_800.0,
        2_592_000.0,
    ];
    let length = context.length.as_secs();
    let fit = f64::from(width / 75).max(2.0);
    let step = STEPS.into_iter().find(|step| length / step <= fit).unwrap_or(length / fit);
    let before = context.start_of_day.as_secs() % step;
    let first = if before > 0.0 { step - before } else { 0.0 };
    let count = ((length - first) / step).max(0.0) as usize;
    (0..=count).map(|tick| first + tick as f64 * step).filter(|tick| *tick <= length).collect()
}

/// The time of day; at midnight of a longer run, the day.
fn clock_label(context: &Context, at: f64) -> String {
    let text = clock(context, Timestamp::ZERO.after(acd::Duration::from_secs_f64(at)));
    match text.rsplit_once(' ') {
        Some((day, "00:00")) => day.to_owned(),
        Some((_, time)) => time.to_owned(),
        None => text,
    }
}

/// `1:05`; from an hour on, `1:00:05`.
fn elapsed_label(at: f64) -> String {
    let seconds = at.round() as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        hours => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

fn label(axis: Axis, value: f64) -> String {
    match axis {
        Axis::Share => format!("{:.0}%", value * 100.0),
        Axis::Seconds if value > 0.0 && value < 1.0 => format!("{value:.1} s"),
        Axis::Seconds => format!("{value:.0} s"),
        Axis::Delay => crate::render::words::delay(value),
        Axis::Number if value.fract() == 0.0 => format!("{value:.0}"),
        Axis::Number => format!("{value:.1}"),
    }
}

fn draw_shades<'b>(
    root: &Area<'b>,
    plane: &mut Plane<'_, 'b>,
    context: &Context,
    most: f64,
) -> Result<(), Failure<'b>> {
    let length = context.length.as_secs();
    let shades = shades(context);
    for shade in &shades {
        let (from, to) = (shade.from.clamp(0.0, length), shade.to.clamp(0.0, length));
        let colour = shade_colour(shade);
        plane.draw_series([
            Rectangle::new([(from, 0.0), (to, most)], colour.mix(0.14).filled()),
            Rectangle::new([(from, 0.0), (from, most)], colour.stroke_width(1)),
        ])?;
    }
    let (happened, done): (Vec<&Shade>, Vec<&Shade>) = shades.iter().partition(|s| !s.is_action);
    let place = |shade: &Shade| plane.backend_coord(&(shade.from.clamp(0.0, length), most));
    let mut above = 3;
    for row in [happened, done].into_iter().filter(|row| !row.is_empty()) {
        draw_names(root, &row, place, above)?;
        above += ROW_HEIGHT;
    }
    Ok(())
}

/// Writes the names of a row. Where the next one begins too soon, the number stands alone; the list below has the names.
fn draw_names<'b>(
    root: &Area<'b>,
    row: &[&Shade],
    place: impl Fn(&Shade) -> (i32, i32),
    above: i32,
) -> Result<(), Failure<'b>> {
    let room = i32::try_from(root.dim_in_pixel().0).unwrap_or(i32::MAX);
    let mut free_from = 0;
    for (number, shade) in row.iter().enumerate() {
        let (from, y) = place(shade);
        let x = from.max(free_from);
        let until = row.get(number + 1).map_or(room, |next| place(next).0);
        let long = format!("{} {}", shade.number, shade.label);
        let width = |text: &str| 8 * i32::try_from(text.chars().count()).unwrap_or(i32::MAX / 8);
        let name = if x + width(&long) <= until { long } else { shade.number.to_string() };
        free_from = x + width(&name) + 4;
        let font = ("sans-serif", 14).into_font().color(&shade_colour(shade));
        root.draw(&Text::new(name, (x, y - above), font.pos(Pos::new(HPos::Left, VPos::Bottom))))?;
    }
    Ok(())
}

fn shade_colour(shade: &Shade) -> RGBColor {
    if shade.is_action { Colour::Two } else { Colour::Mark }.placeholder()
}

/// Stretches of steps that follow each other without a gap.
fn stretches(steps: &[Step]) -> impl Iterator<Item = &[Step]> {
    steps.chunk_by(|before, after| before.to == after.from)
}

fn draw_band<'b>(plane: &mut Plane<'_, 'b>, line: &Line, most: f64) -> Result<(), Failure<'b>> {
    for stretch in stretches(&line.steps) {
        let banded = || stretch.iter().filter_map(|step| Some((step, step.band?)));
        let high = banded().flat_map(|(step, (_, high))| {
            let high = high.min(most);
            [(step.from, high), (step.to, high)]
        });
        let low: Vec<_> =
            banded().flat_map(|(step, (low, _))| [(step.from, low), (step.to, low)]).collect();
        let outline: Vec<(f64, f64)> = high.chain(low.into_iter().rev()).collect();
        if !outline.is_empty() {
            plane.draw_series([Polygon::new(outline, line.colour.placeholder().mix(0.2))])?;
        }
    }
    Ok(())
}

fn draw_line<'b>(plane: &mut Plane<'_, 'b>, line: &Line) -> Result<(), Failure<'b>> {
    for stretch in stretches(&line.steps) {
        let points =
            stretch.iter().flat_map(|step| [(step.from, step.value), (step.to, step.value)]);
        let style = line.colour.placeholder().stroke_width(2);
        plane.draw_series(LineSeries::new(points.collect::<Vec<_>>(), style))?;
    }
    Ok(())
}

fn draw_level<'b>(plane: &mut Plane<'_, 'b>, level: f64, length: f64) -> Result<(), Failure<'b>> {
    let ends = [(0.0, level), (length, level)];
    let style = Colour::Bad.placeholder().stroke_width(1);
    plane.draw_series(DashedLineSeries::new(ends, 6, 4, style))?;
    Ok(())
}
