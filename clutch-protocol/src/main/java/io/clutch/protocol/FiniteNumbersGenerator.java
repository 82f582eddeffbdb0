package io.clutch.protocol;

import com.fasterxml.jackson.core.JsonGenerationException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import java.io.IOException;

/** Refuses the numbers that JSON does not have, where Jackson would write them as text. */
final class FiniteNumbersGenerator extends JsonGeneratorDelegate {

  FiniteNumbersGenerator(JsonGenerator generator) {
    super(generator, false);
  }

  @Override
  public void writeNumber(double number) throws IOException {
    check(number);
    delegate.writeNumber(number);
  }

  @Override
  public void writeNumber(float number) throws IOException {
    check(number);
    delegate.writeNumber(number);
  }

  @Override
  public void writeArray(double[] array, int offset, int length) throws IOException {
    for (int i = offset; i < offset + length; i++) {
      check(array[i]);
    }
    delegate.writeArray(array, offset, length);
  }

  private void check(double number) throws JsonGenerationException {
    if (!Double.isFinite(number)) {
      throw new JsonGenerationException(number + " is not a number in JSON", this);
    }
  }
}
