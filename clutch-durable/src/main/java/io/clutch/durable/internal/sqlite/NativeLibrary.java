package io.clutch.durable.internal.sqlite;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * SQLite's native library, unpacked once into the store's folder. The driver by itself unpacks it
 * into the temporary folder at every start, and there it stays, a megabyte for each process that is
 * killed.
 */
final class NativeLibrary {

  private static final Logger log = LoggerFactory.getLogger(NativeLibrary.class);

  private static final String PATH = "org.sqlite.lib.path";
  private static final String NAME = "org.sqlite.lib.name";

  private NativeLibrary() {}

  /** Has the driver load it from there, unless it was told where to load it from. */
  static synchronized void keepIn(Path folder) {
    if (System.getProperty(PATH) != null) {
      return;
    }
    try {
      String name = LibraryLoaderUtil.getNativeLibName();
      // A name for each version: a newer one must not take the place of what another process uses.
      Path library = folder.toAbsolutePath().resolve(SQLiteJDBCLoader.getVersion() + "-" + name);
      if (!Files.exists(library)) {
        unpack(LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name, library);
      }
      System.setProperty(PATH, folder.toAbsolutePath().toString());
      System.setProperty(NAME, library.getFileName().toString());
    } catch (IOException e) {
      // Then the driver does as it does.
      log.debug("cannot unpack SQLite's native library into '{}'", folder, e);
    }
  }

  private static void unpack(String resource, Path library) throws IOException {
    try (InputStream packed = SQLiteJDBCLoader.class.getResourceAsStream(resource)) {
      if (packed == null) {
        throw new IOException("there is no '%s' in the driver".formatted(resource));
      }
      Path unpacked = Files.createTempFile(library.getParent(), "library", null);
      try {
        Files.copy(packed, unpacked, StandardCopyOption.REPLACE_EXISTING);
        Files.move(unpacked, library, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(unpacked);
      }
    }
  }
}
