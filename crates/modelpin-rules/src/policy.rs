//! Rules of the policy: what a project requires of what it locks.

crate::rule::family! {
    "policy", policy;

    /// A pickle runs what it says while it is read: `torch.load`, `joblib.load` and `numpy.load(allow_pickle=True)`
    /// can start any program. So can a container with a pickle in it. The content decides, not the name.
    ///
    /// Ways out, the safest first: most repos have the same weights as safetensors, and then the pickles are not locked
    /// in the first place; `modelpin convert` makes safetensors of a pickle that holds tensors only, which are
    /// installed in its place; `include` and `exclude` choose other files; `modelpin exempt` accepts exactly these
    /// bytes. An exempted file goes to the quarantine, which only `modelpin exec --jail` reads.
    ///
    /// With `formats = "scanned"`, pickles in which the scan found nothing but data need no exemption.
    ///
    /// The rule cannot be relaxed.
    FORMAT_EXECUTES = "format-executes" Deny, "a file can run code when it is loaded, and is not exempted",
        because "whoever can change the file can run code wherever it is loaded",
        see "https://docs.python.org/3/library/pickle.html, CWE-502",
        with { manifest_key: Some("formats"), fixed: true, decidable: true };

    /// The repo has code that a loader runs with `trust_remote_code=True`, and the code is not certified. It is locked
    /// and can be read with `modelpin review`, but it is not installed, so that no loader can run it. Data files of the
    /// same repo are installed.
    ///
    /// Code in other repos that `auto_map` names belongs to it: it is read and certified together with the entry that
    /// runs it. Where several entries run it, all of them have to be certified.
    ///
    /// `modelpin certify` records that you read exactly these bytes and lets them run. With `remote-code = "never"` no
    /// code is installed. Projects that cannot do without the code set `code-withheld = "deny"` in `[policy.rules]`.
    CODE_WITHHELD = "code-withheld" Allow, "code is not installed, since it is not certified",
        because "unread code would run with the rights of whoever loads the model",
        see "https://huggingface.co/docs/transformers/custom_models",
        with { decidable: true };

    /// Earlier code of this repo was certified, and the locked code differs from it: a file has other bytes, is new, is
    /// gone, or comes from another repo. Files of other repos that `auto_map` names count as well. The project relies
    /// on this code, so it is not withheld silently.
    ///
    /// `modelpin review NAME --since` shows only what changed; `modelpin certify NAME --delta` accepts the change.
    ///
    /// The rule cannot be relaxed.
    CODE_CHANGED = "code-changed" Deny, "the code differs from the certified code",
        because "one line is enough to make reviewed code harmful",
        see "",
        with { fixed: true, decidable: true };

    /// The exemption of a file has ended. The day in `expires` is its last one, in UTC.
    ///
    /// The reason for it may be gone: ask its owner. `modelpin exempt` grants a new one. `modelpin check
    /// --expiring 30d` lists exemptions before they expire.
    ///
    /// The rule cannot be relaxed.
    EXEMPTION_EXPIRED = "exemption-expired" Deny, "the exemption of a file has expired",
        because "an exemption without an end is one that nobody looks at again",
        see "",
        with { fixed: true, decidable: true };

    /// There is an exemption for this file of this repo, but for other bytes. An exemption is a decision about the
    /// bytes that somebody looked at, and nobody looked at these.
    ///
    /// The rule cannot be relaxed.
    EXEMPTION_MISMATCH = "exemption-mismatch" Deny, "the exemption of a file is for other bytes",
        because "nobody decided about the bytes that are locked",
        see "",
        with { fixed: true, decidable: true };

    /// An exemption expires within the time given with `modelpin check --expiring`.
    EXEMPTION_EXPIRING = "exemption-expiring" Warn, "an exemption expires soon",
        because "the file will be refused from the next day on",
        see "",
        with { decidable: true };

    /// A decision applies to nothing that is locked: an audit or an exemption of a repo or file that is not locked, an
    /// exemption of a file that needs none, or of bytes that were replaced; an audit of a change from uncertified code.
    ///
    /// It has no effect now, but would have one again if those bytes came back. Remove it from models.audits.toml.
    DECISION_UNUSED = "decision-unused" Warn, "a decision applies to nothing that is locked",
        because "nobody maintains an unused decision, and it holds again if the bytes come back",
        see "";

    /// The licence that the repo's card declares is not one of `licenses`, or the card declares none. The identifier in
    /// the card is compared in lower case, as in `apache-2.0`. Nobody verifies what a card declares.
    LICENSE = "license" Deny, "the licence is not allowed",
        because "it may forbid what the project does with the model",
        see "https://huggingface.co/docs/hub/repositories-licenses",
        with { manifest_key: Some("licenses") };

    /// The repo is in a namespace that is not one of `publishers`.
    PUBLISHER = "publisher" Deny, "the publisher is not allowed",
        because "anybody can publish on the Hub under a name that sounds right",
        see "",
        with { manifest_key: Some("publishers") };

    /// The commit is younger than `min-age`, by the date that the Hub reports. A commit without a date is too young.
    /// Harmful commits are often found and taken down within days.
    MIN_AGE = "min-age" Deny, "the commit is too recent",
        because "nobody had time to find out what is wrong with it",
        see "",
        with { manifest_key: Some("min-age") };

    /// The pin has no ticket that matches `require-ticket`. `--ticket` of `add`, `lock`, `update` and `convert`
    /// records one.
    TICKET = "ticket" Deny, "the pin has no valid ticket",
        because "nothing says who asked for this change, and why",
        see "",
        with { manifest_key: Some("require-ticket") };

    /// The repo is an adapter without a pinned base model: its configuration names a path, a URL, several models,
    /// itself, or nothing.
    ///
    /// `adapter-of` in models.toml, or `modelpin add ORG/REPO --adapter-of NAME`, names the entry that is its base. A
    /// declared base that is gone from the Hub can be named in `ignored-dependencies`: then the adapter is locked
    /// without it, and [`adapter-base-ignored`](adapter-base-ignored.md) says so.
    ///
    /// The rule cannot be relaxed.
    ADAPTER_BASE_UNPINNED = "adapter-base-unpinned" Deny, "an adapter has no pinned base",
        because "a base that is not pinned can change what the adapter does, and nobody would notice",
        see "https://huggingface.co/docs/peft/package_reference/config",
        with { fixed: true };

    /// The base that the adapter declares is named in `ignored-dependencies`: somebody decided to lock the adapter
    /// without it, as where the base is gone from the Hub. The decision holds for that base alone: an adapter that
    /// declares another one is refused until that is pinned, or ignored as well.
    ADAPTER_BASE_IGNORED = "adapter-base-ignored" Warn, "an adapter is locked without the base that it declares",
        because "whatever it is loaded on is not pinned with it",
        see "https://huggingface.co/docs/peft/package_reference/config",
        with { manifest_key: Some("ignored-dependencies") };

    /// The adapter is used with another base than its configuration names, or with another revision of it: because of
    /// `adapter-of`, or because models.toml pins the base at that revision.
    ///
    /// Projects do so when they keep a copy of the base, or a quantised one. Only with the base it was trained on does
    /// an adapter give the results that its publisher measured.
    ADAPTER_BASE_MISMATCH = "adapter-base-mismatch" Warn, "an adapter is used with another base than it declares",
        because "it was trained on the declared base and behaves differently on this one",
        see "https://huggingface.co/docs/peft/package_reference/config";

    /// A loader takes something of this entry from another repo that is not pinned, because it is too many dependencies
    /// away from models.toml, or because the entry has too many of them.
    DEPENDENCY_UNPINNED = "dependency-unpinned" Deny, "a dependency on another repo is not pinned",
        because "whoever owns that repo decides what is loaded",
        see "https://huggingface.co/docs/transformers/custom_models";

    /// `ignored-dependencies` leaves out a repo that this entry depends on. It is not installed, so a loader that needs
    /// it fails.
    DEPENDENCY_IGNORED = "dependency-ignored" Allow, "a dependency on another repo is left out",
        because "a loader that needs it fails, or downloads it unpinned",
        see "",
        with { manifest_key: Some("ignored-dependencies") };

    /// An entry depends on a repo in a namespace that is not one of `publishers`: the base of an adapter, code, a
    /// tokenizer, a processor or a component.
    DEPENDENCY_PUBLISHER = "dependency-publisher" Deny, "an entry depends on a publisher that is not allowed",
        because "what it takes from there is as much part of it as its own files",
        see "",
        with { manifest_key: Some("publishers") };

    /// The new commit has a configuration that takes something from a repo of which the entry took nothing of that kind
    /// before: code, a component, a processor, a tokenizer, a base. Nothing is written until the repo is allowed with
    /// `--allow-source ORG/REPO`.
    ///
    /// This is checked when `update`, `lock` or `add` moves a pin to another commit, for that pin and for whatever is
    /// pinned because of its new dependencies. The dependencies of an entry that is added are pinned without asking,
    /// and their code is withheld like all code.
    DEPENDENCY_ADDED = "dependency-added" Deny, "an update adds a dependency on another repo",
        because "whoever changed the configuration chose whose files are loaded with it",
        see "https://huggingface.co/docs/transformers/custom_models";

    /// The new commit takes something from another place than before: a class of `auto_map`, a component, a processor,
    /// a tokenizer or the base of an adapter now comes from another repo, or from another revision of it. Nothing is
    /// written until the repo is allowed with `--allow-source ORG/REPO`.
    ///
    /// A revision can be a commit that anybody proposed to the repo and its owner never merged.
    DEPENDENCY_REDIRECTED = "dependency-redirected" Deny, "an update moves a dependency to another repo or revision",
        because "the reviewed files are in the old place, and whoever owns the new one decides what is loaded",
        see "https://huggingface.co/docs/transformers/custom_models, CWE-829";

    /// `auto_map` names a module of another repo, as in `acme/code--modeling.Acme`, and the pinned commit of that repo
    /// has no such file. A loader fails, or downloads it unpinned.
    DEPENDENCY_CODE_MISSING = "dependency-code-missing" Warn, "code that is named in another repo is missing there",
        because "whoever adds it there later decides what is loaded",
        see "https://huggingface.co/docs/transformers/custom_models";

    /// models.lock records a finding of a rule that this version of modelpin does not have. A newer version wrote it,
    /// or somebody edited the lock. It is treated as if it ran code.
    FINDING_UNKNOWN = "finding-unknown" Deny, "models.lock records a finding that this version does not know",
        because "it may stand for something dangerous",
        see "",
        with { decidable: true };
}
