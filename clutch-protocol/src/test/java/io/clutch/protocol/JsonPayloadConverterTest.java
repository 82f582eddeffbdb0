package io.clutch.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.reflect.TypeToken;
import com.google.protobuf.InvalidProtocolBufferException;
import io.clutch.v1.Payload;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
