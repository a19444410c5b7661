//! The target `update` for libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| rei_fuzz::update(input));

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    match rei_fuzz::changed("update", &data[..size], max_size, seed) {
        Some(input) => {
            data[..input.len()].copy_from_slice(&input);
            input.len()
        }
        None => libfuzzer_sys::fuzzer_mutate(data, size, max_size),
    }
});
