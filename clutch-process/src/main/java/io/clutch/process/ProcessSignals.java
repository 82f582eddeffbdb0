package io.clutch.process;

import static java.util.Objects.requireNonNull;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signals of this process, for as long as this is open.
 *
 * <p>By {@code sun.misc.Signal}, for the JDK has no other way to handle a signal and go on; through
 * reflection, for the compiler lets nobody refer to it without a warning, and a run-time image may
 * lack it.
 */
public final class ProcessSignals implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ProcessSignals.class);

  private final List<Runnable> restore = new ArrayList<>();

  private ProcessSignals() {}

  /**
   * Calls a handler at each of its signals, on a thread of the JVM.
   *
   * @param handlers by the signal's name, without SIG
   */
  public static ProcessSignals handle(Map<String, Runnable> handlers) {
    ProcessSignals signals = new ProcessSignals();
    handlers.forEach(signals::handle);
    return signals;
  }

  private void handle(String name, Runnable handler) {
    try {
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object ours =
          Proxy.newProxyInstance(
              ProcessSignals.class.getClassLoader(),
              new Class<?>[] {handlerType},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "handle" -> {
                      handler.run();
                      yield null;
                    }
                    case "equals" -> proxy == requireNonNull(arguments)[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> "a handler of " + name;
                  });
      Object previous = install(name, handlerType, ours);
      restore.add(
          () -> {
            try {
              install(name, handlerType, previous);
            } catch (ReflectiveOperationException e) {
              log.debug("cannot give {} back", name, e);
            }
          });
    } catch (ReflectiveOperationException e) {
      // Not an error of the program: with -Xrs the JVM keeps its hands off signals.
      Throwable cause = e instanceof InvocationTargetException ? e.getCause() : e;
      log.warn("cannot handle {}: {}", name, String.valueOf(cause));
    }
  }

  private static @Nullable Object install(
      String name, Class<?> handlerType, @Nullable Object handler)
      throws ReflectiveOperationException {
    Class<?> signalType = Class.forName("sun.misc.Signal");
    Object signal = signalType.getConstructor(String.class).newInstance(name);
    return signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, handler);
  }

  /** Gives the signals back to whoever handled them before. */
  @Override
  public void close() {
    restore.forEach(Runnable::run);
  }
}
