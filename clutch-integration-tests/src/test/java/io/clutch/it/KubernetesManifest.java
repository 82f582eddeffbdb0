package io.clutch.it;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;

/**
 * A manifest, read as Kubernetes reads it with {@code --validate=strict}: unknown fields, fields
 * that are there twice, and values of the wrong type are errors.
 *
 * @param objects in the order of the file
 */
record KubernetesManifest(ImmutableList<HasMetadata> objects) {

  private static final ImmutableMap<String, Class<? extends HasMetadata>> TYPES =
      ImmutableMap.of(
          "v1 Service", Service.class,
          "apps/v1 Deployment", Deployment.class,
          "policy/v1 PodDisruptionBudget", PodDisruptionBudget.class);

  private static final JsonMapper STRICT = strict();

  /** One of those in the documentation. */
  static KubernetesManifest read(String name) throws IOException {
    return parse(Files.readString(ClutchProcesses.ROOT.resolve("docs").resolve(name)));
  }

  /**
   * Reads YAML.
   *
   * @throws IOException where that is not a manifest
   */
  static KubernetesManifest parse(String yaml) throws IOException {
    YAMLFactory factory =
        YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    ImmutableList.Builder<HasMetadata> objects = ImmutableList.builder();
    try (var documents = STRICT.readerFor(JsonNode.class).readValues(factory.createParser(yaml))) {
      while (documents.hasNextValue()) {
        objects.add(typed((JsonNode) documents.nextValue()));
      }
    }
    return new KubernetesManifest(objects.build());
  }

  private static HasMetadata typed(JsonNode object) throws IOException {
    String type = object.path("apiVersion").asText() + " " + object.path("kind").asText();
    checkArgument(TYPES.containsKey(type), "'%s' is not one of %s", type, TYPES.keySet());
    return STRICT.treeToValue(object, TYPES.get(type));
  }

  private static JsonMapper strict() {
    JsonMapper mapper =
        JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_IGNORED_PROPERTIES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .annotationIntrospector(new NoAdditionalProperties())
            .build();
    for (CoercionInputShape shape :
        List.of(CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean)) {
      mapper.coercionConfigFor(LogicalType.Textual).setCoercion(shape, CoercionAction.Fail);
    }
    return mapper;
  }

  /** The only object of a type. */
  <T extends HasMetadata> T only(Class<T> type) {
    List<T> found = objects.stream().filter(type::isInstance).map(type::cast).toList();
    checkArgument(found.size() == 1, "there are %s of %s", found.size(), type);
    return found.get(0);
  }

  PodSpec pod() {
    return only(Deployment.class).getSpec().getTemplate().getSpec();
  }

  Container container() {
    checkArgument(pod().getContainers().size() == 1, "want one container");
    return pod().getContainers().get(0);
  }

  /** The value of a variable in the container's environment. */
  Optional<String> variable(String name) {
    return container().getEnv().stream()
        .filter(variable -> variable.getName().equals(name))
        .map(variable -> variable.getValue())
        .findFirst();
  }

  /** The model keeps fields that it does not know; so they would not be noticed. */
  private static final class NoAdditionalProperties extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1;

    @Override
    public Boolean hasAnySetter(Annotated annotated) {
      return false;
    }
  }
}
