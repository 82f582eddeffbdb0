package io.clutch.security;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which identities may call which functions. What no rule allows is denied. Immutable.
 *
 * <pre>{@code
 * AccessRules.builder()
 *     .allow("image.*", "token:web", "dns:*.batch.example")
 *     .allow("status", "*")
 *     .build()
 * }</pre>
 *
 * <p>In a file they are a JSON object: {@code {"image.*": ["token:web"], "status": ["*"]}}.
 */
public final class AccessRules {

  /** Kinds of names that a rule may speak of. */
  private static final ImmutableSet<String> KINDS =
      ImmutableSet.of("token", "dns", "uri", "email", "ip");

  /** Everyone who is somebody. */
  private static final String ANY = "*";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final ImmutableList<Rule> rules;

  private AccessRules(ImmutableList<Rule> rules) {
    this.rules = rules;
  }

  private record Rule(NamePattern function, ImmutableList<NamePattern> identities) {

    boolean allows(Identity identity, String name) {
      return function.matches(name)
          && identities.stream().anyMatch(who -> identity.names().stream().anyMatch(who::matches));
    }
  }

  /** Starts rules: without any, all is denied. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads a file.
   *
   * @throws IOException where it cannot be read, or holds no rules; the message names the file and
   *     what is wrong
   */
  public static AccessRules read(Path file) throws IOException {
    String text = FileContent.text(file);
    try {
      Map<String, List<String>> rules =
          MAPPER.readValue(text, new TypeReference<TreeMap<String, List<String>>>() {});
      checkArgument(rules != null, "null is no rules");
      Builder builder = builder();
      rules.forEach(
          (function, identities) -> {
            checkArgument(identities != null, "'%s' has no list of names", function);
            builder.allow(function, identities);
          });
      return builder.build();
    } catch (JsonProcessingException e) {
      throw new IOException(
          "the rules in %s are not a JSON object of lists of names: %s"
              .formatted(file, e.getOriginalMessage()),
          e);
    } catch (IllegalArgumentException e) {
      throw new IOException("the rules in %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Whether {@code identity} may call {@code function}. */
  public boolean allows(Identity identity, String function) {
    for (Rule rule : rules) {
      if (rule.allows(identity, function)) {
        return true;
      }
    }
    return false;
  }

  /** The functions that rules speak of, as written, to which none of {@code names} fits. */
  public ImmutableList<String> withoutFunction(Collection<String> names) {
    return rules.stream()
        .map(Rule::function)
        .filter(function -> names.stream().noneMatch(function::matches))
        .map(NamePattern::toString)
        .collect(ImmutableList.toImmutableList());
  }

  /** Builds {@link AccessRules}. Not thread-safe. */
  public static final class Builder {
    private final ImmutableList.Builder<Rule> rules = ImmutableList.builder();

    private Builder() {}

    /**
     * Lets some identities call some functions.
     *
     * @param function the name of a function, in which {@code *} stands for any characters
     * @param identities names with their kind, such as {@code token:web} or {@code
     *     dns:*.batch.example}, in which {@code *} stands for any characters; a lone {@code *} is
     *     everyone who proved who he is
     * @throws IllegalArgumentException where a name has no kind, or an unknown one
     */
    @CanIgnoreReturnValue
    public Builder allow(String function, String... identities) {
      return allow(function, ImmutableList.copyOf(identities));
    }

    /** {@link #allow(String, String...)} with a list. */
    @CanIgnoreReturnValue
    public Builder allow(String function, List<String> identities) {
      checkArgument(!function.isBlank(), "the name of a function is empty");
      ImmutableList.Builder<NamePattern> patterns = ImmutableList.builder();
      for (String identity : identities) {
        checkArgument(identity != null && isLegal(identity), illegal(), function, identity);
        patterns.add(new NamePattern(identity));
      }
      rules.add(new Rule(new NamePattern(function), patterns.build()));
      return this;
    }

    private static boolean isLegal(String identity) {
      int colon = identity.indexOf(':');
      return identity.equals(ANY)
          || (colon > 0
              && colon < identity.length() - 1
              && KINDS.contains(identity.substring(0, colon)));
    }

    private static String illegal() {
      return "'%s' names '%s': want * or a name with its kind in front, of "
          + String.join(", ", KINDS)
          + ", such as token:web";
    }

    /** The rules. */
    public AccessRules build() {
      return new AccessRules(rules.build());
    }
  }
}
