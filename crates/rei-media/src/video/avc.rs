//! H.264 as files keep it (each unit behind its length) and as decoders want it (behind a start code).

use super::boxes::Fields;

const START_CODE: [u8; 4] = [0, 0, 0, 1];
/// The number of parameter sets is a byte, their lengths two: more than this is no honest clip.
const PARAMETERS_MAX_BYTES: usize = 64 * 1024;

/// What the track says about its stream.
#[derive(Clone, Debug)]
pub struct AvcConfig {
    /// How many bytes give a unit's length.
    length_bytes: usize,
    /// The parameter sets, behind start codes.
    pub parameters: Vec<u8>,
}

impl AvcConfig {
    /// Reads the body of an `avcC` box.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let mut fields = Fields(body);
        let [1, _profile, _compatibility, _level] = fields.array()? else { return None };
        let length_bytes = usize::from(fields.u8()? & 0b11) + 1;
        let mut parameters = Vec::new();
        for mask in [0b1_1111, 0xff] {
            for _ in 0..fields.u8()? & mask {
                let length = usize::from(fields.u16()?);
                parameters.extend_from_slice(&START_CODE);
                parameters.extend_from_slice(fields.take(length)?);
            }
        }
        let honest = parameters.len() <= PARAMETERS_MAX_BYTES;
        honest.then_some(Self { length_bytes, parameters })
    }

    /// Rewrites one sample; what does not fit its length is left out.
    pub fn to_annex_b(&self, sample: &[u8]) -> Vec<u8> {
        let mut stream = Vec::with_capacity(sample.len() + 64);
        let mut fields = Fields(sample);
        while let Some(unit) = self.next_unit(&mut fields) {
            stream.extend_from_slice(&START_CODE);
            stream.extend_from_slice(unit);
        }
        stream
    }

    fn next_unit<'s>(&self, fields: &mut Fields<'s>) -> Option<&'s [u8]> {
        let length = fields.take(self.length_bytes)?;
        let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        fields.take(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_samples_get_start_codes() {
        let body = [1, 66, 0, 30, 0xfd, 0xe1, 0, 2, 0x67, 7, 1, 0, 1, 0x68];
        let config = AvcConfig::parse(&body).expect("it is whole");
        assert_eq!(config.parameters, [0, 0, 0, 1, 0x67, 7, 0, 0, 0, 1, 0x68]);
        assert_eq!(config.to_annex_b(&[0, 1, 9, 0, 2, 8, 8]), [0, 0, 0, 1, 9, 0, 0, 0, 1, 8, 8]);
    }

    #[test]
    fn a_unit_longer_than_its_sample_is_left_out() {
        let config = AvcConfig::parse(&[1, 66, 0, 30, 0xff, 0xe0, 0]).expect("it is whole");
        assert_eq!(config.to_annex_b(&[0xff, 0xff, 0xff, 0xff, 1]), [0; 0]);
        assert!(AvcConfig::parse(&[1, 66, 0, 30, 0xff, 0xe1, 0, 9, 1]).is_none());
        assert!(AvcConfig::parse(&[0; 7]).is_none());
    }
}
