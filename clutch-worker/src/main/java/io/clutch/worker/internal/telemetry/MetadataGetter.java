package io.clutch.worker.internal.telemetry;

import io.grpc.Metadata;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.Collections;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Reads what the caller's telemetry sent along with a call. */
final class MetadataGetter implements TextMapGetter<Metadata> {

  static final MetadataGetter INSTANCE = new MetadataGetter();

  private MetadataGetter() {}

  @Override
  public @Nullable String get(@Nullable Metadata headers, String name) {
    Metadata.Key<String> key = key(name);
    return headers == null || key == null ? null : headers.get(key);
  }

  @Override
  public Iterator<String> getAll(@Nullable Metadata headers, String name) {
    Metadata.Key<String> key = key(name);
    Iterable<String> values = headers == null || key == null ? null : headers.getAll(key);
    return values == null ? Collections.emptyIterator() : values.iterator();
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
