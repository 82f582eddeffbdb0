package io.clutch.worker;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.clutch.contract.ClutchFunction;
import io.clutch.contract.Contract;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Takes functions: the part of {@link Worker.Builder} that a {@link FunctionModule} sees.
 *
 * <p>Each form is a shorthand of {@link FunctionDefinition}; a name can be registered once.
 *
 * @param <B> the registrar itself
 */
public abstract class FunctionRegistrar<B extends FunctionRegistrar<B>> {

  FunctionRegistrar() {}

  /**
   * Registers a function.
   *
   * @throws IllegalArgumentException where one of that name is registered already
   */
  @CanIgnoreReturnValue
  public abstract B function(FunctionDefinition definition);

  /** Registers a function that takes an {@code argument} and looks at its {@link Call}. */
  @CanIgnoreReturnValue
  public final <A> B function(
      String name, Class<A> argument, WorkerFunction<A, ? extends @Nullable Object> code) {
    return function(FunctionDefinition.named(name).argument(argument).runs(code));
  }

  /** Registers a function that takes an {@code argument} and gives a {@code result}. */
  @CanIgnoreReturnValue
  public final <A, R> B function(
      String name, Class<A> argument, Class<R> result, WorkerFunction<A, ? extends R> code) {
    return function(FunctionDefinition.named(name).argument(argument).result(result).runs(code));
  }

  /** Registers a function that takes an {@code argument}. */
  @CanIgnoreReturnValue
  public final <A> B function(
      String name, Class<A> argument, SimpleFunction<A, ? extends @Nullable Object> code) {
    requireNonNull(code);
    return function(
        FunctionDefinition.named(name).argument(argument).runs((value, call) -> code.call(value)));
  }

  /** Registers a function without argument. */
  @CanIgnoreReturnValue
  public final B function(String name, Callable<? extends @Nullable Object> code) {
    requireNonNull(code);
    return function(FunctionDefinition.named(name).runs((nothing, call) -> code.call()));
  }

  /** Registers a function without argument and result. */
  @CanIgnoreReturnValue
  public final B function(String name, Action code) {
    requireNonNull(code);
    return function(
        FunctionDefinition.named(name)
            .result(Void.class)
            .runs(
                (nothing, call) -> {
                  code.run();
                  return null;
                }));
  }

  /** Registers the functions of a module. */
  @CanIgnoreReturnValue
  public final B functions(FunctionModule module) {
    module.register(this);
    return self();
  }

  /**
   * Registers the functions of a contract: an interface with {@link ClutchFunction} methods. Of
   * several methods that are forms of one function, it runs the one that is waited for, else the
   * one with a future (whose result it waits for), else the one in the background. An
   * implementation learns of the call that it answers by {@link Call#current}.
   *
   * @throws IllegalArgumentException where the interface is no contract, or one of its functions is
   *     registered already; the message names the interface, the method and what is wrong
   */
  @CanIgnoreReturnValue
  public final <T> B functions(Class<T> contract, T implementation) {
    ContractFunctions.register(Contract.of(contract), implementation, this);
    return self();
  }

  abstract B self();
}
