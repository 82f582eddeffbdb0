package io.clutch.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.NumberOutput;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.deser.std.UntypedObjectDeserializer;
import java.io.IOException;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Untyped values, with fractions as {@code Double} where that is exact, else {@code BigDecimal}.
 */
final class ExactUntypedDeserializer extends UntypedObjectDeserializer {

  private static final long serialVersionUID = 1L;

  ExactUntypedDeserializer() {
    super((JavaType) null, null);
  }

  @Override
  public @Nullable Object deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    return parser.hasToken(JsonToken.VALUE_NUMBER_FLOAT)
        ? exact(parser.getText())
        : super.deserialize(parser, context);
  }

  private static Number exact(String text) {
    double asDouble = Double.parseDouble(text);
    if (Double.isFinite(asDouble)) {
      BigDecimal asDecimal = new BigDecimal(text);
      // The shortest text that tells a double from its neighbours, the same on every Java
      // (Double.toString is longer at times before 19, JDK-4511638).
      boolean exact =
          new BigDecimal(NumberOutput.toString(asDouble, true)).compareTo(asDecimal) == 0;
      return exact ? (Number) asDouble : asDecimal;
    }
    return new BigDecimal(text);
  }
}
