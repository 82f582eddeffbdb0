package io.clutch.contract;

import static java.util.Comparator.comparing;

import com.google.common.reflect.TypeToken;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Several methods that are one function. */
final class Forms {

  private Forms() {}

  /**
   * The function.
   *
   * @param forms its methods; one at least
   * @throws IllegalArgumentException where they disagree
   */
  static ContractFunction function(Class<?> contract, List<ContractMethod> forms) {
    ContractMethod run = forms.stream().min(comparing(ContractMethod::form)).orElseThrow();
    for (ContractMethod form : forms) {
      if (!isSame(form.argumentType(), run.argumentType())) {
        throw disagree(contract, run, form, "differ in the argument");
      }
      if (form.form() == run.form() && !isInheritedTwice(form, run)) {
        throw disagree(contract, run, form, "leave open which of them a worker runs");
      }
    }
    Optional<Type> result = result(contract, forms);
    if (run.isInline() && run.form().isFuture()) {
      throw new IllegalArgumentException(
          "%s is inline and gives a future, for which the network's thread would wait"
              .formatted(ContractMethods.place(contract, run.method())));
    }
    return new ContractFunction(run.function(), run, run.resultType().or(() -> result));
  }

  private static Optional<Type> result(Class<?> contract, List<ContractMethod> forms) {
    List<ContractMethod> telling =
        forms.stream().filter(form -> form.resultType().isPresent()).toList();
    for (ContractMethod form : telling) {
      if (!isSame(resultOf(form), resultOf(telling.get(0)))) {
        throw disagree(contract, telling.get(0), form, "differ in the result");
      }
    }
    return telling.stream().findFirst().flatMap(ContractMethod::resultType);
  }

  private static Type resultOf(ContractMethod form) {
    return form.resultType().orElseThrow();
  }

  private static boolean isSame(Type one, Type other) {
    return TypeToken.of(one).wrap().equals(TypeToken.of(other).wrap());
  }

  /** Two interfaces may declare the same method; then one implementation is both. */
  private static boolean isInheritedTwice(ContractMethod one, ContractMethod other) {
    Method first = one.method();
    Method second = other.method();
    return first.getName().equals(second.getName())
        && Arrays.equals(first.getParameterTypes(), second.getParameterTypes());
  }

  private static IllegalArgumentException disagree(
      Class<?> contract, ContractMethod one, ContractMethod other, String problem) {
    return new IllegalArgumentException(
        "%s: the methods of function '%s' %s: %s, and %s"
            .formatted(
                contract.getName(),
                one.function(),
                problem,
                ContractMethods.signature(contract, one.method()),
                ContractMethods.signature(contract, other.method())));
  }
}
