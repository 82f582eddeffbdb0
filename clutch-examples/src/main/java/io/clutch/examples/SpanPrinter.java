package io.clutch.examples;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;

/** Prints a line for each span that ends, so that people see what belongs to what. */
final class SpanPrinter implements SpanExporter {

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    for (SpanData span : spans) {
      System.out.println(
          "trace %.8s span %.8s in %-8.8s %-8s %-18s %4d ms"
              .formatted(
                  span.getTraceId(),
                  span.getSpanId(),
                  span.getParentSpanContext().isValid() ? span.getParentSpanId() : "-",
                  span.getKind(),
                  span.getName(),
                  (span.getEndEpochNanos() - span.getStartEpochNanos()) / 1_000_000));
    }
    return CompletableResultCode.ofSuccess();
  }

  @Override
  public CompletableResultCode flush() {
    return CompletableResultCode.ofSuccess();
  }

  @Override
  public CompletableResultCode shutdown() {
    return CompletableResultCode.ofSuccess();
  }
}
