package io.clutch.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.clutch.v1.Payload;
import java.lang.reflect.Type;
import java.util.List;
import org.junit.jupiter.api.Test;

class PayloadCodecTest {

  private final PayloadCodec codec = PayloadCodec.standard();

  private Object overTheWire(Object value, Type type) {
    try {
      return codec.decode(Payload.parseFrom(codec.encode(value).toByteArray()), type);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void nullIsNoValue() {
    assertThat(codec.encode(null)).isEqualTo(Payload.getDefaultInstance());
    assertThat(overTheWire(null, String.class)).isNull();
    assertThat(codec.decode(Payload.newBuilder().setJson("null").build(), String.class)).isNull();
  }

  @Test
  void emptyTextIsAValue() {
    assertThat(overTheWire("", String.class)).isEqualTo("");
    assertThat(PayloadCodec.isEmpty(codec.encode(""))).isFalse();
  }

  @Test
  void noValueDoesNotFitAPrimitive() {
    assertThatThrownBy(() -> overTheWire(null, int.class))
        .isInstanceOf(ConversionException.class)
        .hasMessageContaining("int");
  }

  @Test
  void voidTakesAnything() {
    assertThat(overTheWire("text", Void.class)).isNull();
    assertThat(overTheWire(new byte[] {1}, void.class)).isNull();
  }

  @Test
  void bytesAreKept() {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    assertThat(overTheWire(all, byte[].class)).isEqualTo(all);
    assertThat(overTheWire(ByteString.copyFrom(all), ByteString.class))
        .isEqualTo(ByteString.copyFrom(all));
    assertThat(overTheWire(all, Object.class)).isEqualTo(all);
    assertThat(overTheWire(new byte[0], byte[].class)).isEqualTo(new byte[0]);
  }

  @Test
  void bytesAreNoText() {
    assertThatThrownBy(() -> overTheWire(new byte[] {65}, String.class))
        .isInstanceOf(ConversionException.class)
        .hasMessage("bytes does not fit java.lang.String");
  }

  @Test
  void messagesAreKept() {
    Timestamp timestamp = Timestamp.newBuilder().setSeconds(5).setNanos(7).build();
    assertThat(overTheWire(timestamp, Timestamp.class)).isEqualTo(timestamp);
    assertThat(overTheWire(timestamp, Any.class)).isEqualTo(Any.pack(timestamp));
    assertThat(overTheWire(timestamp, Object.class)).isEqualTo(Any.pack(timestamp));
    assertThat(overTheWire(Any.pack(timestamp), Timestamp.class)).isEqualTo(timestamp);
  }

  @Test
  void anotherMessageIsRefusedNamingBoth() {
    assertThatThrownBy(() -> overTheWire(Timestamp.getDefaultInstance(), Duration.class))
        .isInstanceOf(ConversionException.class)
        .hasMessageContaining("google.protobuf.Timestamp")
        .hasMessageContaining("com.google.protobuf.Duration");
  }

  @Test
  void jsonIsNoMessage() {
    assertThatThrownBy(() -> overTheWire("text", Timestamp.class))
        .isInstanceOf(ConversionException.class)
        .hasMessageContaining("protobuf message");
  }

  @Test
  void aMessageIsNoText() {
    assertThatThrownBy(() -> overTheWire(Timestamp.getDefaultInstance(), String.class))
        .isInstanceOf(ConversionException.class)
        .hasMessageContaining("google.protobuf.Timestamp");
  }

  @Test
  void payloadsPassThrough() {
    Payload payload = Payload.newBuilder().setJson(" { \"a\" : 1.0 } ").build();
    assertThat(overTheWire(payload, Payload.class)).isEqualTo(payload);
    assertThat(overTheWire(null, Payload.class)).isEqualTo(Payload.getDefaultInstance());
  }

  @Test
  void aConverterInFrontWins() {
    PayloadCodec shouting = PayloadCodec.withFirst(List.of(new ShoutingConverter()));
    assertThat(shouting.encode("hello").getJson()).isEqualTo("\"HELLO\"");
    assertThat(shouting.encode(5).getJson()).isEqualTo("5");
  }

  @Test
  void sizeIsThatOfTheContent() {
    for (int size = 0; size <= 300; size++) {
      assertSize(size);
    }
    for (int size = 16_370; size <= 16_400; size++) {
      assertSize(size);
    }
    for (int size = 2_097_140; size <= 2_097_160; size++) {
      assertSize(size);
    }
    assertThat(PayloadCodec.size(Payload.getDefaultInstance())).isZero();
    Any any = Any.pack(Timestamp.newBuilder().setSeconds(1).build());
    assertThat(PayloadCodec.size(Payload.newBuilder().setMessage(any).build()))
        .isEqualTo(any.getSerializedSize());
  }

  private static void assertSize(int size) {
    ByteString content =
        ByteString.copyFrom("x".repeat(size), java.nio.charset.StandardCharsets.US_ASCII);
    assertThat(PayloadCodec.size(Payload.newBuilder().setData(content).build())).isEqualTo(size);
    assertThat(PayloadCodec.size(Payload.newBuilder().setJsonBytes(content).build()))
        .isEqualTo(size);
  }

  private static final class ShoutingConverter implements PayloadConverter {
    @Override
    public boolean canEncode(Object value) {
      return value instanceof String;
    }

    @Override
    public Payload encode(Object value) {
      return JsonPayloadConverter.standard()
          .encode(((String) value).toUpperCase(java.util.Locale.ROOT));
    }

    @Override
    public boolean canDecode(Payload payload, Type type) {
      return false;
    }

    @Override
    public Object decode(Payload payload, Type type) {
      throw new AssertionError();
    }
  }
}
