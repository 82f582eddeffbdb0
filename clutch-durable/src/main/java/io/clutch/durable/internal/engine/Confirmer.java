package io.clutch.durable.internal.engine;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import io.clutch.durable.internal.engine.Inbox.Accept;
import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.StoreException;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Started;
import io.clutch.worker.jobs.AcceptedJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells callers that their jobs are accepted, once these are on the disk. It waits for the disk in
 * a thread of its own, so that the next group is written meanwhile; what was written during one
 * wait, the next one is for. Thread-safe.
 */
final class Confirmer {

  private static final Logger log = LoggerFactory.getLogger(Confirmer.class);

  private final Queue<Group> written = new ConcurrentLinkedQueue<>();

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          new ThreadFactoryBuilder().setNameFormat("clutch-jobs-sync").setDaemon(true).build());

  /** Jobs that were written together. */
  private record Group(JobStore store, List<Accept> accepts, List<AcceptedJob> answers) {

    void confirm() {
      for (int i = 0; i < accepts.size(); i++) {
        boolean unused = accepts.get(i).done().complete(answers.get(i));
      }
    }

    void fail(ClutchException failure) {
      accepts.forEach(accept -> accept.done().completeExceptionally(failure));
    }
  }

  /** These were written to that store; each accept has the answer of its index. */
  void confirm(JobStore store, List<Accept> accepts, List<AcceptedJob> answers) {
    written.add(new Group(store, accepts, answers));
    thread.execute(this::confirmWritten);
  }

  /** Returns when all are told. Nothing more is written. */
  void close() {
    thread.shutdown();
    Uninterruptibles.awaitTerminationUninterruptibly(thread);
  }

  private void confirmWritten() {
    List<Group> groups = new ArrayList<>();
    for (Group group = written.poll(); group != null; group = written.poll()) {
      groups.add(group);
    }
    try {
      confirm(groups);
    } catch (RuntimeException | Error e) {
      log.error("telling of accepted jobs met a defect", e);
      ClutchException failure = JobLoop.unavailable("a defect: " + e, Started.UNKNOWN, e);
      groups.forEach(group -> group.fail(failure));
    }
  }

  /** All of them were written already: to wait for the disk once is enough. */
  private static void confirm(List<Group> groups) {
    Map<JobStore, List<Group>> byStore =
        groups.stream().collect(Collectors.groupingBy(Group::store));
    byStore.forEach(Confirmer::confirm);
  }

  private static void confirm(JobStore store, List<Group> groups) {
    try {
      store.sync();
    } catch (StoreException e) {
      ClutchException failure =
          JobLoop.unavailable(String.valueOf(e.getMessage()), Started.UNKNOWN, e);
      groups.forEach(group -> group.fail(failure));
      return;
    }
    groups.forEach(Group::confirm);
  }
}
