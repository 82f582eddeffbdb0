package io.clutch.cli;

import com.google.protobuf.Timestamp;
import io.clutch.v1.ChildStatus;
import io.clutch.v1.PoolEvent;
import io.clutch.v1.PoolStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** A pool's status and events as they stand on standard output. */
final class PoolText {

  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());

  private PoolText() {}

  /** A table for people. */
  static String table(PoolStatus pool) {
    StringBuilder text = new StringBuilder();
    text.append(
        "pool %s on %s: pid %d, clutch %s, %d children, up %s%n"
            .formatted(
                pool.getState().name().toLowerCase(Locale.ROOT),
                String.join(", ", pool.getAddressesList()),
                pool.getProcessId(),
                pool.getVersion(),
                pool.getMaxWorkers(),
                age(pool.getStartTime())));
    if (pool.hasServerStarterGeneration()) {
      text.append(
          "generation %d of Server::Starter%n".formatted(pool.getServerStarterGeneration()));
    }
    text.append(
        "%4s %8s %10s %-9s %8s %9s %11s %9s %9s%n"
            .formatted(
                "SLOT",
                "PID",
                "GENERATION",
                "STATE",
                "INFLIGHT",
                "HANDLED",
                "CONNECTIONS",
                "RSS",
                "UP"));
    pool.getChildrenList().forEach(child -> text.append(row(child)));
    if (pool.getWaitingConnections() > 0) {
      text.append("connections that wait: %d%n".formatted(pool.getWaitingConnections()));
    }
    if (!pool.getRestartFailure().isEmpty()) {
      text.append("the last restart failed: %s%n".formatted(pool.getRestartFailure()));
    }
    return text.toString();
  }

  private static String row(ChildStatus child) {
    return "%4d %8d %10d %-9s %8d %9d %11d %5d MiB %9s%n"
        .formatted(
            child.getSlot(),
            child.getProcessId(),
            child.getGeneration(),
            child.getState().name().toLowerCase(Locale.ROOT),
            child.getInFlight(),
            child.getHandled(),
            child.getConnections(),
            child.getRssBytes() >> 20,
            age(child.getStartTime()));
  }

  /** What went wrong of late, for people; empty where nothing did. */
  static String troubles(PoolStatus pool) {
    List<PoolEvent> troubles =
        pool.getRecentEventsList().stream()
            .filter(
                event ->
                    switch (event.getKind()) {
                      case CRASHED, KILLED, HUNG, RESTART_FAILED -> true;
                      default -> false;
                    })
            .toList();
    StringBuilder text = new StringBuilder();
    for (PoolEvent event : troubles.subList(Math.max(0, troubles.size() - 5), troubles.size())) {
      text.append(line(event)).append(System.lineSeparator());
    }
    return text.toString();
  }

  /** One line for people. */
  static String line(PoolEvent event) {
    return CLOCK.format(instant(event.getTime())) + " " + event.getMessage();
  }

  private static String age(Timestamp start) {
    Duration age = Duration.between(instant(start), Instant.now());
    if (age.toDays() > 0) {
      return "%dd%02dh".formatted(age.toDays(), age.toHoursPart());
    }
    if (age.toHours() > 0) {
      return "%dh%02dm".formatted(age.toHours(), age.toMinutesPart());
    }
    return age.toMinutes() > 0
        ? "%dm%02ds".formatted(age.toMinutes(), age.toSecondsPart())
        : age.toSeconds() + "s";
  }

  static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }
}
