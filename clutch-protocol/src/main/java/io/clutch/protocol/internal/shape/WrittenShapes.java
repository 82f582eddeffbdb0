package io.clutch.protocol.internal.shape;

import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonAnyFormatVisitor;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonArrayFormatVisitor;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonBooleanFormatVisitor;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonFormatTypes;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonFormatVisitable;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonFormatVisitorWrapper;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonIntegerFormatVisitor;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonMapFormatVisitor;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonNullFormatVisitor;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonNumberFormatVisitor;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonObjectFormatVisitor;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonStringFormatVisitor;
import com.fasterxml.jackson.databind.ser.BeanPropertyWriter;
import com.fasterxml.jackson.databind.ser.impl.BeanAsArraySerializer;
import com.fasterxml.jackson.databind.ser.std.ByteArraySerializer;
import com.fasterxml.jackson.databind.ser.std.ByteBufferSerializer;
import com.fasterxml.jackson.databind.ser.std.DateTimeSerializerBase;
import com.fasterxml.jackson.databind.ser.std.StdArraySerializers.CharArraySerializer;
import com.fasterxml.jackson.databind.ser.std.StdArraySerializers.LongArraySerializer;
import com.google.common.collect.ImmutableSortedMap;
import io.clutch.protocol.internal.shape.Shape.Entries;
import io.clutch.protocol.internal.shape.Shape.Items;
import io.clutch.protocol.internal.shape.Shape.Leaf;
import io.clutch.protocol.internal.shape.Shape.Properties;
import java.time.Year;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What Jackson's serializers say that they write. */
final class WrittenShapes {

  private final SerializerProvider provider;

  private WrittenShapes(SerializerProvider provider) {
    this.provider = provider;
  }

  static Shape of(ObjectMapper mapper, JavaType type, Trail trail) throws JsonMappingException {
    return new WrittenShapes(mapper.getSerializerProviderInstance()).of(type, null, trail);
  }

  private Shape of(JavaType type, @Nullable BeanProperty property, Trail trail)
      throws JsonMappingException {
    return type.isJavaLangObject()
        ? Leaf.ANY
        : of(provider.findValueSerializer(type, property), type, trail);
  }

  private Shape of(JsonFormatVisitable serializer, JavaType type, Trail trail)
      throws JsonMappingException {
    if (type.isJavaLangObject() || !isTelling(serializer)) {
      return Leaf.ANY;
    }
    if (provider.findTypeSerializer(type) != null) {
      // The name of the class comes with it, in one of several ways.
      return Leaf.ANY;
    }
    if (serializer instanceof ByteArraySerializer || serializer instanceof ByteBufferSerializer) {
      return Leaf.BYTES;
    }
    if (serializer instanceof CharArraySerializer) {
      return Leaf.TEXT;
    }
    if (serializer instanceof LongArraySerializer) {
      // Which says that they are any numbers.
      return trail.endsBefore(type) ? Leaf.CUT : new Items(Leaf.INTEGER);
    }
    Visitor visitor = new Visitor(trail);
    serializer.acceptJsonFormatVisitor(visitor, type);
    return isMistaken(serializer, type, visitor.shape()) ? Leaf.ANY : visitor.shape();
  }

  /** Whether what the serializer says of itself is what it writes. */
  private static boolean isTelling(JsonFormatVisitable visitable) {
    // Users' serializers inherit what they say, and may write something else.
    return visitable instanceof JsonSerializer<?> serializer
        && serializer.getClass().getName().startsWith("com.fasterxml.jackson.")
        && !(serializer instanceof BeanAsArraySerializer)
        && !serializer.usesObjectId();
  }

  /**
   * What serializers of times say is right where they write text, but for years. As numbers, dates
   * are read by who reads text, too.
   */
  private static boolean isMistaken(JsonFormatVisitable serializer, JavaType type, Shape shape) {
    boolean isTime =
        serializer instanceof DateTimeSerializerBase<?>
            || serializer.getClass().getName().startsWith("com.fasterxml.jackson.datatype.jsr310.");
    return isTime && (shape != Leaf.TEXT || type.hasRawClass(Year.class));
  }

  /** Takes down what a serializer says. */
  private final class Visitor extends JsonFormatVisitorWrapper.Base {

    private final Trail trail;
    private Shape shape = Leaf.ANY;
    private @Nullable ObjectVisitor object;

    Visitor(Trail trail) {
      super(provider);
      this.trail = trail;
    }

    Shape shape() {
      return object == null ? shape : object.shape();
    }

    @Override
    public JsonStringFormatVisitor expectStringFormat(JavaType type) {
      shape = Leaf.TEXT;
      return new JsonStringFormatVisitor.Base();
    }

    @Override
    public JsonNumberFormatVisitor expectNumberFormat(JavaType type) {
      shape = Leaf.NUMBER;
      return new JsonNumberFormatVisitor.Base();
    }

    @Override
    public JsonIntegerFormatVisitor expectIntegerFormat(JavaType type) {
      shape = Leaf.INTEGER;
      return new JsonIntegerFormatVisitor.Base();
    }

    @Override
    public JsonBooleanFormatVisitor expectBooleanFormat(JavaType type) {
      shape = Leaf.BOOLEAN;
      return new JsonBooleanFormatVisitor.Base();
    }

    @Override
    public JsonNullFormatVisitor expectNullFormat(JavaType type) {
      shape = Leaf.ANY;
      return new JsonNullFormatVisitor.Base();
    }

    @Override
    public JsonAnyFormatVisitor expectAnyFormat(JavaType type) {
      shape = Leaf.ANY;
      return new JsonAnyFormatVisitor.Base();
    }

    @Override
    public JsonArrayFormatVisitor expectArrayFormat(JavaType type) {
      if (trail.endsBefore(type)) {
        shape = Leaf.CUT;
        return new JsonArrayFormatVisitor.Base();
      }
      shape = new Items(Leaf.ANY);
      return new JsonArrayFormatVisitor.Base(provider) {
        @Override
        public void itemsFormat(JsonFormatVisitable serializer, JavaType item)
            throws JsonMappingException {
          shape = new Items(of(serializer, item, trail.into(type)));
        }

        @Override
        public void itemsFormat(JsonFormatTypes item) {
          shape = new Items(leaf(item));
        }
      };
    }

    @Override
    public JsonMapFormatVisitor expectMapFormat(JavaType type) {
      if (trail.endsBefore(type)) {
        shape = Leaf.CUT;
        return new JsonMapFormatVisitor.Base();
      }
      shape = new Entries(Leaf.ANY);
      return new JsonMapFormatVisitor.Base(provider) {
        @Override
        public void valueFormat(JsonFormatVisitable serializer, JavaType value)
            throws JsonMappingException {
          shape = new Entries(of(serializer, value, trail.into(type)));
        }
      };
    }

    @Override
    public JsonObjectFormatVisitor expectObjectFormat(JavaType type) {
      if (trail.endsBefore(type)) {
        shape = Leaf.CUT;
        return new JsonObjectFormatVisitor.Base();
      }
      object = new ObjectVisitor(type, trail.into(type));
      return object;
    }
  }

  /** Takes down the properties of an object. */
  private final class ObjectVisitor extends JsonObjectFormatVisitor.Base {

    private final JavaType type;
    private final Trail trail;
    private final Map<String, Shape> properties = new TreeMap<>();

    ObjectVisitor(JavaType type, Trail trail) {
      super(provider);
      this.type = type;
      this.trail = trail;
    }

    /** An abstract type says what all its values have; each may have more, or be no object. */
    Shape shape() {
      if (type.isAbstract() && properties.isEmpty()) {
        return Leaf.ANY;
      }
      boolean isOpen =
          type.isAbstract() || provider.getConfig().introspect(type).findAnyGetter() != null;
      return new Properties(ImmutableSortedMap.copyOf(properties), isOpen);
    }

    @Override
    public void property(BeanProperty property) throws JsonMappingException {
      optionalProperty(property);
    }

    @Override
    public void property(String name, JsonFormatVisitable serializer, JavaType hint)
        throws JsonMappingException {
      optionalProperty(name, serializer, hint);
    }

    @Override
    public void optionalProperty(BeanProperty property) throws JsonMappingException {
      properties.put(property.getName(), shape(property));
    }

    @Override
    public void optionalProperty(String name, JsonFormatVisitable serializer, JavaType hint)
        throws JsonMappingException {
      properties.put(name, of(serializer, hint, trail));
    }

    private Shape shape(BeanProperty property) throws JsonMappingException {
      if (!(property instanceof BeanPropertyWriter writer)) {
        return Leaf.ANY;
      }
      if (writer.getTypeSerializer() != null) {
        return Leaf.ANY;
      }
      JavaType asType = writer.getSerializationType();
      JavaType written = asType == null ? writer.getType() : asType;
      JsonSerializer<?> own = writer.getSerializer();
      return own == null ? of(written, writer, trail) : of(own, written, trail);
    }
  }

  private static Shape leaf(JsonFormatTypes type) {
    return switch (type) {
      case STRING -> Leaf.TEXT;
      case NUMBER -> Leaf.NUMBER;
      case INTEGER -> Leaf.INTEGER;
      case BOOLEAN -> Leaf.BOOLEAN;
      case ARRAY -> new Items(Leaf.ANY);
      case OBJECT, NULL, ANY -> Leaf.ANY;
    };
  }
}
