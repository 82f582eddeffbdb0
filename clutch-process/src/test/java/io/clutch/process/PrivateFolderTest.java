package io.clutch.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledOnOs(OS.LINUX)
class PrivateFolderTest {

  private static final int ROOT = 0;
  private static final int NOBODY = 65534;

  @TempDir Path parent;

  @Test
  void aTemporaryOneIsForThisUserAlone() throws IOException {
    Path folder = PrivateFolder.createTemporary();

    assertThat(mode(folder)).isEqualTo("rwx------");
    PrivateFolder.delete(folder);
    assertThat(folder).doesNotExist();
  }

  @Test
  void oneAtAPlaceIsMadeForThisUserAlone() throws IOException {
    Path folder = PrivateFolder.at(parent.resolve("clutch"));

    assertThat(folder).isEqualTo(parent.resolve("clutch"));
    assertThat(mode(folder)).isEqualTo("rwx------");
  }

  @Test
  void oneThatIsThereStaysAsItIs() throws IOException {
    Path folder = PrivateFolder.at(parent.resolve("clutch"));
    Files.writeString(folder.resolve("file"), "kept");

    assertThat(PrivateFolder.at(folder)).isEqualTo(folder);

    assertThat(folder.resolve("file")).hasContent("kept");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxr-xr-x", "rwx---r--", "rwx--x---", "rwxrwxrwx"})
  void oneThatOthersReachIsRefused(String mode) throws IOException {
    Path folder = Files.createDirectory(parent.resolve("open"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));

    assertRefused(folder);
  }

  @Test
  void aLinkIsRefusedEvenToOneOfThisUsers() throws IOException {
    Path own = PrivateFolder.at(parent.resolve("own"));

    assertRefused(Files.createSymbolicLink(parent.resolve("link"), own));
    assertRefused(Files.createSymbolicLink(parent.resolve("dangling"), parent.resolve("nowhere")));
  }

  @Test
  void aFileIsRefused() throws IOException {
    Path file = Files.writeString(parent.resolve("file"), "precious");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));

    assertRefused(file);

    assertThat(file).hasContent("precious");
  }

  @Test
  void anotherUsersIsRefused() throws IOException {
    assumeTrue(UnixSockets.ownUser() == ROOT, "only root can give a folder away");
    Path folder = PrivateFolder.at(parent.resolve("theirs"));
    Files.setAttribute(folder, "unix:uid", NOBODY);

    assertRefused(folder);
  }

  @Test
  void deletingItTakesAllThatIsInItAndNothingElse() throws IOException {
    Path outside = Files.createDirectory(parent.resolve("outside"));
    Files.writeString(outside.resolve("file"), "precious");
    Path folder = PrivateFolder.at(parent.resolve("clutch"));
    Files.createDirectories(folder.resolve("a/b"));
    Files.writeString(folder.resolve("a/b/file"), "text");
    Files.createSymbolicLink(folder.resolve("link"), outside);

    PrivateFolder.delete(folder);

    assertThat(folder).doesNotExist();
    assertThat(outside.resolve("file")).hasContent("precious");
    PrivateFolder.delete(folder);
  }

  private static void assertRefused(Path path) {
    assertThatThrownBy(() -> PrivateFolder.at(path))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("'" + path + "'", "0700");
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
