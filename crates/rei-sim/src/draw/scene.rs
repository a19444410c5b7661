//! The background: an evening over hills, its colours and shapes taken from a hash of the words.

use super::canvas::{Canvas, Colour, mix};

/// Sky above, sky at the horizon, the near hills, the sun.
type Palette = [Colour; 4];

const PALETTES: [Palette; 8] = [
    [[41, 50, 110], [255, 158, 128], [24, 22, 56], [255, 232, 196]],
    [[12, 74, 110], [125, 211, 199], [6, 40, 61], [255, 246, 214]],
    [[76, 29, 149], [244, 143, 177], [35, 14, 74], [255, 224, 178]],
    [[15, 23, 62], [99, 140, 214], [8, 12, 36], [236, 241, 255]],
    [[120, 53, 15], [252, 196, 92], [58, 24, 10], [255, 247, 214]],
    [[6, 78, 59], [190, 227, 144], [3, 43, 36], [255, 251, 217]],
    [[131, 24, 67], [253, 164, 107], [66, 12, 40], [255, 228, 200]],
    [[30, 64, 175], [186, 220, 255], [17, 36, 92], [255, 255, 255]],
];

const HILLS: usize = 4;
const STARS: u64 = 90;

/// Paints the whole canvas; the same words always give the same picture.
pub fn paint(canvas: &mut Canvas, words: &str) {
    let mut dice = Dice::of(words);
    let [sky, horizon, near, sun] = PALETTES[dice.below(PALETTES.len() as u64) as usize];
    paint_sky(canvas, sky, horizon);
    paint_stars(canvas, &mut dice);
    paint_sun(canvas, &mut dice, sun);
    for layer in 0..HILLS {
        let nearness = (layer + 1) as f32 / HILLS as f32;
        let mut colour = horizon;
        mix(&mut colour, near, 0.25 + 0.75 * nearness);
        paint_hill(canvas, &mut dice, 0.5 + 0.36 * nearness, colour);
    }
}

fn paint_sky(canvas: &mut Canvas, above: Colour, horizon: Colour) {
    for y in 0..canvas.height {
        let share = (y as f32 / canvas.height as f32 / 0.72).min(1.0);
        let mut colour = above;
        mix(&mut colour, horizon, share * share * (3.0 - 2.0 * share));
        for pixel in canvas.row(y).chunks_exact_mut(3) {
            pixel.copy_from_slice(&colour);
        }
    }
}

fn paint_stars(canvas: &mut Canvas, dice: &mut Dice) {
    let unit = canvas.height.min(canvas.width) as f32 / 1000.0;
    for _ in 0..STARS {
        let x = dice.share() * canvas.width as f32;
        let y = dice.share() * dice.share() * canvas.height as f32 * 0.5;
        let size = (1.2 + 2.6 * dice.share()) * unit;
        canvas.plate((x, y), size, size, [255; 3], 0.35 + 0.5 * dice.share());
    }
}

fn paint_sun(canvas: &mut Canvas, dice: &mut Dice, colour: Colour) {
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let radius = width.min(height) * (0.09 + 0.06 * dice.share());
    let (x, y) = (width * (0.2 + 0.6 * dice.share()), height * (0.24 + 0.2 * dice.share()));
    for (size, opacity) in [(2.6, 0.08), (2.0, 0.1), (1.5, 0.14), (1.0, 1.0)] {
        let side = radius * size;
        canvas.plate((x - side, y - side), side * 2.0, side * 2.0, colour, opacity);
    }
}

fn paint_hill(canvas: &mut Canvas, dice: &mut Dice, middle: f32, colour: Colour) {
    let height = canvas.height as f32;
    let waves: [(f32, f32, f32); 3] = std::array::from_fn(|wave| {
        let wave = wave as f32 + 1.0;
        let turn = std::f32::consts::TAU;
        (
            dice.share() * turn,
            (0.7 + dice.share()) * wave * turn,
            (0.4 + 0.6 * dice.share()) * 0.055 / wave,
        )
    });
    let edges: Vec<f32> = (0..canvas.width)
        .map(|x| {
            let along = x as f32 / canvas.width as f32;
            let rise: f32 =
                waves.iter().map(|(start, turns, rise)| (start + along * turns).sin() * rise).sum();
            (middle + rise) * height
        })
        .collect();
    let top = edges.iter().copied().fold(height, f32::min).max(0.0) as u32;
    for y in top..canvas.height {
        for (pixel, edge) in canvas.row(y).chunks_exact_mut(3).zip(&edges) {
            let inside = y as f32 + 1.0 - edge;
            if inside >= 1.0 {
                pixel.copy_from_slice(&colour);
            } else if inside > 0.0 {
                mix(pixel, colour, inside);
            }
        }
    }
}

/// Chance that depends on words alone (FNV-1a for the seed, SplitMix64 for the rolls).
struct Dice(u64);

impl Dice {
    fn of(words: &str) -> Self {
        let seed = words.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |seed, byte| {
            (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit
    }

    fn share(&mut self) -> f32 {
        (self.roll() >> 40) as f32 / (1_u64 << 24) as f32
    }
}
