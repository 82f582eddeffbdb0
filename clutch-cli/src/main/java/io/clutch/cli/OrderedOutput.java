package io.clutch.cli;

import java.io.PrintWriter;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;

/**
 * Prints lines in the order in which they were asked for, each as soon as it and all before it are
 * there; holds a bounded number of them. One thread adds, one prints.
 */
final class OrderedOutput {

  /**
   * A line to print.
   *
   * @param success whether it tells of a success
   */
  record Line(String text, boolean success) {}

  private static final CompletableFuture<Line> END = new CompletableFuture<>();

  private final BlockingQueue<CompletableFuture<Line>> pending;
  private final PrintWriter out;
  private final Thread printer = new Thread(this::print, "clutch-output");
  private volatile boolean allSucceeded = true;

  OrderedOutput(int capacity, PrintWriter out) {
    this.pending = new ArrayBlockingQueue<>(capacity);
    this.out = out;
    printer.setDaemon(true);
  }

  void start() {
    printer.start();
  }

  /** Adds a line; waits while too many are still to come. */
  void add(CompletableFuture<Line> line) throws InterruptedException {
    pending.put(line);
  }

  /** Waits until everything is printed; whether all lines were successes. */
  boolean finish() throws InterruptedException {
    pending.put(END);
    printer.join();
    return allSucceeded;
  }

  private void print() {
    try {
      for (var line = pending.take(); line != END; line = pending.take()) {
        Line ready = line.join();
        allSucceeded &= ready.success();
        out.println(ready.text());
      }
    } catch (InterruptedException e) {
      allSucceeded = false;
    }
  }
}
