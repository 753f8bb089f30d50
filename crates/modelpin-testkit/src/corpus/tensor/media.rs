//! Pictures, and what lies behind their end.

use crate::corpus::build::{Zip, call, crc32};
use crate::corpus::{Expect, Item};

fn png() -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        let body = [kind, data].concat();
        [&(data.len() as u32).to_be_bytes()[..], &body, &crc32(&body).to_be_bytes()].concat()
    };
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]),
        chunk(b"IDAT", &[0x78, 0x9c, 0x63, 0, 0, 0, 2, 0, 1]),
        chunk(b"IEND", &[]),
    ]
    .concat()
}

fn gif() -> Vec<u8> {
    let head = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff";
    let image = b"\x21\xf9\x04\0\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b";
    [&head[..], image].concat()
}

fn jpeg() -> Vec<u8> {
    let head = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xda\0\x08\x01\x01\0\0\x3f\0";
    [&head[..], b"\x12\xff\0\x34\xff\xd0\x56\xff\xd9"].concat()
}

fn riff(kind: &[u8]) -> Vec<u8> {
    [b"RIFF\x10\0\0\0", kind, b"VP8 \x04\0\0\0\x01\x02\x03\x04"].concat()
}

pub(super) fn items() -> Vec<Item> {
    let safe = |name: &str, path: &str, bytes: Vec<u8>| {
        Item::new(format!("tensor-media-{name}"), Expect::Safe, path, bytes).quiet(&["trailing-bytes", "polyglot"])
    };
    let behind = |name: &str, expect, path: &str, bytes: [&[u8]; 2]| {
        Item::new(format!("tensor-media-{name}"), expect, path, bytes.concat())
    };
    let pickle = call("os", "system", "true");
    let zip = Zip::of(&[("archive/data.pkl", &pickle)]);
    let bitmap = [b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0".as_slice(), &[0; 44]].concat();
    vec![
        safe("png", "assets/figure.png", png()),
        safe("gif", "demo.gif", gif()),
        safe("jpeg", "photo.jpg", jpeg()),
        safe("webp", "a.webp", riff(b"WEBP")),
        safe("wav", "sample.wav", riff(b"WAVE")),
        safe("bitmap", "a.bmp", bitmap),
        safe("pdf", "paper.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n".to_vec()),
        safe("mp4", "a.mp4", [b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".as_slice(), &[0; 16]].concat()),
        safe("two-pictures", "ultra-hdr.jpg", [jpeg(), jpeg()].concat()),
        safe("padded", "a.jpg", [jpeg(), vec![0; 100]].concat()),
        behind("png-then-text", Expect::Suspect, "a.png", [&png(), b"key=value"]).fires(&["trailing-bytes"]),
        behind("png-then-pickle", Expect::Dangerous, "a.png", [&png(), &pickle]).fires(&["polyglot"]),
        behind("gif-then-pickle", Expect::Dangerous, "a.gif", [&gif(), &pickle]).fires(&["polyglot"]),
        behind("jpeg-then-zip", Expect::Dangerous, "a.jpg", [&jpeg(), &zip]).fires(&["polyglot"]),
        behind("two-pictures-then-pickle", Expect::Dangerous, "a.jpg", [&[jpeg(), jpeg()].concat(), &pickle])
            .fires(&["polyglot"]),
        behind(
            "webp-then-program",
            Expect::Dangerous,
            "a.webp",
            [&riff(b"WEBP"), b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"],
        )
        .fires(&["trailing-bytes"]),
        behind("png-cut", Expect::Suspect, "a.png", [&png()[..30], b""])
            .fires(&["unchecked-format"])
            .quiet(&["truncated"]),
        behind("gif-cut", Expect::Suspect, "a.gif", [&gif()[..30], b""])
            .fires(&["unchecked-format"])
            .quiet(&["truncated"]),
        behind("jpeg-cut", Expect::Review, "a.jpg", [&jpeg()[..20], b""])
            .fires(&["unchecked-format"])
            .quiet(&["truncated"]),
        // Eight bytes that are opcodes, then the mark of a picture.
        behind("webp-mark-in-a-pickle", Expect::Suspect, "a.dat", [b"\x80\x02X\x04\0\0\0xWEBP", b"cos\nsystem\n."]),
        behind("ftyp-mark-in-binary", Expect::Suspect, "a.dat", [b"U\x20\0\0ftypmp42", &[0xfe; 40]]),
    ]
}
