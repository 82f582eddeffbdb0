package io.clutch.process;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Folders that only this process's user reaches. */
public final class PrivateFolder {

  private static final Set<PosixFilePermission> OWN = PosixFilePermissions.fromString("rwx------");

  private PrivateFolder() {}

  /** A new one among the temporary files. */
  public static Path createTemporary() throws IOException {
    return Files.createTempDirectory("clutch-", PosixFilePermissions.asFileAttribute(OWN));
  }

  /**
   * One at a given place, new or as it was.
   *
   * @throws IOException where something else is there: a link, another user's folder, or one that
   *     others may write to
   */
  public static Path at(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      try {
        return Files.createDirectory(path, PosixFilePermissions.asFileAttribute(OWN));
      } catch (java.nio.file.FileAlreadyExistsException e) {
        // Someone was quicker: see whose it is.
      }
    }
    boolean isOwn =
        Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
            && (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS)
                == UnixSockets.ownUser()
            && OWN.containsAll(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    if (!isOwn) {
      throw new IOException(
          "'%s' is not a folder that only this user may enter (mode 0700)".formatted(path));
    }
    return path;
  }

  /** Deletes it with all that is in it, as far as that is possible. */
  public static void delete(Path folder) {
    try {
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    } catch (IOException e) {
      // What is left are sockets without anyone behind them.
      org.slf4j.LoggerFactory.getLogger(PrivateFolder.class)
          .debug("cannot delete {}: {}", folder, e.toString());
    }
  }
}
