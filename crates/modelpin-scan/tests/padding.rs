//! The law of padding: whatever is put into an attack that its loader skips, it stays out. It is still dangerous, or it
//! is not scanned, and then only a decision about its exact bytes lets it in.

use modelpin_rules::file::OVER_BUDGET;
use modelpin_scan::{Format, Limits, Report, Verdict, scan};
use modelpin_testkit::corpus::build::{Member, Zip, gzip};
use modelpin_testkit::corpus::{Expect, all};

/// Limits so small that padding reaches them.
fn small() -> Limits {
    Limits {
        steps: 100_000,
        document: 64 << 10,
        json: 128 << 10,
        held: 256 << 10,
        inflated: 1 << 20,
        ..Limits::default()
    }
}

/// Whether the policy keeps such a file out, whatever models.toml says.
fn stays_out(report: &Report) -> bool {
    let decided = report.findings.iter().any(|finding| finding.rule.property.needs_decision());
    assert!(report.verdict() < Verdict::Dangerous || decided, "what is dangerous needs a decision: {report:?}");
    // Code is withheld, and a pickle is refused, whatever is found in them.
    decided || report.is_code() || report.is_pickle()
}

/// Padding in the words of a format: what may be before the content, and after it.
fn padding(path: &str, format: Format, bytes: &[u8], length: usize) -> Vec<(&'static str, Vec<u8>)> {
    let base = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let has = |suffixes: &[&str]| suffixes.iter().any(|suffix| base.ends_with(suffix));
    let lines = |line: &str| line.repeat(length / line.len() + 1).into_bytes();
    let mut all: Vec<(&'static str, Vec<u8>)> = Vec::new();
    // The first lines of a script say who runs it, and in which encoding.
    let first: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').take(2).collect();
    let is_free = !first.iter().any(|line| line.starts_with(b"#!") || line.windows(6).any(|word| word == b"coding"));
    // A mark of the order of bytes, and the beginning of a document, are at the front.
    // So is what says that an archive of objects begins.
    let is_free = is_free
        && format != Format::Native
        && !bytes.starts_with(b"\xef\xbb\xbf")
        && !bytes.starts_with(b"%")
        && !bytes.contains(&0);
    let mut around = |name: &'static str, pad: Vec<u8>| {
        if is_free {
            all.push((name, [pad.as_slice(), bytes].concat()));
        }
        all.push((name, [bytes, b"\n", &pad].concat()));
    };
    if has(&[".yaml", ".yml", ".py", ".txt", ".toml", ".cfg", ".pbtxt", ".prototxt", ".pth"])
        && format != Format::Pickle
    {
        around("comments", lines("# nothing to see here\n"));
        around("blank lines", lines("\n"));
    } else if has(&[".jinja", ".j2"]) || base.starts_with("chat_template") && !base.ends_with(".json") {
        around("comments", lines("{# nothing to see here #}"));
        around("one comment", [b"{#".as_slice(), &vec![b'x'; length], b"#}"].concat());
    } else if has(&[".json", ".ipynb"]) && format == Format::Json {
        around("blanks", vec![b' '; length]);
        if let Some(rest) = bytes.strip_prefix(b"{").filter(|rest| !rest.trim_ascii().starts_with(b"}")) {
            let long = [b"{\"padding\": \"".as_slice(), &vec![b'x'; length], b"\", ", rest].concat();
            all.push(("a long string", long));
        }
    } else if format == Format::Pickle && matches!(bytes, [0x80, 2..=5, ..]) && bytes.get(2) != Some(&0x95) {
        all.push(("opcodes that do nothing", [&bytes[..2], &b"N0".repeat(length / 2), &bytes[2..]].concat()));
    }
    all
}

/// Every file of an attack that stays out as it is, by itself.
fn attacks() -> Vec<(String, String, Vec<u8>, Report)> {
    let items = all().into_iter().filter(|item| matches!(item.expect, Expect::Suspect | Expect::Dangerous));
    let files =
        items.flat_map(|item| item.files.into_iter().map(move |(path, bytes)| (item.name.clone(), path, bytes)));
    let judged = files.map(|(name, path, bytes)| {
        let report = scan(&bytes, &path, &Limits::default());
        (name, path, bytes, report)
    });
    judged.filter(|(_, _, bytes, report)| stays_out(report) && bytes.len() < 1 << 20).collect()
}

#[test]
fn padding_never_hides_an_attack() {
    let (limits, mut wrong, mut tried) = (small(), Vec::new(), 0_usize);
    // The comment that is padded closes the one that was not closed.
    let cured = "template-other-unclosed-comment";
    for (name, path, bytes, report) in attacks().into_iter().filter(|(name, ..)| name != cured) {
        // Below the limits, and beyond them.
        for length in [2 << 10, 160 << 10] {
            for (how, padded) in padding(&path, report.format, &bytes, length) {
                tried += 1;
                let after = scan(&padded, &path, &limits);
                if !stays_out(&after) {
                    wrong.push(format!("{name}: {path} with {length} bytes of {how}: {after:?}"));
                }
            }
        }
    }
    assert!(tried > 1000, "{tried}");
    assert!(wrong.is_empty(), "{} got in\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn compressed_padding_never_hides_an_attack() {
    let (limits, mut wrong) = (small(), Vec::new());
    let filler = Member::deflated("filler.json", &vec![b' '; 2 << 20]);
    for (name, path, bytes, _) in attacks() {
        let base = path.rsplit('/').next().unwrap_or(&path);
        // What a tool obeys, or what is meant for a name, is neither in an archive.
        let alone = scan(Zip::of(&[(base, &bytes)]).as_slice(), "a.zip", &limits);
        if !stays_out(&alone) {
            continue;
        }
        let first = Zip::default().with(filler.clone()).with(Member::new(base, bytes.clone())).bytes();
        let last = Zip::default().with(Member::new(base, bytes.clone())).with(filler.clone()).bytes();
        for (how, padded) in [("before", first), ("behind", last)] {
            if !stays_out(&scan(&padded, "a.zip", &limits)) {
                wrong.push(format!("{name}: {path} with filler {how} it"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} got in\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn uncompressed_padding_never_hides_an_attack() {
    let pad = b"# xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n".repeat(100_000);
    let target = b"_target_: os.system\ncommand: id\n";
    let template = b"{{ ().__class__.__base__.__subclasses__() }}";
    let lambda = br#"{"class_name": "Sequential", "config": {"layers": [{"class_name": "Lambda", "config": {"function": {"class_name": "__lambda__", "config": {"code": "4wEA"}}}}]}"#;
    let blanks = vec![b' '; 65 << 20];
    let cases: [(&str, Vec<u8>); 4] = [
        ("hyper.yaml", [pad.as_slice(), target].concat()),
        ("chat_template.jinja", [b"{#".as_slice(), &pad, b"#}", template].concat()),
        ("config.json", [lambda.as_slice(), &blanks, b"}"].concat()),
        ("config.json.gz", gzip(&[lambda.as_slice(), &blanks, b"}"].concat())),
    ];
    for (path, bytes) in cases {
        let report = scan(&bytes, path, &Limits::default());
        assert!(stays_out(&report), "{path}: {report:?}");
    }
}

/// What is text to everybody, tables and pictures stay in, however large they are.
#[test]
fn honest_files_of_any_size_are_accepted() {
    let rows = b"name,value,and some more\n".repeat(200_000);
    let lines = b"{\"text\": \"an honest line of a data set\"}\n".repeat(100_000);
    let prose = b"An honest text, which goes on and on.\n".repeat(100_000);
    let page = [b"<html><body>".as_slice(), &b"<p>An honest page.</p>\n".repeat(200_000)].concat();
    let picture = [b"\x89PNG\r\n\x1a\n\0\0\0\0IEND\xaeB\x60\x82".as_slice(), &[7; 200_000]].concat();
    let deep = vec![b"a,b\n".as_slice(); 300_000].concat();
    for (path, bytes) in [
        ("train.csv", rows.clone()),
        ("train.tsv", rows.clone()),
        ("train.jsonl", lines.clone()),
        ("README.md", prose.clone()),
        ("LICENSE", prose),
        ("report.html", page),
        ("vocab.txt", b"word\n".repeat(300_000)),
        ("train.csv.gz", gzip(&rows)),
        (
            "data.zip",
            Zip::default().with(Member::deflated("a.csv", &deep)).with(Member::deflated("b.jsonl", &lines)).bytes(),
        ),
        ("a.png", picture),
    ] {
        let report = scan(&bytes, path, &small());
        assert!(!stays_out(&report), "{path}: {report:?}");
    }
}

/// A limit ends the scanning; it does not make what it cuts off broken.
#[test]
fn a_limit_reports_itself_only() {
    let array = |rows: usize| {
        let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows},), }}");
        let head = [b"\x93NUMPY\x01\0".as_slice(), &(header.len() as u16).to_le_bytes(), header.as_bytes()].concat();
        [head, vec![0; rows * 8]].concat()
    };
    let pickle = [b"\x80\x04\x8e".as_slice(), &(3_u64 << 20).to_le_bytes(), &vec![0; 3 << 20], b"."].concat();
    let cases = [
        ("a.npz", Zip::default().with(Member::deflated("a.npy", &array(400_000))).bytes()),
        ("a.pkl.gz", gzip(&pickle)),
        ("a.json.gz", gzip(&[b"[".as_slice(), &b"1,".repeat(1 << 20), b"1]"].concat())),
        ("a.zip", Zip::default().with(Member::deflated("a.yaml", &vec![b'\n'; 3 << 20])).bytes()),
    ];
    for (path, bytes) in cases {
        let report = scan(&bytes, path, &small());
        let rules: Vec<&str> = report.findings.iter().map(|finding| finding.rule.id).collect();
        assert!(!rules.is_empty() && rules.iter().all(|rule| *rule == OVER_BUDGET.id), "{path}: {report:?}");
    }
}

/// No clock: a second look says the same to the last step, whatever else the machine does.
#[test]
fn verdicts_do_not_depend_on_load() {
    let code = (1..4000).fold("class A0: pass\n".to_owned(), |code, n| format!("{code}class A{n}(A{}): pass\n", n - 1));
    let list = (0..40_000).fold(String::new(), |list, n| format!("{list}package-{n}==1.{n}\n"));
    let files = [("modeling_x.py", code), ("requirements.txt", list)];
    let look = || files.iter().map(|(path, text)| scan(text.as_bytes(), path, &small())).collect::<Vec<_>>();
    let calm = look();
    let busy: Vec<Vec<Report>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(look)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(busy.iter().all(|reports| *reports == calm));
}
