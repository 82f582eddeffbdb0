package io.clutch.supervisor.internal.keep;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file with a line {@code generation:pid} for each child. Owned by the pool's thread. */
final class StatusFile {

  private static final Logger log = LoggerFactory.getLogger(StatusFile.class);

  private final @Nullable Path path;
  private String written = "";

  StatusFile(@Nullable Path path) {
    this.path = path;
  }

  /** Writes it anew where something has changed; readers see the old one or the new one. */
  void update(Collection<Member> members) {
    Path file = path;
    if (file == null) {
      return;
    }
    String text =
        members.stream()
            .map(member -> member.child.generation() + ":" + member.pid() + "\n")
            .collect(joining());
    if (text.equals(written)) {
      return;
    }
    // Tried once for each change: a full disk must not fill the log.
    written = text;
    try {
      Path fresh = file.resolveSibling(file.getFileName() + ".new");
      Files.writeString(fresh, text);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      log.warn("cannot write the status file '{}': {}", file, e.toString());
    }
  }

  void delete() {
    try {
      // Another supervisor may have taken it over, under Server::Starter.
      if (path != null && Files.exists(path) && Files.readString(path).equals(written)) {
        Files.delete(path);
      }
    } catch (IOException e) {
      log.warn("cannot delete the status file '{}': {}", path, e.toString());
    }
  }
}
