package io.clutch.supervisor.internal.pool;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a simulated pool did, as a few words for each action. */
final class ActionLog {

  private final List<Line> lines = new ArrayList<>();
  private Instant since;

  private record Line(Instant at, String text) {}

  ActionLog(Instant since) {
    this.since = since;
  }

  void add(Action action, @Nullable Child spawned, Instant now) {
    lines.add(new Line(now, text(action, spawned)));
  }

  /** What was added since anything was taken. */
  ImmutableList<String> take(Instant now) {
    return take(now, Line::text);
  }

  /** What was added since anything was taken, and how long after. */
  ImmutableList<String> takeTimed(Instant now) {
    return take(now, this::timed);
  }

  private ImmutableList<String> take(Instant now, Function<Line, String> format) {
    ImmutableList<String> result =
        lines.stream().map(format).collect(ImmutableList.toImmutableList());
    lines.clear();
    since = now;
    return result;
  }

  private String timed(Line line) {
    return "%s %s".formatted(seconds(line.at()), line.text());
  }

  private String seconds(Instant at) {
    long millis = Duration.between(since, at).toMillis();
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis / 1000.0 + "s";
  }

  private static String text(Action action, @Nullable Child spawned) {
    if (action instanceof Action.Spawn spawn) {
      String text = "spawn " + name(requireNonNull(spawned));
      return spawn.replaced() == null ? text : text + " for " + name(spawn.replaced());
    } else if (action instanceof Action.Drain drain) {
      return "drain " + name(drain.child());
    } else if (action instanceof Action.Kill kill) {
      return "kill " + name(kill.child());
    } else if (action instanceof Action.DumpThreads dump) {
      return "dump " + name(dump.child());
    } else if (action instanceof Action.EndRestart end) {
      return end.failure() == null ? "restart done" : "restart failed: " + end.failure();
    } else if (action instanceof Action.Exit exit) {
      return "exit " + exit.code();
    }
    return "announce";
  }

  /** Slot and generation. */
  static String name(Child child) {
    return child.slot() + "." + child.generation();
  }

  @Override
  public String toString() {
    return lines.stream().map(this::timed).toList().toString();
  }
}
