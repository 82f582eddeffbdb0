package io.clutch.supervisor.internal.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes whole lines of many children to one stream. Never blocks who brings them: where the stream
 * does not keep up, lines are dropped, and a line says how many. Thread-safe.
 */
public final class LineSink {

  /** How much may wait to be written; in bytes. */
  private static final long MOST_WAITING = 4 * 1024 * 1024;

  private final OutputStream stream;
  private final BlockingQueue<byte[]> waiting = new LinkedBlockingQueue<>();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final CountDownLatch ended = new CountDownLatch(1);

  /** An empty line that is never written: there will be no more. */
  private static final byte[] END = new byte[0];

  private LineSink(OutputStream stream) {
    this.stream = stream;
  }

  /** A sink with a thread of its own that writes to {@code stream}. */
  public static LineSink to(OutputStream stream, String name) {
    LineSink sink = new LineSink(stream);
    Thread writer = new Thread(sink::write, name);
    writer.setDaemon(true);
    writer.start();
    return sink;
  }

  /** Takes a line, with its line end. */
  void accept(byte[] line) {
    if (waitingBytes.addAndGet(line.length) > MOST_WAITING) {
      waitingBytes.addAndGet(-line.length);
      dropped.incrementAndGet();
    } else {
      waiting.add(line);
    }
  }

  private void write() {
    try {
      for (byte[] line = waiting.take(); line != END; line = waiting.take()) {
        stream.write(line);
        waitingBytes.addAndGet(-line.length);
        long lost = dropped.getAndSet(0);
        if (lost > 0) {
          stream.write(
              "clutch: %d lines of output were dropped: nobody read them in time%n"
                  .formatted(lost)
                  .getBytes(UTF_8));
        }
        if (waiting.isEmpty()) {
          stream.flush();
        }
      }
      stream.flush();
    } catch (IOException e) {
      // Whoever read it has gone. The children must not notice: lines are dropped from now on.
      waiting.clear();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.countDown();
    }
  }

  /** Writes what waits, as far as that is possible within the time; there must be no more. */
  public void close(Duration atMost) {
    waiting.add(END);
    try {
      boolean unused = ended.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
