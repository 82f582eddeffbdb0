package io.clutch.process;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Who a child is in its supervisor's pool, as its environment tells it.
 *
 * @param socket the supervisor's
 */
public record Place(Path socket, int slot, long generation) {

  private static final String SUPERVISOR = "CLUTCH_SUPERVISOR";
  private static final String SLOT = "CLUTCH_SLOT";
  private static final String GENERATION = "CLUTCH_GENERATION";

  /** What the supervisor puts into the child's environment. */
  public ImmutableMap<String, String> variables() {
    return ImmutableMap.of(
        SUPERVISOR,
        socket.toString(),
        SLOT,
        String.valueOf(slot),
        GENERATION,
        String.valueOf(generation));
  }

  /** Where the child's gRPC server listens for itself. */
  public Path workerSocket() {
    return childSocket("worker");
  }

  /** Where the child takes connections from the supervisor. */
  public Path descriptorSocket() {
    return childSocket("descriptors");
  }

  /** Where the child takes calls from its siblings. */
  public Path siblingSocket() {
    return childSocket("siblings");
  }

  private Path childSocket(String purpose) {
    return socket.resolveSibling("%s-%d-%d.sock".formatted(purpose, slot, generation));
  }

  /** Deletes what a child that was killed has left. */
  public void deleteSockets() {
    try {
      Files.deleteIfExists(workerSocket());
      Files.deleteIfExists(descriptorSocket());
      Files.deleteIfExists(siblingSocket());
    } catch (IOException e) {
      LoggerFactory.getLogger(Place.class).debug("cannot delete a child's sockets", e);
    }
  }

  /**
   * What the environment says; empty where this process has no supervisor.
   *
   * @throws IllegalArgumentException where it makes no sense
   */
  public static Optional<Place> of(Function<String, @Nullable String> environment) {
    String socket = environment.apply(SUPERVISOR);
    if (socket == null || socket.isEmpty()) {
      return Optional.empty();
    }
    String slotText = environment.apply(SLOT);
    String generationText = environment.apply(GENERATION);
    Integer slot = slotText == null ? null : Ints.tryParse(slotText);
    Long generation = generationText == null ? null : Longs.tryParse(generationText);
    if (slot == null || slot < 1 || generation == null || generation < 1) {
      throw new IllegalArgumentException(
          "%s is set, but %s is '%s' and %s is '%s': want whole numbers from 1, as the supervisor sets them"
              .formatted(SUPERVISOR, SLOT, slotText, GENERATION, generationText));
    }
    return Optional.of(new Place(Path.of(socket), slot, generation));
  }
}
