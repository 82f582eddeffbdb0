package io.clutch.supervisor.internal.keep;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.Timestamp;
import io.clutch.v1.PoolEvent;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happened: logged, kept for a while, told to whoever listens. Owned by the pool's thread. */
final class Journal {

  private static final Logger log = LoggerFactory.getLogger("io.clutch.supervisor.Supervisor");
  private static final int KEPT = 100;

  /** Thread dumps are large. */
  private static final int KEPT_LARGE = 5;

  private static final int LARGE = 16 * 1024;

  private final Deque<PoolEvent> recent = new ArrayDeque<>();
  private final List<Consumer<PoolEvent>> listeners = new ArrayList<>();

  Journal(Consumer<PoolEvent> listener) {
    listeners.add(listener);
  }

  /** One more who is told. */
  void listener(Consumer<PoolEvent> listener) {
    listeners.add(listener);
  }

  ImmutableList<PoolEvent> recent() {
    return ImmutableList.copyOf(recent);
  }

  /** Notes an event about the pool. */
  void note(PoolEvent.Kind kind, String message, String detail) {
    note(kind, null, message, detail);
  }

  /**
   * Notes an event.
   *
   * @param message goes behind the child's name
   */
  void note(PoolEvent.Kind kind, @Nullable Member member, String message, String detail) {
    PoolEvent.Builder event =
        PoolEvent.newBuilder().setTime(timestamp(Instant.now())).setKind(kind).setDetail(detail);
    if (member == null) {
      event.setMessage(message);
    } else {
      event
          .setMessage(
              "child %d (generation %d, pid %d) %s"
                  .formatted(member.child.slot(), member.child.generation(), member.pid(), message))
          .setSlot(member.child.slot())
          .setGeneration(member.child.generation())
          .setProcessId(member.pid());
    }
    publish(event.build());
  }

  private void publish(PoolEvent event) {
    String text =
        event.getDetail().isEmpty()
            ? event.getMessage()
            : event.getMessage() + "\n" + event.getDetail();
    switch (event.getKind()) {
      case CRASHED, KILLED, HUNG, RESTART_FAILED -> log.warn("{}", text);
      default -> log.info("{}", text);
    }
    keep(event);
    listeners.forEach(listener -> listener.accept(event));
  }

  private void keep(PoolEvent event) {
    recent.addLast(event);
    if (recent.size() > KEPT) {
      recent.removeFirst();
    }
    long large = recent.stream().filter(Journal::isLarge).count();
    for (Iterator<PoolEvent> kept = recent.iterator(); large > KEPT_LARGE; ) {
      if (isLarge(kept.next())) {
        kept.remove();
        large--;
      }
    }
  }

  private static boolean isLarge(PoolEvent event) {
    return event.getDetail().length() > LARGE;
  }

  static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
