package io.clutch.examples;

import static java.util.Objects.requireNonNull;

import com.google.common.reflect.TypeToken;
import io.clutch.client.ClutchClient;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.time.LocalDate;
import java.util.List;

/** Records, dates and generic types as arguments and results. */
public final class TypedResults {

  private TypedResults() {}

  /** What the function takes. */
  record Period(LocalDate first, LocalDate last) {}

  /** One of what it gives. */
  record Week(int number, LocalDate monday) {}

  /** Runs the example. */
  public static void main(String[] args) throws IOException {
    try (Worker worker =
            Worker.builder()
                .address("127.0.0.1:0")
                .function("weeks", Period.class, TypedResults::weeks)
                .build()
                .start();
        ClutchClient client = ClutchClient.builder().servers(worker.address().toString()).build()) {
      Period may = new Period(LocalDate.of(2026, 5, 4), LocalDate.of(2026, 5, 31));
      List<Week> weeks = client.request("weeks", may, new TypeToken<List<Week>>() {});
      requireNonNull(weeks).forEach(System.out::println);
    }
  }

  private static List<Week> weeks(Period period) {
    return period
        .first()
        .datesUntil(period.last().plusDays(1), java.time.Period.ofWeeks(1))
        .map(
            monday ->
                new Week(monday.get(java.time.temporal.IsoFields.WEEK_OF_WEEK_BASED_YEAR), monday))
        .toList();
  }
}
