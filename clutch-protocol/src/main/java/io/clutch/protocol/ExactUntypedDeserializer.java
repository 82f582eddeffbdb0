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
      if (isText(NumberOutput.toString(asDouble, true), asDecimal)
          || isText(Double.toString(asDouble), asDecimal)) {
        return asDouble;
      }
      return asDecimal;
    }
    return new BigDecimal(text);
  }

  /**
   * Whether {@code text}, one of the ways to write a double, says {@code number}. Others write the
   * shortest that tells it from its neighbours; Java before 19 sometimes a longer one
   * (JDK-4511638).
   */
  private static boolean isText(String text, BigDecimal number) {
    return new BigDecimal(text).compareTo(number) == 0;
  }
}
