//! Rules about archives and compressed streams.

super::family! {
    /// A torch archive whose directory and members disagree: other names, sizes, methods, flags or checksums in
    /// the local headers, a name given twice or in two cases, several directories, bytes before the first member.
    ///
    /// PyTorch's reader ignores what Python's refuses: a checker that opens such a file with an ordinary zip
    /// library sees an error, or other members than the ones that get loaded. All copies are judged.
    TORCH_ZIP = "torch-zip-ambiguous" Dangerous, "two zip readers see different members in this torch file",
        because "the member that was checked need not be the one that is loaded",
        see "CVE-2025-1944, CVE-2025-1945, CVE-2025-10156";

    /// The same in an archive that is no torch file.
    ZIP = "zip-ambiguous" Review, "two zip readers see different members in this archive",
        because "the member that was checked need not be the one that is used", see "CVE-2025-1944";

    /// A member's name leads out of the folder it is unpacked to: absolute, with `..`, with a drive letter, with
    /// backslashes, or through a link.
    ESCAPE = "archive-escape" Dangerous, "a member would be unpacked outside the folder",
        because "unpacking the archive overwrites files elsewhere", see "CVE-2007-4559, https://snyk.io/research/zip-slip-vulnerability";

    /// The archive holds a link or a device.
    LINK = "archive-link" Review, "the archive holds a link or a device",
        because "what is written through a link lands elsewhere", see "CVE-2007-4559";

    /// A member is encrypted or compressed by a method that cannot be undone here, so it was not judged.
    OPAQUE = "archive-opaque" Review, "a member cannot be unpacked here",
        because "what cannot be unpacked was not judged", see "";

    /// The archive is damaged: a checksum is wrong, a stream does not inflate, a header makes no sense.
    DAMAGED = "archive-damaged" Review, "the archive is damaged",
        because "readers differ in what they make of a damaged archive", see "CVE-2025-10156";

    /// Archives within archives, deeper than anything honest.
    DEPTH = "archive-depth" Review, "archives are nested too deep",
        because "what lies deeper was not judged", see "";

    /// Weights packed with a method that no loader of models undoes, under a name that a loader looks for. It is
    /// how a pickle gets past tools that know torch's formats only.
    HIDDEN_WEIGHTS = "hidden-weights" Dangerous, "an archive poses as a weights file",
        because "loaders cannot read it and scanners skip it: it is made to be unpacked by a trick",
        see "ReversingLabs, nullifAI, 2025-02";

    /// The archive brings Python code that its loader imports or runs: the handler of a TorchServe archive
    /// (`.mar`), the modules of a `torch.package`. The code is judged file by file as well.
    ///
    /// Such archives are honest as often as any Python package is; loading one means running it. Read the code,
    /// or take the weights out and leave the rest.
    CODE = "archive-code" Review, "the archive brings code that its loader runs",
        because "loading the archive is running that code",
        see "https://pytorch.org/serve/custom_service.html, https://pytorch.org/docs/stable/package.html";
}
