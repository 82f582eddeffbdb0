package io.clutch.protocol.stream;

import com.google.common.collect.ImmutableList;
import io.clutch.v1.PayloadPart;
import io.grpc.stub.CallStreamObserver;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes what there is to say on a call stream: everything that is ready goes into one message, and
 * nothing waits for more. As messages are made on the network's thread, more gets ready while that
 * is busy. Large payloads go in parts, with small items between them. While the other end does not
 * read, nothing is written.
 *
 * @param <B> builds a message
 * @param <M> the message
 */
public final class BatchWriter<B, M> {

  /** A message holds at most about so much, so that the other end can begin. */
  private static final int MESSAGE_SIZE = 64 * 1024;

  /**
   * How messages are made.
   *
   * @param builder starts one
   * @param addPart adds a part of a payload
   * @param build ends it
   */
  public record Format<B, M>(
      Supplier<B> builder, BiConsumer<B, PayloadPart> addPart, Function<B, M> build) {}

  private final CallStreamObserver<M> stream;
  private final Format<B, M> format;
  private final Executor thread;
  private final Runnable flush = this::flush;

  private final Queue<Item<B>> items = new ConcurrentLinkedQueue<>();
  private final AtomicLong backlog = new AtomicLong();
  private final AtomicBoolean scheduled = new AtomicBoolean();

  // Owned by the thread.

  private final ArrayDeque<Parts> parts = new ArrayDeque<>();
  private @Nullable Supplier<Boolean> finisher;
  private boolean ended;

  /**
   * @param stream is written to on {@code thread} only
   * @param thread runs tasks one after another: the network's, best
   */
  public BatchWriter(CallStreamObserver<M> stream, Format<B, M> format, Executor thread) {
    this.stream = stream;
    this.format = format;
    this.thread = thread;
  }

  /** Has it said. For any thread. */
  public void add(Item<B> item) {
    backlog.addAndGet(item.size());
    items.add(item);
    schedule();
  }

  /** About how many bytes wait to be written. For any thread. */
  public long backlog() {
    return backlog.get();
  }

  /** Has what is there written soon. For any thread. */
  public void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      thread.execute(flush);
    }
  }

  /** Writes what is there, as far as the stream takes it. On the thread. */
  public void flush() {
    scheduled.set(false);
    if (ended) {
      return;
    }
    while (stream.isReady() && writeOne()) {
      // Goes on.
    }
    if (isEmpty() && finisher != null && finisher.get()) {
      ended = true;
      stream.onCompleted();
    }
  }

  /**
   * Ends this direction of the stream as soon as nothing is left to write and {@code isOver} says
   * so; it is asked after every flush. On the thread.
   */
  public void finishWhen(Supplier<Boolean> isOver) {
    finisher = isOver;
    schedule();
  }

  /**
   * The stream has ended: nothing is written any more. On the thread.
   *
   * @return what was not written
   */
  public ImmutableList<Item<B>> end() {
    ended = true;
    ImmutableList.Builder<Item<B>> unwritten = ImmutableList.builder();
    for (Item<B> item = items.poll(); item != null; item = items.poll()) {
      backlog.addAndGet(-item.size());
      unwritten.add(item);
    }
    parts.clear();
    return unwritten.build();
  }

  private boolean isEmpty() {
    return items.isEmpty() && parts.isEmpty();
  }

  private boolean writeOne() {
    @Nullable B message = null;
    int size = 0;
    for (Item<B> item = items.poll(); item != null; item = items.poll()) {
      message = message == null ? format.builder().get() : message;
      size += item.size();
      backlog.addAndGet(-item.size());
      @Nullable Parts rest = item.writeTo(message);
      if (rest != null) {
        backlog.addAndGet(rest.left());
        parts.add(rest);
      }
      if (size >= MESSAGE_SIZE) {
        break;
      }
    }
    PayloadPart part = nextPart();
    if (part != null) {
      message = message == null ? format.builder().get() : message;
      format.addPart().accept(message, part);
    }
    if (message == null) {
      return false;
    }
    stream.onNext(format.build().apply(message));
    return true;
  }

  /** Long payloads take turns. */
  private @Nullable PayloadPart nextPart() {
    for (Parts next = parts.poll(); next != null; next = parts.poll()) {
      if (next.isStopped()) {
        backlog.addAndGet(-next.left());
        continue;
      }
      PayloadPart part = next.next();
      backlog.addAndGet(-part.getData().size());
      if (!next.isDone()) {
        parts.add(next);
      }
      return part;
    }
    return null;
  }
}
