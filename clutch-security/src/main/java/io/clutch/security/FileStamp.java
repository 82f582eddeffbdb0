package io.clutch.security;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What changes when a file does, or a link on the way to it.
 *
 * @param key which file it is; null where it is not there, or the system does not say
 */
record FileStamp(FileTime modified, long size, @Nullable Object key) {

  private static final FileStamp NO_FILE = new FileStamp(FileTime.fromMillis(0), -1, null);

  static ImmutableList<FileStamp> of(ImmutableList<Path> files) {
    return files.stream().map(FileStamp::of).collect(ImmutableList.toImmutableList());
  }

  private static FileStamp of(Path file) {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(Objects.requireNonNull(file), BasicFileAttributes.class);
      return new FileStamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    } catch (IOException e) {
      return NO_FILE;
    }
  }
}
