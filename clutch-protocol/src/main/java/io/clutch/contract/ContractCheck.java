package io.clutch.contract;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static java.util.stream.Collectors.toMap;

import com.google.common.collect.ImmutableList;
import io.clutch.protocol.PayloadCodec;
import io.clutch.protocol.ValueDescriptions;
import io.clutch.v1.DescribeResponse;
import io.clutch.v1.FunctionDescription;
import io.clutch.v1.ValueDescription;
import io.clutch.v1.ValueDescription.Kind;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether a worker serves what a contract says. */
final class ContractCheck {

  private final Contract contract;
  private final Map<String, FunctionDescription> served;
  private final PayloadCodec codec;

  private ContractCheck(
      Contract contract, Map<String, FunctionDescription> served, PayloadCodec codec) {
    this.contract = contract;
    this.served = served;
    this.codec = codec;
  }

  static void check(Contract contract, DescribeResponse worker, PayloadCodec codec) {
    Map<String, FunctionDescription> served =
        worker.getFunctionsList().stream()
            .collect(toMap(FunctionDescription::getName, f -> f, (first, again) -> first));
    ContractCheck check = new ContractCheck(contract, served, codec);
    ImmutableList<String> mismatches =
        contract.functions().stream()
            .flatMap(function -> check.mismatch(function).stream())
            .collect(toImmutableList());
    if (!mismatches.isEmpty()) {
      throw new ContractMismatchException(
          "%s does not fit the worker (pid %d):\n%s"
              .formatted(
                  contract.type().getName(), worker.getProcessId(), String.join("\n", mismatches)),
          mismatches);
    }
  }

  private Optional<String> mismatch(ContractFunction function) {
    FunctionDescription here = description(function);
    FunctionDescription there = served.get(function.name());
    if (there == null) {
      return Optional.of(says(here) + "the worker has no such function");
    }
    Stream<String> argument =
        ValueDescriptions.difference(here.getArgument(), there.getArgument())
            .map(difference -> " (argument: " + difference + ")")
            .stream();
    Stream<String> result =
        isPassedOver(here.getResult())
            ? Stream.of()
            : ValueDescriptions.difference(there.getResult(), here.getResult())
                .map(difference -> " (result: " + difference + ")")
                .stream();
    return Stream.concat(argument, result)
        .reduce(String::concat)
        .map(why -> says(here) + "the worker says " + signature(there) + why);
  }

  /** Who declares no result takes none from the worker either, whatever it gives. */
  private static boolean isPassedOver(ValueDescription result) {
    return result.getKind() == Kind.NONE;
  }

  private String says(FunctionDescription function) {
    return "%s: the interface %s says %s, "
        .formatted(function.getName(), contract.type().getName(), signature(function));
  }

  private FunctionDescription description(ContractFunction function) {
    FunctionDescription.Builder description =
        FunctionDescription.newBuilder()
            .setName(function.name())
            .setArgument(codec.describeWritten(function.argumentType()));
    function.resultType().ifPresent(type -> description.setResult(codec.describeRead(type)));
    return description.build();
  }

  private static String signature(FunctionDescription function) {
    ValueDescription argument = function.getArgument();
    return "%s(%s) -> %s"
        .formatted(
            function.getName(),
            argument.getKind() == Kind.NONE ? "" : ValueDescriptions.text(argument),
            ValueDescriptions.text(function.getResult()));
  }
}
