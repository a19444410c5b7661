//! The pictures of a clip: a backdrop that is drawn once, and on it what moves.

use super::Clip;
use crate::draw::{Canvas, Drawing};

/// The share of the clip in which the last picture fades in.
const FADE: f32 = 0.3;
const SUN: [u8; 3] = [255, 226, 150];
const BAR: [u8; 3] = [255, 214, 92];

/// Everything of a clip that does not move.
#[derive(Debug)]
pub(super) struct Frames {
    width: u32,
    height: u32,
    first: Vec<u8>,
    last: Option<Vec<u8>>,
}

impl Frames {
    pub(super) fn new(clip: &Clip, width: u32, height: u32) -> Self {
        let paint = |reference: Option<&[u8]>| {
            let (prompt, note) = (clip.prompt.as_str(), clip.note.as_str());
            Drawing { width, height, prompt, note, reference }.paint().pixels
        };
        let last = clip.last.as_deref().map(|bytes| paint(Some(bytes)));
        Self { width, height, first: paint(clip.first.as_deref()), last }
    }

    /// RGB of picture `index` of `count`.
    pub(super) fn at(&self, index: u32, count: u32) -> Vec<u8> {
        let share = index as f32 / count.saturating_sub(1).max(1) as f32;
        let mut canvas = Canvas::new(self.width, self.height);
        canvas.pixels.copy_from_slice(&self.first);
        if let Some(last) = &self.last {
            fade(&mut canvas.pixels, last, (share - 1.0 + FADE) / FADE);
        }
        let (width, height) = (self.width as f32, self.height as f32);
        paint_sun(&mut canvas, width, height, share);
        paint_bar(&mut canvas, width, height, share);
        canvas.pixels
    }
}

fn fade(pixels: &mut [u8], into: &[u8], share: f32) {
    let share = (share.clamp(0.0, 1.0) * 256.0) as i32;
    if share == 0 {
        return;
    }
    for (value, goal) in pixels.iter_mut().zip(into) {
        let from = i32::from(*value);
        *value = (from + (i32::from(*goal) - from) * share / 256) as u8;
    }
}

/// From left to right in an arc, above the words.
fn paint_sun(canvas: &mut Canvas, width: f32, height: f32, share: f32) {
    let radius = width.min(height) * 0.05;
    let x = width * (0.08 + 0.6 * share);
    let y = height * (0.3 - 0.18 * (share * std::f32::consts::PI).sin());
    for (size, opacity) in [(1.5, 0.25), (1.0, 0.95)] {
        let side = radius * size;
        canvas.plate((x - side, y - side), side * 2.0, side * 2.0, SUN, opacity);
    }
}

fn paint_bar(canvas: &mut Canvas, width: f32, height: f32, share: f32) {
    let thickness = (height * 0.012).max(2.0);
    let top = height - thickness * 1.6;
    let (left, whole) = (width * 0.05, width * 0.9);
    canvas.plate((left, top), whole, thickness, [255; 3], 0.3);
    canvas.plate((left, top), (whole * share).max(thickness), thickness, BAR, 1.0);
}
