//! A few bytes in front of a text change nothing of what it does to those who read it by its name.

use modelpin_rules::Property;
use modelpin_scan::{Limits, Report, Verdict, scan};

fn judge(bytes: &[u8], path: &str) -> Report {
    scan(&bytes, path, &Limits::default())
}

/// Whether the policy lets nothing of it in without a decision about exactly these bytes.
fn is_stopped(report: &Report) -> bool {
    report.is_code() || report.findings.iter().any(|finding| finding.rule.property != Property::Advice)
}

/// How media, weights and tables begin that begin with letters.
const HEADS: [&str; 12] = [
    "fLaC",
    "OggS",
    "ID3",
    "wOFF",
    "wOF2",
    "RIFFaaaaWAVE",
    "RIFFaaaaWEBP",
    "%PDF-1.4\n",
    "ORC",
    "FEA1",
    "binf",
    "mmap lm http://kheafield.com/code format version",
];

#[test]
fn leading_letters_do_not_disable_scanning() {
    for head in HEADS {
        for (path, attack, end) in [
            ("a.yaml", ": 1\nx: !!python/object/apply:os.system [\"id\"]\n", ""),
            ("a.yaml", ": 1\nx: !!python/object/apply:os.system [\"id\"]\n#", "FEA1"),
            ("conf/a.yml", ": 1\n_target_: os.system\ncommand: id\n#", "ORC"),
            ("chat_template.jinja", "{{ ().__class__.__base__.__subclasses__() }}", ""),
            ("a.py", "=1\nimport os\nos.system('id')\n", ""),
            ("a.pth", "=1\nimport os; os.system('id')\n", ""),
            ("graph.pbtxt", ": 1\nnode { name: \"x\" op: \"PyFunc\" }\n", ""),
        ] {
            for middle in ["", "#\u{1}\n", "#\0\n"] {
                let text = format!("{head}{middle}{attack}{}{end}", " ".repeat(200));
                let report = judge(text.as_bytes(), path);
                assert!(is_stopped(&report), "{path} {text:?}: {report:?}");
            }
        }
        let wheel = judge(format!("{head}=1\nimport os\nos.system('id')\n").as_bytes(), "a.py");
        let is_code = head.bytes().all(|byte| byte.is_ascii_alphanumeric()).then_some(wheel.verdict());
        assert_ne!(is_code, Some(Verdict::Safe), "{head}");
    }
}

#[test]
fn utf_16_text_is_scanned_by_its_name() {
    let wide = |text: &str, is_little: bool| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(|unit| if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    };
    for is_little in [true, false] {
        for (path, text) in [
            ("a.yaml", "x: !!python/object/apply:os.system [\"id\"]\n"),
            ("conf/a.yaml", "_target_: os.system\ncommand: id\n"),
            ("config.json", "{\"_target_\": \"os.system\"}"),
            ("a.pth", "import os; os.system('id')\n"),
        ] {
            let report = judge(&wide(text, is_little), path);
            assert!(is_stopped(&report), "{path}: {report:?}");
        }
        assert_eq!(judge(&wide("a: 1\nb: [2, 3]\n", is_little), "a.yaml").verdict(), Verdict::Safe);
        assert_eq!(judge(&wide("some words\nand more of them\n", is_little), "notes.txt").verdict(), Verdict::Safe);
    }
}

#[test]
fn a_million_classes_or_files_is_over_budget() {
    let entries: Vec<String> = (0..20_000).map(|at| format!("\"A{at}\": \"m.C{at}\"")).collect();
    let report = judge(format!("{{\"auto_map\": {{{}}}}}", entries.join(",")).as_bytes(), "config.json");
    assert!(report.findings.iter().any(|finding| finding.rule.id == "over-budget"), "{report:?}");
    assert!(report.facts.auto_map.len() <= 10_000);
    assert_eq!(report.facts.auto_map.first().unwrap(), "A0=m.C0");
}
