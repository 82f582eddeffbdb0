package io.clutch.contract;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static java.util.stream.Collectors.joining;

import com.google.common.collect.ImmutableList;
import com.google.common.reflect.TypeToken;
import com.google.errorprone.annotations.FormatMethod;
import io.clutch.contract.ContractMethod.Form;
import io.clutch.protocol.Durations;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;

/** Reads the methods of an interface. */
final class ContractMethods {

  private static final int MAX_NAME_LENGTH = 255;

  private final Class<?> contract;
  private final TypeToken<?> token;

  private ContractMethods(Class<?> contract) {
    this.contract = contract;
    this.token = TypeToken.of(contract);
  }

  /**
   * Those that are functions, ordered by name.
   *
   * @throws IllegalArgumentException where there are none, or one is wrong
   */
  static ImmutableList<ContractMethod> of(Class<?> contract) {
    if (!contract.isInterface() || contract.isAnnotation()) {
      throw new IllegalArgumentException(
          contract.getName() + " is no contract: want an interface with @ClutchFunction methods");
    }
    ContractMethods reader = new ContractMethods(contract);
    reader.refuseFunctionsThatCannotBe();
    ImmutableList<ContractMethod> methods =
        Arrays.stream(contract.getMethods())
            .filter(reader::isFunction)
            .sorted(Comparator.comparing(Method::getName).thenComparing(Method::toString))
            .map(reader::read)
            .collect(toImmutableList());
    if (methods.isEmpty()) {
      throw new IllegalArgumentException(
          contract.getName() + " is no contract: none of its methods has @ClutchFunction");
    }
    reader.refuseMethodsThatAreTwoFunctions(methods);
    return methods;
  }

  /** The interface and the method, for messages. */
  static String place(Class<?> contract, Method method) {
    return "%s.%s(%s)"
        .formatted(
            contract.getName(),
            method.getName(),
            Arrays.stream(method.getParameterTypes())
                .map(Class::getSimpleName)
                .collect(joining(", ")));
  }

  /** The method as its interface declares it, with the type parameters that are known. */
  static String signature(Class<?> contract, Method method) {
    TypeToken<?> token = TypeToken.of(contract);
    return "%s %s(%s)"
        .formatted(
            token.resolveType(method.getGenericReturnType()),
            method.getName(),
            Arrays.stream(method.getGenericParameterTypes())
                .map(type -> token.resolveType(type).toString())
                .collect(joining(", ")));
  }

  /** Static and private ones, which {@link Class#getMethods} leaves out. */
  private void refuseFunctionsThatCannotBe() {
    for (Class<?> type : token.getTypes().interfaces().rawTypes()) {
      for (Method method : type.getDeclaredMethods()) {
        if (method.isAnnotationPresent(ClutchFunction.class)
            && (Modifier.isStatic(method.getModifiers())
                || Modifier.isPrivate(method.getModifiers()))) {
          throw wrong(method, "is static or private: no stub can have it, no worker implement it");
        }
      }
    }
  }

  /** One method may come from two interfaces; a call of it must be one function's all the same. */
  private void refuseMethodsThatAreTwoFunctions(List<ContractMethod> methods) {
    Map<String, ContractMethod> byPlace = new HashMap<>();
    for (ContractMethod method : methods) {
      ContractMethod other =
          byPlace.putIfAbsent(
              method.method().getName() + Arrays.toString(method.method().getParameterTypes()),
              method);
      if (other != null && !annotation(other).equals(annotation(method))) {
        throw wrong(
            method.method(),
            "comes from %s and from %s, which differ in @ClutchFunction",
            other.method().getDeclaringClass().getName(),
            method.method().getDeclaringClass().getName());
      }
    }
  }

  private static ClutchFunction annotation(ContractMethod method) {
    return method.method().getAnnotation(ClutchFunction.class);
  }

  private boolean isFunction(Method method) {
    if (method.isBridge() || Modifier.isStatic(method.getModifiers())) {
      return false;
    }
    boolean isFunction = method.isAnnotationPresent(ClutchFunction.class);
    boolean isOfObject = isOfObject(method);
    if (isFunction && isOfObject) {
      throw wrong(method, "is what every object has: it cannot be a function");
    }
    if (!isFunction && !isOfObject && Modifier.isAbstract(method.getModifiers())) {
      throw wrong(method, "is abstract and has no @ClutchFunction");
    }
    return isFunction;
  }

  /** An interface may declare what every object has. */
  private static boolean isOfObject(Method method) {
    try {
      var unused = Object.class.getMethod(method.getName(), method.getParameterTypes());
      return true;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }

  private ContractMethod read(Method method) {
    ClutchFunction function = method.getAnnotation(ClutchFunction.class);
    checkName(method, function.value());
    boolean unused = method.trySetAccessible();
    Form form = form(method, function.background());
    return new ContractMethod(
        method,
        function.value(),
        form,
        argument(method),
        result(method, form),
        timeout(method, function.timeout()),
        function.idempotent(),
        function.inline(),
        function.description());
  }

  private void checkName(Method method, String name) {
    if (name.isBlank()
        || name.length() > MAX_NAME_LENGTH
        || name.chars().anyMatch(Character::isISOControl)) {
      throw wrong(
          method,
          "has the function name '%s': want 1 to %d characters, none of them a control character",
          name,
          MAX_NAME_LENGTH);
    }
  }

  private Type argument(Method method) {
    Type[] parameters = method.getGenericParameterTypes();
    if (parameters.length == 0) {
      return Void.class;
    }
    if (parameters.length > 1) {
      throw wrong(
          method,
          "takes %d arguments: want one or none; a record can hold several values",
          parameters.length);
    }
    return resolved(method, "argument", parameters[0]);
  }

  private Form form(Method method, boolean isBackground) {
    Class<?> result = method.getReturnType();
    boolean isFuture = result == CompletableFuture.class || result == CompletionStage.class;
    if (!isFuture
        && (Future.class.isAssignableFrom(result)
            || CompletionStage.class.isAssignableFrom(result))) {
      throw wrong(
          method, "gives a %s: want CompletableFuture or CompletionStage", result.getName());
    }
    if (isBackground) {
      checkBackground(method, isFuture);
      return isFuture ? Form.BACKGROUND_FUTURE : Form.BACKGROUND;
    }
    return isFuture ? Form.FUTURE : Form.PLAIN;
  }

  private void checkBackground(Method method, boolean isFuture) {
    Type given =
        isFuture ? content(method) : token.resolveType(method.getGenericReturnType()).getType();
    if (given != String.class && (isFuture || given != void.class)) {
      throw wrong(
          method,
          "is a background call and gives %s: want void, String or CompletableFuture<String>,"
              + " which is the call's id",
          token.resolveType(method.getGenericReturnType()));
    }
  }

  private Optional<Type> result(Method method, Form form) {
    if (form.isBackground()) {
      return Optional.empty();
    }
    Type type =
        form.isFuture()
            ? content(method)
            : resolved(method, "result", method.getGenericReturnType());
    return Optional.of(type == void.class ? Void.class : type);
  }

  /** What the future holds that the method gives. */
  private Type content(Method method) {
    if (!(method.getGenericReturnType() instanceof ParameterizedType future)) {
      throw wrong(method, "gives a future of nobody knows what: want a type parameter");
    }
    Type content = future.getActualTypeArguments()[0];
    if (content instanceof WildcardType wildcard) {
      content = wildcard.getUpperBounds()[0];
    }
    return resolved(method, "result", content);
  }

  private Type resolved(Method method, String what, Type type) {
    Type resolved = token.resolveType(type).getType();
    List<TypeVariable<?>> open = TypeVariables.in(resolved).toList();
    for (TypeVariable<?> variable : open) {
      if (variable.getGenericDeclaration() instanceof Method) {
        throw wrong(
            method,
            "has the %s %s, and %s may be another type in each call: want one type in its place",
            what,
            resolved.getTypeName(),
            variable.getName());
      }
    }
    if (!open.isEmpty()) {
      throw wrong(
          method,
          "has the %s %s, and nothing says what %s is: want an interface that says it, such as"
              + " one that extends %s",
          what,
          resolved.getTypeName(),
          open.get(0).getName(),
          method.getDeclaringClass().getName());
    }
    return resolved;
  }

  private Optional<Duration> timeout(Method method, String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Duration timeout;
    try {
      timeout = Durations.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          place(contract, method) + " has a timeout that is wrong: " + e.getMessage(), e);
    }
    if (timeout.isZero() || timeout.compareTo(Durations.LONGEST) > 0) {
      throw wrong(method, "has the timeout '%s': want more than 0 and at most 100 years", text);
    }
    return Optional.of(timeout);
  }

  @FormatMethod
  private IllegalArgumentException wrong(Method method, String problem, Object... values) {
    return new IllegalArgumentException(place(contract, method) + " " + problem.formatted(values));
  }
}
