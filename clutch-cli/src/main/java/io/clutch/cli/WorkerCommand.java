package io.clutch.cli;

import static com.google.common.base.Throwables.getStackTraceAsString;

import com.google.common.base.Splitter;
import io.clutch.protocol.ServerAddress;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a program that is a worker, in this process. */
@Command(
    name = "worker",
    description = {
      "Runs one worker in this process.",
      "That is: the main method of a class that builds a Worker and calls its run().",
      "It serves until TERM or INT, then finishes its calls and exits with 0."
    },
    mixinStandardHelpOptions = true)
final class WorkerCommand implements Callable<Integer> {

  /** Where options are checked; not a class of the command line, which works without workers. */
  private static final String WORKER_BUILDER = "io.clutch.worker.Worker$Builder";

  @Option(
      names = "--address",
      paramLabel = "HOST:PORT",
      description =
          "Where to listen, several separated by commas; wins over what the program says."
              + " Default: CLUTCH_ADDRESS, else what the program says.")
  private @Nullable String address;

  @Option(
      names = "--main",
      required = true,
      paramLabel = "CLASS",
      description = "The class whose main method to run.")
  private String mainClass;

  @Option(
      names = "--classpath",
      paramLabel = "PATH",
      defaultValue = "",
      description =
          "Where the class is, beside Clutch's own jars: jars, folders and folder/*, separated as"
              + " for java -cp.")
  private String classPath;

  @Mixin private SafetyOptions safety;
  @Mixin private StoreOptions store;

  @Parameters(
      arity = "0..*",
      paramLabel = "ARG",
      description = "Arguments of the main method, after --.")
  private List<String> arguments = new ArrayList<>();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (address != null) {
      checkAddress(address);
      System.setProperty("clutch.address", address);
    }
    setOptions();
    Method main = mainMethod();
    Thread.currentThread().setContextClassLoader(main.getDeclaringClass().getClassLoader());
    try {
      main.invoke(null, (Object) arguments.toArray(new String[0]));
      return ExitCode.OK;
    } catch (InvocationTargetException e) {
      return onFailure(e.getCause() == null ? e : e.getCause());
    }
  }

  private void setOptions() throws IOException {
    try {
      safety.checked().forEach((option, value) -> System.setProperty("clutch." + option, value));
      store.checked().forEach((option, value) -> System.setProperty("clutch." + option, value));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void checkAddress(String addresses) {
    try {
      Splitter.on(',').trimResults().split(addresses).forEach(ServerAddress::parse);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--address: " + e.getMessage(), e);
    }
  }

  /** As java does: it is the program's own failure, but for what Clutch says itself. */
  private int onFailure(Throwable thrown) throws IOException {
    if (thrown instanceof IOException cannotListen) {
      throw cannotListen;
    }
    if (thrown instanceof IllegalArgumentException && isRefusedOption(thrown)) {
      throw new ParameterException(spec.commandLine(), thrown.getMessage(), thrown);
    }
    spec.commandLine()
        .getErr()
        .println("clutch: %s failed: %s".formatted(mainClass, getStackTraceAsString(thrown)));
    return ExitCode.FAILED;
  }

  private static boolean isRefusedOption(Throwable thrown) {
    return Arrays.stream(thrown.getStackTrace())
        .anyMatch(frame -> frame.getClassName().equals(WORKER_BUILDER));
  }

  private Method mainMethod() throws IOException {
    // Lives as long as the process.
    @SuppressWarnings("resource")
    ClassLoader loader =
        classPath.isEmpty()
            ? getClass().getClassLoader()
            : new URLClassLoader(urls(), getClass().getClassLoader());
    try {
      Method main = Class.forName(mainClass, true, loader).getMethod("main", String[].class);
      if (Modifier.isStatic(main.getModifiers())) {
        // As java does, whether the class is public or not.
        main.setAccessible(true);
        return main;
      }
    } catch (ClassNotFoundException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--main: there is no class '%s'%s"
              .formatted(mainClass, classPath.isEmpty() ? "; is --classpath missing?" : " there"),
          e);
    } catch (NoSuchMethodException e) {
      throw new ParameterException(spec.commandLine(), noMain(), e);
    }
    throw new ParameterException(spec.commandLine(), noMain());
  }

  private String noMain() {
    return "--main: class '%s' has no public static void main(String[])".formatted(mainClass);
  }

  private URL[] urls() throws IOException {
    List<URL> urls = new ArrayList<>();
    for (String element : Splitter.on(File.pathSeparatorChar).omitEmptyStrings().split(classPath)) {
      if (element.endsWith("*")) {
        try (Stream<Path> jars =
            Files.list(Path.of(element.substring(0, element.length() - 1) + "."))) {
          for (Path jar : jars.filter(path -> path.toString().endsWith(".jar")).sorted().toList()) {
            urls.add(url(jar));
          }
        }
      } else {
        urls.add(url(Path.of(element)));
      }
    }
    return urls.toArray(new URL[0]);
  }

  private URL url(Path path) throws MalformedURLException {
    if (!Files.exists(path)) {
      throw new ParameterException(
          spec.commandLine(), "--classpath: there is no '%s'".formatted(path));
    }
    return path.toUri().toURL();
  }
}
