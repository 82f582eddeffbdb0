package io.clutch.testing;

import io.clutch.worker.Call;
import io.clutch.worker.FunctionInterceptor;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** What goes wrong with functions that have started. Counts their runs, too. */
final class RunFaults implements FunctionInterceptor {

  private final FaultPlan plan;
  private final CallCounts counts;
  private final UnderWay underWay;
  private final Runnable onKill;

  /**
   * @param onKill loses the worker; returns when that is done
   */
  RunFaults(FaultPlan plan, CallCounts counts, UnderWay underWay, Runnable onKill) {
    this.plan = plan;
    this.counts = counts;
    this.underWay = underWay;
    this.onKill = onKill;
  }

  @Override
  public @Nullable Object run(Call call, Callable<? extends @Nullable Object> next)
      throws Exception {
    underWay.begin();
    int resets = counts.started(call.function());
    try {
      Optional<Fault> fault = plan.takeInTheRun(call.function());
      if (fault.isPresent() && fault.get() instanceof Fault.Fail failure) {
        throw failure.thrown();
      }
      if (fault.isPresent()) {
        onKill.run();
      }
      return next.call();
    } finally {
      counts.finished(call.function(), resets);
      underWay.end();
    }
  }
}
