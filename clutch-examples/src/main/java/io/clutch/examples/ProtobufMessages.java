package io.clutch.examples;

import io.clutch.client.ClutchClient;
import io.clutch.examples.v1.Thumbnail;
import io.clutch.examples.v1.ThumbnailRequest;
import io.clutch.worker.Worker;
import java.io.IOException;

/** A function whose argument and result are protobuf messages. */
public final class ProtobufMessages {

  private ProtobufMessages() {}

  /** Runs the example. */
  public static void main(String[] args) throws IOException {
    try (Worker worker =
            Worker.builder()
                .address("127.0.0.1:0")
                .function(
                    "thumbnail",
                    ThumbnailRequest.class,
                    Thumbnail.class,
                    (request, call) -> scaled(request))
                .build()
                .start();
        ClutchClient client = ClutchClient.builder().servers(worker.address().toString()).build()) {
      ThumbnailRequest request =
          ThumbnailRequest.newBuilder().setWidth(4000).setHeight(3000).setLongestSide(200).build();
      System.out.println(client.request("thumbnail", request, Thumbnail.class));
    }
  }

  private static Thumbnail scaled(ThumbnailRequest request) {
    int longest = Math.max(request.getWidth(), request.getHeight());
    return Thumbnail.newBuilder()
        .setWidth(request.getWidth() * request.getLongestSide() / longest)
        .setHeight(request.getHeight() * request.getLongestSide() / longest)
        .build();
  }
}
