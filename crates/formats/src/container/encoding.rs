//! Encodings of text: which ones are read, how one is recognised, and how a piece of it becomes UTF-8.

use std::borrow::Cow;

use super::ContainerError;

/// An encoding whose ASCII bytes are ASCII (so that records can be split before decoding), or UTF-16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    pub const UTF_8: Self = Self(encoding_rs::UTF_8);
    pub const WINDOWS_1252: Self = Self(encoding_rs::WINDOWS_1252);
    pub const ISO_8859_15: Self = Self(encoding_rs::ISO_8859_15);
    pub const UTF_16LE: Self = Self(encoding_rs::UTF_16LE);
    pub const UTF_16BE: Self = Self(encoding_rs::UTF_16BE);

    /// Reads a label of the WHATWG list, in any case; `cp1252` and `latin1` mean windows-1252.
    pub fn parse(label: &str) -> Result<Self, ContainerError> {
        let unknown = || ContainerError::UnknownEncoding {
            label: label.to_owned(),
        };
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes())
            .or_else(|| encoding_rs::Encoding::for_label(label.replace(['_', ' '], "-").as_bytes()))
            .ok_or_else(unknown)?;
        let known = Self(encoding);
        if encoding.is_single_byte() || known == Self::UTF_8 || known.is_utf_16() {
            Ok(known)
        } else {
            Err(unknown())
        }
    }

    pub fn name(self) -> &'static str {
        self.0.name()
    }

    pub fn is_utf_16(self) -> bool {
        self == Self::UTF_16LE || self == Self::UTF_16BE
    }

    /// The text of a piece of content; `None` when the bytes are no text in this encoding.
    pub fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        self.0
            .decode_without_bom_handling_and_without_replacement(bytes)
    }

    /// The text of a piece of content, with replacement characters where it is none.
    pub fn decode_lossy(self, bytes: &[u8]) -> Cow<'_, str> {
        self.0.decode_without_bom_handling(bytes).0
    }

    pub(super) fn decoder(self) -> encoding_rs::Decoder {
        self.0.new_decoder_with_bom_removal()
    }

    /// Recognises the encoding of content that is not UTF-16. A sample may end inside a character.
    ///
    /// Western European text is told apart by the bytes that differ: 0x80–0x9F are letters and signs in windows-1252
    /// only; 0xA4 and 0xBC–0xBE are the euro sign and œ, Œ, Ÿ in ISO-8859-15 only.
    pub fn recognise(sample: &[u8]) -> Self {
        // Text in another encoding hardly ever holds what looks like a character of UTF-8. Where both kinds stand side by
        // side it is taken for UTF-8, in which single records may still be read as windows-1252.
        let (mut valid, mut invalid) = (0, 0);
        for chunk in sample.utf8_chunks() {
            valid += chunk
                .valid()
                .chars()
                .filter(|sign| !sign.is_ascii())
                .count();
            invalid += usize::from(!chunk.invalid().is_empty());
        }
        let cut = std::str::from_utf8(sample).is_err_and(|error| error.error_len().is_none());
        if invalid == usize::from(cut) || valid * 4 >= invalid {
            return Self::UTF_8;
        }
        let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
        detector.feed(sample, true);
        let guess = detector.guess(Some(b"fr"), chardetng::Utf8Detection::Deny);
        if guess.is_single_byte()
            && guess != encoding_rs::WINDOWS_1252
            && guess != encoding_rs::ISO_8859_15
        {
            return Self(guess);
        }
        let has = |wanted: fn(u8) -> bool| sample.iter().any(|byte| wanted(*byte));
        if !has(|byte| (0x80..=0x9F).contains(&byte))
            && has(|byte| matches!(byte, 0xA4 | 0xBC..=0xBE))
        {
            Self::ISO_8859_15
        } else {
            Self::WINDOWS_1252
        }
    }
}

impl serde::Serialize for Encoding {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> serde::Deserialize<'de> for Encoding {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let label = String::deserialize(deserializer)?;
        Self::parse(&label).map_err(serde::de::Error::custom)
    }
}
