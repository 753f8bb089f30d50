//! Rules about adapters: what they sit on, and whether they are what they say.

super::family! {
    /// The base of an adapter is a path, a URL or missing, so that it cannot be pinned.
    ADAPTER_BASE = "adapter-base" Review, "the adapter's base is not a repository",
        because "what cannot be pinned can be anything", see "";

    /// A pattern of the adapter takes a long time on some names (nested repetition).
    ADAPTER_PATTERN = "adapter-pattern" Review, "a pattern can take for ever to match",
        because "loading the adapter matches it against every layer", see "";

    /// Numbers or lists of the adapter's configuration are out of any range.
    ADAPTER_BOUNDS = "adapter-bounds" Review, "the adapter's configuration is out of bounds",
        because "loading it takes memory and time without end", see "";

    /// The adapter's tensors are not those of its configuration: another rank, whole layers, tensors that an
    /// adapter does not have.
    ADAPTER_SHAPE = "adapter-shape" Review, "the adapter's tensors do not fit its configuration",
        because "it replaces more of the base than it says", see "";
}
