package io.clutch.protocol;

import static com.google.common.base.Preconditions.checkArgument;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Throwables;
import com.google.common.reflect.TypeToken;
import com.google.protobuf.InvalidProtocolBufferException;
import io.clutch.v1.Payload;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPayloadConverterTest {

  private final PayloadCodec codec = PayloadCodec.standard();

  private Object overTheWire(Object value, Type type) {
    try {
      return codec.decode(Payload.parseFrom(codec.encode(value).toByteArray()), type);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private Object read(String json, Type type) {
    return codec.decode(Payload.newBuilder().setJson(json).build(), type);
  }

  static Stream<String> texts() {
    Stream<String> planes =
        IntStream.rangeClosed(0, 16).mapToObj(plane -> Character.toString(plane * 0x1_0000 + 0x41));
    return Stream.concat(
        Stream.of(
            "two  words", "a\nb\r\nc\t", "\"quoted\" 'and' \\ more", "\0", "\u2028", "{}", "5"),
        planes);
  }

  @ParameterizedTest
  @MethodSource("texts")
  void textIsKept(String text) {
    assertThat(overTheWire(text, String.class)).isEqualTo(text);
    assertThat(overTheWire(text, Object.class)).isEqualTo(text);
  }

  @Test
  void halfACharacterIsKeptAsAnEscape() {
    assertThat(codec.encode("a \uD83D b").getJson()).isEqualTo("\"a \\uD83D b\"");
    assertThat(overTheWire("a \uD83D b", String.class)).isEqualTo("a \uD83D b");
  }

  @Test
  void wholeCharactersAreNotEscaped() {
    assertThat(codec.encode("é漢😀").getJson()).isEqualTo("\"é漢😀\"");
  }

  @Test
  void charactersOfTwoHalvesAreKeptAtEveryEdgeOfTheWritersBuffers() {
    for (int before = 3_900; before < 4_100; before++) {
      String text = "x".repeat(before) + "😀".repeat(2_200);
      assertThat(overTheWire(text, String.class)).isEqualTo(text);
    }
  }

  static Stream<Number> numbers() {
    return Stream.of(
        0,
        -0.0,
        0.1,
        -1.5e-300,
        Integer.MIN_VALUE,
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        BigInteger.ONE.shiftLeft(63),
        BigInteger.ONE.shiftLeft(200).negate(),
        new BigDecimal("1E+400"),
        new BigDecimal("0.1234567890123456789012345678901234567890"));
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void numbersAreKept(Number number) {
    assertThat(overTheWire(number, number.getClass())).isEqualTo(number);
    assertThat(overTheWire(number, Object.class)).isEqualTo(number);
    assertThat(overTheWire(List.of(number), Object.class)).isEqualTo(List.of(number));
    assertThat(overTheWire(Map.of("n", number), Object.class)).isEqualTo(Map.of("n", number));
  }

  static Stream<Object> notFinite() {
    return Stream.of(
        Double.NaN,
        Float.NaN,
        Double.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        new double[] {1, Double.NaN},
        new float[] {Float.NaN},
        List.of(Double.NaN),
        Map.of("x", Double.NEGATIVE_INFINITY),
        new Point(1, Double.NaN));
  }

  record Point(double x, double y) {}

  @ParameterizedTest
  @MethodSource("notFinite")
  void whatIsNoNumberInJsonIsRefused(Object value) {
    assertThatThrownBy(() -> codec.encode(value))
        .isInstanceOf(ConversionException.class)
        .hasMessageContaining("not a number in JSON");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"NaN\"", "\"Infinity\"", "\"-INF\"", "\"5\"", "NaN", "1e400", "-1e400"})
  void whatIsNoFiniteNumberIsNotTakenForOne(String json) {
    for (Type type : List.of(double.class, Double.class, float.class, Float.class)) {
      assertThatThrownBy(() -> read(json, type)).isInstanceOf(ConversionException.class);
    }
    for (Type type :
        List.of(double[].class, float[].class, Double[].class, LIST_OF_DOUBLE, LIST_OF_FLOAT)) {
      assertThatThrownBy(() -> read("[" + json + "]", type))
          .isInstanceOf(ConversionException.class);
    }
    assertThatThrownBy(() -> read("{\"x\":1,\"y\":" + json + "}", Point.class))
        .isInstanceOf(ConversionException.class);
  }

  private static final Type LIST_OF_DOUBLE = new TypeToken<List<Double>>() {}.getType();
  private static final Type LIST_OF_FLOAT = new TypeToken<List<Float>>() {}.getType();

  @Test
  void whatIsTooLargeForAFloatIsRefused() {
    assertThat(read("1e300", double.class)).isEqualTo(1e300);
    assertThatThrownBy(() -> read("1e300", float.class)).isInstanceOf(ConversionException.class);
  }

  @Test
  void finiteNumbersAreReadAndNullWhereItIsLegal() {
    assertThat(overTheWire(new double[] {-0.0, 1e-320}, double[].class))
        .isEqualTo(new double[] {-0.0, 1e-320});
    assertThat(overTheWire(new float[] {0.1f}, float[].class)).isEqualTo(new float[] {0.1f});
    assertThat(read("[1, null]", LIST_OF_DOUBLE)).isEqualTo(Arrays.asList(1.0, null));
    assertThatThrownBy(() -> read("null", float.class)).isInstanceOf(ConversionException.class);
    assertThatThrownBy(() -> read("[null]", double[].class))
        .isInstanceOf(ConversionException.class);
  }

  /** As other languages write it, where Java before 19 writes more digits. */
  @ParameterizedTest
  @ValueSource(strings = {"5.684341886080802e-14", "2e23", "4.9e-324"})
  void howeverADoubleIsWrittenItIsReadAsOne(String json) {
    assertThat(read(json, Object.class)).isEqualTo(Double.parseDouble(json));
  }

  @Test
  void doublesAreWrittenAsShortAsCanBe() {
    assertThat(codec.encode(Double.parseDouble("5.684341886080802e-14")).getJson())
        .isEqualTo("5.684341886080802E-14");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e99999999999", "-1e99999999999", "1e-99999999999"})
  void whatNoNumberCanHoldIsRefused(String json) {
    for (Type type : List.of(Object.class, Number.class, BigDecimal.class, JsonNode.class)) {
      assertOutOfRange(json, type);
    }
    assertOutOfRange("[" + json + "]", new TypeToken<List<BigDecimal>>() {}.getType());
    assertOutOfRange("{\"a\":" + json + "}", new TypeToken<Map<String, Object>>() {}.getType());
  }

  @Test
  void whatAnIntCannotHoldIsRefused() {
    assertOutOfRange("2147483648", int.class);
    assertOutOfRange("[2147483648]", int[].class);
    assertOutOfRange("9223372036854775808", long.class);
    assertOutOfRange("{\"age\":2147483648}", Login.class);
  }

  private void assertOutOfRange(String json, Type type) {
    assertThatThrownBy(() -> read(json, type))
        .isInstanceOf(ConversionException.class)
        .hasMessageContaining("a number is out of range")
        .hasMessageNotContaining("99999999999")
        .hasMessageNotContaining("2147483648")
        .hasMessageNotContaining("9223372036854775808")
        .hasNoCause();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-07-01T10:00:00.000000001+02:00[Europe/Paris]",
        "2026-10-25T02:30:00+01:00[Europe/Paris]",
        "2026-01-01T00:00:00Z[UTC]",
        "2026-01-01T00:00:00+05:30"
      })
  void timesKeepTheirZone(String time) {
    ZonedDateTime value = ZonedDateTime.parse(time);
    assertThat(overTheWire(value, ZonedDateTime.class)).isEqualTo(value);
    assertThat(overTheWire(List.of(value), new TypeToken<List<ZonedDateTime>>() {}.getType()))
        .isEqualTo(List.of(value));
  }

  enum Colour {
    RED
  }

  record Everything(
      String text,
      Optional<String> present,
      Optional<String> absent,
      Instant instant,
      LocalDate date,
      OffsetDateTime time,
      Duration duration,
      Colour colour,
      List<Point> points) {}

  @Test
  void recordsAreKept() {
    Everything everything =
        new Everything(
            "t",
            Optional.of("p"),
            Optional.empty(),
            Instant.parse("2026-11-24T08:00:00.123456789Z"),
            LocalDate.of(2026, 2, 28),
            OffsetDateTime.of(2026, 1, 2, 3, 4, 5, 6, ZoneOffset.ofHoursMinutes(5, 30)),
            Duration.ofNanos(1_500_000_001),
            Colour.RED,
            List.of(new Point(1.5, -0.0)));
    assertThat(overTheWire(everything, Everything.class)).isEqualTo(everything);
    assertThat(codec.encode(everything.instant()).getJson())
        .isEqualTo("\"2026-11-24T08:00:00.123456789Z\"");
  }

  @Test
  void genericTypesAreKept() {
    Type points = new TypeToken<Map<String, List<Point>>>() {}.getType();
    Map<String, List<Point>> value = Map.of("a", List.of(new Point(1, 2)));
    assertThat(overTheWire(value, points)).isEqualTo(value);
    assertThat(overTheWire(Set.of(1, 2), new TypeToken<Set<Integer>>() {}.getType()))
        .isEqualTo(Set.of(1, 2));
    assertThat(overTheWire(new int[] {1, 2}, int[].class)).isEqualTo(new int[] {1, 2});
  }

  @Test
  void treesAreKept() {
    Object tree = read("{\"a\":[1,2.5,null,true]}", JsonNode.class);
    assertThat(codec.encode(tree).getJson()).isEqualTo("{\"a\":[1,2.5,null,true]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "5.5", "true", "{}", "[]"})
  void whatIsNoTextIsNotTakenForText(String json) {
    assertThatThrownBy(() -> read(json, String.class)).isInstanceOf(ConversionException.class);
    assertThatThrownBy(() -> read("[" + json + "]", new TypeToken<List<String>>() {}.getType()))
        .isInstanceOf(ConversionException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"5\"", "5.5", "true", "null", "2147483648", "\"\""})
  void whatIsNoIntIsNotTakenForAnInt(String json) {
    assertThatThrownBy(() -> read(json, int.class)).isInstanceOf(ConversionException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "{", "{} {}", "nul", "{'a':1}", "NaN", "[1,]"})
  void whatIsNoJsonIsRefused(String json) {
    assertThatThrownBy(() -> read(json, Object.class)).isInstanceOf(ConversionException.class);
  }

  @Test
  void nestingWithoutEndIsRefused() {
    assertThatThrownBy(() -> read("[".repeat(100_000), Object.class))
        .isInstanceOf(ConversionException.class)
        .hasMessageContaining("nesting depth");
  }

  @Test
  void longTextIsNotLimitedByTheParser() {
    String text = "x".repeat(25_000_000);
    assertThat(overTheWire(text, String.class)).isEqualTo(text);
  }

  @Test
  void unknownPropertiesArePassedOver() {
    assertThat(read("{\"x\":1,\"y\":2,\"z\":3}", Point.class)).isEqualTo(new Point(1, 2));
  }

  @Test
  void anErrorNamesThePlaceButNotTheValue() {
    assertThatThrownBy(() -> read("{\"x\":1,\"y\":\"hunter2\"}", Point.class))
        .isInstanceOf(ConversionException.class)
        .hasMessageContaining("want double at ")
        .hasMessageContaining("Point[\"y\"]")
        .hasMessageNotContaining("hunter2")
        .hasNoCause();
    assertThatThrownBy(() -> read("{\"password\": hunter2}", Point.class))
        .isInstanceOf(ConversionException.class)
        .hasMessageContaining("malformed JSON at line 1, column 14")
        .hasMessageNotContaining("hunter2")
        .hasNoCause();
  }

  record Login(String user, int age, LocalDate born, Colour colour, List<Integer> codes, UUID id) {}

  static Stream<Arguments> secrets() {
    return Stream.of(
        Arguments.of("hunter2", Object.class),
        Arguments.of("[hunter2]", Object.class),
        Arguments.of("\"hunter2", String.class),
        Arguments.of("\"hunter2\\q\"", String.class),
        Arguments.of("\"hunter2\"", int.class),
        Arguments.of("\"hunter2\"", boolean.class),
        Arguments.of("\"hunter2\"", double[].class),
        Arguments.of("\"hunter2\"", byte[].class),
        Arguments.of("\"hunter2\"", Instant.class),
        Arguments.of("\"hunter2\"", Colour.class),
        Arguments.of("\"hunter2\"", Login.class),
        Arguments.of("\"hunter2\"", Shape.class),
        Arguments.of("{\"@type\":\"hunter2\"}", Shape.class),
        Arguments.of("1 \"hunter2\"", int.class),
        Arguments.of("1 hunter2", int.class),
        Arguments.of("{\"user\":{\"hunter2\":1}}", Login.class),
        Arguments.of("{\"age\":\"hunter2\"}", Login.class),
        Arguments.of("{\"age\":1,\"born\":\"hunter2\"}", Login.class),
        Arguments.of("{\"age\":1,\"colour\":\"hunter2\"}", Login.class),
        Arguments.of("{\"age\":1,\"id\":\"hunter2\"}", Login.class),
        Arguments.of("{\"age\":1,\"codes\":[1,hunter2]}", Login.class),
        Arguments.of("{\"age\":1,\"codes\":{\"hunter2\":1}}", Login.class),
        Arguments.of("{\"hunter2\":[]}", new TypeToken<Map<String, Integer>>() {}.getType()),
        Arguments.of("{\"hunter2\":1}", new TypeToken<Map<Integer, Integer>>() {}.getType()),
        Arguments.of("{\"hunter2\":{\"x\":[]}}", MAP_OF_POINTS));
  }

  private static final Type MAP_OF_POINTS = new TypeToken<Map<String, Point>>() {}.getType();

  @ParameterizedTest
  @MethodSource("secrets")
  void noErrorHoldsAValue(String json, Type type) {
    assertThatThrownBy(() -> read(json, type))
        .isInstanceOf(ConversionException.class)
        .extracting(Throwables::getStackTraceAsString, STRING)
        .doesNotContain("hunter2");
  }

  @Test
  void anErrorInAMapNamesThePlaceBehindTheKey() {
    assertThatThrownBy(() -> read("{\"hunter2\":{\"x\":[]}}", MAP_OF_POINTS))
        .hasMessageContaining("LinkedHashMap[*]")
        .hasMessageContaining("Point[\"x\"]");
  }

  record Adult(int age) {
    Adult {
      checkArgument(age >= 18, "too young by %s years", 18 - age);
    }
  }

  @Test
  void whatATypeSaysOfItsValuesReachesTheCaller() {
    assertThatThrownBy(() -> read("{\"age\":15}", Adult.class))
        .isInstanceOf(ConversionException.class)
        .hasMessageContaining("too young by 3 years")
        .hasCauseInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anErrorTellsWhatFollowsAndWhatIsMissing() {
    assertThatThrownBy(() -> read("1 2", int.class)).hasMessageContaining("more follows the value");
    assertThatThrownBy(() -> read("{\"x\":1,\"y\":1} {}", Point.class))
        .hasMessageContaining("more follows the value");
    assertThatThrownBy(() -> read("", int.class)).hasMessageContaining("it is empty");
    assertThatThrownBy(() -> read("{\"x\":1}", Point.class)).hasMessageContaining("Point[\"y\"]");
  }

  record Chain(int value, Chain next) {}

  @Test
  void anErrorFarInsideHasAShortMessage() {
    String json = "{\"value\":1,\"next\":".repeat(500) + "[]" + "}".repeat(500);
    assertThatThrownBy(() -> read(json, Chain.class))
        .isInstanceOf(ConversionException.class)
        .extracting(Throwable::getMessage, STRING)
        .endsWith("…")
        .hasSizeLessThan(3_000);
  }

  @Test
  void nestingWithoutEndIsNotWritten() {
    Object deep = "x";
    for (int i = 0; i < 100_000; i++) {
      deep = Collections.singletonList(deep);
    }
    Object value = deep;
    assertThatThrownBy(() -> codec.encode(value))
        .isInstanceOf(ConversionException.class)
        .hasMessageContaining("nesting depth");
  }

  /** Serializable, and says so when Java's serialization is used on it. */
  static final class Bean implements Serializable {
    private static final long serialVersionUID = 1L;
    static final AtomicBoolean SERIALIZED = new AtomicBoolean();

    private String name = "n";

    public String getName() {
      return name;
    }

    public void setName(String name) {
      this.name = name;
    }

    private void writeObject(ObjectOutputStream out) throws IOException {
      SERIALIZED.set(true);
      out.defaultWriteObject();
    }
  }

  @Test
  void serializableClassesTravelAsJson() {
    Bean bean = new Bean();
    bean.setName("other");
    assertThat(codec.encode(bean).getJson()).isEqualTo("{\"name\":\"other\"}");
    assertThat(((Bean) overTheWire(bean, Bean.class)).getName()).isEqualTo("other");
    assertThat(Bean.SERIALIZED).isFalse();
  }

  /** What an attacker would like to have made. */
  static final class Gadget {
    static final AtomicBoolean MADE = new AtomicBoolean();

    public Gadget() {
      MADE.set(true);
    }
  }

  record Holder(@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) Object value) {}

  @Test
  void classNamesOnTheWireAreNotFollowed() {
    String json = "{\"value\":{\"@class\":\"%s\"}}".formatted(Gadget.class.getName());
    assertThatThrownBy(() -> read(json, Holder.class)).isInstanceOf(ConversionException.class);
    Object untyped = read(json, Object.class);
    assertThat(untyped).isInstanceOf(Map.class);
    assertThat(Gadget.MADE).isFalse();
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Circle.class, name = "circle"),
    @JsonSubTypes.Type(value = Square.class, name = "square")
  })
  sealed interface Shape {}

  record Circle(int radius) implements Shape {}

  record Square(int side) implements Shape {}

  @Test
  void namesThatATypeDeclaresItselfAreFollowed() {
    assertThat(overTheWire(new Circle(3), Shape.class)).isEqualTo(new Circle(3));
    assertThat((Shape[]) overTheWire(new Square[] {new Square(1)}, Shape[].class))
        .containsExactly(new Square(1));
  }
}
