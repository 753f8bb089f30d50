//! Rules about archives and compressed streams.

crate::rule::family! {
    "archive", content;

    /// A torch archive whose directory and members disagree: other names, sizes, methods, flags or checksums in
    /// the local headers, a name given twice or in two cases, several directories, bytes before, between or in no
    /// member.
    ///
    /// PyTorch's reader ignores what Python's refuses: a checker that opens such a file with an ordinary zip
    /// library sees an error, or other members than the ones that get loaded. `torch.save` writes nothing of the
    /// kind, nor do tools that repack archives. All copies are scanned; do not load the file, ask its publisher how
    /// it was made.
    TORCH_ZIP_AMBIGUOUS = "torch-zip-ambiguous" Dangerous NotScanned, "two zip readers see different members in this torch file",
        because "the member that was checked need not be the one that is loaded",
        see "CVE-2025-1944, CVE-2025-1945, CVE-2025-10156";

    /// An archive that is no torch file, and of which two readers see different members: two directories, headers
    /// that disagree, names given twice, bytes that belong to no member.
    ///
    /// Broken tools write such archives now and then, and people who want to get something past a check do. All
    /// copies are scanned. Unpack and pack it again with one tool, and look at what you got.
    ZIP_AMBIGUOUS = "zip-ambiguous" Review NotScanned, "two readers see different members in this archive",
        because "the member that was checked need not be the one that is used",
        see "CVE-2025-1944, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT";

    /// A member's name leads out of the folder it is unpacked to: absolute, with `..`, with a drive letter, through
    /// a link, or cut short by a NUL.
    ///
    /// Unpackers that do not look write the member there: over a start file, a key, a program. No packer writes
    /// such names by itself. Do not unpack it.
    ARCHIVE_ESCAPE = "archive-escape" Dangerous RunsCode, "a member would be unpacked outside the folder",
        because "unpacking the archive overwrites files elsewhere",
        see "CVE-2007-4559, https://security.snyk.io/research/zip-slip-vulnerability";

    /// The archive holds a link, a device or a pipe. Inside the folder a link is harmless and honest; what is
    /// unpacked after it may be written through it.
    ///
    /// Models need none: ask for an archive with plain files, or unpack it with a tool that refuses links.
    ARCHIVE_LINK = "archive-link" Review Advice, "the archive holds a link or a device",
        because "what is written through a link lands elsewhere",
        see "CVE-2007-4559, https://docs.python.org/3/library/tarfile.html#extraction-filters";

    /// The archive is a 7z or RAR archive, which modelpin does not unpack; or a member is encrypted, or packed by a
    /// method that cannot be undone here (PPMd, a foreign dictionary, a file with holes). It was not scanned.
    ///
    /// Honest archives of data are encrypted now and then; weights are not. Unpack it where nothing can happen,
    /// and scan what comes out.
    ARCHIVE_OPAQUE = "archive-opaque" Review NotScanned, "a member cannot be unpacked here",
        because "what cannot be unpacked was not scanned",
        see "https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT";

    /// The archive is damaged: a checksum is wrong, a stream does not inflate, a header makes no sense. What could
    /// be read of it was scanned.
    ///
    /// Fetch it again; if it is the same upstream, it was published like that.
    ARCHIVE_DAMAGED = "archive-damaged" Review NotScanned, "the archive is damaged",
        because "readers differ in what they make of a damaged archive", see "CVE-2025-10156";

    /// Archives within archives, deeper than anything honest. They are followed for some more levels, then no
    /// further.
    ///
    /// A `.tar.gz` with torch files in it is three levels. More are there to tire a checker. Unpack the outer ones.
    ARCHIVE_DEPTH = "archive-depth" Review NotScanned, "archives are nested too deep",
        because "every check ends at some depth, and what lies deeper was not scanned",
        see "https://research.swtch.com/zip";

    /// Weights packed with a method that no loader of models undoes (7z, RAR), under a name that a loader looks for.
    /// It is how a pickle gets past tools that know torch's formats only.
    ///
    /// Nothing honest does that: an archive of weights is named as one. Do not unpack it; ask its publisher.
    HIDDEN_WEIGHTS = "hidden-weights" Dangerous RunsCode, "an archive poses as a weights file",
        because "loaders cannot read it and scanners skip it: it is made to be unpacked by a trick",
        see "ReversingLabs, nullifAI, 2025-02";

    /// There is code in the archive, or in the compressed stream: Python source, scripts, machine code or byte code, at
    /// whatever depth, by content and not by name. A wheel, an egg, a zip with modules in it, the handler of a
    /// TorchServe archive (`.mar`), the modules of a `torch.package`: Python imports from such a file as it is, and
    /// loaders unpack it and import what comes out. The code is scanned file by file as well.
    ///
    /// The policy takes such an archive for code: it stays out of the target until somebody certified its exact bytes,
    /// and `modelpin review` shows the files in it. If it holds a pickle beside that, an exemption is needed as well.
    /// An archive that a loader unpickles as a whole, as a `torch.package`, is a pickle to the policy, and only an
    /// exemption admits it.
    ///
    /// Such archives are honest as often as any Python package is. Read the code, or take the data out and leave the
    /// rest.
    ARCHIVE_CODE = "archive-code" Review Advice, "there is code in the archive",
        because "whatever imports from it, or unpacks it and imports that, runs the code",
        see "https://pytorch.org/serve/custom_service.html, https://pytorch.org/docs/stable/package.html",
        with { about_code: true };
}
