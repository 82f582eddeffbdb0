package io.clutch.worker;

import io.clutch.process.Place;
import io.clutch.v1.AttachRequest;
import io.clutch.v1.AttachRequest.MessageCase;
import io.clutch.worker.internal.sockets.Handover;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** Workers of one pool within this process, each with a port of its own. */
final class TestPool implements AutoCloseable {

  private static final Duration GRACEFUL = Duration.ofSeconds(20);

  private final Path folder;
  private final List<Child> children = new ArrayList<>();

  /** One of them. */
  static final class Child implements AutoCloseable {
    private final FakeSupervisor supervisor;
    private final SupervisedWorker worker;
    private final String siblingSocket;
    private final Handover handover;
    private final TestCaller caller;

    private Child(FakeSupervisor supervisor, SupervisedWorker worker)
        throws IOException, InterruptedException {
      this.supervisor = supervisor;
      this.worker = worker;
      AttachRequest.Ready ready = supervisor.await(MessageCase.READY).getReady();
      this.siblingSocket = ready.getSiblingSocket();
      this.handover = new Handover(Path.of(ready.getDescriptorSocket()));
      this.caller = new TestCaller(handover.address());
    }

    /** A client with one connection. */
    TestCaller caller() {
      return caller;
    }

    FakeSupervisor supervisor() {
      return supervisor;
    }

    String siblingSocket() {
      return siblingSocket;
    }

    /** Drains it, as its process does. */
    void drain() throws IOException {
      handover.end();
      worker.close();
    }

    @Override
    public void close() throws Exception {
      caller.close();
      handover.close();
      worker.close();
      supervisor.close();
    }
  }

  /**
   * @param folder for the sockets
   */
  TestPool(Path folder) {
    this.folder = folder;
  }

  /**
   * Starts so many, which know of each other.
   *
   * @param description describes the worker of a slot, from 1; it runs one call at a time
   */
  void start(int size, BiFunction<Integer, Worker.Builder, Worker.Builder> description)
      throws Exception {
    for (int slot = 1; slot <= size; slot++) {
      int number = slot;
      FakeSupervisor supervisor = new FakeSupervisor(folder.resolve("control-" + slot + ".sock"));
      SupervisedWorker worker =
          new SupervisedWorker(
              new Place(supervisor.socket(), slot, 1),
              GRACEFUL,
              builder -> description.apply(number, builder));
      worker.serve();
      children.add(new Child(supervisor, worker));
    }
    introduce();
  }

  /** Tells each of them who the others are. */
  void introduce(String... more) {
    for (Child child : children) {
      List<String> sockets = new ArrayList<>(List.of(more));
      for (Child other : children) {
        if (other != child) {
          sockets.add(other.siblingSocket());
        }
      }
      child.supervisor().siblings(sockets);
    }
  }

  /** By its slot, from 1. */
  Child child(int slot) {
    return children.get(slot - 1);
  }

  @Override
  public void close() throws Exception {
    for (Child child : children) {
      child.close();
    }
  }
}
