package io.clutch.supervisor;

import com.google.common.collect.ImmutableList;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.clutch.v1.PoolEvent;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells listeners on a thread of their own, so that none of them delays the pool. */
final class ListenerThread implements Consumer<PoolEvent> {

  private static final Logger log = LoggerFactory.getLogger(ListenerThread.class);

  private final ImmutableList<SupervisorListener> listeners;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          new ThreadFactoryBuilder().setNameFormat("clutch-listeners").setDaemon(true).build());

  ListenerThread(ImmutableList<SupervisorListener> listeners) {
    this.listeners = listeners;
  }

  @Override
  public void accept(PoolEvent event) {
    if (!listeners.isEmpty()) {
      thread.execute(() -> listeners.forEach(listener -> tell(listener, event)));
    }
  }

  private static void tell(SupervisorListener listener, PoolEvent event) {
    try {
      listener.onEvent(event);
    } catch (RuntimeException | Error e) {
      log.warn("a listener failed at: {}", event.getMessage(), e);
    }
  }
}
