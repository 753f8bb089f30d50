//! The machine against CPython: no unpickler may ask for a global that a scan did not report, over the corpus and
//! over mutations of it. CPython only records here; it imports nothing.
#![expect(clippy::unwrap_used, reason = "a test that cannot do its part has to stop")]

use modelpin_scan::{Format, Limits, Verdict, scan};
use modelpin_schema::visible;
use modelpin_testkit::corpus::all;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// Mutations of every pickle.
const ROUNDS: u64 = 12;

/// Mutants that are too long to be worth their time.
const LONGEST: usize = 4096;

/// Every pickle of the corpus, as a loader reads it.
fn pickles() -> Vec<(String, Vec<u8>)> {
    let items = all().into_iter().filter(|item| item.name.starts_with("pickle-"));
    let files = items.flat_map(|item| item.files.into_iter().map(move |(_, bytes)| (item.name.clone(), bytes)));
    files.filter(|(_, bytes)| scan(bytes, "model.pkl", &Limits::default()).format == Format::Pickle).collect()
}

/// Numbers without a pattern, the same at every run (xorshift64).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    /// A byte that means something to an unpickler, more often than not.
    fn byte(&mut self) -> u8 {
        const OPCODES: &[u8] = b".(012FIJKLMNPQRSTUVX]abcdeghijlopqrstu)}GBC\x80\x81\x82\x85\x86\x87\x88\x89\x8a\x8c\x8d\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98\n\x00\x01\x02\x03";
        if self.below(4) == 0 { self.next().to_le_bytes()[0] } else { OPCODES[self.below(OPCODES.len())] }
    }

    fn mutate(&mut self, bytes: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            match self.below(6) {
                0 => bytes.insert(at, self.byte()),
                1 if !bytes.is_empty() => drop(bytes.remove(at)),
                2 | 3 if !bytes.is_empty() => bytes[at] = self.byte(),
                4 => {
                    let from = self.below(other.len());
                    let piece = other[from..other.len().min(from + 24)].to_vec();
                    bytes.splice(at..at, piece);
                }
                _ => {
                    let frame = [&[0x95][..], &(self.next() % 40).to_le_bytes()].concat();
                    bytes.splice(at..at, frame);
                }
            }
        }
        bytes
    }
}

/// What CPython asks for, case by case.
fn ask(cases: &[(String, Vec<u8>)]) -> Vec<Vec<(String, String)>> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/peers/pickle_oracle.py");
    let mut python = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = python.stdin.take().unwrap();
    let output = BufReader::new(python.stdout.take().unwrap());
    let sent: Vec<Vec<u8>> =
        cases.iter().map(|(_, bytes)| [format!("{}\n", bytes.len()).as_bytes(), bytes].concat()).collect();
    let writer = std::thread::spawn(move || sent.iter().for_each(|case| input.write_all(case).unwrap()));
    let answers = output.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    writer.join().unwrap();
    assert!(python.wait().unwrap().success(), "python3 is needed");
    answers
}

#[test]
fn every_import_of_an_unpickler_is_reported() {
    let corpus = pickles();
    assert!(corpus.len() > 250, "{} pickles", corpus.len());
    let seed = std::env::var("SEED").map_or(0x9e37_79b9_7f4a_7c15, |seed| seed.parse().unwrap());
    let rounds = std::env::var("ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let mut noise = Noise(seed);
    let mut cases = corpus.clone();
    for (name, bytes) in corpus.iter().filter(|(_, bytes)| bytes.len() <= LONGEST) {
        for round in 0..rounds {
            let (_, other) = &corpus[noise.below(corpus.len())];
            cases.push((format!("{name}, mutation {round}"), noise.mutate(bytes, other)));
        }
    }
    let answers = ask(&cases);
    assert_eq!(answers.len(), cases.len());
    let mut missed = Vec::new();
    let (mut asked, mut others) = (0, 0);
    for ((name, bytes), answer) in cases.iter().zip(answers) {
        asked += answer.len();
        let report = scan(bytes, "model.pkl", &Limits::default());
        if report.format != Format::Pickle && !answer.is_empty() {
            // Text that happens to begin with an import of nothing known: the name of the file tells on it.
            assert_ne!(report.verdict(), Verdict::Safe, "{name}: {}", bytes.escape_ascii());
            others += 1;
            continue;
        }
        let seen: &BTreeSet<String> = &report.facts.globals;
        for (module, global) in answer {
            if !seen.contains(&visible(&format!("{module}.{global}"))) {
                missed.push(format!(
                    "{name}: {module:?} {global:?} ({}) in {:?}",
                    report.format.word(),
                    bytes.escape_ascii().to_string()
                ));
            }
        }
    }
    assert!(missed.is_empty(), "{} missed of {asked}\n{}", missed.len(), missed[..missed.len().min(20)].join("\n"));
    assert!(others < cases.len() / 20, "{others} of {} are no pickles", cases.len());
    assert!(asked > cases.len() / 3, "only {asked} globals were asked for");
}
