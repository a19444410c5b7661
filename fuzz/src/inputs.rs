//! Inputs made of kept ones: a few small changes each, drawn from a seed, so that a run can be repeated.

use rei_domain::chance::{Chance, SeededChance};

/// The longest input that is made, in bytes.
const BYTES_MAX: usize = 16 * 1024;
/// The longest input that is made of chance alone.
const RANDOM_BYTES_MAX: u64 = 200;
/// The most changes to one kept input.
const CHANGES_MAX: u64 = 6;
/// One input in so many is made of chance alone.
const RANDOM_EVERY: u64 = 16;
/// Values that code likes to stumble over, in place of a number or of any value of JSON.
const VALUES: [&str; 26] = [
    "0",
    "-1",
    "1",
    "null",
    "true",
    "\"\"",
    "[]",
    "{}",
    "\"я\"",
    "255",
    "4096",
    "999999999",
    "1000000000",
    "2147483648",
    "-9223372036854775808",
    "9223372036854775807",
    "18446744073709551615",
    "1e400",
    "0.1",
    "1.50",
    "[[],null]",
    "{\"a\":{}}",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\"-1\"",
    "99999999999999999999999999",
];

/// A source of inputs.
pub struct Inputs<'a> {
    chance: SeededChance,
    kept: &'a [Vec<u8>],
    words: &'a [&'a str],
}

impl<'a> Inputs<'a> {
    /// Inputs that `seed` determines: changed ones of `kept`, with `words` put in here and there.
    pub fn new(seed: u64, kept: &'a [Vec<u8>], words: &'a [&'a str]) -> Self {
        Self { chance: SeededChance::new(seed), kept, words }
    }

    /// The next one.
    pub fn make(&self) -> Vec<u8> {
        if self.kept.is_empty() || self.below(RANDOM_EVERY) == 0 {
            return self.random();
        }
        self.changed(self.one_of(self.kept).clone())
    }

    /// This input with a few changes.
    pub fn changed(&self, mut input: Vec<u8>) -> Vec<u8> {
        for _ in 0..=self.below(CHANGES_MAX) {
            self.change(&mut input);
        }
        input.truncate(BYTES_MAX);
        input
    }

    fn random(&self) -> Vec<u8> {
        let length = usize::try_from(self.below(RANDOM_BYTES_MAX)).unwrap_or_default();
        let mut input = vec![0; length];
        self.chance.fill(&mut input);
        input
    }

    fn change(&self, input: &mut Vec<u8>) {
        match self.below(10) {
            0 => self.turn_a_bit(input),
            1 => {
                let piece = self.piece(input);
                input.drain(piece);
            }
            2 => {
                let piece = input[self.piece(input)].to_vec();
                self.put(input, &piece);
            }
            3 => {
                let other = self.one_of(self.kept);
                self.put(input, &other[self.piece(other)]);
            }
            4 if !self.words.is_empty() => {
                self.put(input, self.one_of(self.words).as_bytes());
            }
            5 => self.swap_lines(input),
            6 | 7 => self.other_value(input),
            8 => self.other_number(input),
            _ => {
                let mut byte = [0];
                self.chance.fill(&mut byte);
                self.put(input, &byte);
            }
        }
    }

    fn turn_a_bit(&self, input: &mut [u8]) {
        if !input.is_empty() {
            input[self.place(input.len() - 1)] ^= 1 << self.below(8);
        }
    }

    /// The value of a field of JSON becomes another one.
    fn other_value(&self, input: &mut Vec<u8>) {
        let colons: Vec<usize> = places(input, |byte| byte == b':');
        let Some(colon) = self.any(&colons) else { return };
        let rest = &input[colon + 1..];
        let end = rest.iter().position(|byte| b",}]\n".contains(byte)).unwrap_or(rest.len());
        let value = self.one_of(&VALUES).bytes();
        input.splice(colon + 1..colon + 1 + end, value);
    }

    /// A whole number becomes another value; digits within a word stay.
    fn other_number(&self, input: &mut Vec<u8>) {
        let mut starts = places(input, |byte| byte.is_ascii_digit());
        starts.retain(|start| {
            let before = start.checked_sub(1).map(|before| input[before]);
            before.is_none_or(|byte| !byte.is_ascii_alphanumeric() && byte != b'_')
        });
        let Some(start) = self.any(&starts) else { return };
        let is_digit = |byte: &&u8| byte.is_ascii_digit() || **byte == b'_';
        let digits = input[start..].iter().take_while(is_digit).count();
        let value = self.one_of(&VALUES).bytes();
        input.splice(start..start + digits, value);
    }

    /// Two lines change places: what comes second comes first.
    fn swap_lines(&self, input: &mut Vec<u8>) {
        let mut lines: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
        let (one, other) = (self.place(lines.len() - 1), self.place(lines.len() - 1));
        lines.swap(one, other);
        *input = lines.join(&b'\n');
    }

    fn put(&self, input: &mut Vec<u8>, piece: &[u8]) {
        let place = self.place(input.len());
        input.splice(place..place, piece.iter().copied());
    }

    /// A piece of an input, mostly a short one.
    fn piece(&self, input: &[u8]) -> std::ops::Range<usize> {
        let start = self.place(input.len());
        let longest = input.len() - start;
        let longest = if self.below(4) == 0 { longest } else { longest.min(12) };
        start..start + self.place(longest)
    }

    fn any(&self, places: &[usize]) -> Option<usize> {
        if places.is_empty() { None } else { Some(*self.one_of(places)) }
    }

    fn one_of<'b, T>(&self, among: &'b [T]) -> &'b T {
        &among[self.place(among.len() - 1)]
    }

    /// A number up to and with `last`.
    fn place(&self, last: usize) -> usize {
        let bound = u64::try_from(last).unwrap_or(u64::MAX).saturating_add(1);
        usize::try_from(self.below(bound)).unwrap_or_default()
    }

    fn below(&self, bound: u64) -> u64 {
        (&self.chance as &dyn Chance).below(bound)
    }
}

fn places(input: &[u8], fits: impl Fn(u8) -> bool) -> Vec<usize> {
    let bytes = input.iter().enumerate();
    bytes.filter(|(_, byte)| fits(**byte)).map(|(place, _)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_inputs_again_and_another_one_others() {
        let kept = [b"{\"a\":1}\nsecond".to_vec(), b"third".to_vec()];
        let made = |seed| {
            let inputs = Inputs::new(seed, &kept, &["word"]);
            (0..200).map(|_| inputs.make()).collect::<Vec<_>>()
        };
        assert_eq!(made(1), made(1));
        assert_ne!(made(1), made(2));
    }

    #[test]
    fn nothing_kept_makes_inputs_all_the_same() {
        let inputs = Inputs::new(1, &[], &[]);
        assert!((0..50).any(|_| !inputs.make().is_empty()));
        let empty = [Vec::new()];
        let inputs = Inputs::new(1, &empty, &[]);
        assert!((0..50).any(|_| !inputs.make().is_empty()));
    }
}
