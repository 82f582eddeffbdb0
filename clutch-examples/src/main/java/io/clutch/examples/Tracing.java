package io.clutch.examples;

import com.google.common.collect.ImmutableList;
import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.supervisor.Supervisor;
import io.clutch.worker.Worker;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One trace through several processes: this one calls a pool of two, and each of the three prints
 * its own spans. Lines of the pool's processes have {@code [slot pid]} in front.
 */
public final class Tracing {

  private static final int PROCESSES = 2;

  private Tracing() {}

  /**
   * Starts a pool of this same program, and calls it.
   *
   * @param args {@code worker} in the pool's processes, else nothing
   */
  public static void main(String[] args) throws IOException {
    try (OpenTelemetrySdk telemetry = telemetry()) {
      if (args.length == 1 && args[0].equals("worker")) {
        serve(telemetry);
      } else {
        callPool(telemetry);
      }
    }
  }

  /** Every process has one of its own; what it prints is flushed when it is closed. */
  private static OpenTelemetrySdk telemetry() {
    return OpenTelemetrySdk.builder()
        .setTracerProvider(
            SdkTracerProvider.builder()
                .addSpanProcessor(SimpleSpanProcessor.create(new SpanPrinter()))
                .build())
        .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
        .build();
  }

  private static void serve(OpenTelemetrySdk telemetry) throws IOException {
    Worker.builder()
        .openTelemetry(telemetry)
        .concurrency(1)
        .function(
            "thumbnail",
            String.class,
            (picture, call) -> call.cascade("scale", picture, String.class) + ".png")
        .function(
            "scale",
            String.class,
            picture -> {
              Thread.sleep(100); // as if it were work
              return picture + "-small";
            })
        .build()
        .run();
  }

  private static void callPool(OpenTelemetrySdk telemetry) throws IOException {
    Path folder = Files.createTempDirectory("tracing");
    try (Supervisor supervisor =
            Supervisor.builder()
                .address("127.0.0.1:0")
                .controlPath(folder.resolve("control.sock"))
                .maxWorkers(PROCESSES)
                .command(thisProgram("worker"))
                .start();
        ClutchClient client =
            ClutchClient.builder()
                .openTelemetry(telemetry)
                .servers(supervisor.addresses().get(0))
                .timeout(Duration.ofMinutes(1))
                .build()) {
      awaitAll(client);
      Span album = telemetry.getTracer("tracing").spanBuilder("album").startSpan();
      try (Scope inAlbum = album.makeCurrent()) {
        // One more than there are places: it waits in the client.
        client.requestMulti(List.of(thumbnail("cat"), thumbnail("dog"), thumbnail("fox")));
      } finally {
        album.end();
      }
    }
    Files.delete(folder);
  }

  private static Request<String> thumbnail(String picture) {
    return Request.of("thumbnail", picture, String.class);
  }

  /** Waits until the client is connected to every process. It is no call, so it has no span. */
  private static void awaitAll(ClutchClient client) {
    Set<Long> processes = new HashSet<>();
    while (processes.size() < PROCESSES) {
      processes.add(client.describe().getProcessId());
    }
  }

  private static List<String> thisProgram(String argument) {
    return ImmutableList.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        System.getProperty("java.class.path"),
        Tracing.class.getName(),
        argument);
  }
}
