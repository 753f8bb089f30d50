//! A lock for the tests of this room.

use super::{Adapter, Artifact, Converted, DeclaredBase, Dependency, Facts, Lockfile, Pin};
use crate::selection::Reason;
use crate::{FileKind, Filter};

fn facts() -> Facts {
    let path = |text: &str| text.parse::<crate::RepoPath>().unwrap();
    let words = |words: [&str; 2]| words.map(|word| word.parse().unwrap()).into();
    Facts {
        auto_map: ["AutoModel=acme/code--modeling_chat.Chat".parse().unwrap()].into(),
        references: ["auto_map acme/code", "component acme/encoder@v1"].map(|text| text.parse().unwrap()).into(),
        base: None,
        capabilities: words(["files", "process"]),
        requires: [
            ("a \"quoted\" one".parse().unwrap(), "unpinned".parse().unwrap()),
            ("torch".parse().unwrap(), "==2.6.0".parse().unwrap()),
        ]
        .into(),
        globals: [(path("pytorch_model.bin"), ["torch._utils._rebuild_tensor_v2".parse().unwrap()].into())].into(),
        templates: [(path("sub/\"odd\" näme.txt"), [crate::Digest::new([8; 32])].into())].into(),
        findings: [(path("modeling_chat.py"), words(["code-environment", "code-on-import"]))].into(),
    }
}

/// A lock with every key, and one with the least.
pub(crate) fn sample() -> Lockfile {
    let file = |path: &str, size: u64, byte: &str| {
        let path: crate::RepoPath = path.parse().unwrap();
        let sha256 = crate::Digest::from_hex(&byte.repeat(32)).unwrap();
        (path.clone(), Artifact { kind: FileKind::of(&path), size, sha256 })
    };
    let files = [
        file("config.json", 148, "3f"),
        file("model.safetensors", 111, "a3"),
        file("modeling_chat.py", 64, "5d"),
        file("pytorch_model.bin", 200, "7e"),
        file("old/pytorch_model.bin", 300, "7f"),
        file("sub/\"odd\" näme.txt", 0, "00"),
    ];
    let filter = Filter {
        include: vec!["*.json".parse().unwrap(), "*".parse().unwrap()],
        exclude: vec!["onnx/**".parse().unwrap()],
        variant: None,
    };
    let commit = |byte: &str| byte.repeat(20).parse().unwrap();
    let mut chat = Pin::new(
        "hf:model/acme/chat-7b".parse().unwrap(),
        "version:^1.2".parse().unwrap(),
        filter,
        commit("13"),
        files.into(),
    );
    chat.hub.repo_id = Some("621ffdc036468d709f17434d".parse().unwrap());
    chat.hub.tag = Some("v1.4.0".parse().unwrap());
    chat.hub.revision_date = Some("2026-08-01".parse().unwrap());
    chat.hub.license = Some("apache-2.0".parse().unwrap());
    chat.ticket = Some("SEC-4410".parse().unwrap());
    chat.hub.left_out = [(Reason::Copy, 3), (Reason::Training, 1)].into();
    chat.hub.left_out_code = [("checkpoint-1/optimizer.pt".parse().unwrap(), Reason::Training)].into();
    chat.facts = facts();
    let converted = Converted {
        from: "old/pytorch_model.bin".parse().unwrap(),
        source: crate::Digest::new([0x7f; 32]),
        converter: 1,
        size: 290,
        sha256: crate::Digest::new([0x5a; 32]),
    };
    chat.converted.insert("old/model.safetensors".parse().unwrap(), converted);
    let mut lora = Pin::new(
        "hf:model/acme/lora".parse().unwrap(),
        "main".parse().unwrap(),
        Filter::default(),
        commit("61"),
        [file("adapter_model.safetensors", 9, "bb")].into(),
    );
    lora.dependencies.adapter = Some(Adapter { base: "chat".parse().unwrap(), base_revision: commit("13") });
    lora.facts.base = Some(DeclaredBase::of(Some("acme/chat-7b"), None));
    let mut code = Pin::new(
        "hf:model/acme/code".parse().unwrap(),
        "main".parse().unwrap(),
        Filter { include: vec!["*.py".parse().unwrap()], ..Filter::default() },
        commit("77"),
        [file("modeling_chat.py", 7, "ee")].into(),
    );
    code.dependencies.required_by = ["chat: auto_map".parse().unwrap()].into();
    let dependency = Dependency { pin: "code".parse().unwrap(), revision: code.revision };
    chat.dependencies.pinned.insert("auto_map acme/code".parse().unwrap(), dependency);
    let faq = Pin::new(
        "hf:dataset/acme/faq".parse().unwrap(),
        "main".parse().unwrap(),
        Filter::default(),
        commit("0f"),
        [file("faq.jsonl", 7, "cc")].into(),
    );
    let pins = [("chat", chat), ("code", code), ("support-lora", lora), ("a-faq", faq)];
    Lockfile { pins: pins.into_iter().map(|(name, pin)| (name.parse().unwrap(), pin)).collect() }
}
