package io.clutch.it;

import io.clutch.worker.Call;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** A worker as a user writes one, with functions that the tests can steer. */
public final class TestWorker {

  private static final long PID = ProcessHandle.current().pid();

  private TestWorker() {}

  /** Serves. */
  public static void main(String[] args) throws IOException {
    Worker.builder()
        .function("text", String.class, text -> "got " + text)
        .function("map", Map.class, map -> map)
        .function("nothing", () -> {})
        .function("bytes", byte[].class, bytes -> bytes)
        .function("threeBytes", () -> new byte[] {0, -1, 16})
        .function("pid", () -> PID)
        .function("peer", String.class, (text, call) -> String.valueOf(call.peer().orElse(null)))
        // More than the heap has, but none of it kept: what is left has to serve the last words.
        .function("exhaust", () -> new long[Integer.MAX_VALUE - 8].length)
        .function("delay", int.class, TestWorker::delay)
        .function("append", String[].class, TestWorker::append)
        .function("appendSlowly", String[].class, TestWorker::appendSlowly)
        .function("hold", String.class, TestWorker::hold)
        .function("who", Void.class, (nothing, call) -> PID + " " + call.identity())
        .function("timeLeft", Void.class, (nothing, call) -> PID + " " + timeLeft(call))
        .function("outer", String.class, (text, call) -> call.cascade("text", text, String.class))
        .function("deep", int.class, TestWorker::deep)
        .function("arguments", () -> args)
        .build()
        .run();
  }

  private static int delay(int number) throws InterruptedException {
    pause(ThreadLocalRandom.current().nextInt(60));
    return number;
  }

  private static String append(String[] fileAndLine) throws IOException {
    Files.write(
        Path.of(fileAndLine[0]),
        (fileAndLine[1] + "\n").getBytes(StandardCharsets.UTF_8),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    return fileAndLine[1];
  }

  /** Takes 20 ms or so; gives its process id. */
  private static long appendSlowly(String[] fileAndLine) throws IOException, InterruptedException {
    String unused = append(fileAndLine);
    pause(20);
    return PID;
  }

  private static long timeLeft(Call call) {
    return Duration.between(Instant.now(), call.deadline().orElseThrow()).toMillis();
  }

  /** Tells by a file that it runs, and goes on when that file is gone. */
  private static String hold(String file) throws IOException, InterruptedException {
    Path path = Files.createFile(Path.of(file));
    while (Files.exists(path)) {
      pause(5);
    }
    return "released";
  }

  private static int deep(int depth, Call call) {
    return depth == 0 ? 0 : 1 + call.cascade("deep", depth - 1, Integer.class);
  }

  private static void pause(long millis) throws InterruptedException {
    boolean unused = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
  }
}
