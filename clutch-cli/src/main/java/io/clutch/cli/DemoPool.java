package io.clutch.cli;

import static io.clutch.cli.DemoCalls.title;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import com.google.common.collect.ImmutableSet;
import io.clutch.client.ClutchClient;
import io.clutch.client.Outcome;
import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import io.clutch.supervisor.PoolControl;
import io.clutch.v1.ChildStatus;
import io.clutch.v1.PoolStatus;
import io.clutch.v1.WatchResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** The part of the demo that shows what a pool of processes is good for. */
final class DemoPool implements AutoCloseable {

  private final int size;
  private final PrintWriter out;
  private final ClutchClient client;
  private final PoolControl control;

  DemoPool(ClutchClient client, Path controlPath, int size, PrintWriter out) throws IOException {
    this.client = client;
    this.size = size;
    this.out = out;
    this.control = PoolControl.connect(controlPath);
  }

  void showProcesses() throws IOException {
    title(out, "One client reaches every process: each call goes to the one with the least to do.");
    // The first answer tells the client how many processes there are.
    client.request("sleep", 0, Long.class);
    List<Outcome<Long>> outcomes =
        client.requestMulti(Collections.nCopies(size * 4, Request.of("sleep", 50, Long.class)));
    Map<Long, Long> calls =
        outcomes.stream().collect(groupingBy(Outcome::result, TreeMap::new, counting()));
    calls.forEach((pid, count) -> out.printf("process %d: %d calls%n", pid, count));
    out.println("$ ./clutch status");
    out.print(PoolText.table(control.status()));
  }

  void showCrash() throws IOException {
    title(out, "A function crashes its process: its caller is told, the others don't notice.");
    out.println("$ ./clutch call crash");
    try {
      client.request("crash", null, Void.class);
    } catch (ClutchException expected) {
      out.println(Text.of(expected));
    }
    awaitWhole();
    out.printf("The pool is whole again: %s%n", pids(control.status()));
  }

  /** Follows the pool until all its children are ready. */
  private void awaitWhole() throws IOException {
    AtomicBoolean died = new AtomicBoolean();
    AtomicBoolean whole = new AtomicBoolean();
    control.watchWhile(
        now -> {
          PoolStatus pool = now.getPool();
          boolean allReady =
              pool.getChildrenList().stream()
                      .filter(child -> child.getState() == ChildStatus.State.READY)
                      .count()
                  == size;
          died.compareAndSet(false, !allReady || hasCrash(now));
          whole.set(died.get() && allReady);
          return !whole.get();
        });
  }

  private static boolean hasCrash(WatchResponse now) {
    return now.getPool().getRecentEventsList().stream()
        .anyMatch(event -> event.getKind() == io.clutch.v1.PoolEvent.Kind.CRASHED);
  }

  void showRestart() throws IOException, InterruptedException {
    title(out, "A new version: every process is replaced, one after another, while calls go on.");
    out.println("$ ./clutch restart");
    ImmutableSet<Long> before = pids(control.status());
    AtomicLong calls = new AtomicLong();
    AtomicLong failed = new AtomicLong();
    AtomicBoolean done = new AtomicBoolean();
    List<Thread> callers = Stream.generate(() -> caller(done, calls, failed)).limit(size).toList();
    try {
      AtomicLong shown = new AtomicLong();
      control.restart(
          progress -> {
            if (shown.getAndSet(progress.getDone()) < progress.getDone()) {
              out.printf("%d of %d are replaced.%n", progress.getDone(), progress.getTotal());
            }
          });
    } finally {
      done.set(true);
      for (Thread caller : callers) {
        caller.join();
      }
    }
    out.printf("%d calls meanwhile, %d failed.%n", calls.get(), failed.get());
    out.printf("Before: %s, after: %s%n", before, pids(control.status()));
    if (failed.get() > 0) {
      throw new IOException("calls failed during the restart");
    }
  }

  private Thread caller(AtomicBoolean done, AtomicLong calls, AtomicLong failed) {
    Thread thread =
        new Thread(
            () -> {
              while (!done.get()) {
                try {
                  client.request("sleep", 1, Long.class);
                } catch (ClutchException e) {
                  failed.incrementAndGet();
                }
                calls.incrementAndGet();
              }
            },
            "clutch-demo-caller");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static ImmutableSet<Long> pids(PoolStatus pool) {
    return pool.getChildrenList().stream()
        .map(ChildStatus::getProcessId)
        .collect(ImmutableSet.toImmutableSet());
  }

  @Override
  public void close() {
    control.close();
  }
}
