package io.clutch.benchmarks.durable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where jobs are kept.
 *
 * @param id begins the names of figures; empty, or ends with '_'
 * @param description what it is
 * @param name what a worker is told
 */
record Store(String id, String description, String name) {

  /** A new one on SQLite, in a folder of its own. */
  static Store sqlite(Path parent) throws IOException {
    String disk = Files.getFileStore(parent).type();
    return new Store(
        "", "SQLite on " + disk, Files.createTempDirectory(parent, "store").toString());
  }

  /** A database, which has nothing else in it. */
  static Store postgresql(String url) {
    return new Store("postgresql_", "PostgreSQL", url);
  }
}
