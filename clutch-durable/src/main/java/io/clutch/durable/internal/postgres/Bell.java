package io.clutch.durable.internal.postgres;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.durable.internal.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells processes on other machines that jobs wait, and is told so by them: by LISTEN and NOTIFY. A
 * word that is lost costs time and nothing else, for every process looks now and then. Thread-safe.
 */
final class Bell implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Bell.class);

  private static final String CHANNEL = "clutch_jobs";

  /** The database has all commits that ring wait for each other. */
  private static final long RING_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** How long it hears nothing before it looks whether the connection is still there. */
  private static final int SILENCE_MILLIS = 10_000;

  private static final Duration PAUSE = Duration.ofMillis(500);

  private final DataSource database;
  private final Transactions transactions;
  private final String self;
  private final Runnable jobsWait;
  private final ScheduledExecutorService ringer =
      Executors.newSingleThreadScheduledExecutor(
          new ThreadFactoryBuilder().setNameFormat("clutch-jobs-bell").setDaemon(true).build());
  private final AtomicBoolean isToRing = new AtomicBoolean();
  private final Thread listener = new Thread(this::listen, "clutch-jobs-ear");
  private volatile boolean closed;

  /** What {@link #listener} listens on. */
  private volatile @Nullable Connection open;

  @GuardedBy("this")
  private long rangNanos = System.nanoTime() - RING_NANOS;

  /**
   * @param self unlike all others
   * @param jobsWait is told that others have jobs that wait
   */
  Bell(DataSource database, Transactions transactions, String self, Runnable jobsWait) {
    this.database = database;
    this.transactions = transactions;
    this.self = self;
    this.jobsWait = jobsWait;
    listener.setDaemon(true);
    listener.start();
  }

  /** Tells the others that jobs wait. Returns at once. */
  void ring() {
    if (isToRing.compareAndSet(false, true)) {
      try {
        long wait = Math.max(0, lastRing() + RING_NANOS - System.nanoTime());
        var unused = ringer.schedule(this::ringNow, wait, TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        log.debug("closed", e);
      }
    }
  }

  private synchronized long lastRing() {
    return rangNanos;
  }

  private void ringNow() {
    isToRing.set(false);
    synchronized (this) {
      rangNanos = System.nanoTime();
    }
    try {
      boolean unused =
          transactions.write(
              false,
              connection -> {
                try (PreparedStatement notify =
                    connection.prepareStatement("SELECT pg_notify(?, ?)")) {
                  notify.setString(1, CHANNEL);
                  notify.setString(2, self);
                  return notify.execute();
                }
              });
    } catch (StoreException | RuntimeException e) {
      log.debug("cannot tell other processes that jobs wait", e);
    }
  }

  private void listen() {
    while (!closed) {
      try (Connection connection = database.getConnection()) {
        open = connection;
        Transactions.run(connection, "LISTEN " + CHANNEL);
        // What was told before was not heard.
        jobsWait.run();
        hear(connection);
      } catch (SQLException | RuntimeException e) {
        log.debug("cannot hear other processes", e);
      }
      if (!closed) {
        Uninterruptibles.sleepUninterruptibly(PAUSE);
      }
    }
  }

  private void hear(Connection connection) throws SQLException {
    PGConnection ear = connection.unwrap(PGConnection.class);
    while (!closed) {
      PGNotification[] heard = ear.getNotifications(SILENCE_MILLIS);
      if (heard == null || heard.length == 0) {
        Transactions.run(connection, "SELECT 1");
      } else {
        for (PGNotification notification : heard) {
          if (!notification.getParameter().equals(self)) {
            jobsWait.run();
            break;
          }
        }
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    ringer.shutdownNow();
    Connection listening = open;
    if (listening != null) {
      try {
        listening.abort(Runnable::run);
      } catch (SQLException e) {
        log.debug("was closed", e);
      }
    }
  }
}
