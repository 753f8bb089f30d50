//! What a loader takes from a repo that another one names, and which files that is.

use crate::{Filter, Invalid, Pattern};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// What a loader takes from the other repo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Code that it imports: `auto_map` with `owner/repo--module.Class`.
    Code,
    /// A part of a model, with its weights: a sub-model, an encoder, a decoder, another adapter.
    Component,
    /// The configuration of a part, whose weights are in the repo that names it.
    Config,
    /// A processor or feature extractor, with its tokenizer.
    Processor,
    /// A tokenizer.
    Tokenizer,
}

/// Modules that a loader imports from another repo (`get_class_from_dynamic_module` of transformers).
const CODE: &[&str] = &["*.py"];

/// What `AutoConfig.from_pretrained` of transformers reads.
const CONFIG: &[&str] = &["config.json"];

/// What `AutoTokenizer.from_pretrained` of transformers 4.46 and 5.24 reads, in the repo's root: the configuration that
/// it finds the class by, the names of `tokenization_utils_base.py`, the templates, and the names in the
/// `VOCAB_FILES_NAMES` of every tokenizer.
const TOKENIZER: &[&str] = &[
    "added_tokens.json",
    "additional_chat_templates/",
    "bpe.codes",
    "byte_maps.json",
    "chat_template.*",
    "config.json",
    "dict.txt",
    "emoji.json",
    "entity_vocab.json",
    "merges.txt",
    "normalizer.json",
    "prophetnet.tokenizer",
    "sentencepiece*.model",
    "special_tokens_map.json",
    "spiece.model",
    "spm*.model",
    "target_vocab.json",
    "tekken.json",
    "*.spm",
    "*.tiktoken",
    "tokenizer*.json",
    "tokenizer.model*",
    "vocab*.json",
    "vocab*.txt",
    "word_*.json",
];

/// What `AutoProcessor.from_pretrained` of transformers reads beside a tokenizer (`transformers/utils/__init__.py`).
const PROCESSOR: &[&str] = &["audio_tokenizer_config.json", "*preprocessor_config.json", "processor_config.json"];

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Code, Self::Component, Self::Config, Self::Processor, Self::Tokenizer];

    /// The word for it in a lock.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Code => "auto_map",
            Self::Component => "component",
            Self::Config => "config",
            Self::Processor => "processor",
            Self::Tokenizer => "tokenizer",
        }
    }

    /// The files that the loader reads, as patterns; empty for the default set.
    #[must_use]
    pub fn files(self) -> Vec<&'static str> {
        let lists: &[&[&'static str]] = match self {
            Self::Code => &[CODE],
            Self::Component => &[],
            Self::Config => &[CONFIG],
            Self::Processor => &[TOKENIZER, PROCESSOR],
            Self::Tokenizer => &[TOKENIZER],
        };
        lists.concat()
    }

    /// The files of a repo that something of each of `roles` is taken from: what any of them needs. A role that needs
    /// the default set gets its code with it.
    #[must_use]
    pub fn needed(roles: impl IntoIterator<Item = Self>) -> Filter {
        let mut patterns: BTreeSet<&str> = BTreeSet::new();
        for role in roles {
            let files = role.files();
            if files.is_empty() {
                return Filter::default();
            }
            patterns.extend(files);
        }
        let include: Vec<Pattern> = patterns.into_iter().filter_map(|pattern| pattern.parse().ok()).collect();
        Filter { include, ..Filter::default() }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Role {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|role| role.word() == text);
        found.ok_or_else(|| Invalid::new("role", text, "expected auto_map, component, config, processor or tokenizer"))
    }
}

#[cfg(test)]
mod tests {
    use super::Role;
    use crate::RepoPath;

    /// The files of a repo of every sort that a loader of `roles` gets.
    fn taken(roles: &[Role]) -> String {
        let repo = [
            "README.md",
            "config.json",
            "modeling_x.py",
            "merges.txt",
            "model.safetensors",
            "onnx/tokenizer.onnx",
            "preprocessor_config.json",
            "pytorch_model.bin",
            "pytorch_model.bin.index.json",
            "spm.model",
            "tf_model.h5",
            "tokenizer.json",
            "tokenizer.pkl",
            "tokenizer_config.json",
            "training_args.bin",
            "vocab.txt",
            "word2vec.model",
        ];
        let repo: Vec<RepoPath> = repo.iter().map(|path| path.parse().unwrap()).collect();
        let filter = Role::needed(roles.iter().copied());
        let matches = |path: &&RepoPath| {
            filter
                .include
                .iter()
                .any(|pattern| globset::Glob::new(pattern.as_str()).unwrap().compile_matcher().is_match(path.as_str()))
        };
        repo.iter().filter(matches).map(|path| format!("{path} ")).collect()
    }

    #[test]
    fn a_role_takes_what_its_loader_reads_and_neither_weights_nor_pickles() {
        assert_eq!(taken(&[Role::Code]), "modeling_x.py ");
        assert_eq!(taken(&[Role::Config]), "config.json ");
        let tokenizer = "config.json merges.txt spm.model tokenizer.json tokenizer_config.json vocab.txt ";
        assert_eq!(taken(&[Role::Tokenizer]), tokenizer);
        assert_eq!(taken(&[Role::Config, Role::Tokenizer]), tokenizer);
        let processor =
            "config.json merges.txt preprocessor_config.json spm.model tokenizer.json tokenizer_config.json vocab.txt ";
        assert_eq!(taken(&[Role::Processor]), processor);
        assert_eq!(taken(&[Role::Code, Role::Config]), "config.json modeling_x.py ");
    }

    #[test]
    fn a_part_needs_the_default_set_whatever_else_is_taken() {
        for role in Role::ALL {
            let filter = Role::needed([role, Role::Component]);
            assert!(filter.include.is_empty() && filter.exclude.is_empty(), "{role}");
        }
        for role in Role::ALL {
            assert_eq!(Role::needed([role]).include.len(), role.files().len(), "{role}: a pattern that cannot be read");
        }
    }
}
