package io.clutch.worker;

/**
 * Registers several functions that belong together: {@code worker.functions(new ImageFunctions())}.
 */
@FunctionalInterface
public interface FunctionModule {

  /** Registers them. Called once, while the worker is built. */
  void register(FunctionRegistrar<?> functions);
}
