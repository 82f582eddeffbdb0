package io.clutch.protocol.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** Elements in order. */
final class ChainTest {

  private final Chain<Element> chain = new Chain<>();

  private static final class Element extends Chain.Link<Element> {
    private final String name;

    Element(String name) {
      this.name = name;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private Element add(String name) {
    Element element = new Element(name);
    chain.addLast(element);
    return element;
  }

  @Test
  void aNewOneIsEmpty() {
    assertThat(chain.isEmpty()).isTrue();
    assertThat(chain.size()).isZero();
    assertThat(chain.first()).isNull();
    assertThat(chain.copy()).isEmpty();
    assertThat(chain.find(each -> true)).isNull();
  }

  @Test
  void eachOneLeavesFromWhereItIs() {
    Element a = add("a");
    Element b = add("b");
    Element c = add("c");
    Element d = add("d");

    assertThat(chain.remove(b)).as("from the middle").isTrue();
    assertThat(chain.copy()).containsExactly(a, c, d);
    assertThat(chain.remove(a)).as("from the head").isTrue();
    assertThat(chain.copy()).containsExactly(c, d);
    assertThat(chain.first()).isSameAs(c);
    assertThat(chain.remove(d)).as("from the end").isTrue();
    assertThat(chain.remove(c)).as("the only one").isTrue();
    assertThat(chain.isEmpty()).isTrue();
    assertThat(chain.first()).isNull();
  }

  @Test
  void oneLeavesOnce() {
    Element a = add("a");

    assertThat(chain.remove(a)).isTrue();
    assertThat(chain.remove(a)).isFalse();
    assertThat(chain.remove(new Element("never there"))).isFalse();
    assertThat(chain.size()).isZero();
  }

  @Test
  void oneIsInOneChainAtATime() {
    Chain<Element> other = new Chain<>();
    Element a = add("a");

    assertThat(chain.has(a)).isTrue();
    assertThat(other.has(a)).isFalse();
    assertThat(other.remove(a)).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(() -> other.addLast(a))
        .withMessageContaining("a chain: a");
    assertThatIllegalStateException().isThrownBy(() -> chain.addFirst(a));
    assertThat(chain.copy()).containsExactly(a);

    chain.remove(a);
    other.addLast(a);

    assertThat(other.copy()).containsExactly(a);
    assertThat(chain.has(a)).isFalse();
  }

  @Test
  void theFirstOneThatSuitsIsFoundAndStays() {
    Element a = add("a");
    Element b = add("b");
    add("c");

    assertThat(chain.find(each -> each != a)).isSameAs(b);
    assertThat(chain.find(each -> false)).isNull();
    assertThat(chain.size()).isEqualTo(3);
  }

  @Test
  void aCopyStaysAsItIs() {
    Element a = add("a");
    List<Element> copy = chain.copy();

    add("b");

    assertThat(copy).containsExactly(a);
  }

  /** Beside a plain list that does the same. */
  @Test
  void itKeepsItsOrderWhateverComesAndGoes() {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    Deque<Element> model = new ArrayDeque<>();
    for (int i = 0; i < 20_000; i++) {
      Element element = new Element("e" + i);
      switch (random.nextInt(5)) {
        case 0 -> {
          chain.addLast(element);
          model.addLast(element);
        }
        case 1 -> {
          chain.addFirst(element);
          model.addFirst(element);
        }
        case 2 -> {
          Element first = chain.first();
          assertThat(first).as("seed %s", seed).isSameAs(model.pollFirst());
          if (first != null) {
            chain.remove(first);
          }
        }
        case 3 -> {
          Element some =
              model.stream()
                  .skip(model.isEmpty() ? 0 : random.nextInt(model.size()))
                  .findFirst()
                  .orElse(element);
          assertThat(chain.remove(some)).as("seed %s", seed).isEqualTo(model.remove(some));
        }
        default -> assertThat(chain.remove(element)).as("seed %s", seed).isFalse();
      }
      assertThat(chain.copy()).as("seed %s", seed).containsExactlyElementsOf(model);
      assertThat(chain.size()).isEqualTo(model.size());
    }
  }
}
