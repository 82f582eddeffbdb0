package io.clutch.security;

import com.google.common.collect.ImmutableList;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at files ten times a second, and has them read again when they have changed and then stayed
 * the same for a moment: a file that is just being written is left alone. By looking, for not every
 * file system tells of changes. What cannot be read leaves in use what was read before, and is
 * tried again each time: what is wrong may be mended without a trace on the file, such as its
 * owner.
 */
final class FileWatch implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(FileWatch.class);

  private static final long PERIOD_MILLIS = 100;

  private final List<Watched> watched = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          new ThreadFactoryBuilder().setNameFormat("clutch-credentials").setDaemon(true).build());

  /** Reads files, and puts what they hold where it is used. */
  @FunctionalInterface
  interface Reader {
    void read() throws IOException, GeneralSecurityException;
  }

  /**
   * Reads files now, and whenever they have changed. To be called by one thread.
   *
   * @param what they are, for logs
   * @throws IOException where they cannot be read now, or what is in them is of no use
   */
  void readAndWatch(String what, ImmutableList<Path> files, Reader reader) throws IOException {
    ImmutableList<FileStamp> stamps = FileStamp.of(files);
    try {
      reader.read();
    } catch (GeneralSecurityException e) {
      throw new IOException("%s cannot be used: %s".formatted(what, e.getMessage()), e);
    }
    watched.add(new Watched(what, files, reader, stamps));
    if (watched.size() == 1) {
      var unused =
          thread.scheduleWithFixedDelay(
              this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void look() {
    for (Watched one : watched) {
      try {
        one.look();
      } catch (RuntimeException | Error e) {
        log.error("cannot look at {}", one.what, e);
      }
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }

  /** Files that belong together. Owned by the thread, once it is there. */
  private static final class Watched {
    private final String what;
    private final ImmutableList<Path> files;
    private final Reader reader;

    /** As they were when they were read last, whether that worked or not. */
    private ImmutableList<FileStamp> read;

    /** As they were seen last. */
    private ImmutableList<FileStamp> seen;

    /** Why they could not be read last; empty where they could. */
    private String failure = "";

    Watched(
        String what, ImmutableList<Path> files, Reader reader, ImmutableList<FileStamp> stamps) {
      this.what = what;
      this.files = files;
      this.reader = reader;
      this.read = stamps;
      this.seen = stamps;
    }

    void look() {
      ImmutableList<FileStamp> now = FileStamp.of(files);
      boolean isStable = now.equals(seen);
      seen = now;
      if (!isStable || (now.equals(read) && failure.isEmpty())) {
        return;
      }
      read = now;
      try {
        reader.read();
        failure = "";
        log.info("{} read again, for it has changed", what);
      } catch (IOException | GeneralSecurityException | RuntimeException | Error e) {
        // Whatever it is, it must be tried again: tokens that were taken out would work on.
        tellOf(e.toString());
      }
    }

    private void tellOf(String why) {
      if (!why.equals(failure)) {
        log.error("{} has changed and cannot be used; what was read before stays: {}", what, why);
      }
      failure = why;
    }
  }
}
