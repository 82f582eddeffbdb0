package io.clutch.examples;

import com.google.common.reflect.TypeToken;
import io.clutch.client.ClutchClient;
import io.clutch.worker.FunctionDefinition;
import io.clutch.worker.FunctionModule;
import io.clutch.worker.FunctionRegistrar;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** The forms of functions, and a module that registers several which belong together. */
public final class SeveralFunctions {

  private SeveralFunctions() {}

  /** Functions that belong together. */
  static final class TextFunctions implements FunctionModule {
    @Override
    public void register(FunctionRegistrar<?> functions) {
      functions.function(
          "text.upper", String.class, text -> text.toUpperCase(java.util.Locale.ROOT));
      functions.function(
          FunctionDefinition.named("text.join")
              .description("the words, with a blank between them")
              .argument(new TypeToken<List<String>>() {})
              .result(String.class)
              .runs((words, call) -> String.join(" ", words)));
    }
  }

  /** Runs the example. */
  public static void main(String[] args) throws IOException {
    try (Worker worker =
            Worker.builder()
                .address("127.0.0.1:0")
                .functions(new TextFunctions())
                .function("now", () -> Instant.now())
                .function("greet", () -> System.out.println("(the worker says hello)"))
                .function(
                    "who", Void.class, (nothing, call) -> call.peer().orElseThrow().toString())
                .build()
                .start();
        ClutchClient client = ClutchClient.builder().servers(worker.address().toString()).build()) {
      System.out.println(client.request("text.upper", "quiet", String.class));
      System.out.println(client.request("text.join", List.of("one", "by", "one"), String.class));
      System.out.println(client.request("now", null, Instant.class));
      client.request("greet", null, Void.class);
      System.out.println(client.request("who", null, String.class));
    }
  }
}
