package io.clutch.protocol.internal.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIdentityInfo;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.annotation.ObjectIdGenerators;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.reflect.TypeToken;
import io.clutch.protocol.JsonPayloadConverter;
import java.io.IOException;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Calendar;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What Jackson, as it is set up here, writes and reads. */
class JsonShapesTest {

  private static final ObjectMapper MAPPER = JsonPayloadConverter.newMapper();

  record Point(int x, double y) {}

  record Resize(ByteBuffer image, int width, Optional<Point> at, List<Point> path) {}

  record Tree(String name, List<Tree> children) {}

  record Chain(String name, Chain next) {}

  static final class Bean {
    private String name = "n";
    public int open = 1;

    public String getName() {
      return name;
    }

    public void setName(String name) {
      this.name = name;
    }

    public boolean isComputed() {
      return true;
    }

    @JsonIgnore
    public long getHidden() {
      return 1;
    }
  }

  enum Colour {
    RED,
    GREEN
  }

  @JsonFormat(shape = JsonFormat.Shape.NUMBER)
  enum Numbered {
    ZERO
  }

  interface Named {
    String name();
  }

  interface Beany {
    String getName();
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  @JsonSubTypes(@JsonSubTypes.Type(value = Dog.class, name = "dog"))
  interface Animal {}

  record Dog(String name) implements Animal {}

  record Zoo(Animal one, List<Animal> many) {}

  record Wrapped(@JsonValue String value) {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    Wrapped {}
  }

  static final class FromTextToo {
    public String name = "n";

    public FromTextToo() {}

    public FromTextToo(String name) {
      this.name = name;
    }
  }

  static final class AnyProperties {
    public int known = 1;

    @JsonAnySetter
    public void set(String name, Object value) {}

    @JsonAnyGetter
    public Map<String, Object> others() {
      return Map.of();
    }
  }

  record Aliased(@JsonAlias("nom") String name) {}

  record Unwrapped(@JsonUnwrapped Point point, String name) {}

  static final class BeanUnwrapped {
    @JsonUnwrapped public Bean bean = new Bean();
  }

  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  record AsArray(int a, int b) {}

  @JsonIdentityInfo(generator = ObjectIdGenerators.IntSequenceGenerator.class)
  record Identified(String name) {}

  record Formatted(
      @JsonFormat(shape = JsonFormat.Shape.STRING) int asText,
      @JsonProperty("other name") long renamed,
      @JsonFormat(shape = JsonFormat.Shape.NUMBER) Duration seconds) {}

  static final class MoneySerializer extends StdScalarSerializer<Money> {
    private static final long serialVersionUID = 1L;

    MoneySerializer() {
      super(Money.class);
    }

    @Override
    public void serialize(Money value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeNumber(value.cents());
    }
  }

  static final class MoneyDeserializer extends StdScalarDeserializer<Money> {
    private static final long serialVersionUID = 1L;

    MoneyDeserializer() {
      super(Money.class);
    }

    @Override
    public Money deserialize(JsonParser parser, DeserializationContext context) throws IOException {
      return new Money(parser.getLongValue());
    }
  }

  @JsonSerialize(using = MoneySerializer.class)
  @JsonDeserialize(using = MoneyDeserializer.class)
  record Money(long cents) {}

  record Priced(Money price) {}

  private static Type type(TypeToken<?> token) {
    return token.getType();
  }

  static Stream<Arguments> typesWithTheSameShapeBothWays() {
    return Stream.of(
        arguments(String.class, "text", "x"),
        arguments(char.class, "text", 'x'),
        arguments(Character.class, "text", 'x'),
        arguments(Colour.class, "text", Colour.RED),
        arguments(UUID.class, "text", new UUID(1, 2)),
        arguments(URI.class, "text", URI.create("a:b")),
        arguments(Instant.class, "text", Instant.EPOCH),
        arguments(Calendar.class, "text", new GregorianCalendar()),
        arguments(LocalDate.class, "text", LocalDate.EPOCH),
        arguments(LocalTime.class, "text", LocalTime.MIN),
        arguments(LocalDateTime.class, "text", LocalDateTime.MIN),
        arguments(OffsetDateTime.class, "text", OffsetDateTime.MIN),
        arguments(ZonedDateTime.class, "text", Instant.EPOCH.atZone(ZoneOffset.UTC)),
        arguments(Duration.class, "text", Duration.ZERO),
        arguments(Period.class, "text", Period.ZERO),
        arguments(YearMonth.class, "text", YearMonth.of(2026, 5)),
        arguments(MonthDay.class, "text", MonthDay.of(5, 4)),
        arguments(OffsetTime.class, "text", OffsetTime.MIN),
        arguments(ZoneId.class, "text", ZoneId.of("Europe/Paris")),
        arguments(ZoneOffset.class, "text", ZoneOffset.UTC),
        arguments(int.class, "integer", 1),
        arguments(Integer.class, "integer", 1),
        arguments(short.class, "integer", (short) 1),
        arguments(Byte.class, "integer", (byte) 1),
        arguments(long.class, "integer", 1L),
        arguments(BigInteger.class, "integer", BigInteger.ONE),
        arguments(AtomicInteger.class, "integer", new AtomicInteger()),
        arguments(double.class, "number", 1.5),
        arguments(Float.class, "number", 1.5f),
        arguments(BigDecimal.class, "number", new BigDecimal("1.5")),
        arguments(Number.class, "number", 1.5),
        arguments(boolean.class, "boolean", true),
        arguments(byte[].class, "bytes", new byte[] {1}),
        arguments(ByteBuffer.class, "bytes", ByteBuffer.wrap(new byte[] {1})),
        arguments(int[].class, "[integer]", new int[] {1}),
        arguments(long[].class, "[integer]", new long[] {1}),
        arguments(long[][].class, "[[integer]]", new long[][] {{1}}),
        arguments(short[].class, "[integer]", new short[] {1}),
        arguments(double[].class, "[number]", new double[] {1.5}),
        arguments(float[].class, "[number]", new float[] {1.5f}),
        arguments(boolean[].class, "[boolean]", new boolean[] {true}),
        arguments(String[].class, "[text]", new String[] {"x"}),
        arguments(type(new TypeToken<List<String>>() {}), "[text]", List.of("x")),
        arguments(type(new TypeToken<Set<Long>>() {}), "[integer]", Set.of(1L)),
        arguments(type(new TypeToken<EnumSet<Colour>>() {}), "[text]", EnumSet.of(Colour.RED)),
        arguments(type(new TypeToken<List<byte[]>>() {}), "[bytes]", List.of(new byte[] {1})),
        arguments(List.class, "[any]", List.of("x")),
        arguments(
            type(new TypeToken<List<List<Integer>>>() {}), "[[integer]]", List.of(List.of(1))),
        arguments(type(new TypeToken<Map<String, Integer>>() {}), "{*: integer}", Map.of("a", 1)),
        arguments(
            type(new TypeToken<EnumMap<Colour, Instant>>() {}),
            "{*: text}",
            new EnumMap<>(Map.of(Colour.RED, Instant.EPOCH))),
        arguments(Map.class, "{*: any}", Map.of("a", 1)),
        arguments(type(new TypeToken<Optional<Integer>>() {}), "integer", Optional.of(1)),
        arguments(OptionalInt.class, "integer", OptionalInt.of(1)),
        arguments(OptionalDouble.class, "number", OptionalDouble.of(1.5)),
        arguments(
            type(new TypeToken<AtomicReference<String>>() {}), "text", new AtomicReference<>("x")),
        arguments(Tree.class, "{children: […], name: text}", new Tree("a", List.of())),
        arguments(Chain.class, "{name: text, next: …}", new Chain("a", null)),
        arguments(Object.class, "any", 1),
        arguments(JsonNode.class, "any", MAPPER.createObjectNode()),
        arguments(Animal.class, "any", new Dog("a")),
        arguments(Zoo.class, "{many: [any], one: any}", new Zoo(new Dog("a"), List.of())),
        arguments(AnyProperties.class, "{known: integer, …}", new AnyProperties()),
        arguments(AsArray.class, "any", new AsArray(1, 2)),
        arguments(Identified.class, "any", new Identified("a")),
        arguments(Money.class, "any", new Money(1)),
        arguments(Priced.class, "{price: any}", new Priced(new Money(1))));
  }

  @ParameterizedTest
  @MethodSource("typesWithTheSameShapeBothWays")
  void whatIsWrittenAndReadLooksTheSame(Type type, String shape) {
    assertThat(JsonShapes.written(MAPPER, type)).isEqualTo(shape);
    assertThat(JsonShapes.read(MAPPER, type)).isEqualTo(shape);
  }

  /** The shape says the truth of a value that was written. */
  @ParameterizedTest
  @MethodSource({"typesWithTheSameShapeBothWays", "typesThatAreWrittenInOneWayAndReadInAnother"})
  void aValueThatIsWrittenLooksLikeItsShape(Type type, String shape, Object value) {
    Shape actual = shapeOf(MAPPER.valueToTree(value));

    assertThat(ShapeFit.difference(actual, ShapeParser.parse(shape))).isEmpty();
    assertThat(actual.isUnknown()).isFalse();
  }

  static Stream<Arguments> typesThatAreWrittenInOneWayAndReadInAnother() {
    return Stream.of(
        arguments(
            Bean.class,
            "{computed: boolean, name: text, open: integer}",
            new Bean(),
            "{name: text, open: integer}"),
        arguments(
            type(new TypeToken<Optional<Point>>() {}),
            "{x: integer, y: number}",
            Optional.of(new Point(1, 2)),
            "{x!: integer, y!: number}"),
        arguments(
            Point.class, "{x: integer, y: number}", new Point(1, 2), "{x!: integer, y!: number}"),
        arguments(
            Resize.class,
            "{at: {x: integer, y: number}, image: bytes, path: [{x: integer, y: number}], width:"
                + " integer}",
            new Resize(ByteBuffer.allocate(1), 1, Optional.empty(), List.of()),
            "{at: {x!: integer, y!: number}, image: bytes,"
                + " path: [{x!: integer, y!: number}], width!: integer}"),
        arguments(Wrapped.class, "text", new Wrapped("x"), "any"),
        arguments(FromTextToo.class, "{name: text}", new FromTextToo(), "any"),
        arguments(Aliased.class, "{name: text}", new Aliased("a"), "{name: text, …}"),
        arguments(
            Formatted.class,
            "{asText: text, \"other name\": integer, seconds: any}",
            new Formatted(1, 2, Duration.ZERO),
            "{asText!: integer, \"other name\"!: integer, seconds: text}"),
        arguments(Beany.class, "{name: text, …}", new Bean(), "any"),
        arguments(Named.class, "any", (Named) () -> "a", "any"),
        arguments(Comparable.class, "any", "x", "any"),
        arguments(char[].class, "text", new char[] {'x'}, "any"),
        arguments(DayOfWeek.class, "text", DayOfWeek.MONDAY, "text"),
        arguments(Month.class, "text", Month.MAY, "text"),
        arguments(Numbered.class, "integer", Numbered.ZERO, "text"),
        arguments(Year.class, "any", Year.of(2026), "any"));
  }

  @ParameterizedTest
  @MethodSource("typesThatAreWrittenInOneWayAndReadInAnother")
  void whatIsWrittenAndReadDiffers(Type type, String written, Object value, String read) {
    assertThat(JsonShapes.written(MAPPER, type)).isEqualTo(written);
    assertThat(JsonShapes.read(MAPPER, type)).isEqualTo(read);
  }

  private static Shape shapeOf(JsonNode node) {
    return switch (node.getNodeType()) {
      case STRING -> Shape.Leaf.TEXT;
      case BINARY -> Shape.Leaf.BYTES;
      case BOOLEAN -> Shape.Leaf.BOOLEAN;
      case NUMBER -> node.isIntegralNumber() ? Shape.Leaf.INTEGER : Shape.Leaf.NUMBER;
      case ARRAY -> new Shape.Items(node.isEmpty() ? Shape.Leaf.ANY : shapeOf(node.get(0)));
      case OBJECT -> {
        ImmutableSortedMap.Builder<String, Shape> properties = ImmutableSortedMap.naturalOrder();
        for (Map.Entry<String, JsonNode> property : node.properties()) {
          JsonNode value = property.getValue();
          properties.put(property.getKey(), value.isNull() ? Shape.Leaf.ANY : shapeOf(value));
        }
        yield new Shape.Properties(properties.buildOrThrow(), false);
      }
      default -> throw new AssertionError(node.getNodeType());
    };
  }

  @Test
  void aMapperOfOnesOwnIsAsked() {
    ObjectMapper mapper = JsonPayloadConverter.newMapper();
    mapper.setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
    mapper.enable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);
    record Stamped(Instant firstSeen, Calendar lastSeen) {}

    assertThat(JsonShapes.written(mapper, Stamped.class))
        .isEqualTo("{first_seen: any, last_seen: any}");
    assertThat(JsonShapes.read(mapper, Stamped.class))
        .isEqualTo("{first_seen: text, last_seen: text}");
  }

  record Mixed(
      @JsonFormat(shape = JsonFormat.Shape.STRING) long id,
      @JsonFormat(shape = JsonFormat.Shape.STRING) BigDecimal price,
      @JsonFormat(shape = JsonFormat.Shape.NUMBER) boolean isSold,
      Numbered number,
      String name,
      List<Integer> sizes) {}

  /** As Jackson's own default is: text that holds a number is read as one, and so on. */
  @Test
  void aMapperThatReadsMoreThanItWritesTakesWhatItReads() throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    Mixed mixed = new Mixed(1, BigDecimal.TEN, true, Numbered.ZERO, "a", List.of(1));
    assertThat(mapper.readValue(mapper.writeValueAsString(mixed), Mixed.class)).isEqualTo(mixed);

    String written = JsonShapes.written(mapper, Mixed.class);
    String read = JsonShapes.read(mapper, Mixed.class);

    assertThat(ShapeFit.difference(ShapeParser.parse(written), ShapeParser.parse(read))).isEmpty();
    assertThat(read)
        .isEqualTo("{id: any, isSold: any, name: any, number: any, price: any, sizes: [any]}");
  }

  @Test
  void unwrappedPropertiesLeaveRoomForOthers() {
    assertThat(JsonShapes.written(MAPPER, BeanUnwrapped.class)).contains("name: text");
    assertThat(JsonShapes.read(MAPPER, BeanUnwrapped.class)).isEqualTo("{…}");
  }

  /** What Jackson cannot handle fails when it is called, not when it is described. */
  @Test
  void aTypeThatJacksonCannotHandleIsAny() {
    assertThat(JsonShapes.read(MAPPER, Thread.class)).isIn("any", "…");
    assertThat(JsonShapes.read(MAPPER, Broken.class)).isEqualTo("any");
    assertThat(JsonShapes.written(MAPPER, Broken.class)).isEqualTo("any");
  }

  static final class Broken {
    @JsonProperty("same")
    public int a;

    @JsonProperty("same")
    public String b = "";
  }

  @Test
  void aShapeIsNeverLong() {
    assertThat(JsonShapes.written(MAPPER, Wide.class))
        .hasSizeLessThan(600)
        .startsWith("{wide1: {property10OfManyOthers: text,")
        .endsWith("}");
    assertThat(JsonShapes.read(MAPPER, Wide.class)).hasSizeLessThan(600);
    assertThat(JsonShapes.written(MAPPER, Deep.class)).hasSizeLessThan(600).contains("…");
  }

  record Many(
      String property10OfManyOthers,
      String property11OfManyOthers,
      String property12OfManyOthers,
      String property13OfManyOthers,
      String property14OfManyOthers) {}

  @Test
  void anObjectOfVeryManyPropertiesNamesSomeOfThem() {
    String shape = JsonShapes.written(MAPPER, VeryMany.class);

    assertThat(shape)
        .hasSizeLessThan(600)
        .startsWith("{aVeryLongNameOfAProperty01")
        .endsWith(", …}");
    assertThat(ShapeParser.parse(shape)).hasToString(shape);
    assertThat(ShapeFit.difference(ShapeParser.parse(shape), ShapeParser.parse("{z: text}")))
        .isEmpty();
  }

  record VeryMany(
      String aVeryLongNameOfAProperty01InAWideObject,
      String aVeryLongNameOfAProperty02InAWideObject,
      String aVeryLongNameOfAProperty03InAWideObject,
      String aVeryLongNameOfAProperty04InAWideObject,
      String aVeryLongNameOfAProperty05InAWideObject,
      String aVeryLongNameOfAProperty06InAWideObject,
      String aVeryLongNameOfAProperty07InAWideObject,
      String aVeryLongNameOfAProperty08InAWideObject,
      String aVeryLongNameOfAProperty09InAWideObject,
      String aVeryLongNameOfAProperty10InAWideObject,
      String aVeryLongNameOfAProperty11InAWideObject,
      String aVeryLongNameOfAProperty12InAWideObject,
      String aVeryLongNameOfAProperty13InAWideObject,
      String aVeryLongNameOfAProperty14InAWideObject,
      String aVeryLongNameOfAProperty15InAWideObject,
      String aVeryLongNameOfAProperty16InAWideObject,
      String aVeryLongNameOfAProperty17InAWideObject,
      String aVeryLongNameOfAProperty18InAWideObject,
      String aVeryLongNameOfAProperty19InAWideObject,
      String aVeryLongNameOfAProperty20InAWideObject) {}

  record Wide(Many wide1, Many wide2, Many wide3) {}

  record Deep(List<List<List<List<List<List<List<List<List<String>>>>>>>>> deep) {}
}
