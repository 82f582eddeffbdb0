package io.clutch.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.common.reflect.TypeToken;
import io.clutch.contract.ContractMethod.Form;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What makes an interface a contract. */
class ContractTest {

  interface Forms {
    @ClutchFunction("all")
    int plain(String argument);

    @ClutchFunction("all")
    CompletableFuture<Integer> future(String argument);

    @ClutchFunction(value = "all", background = true)
    void background(String argument);

    @ClutchFunction(value = "all", background = true)
    String backgroundWithId(String argument);

    @ClutchFunction(value = "all", background = true)
    CompletionStage<String> backgroundFuture(String argument);

    @ClutchFunction("async")
    CompletionStage<List<String>> async();

    @ClutchFunction(value = "log", background = true)
    void log(byte[] line);

    @ClutchFunction("nothing")
    void nothing();

    default int twice(String argument) {
      return 2 * plain(argument);
    }

    static int none() {
      return 0;
    }

    @Override
    String toString();
  }

  @Test
  void theResultOfAMethodSaysHowItIsCalled() {
    assertThat(Contract.of(Forms.class).methods())
        .extracting(method -> method.method().getName(), ContractMethod::form)
        .containsExactlyInAnyOrder(
            tuple("plain", Form.PLAIN),
            tuple("future", Form.FUTURE),
            tuple("background", Form.BACKGROUND),
            tuple("backgroundWithId", Form.BACKGROUND),
            tuple("backgroundFuture", Form.BACKGROUND_FUTURE),
            tuple("async", Form.FUTURE),
            tuple("log", Form.BACKGROUND),
            tuple("nothing", Form.PLAIN));
  }

  @Test
  void aFunctionHasOneArgumentOneResultAndOneFormToRun() {
    assertThat(Contract.of(Forms.class).functions())
        .extracting(
            ContractFunction::name,
            f -> f.argumentType().getTypeName(),
            f -> f.resultType().map(type -> type.getTypeName()).orElse("?"),
            f -> f.run().method().getName())
        .containsExactly(
            tuple("all", "java.lang.String", "int", "plain"),
            tuple("async", "java.lang.Void", "java.util.List<java.lang.String>", "async"),
            tuple("log", "byte[]", "?", "log"),
            tuple("nothing", "java.lang.Void", "java.lang.Void", "nothing"));
  }

  interface Options {
    @ClutchFunction(
        value = "f",
        idempotent = true,
        inline = true,
        timeout = "1.5s",
        description = "does it")
    void plain();

    @ClutchFunction("f")
    CompletableFuture<Void> future();
  }

  @Test
  void optionsAreThoseOfTheMethod() {
    ContractMethod plain = Contract.of(Options.class).functions().get(0).run();

    assertThat(plain.timeout()).contains(Duration.ofMillis(1500));
    assertThat(plain.isIdempotent()).isTrue();
    assertThat(plain.isInline()).isTrue();
    assertThat(plain.description()).isEqualTo("does it");
    assertThat(Contract.of(Options.class).methods())
        .filteredOn(method -> method.form() == Form.FUTURE)
        .allMatch(method -> method.timeout().isEmpty() && !method.isIdempotent());
  }

  interface Store<K, V> {
    @ClutchFunction("store.get")
    V get(K key);

    @ClutchFunction("store.all")
    CompletableFuture<List<? extends V>> all();
  }

  interface Numbers extends Store<String, List<Integer>> {}

  interface Narrowed extends Store<String, Integer> {
    @Override
    @ClutchFunction("store.get")
    Integer get(String key);
  }

  @Test
  void typeParametersAreThoseThatInheritanceSays() {
    assertThat(Contract.of(Numbers.class).functions())
        .extracting(
            ContractFunction::name,
            f -> TypeToken.of(f.argumentType()).toString(),
            f -> TypeToken.of(f.resultType().orElseThrow()).toString())
        .containsExactly(
            tuple(
                "store.all",
                "java.lang.Void",
                "java.util.List<? extends java.util.List<java.lang.Integer>>"),
            tuple("store.get", "java.lang.String", "java.util.List<java.lang.Integer>"));
  }

  @Test
  void aMethodThatIsDeclaredAgainIsOne() {
    assertThat(Contract.of(Narrowed.class).functions())
        .extracting(ContractFunction::name, f -> f.run().method().getReturnType())
        .containsExactly(
            tuple("store.all", CompletableFuture.class), tuple("store.get", Integer.class));
  }

  interface Ping {
    @ClutchFunction("ping")
    String ping();
  }

  interface AlsoPing {
    @ClutchFunction("ping")
    String ping();
  }

  interface Pings extends Ping, AlsoPing {}

  @Test
  void aMethodThatIsInheritedTwiceIsOneFunction() {
    assertThat(Contract.of(Pings.class).functions()).hasSize(1);
  }

  interface NoFunction {
    default void nothing() {}
  }

  interface Unannotated {
    @ClutchFunction("a")
    void a();

    void b();
  }

  interface TwoArguments {
    @ClutchFunction("a")
    void a(int x, int y);
  }

  interface Blank {
    @ClutchFunction(" ")
    void a();
  }

  interface BadName {
    @ClutchFunction("a\nb")
    void a();
  }

  interface BadTimeout {
    @ClutchFunction(value = "a", timeout = "soon")
    void a();
  }

  interface NoTimeout {
    @ClutchFunction(value = "a", timeout = "0s")
    void a();
  }

  interface StaticFunction {
    @ClutchFunction("a")
    static void a() {}
  }

  interface ObjectFunction {
    @Override
    @ClutchFunction("a")
    String toString();
  }

  interface PlainFuture {
    @ClutchFunction("a")
    Future<String> a();
  }

  @SuppressWarnings("rawtypes")
  interface RawFuture {
    @ClutchFunction("a")
    CompletableFuture a();
  }

  interface BackgroundResult {
    @ClutchFunction(value = "a", background = true)
    int a();
  }

  interface BackgroundFutureResult {
    @ClutchFunction(value = "a", background = true)
    CompletableFuture<Void> a();
  }

  interface OwnTypeParameter {
    @ClutchFunction("a")
    <T> List<T> a();
  }

  static final class Box<V> {
    private final List<V> content = new ArrayList<>();

    final class Lid {
      V under() {
        return content.get(0);
      }
    }
  }

  interface OpenOwner<V> {
    @ClutchFunction("a")
    Box<V>.Lid a();
  }

  interface DifferentArguments {
    @ClutchFunction("a")
    int first(List<String> names);

    @ClutchFunction("a")
    CompletableFuture<Integer> second(String name);
  }

  interface DifferentResults {
    @ClutchFunction("a")
    int first();

    @ClutchFunction("a")
    CompletableFuture<String> second();
  }

  interface SameForm {
    @ClutchFunction("a")
    int first();

    @ClutchFunction("a")
    int second();
  }

  interface InlineFuture {
    @ClutchFunction(value = "a", inline = true)
    CompletableFuture<String> a();
  }

  interface OtherPing {
    @ClutchFunction("pong")
    String ping();
  }

  interface TwoPings extends Ping, OtherPing {}

  static Stream<Arguments> wrongContracts() {
    String here = ContractTest.class.getName() + "$";
    return Stream.of(
        arguments(String.class, "java.lang.String is no contract"),
        arguments(ClutchFunction.class, "ClutchFunction is no contract"),
        arguments(NoFunction.class, "NoFunction is no contract: none of its methods"),
        arguments(
            Unannotated.class, here + "Unannotated.b() is abstract and has no @ClutchFunction"),
        arguments(
            TwoArguments.class,
            here + "TwoArguments.a(int, int) takes 2 arguments: want one or none; a record can"),
        arguments(Blank.class, here + "Blank.a() has the function name ' ': want 1 to 255"),
        arguments(BadName.class, "has the function name 'a\nb': want 1 to 255"),
        arguments(BadTimeout.class, here + "BadTimeout.a() has a timeout that is wrong: 'soon'"),
        arguments(NoTimeout.class, "has the timeout '0s': want more than 0"),
        arguments(StaticFunction.class, here + "StaticFunction.a() is static or private"),
        arguments(
            ObjectFunction.class, here + "ObjectFunction.toString() is what every object has"),
        arguments(
            PlainFuture.class,
            "PlainFuture.a() gives a java.util.concurrent.Future: want CompletableFuture"),
        arguments(RawFuture.class, "RawFuture.a() gives a future of nobody knows what"),
        arguments(
            BackgroundResult.class,
            "BackgroundResult.a() is a background call and gives int: want void, String or"),
        arguments(BackgroundFutureResult.class, "CompletableFuture<java.lang.Void>: want void"),
        arguments(
            OwnTypeParameter.class,
            "OwnTypeParameter.a() has the result java.util.List<T>, and T may be another type in each"
                + " call: want one type in its place"),
        arguments(
            OpenOwner.class,
            "$Box$Lid<>, and nothing says what V is: want an interface that says it, such as one"
                + " that extends io.clutch.contract.ContractTest$OpenOwner"),
        arguments(Store.class, "Store.all() has the result java.util.List<? extends V>, and"),
        arguments(
            DifferentArguments.class,
            here
                + "DifferentArguments: the methods of function 'a' differ in the argument: int"
                + " first(java.util.List<java.lang.String>), and java.util.concurrent."
                + "CompletableFuture<java.lang.Integer> second(java.lang.String)"),
        arguments(
            DifferentResults.class,
            "the methods of function 'a' differ in the result: int first(), and"
                + " java.util.concurrent.CompletableFuture<java.lang.String> second()"),
        arguments(
            SameForm.class,
            "leave open which of them a worker runs: int first(), and int second()"),
        arguments(InlineFuture.class, here + "InlineFuture.a() is inline and gives a future"),
        arguments(
            TwoPings.class,
            "TwoPings.ping() comes from " + here + "OtherPing and from " + here + "Ping, which"));
  }

  @ParameterizedTest
  @MethodSource("wrongContracts")
  void whatIsWrongIsNamed(Class<?> contract, String message) {
    assertThatThrownBy(() -> Contract.of(contract))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
