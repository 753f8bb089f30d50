//! Pickles that break off, frames that lie, bytes behind the end.

use super::super::build::{Pickle, call, state_dict};
use super::super::{Expect, Item};
use super::{attack, safe};

const BROKEN: &str = "pickle-broken";
const FRAME: &str = "pickle-frame";

/// A frame of this length, with what is in it.
fn frame(len: u64) -> Vec<u8> {
    [&[0x95][..], &len.to_le_bytes()].concat()
}

fn p(version: u8) -> Pickle {
    Pickle::proto(version)
}

fn breaks() -> Vec<Item> {
    let truncated = |cut: usize| {
        let mut bytes = state_dict(&[("w", "0", &[2, 2])]);
        bytes.truncate(bytes.len() - cut);
        bytes
    };
    let after_call = |tail: &[u8]| p(2).global("os", "system").text("id").raw([0x85, b'R']).raw(tail).0;
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("nullifai", after_call(b"\xff\xff\xff\xffX\0")),
        ("no-stop", after_call(b"")),
        ("unknown-opcode", after_call(b"\x7f.")),
        ("stack-underflow", after_call(b"000.")),
        ("memo-key-missing", after_call(b"h\x07.")),
        ("memo-key-missing-before", [&b"\x80\x02h\x07"[..], &call("os", "system", "id")].concat()),
        ("no-mark", after_call(b"t.")),
        ("odd-items", after_call(b"0}(K\x01u.")),
        ("text-not-utf8", after_call(b"X\x02\0\0\0\xff\xfe.")),
        ("text-past-end", after_call(b"X\xff\xff\xff\x7fabc.")),
        ("bytes-past-end", after_call(b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.")),
        ("negative-length", after_call(b"T\xff\xff\xff\xff.")),
        ("negative-put", after_call(b"p-1\n.")),
        ("unquoted-string", after_call(b"Sabc\n.")),
        ("bad-number", after_call(b"Iabc\n.")),
        ("bad-float", after_call(b"Fabc\n.")),
        ("protocol-9", [&b"\x80\x02"[..], b"\x80\x09."].concat()),
        ("truncated-honest", truncated(3)),
        ("truncated-half", truncated(60)),
        ("stop-alone-missing", truncated(1)),
        ("empty-stack-stop", b"\x80\x02.".to_vec()),
        ("global-no-name", b"\x80\x02cos\n".to_vec()),
        ("inst-no-mark", b"\x80\x02ios\nsystem\n.".to_vec()),
        ("global-line-has-no-end", b"\x80\x02cos\nsystemX".to_vec()),
    ];
    let mut items: Vec<Item> =
        rows.into_iter().map(|(name, bytes)| attack(&format!("broken-{name}"), BROKEN, bytes)).collect();
    items.push(attack("broken-second", BROKEN, [p(2).raw("N").stop(), after_call(b"\x7f")].concat()));
    items.push(safe("not-broken-pop-to-mark", p(2).raw("N((0").raw("1").stop()).quiet(&[BROKEN]));
    items.push(safe("not-broken-unused-memo", p(2).raw(b"]q\x00q\x01q\xff").stop()).quiet(&[BROKEN]));
    items
}

fn frames() -> Vec<Item> {
    let inner = p(4).raw("X\x02\0\0\0ab0").global("os", "system").text("id").raw([0x85, b'R']).stop();
    let body = &inner[2..];
    let framed = |len: u64| [&[0x80, 4][..], &frame(len), body].concat();
    // The frame ends inside the length of a text: a reader of files forgets the two bytes before its end.
    let forgets = {
        let hidden = b"\x01\0\0\0ccos\nsystem\n(S'id'\ntR.";
        [&[0x80, 4][..], &frame(3), b"X\x07\0", hidden].concat()
    };
    let nested = [&[0x80, 4][..], &frame(40), b"N0", &frame(2), b"N0", &call("os", "system", "id")[2..]].concat();
    let early = {
        let mut bytes = [&[0x80, 4][..], &frame(20), b"N."].concat();
        bytes.extend(b"cos\nsystem\n)R.N...cos\nsystem\n)R.");
        bytes
    };
    vec![
        attack("frame-ends-in-argument", FRAME, framed(3)),
        attack("frame-ends-in-line", FRAME, framed(12)),
        attack("frame-too-long", FRAME, framed(4000)),
        attack("frame-huge", FRAME, framed(u64::MAX)),
        attack("frame-one-short", FRAME, framed(body.len() as u64 - 3)),
        attack("frame-forgotten-rest", FRAME, forgets),
        attack("frame-in-frame", FRAME, nested),
        attack("frame-outlives-pickle", FRAME, early),
        attack("frame-honest-length-hostile", "pickle-dangerous-global", framed(body.len() as u64)).quiet(&[FRAME]),
        safe("frame-fits", [&[0x80, 4][..], &frame(5), b"\x8c\x01a\x94."].concat()).quiet(&[FRAME, BROKEN]),
        safe("frame-two", [&[0x80, 4][..], &frame(5), b"]\x94(K\x01", &frame(4), b"K\x02e."].concat())
            .quiet(&[FRAME, BROKEN]),
        safe("frame-large-bytes-outside", {
            let big = vec![7_u8; 70_000];
            let length = (big.len() as u32).to_le_bytes();
            let tail = b"\x94a.";
            [&[0x80, 4][..], &frame(2), b"]\x94", b"B", &length, &big, &frame(tail.len() as u64), tail].concat()
        })
        .quiet(&[FRAME, BROKEN]),
    ]
}

fn behind() -> Vec<Item> {
    let with = |tail: &[u8]| [&p(2).raw("}").stop(), tail].concat();
    let review = |name: &str, tail: &[u8]| {
        Item::new(format!("pickle-{name}"), Expect::Review, "model.pkl", with(tail))
            .fires(&["trailing-bytes"])
            .quiet(&[BROKEN])
    };
    vec![
        review("tail-zeros", &[0; 64]),
        review("tail-noise", b"\xde\xad\xbe\xef noise"),
        attack("tail-pickle", "pickle-dangerous-global", with(b"cos\nsystem\n(S'id'\ntR.")),
        attack("tail-pickle-broken", BROKEN, with(b"cos\nsystem\n(S'id'\ntR")),
        Item::new("pickle-buffer-missing", Expect::Review, "model.pkl", p(5).raw([0x97, 0x98]).stop())
            .fires(&["pickle-buffer"]),
        safe("buffer-like-bytes", p(5).raw("C\x02").raw([0x97, 0x98]).stop()).quiet(&["pickle-buffer"]),
        Item::new("pickle-persistent-text", Expect::Review, "model.pkl", b"Papplication-object\n.".as_slice())
            .fires(&["pickle-persistent-id"]),
        Item::new("pickle-persistent-tuple", Expect::Review, "model.pkl", p(2).text("x").raw([0x85, b'Q']).stop())
            .fires(&["pickle-persistent-id"]),
        attack("persistent-hides-call", "pickle-dangerous-global", p(2).global("os", "system").raw("Q").stop()),
    ]
}

pub(super) fn items() -> Vec<Item> {
    [breaks(), frames(), behind()].concat()
}
