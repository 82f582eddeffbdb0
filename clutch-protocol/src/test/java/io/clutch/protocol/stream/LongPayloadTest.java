package io.clutch.protocol.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.StringValue;
import io.clutch.protocol.stream.LongPayload.Assembly;
import io.clutch.v1.Payload;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LongPayloadTest {

  static Stream<Payload> payloads() {
    String text = "añ€😀".repeat(20_000);
    return Stream.of(
        Payload.newBuilder().setJson('"' + text + '"').build(),
        Payload.newBuilder().setData(ByteString.copyFromUtf8(text)).build(),
        Payload.newBuilder().setMessage(Any.pack(StringValue.of(text))).build());
  }

  @ParameterizedTest
  @MethodSource("payloads")
  void whatIsCutIsPutTogetherAgain(Payload payload) {
    assertThat(LongPayload.isLong(payload)).isTrue();
    LongPayload cut = LongPayload.of(payload);
    assertThat(cut.head().getContentCase()).isEqualTo(payload.getContentCase());
    assertThat(cut.head().getSerializedSize()).isLessThan(100);

    Assembly assembly = new Assembly(cut.head(), cut.content().size());
    // Not where characters end.
    for (int i = 0; i < cut.content().size(); i += 7_919) {
      assertThat(assembly.isComplete()).isFalse();
      assembly.add(cut.content().substring(i, Math.min(cut.content().size(), i + 7_919)));
    }

    assertThat(assembly.isComplete()).isTrue();
    assertThat(assembly.payload()).isEqualTo(payload);
  }

  @Test
  void smallPayloadsGoWhole() {
    assertThat(LongPayload.isLong(Payload.newBuilder().setJson("1").build())).isFalse();
    assertThat(LongPayload.isLong(Payload.getDefaultInstance())).isFalse();
  }

  @Test
  void moreThanAnnouncedIsRefused() {
    Assembly assembly = new Assembly(Payload.newBuilder().setJson("").build(), 3);
    assembly.add(ByteString.copyFromUtf8("12"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> assembly.add(ByteString.copyFromUtf8("34")))
        .withMessageContaining("more than the 3 bytes");
    assertThatIllegalArgumentException().isThrownBy(() -> assembly.add(ByteString.EMPTY));
  }

  @Test
  void aTextThatIsNoTextIsRefused() {
    Assembly assembly = new Assembly(Payload.newBuilder().setJson("").build(), 1);
    assembly.add(ByteString.copyFrom(new byte[] {(byte) 0xff}));
    assertThatIllegalArgumentException()
        .isThrownBy(assembly::payload)
        .withMessageContaining("UTF-8");
  }

  @Test
  void aPayloadOfNoKindIsRefused() {
    Assembly assembly = new Assembly(Payload.getDefaultInstance(), 1);
    assembly.add(ByteString.copyFromUtf8("1"));
    assertThatIllegalArgumentException().isThrownBy(assembly::payload);
  }
}
