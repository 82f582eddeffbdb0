package io.clutch.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.google.common.reflect.TypeToken;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.clutch.v1.Payload;
import io.clutch.v1.ValueDescription;
import io.clutch.v1.ValueDescription.Kind;
import java.io.Serializable;
import java.lang.reflect.Type;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a codec says of types. */
class DescriptionOfTypesTest {

  private static final PayloadCodec STANDARD = PayloadCodec.standard();

  record Sized(int widthInPixels) {}

  static Stream<Arguments> types() {
    return Stream.of(
        arguments(Void.class, Kind.NONE, "", ""),
        arguments(void.class, Kind.NONE, "", ""),
        arguments(Object.class, Kind.KIND_UNSPECIFIED, "", ""),
        arguments(Payload.class, Kind.KIND_UNSPECIFIED, "", ""),
        arguments(Serializable.class, Kind.KIND_UNSPECIFIED, "java.io.Serializable", ""),
        arguments(byte[].class, Kind.BYTES, "byte[]", ""),
        arguments(ByteString.class, Kind.BYTES, "com.google.protobuf.ByteString", ""),
        arguments(Timestamp.class, Kind.MESSAGE, "google.protobuf.Timestamp", ""),
        arguments(Any.class, Kind.MESSAGE, "google.protobuf.Any", ""),
        arguments(Message.class, Kind.MESSAGE, "", ""),
        arguments(DynamicMessage.class, Kind.MESSAGE, "", ""),
        arguments(String.class, Kind.JSON, "java.lang.String", "text"),
        arguments(int.class, Kind.JSON, "int", "integer"),
        arguments(
            new TypeToken<List<Integer>>() {}.getType(),
            Kind.JSON,
            "java.util.List<java.lang.Integer>",
            "[integer]"));
  }

  @ParameterizedTest
  @MethodSource("types")
  void theKindTheTypeAndTheShapeAreSaid(Type type, Kind kind, String name, String shape) {
    ValueDescription expected =
        ValueDescription.newBuilder().setKind(kind).setType(name).setShape(shape).build();

    assertThat(STANDARD.describeRead(type)).isEqualTo(expected);
    assertThat(STANDARD.describeWritten(type)).isEqualTo(expected);
  }

  /** Writes UUIDs as bytes. */
  private static class Uuids implements PayloadConverter {
    @Override
    public boolean canEncode(Object value) {
      return value instanceof UUID;
    }

    @Override
    public Payload encode(Object value) {
      return Payload.newBuilder().setData(ByteString.copyFromUtf8(value.toString())).build();
    }

    @Override
    public boolean canDecode(Payload payload, Type type) {
      return type == UUID.class && payload.hasData();
    }

    @Override
    public Object decode(Payload payload, Type type) {
      return UUID.fromString(payload.getData().toStringUtf8());
    }
  }

  @Test
  void whatAConverterMakesOfATypeIsNotKnown() {
    PayloadCodec codec = PayloadCodec.withFirst(List.of(new Uuids()));

    assertThat(codec.describeRead(UUID.class))
        .isEqualTo(ValueDescription.newBuilder().setType("java.util.UUID").build());
    assertThat(codec.describeRead(String.class).getKind()).isEqualTo(Kind.KIND_UNSPECIFIED);
    assertThat(codec.describeWritten(byte[].class).getKind()).isEqualTo(Kind.KIND_UNSPECIFIED);
    assertThat(codec.describeRead(Void.class).getKind()).isEqualTo(Kind.NONE);
  }

  @Test
  void aConverterThatSaysItsTypesLeavesTheOthersKnown() {
    PayloadCodec codec =
        PayloadCodec.withFirst(
            List.of(
                new Uuids() {
                  @Override
                  public boolean mayTake(Type type) {
                    return type == UUID.class;
                  }
                }));

    assertThat(codec.describeRead(UUID.class).getKind()).isEqualTo(Kind.KIND_UNSPECIFIED);
    assertThat(codec.describeRead(String.class)).isEqualTo(STANDARD.describeRead(String.class));
    assertThat(codec.describeRead(byte[].class)).isEqualTo(STANDARD.describeRead(byte[].class));
  }

  @Test
  void aMapperOfOnesOwnSaysWhatItWrites() {
    ObjectMapper mapper = JsonPayloadConverter.newMapper();
    mapper.setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
    PayloadCodec codec = PayloadCodec.withFirst(List.of(JsonPayloadConverter.with(mapper)));

    assertThat(codec.describeWritten(Sized.class).getShape())
        .isEqualTo("{width_in_pixels: integer}");
    // In front of the others it writes bytes as JSON, but leaves them to read bytes.
    assertThat(codec.describeRead(byte[].class).getKind()).isEqualTo(Kind.KIND_UNSPECIFIED);
    assertThat(codec.describeRead(Timestamp.class).getKind()).isEqualTo(Kind.KIND_UNSPECIFIED);
  }
}
