package io.clutch.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import io.clutch.protocol.PayloadCodec;
import io.clutch.v1.DescribeResponse;
import io.clutch.v1.FunctionDescription;
import io.clutch.v1.ValueDescription;
import io.clutch.v1.ValueDescription.Kind;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a worker says of its functions, and whether a contract fits it. */
class ContractCheckTest {

  private static final PayloadCodec CODEC = PayloadCodec.standard();

  record Image(String format, int height, int width) {}

  record Resize(Image image, double factor) {}

  interface Images {
    @ClutchFunction("resize")
    Image resize(Resize request);

    @ClutchFunction(value = "resize", background = true)
    void resizeLater(Resize request);

    @ClutchFunction("count")
    CompletableFuture<Integer> count();

    @ClutchFunction("clear")
    void clear();

    @ClutchFunction("time")
    Timestamp time(Duration ago);

    @ClutchFunction("bytes")
    byte[] bytes(Any message);

    @ClutchFunction(value = "log", background = true)
    void log(Object line);
  }

  private final DescribeResponse.Builder worker = DescribeResponse.newBuilder().setProcessId(4711);

  private static ValueDescription json(String shape) {
    return ValueDescription.newBuilder()
        .setKind(Kind.JSON)
        .setType("com.other.Type")
        .setShape(shape)
        .build();
  }

  private static ValueDescription kind(Kind kind) {
    return ValueDescription.newBuilder().setKind(kind).build();
  }

  private static ValueDescription message(String type) {
    return kind(Kind.MESSAGE).toBuilder().setType(type).build();
  }

  private ContractCheckTest serves(
      String name, ValueDescription argument, ValueDescription result) {
    worker.addFunctions(
        FunctionDescription.newBuilder()
            .setName(name)
            .setArgument(argument)
            .setResult(result)
            .build());
    return this;
  }

  private ContractCheckTest servesAllButResize() {
    return serves("count", kind(Kind.NONE), json("integer"))
        .serves("clear", kind(Kind.NONE), json("[text]"))
        .serves("time", message("google.protobuf.Duration"), message("google.protobuf.Timestamp"))
        .serves("bytes", message("other.Message"), kind(Kind.BYTES))
        .serves("log", json("text"), kind(Kind.NONE));
  }

  private List<String> mismatches() {
    ContractMismatchException mismatch =
        catchThrowableOfType(
            ContractMismatchException.class,
            () -> Contract.of(Images.class).checkAgainst(worker.build(), CODEC));
    return mismatch == null ? List.of() : mismatch.mismatches();
  }

  @Test
  void whatTheSameInterfaceServesFits() {
    Contract contract = Contract.of(Images.class);
    for (ContractFunction function : contract.functions()) {
      serves(
          function.name(),
          CODEC.describeRead(function.argumentType()),
          function.resultType().map(CODEC::describeWritten).orElse(kind(Kind.NONE)));
    }

    assertThat(mismatches()).isEmpty();
  }

  @Test
  void typesOfOtherNamesFitThatLookAlike() {
    servesAllButResize()
        .serves(
            "resize",
            json("{factor: number, filter: text, image: {height: integer}}"),
            json("{format: text, height: integer, width: integer, taken: text}"));

    assertThat(mismatches()).isEmpty();
  }

  @Test
  void whatIsNotDeclaredFits() {
    servesAllButResize().serves("resize", kind(Kind.KIND_UNSPECIFIED), kind(Kind.KIND_UNSPECIFIED));

    assertThat(mismatches()).isEmpty();
  }

  @Test
  void anOldWorkerIsCheckedByKindsAlone() {
    servesAllButResize().serves("resize", json(""), json(""));

    assertThat(mismatches()).isEmpty();
  }

  @Test
  void aKindThatIsNotKnownFits() {
    ValueDescription later = ValueDescription.newBuilder().setKindValue(99).build();
    servesAllButResize().serves("resize", later, later);

    assertThat(mismatches()).isEmpty();
  }

  @Test
  void aMismatchNamesBothSignaturesAndThePlace() {
    servesAllButResize()
        .serves("resize", json("{factor: number, image: {height: text}}"), kind(Kind.NONE));

    assertThat(mismatches())
        .containsExactly(
            "resize: the interface io.clutch.contract.ContractCheckTest$Images says"
                + " resize(io.clutch.contract.ContractCheckTest$Resize"
                + " {factor: number, image: {format: text, height: integer, width: integer}})"
                + " -> io.clutch.contract.ContractCheckTest$Image"
                + " {format: text, height!: integer, width!: integer},"
                + " the worker says resize(com.other.Type {factor: number, image: {height: text}})"
                + " -> nothing"
                + " (argument: image.height: integer, read as text) (result: nothing, read as JSON)");
  }

  /** An older client does not send what a later worker cannot do without, and the reverse. */
  @Test
  void aPropertyThatMustBeThereAndIsMissingIsAMismatch() {
    servesAllButResize()
        .serves(
            "resize",
            json("{factor!: number, quality!: integer}"),
            json("{format: text, height: integer}"));

    assertThat(mismatches())
        .singleElement()
        .asString()
        .endsWith(
            " (argument: quality: missing, but required) (result: width: missing, but required)");
  }

  @Test
  void allMismatchesAreInOneMessage() {
    serves("count", json("text"), json("number"))
        .serves("time", message("google.protobuf.Timestamp"), kind(Kind.BYTES))
        .serves("bytes", message(""), json("bytes"))
        .serves("log", json("text"), kind(Kind.NONE));

    ContractMismatchException mismatch =
        catchThrowableOfType(
            ContractMismatchException.class,
            () -> Contract.of(Images.class).checkAgainst(worker.build(), CODEC));

    String says = ": the interface io.clutch.contract.ContractCheckTest$Images says ";
    assertThat(mismatch)
        .hasMessage(
            "io.clutch.contract.ContractCheckTest$Images does not fit the worker (pid 4711):\n"
                + String.join("\n", mismatch.mismatches()));
    assertThat(mismatch.mismatches())
        .satisfiesExactly(
            bytes ->
                assertThat(bytes)
                    .isEqualTo(
                        "bytes"
                            + says
                            + "bytes(any message) -> bytes, the worker says"
                            + " bytes(any message) -> com.other.Type bytes"
                            + " (result: JSON, read as bytes)"),
            clear ->
                assertThat(clear)
                    .isEqualTo(
                        "clear" + says + "clear() -> nothing, the worker has no such function"),
            count ->
                assertThat(count)
                    .isEqualTo(
                        "count"
                            + says
                            + "count() -> integer, the worker says"
                            + " count(com.other.Type text) -> com.other.Type number"
                            + " (argument: nothing, read as JSON) (result: number, read as integer)"),
            resize -> assertThat(resize).startsWith("resize").endsWith("no such function"),
            time ->
                assertThat(time)
                    .contains(
                        "time(google.protobuf.Duration) -> google.protobuf.Timestamp,",
                        "(argument: google.protobuf.Duration, read as google.protobuf.Timestamp)",
                        "(result: bytes, read as a message)"));
  }
}
