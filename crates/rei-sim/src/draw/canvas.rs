//! A picture in memory: fills, strokes and rounded plates with smooth edges.

use super::letters::{self, Point};

/// Red, green, blue.
pub type Colour = [u8; 3];

/// Rows of RGB pixels, 8 bits each.
#[derive(Debug)]
pub struct Canvas {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// `width * height * 3` bytes, row after row.
    pub pixels: Vec<u8>,
}

impl Canvas {
    /// A black picture.
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, pixels: vec![0; width as usize * height as usize * 3] }
    }

    /// One row, `width * 3` bytes.
    pub fn row(&mut self, y: u32) -> &mut [u8] {
        let length = self.width as usize * 3;
        &mut self.pixels[y as usize * length..][..length]
    }

    /// Darkens the picture from `from` (a share of the height) downwards, more and more, to `most` (0 to 1).
    pub fn shade(&mut self, from: f32, most: f32) {
        let top = self.height as f32 * from;
        for y in top as u32..self.height {
            let share = (y as f32 - top) / (self.height as f32 - top);
            let keep = ((1.0 - most * (share * 1.8).min(1.0)) * 256.0) as u32;
            for value in self.row(y) {
                *value = (u32::from(*value) * keep / 256) as u8;
            }
        }
    }

    /// Writes one line of text whose capitals are `size` pixels high, with the upper left corner at `at`.
    pub fn write(&mut self, text: &str, at: Point, size: f32, colour: Colour) {
        let scale = size / letters::CAPITAL;
        let place = |(x, y): Point| (at.0 + x * scale, at.1 + y * scale);
        for (start, end) in letters::pieces(text) {
            self.stroke(place(start), place(end), letters::STROKE * scale, colour);
        }
    }

    /// A line with round ends.
    pub fn stroke(&mut self, start: Point, end: Point, thickness: f32, colour: Colour) {
        let reach = thickness / 2.0 + 1.0;
        let (left, right) = (start.0.min(end.0) - reach, start.0.max(end.0) + reach);
        let (top, bottom) = (start.1.min(end.1) - reach, start.1.max(end.1) + reach);
        let along = (end.0 - start.0, end.1 - start.1);
        let length_squared = (along.0 * along.0 + along.1 * along.1).max(f32::EPSILON);
        self.cover(left, top, right, bottom, colour, 1.0, |x, y| {
            let from_start = (x - start.0, y - start.1);
            let at = ((from_start.0 * along.0 + from_start.1 * along.1) / length_squared)
                .clamp(0.0, 1.0);
            let (dx, dy) = (from_start.0 - along.0 * at, from_start.1 - along.1 * at);
            thickness / 2.0 - (dx * dx + dy * dy).sqrt()
        });
    }

    /// A plate with round ends, `opacity` 0 to 1.
    pub fn plate(&mut self, at: Point, width: f32, height: f32, colour: Colour, opacity: f32) {
        let radius = height / 2.0;
        let (first, last) = (at.0 + radius, at.0 + width - radius);
        let middle = at.1 + radius;
        self.cover(at.0, at.1, at.0 + width, at.1 + height, colour, opacity, |x, y| {
            let (dx, dy) = (x - x.clamp(first, last.max(first)), y - middle);
            radius - (dx * dx + dy * dy).sqrt()
        });
    }

    /// Mixes `colour` into a rectangle where `depth`, the distance to the shape's edge, is above zero inside.
    #[expect(
        clippy::too_many_arguments,
        reason = "four sides and a colour are clearer here than a type for one caller"
    )]
    fn cover(
        &mut self,
        left: f32,
        top: f32,
        right: f32,
        bottom: f32,
        colour: Colour,
        opacity: f32,
        depth: impl Fn(f32, f32) -> f32,
    ) {
        // Casts from floats saturate, so what lies outside is cut off.
        let columns = left.floor() as u32..(right.ceil().max(0.0) as u32).min(self.width);
        for y in top.floor() as u32..(bottom.ceil().max(0.0) as u32).min(self.height) {
            let row = self.row(y);
            for x in columns.clone() {
                let inside = (depth(x as f32 + 0.5, y as f32 + 0.5) + 0.5).clamp(0.0, 1.0);
                if inside > 0.0 {
                    mix(&mut row[x as usize * 3..][..3], colour, inside * opacity);
                }
            }
        }
    }
}

/// Moves a pixel towards a colour by a share of 0 to 1.
pub fn mix(pixel: &mut [u8], colour: Colour, share: f32) {
    let share = (share * 256.0) as i32;
    for (value, goal) in pixel.iter_mut().zip(colour) {
        let (from, to) = (i32::from(*value), i32::from(goal));
        *value = (from + (to - from) * share / 256) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_is_cut_off() {
        let mut canvas = Canvas::new(8, 8);
        canvas.stroke((-50.0, -50.0), (90.0, 90.0), 3.0, [255; 3]);
        canvas.plate((-9.0, 6.0), 40.0, 10.0, [9; 3], 0.5);
        assert_eq!(canvas.pixels[..3], [255; 3]);
        canvas.shade(0.0, 1.0);
        assert_eq!(canvas.row(7)[21..], [0; 3]);
    }
}
