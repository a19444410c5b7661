//! How the customer's files travel: inside the request while they are small together, the largest ones ahead of it
//! through the Files API; and which of them is the result of a former turn.

use std::path::PathBuf;

use crate::provider::{FormerTurn, InputContent, InputFile, SubmitRequest};
use crate::rejection::Rejection;

/// The most bytes of files inside one request. In base64 they make 18.7 MB of JSON, under the 20 MB that every route
/// takes; and they bound what a call holds in memory, whatever the customer sent.
pub(super) const INLINE_MAX_BYTES: u64 = 14_000_000;

/// What a request carries besides its words.
#[derive(Clone, Debug, Default)]
pub(super) struct Load {
    /// The files in the customer's order, without the one of the former turn.
    pub(super) files: Vec<LocalFile>,
    /// The turn that this one goes on from; its picture always travels inside.
    pub(super) former: Option<Former>,
}

/// A file on our disk.
#[derive(Clone, Debug)]
pub(super) struct LocalFile {
    pub(super) mime: String,
    pub(super) path: PathBuf,
    pub(super) size_bytes: u64,
    /// Whether it is uploaded before the request that names it.
    pub(super) goes_ahead: bool,
}

/// A picture that the model made, and the turn that it came from.
#[derive(Clone, Debug)]
pub(super) struct Former {
    pub(super) prompt: String,
    pub(super) signature: Option<String>,
    pub(super) picture: LocalFile,
}

/// Decides how each input travels.
///
/// # Errors
/// An input that is not a file: the API takes bytes, so the caller was mistaken.
pub(super) fn load(request: &SubmitRequest) -> Result<Load, Rejection> {
    let mut load = Load::default();
    for input in &request.inputs {
        let file = local(input)?;
        match &input.former_turn {
            // Only bytes inside the request are known to be taken as the model's own; a picture too large for that
            // is changed like any other.
            Some(turn) if load.former.is_none() && file.size_bytes <= INLINE_MAX_BYTES => {
                load.former = Some(former(turn, file));
            }
            _ => load.files.push(file),
        }
    }
    send_largest_ahead(&mut load);
    Ok(load)
}

impl Load {
    /// Whether anything is uploaded before the request.
    pub(super) fn goes_ahead(&self) -> bool {
        self.files.iter().any(|file| file.goes_ahead)
    }

    /// How many bytes of files the request itself carries.
    pub(super) fn inline_bytes(&self) -> u64 {
        let inside = self.files.iter().filter(|file| !file.goes_ahead);
        let former = self.former.iter().map(|former| &former.picture);
        inside.chain(former).map(|file| file.size_bytes).fold(0, u64::saturating_add)
    }
}

fn local(input: &InputFile) -> Result<LocalFile, Rejection> {
    let InputContent::File { path, size_bytes } = &input.content else {
        return Err(Rejection::owner_fault("input-by-link"));
    };
    let (mime, path, size_bytes) = (input.mime.clone(), path.clone(), *size_bytes);
    Ok(LocalFile { mime, path, size_bytes, goes_ahead: false })
}

fn former(turn: &FormerTurn, picture: LocalFile) -> Former {
    Former { prompt: turn.prompt.clone(), signature: turn.thought_signature.clone(), picture }
}

fn send_largest_ahead(load: &mut Load) {
    while load.inline_bytes() > INLINE_MAX_BYTES {
        let inside = load.files.iter_mut().filter(|file| !file.goes_ahead);
        // The picture of the former turn fits alone, so the files run out no sooner than the excess.
        let Some(largest) = inside.max_by_key(|file| file.size_bytes) else { return };
        largest.goes_ahead = true;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rei_domain::catalog::Slot;

    use super::*;

    fn input(size_bytes: u64, former: Option<&str>) -> InputFile {
        InputFile {
            slot: Slot::Reference,
            mime: "image/png".to_owned(),
            content: InputContent::File { path: format!("/{size_bytes}").into(), size_bytes },
            former_turn: former.map(|prompt| FormerTurn {
                prompt: prompt.to_owned(),
                thought_signature: Some("c2ln".to_owned()),
            }),
        }
    }

    fn loaded(inputs: Vec<InputFile>) -> Load {
        load(&SubmitRequest { inputs, ..SubmitRequest::default() }).expect("all are files")
    }

    fn ahead(load: &Load) -> Vec<u64> {
        load.files.iter().filter(|file| file.goes_ahead).map(|file| file.size_bytes).collect()
    }

    #[test]
    fn small_files_travel_inside_and_the_largest_ones_ahead() {
        let sizes =
            |sizes: &[u64]| ahead(&loaded(sizes.iter().map(|it| input(*it, None)).collect()));
        assert_eq!(sizes(&[]), [0; 0]);
        assert_eq!(sizes(&[7_000_000, 7_000_000]), [0; 0]);
        assert_eq!(sizes(&[14_000_001]), [14_000_001]);
        assert_eq!(sizes(&[1, 20_000_000, 2, 3_000_000]), [20_000_000]);
        assert_eq!(sizes(&[6_000_000, 9_000_000, 8_000_000]), [9_000_000]);
        assert_eq!(sizes(&[9_000_000, 8_000_000, 8_500_000]), [9_000_000, 8_500_000]);
    }

    #[test]
    fn the_picture_of_the_former_turn_stays_inside() {
        let load = loaded(vec![input(9_000_000, Some("a cat")), input(6_000_000, None)]);
        assert_eq!(ahead(&load), [6_000_000]);
        assert_eq!(load.former.expect("it is kept").picture.size_bytes, 9_000_000);
    }

    #[test]
    fn only_the_first_former_turn_counts_and_only_one_that_fits() {
        let load = loaded(vec![input(1, None), input(2, Some("first")), input(3, Some("second"))]);
        assert_eq!(load.former.as_ref().map(|former| former.prompt.as_str()), Some("first"));
        assert_eq!(load.files.iter().map(|it| it.size_bytes).collect::<Vec<_>>(), [1, 3]);
        let load = loaded(vec![input(20_000_000, Some("too large")), input(3, Some("second"))]);
        assert_eq!(load.former.as_ref().map(|former| former.prompt.as_str()), Some("second"));
        assert_eq!(ahead(&load), [20_000_000]);
    }

    #[test]
    fn a_link_is_a_mistake_of_ours() {
        let content = InputContent::Url("https://h/secret".to_owned());
        let inputs = vec![InputFile { content, ..input(1, None) }];
        let rejection = load(&SubmitRequest { inputs, ..SubmitRequest::default() });
        assert_eq!(rejection.expect_err("refused"), Rejection::owner_fault("input-by-link"));
    }

    proptest! {
        #[test]
        fn what_travels_inside_never_exceeds_the_limit(
            sizes in proptest::collection::vec((0_u64..30_000_000, any::<bool>()), 0..15),
        ) {
            let inputs: Vec<_> =
                sizes.iter().map(|(size, former)| input(*size, former.then_some("w"))).collect();
            let load = loaded(inputs);
            prop_assert!(load.inline_bytes() <= INLINE_MAX_BYTES);
            prop_assert_eq!(load.files.len() + usize::from(load.former.is_some()), sizes.len());
        }
    }
}
