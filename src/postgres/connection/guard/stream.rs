//! The stream that the driver reads and writes.

use std::io;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use postgres::Socket;
use postgres::tls::ChannelBinding;
use postgres_openssl::TlsStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::frames::Frames;
use super::wait::Wait;
use super::{Rules, Violation};

/// Bytes that are read at once.
const READ: usize = 64 << 10;

/// What the bytes travel over.
pub(super) enum Inner {
    Plain(Socket),
    Encrypted(TlsStream<Socket>),
}

/// A connection that is watched.
pub struct GuardedStream {
    inner: Inner,
    rules: Rules,
    frames: Frames,
    /// What was read, from the first place to the second.
    incoming: Box<[u8]>,
    begin: usize,
    end: usize,
    /// Lasts while an answer is waited for.
    wait: Option<Wait>,
}

impl GuardedStream {
    pub(super) fn new(inner: Inner, rules: Rules) -> GuardedStream {
        GuardedStream {
            frames: Frames::new(matches!(inner, Inner::Encrypted(_))),
            inner,
            rules,
            incoming: vec![0; READ].into_boxed_slice(),
            begin: 0,
            end: 0,
            wait: None,
        }
    }

    /// Ends the wait for an answer that does not come.
    fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wait = self.wait.get_or_insert_with(|| Wait::begin(&self.rules));
        let violation = ready!(wait.poll_violation(cx, &self.rules, self.frames.is_started()));
        match violation {
            Violation::Unanswered(_) => self.note_loss(),
            _ => self.rules.was_silent.store(true, Ordering::Relaxed),
        }
        Poll::Ready(Err(violation.into_io_error()))
    }

    /// Notes that the connection is gone, for the others of the run.
    fn note_loss(&self) {
        if self.frames.is_started() {
            self.rules.note_loss();
        }
    }

    /// Reads once; the number of bytes.
    fn poll_incoming(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(&mut self.incoming);
        let read = match &mut self.inner {
            Inner::Plain(stream) => Pin::new(stream).poll_read(cx, &mut buffer),
            Inner::Encrypted(stream) => Pin::new(stream).poll_read(cx, &mut buffer),
        };
        ready!(read)?;
        Poll::Ready(Ok(buffer.filled().len()))
    }
}

impl AsyncRead for GuardedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = out.filled().len();
        loop {
            let input = this.incoming.get(this.begin..this.end).unwrap_or_default();
            let taken = this.frames.pass_on(input, out, &this.rules);
            this.begin += taken.map_err(Violation::into_io_error)?;
            if out.filled().len() > before || out.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            match this.poll_incoming(cx) {
                Poll::Pending => return this.poll_wait(cx),
                Poll::Ready(Err(error)) => {
                    this.note_loss();
                    return Poll::Ready(Err(error));
                }
                Poll::Ready(Ok(0)) => {
                    this.note_loss();
                    return Poll::Ready(Ok(()));
                }
                Poll::Ready(Ok(read)) => {
                    (this.begin, this.end, this.wait) = (0, read, None);
                }
            }
        }
    }
}

impl AsyncWrite for GuardedStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.frames.note_request();
        let written = match &mut this.inner {
            Inner::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Inner::Encrypted(stream) => Pin::new(stream).poll_write(cx, bytes),
        };
        if let (Poll::Ready(_), Some(wait)) = (&written, &mut this.wait) {
            wait.restart();
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().inner {
            Inner::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Inner::Encrypted(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().inner {
            Inner::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Inner::Encrypted(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

impl postgres::tls::TlsStream for GuardedStream {
    fn channel_binding(&self) -> ChannelBinding {
        match &self.inner {
            Inner::Plain(_) => ChannelBinding::none(),
            Inner::Encrypted(stream) => stream.channel_binding(),
        }
    }
}
