package io.clutch.durable.internal.engine;

import com.google.common.collect.ImmutableList;
import io.clutch.protocol.ClutchException;
import io.clutch.v1.Job;
import io.clutch.worker.jobs.JobWatch;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells how jobs are, whenever that has changed, wherever they run: looks again and again.
 * Thread-safe.
 */
final class Watches {

  private static final Logger log = LoggerFactory.getLogger(Watches.class);

  private static final long LOOK_MILLIS = 100;

  private final Function<String, Job> find;
  private final ScheduledExecutorService thread;
  private final Set<Watched> all = ConcurrentHashMap.newKeySet();

  /**
   * @param find gives a job, or throws a {@link ClutchException}
   * @param thread is the one that looks and tells
   */
  Watches(Function<String, Job> find, ScheduledExecutorService thread) {
    this.find = find;
    this.thread = thread;
    var unused =
        thread.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Begins with how it is now; gives what ends it. */
  Runnable watch(String id, JobWatch watch) {
    Watched watched = new Watched(id, watch);
    all.add(watched);
    thread.execute(() -> look(watched));
    return () -> all.remove(watched);
  }

  private void look() {
    all.forEach(this::look);
  }

  private void look(Watched watched) {
    if (!all.contains(watched) || !watched.watch.isReady()) {
      return;
    }
    try {
      Job job = find.apply(watched.id);
      if (!job.equals(watched.told)) {
        watched.told = job;
        watched.watch.is(job);
      }
      if (isEnded(job.getState())) {
        all.remove(watched);
        watched.watch.ended();
      }
    } catch (ClutchException e) {
      all.remove(watched);
      watched.watch.failed(e);
    } catch (RuntimeException e) {
      // The others are to be told all the same.
      log.warn("somebody who watches job {} cannot be told", watched.id, e);
      all.remove(watched);
    }
  }

  private static boolean isEnded(Job.State state) {
    return switch (state) {
      case DONE, DEAD, CANCELLED, EXPIRED -> true;
      default -> false;
    };
  }

  /** Nobody is told anything any more. */
  void close(ClutchException why) {
    for (Watched watched : ImmutableList.copyOf(all)) {
      if (all.remove(watched)) {
        watched.watch.failed(why);
      }
    }
  }

  /** Owned by the thread that looks. */
  private static final class Watched {
    private final String id;
    private final JobWatch watch;
    private @Nullable Job told;

    Watched(String id, JobWatch watch) {
      this.id = id;
      this.watch = watch;
    }
  }
}
