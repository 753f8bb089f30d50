//! The index of converted shards says what is in them, and an index that says something else is refused.

use crate::safetensors;
use modelpin_scan::convert::{Index, IndexBuilder, IndexedShard, MAX_INDEX, Reason};
use modelpin_scan::{Limits, Source, Verdict, scan};
use std::io;

/// A result that holds two numbers of one byte under each of `tensors`, and that notes `aliases`.
fn result(tensors: &[&str], aliases: &[(&str, &str)]) -> Vec<u8> {
    let aliases: String = aliases.iter().map(|(name, of)| format!("\"{name}\":\"{of}\",")).collect();
    let mut header = format!("{{\"__metadata__\":{{{aliases}\"format\":\"pt\"}}");
    for (place, name) in tensors.iter().enumerate() {
        let (start, end) = (place * 2, place * 2 + 2);
        header.push_str(&format!(",\"{name}\":{{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[{start},{end}]}}"));
    }
    safetensors(&(header + "}"), &vec![7; tensors.len() * 2])
}

fn index_of(results: &[Vec<u8>]) -> Result<Index, Reason> {
    let mut builder = IndexBuilder::default();
    for (place, result) in results.iter().enumerate() {
        let (from, to) = (format!("old-{place}.bin"), format!("new-{place}.safetensors"));
        // What stands for the SHA-256: the same for the same bytes only.
        let mut sum = [0_u8; 32];
        for (at, byte) in result.iter().enumerate() {
            sum[at % 32] = sum[at % 32].rotate_left(3) ^ byte;
        }
        let sha256 = modelpin_schema::Digest::new(sum);
        builder.add(IndexedShard { from: &from, to: &to, result, sha256 }).map_err(|error| error.reason)?;
    }
    Ok(builder.finish())
}

fn two() -> Index {
    index_of(&[result(&["b", "a"], &[("tied", "a")]), result(&["c \\\"é\\\""], &[])]).unwrap()
}

#[test]
fn it_names_the_tensors_that_are_there_and_no_other() {
    let index = two();
    let expected = "{\n  \"metadata\": {\n    \"total_size\": 6\n  },\n  \"weight_map\": {\n    \"a\": \"new-0.safetensors\",\n    \"b\": \"new-0.safetensors\",\n    \"c \\\"é\\\"\": \"new-1.safetensors\"\n  }\n}\n";
    assert_eq!((index.text(), index.tensors()), (expected, 3));
    let report = scan(index.text().as_bytes(), "model.safetensors.index.json", &Limits::default());
    assert_eq!(report.verdict(), Verdict::Safe, "{:?}", report.findings);
}

#[test]
fn the_index_of_the_source_has_to_agree() {
    let index = two();
    let both = "\"a\": \"old-0.bin\", \"c \\\"é\\\"\": \"old-1.bin\"";
    for (map, wanted) in [
        (both.to_owned(), None),
        (format!("{both}, \"tied\": \"old-0.bin\""), None),
        (format!("{both}, \"a\": \"old-0.bin\""), None),
        ("\"a\": \"old-0.bin\"".to_owned(), Some("it names no tensor of `old-1.bin`")),
        (format!("{both}, \"tied\": \"old-1.bin\""), Some("it is in another shard")),
        (format!("{both}, \"a\": \"../old-0.bin\""), Some("not one of the shards beside it")),
        (format!("{both}, \"a\": \"new-0.safetensors\""), Some("not one of the shards beside it")),
        (format!("{both}, \"a\": \"/etc/passwd\""), Some("not one of the shards beside it")),
        (format!("{both}, \"a\": 1"), Some("expected a string")),
        (format!("{both}, \"\\u001b[2J\": \"\\u001b[2J\""), Some("not one of the shards beside it")),
    ] {
        let text = format!("{{\"metadata\": {{\"x\": [1]}}, \"weight_map\": {{{map}}}}}");
        let got = index.check(&text.as_bytes()).err().map(|error| error.to_string());
        match (&got, wanted) {
            (None, None) => {}
            (Some(got), Some(wanted)) => assert!(got.contains(wanted) && !got.contains('\u{1b}'), "{got}"),
            _ => panic!("{map}: {got:?}"),
        }
    }
    for broken in
        ["", "{}", "[]", "{\"weight_map\": []}", "{\"weight_map\": {}, \"weight_map\": {}}", "{\"weight_map\": {}} x"]
    {
        assert_eq!(index.check(&broken.as_bytes()).unwrap_err().reason, Reason::Index, "{broken}");
    }
}

/// A file without an end to it.
struct Endless;

impl Source for Endless {
    fn size(&self) -> u64 {
        MAX_INDEX + 1
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<usize> {
        panic!("it is read, though it is too long");
    }
}

#[test]
fn an_index_that_is_too_long_is_not_read() {
    assert_eq!(two().check(&Endless).unwrap_err().reason, Reason::Index);
}

#[test]
fn a_name_in_two_shards_is_refused() {
    for (one, other) in [
        (result(&["a"], &[]), result(&["a", "z"], &[])),
        (result(&["a"], &[("b", "a")]), result(&["b"], &[])),
        (result(&["a"], &[("c", "a")]), result(&["b"], &[("c", "b")])),
    ] {
        assert_eq!(index_of(&[one, other]), Err(Reason::Clash));
    }
}

#[test]
fn a_shard_that_is_the_same_as_another_adds_nothing() {
    let index = index_of(&[result(&["a"], &[]), result(&["a"], &[]), result(&["b"], &[])]).unwrap();
    assert!(index.text().contains("\"total_size\": 4") && !index.text().contains("new-1"), "{}", index.text());
    let map = b"{\"weight_map\": {\"a\": \"old-1.bin\", \"c\": \"old-0.bin\", \"b\": \"old-2.bin\"}}";
    assert!(index.check(&map.as_slice()).is_ok());
}

#[test]
fn a_result_that_is_none_is_refused() {
    for bytes in [&b""[..], b"short", b"\xff\xff\xff\xff\xff\xff\xff\xff{}", b"\x02\0\0\0\0\0\0\0[]"] {
        assert_eq!(index_of(&[bytes.to_vec()]), Err(Reason::Unreadable), "{bytes:?}");
    }
}
