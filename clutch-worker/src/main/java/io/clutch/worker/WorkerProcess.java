package io.clutch.worker;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.util.concurrent.Uninterruptibles;
import io.clutch.process.InheritedSocket;
import io.clutch.process.InheritedSockets;
import io.clutch.process.Place;
import io.clutch.process.ProcessSignals;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A process that is a worker: its signals, its supervisor, its exit codes. */
final class WorkerProcess {

  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  /** How long a process that cannot be trusted any more may still answer. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  /** How much longer than its drain a child may live; a supervisor is less patient. */
  private static final Duration OVERTIME = Duration.ofSeconds(3);

  private final Worker worker;
  private final WorkerOptions options;

  /** Null where there is no supervisor. */
  private volatile @Nullable Supervision supervision;

  /** Ends the process after a fatal error; null as long as there was none. */
  private volatile @Nullable Thread ender;

  WorkerProcess(Worker worker, WorkerOptions options) {
    this.worker = worker;
    this.options = options;
  }

  /** See {@link Worker#run}. */
  void run() throws IOException {
    boolean finished;
    try (ProcessSignals signals =
        ProcessSignals.handle(ImmutableMap.of("TERM", this::onTerm, "INT", this::onInt))) {
      Optional<Place> place = Place.of(System::getenv);
      finished = place.isPresent() ? runSupervised(place.get()) : runAlone();
    }
    Thread ending = ender;
    if (ending != null) {
      // It ends the process, with the exit code that says why.
      Uninterruptibles.joinUninterruptibly(ending);
    }
    if (!finished) {
      System.exit(Worker.EXIT_CALLS_GIVEN_UP);
    }
  }

  private boolean runAlone() throws IOException {
    ImmutableList<InheritedSocket> inherited = InheritedSockets.ofProcess();
    ConnectionSource connections =
        inherited.isEmpty()
            ? new OwnListeners(options.addresses())
            : GivenConnections.inherited(inherited);
    worker.start(connections, Membership.ALONE, this::onFatalError);
    worker.awaitStop();
    return worker.drain(options.gracefulTimeout());
  }

  private boolean runSupervised(Place place) throws IOException {
    try (Supervision supervised = Supervision.begin(place, worker, options)) {
      supervision = supervised;
      supervised.serve(this::onFatalError);
      worker.awaitStop();
      Duration drainTime = supervised.announceEnd();
      endForSure(drainTime.plus(OVERTIME));
      return worker.drain(drainTime);
    }
  }

  /** There may be nobody left to kill this process, should its program not end. */
  private static void endForSure(Duration atMost) {
    Thread lifeline =
        new Thread(
            () -> {
              Uninterruptibles.sleepUninterruptibly(atMost);
              Runtime.getRuntime().halt(Worker.EXIT_CALLS_GIVEN_UP);
            },
            "clutch-lifeline");
    lifeline.setDaemon(true);
    lifeline.start();
  }

  private void onTerm() {
    Supervision supervised = supervision;
    if (supervised != null && supervised.askForDrain()) {
      return;
    }
    if (!worker.askToStop()) {
      log.warn("worker told to stop a second time: stops at once");
      Runtime.getRuntime().halt(Worker.EXIT_STOPPED_AT_ONCE);
    }
  }

  /** A terminal sends it to all processes; the supervisor then tells its children what to do. */
  private void onInt() {
    if (supervision == null) {
      onTerm();
    }
  }

  private void onFatalError(Error error) {
    try {
      log.error(
          "a function failed with an error that leaves this JVM in doubt; the process ends with"
              + " exit code {}",
          Worker.EXIT_FATAL_ERROR,
          error);
      Thread ending =
          new Thread(
              () -> {
                try {
                  Supervision supervised = supervision;
                  if (supervised != null) {
                    supervised.tellFatalError();
                  }
                  boolean unused = worker.drain(LAST_WORDS);
                } finally {
                  Runtime.getRuntime().halt(Worker.EXIT_FATAL_ERROR);
                }
              },
              "clutch-ender");
      ending.setDaemon(true);
      ender = ending;
      ending.start();
    } catch (Throwable evenThat) {
      Runtime.getRuntime().halt(Worker.EXIT_FATAL_ERROR);
    }
  }
}
