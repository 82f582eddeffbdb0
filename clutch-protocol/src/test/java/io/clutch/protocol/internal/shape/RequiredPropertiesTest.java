package io.clutch.protocol.internal.shape;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.InjectableValues;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.clutch.protocol.ConversionException;
import io.clutch.protocol.JsonPayloadConverter;
import io.clutch.v1.Payload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That a shape marks those properties without which an object is not read, and no others. */
class RequiredPropertiesTest {

  private static final ObjectMapper STANDARD = JsonPayloadConverter.newMapper();

  record Primitives(
      int anInt,
      long aLong,
      short aShort,
      byte aByte,
      double aDouble,
      float aFloat,
      boolean aBoolean,
      char aChar) {}

  record Others(
      Integer boxed,
      String text,
      Optional<String> optional,
      OptionalInt optionalInt,
      List<String> list,
      Set<Integer> set,
      ByteBuffer bytes,
      Map<String, Integer> map,
      JsonNode tree,
      Object any,
      Thread.State state) {}

  record Said(
      @JsonProperty(required = true) String required,
      @JsonProperty String optional,
      @JsonProperty("other name") int renamed,
      @JsonSetter(nulls = Nulls.FAIL) String notNull,
      @JsonSetter(nulls = Nulls.AS_EMPTY) String empty,
      @JsonSetter(nulls = Nulls.AS_EMPTY) int zero,
      @JsonSetter(nulls = Nulls.SKIP) int skipped,
      @JsonDeserialize(using = Lenient.class) int lenient,
      @JsonDeserialize(using = Lenient.class) Integer lenientBoxed) {}

  /** A deserializer of a user's own, which has a value for what is not there. */
  static final class Lenient extends StdScalarDeserializer<Integer> {
    private static final long serialVersionUID = 1L;

    Lenient() {
      super(Integer.class);
    }

    @Override
    public Integer deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      return parser.getIntValue();
    }

    @Override
    public Integer getNullValue(DeserializationContext context) {
      return 7;
    }
  }

  record Aliased(@JsonAlias("breadth") int width, int height) {}

  static final class Bean {
    public int open;

    @JsonProperty(required = true)
    public String notCheckedByJackson = "";

    private long set;

    public long getSet() {
      return set;
    }

    public void setSet(long set) {
      this.set = set;
    }
  }

  static final class Created {
    final int created;
    public int set;

    @JsonCreator
    Created(@JsonProperty("created") int created) {
      this.created = created;
    }

    public int getCreated() {
      return created;
    }
  }

  static final class Made {
    final String text;

    private Made(String name, boolean made) {
      this.text = name + made;
    }

    @JsonCreator
    static Made of(@JsonProperty("made") boolean made, @JsonProperty("name") String name) {
      return new Made(name, made);
    }
  }

  static final class Injected {
    @JsonCreator
    Injected(
        @JacksonInject("injected") @JsonProperty("injected") int injected,
        @JsonProperty("own") int own) {}
  }

  static final class WithOthers {
    @JsonCreator
    WithOthers(@JsonProperty("known") int known) {}

    @JsonAnySetter
    public void set(String name, Object value) {}
  }

  static final class WithUnwrapped {
    @JsonUnwrapped public Bean bean = new Bean();

    @JsonCreator
    WithUnwrapped(@JsonProperty("known") int known) {}
  }

  static Stream<ObjectMapper> mappers() {
    InjectableValues injectable = new InjectableValues.Std().addValue("injected", 1);
    return Stream.of(
            STANDARD.copy(),
            new ObjectMapper().registerModule(new Jdk8Module()),
            STANDARD.copy().enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES),
            STANDARD.copy().enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES),
            STANDARD.copy().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE))
        .map(mapper -> mapper.setInjectableValues(injectable));
  }

  /** Leaves out one property after the other, and sees whether the object is still read. */
  @ParameterizedTest
  @MethodSource("mappers")
  void theRequiredOnesAreThoseWithoutWhichAnObjectIsNotRead(ObjectMapper mapper) {
    Map<Class<?>, String> complete =
        ImmutableMap.of(
            Primitives.class,
            "{'anInt':1,'aLong':1,'aShort':1,'aByte':1,'aDouble':1.5,'aFloat':1.5,"
                + "'aBoolean':true,'aChar':'x'}",
            Others.class,
            "{'boxed':1,'text':'x','optional':'x','optionalInt':1,'list':['x'],'set':[1],"
                + "'bytes':'AA==','map':{'a':1},'tree':1,'any':1,'state':'NEW'}",
            Said.class,
            "{'required':'x','optional':'x','other name':1,'notNull':'x','empty':'x','zero':1,"
                + "'skipped':1,'lenient':1,'lenientBoxed':1}",
            Aliased.class,
            "{'width':1,'height':1}",
            Bean.class,
            "{'open':1,'notCheckedByJackson':'x','set':1}",
            Created.class,
            "{'created':1,'set':1}",
            Made.class,
            "{'made':true,'name':'x'}",
            Injected.class,
            "{'injected':1,'own':1}",
            WithOthers.class,
            "{'known':1}",
            WithUnwrapped.class,
            "{'known':1}");

    complete.forEach(
        (type, json) -> {
          Shape shape = ShapeParser.parse(JsonShapes.read(mapper, type));
          assertThat(shape).as("%s", type).isInstanceOf(Shape.Properties.class);
          assertThat(((Shape.Properties) shape).required())
              .as("%s: %s", type.getSimpleName(), shape)
              .containsExactlyInAnyOrderElementsOf(expected(mapper, type, json));
        });
  }

  private static Set<String> expected(ObjectMapper mapper, Class<?> type, String json) {
    JsonPayloadConverter converter = JsonPayloadConverter.with(mapper);
    ObjectNode whole = named(mapper, json.replace('\'', '"'));
    assertThat(isRead(converter, whole, type)).as("%s of %s", whole, type).isTrue();
    Set<String> required = new TreeSet<>();
    for (String name : ImmutableSet.copyOf(whole.fieldNames())) {
      ObjectNode part = whole.deepCopy();
      part.remove(name);
      boolean hasAnotherName = name.equals("width");
      if (!hasAnotherName && !isRead(converter, part, type)) {
        required.add(name);
      }
    }
    return required;
  }

  private static ObjectNode named(ObjectMapper mapper, String json) {
    try {
      ObjectNode given = (ObjectNode) STANDARD.readTree(json);
      if (mapper.getPropertyNamingStrategy() == null) {
        return given;
      }
      ObjectNode named = STANDARD.createObjectNode();
      given
          .properties()
          .forEach(
              property ->
                  named.set(
                      ((PropertyNamingStrategies.NamingBase) mapper.getPropertyNamingStrategy())
                          .translate(property.getKey()),
                      property.getValue()));
      return named;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isRead(JsonPayloadConverter converter, JsonNode json, Class<?> type) {
    try {
      Object unused = converter.decode(Payload.newBuilder().setJson(json.toString()).build(), type);
      return true;
    } catch (ConversionException e) {
      return false;
    }
  }

  @Test
  void whatMayHaveAnotherNameIsNotRequired() {
    ObjectMapper anyCase =
        ((JsonMapper) STANDARD)
            .rebuild()
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
            .build();

    assertThat(JsonShapes.read(STANDARD, Aliased.class))
        .isEqualTo("{height!: integer, width: integer, …}");
    assertThat(JsonShapes.read(anyCase, Created.class))
        .isEqualTo("{created: integer, set: integer, …}");
  }

  record Narrow(int width) {}

  record Wide(int width, int quality) {}

  @Test
  void anOlderCallerWithoutAPrimitiveDoesNotFit() {
    Shape written = ShapeParser.parse(JsonShapes.written(STANDARD, Narrow.class));
    Shape read = ShapeParser.parse(JsonShapes.read(STANDARD, Wide.class));

    assertThat(ShapeFit.difference(written, read)).contains("quality: missing, but required");
    assertThat(ShapeFit.difference(read, written)).isEmpty();
  }
}
