package io.clutch.contract;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import io.clutch.protocol.PayloadCodec;
import io.clutch.v1.DescribeResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An interface whose methods are functions, checked. Immutable. */
public final class Contract {

  private final Class<?> type;
  private final ImmutableList<ContractMethod> methods;
  private final ImmutableList<ContractFunction> functions;

  private Contract(
      Class<?> type,
      ImmutableList<ContractMethod> methods,
      ImmutableList<ContractFunction> functions) {
    this.type = type;
    this.methods = methods;
    this.functions = functions;
  }

  /**
   * The contract that {@code type} is.
   *
   * @throws IllegalArgumentException where it is none; the message names the interface, the method
   *     and what is wrong
   */
  public static Contract of(Class<?> type) {
    ImmutableList<ContractMethod> methods = ContractMethods.of(type);
    Map<String, List<ContractMethod>> forms = new TreeMap<>();
    methods.forEach(
        method -> forms.computeIfAbsent(method.function(), n -> new ArrayList<>()).add(method));
    return new Contract(
        type,
        methods,
        forms.values().stream().map(f -> Forms.function(type, f)).collect(toImmutableList()));
  }

  /** The interface. */
  public Class<?> type() {
    return type;
  }

  /** The methods that are functions, also those that are inherited. */
  public ImmutableList<ContractMethod> methods() {
    return methods;
  }

  /** The functions, ordered by name. */
  public ImmutableList<ContractFunction> functions() {
    return functions;
  }

  /**
   * Checks that a worker serves what this contract says, as far as the worker tells.
   *
   * @param codec makes the payloads on this side
   * @throws ContractMismatchException where it does not; it names everything that differs
   */
  public void checkAgainst(DescribeResponse worker, PayloadCodec codec) {
    ContractCheck.check(this, worker, codec);
  }
}
