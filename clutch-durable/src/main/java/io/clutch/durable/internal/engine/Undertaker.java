package io.clutch.durable.internal.engine;

import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.Owner;
import io.clutch.durable.internal.store.StoreException;
import io.clutch.durable.internal.store.TakenJob;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees the jobs of processes that live no more. Of those of its own pool the supervisor tells how
 * they ended, so that it waits a while for that word. For the thread that writes.
 */
final class Undertaker {

  private static final Logger log = LoggerFactory.getLogger(Undertaker.class);

  /** How long the supervisor may take to say how one of its children ended. */
  private static final long WORD_NANOS = Duration.ofSeconds(5).toNanos();

  /** How many deaths are remembered that nothing has come of. */
  private static final int MOST_DEATHS = 200;

  private final Verdicts verdicts;
  private final InstantSource clock;

  /** What the supervisor has said, by who it was. */
  private final Map<Child, String> told =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Child, String> eldest) {
          return size() > MOST_DEATHS;
        }
      };

  /** Since when it is known that they are dead, by their ids. */
  private final Map<Long, Long> untold = new HashMap<>();

  /** A child of this process's pool. */
  record Child(int slot, long generation, long processId) {}

  Undertaker(Verdicts verdicts, InstantSource clock) {
    this.verdicts = verdicts;
    this.clock = clock;
  }

  /** The supervisor has seen one of its children die. */
  void childGone(Child child, String how) {
    told.put(child, how);
  }

  /**
   * Frees what the dead have left.
   *
   * @return whether there was any
   */
  boolean look(JobStore store) throws StoreException {
    boolean found = false;
    Owner self = store.self();
    for (Owner other : store.others()) {
      String how = how(store, self, other);
      if (how != null) {
        found |= bury(store, other, how);
      }
    }
    return found;
  }

  /** How it died; null where it lives, or there is more to hear of it. */
  private @Nullable String how(JobStore store, Owner self, Owner other) throws StoreException {
    boolean isOfThisPool =
        !self.pool().isEmpty()
            && self.pool().equals(other.pool())
            && self.host().equals(other.host());
    if (isOfThisPool) {
      String word = told.get(new Child(other.slot(), other.generation(), other.processId()));
      if (word != null) {
        return word;
      }
    }
    if (!store.isDead(other)) {
      untold.remove(other.id());
      return null;
    }
    if (isOfThisPool) {
      long now = System.nanoTime();
      if (now - untold.computeIfAbsent(other.id(), id -> now) < WORD_NANOS) {
        return null;
      }
    }
    return "it is not known how";
  }

  private boolean bury(JobStore store, Owner dead, String how) throws StoreException {
    Optional<Integer> jobs =
        store.bury(dead, (job, startedMillis) -> verdict(dead, how, job, startedMillis));
    untold.remove(dead.id());
    if (jobs.isPresent() && jobs.get() > 0) {
      log.info("{} has died ({}): {} jobs of it are free", dead.name(), how, jobs.get());
      return true;
    }
    return false;
  }

  private Change verdict(Owner dead, String how, TakenJob job, @Nullable Long startedMillis) {
    return startedMillis == null
        ? new Change.HandBack(job.seq())
        : verdicts.died(new Verdicts.Attempt(job, startedMillis, dead.name()), how, clock.millis());
  }
}
