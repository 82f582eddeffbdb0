package io.clutch.protocol;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.CodedOutputStream;
import io.clutch.v1.Payload;
import io.clutch.v1.ValueDescription;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one seam between values and payloads: nothing below it knows user classes. Immutable and
 * thread-safe.
 *
 * <p>{@link #standard()} knows, in this order:
 *
 * <ol>
 *   <li>{@link Payload} itself, passed through unchanged;
 *   <li>protobuf messages;
 *   <li>{@code byte[]} and {@link com.google.protobuf.ByteString};
 *   <li>everything else, as JSON: text, numbers, records, collections, {@code java.time} (see
 *       {@link JsonPayloadConverter}).
 * </ol>
 *
 * <p>Null has the payload without content.
 */
public final class PayloadCodec {

  private static final PayloadCodec STANDARD =
      new PayloadCodec(
          ImmutableList.of(
              new RawConverter(),
              new MessageConverter(),
              new BytesConverter(),
              JsonPayloadConverter.standard()));

  private final ImmutableList<PayloadConverter> converters;

  private PayloadCodec(ImmutableList<PayloadConverter> converters) {
    this.converters = converters;
  }

  /** The built-in converters. */
  public static PayloadCodec standard() {
    return STANDARD;
  }

  /** {@code first} in front of the built-in converters. */
  public static PayloadCodec withFirst(List<? extends PayloadConverter> first) {
    return first.isEmpty()
        ? STANDARD
        : new PayloadCodec(
            ImmutableList.<PayloadConverter>builder()
                .addAll(first)
                .addAll(STANDARD.converters)
                .build());
  }

  /**
   * The payload of {@code value}.
   *
   * @throws ConversionException where it has none
   */
  public Payload encode(@Nullable Object value) {
    if (value == null) {
      return Payload.getDefaultInstance();
    }
    // Without an iterator: this is done for every call.
    for (int i = 0; i < converters.size(); i++) {
      PayloadConverter converter = converters.get(i);
      try {
        if (converter.canEncode(value)) {
          return converter.encode(value);
        }
      } catch (RuntimeException e) {
        throw failed(converter, e);
      }
    }
    throw new ConversionException("no converter takes a " + value.getClass().getName());
  }

  /**
   * The value in {@code payload}, as a {@code type}. A payload without content is null. {@code
   * void} and {@link Void} take any payload and give null.
   *
   * @throws ConversionException where it does not fit
   */
  public @Nullable Object decode(Payload payload, Type type) {
    requireNonNull(type);
    if (type == Void.class || type == void.class) {
      return null;
    }
    if (isEmpty(payload)) {
      if (type instanceof Class<?> c && c.isPrimitive()) {
        throw new ConversionException("no value does not fit " + type.getTypeName());
      }
      return type == Payload.class ? payload : null;
    }
    // Without an iterator: this is done for every call.
    for (int i = 0; i < converters.size(); i++) {
      PayloadConverter converter = converters.get(i);
      try {
        if (converter.canDecode(payload, type)) {
          return converter.decode(payload, type);
        }
      } catch (RuntimeException e) {
        throw failed(converter, e);
      }
    }
    throw new ConversionException(
        "%s does not fit %s".formatted(kind(payload), type.getTypeName()));
  }

  /** What the payloads of values declared as {@code type} are like: {@link #encode} made them. */
  public ValueDescription describeWritten(Type type) {
    return describe(type, false);
  }

  /** What the payloads are like that {@link #decode} makes a {@code type} of. */
  public ValueDescription describeRead(Type type) {
    return describe(type, true);
  }

  private ValueDescription describe(Type type, boolean isRead) {
    if (type == Void.class || type == void.class) {
      return ValueDescription.newBuilder().setKind(ValueDescription.Kind.NONE).build();
    }
    if (type == Object.class || type == Payload.class) {
      return ValueDescription.getDefaultInstance();
    }
    ValueDescription.Builder description =
        describer(type)
            .map(converter -> converter.describe(type, isRead))
            .orElseGet(ValueDescription::newBuilder);
    return description.getKind() == ValueDescription.Kind.MESSAGE
        ? description.build()
        : description.setType(type.getTypeName()).build();
  }

  /** The converter that has all values of the type; empty where that is not known. */
  private Optional<DescribingConverter> describer(Type type) {
    List<PayloadConverter> takers =
        converters.stream().filter(converter -> converter.mayTake(type)).toList();
    // JSON has what the others leave. In front of them, it leaves them what is no JSON.
    boolean isCertain =
        takers.stream().skip(1).allMatch(converter -> converter instanceof JsonPayloadConverter);
    return isCertain && takers.get(0) instanceof DescribingConverter first
        ? Optional.of(first)
        : Optional.empty();
  }

  /** Whether {@code payload} is "no value": without content, or JSON's null. */
  public static boolean isEmpty(Payload payload) {
    return switch (payload.getContentCase()) {
      case CONTENT_NOT_SET -> true;
      case JSON -> payload.getJson().equals("null");
      case DATA, MESSAGE -> false;
    };
  }

  /** The number of bytes of the content, which limits on payloads count. */
  public static int size(Payload payload) {
    int whole = payload.getSerializedSize();
    if (whole == 0) {
      return 0;
    }
    // The content follows one byte of tag and its own length; the latter's length depends on it.
    int size = whole - 2;
    while (1 + CodedOutputStream.computeUInt32SizeNoTag(size) + size > whole) {
      size--;
    }
    return size;
  }

  /** Converters are users' code: whatever one throws is a conversion that failed. */
  private static ConversionException failed(PayloadConverter converter, RuntimeException thrown) {
    return thrown instanceof ConversionException expected
        ? expected
        : new ConversionException(
            "%s failed: %s".formatted(converter.getClass().getName(), thrown), thrown);
  }

  private static String kind(Payload payload) {
    return switch (payload.getContentCase()) {
      case JSON -> "a JSON value";
      case DATA -> "bytes";
      case MESSAGE -> "a message " + MessageConverter.name(payload.getMessage());
      case CONTENT_NOT_SET -> "no value";
    };
  }
}
