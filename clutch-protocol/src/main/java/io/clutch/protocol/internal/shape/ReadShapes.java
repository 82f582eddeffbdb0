package io.clutch.protocol.internal.shape;

import com.fasterxml.jackson.databind.AnnotationIntrospector;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.BeanDeserializer;
import com.fasterxml.jackson.databind.deser.DefaultDeserializationContext;
import com.fasterxml.jackson.databind.deser.SettableBeanProperty;
import com.fasterxml.jackson.databind.deser.ValueInstantiator;
import com.fasterxml.jackson.databind.deser.std.ContainerDeserializerBase;
import com.fasterxml.jackson.databind.deser.std.EnumDeserializer;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.deser.std.ReferenceTypeDeserializer;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.google.common.collect.ImmutableSortedMap;
import io.clutch.protocol.internal.shape.Shape.Entries;
import io.clutch.protocol.internal.shape.Shape.Items;
import io.clutch.protocol.internal.shape.Shape.Leaf;
import io.clutch.protocol.internal.shape.Shape.Properties;
import java.time.Year;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What Jackson's deserializers read. */
final class ReadShapes {

  private final DeserializationContext context;

  private ReadShapes(DeserializationContext context) {
    this.context = context;
  }

  static Shape of(ObjectMapper mapper, JavaType type, Trail trail) throws JsonMappingException {
    return mapper.getDeserializationContext() instanceof DefaultDeserializationContext blueprint
        ? new ReadShapes(blueprint.createDummyInstance(mapper.getDeserializationConfig()))
            .of(type, null, trail)
        : Leaf.ANY;
  }

  private Shape of(JavaType type, @Nullable JsonDeserializer<?> own, Trail trail)
      throws JsonMappingException {
    boolean hasNameOfClass =
        context.getFactory().findTypeDeserializer(context.getConfig(), type) != null;
    if (type.isJavaLangObject() || hasNameOfClass) {
      return Leaf.ANY;
    }
    JsonDeserializer<?> deserializer =
        own == null ? context.findContextualValueDeserializer(type, null) : own;
    if (!isJacksons(deserializer) || deserializer.getObjectIdReader() != null) {
      return Leaf.ANY;
    }
    if (deserializer.getClass() == BeanDeserializer.class) {
      return object((BeanDeserializer) deserializer, type, trail);
    }
    if (deserializer instanceof ReferenceTypeDeserializer) {
      return of(type.getContentType(), null, trail);
    }
    LogicalType logicalType = deserializer.logicalType();
    return logicalType == null ? Leaf.ANY : value(logicalType, deserializer, type, trail);
  }

  /** Whether the deserializer reads what others of its class do; a user's may read anything. */
  static boolean isJacksons(JsonDeserializer<?> deserializer) {
    String name = deserializer.getClass().getName();
    return name.startsWith("com.fasterxml.jackson.") || name.startsWith("io.clutch.protocol.");
  }

  private Shape value(
      LogicalType logicalType, JsonDeserializer<?> deserializer, JavaType type, Trail trail)
      throws JsonMappingException {
    if (isLenient(logicalType, type)) {
      return Leaf.ANY;
    }
    return switch (logicalType) {
      case Textual -> Leaf.TEXT;
      case DateTime -> type.hasRawClass(Year.class) ? Leaf.ANY : Leaf.TEXT;
      case Boolean -> Leaf.BOOLEAN;
      case Integer -> integer(type);
      case Float -> Leaf.NUMBER;
      case Binary -> Leaf.BYTES;
      // Others of them have a creator of the user's.
      case Enum -> deserializer.getClass() == EnumDeserializer.class ? Leaf.TEXT : Leaf.ANY;
      // Others of them say so by default.
      case OtherScalar -> deserializer instanceof FromStringDeserializer ? Leaf.TEXT : Leaf.ANY;
      case Array, Collection, Map -> container(deserializer, type, trail);
      case POJO, Untyped -> Leaf.ANY;
    };
  }

  /** Whether other scalars are read as this one, too: text as a number, a number as text. */
  private boolean isLenient(LogicalType logicalType, JavaType type) {
    return switch (logicalType) {
      case Integer, Float -> takes(CoercionInputShape.String, logicalType, type);
      case Boolean ->
          takes(CoercionInputShape.String, logicalType, type)
              || takes(CoercionInputShape.Integer, logicalType, type);
      case Textual, Enum -> takes(CoercionInputShape.Integer, logicalType, type);
      default -> false;
    };
  }

  private boolean takes(CoercionInputShape input, LogicalType logicalType, JavaType type) {
    return context.findCoercionAction(logicalType, type.getRawClass(), input)
        != CoercionAction.Fail;
  }

  private static Shape integer(JavaType type) {
    if (type.hasRawClass(Number.class)) {
      return Leaf.NUMBER;
    }
    return type.hasRawClass(char.class) || type.hasRawClass(Character.class)
        ? Leaf.TEXT
        : Leaf.INTEGER;
  }

  private Shape container(JsonDeserializer<?> deserializer, JavaType type, Trail trail)
      throws JsonMappingException {
    if (type.hasRawClass(byte[].class)) {
      return Leaf.BYTES;
    }
    if (type.hasRawClass(char[].class) || !type.isContainerType()) {
      return Leaf.ANY;
    }
    if (trail.endsBefore(type)) {
      return Leaf.CUT;
    }
    JsonDeserializer<?> own =
        deserializer instanceof ContainerDeserializerBase<?> container
            ? container.getContentDeserializer()
            : null;
    Shape content = of(type.getContentType(), own, trail.into(type));
    return type.isMapLikeType() ? new Entries(content) : new Items(content);
  }

  private Shape object(BeanDeserializer deserializer, JavaType type, Trail trail)
      throws JsonMappingException {
    if (readsOthersThanObjects(deserializer.getValueInstantiator())) {
      return Leaf.ANY;
    }
    if (trail.endsBefore(type)) {
      return Leaf.CUT;
    }
    Trail inside = trail.into(type);
    Map<String, Shape> properties = new TreeMap<>();
    for (Iterator<SettableBeanProperty> all = deserializer.properties(); all.hasNext(); ) {
      SettableBeanProperty property = all.next();
      properties.put(property.getName(), shape(property, inside));
    }
    return new Properties(
        ImmutableSortedMap.copyOf(properties),
        new RequiredProperties(context).of(deserializer, type),
        isOpen(type));
  }

  private Shape shape(SettableBeanProperty property, Trail trail) throws JsonMappingException {
    return property.hasValueTypeDeserializer()
        ? Leaf.ANY
        : of(property.getType(), property.getValueDeserializer(), trail);
  }

  private static boolean readsOthersThanObjects(ValueInstantiator instantiator) {
    return instantiator.canCreateUsingDelegate()
        || instantiator.canCreateUsingArrayDelegate()
        || instantiator.canCreateFromString()
        || instantiator.canCreateFromInt()
        || instantiator.canCreateFromLong()
        || instantiator.canCreateFromBigInteger()
        || instantiator.canCreateFromDouble()
        || instantiator.canCreateFromBigDecimal()
        || instantiator.canCreateFromBoolean();
  }

  /** Whether it reads more properties than it names. */
  private boolean isOpen(JavaType type) {
    BeanDescription bean = context.getConfig().introspect(type);
    return context.isEnabled(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
        || bean.findAnySetterAccessor() != null
        || bean.findProperties().stream().anyMatch(this::hasOtherNames);
  }

  private boolean hasOtherNames(BeanPropertyDefinition property) {
    AnnotationIntrospector annotations = context.getAnnotationIntrospector();
    AnnotatedMember member = property.getPrimaryMember();
    return !property.findAliases().isEmpty()
        || (member != null && annotations.findUnwrappingNameTransformer(member) != null);
  }
}
