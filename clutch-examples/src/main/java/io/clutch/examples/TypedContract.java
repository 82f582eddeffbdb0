package io.clutch.examples;

import io.clutch.client.ClutchClient;
import io.clutch.contract.ClutchFunction;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** An interface that the worker implements and the client calls. */
public final class TypedContract {

  private TypedContract() {}

  /** What a function takes. */
  record Resize(int width, int height, int longestSide) {}

  /** What a function gives. */
  record Size(int width, int height) {}

  /** What worker and client agree on. */
  interface Images {
    @ClutchFunction("image.resize")
    Size resize(Resize request);

    @ClutchFunction("image.resize")
    default CompletableFuture<Size> resizeAsync(Resize request) {
      return CompletableFuture.completedFuture(resize(request));
    }
  }

  /** Runs the example. */
  public static void main(String[] args) throws IOException {
    try (Worker worker =
            Worker.builder()
                .address("127.0.0.1:0")
                .functions(Images.class, TypedContract::scaled)
                .build()
                .start();
        ClutchClient client = ClutchClient.builder().servers(worker.address().toString()).build()) {
      Images images = client.stub(Images.class);
      System.out.println(images.resize(new Resize(4000, 3000, 200)));
      System.out.println(images.resizeAsync(new Resize(4000, 3000, 100)).join());
    }
  }

  private static Size scaled(Resize request) {
    int longest = Math.max(request.width(), request.height());
    return new Size(
        request.width() * request.longestSide() / longest,
        request.height() * request.longestSide() / longest);
  }
}
