package io.clutch.examples;

import static java.util.Objects.requireNonNullElse;

import io.clutch.v1.Payload;
import io.clutch.worker.Call;
import io.clutch.worker.FunctionDefinition;
import io.clutch.worker.FunctionModule;
import io.clutch.worker.FunctionRegistrar;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The worker to try things out with: functions that behave well and functions that don't. */
public final class DemoWorker implements FunctionModule {

  private static final long PID = ProcessHandle.current().pid();
  private static final int MEBIBYTE = 1024 * 1024;

  private final List<byte[]> leaked = Collections.synchronizedList(new ArrayList<>());

  /** Serves the functions at {@code CLUTCH_ADDRESS}, by default 127.0.0.1:9501. */
  public static void main(String[] args) throws IOException {
    Worker.builder().functions(new DemoWorker()).build().run();
  }

  @Override
  public void register(FunctionRegistrar<?> functions) {
    functions.function(
        FunctionDefinition.named("echo")
            .description("the text, behind the worker's process id")
            .argument(String.class)
            .result(String.class)
            .runs((text, call) -> PID + ":" + requireNonNullElse(text, "")));
    functions.function(
        FunctionDefinition.named("identity")
            .description("any value, unchanged")
            .argument(Payload.class)
            .result(Payload.class)
            .runs((value, call) -> value));
    functions.function(
        FunctionDefinition.named("sleep")
            .description("sleeps for so many milliseconds; the worker's process id")
            .argument(long.class)
            .result(long.class)
            .runs(DemoWorker::sleep));
    functions.function(
        FunctionDefinition.named("spin")
            .description("uses a processor for so many milliseconds, deaf to interruption")
            .argument(long.class)
            .result(long.class)
            .runs(DemoWorker::spin));
    functions.function(
        FunctionDefinition.named("fail")
            .description("fails with the text as its message")
            .argument(String.class)
            .result(Void.class)
            .runs(DemoWorker::fail));
    functions.function(
        FunctionDefinition.named("crash")
            .description("ends the worker's process with exit code 137, in the middle of the call")
            .result(Void.class)
            .runs(DemoWorker::crash));
    functions.function(
        FunctionDefinition.named("leak")
            .description("keeps so many MiB of heap for good; how many it keeps in all")
            .argument(int.class)
            .result(int.class)
            .runs((mebibytes, call) -> leak(mebibytes)));
    functions.function(
        FunctionDefinition.named("count")
            .description("appends a line to a file: a path, or {\"file\": …, \"line\": …}")
            .argument(Line.class)
            .result(long.class)
            .runs((line, call) -> count(line)));
    functions.function(
        FunctionDefinition.named("cascade")
            .description("what echo gives for the text, called through call.cascade")
            .argument(String.class)
            .result(String.class)
            .runs((text, call) -> call.cascade("echo", text, String.class)));
    functions.function(
        FunctionDefinition.named("progress")
            .description("works through {\"steps\": …, \"millis\": …}; the number of steps done")
            .argument(Steps.class)
            .result(int.class)
            .runs(DemoWorker::progress));
  }

  private static long sleep(long millis, Call call) throws InterruptedException {
    Thread.sleep(millis);
    return PID;
  }

  private static long spin(long millis, Call call) {
    long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    return PID;
  }

  private static @Nullable Void fail(@Nullable String message, Call call) {
    throw new IllegalStateException(message);
  }

  private static @Nullable Void crash(@Nullable Void nothing, Call call) {
    Runtime.getRuntime().halt(137);
    return null;
  }

  private int leak(int mebibytes) {
    for (int i = 0; i < mebibytes; i++) {
      leaked.add(new byte[MEBIBYTE]);
    }
    return leaked.size();
  }

  /** One write in append mode, so that lines of several processes do not mix. */
  private static long count(Line line) throws IOException {
    String text = requireNonNullElse(line.line(), String.valueOf(PID)) + "\n";
    Files.write(
        Path.of(line.file()),
        text.getBytes(StandardCharsets.UTF_8),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    return PID;
  }

  private static int progress(Steps steps, Call call) throws InterruptedException {
    for (int done = 1; done <= steps.steps(); done++) {
      Thread.sleep(steps.millis());
      call.progress(done, steps.steps(), "step " + done);
    }
    return steps.steps();
  }
}
