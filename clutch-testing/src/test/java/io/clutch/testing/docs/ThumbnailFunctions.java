package io.clutch.testing.docs;

import io.clutch.worker.FunctionModule;
import io.clutch.worker.FunctionRegistrar;

/** What docs/testing.md tests. */
final class ThumbnailFunctions implements FunctionModule {

  record Image(int width, int height) {}

  @Override
  public void register(FunctionRegistrar<?> functions) {
    functions.function("thumbnail", Image.class, ThumbnailFunctions::scale);
  }

  private static Image scale(Image image) {
    if (image.width() <= 0) {
      throw new IllegalArgumentException("the image is empty");
    }
    return new Image(200, image.height() * 200 / image.width());
  }
}
