//! Colours: each for light and for dark, told apart by people who see fewer of them, and in print without any.
//!
//! They are computed in OKLCH, where equal steps look equal (Ottosson 2020): lightness always changes along with hue.

/// A colour of sRGB, each part from 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub [u8; 3]);

impl Rgb {
    /// As CSS writes it.
    pub fn css(self) -> String {
        let [r, g, b] = self.0;
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    /// Relative luminance, as WCAG 2 defines it.
    pub fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(linear);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// The colour of text on it: black or white, whichever has more contrast; at least 4.5.
    pub fn ink(self) -> Rgb {
        let [black, white] = [Rgb([0; 3]), Rgb([255; 3])];
        if contrast(self, black) >= contrast(self, white) { black } else { white }
    }
}

/// The contrast of two colours, from 1 to 21, as WCAG 2 defines it.
pub fn contrast(a: Rgb, b: Rgb) -> f64 {
    let [a, b] = [a, b].map(|colour| colour.luminance() + 0.05);
    a.max(b) / a.min(b)
}

/// A part of a colour as light.
fn linear(part: u8) -> f64 {
    let part = f64::from(part) / 255.0;
    if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
}

/// Light as a part of a colour; None outside of sRGB.
fn part(light: f64) -> Option<u8> {
    let part =
        if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    ((-0.0005..=1.0005).contains(&part)).then(|| (part * 255.0).round().clamp(0.0, 255.0) as u8)
}

/// The colour of a lightness from 0 to 1, chroma, and hue in degrees; with less chroma where sRGB has no such colour.
pub fn oklch(lightness: f64, chroma: f64, hue: f64) -> Rgb {
    let mut chroma = chroma;
    loop {
        let (sin, cos) = hue.to_radians().sin_cos();
        let [a, b] = [chroma * cos, chroma * sin];
        let cubes = [
            lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b,
            lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b,
            lightness - 0.089_484_177_5 * a - 1.291_485_548 * b,
        ];
        let [l, m, s] = cubes.map(|cube| cube * cube * cube);
        let parts = [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
        ]
        .map(part);
        match parts {
            [Some(r), Some(g), Some(b)] => return Rgb([r, g, b]),
            _ if chroma > 0.0 => chroma = (chroma - 0.005).max(0.0),
            _ => return Rgb([(lightness.clamp(0.0, 1.0) * 255.0) as u8; 3]),
        }
    }
}

/// A colour in both modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tone {
    /// On a light ground.
    pub light: Rgb,
    /// On a dark ground.
    pub dark: Rgb,
}

impl Tone {
    /// A colour of text on it.
    pub fn ink(self) -> Tone {
        Tone { light: self.light.ink(), dark: self.dark.ink() }
    }

    const fn of(light: [u8; 3], dark: [u8; 3]) -> Tone {
        Tone { light: Rgb(light), dark: Rgb(dark) }
    }
}

/// The ground.
pub const GROUND: Tone = Tone::of([255, 255, 255], [22, 25, 29]);
/// Text.
pub const INK: Tone = Tone::of([31, 35, 40], [230, 232, 235]);
/// Text that says less.
pub const MUTED: Tone = Tone::of([87, 94, 102], [163, 171, 180]);
/// Lines of a grid, and what is empty.
pub const GRID: Tone = Tone::of([221, 226, 231], [52, 58, 65]);
/// Lines of an axis.
pub const AXIS: Tone = Tone::of([118, 126, 134], [128, 137, 146]);
/// The first of two things: blue.
pub const FIRST: Tone = Tone::of([30, 95, 168], [98, 164, 232]);
/// The second of two things: orange.
pub const SECOND: Tone = Tone::of([204, 102, 0], [240, 160, 60]);
/// What is in no segment.
pub const NONE: Tone = Tone::of([176, 182, 188], [98, 106, 114]);

/// Between two, from 0 to 1.
fn between(from: f64, to: f64, share: f64) -> f64 {
    from + (to - from) * share
}

/// Colours of ranks, best first: dark blue to pale yellow, so that the ends are plain in print, too. Neighbours differ in
/// lightness and hue.
pub fn ranks(count: usize) -> Vec<Tone> {
    let last = count.saturating_sub(1).max(1) as f64;
    let tone = |at: usize| {
        let share = at as f64 / last;
        let hue = between(292.0, 88.0, share);
        Tone {
            light: oklch(between(0.32, 0.93, share), 0.15, hue),
            dark: oklch(between(0.44, 0.95, share), 0.15, hue),
        }
    };
    (0..count).map(tone).collect()
}

/// The number of shades of [`shades`].
pub const SHADES: usize = 9;

/// Colours of amounts, from little to much; on a dark ground much is light.
pub fn shades() -> Vec<Tone> {
    let tone = |at: usize| {
        let share = at as f64 / (SHADES - 1) as f64;
        Tone {
            light: oklch(between(0.955, 0.36, share), between(0.02, 0.14, share), 252.0),
            dark: oklch(between(0.275, 0.86, share), between(0.03, 0.11, share), 252.0),
        }
    };
    (0..SHADES).map(tone).collect()
}

/// The number of colours of [`densities`].
pub const DENSITIES: usize = 6;

/// Colours of amounts that are faint enough for text on them in the colour of all text.
pub fn densities() -> Vec<Tone> {
    let tone = |at: usize| {
        let share = at as f64 / (DENSITIES - 1) as f64;
        Tone {
            light: oklch(between(0.958, 0.83, share), between(0.02, 0.08, share), 235.0),
            dark: oklch(between(0.26, 0.40, share), between(0.025, 0.07, share), 235.0),
        }
    };
    (0..DENSITIES).map(tone).collect()
}

/// Where a value stands among so many colours: 0 for nothing and little, the last for the greatest. Steps are those of the
/// root, so that what is small beside one large value has a colour, too.
pub fn step(value: f64, greatest: f64, steps: usize) -> usize {
    step_of(value, greatest, steps, f64::sqrt)
}

/// The same by steps of the logarithm, for what spreads over many sizes.
pub fn step_by_size(value: f64, greatest: f64, steps: usize) -> usize {
    step_of(value, greatest, steps, f64::ln_1p)
}

fn step_of(value: f64, greatest: f64, steps: usize, scale: fn(f64) -> f64) -> usize {
    if !(value > 0.0 && greatest > 0.0) {
        return 0;
    }
    let share = (scale(value) / scale(greatest)).clamp(0.0, 1.0);
    ((share * steps as f64) as usize).min(steps - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a colour is in OKLab.
    fn lab(colour: Rgb) -> [f64; 3] {
        let [r, g, b] = colour.0.map(linear);
        lab_of([r, g, b])
    }

    fn lab_of([r, g, b]: [f64; 3]) -> [f64; 3] {
        let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
        let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
        let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
        [
            0.210_454_255_3 * l + 0.793_617_785 * m - 0.004_072_046_8 * s,
            1.977_998_495_1 * l - 2.428_592_205 * m + 0.450_593_709_9 * s,
            0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766 * s,
        ]
    }

    /// As people without one kind of cone see it (Machado, Oliveira and Fernandes 2009, severity 1).
    fn seen(colour: Rgb, by: [[f64; 3]; 3]) -> [f64; 3] {
        let light = colour.0.map(linear);
        let row = |row: [f64; 3]| row.iter().zip(light).map(|(a, b)| a * b).sum::<f64>().max(0.0);
        lab_of(by.map(row))
    }

    const PROTANOPIA: [[f64; 3]; 3] = [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ];
    const DEUTERANOPIA: [[f64; 3]; 3] = [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ];
    const TRITANOPIA: [[f64; 3]; 3] = [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ];

    fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
    }

    #[test]
    fn neighbours_are_told_apart_by_everybody() {
        for count in 2..=12 {
            for mode in [|tone: Tone| tone.light, |tone: Tone| tone.dark] {
                let colours: Vec<Rgb> = ranks(count).into_iter().map(mode).collect();
                for pair in colours.windows(2) {
                    let normal = distance(lab(pair[0]), lab(pair[1]));
                    assert!(normal > 0.045, "{count}: {pair:?} {normal}");
                    for by in [PROTANOPIA, DEUTERANOPIA, TRITANOPIA] {
                        let apart = distance(seen(pair[0], by), seen(pair[1], by));
                        assert!(apart > 0.03, "{count}: {pair:?} {apart}");
                    }
                }
            }
        }
    }

    #[test]
    fn text_has_contrast_on_every_colour() {
        let all = [ranks(30), shades(), vec![FIRST, SECOND, NONE]].concat();
        for tone in all {
            for (ground, ink) in [(tone.light, tone.ink().light), (tone.dark, tone.ink().dark)] {
                assert!(contrast(ground, ink) >= 4.5, "{ground:?}");
            }
        }
        for ground in [densities(), vec![GROUND]].concat() {
            for ink in [INK, MUTED] {
                assert!(contrast(ground.light, ink.light) >= 3.8, "{ground:?}");
                assert!(contrast(ground.dark, ink.dark) >= 3.9, "{ground:?}");
            }
            assert!(contrast(ground.light, INK.light) >= 7.0, "{ground:?}");
            assert!(contrast(ground.dark, INK.dark) >= 6.0, "{ground:?}");
        }
        assert!(contrast(GROUND.light, MUTED.light) >= 4.5);
        assert!(contrast(GROUND.dark, MUTED.dark) >= 4.5);
    }

    #[test]
    fn amounts_have_steps() {
        assert_eq!([-1.0, 0.0, f64::NAN].map(|value| step(value, 9.0, 9)), [0; 3]);
        assert_eq!([0.1, 1.0, 4.0, 9.0, 99.0].map(|value| step(value, 9.0, 9)), [0, 3, 6, 8, 8]);
        let sizes = [1.0, 10.0, 100.0, 10_000.0];
        assert_eq!(sizes.map(|value| step_by_size(value, 10_000.0, 6)), [0, 1, 3, 5]);
        assert_eq!(step(1.0, 0.0, 9), 0);
    }
}
