package io.clutch.testing.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clutch.client.ClutchClient;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.testing.ClutchExtension;
import io.clutch.testing.TestWorker;
import io.clutch.testing.docs.ThumbnailFunctions.Image;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** docs/testing.md quotes this, snippet by snippet; DocumentationTest sees to that. */
@Timeout(60)
class ThumbnailsTest {

  // snippet: extension
  @RegisterExtension
  static final ClutchExtension clutch =
      ClutchExtension.worker(worker -> worker.functions(new ThumbnailFunctions()));

  // snippet: function
  @Test
  void scalesToAWidthOf200(ClutchClient client) {
    Image small = client.request("thumbnail", new Image(800, 600), Image.class);

    assertThat(small).isEqualTo(new Image(200, 150));
  }

  @Test
  void refusesAnEmptyImage(ClutchClient client) {
    ClutchException failure =
        catchThrowableOfType(
            ClutchException.class, () -> client.request("thumbnail", new Image(0, 0), Image.class));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
    assertThat(failure).hasMessageContaining("the image is empty");
  }

  // snippet: kill
  @Test
  void theGalleryCopesWithALostWorker(ClutchClient client) {
    clutch.faults().kill("thumbnail"); // the next call starts, and its worker is lost

    assertThat(new Gallery(client).show(new Image(800, 600))).isEqualTo(new Image(200, 150));

    assertThat(clutch.calls("thumbnail").started()).isEqualTo(2);
  }

  @Test
  void theGalleryShowsAPlaceholderWhileNoWorkerTakesCalls(ClutchClient client) {
    clutch.faults().always().refuse("thumbnail", Reason.QUEUE_FULL);

    assertThat(new Gallery(client).show(new Image(800, 600))).isEqualTo(Gallery.PLACEHOLDER);
  }

  // snippet: lost
  @Test
  void aCallThatIsNotIdempotentMayHaveBeenStarted(ClutchClient client) {
    clutch.faults().kill("thumbnail");

    ClutchException failure =
        catchThrowableOfType(
            ClutchException.class,
            () -> client.request("thumbnail", new Image(800, 600), Image.class));

    assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
  }

  // snippet: clock
  @Test
  void aCallEndsAtItsDeadline(ClutchClient client) throws Exception {
    clutch.faults().drop("thumbnail");
    CompletableFuture<Image> call =
        client.requestAsync("thumbnail", new Image(800, 600), Image.class);

    clutch.clock().advance(Duration.ofSeconds(9));
    assertThat(call).isNotDone();
    clutch.clock().advance(Duration.ofSeconds(1)); // no waiting: the timeout is 10 s

    assertThat(call.handle((image, failure) -> failure).get(20, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            ClutchException.class,
            failure -> assertThat(failure.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED));
  }

  // snippet: auto
  @Test
  void theGalleryShowsAPlaceholderWhenTheWorkerIsSilent(ClutchClient client) {
    clutch.clock().autoAdvance(true); // this thread waits for the call, and cannot advance it
    clutch.faults().drop("thumbnail");

    assertThat(new Gallery(client).show(new Image(800, 600))).isEqualTo(Gallery.PLACEHOLDER);
  }

  // snippet: await
  @Test
  void aBackgroundCallRuns(ClutchClient client) {
    client.requestBackground("thumbnail", new Image(800, 600));

    clutch.awaitCalls("thumbnail", calls -> calls.finished() == 1);
  }

  // snippet: core
  @Test
  void worksWithoutTheExtension() {
    try (TestWorker worker =
        TestWorker.start(options -> options.functions(new ThumbnailFunctions()))) {
      Image small = worker.client().request("thumbnail", new Image(800, 600), Image.class);

      assertThat(small).isEqualTo(new Image(200, 150));
    }
  }

  // end
}
