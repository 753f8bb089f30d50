//! A real Xet storage in a process of its own, behind a relay that sees every byte.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A storage; it ends when this is dropped.
pub(crate) struct Storage {
    pub(crate) relay: Relay,
    /// The hash of each file.
    pub(crate) hashes: Vec<String>,
    child: Child,
}

impl Storage {
    /// A storage that has these files.
    pub(crate) fn with(files: &[&[u8]]) -> Self {
        // As tests/xet/run names it.
        let program = std::env::var_os("MODELPIN_XET_SERVER").unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        for (number, bytes) in files.iter().enumerate() {
            let path = dir.path().join(number.to_string());
            std::fs::write(&path, bytes).unwrap();
            command.arg(path);
        }
        // It ends with its input.
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let endpoint = lines.next().unwrap().unwrap();
        let hashes: Vec<String> = lines.by_ref().take(files.len()).map(Result::unwrap).collect();
        Self { relay: Relay::to(endpoint.strip_prefix("http://").unwrap()), hashes, child }
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Passes connections on, and remembers what passed. The storage names itself as it was called, so that all of its
/// addresses lead here.
pub(crate) struct Relay {
    endpoint: String,
    seen: Arc<Seen>,
}

struct Seen {
    asked: Mutex<Vec<u8>>,
    served: AtomicUsize,
    most: AtomicUsize,
}

impl Relay {
    fn to(address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let seen =
            Arc::new(Seen { asked: Mutex::default(), served: AtomicUsize::new(0), most: AtomicUsize::new(usize::MAX) });
        let (address, passed) = (address.to_owned(), seen.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(&address) else { continue };
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let seen = passed.clone();
                std::thread::spawn(move || {
                    pass(from, to, |bytes| {
                        seen.asked.lock().unwrap().extend(bytes);
                        true
                    });
                });
                let seen = passed.clone();
                std::thread::spawn(move || {
                    pass(server, client, |bytes| {
                        let before = seen.served.fetch_add(bytes.len(), Ordering::Relaxed);
                        before + bytes.len() <= seen.most.load(Ordering::Relaxed)
                    });
                });
            }
        });
        Self { endpoint, seen }
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// All requests so far, with their bodies.
    pub(crate) fn asked(&self) -> String {
        String::from_utf8_lossy(&self.seen.asked.lock().unwrap()).into_owned()
    }

    /// The bytes of all answers so far.
    pub(crate) fn served(&self) -> usize {
        self.seen.served.load(Ordering::Relaxed)
    }

    /// Serves no more than so many bytes, all connections together.
    pub(crate) fn cut_after(&self, bytes: usize) {
        self.seen.most.store(bytes, Ordering::Relaxed);
    }
}

/// Passes bytes on while they are let through.
fn pass(mut from: TcpStream, mut to: TcpStream, mut through: impl FnMut(&[u8]) -> bool) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(read) = from.read(&mut buffer)
        && read > 0
        && through(&buffer[..read])
        && to.write_all(&buffer[..read]).is_ok()
    {}
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
