package io.clutch.security;

import static java.util.stream.Collectors.joining;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What a class logs while this is open, kept off the console. */
final class LogCapture implements AutoCloseable {

  private final Logger logger;
  private final Level before;
  private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          event.prepareForDeferredProcessing();
          events.add(event);
        }
      };

  LogCapture(Class<?> who) {
    logger = (Logger) LoggerFactory.getLogger(who);
    before = logger.getLevel();
    logger.setLevel(Level.INFO);
    appender.start();
    logger.setAdditive(false);
    logger.addAppender(appender);
  }

  /** The messages at {@code level}, so far. */
  List<String> messages(Level level) {
    return events.stream()
        .filter(event -> event.getLevel().equals(level))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  /** All messages, so far. */
  String text() {
    return events.stream().map(ILoggingEvent::getFormattedMessage).collect(joining("\n"));
  }

  @Override
  public void close() {
    logger.detachAppender(appender);
    logger.setAdditive(true);
    logger.setLevel(before);
  }
}
