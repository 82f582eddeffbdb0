package io.clutch.cli;

import static io.clutch.cli.DemoCalls.title;

import com.google.common.collect.ImmutableSet;
import io.clutch.client.ClutchClient;
import io.clutch.protocol.ClutchException;
import io.clutch.supervisor.PoolControl;
import io.clutch.v1.ChildStatus;
import io.clutch.v1.PoolStatus;
import io.clutch.v1.WatchResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** The part of the demo that shows what a pool of processes is good for. */
final class DemoPool implements AutoCloseable {

  private final int size;
  private final PrintWriter out;
  private final PoolControl control;

  /** One for each process: a client's connection stays with one of them. */
  private final List<ClutchClient> clients = new ArrayList<>();

  DemoPool(String address, Path controlPath, int size, PrintWriter out) throws IOException {
    this.size = size;
    this.out = out;
    this.control = PoolControl.connect(controlPath);
    for (int i = 0; i < size; i++) {
      clients.add(ClutchClient.builder().servers(address).build());
    }
  }

  void showProcesses() throws IOException {
    title(out, "Connections are dealt out: four of them reach four processes.");
    Set<Long> pids = new TreeSet<>();
    for (ClutchClient client : clients) {
      Long pid = client.request("sleep", 0, Long.class);
      if (pid != null) {
        pids.add(pid);
      }
    }
    out.println("answered by " + pids);
    out.println("$ ./clutch status");
    out.print(PoolText.table(control.status()));
  }

  void showCrash(ClutchClient client) throws IOException {
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
    List<Thread> callers =
        clients.stream().map(client -> caller(client, done, calls, failed)).toList();
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

  private static Thread caller(
      ClutchClient client, AtomicBoolean done, AtomicLong calls, AtomicLong failed) {
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
    clients.forEach(ClutchClient::close);
    control.close();
  }
}
