package io.clutch.protocol.internal.shape;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.deser.BeanDeserializer;
import com.fasterxml.jackson.databind.deser.NullValueProvider;
import com.fasterxml.jackson.databind.deser.SettableBeanProperty;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Streams;
import org.jspecify.annotations.Nullable;

/**
 * Which properties an object must have to be read: those of a creator that are primitive, or that
 * are said to be required. Others are null, or keep what they have. Where a user's code says what
 * becomes of a property that is not there, it is taken not to be required.
 */
final class RequiredProperties {

  private final DeserializationContext context;

  RequiredProperties(DeserializationContext context) {
    this.context = context;
  }

  ImmutableSet<String> of(BeanDeserializer deserializer, JavaType type) {
    if (context.isEnabled(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)) {
      return ImmutableSet.of();
    }
    ImmutableSet<String> haveOtherNames =
        context.getConfig().introspect(type).findProperties().stream()
            .filter(property -> !property.findAliases().isEmpty())
            .map(BeanPropertyDefinition::getName)
            .collect(toImmutableSet());
    return Streams.stream(deserializer.creatorProperties())
        .filter(this::isRequired)
        .map(SettableBeanProperty::getName)
        .filter(name -> deserializer.findProperty(name) != null && !haveOtherNames.contains(name))
        .collect(toImmutableSet());
  }

  /** As Jackson proceeds for a parameter of a creator that got no value. */
  private boolean isRequired(SettableBeanProperty property) {
    if (property.getInjectableValueId() != null) {
      return false;
    }
    return property.isRequired()
        || context.isEnabled(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
        || !canBeAbsent(property);
  }

  private boolean canBeAbsent(SettableBeanProperty property) {
    JsonDeserializer<?> deserializer = property.getValueDeserializer();
    if (deserializer == null || !ReadShapes.isJacksons(deserializer)) {
      return true;
    }
    try {
      Object absent = absent(property.getNullValueProvider());
      if (absent == null) {
        absent = absent(deserializer);
      }
      return absent != null
          || !context.isEnabled(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES);
    } catch (JsonMappingException e) {
      return false;
    }
  }

  private @Nullable Object absent(@Nullable NullValueProvider provider)
      throws JsonMappingException {
    return provider == null ? null : provider.getAbsentValue(context);
  }
}
