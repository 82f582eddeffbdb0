package io.clutch.contract;

import java.lang.reflect.Type;
import java.util.Optional;

/**
 * A function of a contract.
 *
 * @param name its name
 * @param run the method that a worker runs
 * @param resultType what it gives, {@link Void} for nothing; empty where the contract has only
 *     background calls of it
 */
public record ContractFunction(String name, ContractMethod run, Optional<Type> resultType) {

  /** What it takes; {@link Void} for nothing. */
  public Type argumentType() {
    return run.argumentType();
  }
}
