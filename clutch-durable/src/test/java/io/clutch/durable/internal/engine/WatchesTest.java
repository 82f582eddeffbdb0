package io.clutch.durable.internal.engine;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.v1.Job;
import io.clutch.v1.JobProgress;
import io.clutch.worker.jobs.JobWatch;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchesTest {

  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final AtomicReference<Job> job = new AtomicReference<>(running(0));
  private final Watches watches = new Watches(id -> job.get(), thread);

  @AfterEach
  void stop() {
    thread.shutdownNow();
  }

  @Test
  void whoeverIsSlowHearsHowItIsNowAndNotAllThatWas() throws Exception {
    Watcher slow = new Watcher();
    Watcher quick = new Watcher();
    Runnable unused = watches.watch("a", slow);
    unused = watches.watch("a", quick);
    await().atMost(60, SECONDS).until(() -> slow.told.size() == 1 && quick.told.size() == 1);

    slow.ready = false;
    // Nobody is in the middle of a look then.
    thread.submit(() -> {}).get(60, SECONDS);
    for (int done = 1; done <= 3; done++) {
      Job now = running(done);
      job.set(now);
      await().atMost(60, SECONDS).until(() -> quick.told.contains(now));
    }
    job.set(Job.newBuilder().setState(Job.State.DONE).build());
    await().atMost(60, SECONDS).until(() -> quick.ended);
    assertThat(slow.told).containsExactly(running(0));
    assertThat(slow.ended).isFalse();

    slow.ready = true;
    await().atMost(60, SECONDS).until(() -> slow.ended);
    assertThat(slow.told).containsExactly(running(0), job.get());
  }

  @Test
  void whoeverIsSlowIsToldWhenNothingMoreCanBe() {
    Watcher slow = new Watcher();
    slow.ready = false;
    Runnable unused = watches.watch("a", slow);

    watches.close(ClutchException.notStarted(Reason.DRAINING, "the worker has stopped"));

    assertThat(slow.failures).hasSize(1);
  }

  private static Job running(int done) {
    return Job.newBuilder()
        .setState(Job.State.RUNNING)
        .setProgress(JobProgress.newBuilder().setDone(done))
        .build();
  }

  private static final class Watcher implements JobWatch {
    private final List<Job> told = new CopyOnWriteArrayList<>();
    private final List<ClutchException> failures = new CopyOnWriteArrayList<>();
    private volatile boolean ready = true;
    private volatile boolean ended;

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void is(Job job) {
      told.add(job);
    }

    @Override
    public void ended() {
      ended = true;
    }

    @Override
    public void failed(ClutchException why) {
      failures.add(why);
    }
  }
}
