package io.clutch.client.internal.telemetry;

import com.google.common.base.CharMatcher;
import io.grpc.Metadata;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts what telemetry sends along into the headers of a call, as far as there is room: a worker
 * refuses more than 8 KiB of headers by default, and that should not happen to a call for the sake
 * of its baggage. What a transport adds, such as a token, is not known here. Thread-safe.
 */
final class HeaderInjection {

  /**
   * The most that all headers of a call may take, as HTTP/2 counts them: the 6 KiB that a request
   * may have of its own, and room for the trace. The rest is for what gRPC adds, and for a token of
   * some hundred characters.
   */
  static final int MOST = 6 * 1024 + 768;

  /** What HTTP/2 counts for each header beside its name and value (RFC 9113, 6.5.2). */
  private static final int OVERHEAD = 32;

  private static final CharMatcher PRINTABLE_ASCII = CharMatcher.inRange(' ', '~');
  private static final Logger log = LoggerFactory.getLogger(HeaderInjection.class);

  private final TextMapPropagator propagator;
  private final AtomicBoolean warned = new AtomicBoolean();

  HeaderInjection(TextMapPropagator propagator) {
    this.propagator = propagator;
  }

  void inject(Context context, Metadata headers) {
    Map<String, String> injected = new LinkedHashMap<>();
    propagator.inject(context, injected, (into, name, value) -> into.put(name, value));
    if (injected.isEmpty()) {
      return;
    }
    if (Span.fromContext(context).getSpanContext().isValid()) {
      // All of them, for a trace's state does not go with another trace.
      propagator.fields().forEach(name -> remove(headers, name));
    }
    injected.keySet().forEach(name -> remove(headers, name));
    int size = size(headers);
    // The small ones first: the trace is more important than what comes with it.
    List<Map.Entry<String, String>> entries =
        injected.entrySet().stream()
            .sorted(Comparator.comparingInt(HeaderInjection::size))
            .toList();
    for (Map.Entry<String, String> entry : entries) {
      Metadata.Key<String> key = key(entry.getKey());
      if (key == null || !PRINTABLE_ASCII.matchesAllOf(entry.getValue())) {
        leaveOut(entry, "it is no header that gRPC can send");
      } else if (size + size(entry) > MOST) {
        leaveOut(entry, "the headers would take more than " + MOST + " bytes");
      } else {
        headers.put(key, entry.getValue());
        size += size(entry);
      }
    }
  }

  private void leaveOut(Map.Entry<String, String> entry, String why) {
    if (warned.compareAndSet(false, true)) {
      log.warn(
          "calls go without telemetry's header '{}' of {} bytes: {}; further ones are not logged",
          entry.getKey(),
          entry.getValue().length(),
          why);
    }
  }

  private static void remove(Metadata headers, String name) {
    Metadata.Key<String> key = key(name);
    if (key != null) {
      headers.discardAll(key);
    }
  }

  private static int size(Metadata headers) {
    int size = 0;
    for (String name : headers.keys()) {
      Metadata.Key<String> key = key(name);
      String value = key == null ? null : headers.get(key);
      size += name.length() + OVERHEAD + (value == null ? 0 : value.length());
    }
    return size;
  }

  private static int size(Map.Entry<String, String> header) {
    return header.getKey().length() + header.getValue().length() + OVERHEAD;
  }

  /** Null where no header can have that name, such as {@code …-bin}, with a text as its value. */
  private static Metadata.@Nullable Key<String> key(String name) {
    try {
      return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
