//! The image models that the simulated service knows, and how many pixels a ratio and a size mean.

/// One model of the service.
#[derive(Debug)]
pub struct Model {
    /// As it stands in the path.
    pub id: &'static str,
    /// As people call it.
    pub title: &'static str,
    /// Allowed values of `imageSize`; the first is the default. Empty: the field itself is refused.
    pub sizes: &'static [&'static str],
    /// The most pictures one request may carry.
    pub references_max: usize,
    /// Gives a signature with its pictures, and wants it back with them.
    pub signs: bool,
    /// Takes the very long ratios too.
    pub long_ratios: bool,
    /// Allowed values of `thinkingLevel`; empty: `thinkingConfig` is refused.
    pub thinking_levels: &'static [&'static str],
    /// What one picture in the request costs, in tokens.
    pub input_picture_tokens: u32,
    /// What a picture costs in tokens, by size.
    output_tokens: &'static [(&'static str, u32)],
}

impl Model {
    /// Tokens of one finished picture.
    pub fn output_tokens(&self, size: &str) -> u32 {
        self.output_tokens
            .iter()
            .find(|(known, _)| *known == size)
            .map_or(1_120, |(_, tokens)| *tokens)
    }

    /// Whether `aspectRatio` may have this value.
    pub fn takes_ratio(&self, ratio: &str) -> bool {
        RATIOS.iter().any(|(known, _, _)| *known == ratio)
            || self.long_ratios && LONG_RATIOS.iter().any(|(known, _, _)| *known == ratio)
    }

    /// The ratio, of those this model can draw, that is nearest to a picture of these pixels.
    pub fn nearest_ratio(&self, width: u32, height: u32) -> &'static str {
        let wanted = (f64::from(width.max(1)) / f64::from(height.max(1))).ln();
        let distance = |(_, width, height): &Shape| {
            ((f64::from(*width) / f64::from(*height)).ln() - wanted).abs()
        };
        let long: &[Shape] = if self.long_ratios { &LONG_RATIOS } else { &[] };
        let nearest = RATIOS
            .iter()
            .chain(long)
            .min_by(|one, other| distance(one).total_cmp(&distance(other)));
        nearest.map_or("1:1", |(ratio, _, _)| *ratio)
    }
}

/// Known models. The deprecated preview ids are left out on purpose: a client that ships them shall fail here.
pub const MODELS: [Model; 5] = [
    Model {
        id: "gemini-3-pro-image",
        title: "Nano Banana Pro",
        sizes: &["1K", "2K", "4K"],
        references_max: 14,
        signs: true,
        long_ratios: false,
        thinking_levels: &[],
        input_picture_tokens: 560,
        output_tokens: &[("1K", 1_120), ("2K", 1_120), ("4K", 2_000)],
    },
    Model {
        id: "gemini-3.1-flash-image",
        title: "Nano Banana 2",
        sizes: &["1K", "512", "2K", "4K"],
        references_max: 14,
        signs: true,
        long_ratios: true,
        thinking_levels: &["MINIMAL", "HIGH"],
        input_picture_tokens: 1_120,
        output_tokens: &[("512", 747), ("1K", 1_120), ("2K", 1_680), ("4K", 2_520)],
    },
    Model {
        id: "gemini-3.1-flash-lite-image",
        title: "Nano Banana 2 Lite",
        sizes: &["1K"],
        references_max: 14,
        signs: true,
        long_ratios: false,
        thinking_levels: &["MINIMAL", "HIGH"],
        input_picture_tokens: 1_120,
        output_tokens: &[("1K", 1_120)],
    },
    Model {
        id: "gemini-nano-banana-2.1",
        title: "Nano Banana 2.1",
        sizes: &["1K", "2K", "4K"],
        references_max: 10,
        signs: true,
        long_ratios: false,
        thinking_levels: &["MINIMAL", "MEDIUM", "HIGH"],
        input_picture_tokens: 1_120,
        output_tokens: &[("1K", 1_120), ("2K", 1_680), ("4K", 2_520)],
    },
    Model {
        id: "gemini-2.5-flash-image",
        title: "Nano Banana",
        sizes: &[],
        references_max: 3,
        signs: false,
        long_ratios: false,
        thinking_levels: &[],
        input_picture_tokens: 1_120,
        output_tokens: &[("1K", 1_290)],
    },
];

type Shape = (&'static str, u32, u32);

/// Pixels at 1K.
const RATIOS: [Shape; 10] = [
    ("1:1", 1024, 1024),
    ("2:3", 848, 1264),
    ("3:2", 1264, 848),
    ("3:4", 896, 1200),
    ("4:3", 1200, 896),
    ("4:5", 928, 1152),
    ("5:4", 1152, 928),
    ("9:16", 768, 1376),
    ("16:9", 1376, 768),
    ("21:9", 1584, 672),
];

/// The facts sheet gives no pixels for these; the area of 1K is kept.
const LONG_RATIOS: [Shape; 4] =
    [("1:4", 512, 2048), ("4:1", 2048, 512), ("1:8", 352, 2816), ("8:1", 2816, 352)];

/// The model with this id.
pub fn find(id: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.id == id)
}

/// Width and height in pixels of a ratio at a size; an unknown ratio is a square.
pub fn pixels(ratio: &str, size: &str) -> (u32, u32) {
    let shape = RATIOS.iter().chain(&LONG_RATIOS).find(|(known, _, _)| *known == ratio);
    let (width, height) = shape.map_or((1024, 1024), |(_, width, height)| (*width, *height));
    match size {
        "512" => (width / 2, height / 2),
        "2K" => (width * 2, height * 2),
        "4K" => (width * 4, height * 4),
        _ => (width, height),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_doubles_both_sides() {
        assert_eq!(pixels("16:9", "1K"), (1376, 768));
        assert_eq!(pixels("16:9", "2K"), (2752, 1536));
        assert_eq!(pixels("9:16", "4K"), (3072, 5504));
        assert_eq!(pixels("1:1", "512"), (512, 512));
    }

    #[test]
    fn the_nearest_ratio_is_found() {
        let [pro, flash, ..] = &MODELS;
        assert_eq!(pro.nearest_ratio(1920, 1080), "16:9");
        assert_eq!(pro.nearest_ratio(100, 900), "9:16");
        assert_eq!(flash.nearest_ratio(100, 900), "1:8");
        assert_eq!(pro.nearest_ratio(0, 0), "1:1");
    }
}
