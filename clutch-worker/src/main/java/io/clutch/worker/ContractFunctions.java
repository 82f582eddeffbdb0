package io.clutch.worker;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.reflect.TypeToken;
import io.clutch.contract.Contract;
import io.clutch.contract.ContractFunction;
import io.clutch.contract.ContractMethod;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** Makes the functions of a contract and its implementation. */
final class ContractFunctions {

  private static final MethodType ONE_ARGUMENT = MethodType.methodType(Object.class, Object.class);

  private final Object implementation;

  private ContractFunctions(Object implementation) {
    this.implementation = implementation;
  }

  /**
   * Registers them.
   *
   * @throws IllegalArgumentException where one cannot be; the message names its method
   */
  static void register(Contract contract, Object implementation, FunctionRegistrar<?> functions) {
    checkArgument(
        contract.type().isInstance(requireNonNull(implementation)),
        "%s does not implement %s",
        implementation.getClass().getName(),
        contract.type().getName());
    ContractFunctions definitions = new ContractFunctions(implementation);
    for (ContractFunction function : contract.functions()) {
      try {
        functions.function(definitions.definition(function));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "%s.%s: %s"
                .formatted(
                    contract.type().getName(), function.run().method().getName(), e.getMessage()),
            e);
      }
    }
  }

  private FunctionDefinition definition(ContractFunction function) {
    ContractMethod run = function.run();
    FunctionDefinition.Builder<Object, Object> definition =
        FunctionDefinition.named(function.name())
            .description(run.description())
            .argument(token(function.argumentType()))
            .result(token(function.resultType().orElse(Void.class)));
    return (run.isInline() ? definition.inline() : definition).runs(code(run));
  }

  @SuppressWarnings("unchecked") // what it is a token of, only the converters see
  private static TypeToken<Object> token(Type type) {
    return (TypeToken<Object>) TypeToken.of(type);
  }

  private WorkerFunction<Object, @Nullable Object> code(ContractMethod run) {
    MethodHandle handle = handle(run.method());
    return switch (run.form()) {
      case PLAIN -> (argument, call) -> invoke(handle, argument);
      case FUTURE -> (argument, call) -> FutureResult.of(invoke(handle, argument));
      // What they give is an id, for callers.
      case BACKGROUND -> (argument, call) -> nothing(invoke(handle, argument));
      case BACKGROUND_FUTURE ->
          (argument, call) -> nothing(FutureResult.of(invoke(handle, argument)));
    };
  }

  private static @Nullable Object nothing(@Nullable Object unused) {
    return null;
  }

  private MethodHandle handle(Method method) {
    MethodHandle code;
    try {
      code = MethodHandles.lookup().unreflect(method).bindTo(implementation);
    } catch (IllegalAccessException e) {
      throw new IllegalArgumentException(
          "the method cannot be reached; make its interface public in a package that is exported,"
              + " or open its package: 'opens %s;' in its module"
                  .formatted(method.getDeclaringClass().getPackageName()),
          e);
    }
    return method.getParameterCount() == 0
        ? MethodHandles.dropArguments(code, 0, Object.class).asType(ONE_ARGUMENT)
        : code.asType(ONE_ARGUMENT);
  }

  private static @Nullable Object invoke(MethodHandle code, @Nullable Object argument)
      throws Exception {
    try {
      return code.invokeExact(argument);
    } catch (Exception | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
