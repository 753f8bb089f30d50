//! What no program that fetches and hashes can be faster than here: bytes from a socket into SHA-256, kept nowhere.
//!
//! ```text
//! cargo run --release -p modelpin-testkit --example floor -- AT_ONCE http://127.0.0.1:PORT/PATH…
//! ```
#![expect(clippy::expect_used, clippy::print_stdout, reason = "this is a program of the benchmark's")]

use sha2::{Digest as _, Sha256};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;

const BUFFER: usize = 1 << 20;

fn main() {
    let mut words = std::env::args().skip(1);
    let at_once: usize = words.next().expect("how many at once").parse().expect("a number");
    let addresses = Mutex::new(words.collect::<Vec<String>>().into_iter());
    let next = || addresses.lock().expect("no thread panics").next();
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(address) = next() {
                    println!("{} {address}", fetch(&address));
                }
            });
        }
    });
}

/// The SHA-256 of what is at an address: one thread receives, one hashes.
fn fetch(address: &str) -> String {
    let (host, path) = address.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("an address");
    let mut stream = TcpStream::connect(host).expect("a server");
    write!(stream, "GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n").expect("a request");
    let mut byte = [0];
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("an answer");
        head.extend(byte);
    }
    assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
    let (full, filled) = sync_channel::<(Vec<u8>, usize)>(4);
    let (empty, emptied) = sync_channel(8);
    (0..4).for_each(|_| empty.send(vec![0; BUFFER]).expect("room"));
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for mut buffer in emptied {
                let mut len = 0;
                while len < BUFFER {
                    match stream.read(&mut buffer[len..]).expect("bytes") {
                        0 => break,
                        read => len += read,
                    }
                }
                if full.send((buffer, len)).is_err() || len < BUFFER {
                    return;
                }
            }
        });
        let mut hasher = Sha256::new();
        for (buffer, len) in filled {
            hasher.update(&buffer[..len]);
            // The receiver may have gone already.
            let _ = empty.send(buffer);
        }
        hex::encode(hasher.finalize())
    })
}
