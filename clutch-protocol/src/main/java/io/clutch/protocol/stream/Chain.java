package io.clutch.protocol.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Elements in order, each of which can leave at once, wherever it is. The links are in the
 * elements: to add one makes nothing, and each is in one chain at a time. Whoever has the chain
 * guards it, and the links with it.
 */
public final class Chain<E extends Chain.Link<E>> {

  /** What can be in a chain. */
  public abstract static class Link<E extends Link<E>> {
    @Nullable Chain<E> chain;
    @Nullable E previous;
    @Nullable E next;

    /** In none yet. */
    protected Link() {}
  }

  private @Nullable E first;
  private @Nullable E last;
  private int size;

  /** One without elements. */
  public Chain() {}

  /** How many there are. */
  public int size() {
    return size;
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return size == 0;
  }

  /** Whether it is in this chain. */
  public boolean has(E element) {
    return element.chain == this;
  }

  /** The first one; null where there is none. */
  public @Nullable E first() {
    return first;
  }

  /** The first one that {@code suits}; null where none does. Nothing may come or go meanwhile. */
  public @Nullable E find(Predicate<? super E> suits) {
    for (E each = first; each != null; each = each.next) {
      if (suits.test(each)) {
        return each;
      }
    }
    return null;
  }

  /** All of them, in order, as they are now. */
  public List<E> copy() {
    List<E> copy = new ArrayList<>(size);
    for (E each = first; each != null; each = each.next) {
      copy.add(each);
    }
    return copy;
  }

  /**
   * Puts it behind the others.
   *
   * @throws IllegalStateException where it is in a chain
   */
  public void addLast(E element) {
    link(last, element, null);
  }

  /**
   * Puts it before the others.
   *
   * @throws IllegalStateException where it is in a chain
   */
  public void addFirst(E element) {
    link(null, element, first);
  }

  private void link(@Nullable E before, E element, @Nullable E after) {
    if (element.chain != null) {
      throw new IllegalStateException("it is in a chain: " + element);
    }
    element.chain = this;
    element.previous = before;
    element.next = after;
    if (before == null) {
      first = element;
    } else {
      before.next = element;
    }
    if (after == null) {
      last = element;
    } else {
      after.previous = element;
    }
    size++;
  }

  /** Takes it out; false where it is not in this chain. */
  public boolean remove(E element) {
    if (element.chain != this) {
      return false;
    }
    E before = element.previous;
    E after = element.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    element.chain = null;
    element.previous = null;
    element.next = null;
    size--;
    return true;
  }
}
