package io.clutch.worker;

import com.google.common.base.CharMatcher;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.Header;
import io.clutch.v1.Origin;
import io.clutch.v1.StreamedCall;
import io.grpc.Metadata;

/**
 * The headers of single calls on a call stream, beside those of the stream. Immutable.
 *
 * @param stream whoever opened the stream
 * @param maxSize of the headers of one call, in bytes as HTTP/2 counts them
 * @param hidesAuthorization whether the header of that name is not for functions
 * @param isSibling whether it is believed what it says of the origin of calls
 */
record CallHeaders(Caller stream, int maxSize, boolean hidesAuthorization, boolean isSibling) {

  private static final CharMatcher LEGAL = CharMatcher.inRange(' ', '~');

  /** What HTTP/2 adds to the size of each header. */
  private static final int OVERHEAD = 32;

  /**
   * Whoever makes that call, with its headers.
   *
   * @throws ClutchException BAD_ARGUMENTS where a header is of no use, or they are too large
   */
  Caller of(StreamedCall call) {
    if (isSibling) {
      Origin origin = call.getOrigin();
      return new Caller(
          Origins.peer(origin), headers(call), stream.credentials(), Origins.identity(origin));
    }
    return call.getHeadersCount() == 0
        ? stream
        : new Caller(stream.peer(), headers(call), stream.credentials());
  }

  private Metadata headers(StreamedCall call) {
    Metadata headers = new Metadata();
    headers.merge(stream.metadata());
    int size = 0;
    for (Header header : call.getHeadersList()) {
      size += header.getName().length() + header.getValue().length() + OVERHEAD;
      put(headers, header.getName(), header.getValue());
    }
    if (size > maxSize) {
      throw ClutchException.notStarted(
          Reason.BAD_ARGUMENTS,
          "the headers have %d bytes; the worker's maxHeaderSize is %d".formatted(size, maxSize));
    }
    return headers;
  }

  private void put(Metadata headers, String name, String value) {
    Metadata.Key<String> key;
    try {
      key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    } catch (IllegalArgumentException e) {
      throw ofNoUse(name, String.valueOf(e.getMessage()));
    }
    if (!LEGAL.matchesAllOf(value)) {
      throw ofNoUse(name, "its value is not printable ASCII");
    }
    headers.discardAll(key);
    if (!hidesAuthorization || !key.name().equals("authorization")) {
      headers.put(key, value);
    }
  }

  private static ClutchException ofNoUse(String name, String why) {
    return ClutchException.builder(
            Reason.BAD_ARGUMENTS,
            Started.NO,
            "the header '%s' is of no use: %s".formatted(name, why))
        .build();
  }
}
