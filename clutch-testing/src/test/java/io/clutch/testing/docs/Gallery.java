package io.clutch.testing.docs;

import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import io.clutch.testing.docs.ThumbnailFunctions.Image;

/** A caller, which docs/testing.md tests: it shows a placeholder where there is no thumbnail. */
record Gallery(ClutchClient client) {

  static final Image PLACEHOLDER = new Image(1, 1);

  Image show(Image image) {
    try {
      return client.request(Request.of("thumbnail", image, Image.class).idempotent());
    } catch (ClutchException e) {
      return PLACEHOLDER;
    }
  }
}
