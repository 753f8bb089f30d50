//! Whatever is not understood exactly is refused, with its reason.

use crate::build::{Tensor, big, bytes, deflated, dict, list, object, old, ordered, zip};
use crate::plan;
use modelpin_scan::Limits;
use modelpin_scan::convert::{Reason, Unsupported, convert};
use modelpin_testkit::corpus::build::{Member, Pickle, Tar, Zip, call as call_of, gzip, torch_zip};

#[track_caller]
fn refused(bytes: &[u8], why: Reason, detail: &str) {
    match plan(bytes) {
        Ok(_) => panic!("it converts"),
        Err(refused) => {
            assert_eq!(refused.reason, why, "{refused}");
            assert!(refused.detail.contains(detail), "{refused}");
        }
    }
}

fn float(key: &str) -> Vec<u8> {
    Tensor::new(key, &[2]).opcodes()
}

/// An archive with this object, and two storages of two floats as far as it names them.
fn file(opcodes: &[u8]) -> Vec<u8> {
    let named = |key: &str| opcodes.windows(6).any(|window| window == Pickle::default().text(key).0);
    let storages: Vec<(&str, &[u8])> =
        ["0", "1"].into_iter().filter(|key| named(key)).map(|key| (key, &[0; 8][..])).collect();
    zip(opcodes, &storages)
}

#[test]
fn unsafe_checkpoints() {
    refused(b"cos\nsystem\n(S'id'\ntR.", Reason::Unsafe, "dangerous: pickle-dangerous-global");
    let foreign = dict(&[("w", float("0")), ("x", Pickle::default().global("my_project", "Config").0)]);
    refused(&file(&foreign), Reason::Unsafe, "review: pickle-foreign-global");
    let short = zip(&dict(&[("w", float("0"))]), &[("0", &[0; 4])]);
    refused(&short, Reason::Unsafe, "storage-size");
    let outside = dict(&[("w", Tensor::new("0", &[2]).within(2, 1).opcodes())]);
    refused(&file(&outside), Reason::Unsafe, "tensor-geometry");
    refused(&object(&dict(&[("w", float("0"))])), Reason::Unsafe, "pickle-persistent-id");
}

#[test]
fn files_that_are_not_torch_checkpoints() {
    let good = file(&dict(&[("w", float("0"))]));
    for (name, bytes) in [
        ("a.json", b"{}".to_vec()),
        ("a.tar", Tar::default().file("pytorch_model.bin", good.clone()).bytes()),
        ("a.bin.gz", gzip(&good)),
        ("a.zip", Zip::of(&[("pytorch_model.bin", &good)])),
        ("a.pkl", object(&dict(&[("a", b"K\x01".to_vec())]))),
    ] {
        let refused = convert(&bytes, name, &Limits::default()).err().unwrap();
        assert_eq!(refused.reason, Reason::Format, "{name}: {refused}");
    }
    let mut bare = torch_zip(&object(&dict(&[("w", float("0"))])), &[("0", &[0; 8])]);
    bare.members.iter_mut().for_each(|member| member.name = member.name.replace("archive/", ""));
    assert!(plan(&bare.bytes()).is_err());
    let mut deep = torch_zip(&object(&dict(&[("w", float("0"))])), &[("0", &[0; 8])]);
    deep.members.iter_mut().for_each(|member| member.name = format!("a/{}", member.name));
    assert!(plan(&deep.bytes()).is_err());
    let mut version = old(&dict(&[("w", float("0"))]), &[("0", 4, &[0; 8])]);
    let place = version.windows(3).position(|window| window == b"M\xe9\x03").unwrap();
    version[place + 1] = 0xea;
    assert!(plan(&version).is_err());
}

#[test]
fn checkpoints_without_dictionary_or_tensors() {
    refused(&file(&float("0")), Reason::Object, "a tensor");
    refused(&file(&list(&[float("0")])), Reason::Object, "a list");
    refused(&file(b"K\x01"), Reason::Object, "a number");
    refused(&file(b"}"), Reason::Empty, "");
    refused(&file(&dict(&[("a", dict(&[("b", b"N".to_vec())]))])), Reason::Empty, "");
    refused(&file(&dict(&[("w", float("0")), ("w", b"N".to_vec())])), Reason::Empty, "");
}

#[test]
fn cyclic_values() {
    let inside = Pickle::default().raw("}q\x01(").text("w").raw(float("0")).text("me").raw("h\x01u").0;
    refused(&file(&inside), Reason::Cycle, "a dictionary");
    let list = Pickle::default().raw("]q\x01h\x01a").0;
    refused(&file(&dict(&[("w", float("0")), ("l", list)])), Reason::Cycle, "a list");
}

#[test]
fn keys_that_cannot_be_part_of_a_name() {
    let keyed = |key: &[u8]| file(&Pickle::default().raw("}(").raw(key).raw(float("0")).raw("u").0);
    refused(&keyed(b"N"), Reason::Key, "None");
    refused(&keyed(b"\x88"), Reason::Key, "a boolean");
    refused(&keyed(b"G?\xf0\0\0\0\0\0\0"), Reason::Key, "a number");
    refused(&keyed(b"K\x01K\x02\x86"), Reason::Key, "a list");
    refused(&keyed(b"U\x02\xc3\xa4"), Reason::Key, "a text");
    refused(&keyed(b"X\x03\0\0\0\xed\xa0\x80"), Reason::Key, "a text");
    refused(&keyed("X\u{3}\0\0\0\u{fffd}".as_bytes()), Reason::Key, "a text");
    // What `__new__` is given does not become a dictionary's items, nor does `Counter` take pairs.
    for made in [b"\x81", b"R"] {
        let class = if made == b"R" { "Counter" } else { "OrderedDict" };
        let pairs = list(&[[b"(", &Pickle::default().text("a").0[..], &float("0"), b"t"].concat()]);
        let map = Pickle::default().global("collections", class).raw(pairs).raw(b"\x85").raw(made);
        refused(&file(&map.text("w").raw(float("0")).raw("s").0), Reason::Key, "an object");
    }
    let long = [&b"X\x00\x00\x02\x00"[..], &[b'a'; 1 << 17]].concat();
    refused(&keyed(&long), Reason::Key, "a text");
}

#[test]
fn reserved_and_duplicate_names() {
    refused(&file(&dict(&[("__metadata__", float("0"))])), Reason::Reserved, "__metadata__");
    refused(&file(&dict(&[("a", float("0")), ("format", float("0"))])), Reason::Reserved, "format");
    let clash = dict(&[("a.b", float("0")), ("a", dict(&[("b", float("1"))]))]);
    refused(&file(&clash), Reason::Clash, "a.b");
    let dropped = dict(&[("a.b", b"N".to_vec()), ("a", dict(&[("b", float("1"))]))]);
    refused(&file(&dropped), Reason::Clash, "a.b");
    let number = Pickle::default().raw("}(K\x01").raw(float("0")).text("1").raw(float("1")).raw("u").0;
    refused(&file(&number), Reason::Clash, "1");
}

/// The opcodes of a call.
fn call(module: &str, name: &str, args: &[&[u8]]) -> Vec<u8> {
    Pickle::default().global(module, name).raw("(").raw(args.concat()).raw("tR").0
}

#[test]
fn tensors_of_other_kinds() {
    let hooks = Pickle::default().global("collections", "OrderedDict").raw(")R").0;
    let global = |module: &str, name: &str| Pickle::default().global(module, name).0;
    let text = |text: &str| Pickle::default().text(text).0;
    let storage = |class: &str| {
        let storage = Pickle::default().raw("(").text("storage").global("torch", class).text("0").text("cpu");
        storage.int(8).raw("tQ").int(0).ints(&[2]).ints(&[1]).0
    };
    let scheme = [b"(", &global("torch", "per_tensor_affine")[..], b"G?\xf0\0\0\0\0\0\0K\0t"].concat();
    let quantised = call("torch._utils", "_rebuild_qtensor", &[&storage("QInt8Storage"), &scheme, b"\x89", &hooks]);
    let layout = call("torch.serialization", "_get_layout", &[&text("torch.sparse_coo")]);
    let size = call("torch", "Size", &[b"K\x04\x85"]);
    let data = [b"(", &float("0")[..], &float("1"), &size, b"t"].concat();
    let sparse = call("torch._utils", "_rebuild_sparse_tensor", &[&layout, &data]);
    let float32 = global("torch", "float32");
    let meta = [&float32[..], b"K\x02\x85K\x01\x85\x89"];
    let meta = call("torch._utils", "_rebuild_meta_tensor_no_storage", &meta);
    let strided = call("torch.serialization", "_get_layout", &[&text("torch.strided")]);
    let device = call("torch", "device", &[&text("cpu")]);
    let class = global("torch", "Tensor");
    let wrapper = [&class[..], &float32, b"K\x02\x85K\x01\x85K\0", &strided, &device, b"\x89"];
    let wrapper = call("torch._utils", "_rebuild_wrapper_subclass", &wrapper);
    let arguments = [b"(", &storage("ByteStorage")[..], b"\x89", &hooks, b"t"].concat();
    let typed = [&global("torch._utils", "_rebuild_tensor_v2")[..], &class, &arguments, b"}"];
    let typed = call("torch._tensor", "_rebuild_from_type_v2", &typed);
    let moved = [&float("0")[..], &float32, &text("cpu"), b"\x89"];
    let moved = call("torch._utils", "_rebuild_device_tensor_from_cpu_tensor", &moved);
    let state = [b"}", &text("tag")[..], b"K\x01s"].concat();
    let stateful = [&float("0")[..], b"\x89", &hooks, &state];
    let stateful = call("torch._utils", "_rebuild_parameter_with_state", &stateful);
    let built = [&float("0")[..], &state, b"b"].concat();
    let made = call("torch", "Tensor", &[]);
    let twice = |inner: &[u8]| call("torch._utils", "_rebuild_parameter", &[inner, b"\x89", &hooks]);
    let marked = [b"}", &text("conj")[..], b"\x88s"].concat();
    let marked = Tensor { metadata: &marked, ..Tensor::new("0", &[2]) }.opcodes();
    let lists = Pickle::default().global("torch._utils", "_rebuild_tensor").raw("((").text("storage");
    let lists = lists.global("torch", "FloatStorage").text("0").text("cpu").int(2).raw("tQ").int(0);
    let lists = lists.raw("](K\x02e](K\x01etR").0;
    for (opcodes, odd) in [
        (quantised, Unsupported::Quantised),
        (sparse, Unsupported::Sparse),
        (meta, Unsupported::Meta),
        (wrapper, Unsupported::Subclass),
        (typed, Unsupported::Subclass),
        (moved, Unsupported::Foreign),
        (stateful, Unsupported::State),
        (built, Unsupported::State),
        (made, Unsupported::State),
        (marked, Unsupported::Marked),
        (twice(&twice(&float("0"))), Unsupported::Unknown),
        (lists, Unsupported::Unknown),
    ] {
        refused(&file(&dict(&[("w", opcodes)])), Reason::Tensor(odd), "tensor `w`");
    }
}

#[test]
fn dtypes_that_safetensors_lacks() {
    for (class, item) in
        [("ComplexDoubleStorage", 16), ("QInt32Storage", 4), ("QUInt8Storage", 1), ("UntypedStorage", 1)]
    {
        let object = dict(&[("w", Tensor::new("0", &[1]).class(class).opcodes())]);
        refused(&zip(&object, &[("0", &bytes(item))]), Reason::Dtype, class);
    }
    for (dtype, item) in [("complex128", 16), ("complex32", 4), ("float4_e2m1fn_x2", 1), ("bits8", 1), ("int4", 1)] {
        let tensor = Tensor { dtype: Some(dtype), module: "torch.storage", ..Tensor::new("0", &[1]) };
        let object = dict(&[("w", tensor.class("UntypedStorage").within(item, 0).opcodes())]);
        refused(&zip(&object, &[("0", &bytes(item as usize))]), Reason::Dtype, dtype);
    }
}

#[test]
fn inconsistent_storages() {
    let two = |second: Tensor<'_>| dict(&[("a", float("0")), ("b", second.opcodes())]);
    let classes = two(Tensor::new("0", &[2]).class("IntStorage"));
    refused(&file(&classes), Reason::Storage, "two classes");
    refused(&old(&classes, &[("0", 4, &[0; 8])]), Reason::Storage, "two classes");
    // Also where the other one is in what is dropped.
    let beside = Tensor::new("0", &[2]).class("IntStorage").opcodes();
    let beside = dict(&[("optimizer", beside), ("model", dict(&[("a", float("0"))]))]);
    refused(&file(&beside), Reason::Storage, "two classes");
    let view = |key: &str, from: i32| Pickle::default().raw("(").text(key).int(from).int(1).raw("t").0;
    let seen = |key: &str, from: i32| Tensor { view: view(key, from), ..Tensor::new("0", &[1]).within(2, 0) };
    refused(&file(&two(seen("v", 0))), Reason::Storage, "only the legacy format");
    let views = dict(&[("a", seen("v", 0).opcodes()), ("b", seen("v", 1).opcodes())]);
    refused(&old(&views, &[("0", 4, &[0; 8])]), Reason::Storage, "two views");
    refused(&old(&two(seen("0", 0)), &[("0", 4, &[0; 8])]), Reason::Storage, "both a storage and a view");
    let one = dict(&[("a", float("0"))]);
    refused(&old(&one, &[("0", 4, &[0; 8]), ("0", 4, &[0; 8])]), Reason::Storage, "occurs twice");
}

#[test]
fn unknown_byte_orders() {
    let floats = dict(&[("w", float("0"))]);
    refused(&ordered(&floats, &[("0", &[0; 8])], "middle"), Reason::Order, "middle");
    refused(&ordered(&floats, &[("0", &[0; 8])], "littlelittle"), Reason::Order, "littlelittle");
    let tensor = Tensor { dtype: Some("uint16"), module: "torch.storage", ..Tensor::new("0", &[4]) };
    let untyped = dict(&[("w", tensor.class("UntypedStorage").within(8, 0).opcodes())]);
    refused(&big(&untyped, &[("0", &[0; 8])]), Reason::Order, "differs from that of its storage");
}

#[test]
fn compressed_storages_not_read_sequentially() {
    let turned = dict(&[("w", Tensor::new("0", &[3, 2]).stride(&[1, 3]).opcodes())]);
    refused(&deflated(&turned, &[("0", &bytes(24))]), Reason::Compressed, "tensor `w`");
    let first = Tensor::new("0", &[2]).within(4, 0).opcodes();
    let two = dict(&[("a", first), ("b", Tensor::new("0", &[2]).within(4, 2).opcodes())]);
    refused(&deflated(&two, &[("0", &bytes(16))]), Reason::Compressed, "tensor `b`");
    // One that deflates to nearly nothing makes the result far larger.
    let zeros = dict(&[("w", Tensor::new("0", &[17 << 20]).opcodes())]);
    let mut zip = torch_zip(&object(&zeros), &[]).with(Member::deflated("archive/data/0", &[0; 1000]));
    zip.members.iter_mut().filter(|member| member.method == 8).for_each(|member| member.size = 68 << 20);
    refused(&zip.bytes(), Reason::Size, "");
}

#[test]
fn much_larger_results() {
    let expanded = dict(&[("w", Tensor::new("0", &[16 << 20, 2]).stride(&[0, 1]).within(2, 0).opcodes())]);
    refused(&file(&expanded), Reason::Size, "more than 67108864 bytes");
    let many = (0..40).map(|n| {
        let tensor = Tensor::new("0", &[1 << 19]).stride(&[0]).within(2, n % 2);
        (format!("t{n}"), Tensor { size: vec![1 << 19, n + 1], stride: vec![0, 0], ..tensor }.opcodes())
    });
    let many: Vec<(String, Vec<u8>)> = many.collect();
    let many: Vec<(&str, Vec<u8>)> = many.iter().map(|(name, opcodes)| (name.as_str(), opcodes.clone())).collect();
    refused(&file(&dict(&many)), Reason::Size, "");
}

#[test]
fn headers_that_are_too_long() {
    let name = "n".repeat(60_000);
    let level = |inner: Vec<u8>| dict(&[(&name, inner), ("w", float("0"))]);
    refused(&file(&(0..60).fold(float("0"), |inner, _| level(inner))), Reason::Header, "names");
    let shape = [1; 64];
    let tensor = [Tensor::new("0", &shape).opcodes(), b"q\x01".to_vec()].concat();
    let recalled: Vec<Vec<u8>> = std::iter::once(tensor).chain((0..1999).map(|_| b"h\x01".to_vec())).collect();
    assert!(plan(&zip(&dict(&[("l", list(&recalled))]), &[("0", &[0; 4])])).is_ok());
}

#[test]
fn reads_are_counted() {
    let apart = dict(&[("w", Tensor::new("0", &[100]).stride(&[1000]).within(100_000, 0).opcodes())]);
    let file = zip(&apart, &[("0", &bytes(400_000))]);
    assert!(convert(&file, "a.bin", &Limits { steps: 10_000, ..Limits::default() }).is_ok());
    // With the fewest steps that are enough to scan it, there are not enough to read what is so far apart.
    let with = |steps| convert(&file, "a.bin", &Limits { steps, ..Limits::default() }).err();
    let refused = (100..10_000)
        .step_by(10)
        .map(with)
        .find(|refused| refused.as_ref().is_none_or(|no| no.reason != Reason::Unsafe));
    let refused = refused.flatten().unwrap();
    assert_eq!((refused.reason, refused.detail.as_str()), (Reason::Limit, "steps"));
}

/// Harmless as a tensor within an archive, the bytes of an archive would be one at the end of the result.
#[test]
fn results_that_some_reader_takes_for_an_archive() {
    let inner = torch_zip(&call_of("posix", "system", "true"), &[]).bytes();
    let data = [&inner[..], &vec![0; inner.len().next_multiple_of(8) - inner.len()]].concat();
    let last = Tensor::new("0", &[data.len() as i32]).class("ByteStorage").opcodes();
    let first = Tensor::new("1", &[1]).class("DoubleStorage").opcodes();
    for (padding, is_fine) in [(0, false), (70_000, true)] {
        let data = [&data[..], &vec![0; padding]].concat();
        let w = Tensor::new("0", &[data.len() as i32]).class("ByteStorage").opcodes();
        for file in [zip(&dict(&[("w", w.clone())]), &[("0", &data)]), deflated(&dict(&[("w", w)]), &[("0", &data)])] {
            match plan(&file) {
                Ok(_) => assert!(is_fine),
                Err(refused) => assert!(!is_fine && refused.reason == Reason::Result, "{refused}"),
            }
        }
    }
    let object = dict(&[("a", first), ("w", last)]);
    refused(&zip(&object, &[("0", &data), ("1", &[0; 8])]), Reason::Result, "polyglot");
    // Also where strides put it together.
    let twice: Vec<u8> = data.iter().flat_map(|byte| [*byte, 0]).collect();
    let every = Tensor::new("0", &[data.len() as i32]).stride(&[2]).within(twice.len() as i32, 0).class("ByteStorage");
    refused(&zip(&dict(&[("w", every.opcodes())]), &[("0", &twice)]), Reason::Result, "polyglot");
}

#[test]
fn an_error_names_the_tensor_and_the_reason() {
    let refused = plan(&file(b"K\x01")).err().unwrap();
    assert_eq!(refused.to_string(), "the saved object is not a dictionary: a number");
}
