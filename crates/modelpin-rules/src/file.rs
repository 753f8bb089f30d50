//! Rules about a file as a whole: what it is, whether it is what its name says, whether it could be followed.

crate::rule::family! {
    "file", content;

    /// The content ends in the middle of a structure: a length points past the end, a table is cut off, a
    /// stream has no last mark.
    ///
    /// A loader that reads such a file fails at best. At worst it has acted on the first half by then: a pickle
    /// runs as it is read. Fetch the file again; if it is the same upstream, ask the publisher.
    TRUNCATED = "truncated" Review NotScanned, "the content ends too early",
        because "what a loader does with a broken file depends on the loader",
        see "ReversingLabs, 2025: nullifAI, broken pickles that run before they fail";

    /// Scanning stops at fixed limits (steps, values, nesting, members of archives, inflated bytes), so that no file
    /// can make it run for ever or fill the memory. What was found up to there counts; what comes after was not seen,
    /// so the file cannot be called safe. No limit is a time: a verdict is the same on every machine.
    ///
    /// Honest files stay far below the limits, and texts and tables of values have none. If one does not, look at what
    /// makes it so large.
    OVER_BUDGET = "over-budget" Review NotScanned, "there is more to follow than the limits allow",
        because "what was not followed was not scanned", see "CWE-400, CWE-409";

    /// The system reported an error while the file was being read: a broken disk, a file that changed or shrank
    /// under the reader, missing rights. Nothing is said about the content. Read the error, put it right, and
    /// scan again.
    UNREADABLE = "unreadable" Review NotScanned, "the bytes could not be read",
        because "what was not read was not scanned", see "CWE-755";

    /// A repo that is scanned on the Hub is read by ranges, and only as far as it has to be: what a range does not show
    /// is not downloaded to find out. Nothing was found in what was read; what the rest holds is not known, so the file
    /// cannot be called safe. The finding says how many bytes were not read. The data of tensors, which every loader of
    /// the format takes for numbers, need not be read and is not counted.
    ///
    /// Add the repo, or download it, and scan it on this machine: there every byte is read.
    NOT_READ = "not-read" Review NotScanned, "part of the file was not read",
        because "what was not read was not scanned", see "CWE-755";

    /// The content is of no format that modelpin knows. Some loader may know it, and may run what is in it.
    ///
    /// Raw weights look like this, and count as raw weights where a file beside them that was scanned says so: an ONNX
    /// model, the index of a checkpoint, the manifest of TensorFlow.js or MLC, a network of OpenVINO or ncnn. So does
    /// anything that was encrypted or packed. Find out which program reads the file, and what it does with it.
    UNKNOWN_FORMAT = "unknown-format" Review NotScanned, "the content is of no known format",
        because "an unknown reader decides what it does",
        see "https://huggingface.co/docs/hub/security-pickle";

    /// The format is known, and there is no scanner for what can be hidden in it, or it is followed and something in it
    /// is none of what the format has: a protocol buffer of an unknown message, an extension of MessagePack, RKNN and
    /// the like.
    ///
    /// Prefer a format that can be scanned, or load the file only where damage is contained.
    UNSCANNED_FORMAT = "unscanned-format" Review NotScanned, "no scanner for this format",
        because "what was not scanned cannot be called safe", see "CVE-2024-25664, CVE-2024-25668";

    /// The format holds numbers and words and runs nothing, and its structure was not followed: GGML before GGUF,
    /// indexes of Faiss, Kaldi, OpenFst, KenLM, CatBoost, LMDB, NIfTI, DICOM, PLY, OpenEXR, LAS, or a picture that
    /// breaks off. It is no pickle and no archive to another reader. Their own readers are written in C and C++ and
    /// trust what the file says.
    ///
    /// So is said of files of up to 64 bytes that are of no known format, unless a loader reads what it is to do from
    /// files of that name: there is no room in them for another.
    ///
    /// Prefer a format that can be scanned, where there is one.
    UNCHECKED_FORMAT = "unchecked-format" Review Advice, "the format runs nothing, and its structure was not followed",
        because "readers that trust what such a file says have overflowed their memory",
        see "CVE-2024-25664, CVE-2024-25668";

    /// Name and content say different things: a JSON file named `.bin`, a gzip stream named `.pt`, a Git LFS
    /// pointer in the place of weights. Tools choose by name, loaders often by content; a file that shows each
    /// another face passes both.
    ///
    /// A pointer means that the repository was cloned without its large files. Anything else: ask the publisher
    /// why the file is named so.
    NAME_DISAGREES = "name-disagrees" Review Advice, "name and content disagree",
        because "tools that go by the name look for the wrong thing",
        see "CVE-2025-1889, GHSA-jgw4-cr84-mqxg";

    /// Something that runs (a pickle, an archive, a native program) lies under a name that promises data, such as
    /// `.safetensors`, `.json` or `.txt`. Nothing honest does that: it is there to be overlooked. Do not load the
    /// model; tell the publisher and the hub.
    DISGUISED_EXECUTABLE = "disguised-executable" Dangerous RunsCode, "something that runs is named as data",
        because "it is there to be overlooked", see "CVE-2025-1889, CVE-2025-10155";

    /// The file can be read as two formats. A zip reader looks for its directory at the end of a file, so a
    /// safetensors file, a pickle or a picture with a zip behind it is an archive to one program and harmless to
    /// another; a picture whose first letters are opcodes runs as a pickle. Both readings are scanned.
    ///
    /// Honest files have one reading.
    POLYGLOT = "polyglot" Dangerous RunsCode, "two readers see two different files",
        because "the one that was looked at need not be the one that is loaded",
        see "CVE-2025-1889, https://arxiv.org/abs/2508.19774";

    /// Bytes follow the end of the content. They may be padding; they may be what another reader looks for, or
    /// the next part of something that is put together later.
    ///
    /// Honest writers leave nothing behind. Look at what begins there.
    TRAILING_BYTES = "trailing-bytes" Review Advice, "bytes follow the end of the content",
        because "another reader may start there", see "CWE-1286";

    /// The text contains characters that reorder or hide what stands around them (Unicode bidirectional
    /// controls, tags, rows of zero-width characters), so that a person reads something else than a program, or a
    /// language model, does.
    ///
    /// Marks of direction in right-to-left text, joiners in Indic scripts and emoji, and a zero-width space that
    /// was copied from a web page are honest and not reported in plain text.
    HIDDEN_CHARACTERS = "hidden-characters" Review Advice, "characters hide or reorder the text around them",
        because "a reviewer reads something else than a program does",
        see "CVE-2021-42574, https://trojansource.codes";

    /// The name contains control or bidirectional characters, or letters of another script that look like Latin
    /// ones; is one that Windows keeps for devices, or ends with a character that Windows drops; or hides its end
    /// behind spaces.
    ///
    /// Names in any one script are fine. Rename the file, or find out why it is named so.
    DECEPTIVE_NAME = "deceptive-name" Review Advice, "the file's name deceives a reader or a file system",
        because "it can pass for another file, or land in another place",
        see "CVE-2021-42574, https://www.unicode.org/reports/tr39/";

    /// A shell, an editor, an interpreter, a debugger or a build tool reads a file of this name, or in a folder of this
    /// name, wherever it lies, and does what it says: `.envrc`, `.vscode`, `.gdbinit`, `.Rprofile`, `.cargo` and their
    /// like. Some of these tools ask first. No loader of models reads such a file.
    ///
    /// In the layout of a Hub cache nobody works in a model's folder, and this is advice: leave the file out with
    /// `exclude`. With a `flat:` target the folder is one like any other of the project, and the file is refused,
    /// whatever `[policy.rules]` says. An exemption for its exact bytes admits it to the quarantine.
    TOOL_FILE = "tool-file" Review Advice, "a tool reads and obeys a file with this name",
        because "whoever works in its folder may run what it says without knowing", see "CWE-426, CWE-427",
        with { about_folder: true };

    /// A folder of the repo holds a file `HEAD` with `objects` and `refs` beside it, or with a file `commondir`: to git
    /// that is a repository, although it is not called `.git`. Whoever asks git for anything in such a folder, as the
    /// prompt of many a shell does, makes it read the file `config` there, which can name commands to run.
    ///
    /// In the layout of a Hub cache nobody works in a model's folder, and this is advice: leave `HEAD` out with
    /// `exclude`. With a `flat:` target the file is refused, whatever `[policy.rules]` says. No loader of models reads
    /// it. A part of a path that is `.git` itself is never locked at all.
    GIT_LAYOUT = "git-layout" Review Advice, "git takes its folder for a repository",
        because "git runs commands that the configuration of such a folder names",
        see "https://git-scm.com/docs/git-config#Documentation/git-config.txt-safebareRepository, CVE-2022-24765",
        with { about_folder: true };

    /// A native program, a shared library or byte code. It cannot be analysed statically; it runs as soon as
    /// something loads it.
    ///
    /// Custom operators and compiled engines come like this. Build them from source that you have read, or run
    /// them where damage is contained.
    NATIVE_CODE = "native-code" Review RunsCode, "this is machine code or byte code",
        because "it runs with all the rights of whoever loads it, and cannot be read", see "CWE-114, CWE-829",
        with { about_code: true };

    /// A text with an interpreter line, or under a name that a shell, an interpreter or a compiler takes. No loader
    /// of models runs it by itself.
    ///
    /// Honest repositories have scripts that train, convert or set up. Read one before you run it; leave it out of
    /// what you deploy.
    SCRIPT = "script" Review Advice, "this is a script or source code",
        because "whoever runs it runs all of it", see "CWE-829",
        with { about_code: true };

    /// A `.pth` file with an `import` line. Python runs such lines at every start when the file lies in
    /// site-packages, and PyTorch weights have the same suffix. No weights are text. Do not install or load the
    /// repository; tell the publisher.
    PATH_HOOK = "path-hook" Dangerous RunsCode, "a .pth file runs code at every start of Python",
        because "Python executes `import` lines of .pth files in site-packages",
        see "https://docs.python.org/3/library/site.html",
        with { about_code: true };

    /// A `.pth` file that is text without an `import` line. In site-packages it adds folders to those that Python
    /// imports from; as weights it is nothing. Find out what it is for.
    PATH_LIST = "path-list" Review Advice, "a .pth file is text, not weights",
        because "Python adds its lines to the places it imports from",
        see "https://docs.python.org/3/library/site.html",
        with { about_code: true };

    /// A symbolic link that leads out of the folder that is scanned. It is not followed. Copy what it leads to into
    /// the folder if it belongs to the model.
    LINK_OUT = "link-out" Review NotScanned, "a link leads out of the folder",
        because "what it leads to is not part of the model and was not scanned", see "CWE-59";
}
