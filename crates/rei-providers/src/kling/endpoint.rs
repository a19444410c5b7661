//! The four endpoints that make videos: their names in both generations of the API, and the files each takes.

use rei_domain::catalog::Slot;

use crate::rejection::Rejection;

/// What kind of task is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    TextToVideo,
    ImageToVideo,
    OmniVideo,
    MotionControl,
}

impl Endpoint {
    pub(super) const ALL: [Self; 4] =
        [Self::TextToVideo, Self::ImageToVideo, Self::OmniVideo, Self::MotionControl];

    /// Splits the catalogue's path: the endpoint, and the model there. Models are not listed here: a new one needs a
    /// row in the catalogue, not a new version.
    ///
    /// # Errors
    /// The row is wrong, which only the owner can mend.
    pub(super) fn of(path: &str) -> Result<(Self, &str), Rejection> {
        let unknown = || Rejection::owner_fault("endpoint-unknown");
        let (word, model) = path.split_once('/').ok_or_else(unknown)?;
        let endpoint = Self::ALL.into_iter().find(|endpoint| endpoint.as_str() == word);
        endpoint.filter(|_| !model.is_empty()).map(|it| (it, model)).ok_or_else(unknown)
    }

    /// Reads the legacy name.
    pub(super) fn from_legacy(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.legacy() == word)
    }

    /// The first part of the path.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::TextToVideo => "text-to-video",
            Self::ImageToVideo => "image-to-video",
            Self::OmniVideo => "omni-video",
            Self::MotionControl => "motion-control",
        }
    }

    /// The last part of the path in the older generation.
    pub(super) const fn legacy(self) -> &'static str {
        match self {
            Self::TextToVideo => "text2video",
            Self::ImageToVideo => "image2video",
            Self::OmniVideo => "omni-video",
            Self::MotionControl => "motion-control",
        }
    }

    /// The provider's word for a file of this purpose; none: the endpoint takes no such file.
    pub(super) const fn word_for(self, slot: Slot) -> Option<&'static str> {
        match (self, slot) {
            (Self::ImageToVideo | Self::OmniVideo, Slot::FirstFrame) => Some("first_frame"),
            (Self::ImageToVideo | Self::OmniVideo, Slot::LastFrame) => Some("last_frame"),
            (Self::OmniVideo, Slot::Reference) => Some("refer_image"),
            (Self::OmniVideo, Slot::BaseVideo) => Some("base_video"),
            (Self::OmniVideo, Slot::FeatureVideo) => Some("feature_video"),
            (Self::MotionControl, Slot::MotionImage) => Some("image"),
            (Self::MotionControl, Slot::MotionVideo) => Some("video"),
            _ => None,
        }
    }

    /// The files without which nothing can be made.
    pub(super) const fn needs(self) -> &'static [Slot] {
        match self {
            Self::TextToVideo | Self::OmniVideo => &[],
            Self::ImageToVideo => &[Slot::FirstFrame],
            Self::MotionControl => &[Slot::MotionImage, Slot::MotionVideo],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_an_endpoint_and_any_model() {
        let of = |path| Endpoint::of(path).map_err(|rejection| rejection.code);
        assert_eq!(
            of("text-to-video/kling-3.0-turbo"),
            Ok((Endpoint::TextToVideo, "kling-3.0-turbo"))
        );
        assert_eq!(of("omni-video/kling-9"), Ok((Endpoint::OmniVideo, "kling-9")));
        for wrong in ["", "kling-3.0", "text-to-video", "text-to-video/", "lip-sync/kling-3.0"] {
            assert_eq!(of(wrong), Err("endpoint-unknown".to_owned()), "{wrong}");
        }
    }

    #[test]
    fn both_names_of_an_endpoint_lead_back_to_it() {
        for endpoint in Endpoint::ALL {
            assert_eq!(Endpoint::from_legacy(endpoint.legacy()), Some(endpoint));
            assert_eq!(Endpoint::of(&format!("{}/m", endpoint.as_str())), Ok((endpoint, "m")));
        }
    }

    #[test]
    fn what_an_endpoint_needs_it_also_takes() {
        for endpoint in Endpoint::ALL {
            assert!(endpoint.needs().iter().all(|slot| endpoint.word_for(*slot).is_some()));
        }
    }
}
