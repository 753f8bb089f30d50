//! A listener that may take one connection at a time.

use crate::Fault;
use crate::state::{State, lock};
use axum::serve::Listener;
use std::io::{IoSlice, Result};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// A listener that heeds [`Fault::OneConnection`].
pub(crate) struct Choosy {
    listener: TcpListener,
    cdn: bool,
    state: Arc<Mutex<State>>,
    live: Arc<()>,
}

impl Choosy {
    pub(crate) fn new(listener: TcpListener, cdn: bool, state: Arc<Mutex<State>>) -> Self {
        Self { listener, cdn, state, live: Arc::default() }
    }
}

impl Listener for Choosy {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            let (stream, from) = Listener::accept(&mut self.listener).await;
            let choosy = self.cdn && lock(&self.state).faults.contains(&Fault::OneConnection);
            if !choosy || Arc::strong_count(&self.live) == 1 {
                return (Connection { stream, _live: self.live.clone() }, from);
            }
        }
    }

    fn local_addr(&self) -> Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that is counted while it lives.
pub(crate) struct Connection {
    stream: TcpStream,
    _live: Arc<()>,
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
