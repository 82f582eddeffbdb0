package io.clutch.testing.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What docs/testing.md shows is what is tested here. */
final class DocumentationTest {

  private static final Path SOURCES = Path.of("src/test/java/io/clutch/testing/docs");

  /** Code, without the indentation that a place in a class gives it. */
  private static String bare(String code) {
    return code.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .collect(Collectors.joining("\n"));
  }

  @Test
  void everySnippetIsInThePage() throws IOException {
    String page = bare(Files.readString(Path.of("../docs/testing.md")));
    String test = Files.readString(SOURCES.resolve("ThumbnailsTest.java"));
    List<String> snippets =
        Splitter.on("// snippet: ").splitToList(test.substring(0, test.indexOf("// end")));

    assertThat(snippets.size()).isGreaterThan(5);
    for (String snippet : snippets.subList(1, snippets.size())) {
      assertThat(page).contains(bare(snippet.substring(snippet.indexOf('\n'))));
    }
  }

  @Test
  void theCodeUnderTestIsInThePage() throws IOException {
    String page = bare(Files.readString(Path.of("../docs/testing.md")));

    for (String file : new String[] {"ThumbnailFunctions.java", "Gallery.java"}) {
      String source = Files.readString(SOURCES.resolve(file));
      assertThat(page).contains(bare(source.substring(source.indexOf("*/") + 2)));
    }
  }
}
