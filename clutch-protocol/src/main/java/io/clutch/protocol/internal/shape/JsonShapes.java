package io.clutch.protocol.internal.shape;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Sets;
import io.clutch.protocol.internal.shape.Shape.Leaf;
import io.clutch.protocol.internal.shape.Shape.Properties;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * The shape of what a mapper writes for a type, and of what it reads as that type; these may
 * differ. Where Jackson doesn't tell, or has a user's code do it, that is {@code any}: a shape is
 * not wrong, but may say too little.
 */
public final class JsonShapes {

  private static final int MAX_DEPTH = 8;

  /** In characters: a worker tells two shapes for each function, and people read them. */
  private static final int MAX_LENGTH = 500;

  private JsonShapes() {}

  /** What {@code mapper} writes for a {@code type}. */
  public static String written(ObjectMapper mapper, Type type) {
    return describe(mapper, type, WrittenShapes::of);
  }

  /** What {@code mapper} reads as a {@code type}. */
  public static String read(ObjectMapper mapper, Type type) {
    return describe(mapper, type, ReadShapes::of);
  }

  /** Looks into a type, down to a depth. */
  interface Look {
    Shape at(ObjectMapper mapper, JavaType type, Trail trail) throws JsonMappingException;
  }

  private static String describe(ObjectMapper mapper, Type type, Look look) {
    try {
      JavaType javaType = mapper.constructType(type);
      return deepest(depth -> at(look, mapper, javaType, depth)).toString();
    } catch (RuntimeException | LinkageError e) {
      // Jackson, the user's annotations and classes that are not there fail the call that needs
      // them, and say why.
      return Leaf.ANY.toString();
    }
  }

  private static Shape at(Look look, ObjectMapper mapper, JavaType type, int depth) {
    try {
      return look.at(mapper, type, Trail.of(depth));
    } catch (JsonMappingException e) {
      return Leaf.ANY;
    }
  }

  /** The deepest look that is not too long. */
  private static Shape deepest(IntFunction<Shape> look) {
    Shape shape = shortened(look.apply(1));
    for (int depth = 2; depth <= MAX_DEPTH; depth++) {
      Shape deeper = look.apply(depth);
      if (deeper.equals(shape) || deeper.toString().length() > MAX_LENGTH) {
        break;
      }
      shape = deeper;
    }
    return shape;
  }

  /** Without its last properties, where it has too many. */
  private static Shape shortened(Shape shape) {
    if (!(shape instanceof Properties object) || shape.toString().length() <= MAX_LENGTH) {
      return shape;
    }
    ImmutableSortedMap.Builder<String, Shape> some = ImmutableSortedMap.naturalOrder();
    int length = 0;
    for (Map.Entry<String, Shape> property : object.properties().entrySet()) {
      length += property.getKey().length() + property.getValue().toString().length() + 8;
      if (length > MAX_LENGTH) {
        break;
      }
      some.put(property);
    }
    ImmutableSortedMap<String, Shape> left = some.buildOrThrow();
    return new Properties(
        left, Sets.intersection(object.required(), left.keySet()).immutableCopy(), true);
  }
}
