//! `models.toml`: the models and datasets that a project requires, written by people.
//!
//! [`Manifest::read`] turns text into a manifest or into a [`Fault`] with the line that is wrong; every
//! unknown key is an error, since a setting that is silently ignored protects nobody. [`edit`] changes the
//! text itself, so that comments, order and formatting stay.

pub mod edit;
mod mirror;
pub mod policy;
mod project_path;
mod spec;
mod wire;

use crate::document::Document;
use crate::fault::Fault;
use crate::{Name, RepoKind};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

pub use mirror::MirrorUrl;
pub use policy::Policy;
pub use project_path::{ConfiguredPath, OutsidePath, ProjectPath, ProjectPathError, SyncTarget, Target};
pub use spec::Spec;
#[cfg(feature = "json-schema")]
pub use wire::json_schema;

/// The largest manifest that is read, in bytes.
pub const MAX_BYTES: u64 = 4 << 20;
/// The folder of the target, a Hugging Face cache of the project's own, where nobody names another.
pub const DEFAULT_TARGET: &str = ".modelpin/hub";

/// What a project requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The project's name, where it has one.
    pub project: Option<String>,
    /// `[hub] endpoint`, where it is set.
    pub endpoint: Option<String>,
    /// Models and datasets by name. A name is given once in the whole manifest.
    pub entries: BTreeMap<Name, Spec>,
    /// `[[mirror]]`, in order.
    pub mirrors: Vec<MirrorUrl>,
    /// `[sync] target`, where it is set.
    pub target: Option<ConfiguredPath<SyncTarget>>,
    /// `[policy]`.
    pub policy: Policy,
}

impl Manifest {
    /// Reads a manifest; `file` is its name in messages.
    ///
    /// # Errors
    /// Text that is not a manifest, with the place of what is wrong.
    pub fn read(file: &str, text: &str) -> Result<Self, Fault> {
        let help = format!(
            "keep the lines that the project wants, remove the markers, then run `modelpin lock`; `{file}` is yours \
             to edit"
        );
        let document = Document::new(file, text, &help)?;
        let wire: wire::Manifest = document.read()?;
        let fault = |(span, message): (Range<usize>, String)| document.fault(span, message);
        let mut entries = BTreeMap::new();
        for (kind, table) in [(RepoKind::Model, wire.models), (RepoKind::Dataset, wire.datasets)] {
            for (name, entry) in table {
                let span = entry.span();
                let spec = entry.into_inner().spec(kind, document.place(span.clone()));
                let spec = spec.map_err(|message| fault((span.clone(), message)))?;
                if entries.insert(name.clone(), spec).is_some() {
                    let message = format!(
                        "`{name}` is both a model and a dataset; commands name entries, so each name is given once"
                    );
                    return Err(fault((span, message)));
                }
            }
        }
        let manifest = Self {
            project: wire.project.and_then(|project| project.name),
            endpoint: wire.hub.and_then(|hub| hub.endpoint),
            entries,
            mirrors: mirrors(&document, wire.mirror).map_err(fault)?,
            target: match wire.sync.and_then(|sync| sync.target) {
                Some(target) => {
                    let configured = SyncTarget::configured(target.get_ref(), document.place(target.span()));
                    Some(configured.map_err(|message| fault((target.span(), message)))?)
                }
                None => None,
            },
            policy: match wire.policy {
                Some(policy) => policy.read(&document)?,
                None => Policy::default(),
            },
        };
        manifest.check_adapters(file)?;
        Ok(manifest)
    }

    /// Whether its target is plain folders, wherever they are.
    #[must_use]
    pub fn uses_plain_folders(&self) -> bool {
        match &self.target {
            Some(ConfiguredPath::Inside(SyncTarget::Flat(_))) => true,
            Some(ConfiguredPath::Outside(elsewhere)) => matches!(elsewhere.text.parse(), Ok(Target::Flat(_))),
            Some(ConfiguredPath::Inside(SyncTarget::Own(_))) | None => false,
        }
    }

    fn check_adapters(&self, file: &str) -> Result<(), Fault> {
        // Each entry is visited once, however long the chains are that end there.
        let mut ends_well = BTreeSet::new();
        let fault = |spec: &Spec, message: String| Fault { place: spec.place.clone(), ..Fault::whole(file, message) };
        for (name, spec) in &self.entries {
            let mut way = BTreeSet::new();
            let mut at = name;
            let mut spec = spec;
            while let Some(of) = spec.adapter_of.as_ref().filter(|_| !ends_well.contains(at)) {
                way.insert(at);
                match self.entries.get(of) {
                    None => {
                        let message = format!("`{at}` is an adapter of `{of}`, which is not in this manifest");
                        let help = format!("add the base first: `modelpin add ORG/REPO --name {of}`");
                        return Err(fault(spec, message).help(help));
                    }
                    Some(base) if base.source.kind == RepoKind::Dataset => {
                        return Err(fault(spec, format!("`{at}` is an adapter of `{of}`, which is a dataset")));
                    }
                    Some(base) if way.contains(of) => {
                        return Err(fault(base, format!("`{of}` is an adapter of itself, by way of `{at}`")));
                    }
                    Some(base) => (at, spec) = (of, base),
                }
            }
            ends_well.append(&mut way);
            ends_well.insert(at);
        }
        Ok(())
    }
}

fn mirrors(document: &Document<'_>, wire: Vec<wire::Mirror>) -> Result<Vec<MirrorUrl>, (Range<usize>, String)> {
    let read = |mirror: wire::Mirror| {
        let url = mirror.url.get_ref();
        let span = mirror.url.span();
        MirrorUrl::read(url, document.place(span.clone())).map_err(|message| (span, message))
    };
    wire.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::{ConfiguredPath, Manifest, SyncTarget};
    use expect_test::{Expect, expect};

    fn refused(text: &str, expect: &Expect) {
        let fault = Manifest::read("models.toml", text).unwrap_err();
        let help = fault.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
        expect.assert_eq(&format!("{fault}{help}\n"));
    }

    #[test]
    fn a_manifest_with_every_key_is_read() {
        let text = r#"
[project]
name = "support-bot"
[hub]
endpoint = "https://hub.example"
[models]
minilm = "acme/minilm"
[models.chat]
repo = "acme/chat-7b"
version = "^1.2"
include = ["*.safetensors", "*.json"]
exclude = ["onnx/**"]
[models.lora]
repo = "acme/lora"
revision = "refs/pr/1"
adapter-of = "chat"
[datasets.faq]
repo = "acme/faq"
[[mirror]]
url = "vendor"
[sync]
target = "flat:models"
"#;
        let manifest = Manifest::read("models.toml", text).unwrap();
        assert_eq!(manifest.entries.len(), 4);
        assert_eq!(manifest.target, Some(ConfiguredPath::Inside(SyncTarget::Flat("models".parse().unwrap()))));
        let spec = |name: &str| &manifest.entries[&name.parse().unwrap()];
        assert_eq!(spec("minilm").requested.to_string(), "main");
        assert_eq!(spec("chat").requested.to_string(), "version:^1.2");
        assert_eq!(spec("faq").source.to_string(), "hf:dataset/acme/faq");
        assert_eq!(spec("lora").place.as_ref().unwrap().line, 13);
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        refused(
            "[models.chat]\nrepo = \"a/b\"\nrevison = \"main\"\n",
            &expect![[r#"
            unknown field `revison`, expected one of `repo`, `revision`, `version`, `include`, `exclude`, `variant`, `adapter-of`
             --> models.toml:3:1
              |
            3 | revison = "main"
              | ^^^^^^^
            help: did you mean `revision`?
        "#]],
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for text in [
            "[models]\nchat = 7\n",
            "[models]\nchat = \"https://h.example/a/b\"\n",
            "[models]\nChat = \"a/b\"\n",
            "[models.chat]\nrevision = \"main\"\n",
            "[models.chat]\nrepo = \"a/b\"\nrevision = \"main\"\nversion = \"1\"\n",
            "[models.chat]\nrepo = \"a/b\"\nversion = \"newest\"\n",
            "[models.chat]\nrepo = \"a/b\"\nrevision = \"../main\"\n",
            "[models.chat]\nrepo = \"a/b\"\ninclude = []\n",
            "[models.chat]\nrepo = \"a/b\"\ninclude = [\"[\"]\n",
            "[models.chat]\nrepo = \"a/b\"\nadapter-of = \"chat\"\n",
            "[models.chat]\nrepo = \"a/b\"\nadapter-of = \"base\"\n",
            "[models.a]\nrepo = \"a/b\"\nadapter-of = \"b\"\n[models.b]\nrepo = \"a/b\"\nadapter-of = \"a\"\n",
            "[models]\nx = \"a/b\"\n[datasets]\nx = \"a/b\"\n",
            "[datasets.x]\nrepo = \"a/b\"\nadapter-of = \"chat\"\n",
            "[[mirror]]\nurl = \"s3://bucket\"\n",
            "<<<<<<< HEAD\n",
            "[models\n",
        ] {
            assert!(Manifest::read("models.toml", text).is_err(), "{text}");
        }
    }
}
