package io.clutch.supervisor;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.process.ProcessSignals;
import io.clutch.supervisor.internal.keep.Signal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** This process's signals, for a supervisor that may not be there yet. Thread-safe. */
final class SupervisorSignals implements AutoCloseable {

  @GuardedBy("this")
  private final List<Signal> early = new ArrayList<>();

  @GuardedBy("this")
  private @Nullable Supervisor supervisor;

  private final ProcessSignals handlers =
      ProcessSignals.handle(
          ImmutableMap.of(
              "TERM", () -> signal(Signal.STOP),
              "INT", () -> signal(Signal.STOP),
              "HUP", () -> signal(Signal.RESTART),
              "USR1", () -> signal(Signal.STOP_SLOWLY),
              "TTIN", () -> signal(Signal.MORE),
              "TTOU", () -> signal(Signal.FEWER)));

  private synchronized void signal(Signal signal) {
    Supervisor started = supervisor;
    if (started == null) {
      early.add(signal);
    } else {
      started.signal(signal);
    }
  }

  /** Gives it those that came before it, and from now on all. */
  synchronized void to(Supervisor started) {
    supervisor = started;
    early.forEach(started::signal);
    early.clear();
  }

  @Override
  public void close() {
    handlers.close();
  }
}
