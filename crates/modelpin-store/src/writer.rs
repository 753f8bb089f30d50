//! Writing in parallel with hashing: one thread receives and hashes a file, a second writes it, and a third syncs it to
//! the disk meanwhile. So hashing never waits for a write, and little is left to wait for at the end.

use bytes::{Bytes, BytesMut};
use std::fs::File;
use std::io::{self, IoSlice, Write as _};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// Bytes written by one system call. Bodies are received in pieces of 8 to 400 KiB. Also about how much of the received
/// bytes a killed run loses.
const BATCH: usize = 256 << 10;
/// Batches that may wait to be written. A slow disk makes the network wait instead of filling the memory.
const WAITING: usize = 2;
/// Pieces of fewer bytes than this are copied: each piece that is kept may hold on to a whole network buffer, and a
/// server that sends byte by byte must not fill the memory with those.
const SMALL: usize = 8 << 10;
/// Bytes after which the file is synced: often enough that the disk is never idle for long, rarely enough that the cost
/// of each sync does not matter.
const STRIDE: usize = 32 << 20;

/// A file that is written from front to back.
#[derive(Debug)]
pub(crate) struct Writer {
    file: Arc<File>,
    batch: Batch,
    /// The writing thread, for a file of more than one batch.
    thread: Option<(SyncSender<Batch>, JoinHandle<io::Result<()>>)>,
}

/// The bytes of one system call.
#[derive(Debug, Default)]
struct Batch {
    pieces: Vec<Bytes>,
    /// Copied bytes that follow the pieces.
    tail: BytesMut,
    len: usize,
}

impl Writer {
    /// Writes to `file` from its current position.
    pub(crate) fn new(file: File) -> Self {
        Self { file: Arc::new(file), batch: Batch::default(), thread: None }
    }

    /// Appends `bytes`, keeping them until they are written.
    pub(crate) fn push(&mut self, bytes: Bytes) -> io::Result<()> {
        if bytes.len() < SMALL {
            return self.copy(&bytes);
        }
        self.batch.close();
        self.batch.len += bytes.len();
        self.batch.pieces.push(bytes);
        self.hand_over_if_full()
    }

    /// Appends a copy of `bytes`.
    pub(crate) fn copy(&mut self, bytes: &[u8]) -> io::Result<()> {
        for part in bytes.chunks(BATCH) {
            self.batch.len += part.len();
            self.batch.tail.extend_from_slice(part);
            self.hand_over_if_full()?;
        }
        Ok(())
    }

    fn hand_over_if_full(&mut self) -> io::Result<()> {
        if self.batch.len < BATCH {
            return Ok(());
        }
        let batch = std::mem::take(&mut self.batch);
        if self.thread.is_none() {
            let (sender, batches) = sync_channel(WAITING);
            let file = self.file.clone();
            let thread = thread::Builder::new().name("write".to_owned()).spawn(move || write_all(&file, batches))?;
            self.thread = Some((sender, thread));
        }
        match &self.thread {
            // The thread ended: `join` returns its error.
            Some((sender, _)) if sender.send(batch).is_err() => self.join().and(Err(io::ErrorKind::BrokenPipe.into())),
            _ => Ok(()),
        }
    }

    /// Waits until everything handed over is written.
    fn join(&mut self) -> io::Result<()> {
        let Some((sender, thread)) = self.thread.take() else { return Ok(()) };
        drop(sender);
        joined(thread)
    }

    fn flush(&mut self) -> io::Result<()> {
        let batch = std::mem::take(&mut self.batch);
        // After a failed write nothing may follow: what is kept must be the beginning of the file.
        self.join()?;
        batch.write_to(&self.file)
    }

    /// The file, with everything that was handed over synced to the disk.
    pub(crate) fn finish(mut self) -> io::Result<Arc<File>> {
        self.flush()?;
        self.file.sync_data()?;
        Ok(self.file.clone())
    }
}

impl Drop for Writer {
    /// Keeps what was received, as far as possible.
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

impl Batch {
    fn close(&mut self) {
        if !self.tail.is_empty() {
            self.pieces.push(self.tail.split().freeze());
        }
    }

    fn write_to(mut self, mut file: &File) -> io::Result<()> {
        self.close();
        let mut slices: Vec<IoSlice<'_>> = self.pieces.iter().map(|piece| IoSlice::new(piece)).collect();
        let mut slices = slices.as_mut_slice();
        // Empty slices at the front would look like a write of zero bytes.
        IoSlice::advance_slices(&mut slices, 0);
        while !slices.is_empty() {
            match file.write_vectored(slices) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut slices, written),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Writes batches, and lets another thread sync them. The system reports a disk error once, to the first sync after it,
/// so no result of a sync may be dropped.
fn write_all(file: &Arc<File>, batches: Receiver<Batch>) -> io::Result<()> {
    let mut syncing: Option<(SyncSender<()>, JoinHandle<io::Result<()>>)> = None;
    let mut unsynced = 0;
    let write = || {
        for batch in batches {
            unsynced += batch.len;
            batch.write_to(file)?;
            if unsynced < STRIDE {
                continue;
            }
            unsynced = 0;
            if syncing.is_none() {
                let (sender, asked) = sync_channel(1);
                let file = file.clone();
                let sync = move || asked.into_iter().try_for_each(|()| file.sync_data());
                syncing = Some((sender, thread::Builder::new().name("sync".to_owned()).spawn(sync)?));
            }
            // A sync that is already requested will do.
            if let Some((sender, _)) = &syncing {
                let _ = sender.try_send(());
            }
        }
        Ok(())
    };
    let written = write();
    let synced = syncing.map_or(Ok(()), |(sender, thread)| {
        drop(sender);
        joined(thread)
    });
    written.and(synced)
}

fn joined(thread: JoinHandle<io::Result<()>>) -> io::Result<()> {
    thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread ended")))
}

#[cfg(test)]
mod tests {
    use super::{BATCH, SMALL, STRIDE, Writer};
    use bytes::Bytes;
    use std::fs::{File, OpenOptions};

    /// Pieces of many lengths, some empty, as they come from a network.
    fn pieces(total: usize) -> Vec<Bytes> {
        let whole: Bytes = (0..total).map(|at| u8::try_from(at % 251).unwrap_or_default()).collect();
        let mut at = 0;
        let mut len = 0;
        let mut pieces = Vec::new();
        while at < total {
            let end = (at + len).min(total);
            pieces.push(whole.slice(at..end));
            (at, len) = (end, (len * 3 + 1) % 300_007);
        }
        pieces
    }

    #[test]
    fn everything_is_written_in_order_however_it_comes() {
        let folder = tempfile::tempdir().unwrap();
        for total in [0, 1, BATCH - 1, BATCH, 5 * BATCH + 3, 2 * STRIDE + 1] {
            let path = folder.path().join(total.to_string());
            let mut writer = Writer::new(File::create(&path).unwrap());
            let pieces = pieces(total);
            for (number, piece) in pieces.iter().enumerate() {
                if number % 3 == 0 { writer.copy(piece) } else { writer.push(piece.clone()) }.unwrap();
            }
            writer.finish().unwrap();
            assert!(std::fs::read(&path).unwrap() == pieces.concat(), "{total}");
        }
    }

    #[test]
    fn what_was_handed_over_is_kept_when_no_more_comes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part");
        let mut writer = Writer::new(File::create(&path).unwrap());
        let pieces = pieces(3 * BATCH + 5);
        pieces.iter().for_each(|piece| writer.push(piece.clone()).unwrap());
        drop(writer);
        assert!(std::fs::read(&path).unwrap() == pieces.concat());
    }

    #[test]
    fn small_pieces_hold_on_to_no_buffer_of_the_networks() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::new(File::create(folder.path().join("part")).unwrap());
        let buffer = Bytes::from(vec![0; SMALL]);
        (0..SMALL).for_each(|at| writer.push(buffer.slice(at..=at)).unwrap());
        assert!(writer.batch.pieces.is_empty() && buffer.is_unique());
        writer.push(buffer.clone()).unwrap();
        assert!(!buffer.is_unique(), "a large one is not copied");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error() {
        for total in [1, 10 * BATCH] {
            let mut writer = Writer::new(OpenOptions::new().write(true).open("/dev/full").unwrap());
            let pushed = pieces(total).into_iter().try_for_each(|piece| writer.push(piece));
            let error = pushed.and_then(|()| writer.finish().map(drop)).unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::StorageFull, "{total}");
        }
    }
}
