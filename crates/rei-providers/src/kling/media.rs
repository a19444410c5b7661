//! The customer's files in a request: links as they are, pictures on our disk in base64.

use rei_domain::catalog::Slot;
use serde::{Serialize, Serializer};

use super::endpoint::Endpoint;
use crate::in_base64::InBase64;
use crate::provider::{InputContent, InputFile, SubmitRequest};
use crate::rejection::{Reason, Rejection};

/// Room in the request for everything but words and files.
const FRAME_BYTES: usize = 2048;

/// A file as a value in the request's JSON.
pub(super) struct Media<'a>(pub(super) &'a InputContent);

impl Serialize for Media<'_> {
    /// Base64 without the `data:` prefix, which the provider refuses.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            InputContent::Url(url) => serializer.serialize_str(url),
            InputContent::File { path, size_bytes } => {
                InBase64::of(path, *size_bytes).serialize(serializer)
            }
        }
    }
}

/// Checks that the endpoint takes these files in these forms.
///
/// # Errors
/// The catalogue's row or the caller is wrong, or a picture is larger than the provider takes.
pub(super) fn check(
    request: &SubmitRequest,
    endpoint: Endpoint,
    picture_bytes_max: u64,
) -> Result<(), Rejection> {
    let has = |slot: &Slot| request.inputs.iter().any(|input| input.slot == *slot);
    if !endpoint.needs().iter().all(has) {
        return Err(Rejection::owner_fault("input-missing"));
    }
    if request.inputs.iter().filter(|input| input.slot.is_video()).count() > 1 {
        return Err(Rejection::owner_fault("input-second-video"));
    }
    for input in &request.inputs {
        if endpoint.word_for(input.slot).is_none() {
            return Err(Rejection::owner_fault("input-not-taken"));
        }
        match &input.content {
            InputContent::File { .. } if input.slot.is_video() => {
                return Err(Rejection::owner_fault("video-needs-link"));
            }
            InputContent::File { size_bytes, .. } if *size_bytes > picture_bytes_max => {
                return Err(Rejection::user_fault("picture-too-large", Reason::BadInput));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether any file has to be read from disk.
pub(super) fn on_disk(request: &SubmitRequest) -> bool {
    request.inputs.iter().any(|input| matches!(input.content, InputContent::File { .. }))
}

/// Whether the video's length follows from a clip that goes in.
pub(super) fn has_video(request: &SubmitRequest) -> bool {
    request.inputs.iter().any(|input| input.slot.is_video())
}

/// The first file of a purpose.
pub(super) fn of(request: &SubmitRequest, slot: Slot) -> Option<Media<'_>> {
    let found = request.inputs.iter().find(|input| input.slot == slot);
    found.map(|input| Media(&input.content))
}

/// Writes the request's JSON in one buffer that is large enough from the start.
///
/// # Errors
/// A file of ours cannot be read.
pub(super) fn written(
    body: &impl Serialize,
    request: &SubmitRequest,
) -> Result<Vec<u8>, Rejection> {
    let files = request.inputs.iter().map(length).sum::<usize>();
    let mut json = Vec::with_capacity(files + request.prompt.len() + FRAME_BYTES);
    // Memory takes everything and words always fit into JSON, so it can only be a file.
    serde_json::to_writer(&mut json, body)
        .map_err(|_| Rejection::owner_fault("input-unreadable"))?;
    Ok(json)
}

fn length(input: &InputFile) -> usize {
    match &input.content {
        InputContent::Url(url) => url.len(),
        InputContent::File { size_bytes, .. } => {
            usize::try_from(*size_bytes).unwrap_or_default() / 3 * 4 + 4
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::in_base64::PIECE_BYTES;

    struct OnDisk(PathBuf);

    impl Drop for OnDisk {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    fn on_disk(name: &str, bytes: &[u8]) -> OnDisk {
        let path = std::env::temp_dir().join(format!("rei-kling-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).expect("a file");
        OnDisk(path)
    }

    fn file(path: &std::path::Path, size_bytes: u64) -> InputContent {
        InputContent::File { path: path.to_owned(), size_bytes }
    }

    fn input(slot: Slot, content: InputContent) -> InputFile {
        InputFile { slot, mime: "image/png".to_owned(), content, former_turn: None }
    }

    fn code(endpoint: Endpoint, inputs: &[(Slot, InputContent)]) -> String {
        let inputs = inputs.iter().map(|(slot, content)| input(*slot, content.clone())).collect();
        let request = SubmitRequest { inputs, ..SubmitRequest::default() };
        match check(&request, endpoint, 100) {
            Ok(()) => "fine".to_owned(),
            Err(rejection) => format!("{} {}", rejection.class.as_str(), rejection.code),
        }
    }

    #[test]
    fn a_file_becomes_the_same_base64_as_in_memory_whatever_its_length() {
        for length in [0, 1, 2, 3, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 200_000] {
            let bytes: Vec<u8> = (0..length).map(|i| i.to_le_bytes()[0] ^ 0x5a).collect();
            let disk = on_disk(&format!("whole-{length}"), &bytes);
            let size = u64::try_from(length).expect("small");
            let json = serde_json::to_string(&Media(&file(&disk.0, size))).expect("it is read");
            assert!(json == format!("\"{}\"", STANDARD.encode(&bytes)), "{length}");
        }
    }

    #[test]
    fn a_file_that_changed_or_went_away_is_not_sent() {
        let disk = on_disk("changed", b"12345");
        for size in [4, 6] {
            assert!(serde_json::to_vec(&Media(&file(&disk.0, size))).is_err(), "{size}");
        }
        let request = SubmitRequest {
            inputs: vec![input(Slot::FirstFrame, file(&disk.0.join("nowhere"), 5))],
            ..SubmitRequest::default()
        };
        let media = of(&request, Slot::FirstFrame);
        let rejection = written(&media, &request).expect_err("there is no file");
        assert_eq!(rejection, Rejection::owner_fault("input-unreadable"));
    }

    #[test]
    fn each_endpoint_takes_its_files_and_no_others() {
        let link = || InputContent::Url("https://files.example/a".to_owned());
        let bytes = |size_bytes| file(std::path::Path::new("/x"), size_bytes);
        let (first, last) = ((Slot::FirstFrame, link()), (Slot::LastFrame, link()));
        let (base, style) = ((Slot::BaseVideo, link()), (Slot::FeatureVideo, link()));
        let image = |content| (Slot::MotionImage, content);
        let video = |content| (Slot::MotionVideo, content);
        use Endpoint as E;
        assert_eq!(code(E::TextToVideo, &[]), "fine");
        assert_eq!(
            code(E::TextToVideo, std::slice::from_ref(&first)),
            "owner-fault input-not-taken"
        );
        assert_eq!(code(E::ImageToVideo, &[first.clone(), last.clone()]), "fine");
        assert_eq!(code(E::ImageToVideo, &[last]), "owner-fault input-missing");
        assert_eq!(code(E::OmniVideo, &[base.clone(), (Slot::Reference, link())]), "fine");
        assert_eq!(code(E::OmniVideo, &[base, style]), "owner-fault input-second-video");
        assert_eq!(code(E::MotionControl, &[image(bytes(100)), video(link())]), "fine");
        assert_eq!(code(E::MotionControl, &[image(link())]), "owner-fault input-missing");
        assert_eq!(
            code(E::MotionControl, &[image(link()), video(bytes(1))]),
            "owner-fault video-needs-link"
        );
        assert_eq!(
            code(E::ImageToVideo, &[(Slot::FirstFrame, bytes(101))]),
            "user-fault picture-too-large"
        );
    }
}
