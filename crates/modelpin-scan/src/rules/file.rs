//! Rules about a file as a whole: what it is, whether it is what its name says, whether it could be followed.

super::family! {
    /// The content ends in the middle of a structure: a length points past the end, a table is cut off, a
    /// stream has no last mark.
    ///
    /// A loader that reads such a file fails at best. At worst it has acted on the first half by then: a pickle
    /// runs as it is read. Fetch the file again; if it is the same upstream, ask the publisher.
    TRUNCATED = "truncated" Review, "the content ends too early",
        because "what a loader does with a broken file depends on the loader", see "";

    /// Judging stops at fixed limits (steps, values, nesting, members of archives, inflated bytes, time), so
    /// that no file can make it run for ever or fill the memory. What was found up to there counts; what comes
    /// after was not seen, so the file cannot be called safe.
    OVER_BUDGET = "over-budget" Review, "there is more to follow than the limits allow",
        because "what was not followed was not judged", see "";

    /// The system reported an error while the file was being read.
    UNREADABLE = "unreadable" Review, "the bytes could not be read",
        because "what was not read was not judged", see "";

    /// The content is of no format that modelpin knows. Some loader may know it, and may run what is in it.
    UNKNOWN_FORMAT = "unknown-format" Review, "the content is of no known format",
        because "an unknown reader decides what it does", see "";

    /// The format is known, and there is no scanner for what can be hidden in it.
    UNJUDGED_FORMAT = "unjudged-format" Review, "nothing here can judge this format",
        because "what was not judged cannot be called safe", see "";

    /// Name and content say different things: a JSON file named `.bin`, a gzip stream named `.pt`. Tools choose
    /// by name, loaders often by content; a file that shows each another face passes both.
    NAME_DISAGREES = "name-disagrees" Review, "name and content disagree",
        because "tools that go by the name look for the wrong thing",
        see "CVE-2025-1889, GHSA-jgw4-cr84-mqxg";

    /// Something that runs (a pickle, an archive, a native program) lies under a name that promises data, such as
    /// `.safetensors`, `.json` or `.txt`. Nothing honest does that: it is there to be overlooked.
    DISGUISED = "disguised-executable" Dangerous, "something that runs is named as data",
        because "it is there to be overlooked", see "CVE-2025-1889, CVE-2025-10155";

    /// The file can be read as two formats. A zip reader looks for its directory at the end of a file, so a
    /// safetensors file, a pickle or a picture with a zip behind it is an archive to one program and harmless to
    /// another. Both readings are judged.
    POLYGLOT = "polyglot" Dangerous, "two readers see two different files",
        because "the one that was looked at need not be the one that is loaded", see "";

    /// Bytes follow the end of the content. They may be padding; they may be what another reader looks for.
    TRAILING = "trailing-bytes" Review, "bytes follow the end of the content",
        because "another reader may start there", see "";

    /// The text contains characters that reorder or hide what stands around them (Unicode bidirectional
    /// controls, zero-width characters), so that a person reads something else than a program does.
    HIDDEN_CHARACTERS = "hidden-characters" Review, "characters hide or reorder the text around them",
        because "a reviewer reads something else than a program does",
        see "CVE-2021-42574, https://trojansource.codes";

    /// The name contains control or bidirectional characters, or letters of another script that look like Latin
    /// ones, or is one that Windows keeps for devices.
    DECEPTIVE_NAME = "deceptive-name" Review, "the file's name deceives a reader or a file system",
        because "it can pass for another file, or land in another place", see "CVE-2021-42574";

    /// A native program, a shared library or byte code. It cannot be judged statically; it runs as soon as
    /// something loads it.
    NATIVE = "native-code" Review, "this is machine code or byte code",
        because "it runs with all the rights of whoever loads it, and cannot be read", see "";

    /// A text with an interpreter line, or under a name that a shell or an interpreter runs.
    SCRIPT = "script" Review, "this is a script",
        because "whoever runs it runs all of it", see "";

    /// A `.pth` file with an `import` line. Python runs such lines at every start when the file lies in
    /// site-packages, and PyTorch weights have the same suffix.
    PATH_HOOK = "path-hook" Dangerous, "a .pth file runs code at every start of Python",
        because "Python executes `import` lines of .pth files in site-packages",
        see "https://docs.python.org/3/library/site.html";

    /// A symbolic link that leads out of the folder that is scanned. It is not followed.
    LINK_OUT = "link-out" Review, "a link leads out of the folder",
        because "what it leads to is not part of the model and was not judged", see "";
}
