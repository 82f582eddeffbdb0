package io.clutch.client;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import com.google.common.reflect.TypeToken;
import io.clutch.contract.Contract;
import io.clutch.contract.ContractMethod;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** What is behind an interface whose methods call functions. Immutable. */
final class Stub implements InvocationHandler {

  /** What a method does. */
  private interface Action {
    @Nullable Object run(Object stub, @Nullable Object @Nullable [] arguments) throws Throwable;
  }

  private final String name;
  private final ImmutableMap<Method, Action> actions;

  private Stub(String name, ImmutableMap<Method, Action> actions) {
    this.name = name;
    this.actions = actions;
  }

  /**
   * A stub.
   *
   * @throws IllegalArgumentException where the interface cannot have one
   */
  static <T> T of(Class<T> type, Contract contract, ClutchClient client) {
    checkArgument(
        !type.isSealed(), "%s is sealed, so that nothing else can implement it", type.getName());
    ImmutableMap.Builder<Method, Action> actions = ImmutableMap.builder();
    for (ContractMethod method : contract.methods()) {
      actions.put(method.method(), call(method, client));
    }
    for (Method method : type.getMethods()) {
      if (method.isDefault()
          && contract.methods().stream().noneMatch(m -> m.method().equals(method))) {
        actions.put(method, ownCode(type, method));
      }
    }
    Stub stub = new Stub("%s by %s".formatted(type.getName(), client), actions.buildOrThrow());
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, stub));
  }

  @Override
  public @Nullable Object invoke(
      Object stub, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    Action action = actions.get(method);
    return action == null ? invokeOfObject(stub, method, arguments) : action.run(stub, arguments);
  }

  private Object invokeOfObject(
      Object stub, Method method, @Nullable Object @Nullable [] arguments) {
    return switch (method.getName()) {
      case "toString" -> name;
      case "hashCode" -> System.identityHashCode(stub);
      case "equals" -> stub == requireNonNull(arguments)[0];
      default -> throw new AssertionError(method);
    };
  }

  @SuppressWarnings("FutureReturnValueIgnored") // whoever calls the stub gets them
  private static Action call(ContractMethod method, ClutchClient client) {
    Request<?> request = request(method);
    return switch (method.form()) {
      case PLAIN -> (stub, arguments) -> client.request(with(request, arguments));
      case FUTURE -> (stub, arguments) -> client.requestAsync(with(request, arguments));
      case BACKGROUND -> (stub, arguments) -> client.requestBackground(with(request, arguments));
      case BACKGROUND_FUTURE ->
          (stub, arguments) -> client.requestBackgroundAsync(with(request, arguments));
    };
  }

  /** The call, but for its argument. */
  static Request<?> request(ContractMethod method) {
    Type result = method.resultType().orElse(Void.class);
    Request<?> request = Request.of(method.function(), null, TypeToken.of(result));
    if (method.timeout().isPresent()) {
      request = request.withTimeout(method.timeout().get());
    }
    return method.isIdempotent() ? request.idempotent() : request;
  }

  private static Request<?> with(Request<?> request, @Nullable Object @Nullable [] arguments) {
    return arguments == null ? request : request.withArgument(arguments[0]);
  }

  /** A method that the interface implements itself. */
  private static Action ownCode(Class<?> type, Method method) {
    if (Modifier.isPublic(method.getDeclaringClass().getModifiers())) {
      return (stub, arguments) -> InvocationHandler.invokeDefault(stub, method, arguments);
    }
    MethodHandle code =
        lookedUp(type, method)
            .asFixedArity()
            .asSpreader(Object[].class, method.getParameterCount())
            .asType(MethodType.methodType(Object.class, Object.class, Object[].class));
    return (stub, arguments) -> code.invokeExact(stub, arguments);
  }

  private static MethodHandle lookedUp(Class<?> type, Method method) {
    Class<?> declaring = method.getDeclaringClass();
    try {
      return MethodHandles.privateLookupIn(declaring, MethodHandles.lookup())
          .unreflectSpecial(method, declaring);
    } catch (IllegalAccessException e) {
      throw new IllegalArgumentException(
          "%s.%s, which has code of its own, cannot be reached; make %s public in a package that is"
                  .formatted(type.getName(), method.getName(), declaring.getName())
              + " exported, or open its package: 'opens %s;' in its module"
                  .formatted(declaring.getPackageName()),
          e);
    }
  }
}
