package io.clutch.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.Version;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.google.protobuf.ByteString;
import io.clutch.protocol.internal.shape.JsonShapes;
import io.clutch.v1.Payload;
import io.clutch.v1.ValueDescription;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * Everything that JSON can say, with Jackson: text, numbers, booleans, records and beans,
 * collections, {@code Optional}, {@code java.time} (as ISO-8601 text, a zone in brackets behind
 * it), Jackson's own trees.
 *
 * <p>Nothing is lost or guessed: numbers keep their value (an untyped number comes back as {@code
 * Integer}, {@code Long}, {@code BigInteger}, {@code Double} or {@code BigDecimal}, the first that
 * holds it exactly); text is not taken for a number nor a number for text; NaN and the infinities,
 * which JSON doesn't have, are refused. Unknown properties are passed over, so that a caller may be
 * newer than a function. Class names on the wire are never followed.
 */
public final class JsonPayloadConverter implements DescribingConverter {

  private final ObjectMapper mapper;

  private JsonPayloadConverter(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  /** With the settings described above. */
  public static JsonPayloadConverter standard() {
    return Holder.STANDARD;
  }

  /** With a mapper of one's own, all of whose settings hold. */
  public static JsonPayloadConverter with(ObjectMapper mapper) {
    return new JsonPayloadConverter(requireNonNull(mapper));
  }

  /** A new mapper with the settings described above, to be built on. */
  public static ObjectMapper newMapper() {
    JsonFactory factory =
        new JsonFactoryBuilder()
            .streamReadConstraints(
                // The limit on messages already limits text; depth and digits keep Jackson's
                // limits.
                StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
            // Characters beyond U+FFFF as themselves, not as two escapes three times as long.
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            // The shortest text of a double, the same on every Java.
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .addDecorator((unused, generator) -> new FiniteNumbersGenerator(generator))
            .build();
    return JsonMapper.builder(factory)
        .addModule(new Jdk8Module())
        .addModule(new JavaTimeModule())
        .addModule(
            new SimpleModule("clutch", Version.unknownVersion(), FiniteNumbersDeserializer.all())
                .addDeserializer(Object.class, new ExactUntypedDeserializer()))
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
        .enable(SerializationFeature.WRITE_DATES_WITH_ZONE_ID)
        .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
        .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .enable(MapperFeature.BLOCK_UNSAFE_POLYMORPHIC_BASE_TYPES)
        .withCoercionConfig(
            LogicalType.Textual,
            config ->
                config
                    .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
        // Denies every class name; names that a type declares itself (@JsonSubTypes) are not
        // affected.
        .polymorphicTypeValidator(BasicPolymorphicTypeValidator.builder().build())
        .build();
  }

  @Override
  public boolean canEncode(Object value) {
    return true;
  }

  @Override
  public Payload encode(Object value) {
    ByteString.Output out = ByteString.newOutput();
    try {
      mapper.writeValue((OutputStream) out, value);
    } catch (IOException e) {
      throw new ConversionException(
          "a %s cannot be written as JSON: %s"
              .formatted(
                  value.getClass().getName(),
                  e instanceof JacksonException jackson ? jackson.getOriginalMessage() : e),
          e);
    }
    return Payload.newBuilder().setJsonBytes(out.toByteString()).build();
  }

  @Override
  public boolean canDecode(Payload payload, Type type) {
    return payload.hasJson();
  }

  @Override
  public @Nullable Object decode(Payload payload, Type type) {
    try {
      return mapper.readValue(payload.getJson(), mapper.constructType(type));
    } catch (NumberFormatException e) {
      throw JsonProblem.outOfRange(type);
    } catch (JsonProcessingException e) {
      throw JsonProblem.of(e, type);
    }
  }

  @Override
  public ValueDescription.Builder describe(Type type, boolean isRead) {
    return ValueDescription.newBuilder()
        .setKind(ValueDescription.Kind.JSON)
        .setShape(isRead ? JsonShapes.read(mapper, type) : JsonShapes.written(mapper, type));
  }

  private static final class Holder {
    static final JsonPayloadConverter STANDARD = new JsonPayloadConverter(newMapper());
  }
}
