//! The owner's chart as a picture: revenue by day as bars, orders by day as a line. Whole numbers all the way.

use std::io::Cursor;

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};
use rei_domain::clock::Timestamp;
use rei_storage::figures::Day;

use crate::statement::day_name;

const WIDTH: i64 = 1_000;
const HEIGHT: i64 = 500;
/// The room for what bars and line are drawn in.
const LEFT: i64 = 90;
const RIGHT: i64 = WIDTH - 70;
const TOP: i64 = 30;
const BOTTOM: i64 = HEIGHT - 50;
/// Lines across, at most.
const STEPS: i64 = 5;
/// Names of days below, at most.
const DAYS_NAMED: usize = 12;
const DOT: i64 = 2;

const PAPER: Rgb<u8> = Rgb([255, 255, 255]);
const INK: Rgb<u8> = Rgb([70, 76, 86]);
const GRID: Rgb<u8> = Rgb([224, 228, 234]);
const BAR: Rgb<u8> = Rgb([92, 158, 236]);
const BAR_BELOW: Rgb<u8> = Rgb([230, 110, 96]);
const LINE: Rgb<u8> = Rgb([240, 140, 40]);

/// Draws the days as PNG; `None` when it can't be written, which only a lack of memory explains.
pub(super) fn png(days: &[Day]) -> Option<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = draw(days);
    let (width, height) = picture.dimensions();
    PngEncoder::new(&mut bytes)
        .write_image(picture.as_raw(), width, height, ExtendedColorType::Rgb8)
        .ok()?;
    Some(bytes.into_inner())
}

fn draw(days: &[Day]) -> RgbImage {
    let side = |pixels: i64| u32::try_from(pixels).unwrap_or(1);
    let mut canvas = Canvas(RgbImage::from_pixel(side(WIDTH), side(HEIGHT), PAPER));
    let rubles = |day: &Day| day.revenue.get().div_euclid(100);
    let money = Scale::of(days.iter().map(rubles));
    let orders = Scale::of(days.iter().map(|day| day.orders));
    for tick in money.ticks() {
        let y = money.y(tick);
        canvas.block(LEFT, y, RIGHT, y + 1, GRID);
        let label = short(tick);
        canvas.write(LEFT - 10 - width(&label), y - 6, &label, INK);
    }
    for tick in orders.ticks() {
        canvas.write(RIGHT + 10, orders.y(tick) - 6, &short(tick), LINE);
    }
    let count = i64::try_from(days.len()).unwrap_or(1).max(1);
    let middle = |at: i64| LEFT + (RIGHT - LEFT) * (2 * at + 1) / (2 * count);
    let half = ((RIGHT - LEFT) * 3 / (count * 8)).clamp(1, 30);
    let zero = money.y(0);
    for (at, day) in (0..).zip(days) {
        let (x, y) = (middle(at), money.y(rubles(day)));
        let color = if y > zero { BAR_BELOW } else { BAR };
        canvas.block(x - half, y.min(zero), x + half, y.max(zero), color);
    }
    canvas.block(LEFT, zero, RIGHT, zero + 1, INK);
    let points: Vec<(i64, i64)> =
        (0..).zip(days).map(|(at, day)| (middle(at), orders.y(day.orders))).collect();
    for pair in points.windows(2) {
        canvas.line(pair[0], pair[1]);
    }
    for (x, y) in &points {
        canvas.block(x - 4, y - 4, x + 5, y + 5, LINE);
    }
    name_days(&mut canvas, days, middle);
    canvas.0
}

fn name_days(canvas: &mut Canvas, days: &[Day], middle: impl Fn(i64) -> i64) {
    let every = days.len().div_ceil(DAYS_NAMED).max(1);
    for (at, day) in (0_i64..).zip(days).step_by(every) {
        // `2026-07-05` is written `05.07` here.
        let name = day_name(Timestamp(day.day.saturating_mul(86_400_000)));
        let (Some(month), Some(number)) = (name.get(5..7), name.get(8..10)) else { continue };
        let label = format!("{number}.{month}");
        canvas.write(middle(at) - width(&label) / 2, BOTTOM + 14, &label, INK);
    }
}

/// What stands from the bottom to the top of the picture.
struct Scale {
    low: i64,
    high: i64,
    step: i64,
}

impl Scale {
    /// Round numbers around all values and zero.
    fn of(values: impl Iterator<Item = i64>) -> Self {
        let (low, high) =
            values.fold((0, 0), |(low, high), value| (value.min(low), value.max(high)));
        let step = round_step(high.saturating_sub(low));
        let high = round_up(high, step).max(step);
        Self { low: -round_up(low.saturating_neg(), step), high, step }
    }

    fn ticks(&self) -> impl Iterator<Item = i64> {
        let (low, step) = (self.low, self.step);
        (0..=(self.high - low) / step).map(move |at| low + at * step)
    }

    fn y(&self, value: i64) -> i64 {
        let share = i128::from(value - self.low) * i128::from(BOTTOM - TOP)
            / i128::from((self.high - self.low).max(1));
        BOTTOM - i64::try_from(share).unwrap_or(0)
    }
}

/// The smallest of 1, 2, 5, 10, 20, … that covers the range in [`STEPS`] steps.
fn round_step(range: i64) -> i64 {
    let mut ten: i64 = 1;
    loop {
        for digit in [1, 2, 5] {
            let step = ten.saturating_mul(digit);
            if step.saturating_mul(STEPS) >= range {
                return step;
            }
        }
        ten = ten.saturating_mul(10);
    }
}

fn round_up(value: i64, step: i64) -> i64 {
    let steps = value / step + i64::from(value % step > 0);
    steps.saturating_mul(step)
}

/// `950`, `12k`, `1.5M`: what fits beside the axis.
fn short(value: i64) -> String {
    let tenths = |unit: i64| {
        let tenths = value / (unit / 10);
        match tenths % 10 {
            0 => (tenths / 10).to_string(),
            rest => format!("{}.{}", tenths / 10, rest.abs()),
        }
    };
    match value.unsigned_abs() {
        0..10_000 => value.to_string(),
        10_000..1_000_000 => format!("{}k", tenths(1_000)),
        _ => format!("{}M", tenths(1_000_000)),
    }
}

struct Canvas(RgbImage);

impl Canvas {
    /// Paints from the first corner up to the second, which is outside.
    fn block(&mut self, left: i64, top: i64, right: i64, bottom: i64, color: Rgb<u8>) {
        let side = |at: i64, most: i64| u32::try_from(at.clamp(0, most)).unwrap_or(0);
        for y in side(top, HEIGHT)..side(bottom, HEIGHT) {
            for x in side(left, WIDTH)..side(right, WIDTH) {
                self.0.put_pixel(x, y, color);
            }
        }
    }

    /// A line as thick as a pen, between two points.
    fn line(&mut self, from: (i64, i64), to: (i64, i64)) {
        let length = (to.0 - from.0).abs().max((to.1 - from.1).abs()).max(1);
        for at in 0..=length {
            let x = from.0 + (to.0 - from.0) * at / length;
            let y = from.1 + (to.1 - from.1) * at / length;
            self.block(x - 1, y - 1, x + 2, y + 2, LINE);
        }
    }

    fn write(&mut self, left: i64, top: i64, text: &str, color: Rgb<u8>) {
        for (at, letter) in (0..).zip(text.chars()) {
            for (row, bits) in (0..).zip(glyph(letter)) {
                for column in 0..GLYPH_WIDTH {
                    if bits >> (GLYPH_WIDTH - 1 - column) & 1 == 1 {
                        let x = left + (at * (GLYPH_WIDTH + 1) + column) * DOT;
                        let y = top + row * DOT;
                        self.block(x, y, x + DOT, y + DOT, color);
                    }
                }
            }
        }
    }
}

const GLYPH_WIDTH: i64 = 5;

fn width(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(0) * (GLYPH_WIDTH + 1) * DOT
}

/// A letter as seven rows of five dots.
const fn glyph(letter: char) -> [u8; 7] {
    match letter {
        '0' => [0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e],
        '1' => [0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e],
        '2' => [0x0e, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1f],
        '3' => [0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e],
        '4' => [0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02],
        '5' => [0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e],
        '6' => [0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e],
        '7' => [0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08],
        '8' => [0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e],
        '9' => [0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c],
        '.' => [0, 0, 0, 0, 0, 0x0c, 0x0c],
        '-' => [0, 0, 0, 0x1f, 0, 0, 0],
        'k' => [0x10, 0x10, 0x12, 0x14, 0x18, 0x14, 0x12],
        'M' => [0x11, 0x1b, 0x15, 0x15, 0x11, 0x11, 0x11],
        _ => [0; 7],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rei_domain::money::Kopecks;

    use super::*;

    fn days(values: &[(i64, i64)]) -> Vec<Day> {
        let day = |(at, (rubles, orders)): (i64, &(i64, i64))| Day {
            day: 20_000 + at,
            revenue: Kopecks::new(rubles.saturating_mul(100)),
            orders: *orders,
        };
        (0..).zip(values).map(day).collect()
    }

    /// The highest point of a colour in the columns of one of `count` days.
    fn top_of(picture: &RgbImage, at: i64, count: i64, color: Rgb<u8>) -> Option<u32> {
        let x = LEFT + (RIGHT - LEFT) * (2 * at + 1) / (2 * count) - 6;
        let x = u32::try_from(x).expect("inside");
        (0..picture.height()).find(|y| *picture.get_pixel(x, *y) == color)
    }

    #[test]
    fn a_day_with_more_revenue_has_a_higher_bar() {
        let picture = draw(&days(&[(100, 1), (400, 0), (0, 0), (-100, 2)]));
        let top = |at| top_of(&picture, at, 4, BAR);
        let (low, high) = (top(0).expect("a bar"), top(1).expect("a bar"));
        assert!(high < low, "{high} {low}");
        assert_eq!(top(2), None, "nothing earned, nothing drawn");
        assert!(top_of(&picture, 3, 4, BAR_BELOW).expect("a bar below") > low);
    }

    #[test]
    fn scales_are_round() {
        let ticks = |values: &[i64]| Scale::of(values.iter().copied()).ticks().collect::<Vec<_>>();
        assert_eq!(ticks(&[]), [0, 1]);
        assert_eq!(ticks(&[3]), [0, 1, 2, 3]);
        assert_eq!(ticks(&[0, 730]), [0, 200, 400, 600, 800]);
        assert_eq!(ticks(&[-30, 100]), [-50, 0, 50, 100]);
        assert_eq!(
            [short(0), short(9_999), short(12_500), short(-2_000_000)],
            ["0", "9999", "12.5k", "-2M"]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_days_can_be_drawn(values in proptest::collection::vec((-10_000_000_000_i64..10_000_000_000, 0_i64..1_000_000), 0..400)) {
            let png = png(&days(&values)).expect("it can be drawn");
            let read = image::load_from_memory(&png).expect("it is a picture");
            prop_assert_eq!(i64::from(read.width()), WIDTH);
        }
    }
}
