//! From what the content is to who reads it.

use super::sniff::{is_far_hdf5, is_inert, sniff};
use crate::documents::{config, text};
use crate::engine::encoding::Wide;
use crate::engine::name::Name;
use crate::engine::source::{ByteRange, HELD_LIMIT};
use crate::engine::{Format, FullyCovered, Location, Scan, ScanError, ScanResult, code};
use crate::formats::archive::{self, compressed, tar, zip};
use crate::formats::graph::{self, tflite};
use crate::formats::{
    arrow, checkpoint, gguf, hdf5, media, msgpack, native, numpy, parquet, pickle, safetensors, weights,
};
use crate::knowledge::tool_files;
use crate::languages::{python, template};
use modelpin_rules::archive::HIDDEN_WEIGHTS;
use modelpin_rules::file;

/// No format that a reader interprets has room for anything in so few bytes, but those that are known here.
const SHORT: u64 = 64;

impl Scan<'_> {
    /// What `part` is; nothing of it is scanned.
    pub(crate) fn format_of(&self, part: &ByteRange<'_>, path: &str) -> Result<Format, ScanError> {
        sniff(part, &Name::of(path))
    }

    /// Scans a file, or a member of an archive, and says what it is.
    pub(crate) fn scan_content(&mut self, part: &ByteRange<'_>, path: &str) -> Format {
        if self.depth() == 0 {
            let format = self.scan_one(part, path);
            if format.is_archive() && code::is_named_code(path) && self.facts.code_members == 0 {
                self.record_code_name(path);
            }
            return format;
        }
        // The capabilities of one member are kept apart from those of the others.
        let others = std::mem::take(&mut self.facts.capabilities);
        let format = self.scan_one(part, path);
        let is_named = || code::is_named_code(path) && !format.is_archive();
        if format.is_code() || is_named() {
            self.record_code_member(part, format);
        }
        for (capability, places) in others {
            self.facts.capabilities.entry(capability).or_default().extend(places);
        }
        format
    }

    fn scan_one(&mut self, part: &ByteRange<'_>, path: &str) -> Format {
        let name = Name::of(path);
        text::name(path, self);
        // A member of an archive is in no folder yet.
        if self.depth() == 0 {
            tool_files::name(path, self);
        }
        match self.decoded(part, &name) {
            Some(Ok((text, is_clean))) => {
                let text = ByteRange::whole(text.into_bytes());
                let format = self.scan_as(&text, path, &name);
                // To readers that take it for text it is that, and to others it is what its bytes are.
                if is_clean { format } else { self.scan_as(part, path, &name) }
            }
            Some(Err(error)) => {
                self.record_error(error);
                Format::Text
            }
            None => self.scan_as(part, path, &name),
        }
    }

    fn scan_as(&mut self, part: &ByteRange<'_>, path: &str, name: &Name) -> Format {
        let before = self.finding_count();
        let format = match sniff(part, name) {
            Ok(format) => {
                let format = self.or_far_hdf5(format, part, name);
                self.compare_with_name(format, name);
                let runs_nothing = text::runs_nothing(format, name);
                let read = self.read(format, part, path, name);
                // What is not read to its end of a text that nothing interprets changes nothing.
                if !(runs_nothing && matches!(read, Err(ScanError::LimitReached(_)))) {
                    self.record_result(read);
                }
                let second_reading = self.second_reading(format, part, path);
                if !(runs_nothing && matches!(second_reading, Err(ScanError::LimitReached(HELD_LIMIT)))) {
                    self.record_result(second_reading);
                }
                format
            }
            Err(error) => {
                self.record_error(error);
                Format::Binary
            }
        };
        if part.is_cut() && !text::runs_nothing(format, name) {
            self.limit_reached(before);
        }
        format
    }

    /// HDF5 where a file on a server is that far from its front, else `format`. Of a file that is what its name says
    /// nobody reads HDF5, and the places are not asked for; nor are those of members, of which there may be thousands.
    fn or_far_hdf5(&mut self, format: Format, part: &ByteRange<'_>, name: &Name) -> Format {
        let is_other =
            !matches!(format, Format::Empty | Format::Tar | Format::Hdf5) && !name.promises().contains(&format);
        if !part.is_remote() || self.depth() > 0 || !is_other {
            return format;
        }
        is_far_hdf5(part).map_or_else(
            |error| {
                self.record_error(error);
                format
            },
            |is_far| if is_far { Format::Hdf5 } else { format },
        )
    }

    /// A text in UTF-16 or UTF-32 as UTF-8, and whether it reads as text. PyYAML and pip read its mark, under names that
    /// loaders interpret; Python's JSON needs none.
    fn decoded(&self, part: &ByteRange<'_>, name: &Name) -> Option<Result<(String, bool), ScanError>> {
        let head = part.bytes(0, 1024).ok()?;
        let marked = Wide::marked(&head).filter(|_| name.is_interpreted());
        let (wide, is_clean) = match marked {
            Some(wide) => (wide, wide.is_text(&head)),
            None => (text::wide_json(&head)?, true),
        };
        let is_json = name.promises().contains(&Format::Json) || marked.is_none();
        let most = if is_json { self.limits.json } else { self.limits.document };
        Some(part.all(most).map(|bytes| (wide.decode(&bytes), is_clean)))
    }

    fn read(&mut self, format: Format, part: &ByteRange<'_>, path: &str, name: &Name) -> ScanResult {
        match format {
            Format::Empty => Ok(FullyCovered),
            Format::Media => media::scan(part, self),
            Format::Pickle => pickle::scan(part, self),
            Format::Zip => zip::scan(part, name, self),
            Format::Tar => tar::scan(part, self),
            Format::Gzip | Format::Bzip2 | Format::Xz | Format::Lzma | Format::Zstd | Format::Zlib | Format::Lz4 => {
                compressed::scan(format, part, path, self)
            }
            Format::SevenZip | Format::Rar => archive::opaque(format, self),
            Format::Safetensors => safetensors::scan(part, self),
            Format::Gguf => gguf::scan(part, self),
            Format::Onnx | Format::SavedModel | Format::Protobuf => graph::scan(format, part, name, self),
            Format::Hdf5 => hdf5::scan(part, self),
            Format::Npy => numpy::scan(part, self),
            Format::Json => config::scan(part, path, graph::onnx_json, self),
            Format::Python => python::scan(part, path, self),
            Format::Template => template::file(part, name, self),
            Format::Requirements => config::requirements::scan(part, path, self),
            Format::Script => native::script(part, self),
            Format::PathHook => native::path_hook(part, self),
            Format::Native => native::scan(part, self),
            Format::Parquet => parquet::scan(part, self),
            Format::TensorIndex => checkpoint::index(part, path, self),
            Format::Records => checkpoint::records(part, self),
            Format::Text if matches!(name.suffix.as_str(), "pbtxt" | "prototxt" | "textproto" | "txtpb") => {
                graph::text(part, path, self)
            }
            Format::Text if matches!(name.suffix.as_str(), "onnxtxt" | "onnxtext") => graph::onnx_text(part, self),
            Format::Text => text::scan(part, path, name, self),
            Format::Tflite => tflite::scan(part, self),
            Format::Arrow => arrow::scan(part, self),
            Format::Msgpack => msgpack::scan(part, self),
            Format::Ctranslate2 => weights::ctranslate2(part, self),
            Format::FastText => weights::fasttext(part, self),
            Format::Matlab => weights::matlab(part, self),
            Format::Ubjson => weights::ubjson(part, self),
            Format::Weights => weights::marked(part, self),
            Format::Ggml => {
                self.report(&file::UNCHECKED_FORMAT, Location::Whole, "a GGML file from before GGUF");
                Ok(FullyCovered)
            }
            Format::Binary if part.len() <= SHORT && !name.is_interpreted() => {
                self.report(&file::UNCHECKED_FORMAT, Location::Whole, "too short to be of any known format");
                Ok(FullyCovered)
            }
            Format::Binary => self.give_up(&file::UNKNOWN_FORMAT, "not a known format"),
        }
    }

    /// Compares the content with what the name promises.
    fn compare_with_name(&mut self, format: Format, name: &Name) {
        let promised = name.promises();
        if promised.contains(&format) || format == Format::Empty {
            return;
        }
        let runs = matches!(format, Format::Pickle | Format::Zip | Format::Tar | Format::SevenZip | Format::Rar);
        let is_disguised = if format == Format::Native { !name.may_be_native() } else { runs && name.promises_data() };
        let rule = if is_disguised {
            &file::DISGUISED_EXECUTABLE
        } else if is_inert(format) && name.is_interpreted() {
            // A reader that goes by the name takes it for that format.
            &file::UNKNOWN_FORMAT
        } else if matches!(format, Format::SevenZip | Format::Rar | Format::Lz4) && name.is_weights_or_pickle() {
            &HIDDEN_WEIGHTS
        } else if !promised.is_empty() && format != Format::Binary {
            &file::NAME_DISAGREES
        } else {
            return;
        };
        self.report(rule, Location::Whole, format!("`{}` is {}", name.base, format.word()));
    }

    /// A second format that the file may have for other readers: a zip reader looks for its directory at the
    /// end, so content before it does not keep a reader from it.
    fn second_reading(&mut self, format: Format, part: &ByteRange<'_>, path: &str) -> ScanResult {
        // The first bytes of these are free enough to be opcodes, and an unpickler knows of no magic.
        let is_open = matches!(
            format,
            Format::Safetensors
                | Format::Gguf
                | Format::Media
                | Format::Tflite
                | Format::Records
                | Format::TensorIndex
                | Format::Tar
                | Format::Hdf5
                | Format::Native
                | Format::Parquet
                | Format::Arrow
                | Format::Npy
                | Format::Ggml
                | Format::Ctranslate2
                | Format::FastText
                | Format::Matlab
                | Format::Ubjson
                | Format::Weights
        );
        if is_open && pickle::probe(part, false)? {
            self.report(
                &file::POLYGLOT,
                Location::Whole,
                format!("{} to one reader, pickle to another", format.word()),
            );
            pickle::scan(part, self)?;
        }
        // A zip at the end of a tar archive is its last member, and scanned as such.
        if matches!(format, Format::Zip | Format::Empty | Format::Tar) || !zip::has_directory(part)? {
            return Ok(FullyCovered);
        }
        // The pickles and archives in it are scanned as well: anyone who opens it as a zip runs those. TensorFlow Lite
        // keeps the texts about a model (labels, vocabularies) in a zip after it.
        if format != Format::Tflite {
            self.report(&file::POLYGLOT, Location::Whole, format!("{} to one reader, zip to another", format.word()));
        }
        zip::scan_appended(part, &Name::of(path), self)
    }
}
