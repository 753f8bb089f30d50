//! Rules about adapters: what they sit on, and whether they are what they say.

use modelpin_schema::manifest::policy::Level;

crate::rule::family! {
    "adapter", content;

    /// The configuration of an adapter names its base as a path, a URL or not at all. Such a base cannot be pinned:
    /// whatever lies there on the day of loading gets the adapter, and its code runs.
    ///
    /// An honest adapter names a repository (`meta-llama/Llama-3.1-8B`, or `gpt2` in the old way). Many honest ones
    /// hold the path of the machine that trained them; ask the publisher which repository that was, and name it when
    /// loading.
    ADAPTER_BASE = "adapter-base" Review Advice, "the adapter's base is not a repository",
        because "what cannot be pinned can be anything",
        see "https://huggingface.co/docs/peft/main/en/developer_guides/checkpoint",
        with { level: Level::Allow };

    /// PEFT matches `target_modules`, `layers_pattern` and the keys of `rank_pattern` against the name of every layer
    /// with Python's `re`. A pattern that repeats a repetition, or repeats alternatives that begin alike, can take
    /// longer than a life on a name of forty letters.
    ///
    /// Honest patterns choose names: `.*\.(q_proj|v_proj)$`. Rewrite the pattern, or list the layers.
    ADAPTER_PATTERN = "adapter-pattern" Review Advice, "a pattern can take forever to match",
        because "loading the adapter matches it against every layer",
        see "CWE-1333, https://huggingface.co/docs/peft/main/en/package_reference/lora";

    /// A rank, a factor, a range of layers or a list is larger or smaller than any model needs. The loader makes
    /// layers of that size, or stacks the model on itself that often.
    ///
    /// Honest ranks lie between 1 and some hundred. Read the value; a slip of the publisher looks the same.
    ADAPTER_BOUNDS = "adapter-bounds" Review Advice, "the adapter's configuration is out of bounds",
        because "loading it takes memory and time without end",
        see "CWE-770, https://huggingface.co/docs/peft/main/en/package_reference/lora";

    /// The adapter's tensors are not those of its configuration: another rank, half of a pair, or whole layers that
    /// `modules_to_save` does not name. Such an adapter replaces more of the base than it says.
    ///
    /// An honest adapter holds two small matrices for each adapted layer, and whole layers only where its
    /// configuration lists them. Embeddings that were saved because tokens were added look the same as an attack
    /// and need a look.
    ADAPTER_SHAPE = "adapter-shape" Review Advice, "the adapter's tensors do not fit its configuration",
        because "it replaces more of the base than it says",
        see "https://huggingface.co/docs/peft/main/en/developer_guides/checkpoint";

    /// The adapter is of a kind that PEFT does not have, begins in a way that PEFT does not know, or names files
    /// that PEFT would unpickle on the way (`corda_config`, `eva_config`). What a loader makes of it is unknown.
    ///
    /// Honest files are of the kinds that PEFT lists. A new kind may be honest and newer than this scanner.
    ADAPTER_UNSUPPORTED = "adapter-unsupported" Review Advice, "the adapter is of an unknown kind",
        because "what a loader makes of it is unknown",
        see "https://huggingface.co/docs/peft/main/en/package_reference/peft_types";
}
