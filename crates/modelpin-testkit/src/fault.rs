//! What can be made to go wrong, by name.

/// A way in which the Hub misbehaves. Faults of one file go by its path in any repo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The file's body has the right length and one byte flipped.
    FlipByte(&'static str),
    /// The file's body is this instead, with an honest length.
    ServeOther(&'static str, Vec<u8>),
    /// The connection is cut after so many bytes of the file's body, so many times.
    Cut {
        /// The file.
        path: &'static str,
        /// Bytes before the cut.
        at: usize,
        /// How often.
        times: usize,
    },
    /// The listing claims another hash for the file.
    WrongListedHash(&'static str),
    /// The listing claims another length for the file.
    WrongListedSize(&'static str),
    /// The listing has one more file, with this path.
    HostilePath(&'static str),
    /// The listing has an entry that is neither file nor directory.
    UnknownEntry,
    /// The listing's next page is on another server.
    NextPageElsewhere,
    /// The listing's pages never end.
    EndlessPages,
    /// Ranges are ignored: 200 and the whole body.
    IgnoreRange,
    /// A range answers with another part than was asked for.
    WrongRange,
    /// A range of the file says that the whole has so many bytes.
    WrongTotal(&'static str, usize),
    /// A range of the file has so many bytes more than was asked for, or fewer, and says so in its length alone.
    WrongLength(&'static str, isize),
    /// The connection is cut, so many times, where the file's body comes to this byte of the file.
    CutAt {
        /// The file.
        path: &'static str,
        /// The byte of the file.
        at: usize,
        /// How often.
        times: usize,
    },
    /// The CDN answers with the status while it sends so many bodies.
    Crowded {
        /// Bodies at once that are still fine.
        bodies: usize,
        /// The status.
        status: u16,
        /// Headers.
        headers: Vec<(&'static str, &'static str)>,
    },
    /// The CDN takes one connection at a time and closes every other at once.
    OneConnection,
    /// An address on the CDN is good for so many requests.
    Expires(usize),
    /// Paths that contain this text answer with the status, so many times, with these headers.
    Status {
        /// The text.
        path: &'static str,
        /// The status.
        status: u16,
        /// How often.
        times: usize,
        /// Headers.
        headers: Vec<(&'static str, &'static str)>,
    },
    /// Paths that contain this text answer with something that is no JSON.
    BadJson(&'static str),
    /// Content says that it is of another commit.
    CommitMismatch,
    /// Content redirects to itself.
    EndlessRedirect,
    /// ETags of content are weak ones.
    WeakEtag,
    /// Content comes without the `X-Linked-*` headers.
    NoLinkedHeaders,
    /// `X-Linked-Size` says another length.
    WrongLinkedSize,
    /// Listings show asterisks for Xet hashes.
    RedactedXetHash,
    /// A token for the Xet storage ends so many seconds after it was given; before that, if they are fewer than none.
    XetTokenEnds(i64),
    /// Text files come compressed, whatever was asked for.
    Gzip,
    /// `main` moves to this commit once somebody has asked what it is.
    MoveAfterAsking(String),
    /// The file's body comes at so many bytes a second.
    Slow(&'static str, usize),
}
