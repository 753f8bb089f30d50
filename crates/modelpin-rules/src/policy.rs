//! Rules of the policy: what a project asks of what it locks.

crate::rule::family! {
    "policy", policy;

    /// A pickle runs what it says while it is read: `torch.load`, `joblib.load` and `numpy.load(allow_pickle=True)`
    /// can start any program. So can a container that has a pickle in it. The content decides, not the name.
    ///
    /// Most repos have the same weights as safetensors; where they do, the pickles are not locked in the first place.
    /// Else `modelpin convert` makes safetensors of a pickle that holds tensors only, and those stand in its place; or
    /// another file set (`include`, `exclude`); or an exemption for exactly these bytes: `modelpin exempt`. An exempted
    /// file goes to the quarantine, which only `modelpin exec --jail` reads.
    ///
    /// With `formats = "scanned"` files of which the scan found nothing but data come in without an exemption.
    ///
    /// The rule cannot be switched off.
    FORMAT_EXECUTES = "format-executes" Deny, "a file can run code when it is loaded, and nobody let it in",
        because "whoever can change the file can run code wherever it is loaded",
        see "https://docs.python.org/3/library/pickle.html, CWE-502",
        with { manifest_key: Some("formats"), fixed: true, decidable: true };

    /// The repo has code that a loader runs with `trust_remote_code=True`, and nobody certified it. The code is locked
    /// and can be read with `modelpin review`; it is not in the target, so that no loader can run it. The data beside
    /// it is.
    ///
    /// Code that `auto_map` leads to in other repos belongs to it: it is read and certified together with the entry that
    /// runs it. Where several entries run it, all of them have to be certified.
    ///
    /// `modelpin certify` lets it in, and vouches for exactly these bytes. With `remote-code = "never"` nothing does.
    /// `code-withheld = "deny"` below `[policy.rules]` makes it a refusal, for projects that cannot do without.
    CODE_WITHHELD = "code-withheld" Allow, "code is withheld from the target, since it is not certified",
        because "code that nobody read would run with the rights of whoever loads the model",
        see "https://huggingface.co/docs/transformers/custom_models",
        with { decidable: true };

    /// Somebody certified the code of this repo, and the code that is locked is other code: a file has other bytes, is
    /// new, is gone, or comes from another repo than before. Files of other repos that `auto_map` leads to count like its
    /// own. Somebody relies on code here, so that it is not withheld in silence.
    ///
    /// `modelpin review NAME --since` shows the change and nothing else; `modelpin certify NAME --delta` vouches for
    /// it.
    ///
    /// The rule cannot be switched off.
    CODE_CHANGED = "code-changed" Deny, "the code is not the code that was certified",
        because "one line is enough to make reviewed code harmful",
        see "",
        with { fixed: true, decidable: true };

    /// The exemption of a file was for a time, and that time is over. Its last day is the one that it names, in UTC.
    ///
    /// What it was granted for may be gone: ask its owner. `modelpin exempt` grants another one. `modelpin check
    /// --expiring 30d` says beforehand what will lapse.
    ///
    /// The rule cannot be switched off.
    EXEMPTION_EXPIRED = "exemption-expired" Deny, "the exemption that let a file in has expired",
        because "an exemption without an end would be a hole that nobody owns",
        see "",
        with { fixed: true, decidable: true };

    /// There is an exemption for this file of this repo, but for other bytes. An exemption is a decision about bytes
    /// that somebody looked at; what came in their place was not looked at.
    ///
    /// The rule cannot be switched off.
    EXEMPTION_MISMATCH = "exemption-mismatch" Deny, "the exemption of a file is for other bytes",
        because "nobody decided anything about the bytes that are locked",
        see "",
        with { fixed: true, decidable: true };

    /// An exemption lapses within the time that `modelpin check --expiring` was asked about.
    EXEMPTION_EXPIRING = "exemption-expiring" Warn, "an exemption will lapse soon",
        because "the file will be refused from the next day on",
        see "",
        with { decidable: true };

    /// A decision decides nothing: an audit or an exemption for a repo or file that is not locked, an exemption for a
    /// file that needs none, or for bytes that were replaced; an audit of a change from code that nobody certified.
    ///
    /// Nothing is let in by it. It would be, should those bytes come back, and whoever reads the file is misled.
    DECISION_UNUSED = "decision-unused" Warn, "a decision decides nothing that is locked",
        because "what nobody uses is not looked after, and holds again should the bytes come back",
        see "";

    /// The licence that the repo's card declares is not one of `licenses`, or it declares none. What is compared is the
    /// word of the card, in lower case, as in `apache-2.0`. What the card says was said by whoever wrote it.
    LICENSE = "license" Deny, "the licence is not one of those that are allowed",
        because "it may forbid what the project does with the model",
        see "https://huggingface.co/docs/hub/repositories-licenses",
        with { manifest_key: Some("licenses") };

    /// The repo is in a namespace that is not one of `publishers`.
    PUBLISHER = "publisher" Deny, "the publisher is not one of those that are allowed",
        because "anybody can publish on the Hub under a name that sounds right",
        see "",
        with { manifest_key: Some("publishers") };

    /// The commit is younger than `min-age`, by the day that the Hub tells. A commit without a day has no age. What is
    /// harmful is often found and taken down within days; whoever waits is not among the first.
    MIN_AGE = "min-age" Deny, "the commit is too young",
        because "nobody had the time to find out what is wrong with it",
        see "",
        with { manifest_key: Some("min-age") };

    /// The pin has no ticket that matches `require-ticket`. `--ticket` of `add`, `lock`, `update` and `convert`
    /// records it.
    TICKET = "ticket" Deny, "no ticket of the right form is recorded",
        because "nothing says who wanted this change, and why",
        see "",
        with { manifest_key: Some("require-ticket") };

    /// The repo is an adapter, and nothing says which pinned model it belongs to: its configuration names a path, an
    /// address, several models, itself, or nothing.
    ///
    /// `adapter-of` in models.toml, or `modelpin add ORG/REPO --adapter-of NAME`, says which entry is its base. The rule
    /// cannot be switched off.
    ADAPTER_BASE_UNPINNED = "adapter-base-unpinned" Deny, "an adapter has no pinned base",
        because "a base that moves changes what the adapter does, and nobody sees it",
        see "https://huggingface.co/docs/peft/package_reference/config",
        with { fixed: true };

    /// The adapter sits on another base than its configuration says, or on another revision of it: by `adapter-of`, or
    /// since models.toml asks for the base at that revision.
    ///
    /// Honest projects do so when they hold a copy of the base, or one that is quantised. Its results are those of the
    /// base it was trained on only there.
    ADAPTER_BASE_MISMATCH = "adapter-base-mismatch" Warn, "an adapter sits on another base than it declares",
        because "it was trained on the other, and does something else here",
        see "https://huggingface.co/docs/peft/package_reference/config";

    /// A loader takes something of this entry from another repo, and that is not pinned: the way to it is too long, or there
    /// are too many of them.
    DEPENDENCY_UNPINNED = "dependency-unpinned" Deny, "what an entry takes from another repo is not pinned",
        because "whoever owns that repo decides what is loaded",
        see "https://huggingface.co/docs/transformers/custom_models";

    /// `ignored-dependencies` leaves a repo out that this entry takes something from. It is not in the target, so that a loader that
    /// needs it fails there.
    DEPENDENCY_IGNORED = "dependency-ignored" Allow, "what an entry takes from another repo is left out",
        because "a loader that needs it fails, or fetches it where it is not held to the lock",
        see "",
        with { manifest_key: Some("ignored-dependencies") };

    /// An entry that models.toml asks for leads to a repo in a namespace that is not one of `publishers`: an adapter's
    /// base, foreign code, a foreign tokenizer or part.
    DEPENDENCY_PUBLISHER = "dependency-publisher" Deny, "an entry leads to a publisher that is not allowed",
        because "what it takes from there is as much part of it as its own files",
        see "",
        with { manifest_key: Some("publishers") };

    /// An update brought a configuration that takes something from a repo from which the entry took nothing of the sort
    /// before: code, a part, a processor, a tokenizer, a base. Nothing is written until somebody says that it is meant:
    /// the same command with `--allow-source ORG/REPO`.
    ///
    /// It is judged when `update`, `lock` or `add` moves a pin to another commit, of that pin and of whatever is pinned for
    /// its new edges. What an entry leads to when it is first
    /// added is pinned without a question, and its code is withheld like all code.
    DEPENDENCY_ADDED = "dependency-added" Deny, "an update takes something from another repo",
        because "whoever changed the configuration chose whose files are loaded with it",
        see "https://huggingface.co/docs/transformers/custom_models";

    /// An update leads where it did not lead before: a class of `auto_map`, a part, a processor, a tokenizer or the base of
    /// an adapter now comes from another repo, or from another revision of it. Nothing is written until somebody says that
    /// it is meant: the same command with `--allow-source ORG/REPO`.
    ///
    /// A revision can be a commit that anybody proposed to the repo, which its owner never took.
    DEPENDENCY_REDIRECTED = "dependency-redirected" Deny, "an update leads to another repo than before",
        because "what was reviewed was in the other place, and whoever owns this one decides what is loaded",
        see "https://huggingface.co/docs/transformers/custom_models, CWE-829";

    /// `auto_map` names a module of another repo, as in `acme/code--modeling.Acme`, and the pinned commit of that repo has
    /// no such file. A loader fails, or fetches it where it is not held to the lock.
    DEPENDENCY_CODE_MISSING = "dependency-code-missing" Warn, "code that is named in another repo is not there",
        because "whoever puts it there later decides what is loaded",
        see "https://huggingface.co/docs/transformers/custom_models";

    /// models.lock records a finding of a rule that this modelpin does not know: a newer one wrote it, or a hand. What
    /// is not understood is not let in.
    FINDING_UNKNOWN = "finding-unknown" Deny, "models.lock records a finding that this modelpin does not know",
        because "it may stand for something dangerous",
        see "",
        with { decidable: true };
}
