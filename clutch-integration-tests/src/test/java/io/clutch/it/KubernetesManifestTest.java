package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.common.collect.Iterables;
import io.clutch.cli.Main;
import io.clutch.client.ClutchClient;
import io.clutch.protocol.Durations;
import io.clutch.protocol.ServerAddress;
import io.clutch.supervisor.MemorySize;
import io.clutch.v1.WorkerGrpc;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.GRPCAction;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentSpec;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** {@code docs/kubernetes.yaml} and {@code docs/kubernetes-client.yaml} agree with themselves. */
final class KubernetesManifestTest {

  /** From the end of the graceful timeout until a child that is left over is killed. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private static KubernetesManifest workers;
  private static KubernetesManifest caller;
  private static Container container;
  private static ParseResult command;

  @BeforeAll
  static void read() throws IOException {
    workers = KubernetesManifest.read("kubernetes.yaml");
    caller = KubernetesManifest.read("kubernetes-client.yaml");
    container = workers.container();
    command =
        new CommandLine(Main.class)
            .parseArgs(container.getArgs().toArray(String[]::new))
            .subcommand();
  }

  private static String option(String name) {
    return command.matchedOptionValue(name, "(none)");
  }

  @Test
  void theServiceIsHeadlessAndGivesReadyPodsOnly() {
    Service service = workers.only(Service.class);

    assertThat(service.getSpec().getClusterIP()).isEqualTo("None");
    assertThat(service.getSpec().getPublishNotReadyAddresses()).isNull();
  }

  @Test
  void selectorsMatchTheLabelsOfThePods() {
    Deployment deployment = workers.only(Deployment.class);
    Map<String, String> labels = deployment.getSpec().getTemplate().getMetadata().getLabels();

    assertThat(labels).isNotEmpty();
    assertThat(workers.only(Service.class).getSpec().getSelector()).isEqualTo(labels);
    assertThat(deployment.getSpec().getSelector().getMatchLabels()).isEqualTo(labels);
    assertThat(workers.only(PodDisruptionBudget.class).getSpec().getSelector().getMatchLabels())
        .isEqualTo(labels);
    assertThat(workers.pod().getTopologySpreadConstraints())
        .allSatisfy(
            constraint ->
                assertThat(constraint.getLabelSelector().getMatchLabels()).isEqualTo(labels));
  }

  @Test
  void thePortIsTheSameEverywhere() {
    ServerAddress address = ServerAddress.parse(option("--address"));
    ContainerPort containerPort = Iterables.getOnlyElement(container.getPorts());
    ServicePort servicePort =
        Iterables.getOnlyElement(workers.only(Service.class).getSpec().getPorts());

    assertThat(address.host()).isEqualTo("0.0.0.0");
    assertThat(containerPort.getContainerPort()).isEqualTo(address.port());
    // Headless: what clients find is the pods' own port.
    assertThat(servicePort.getPort()).isEqualTo(address.port());
    assertThat(servicePort.getTargetPort().getIntVal()).isEqualTo(address.port());
    assertThat(probes())
        .extracting(probe -> probe.getGrpc().getPort())
        .containsOnly(address.port());
  }

  @Test
  void probesAskForWhatAWorkerServes() {
    assertThat(probes())
        .extracting(Probe::getGrpc)
        .extracting(GRPCAction::getService)
        .containsExactly(WorkerGrpc.SERVICE_NAME, WorkerGrpc.SERVICE_NAME, null);
  }

  @Test
  void livenessIsSlowerThanWhatTheSupervisorMendsItself() {
    // The defaults of --heartbeat-timeout, of the longest pause after a crash, of --boot-timeout.
    Duration frozenOrDying = Duration.ofSeconds(30 + 30);
    Duration boot = Duration.ofSeconds(30);

    assertThat(patience(container.getLivenessProbe()))
        .isGreaterThan(frozenOrDying.plus(boot.dividedBy(2)));
    assertThat(patience(container.getStartupProbe())).isGreaterThan(boot);
  }

  @Test
  void aDrainHasTheTimeThatItMayTake() {
    Duration gracefulTimeout = Durations.parse(option("--graceful-timeout"));
    Duration grace = Duration.ofSeconds(workers.pod().getTerminationGracePeriodSeconds());

    assertThat(container.getLifecycle()).as("would take its part of the grace period").isNull();
    assertThat(grace).isGreaterThan(gracefulTimeout.plus(LAST_WORDS));
  }

  @Test
  void clientsFindANewPodBeforeTheLastOldOneGoes() {
    DeploymentSpec spec = workers.only(Deployment.class).getSpec();
    // What the JVM keeps, what gRPC keeps, the client's interval, what the cluster's DNS keeps.
    Duration behind = Duration.ofSeconds(30 + 30 + 10 + 30);

    assertThat(spec.getStrategy().getRollingUpdate().getMaxUnavailable().getIntVal()).isZero();
    assertThat(Duration.ofSeconds(spec.getMinReadySeconds()).multipliedBy(spec.getReplicas()))
        .isGreaterThan(behind);
  }

  @Test
  void allProcessesFitIntoTheMemory() {
    int maxWorkers = command.matchedOptionValue("--max-workers", 0);
    long largest = MemorySize.parse(option("--max-memory-per-child"));
    long heap = heap(command.matchedPositionalValue(0, List.<String>of()));
    long ownHeap = heap(List.of(workers.variable("JAVA_OPTS").orElseThrow().split(" ")));
    Quantity limit = container.getResources().getLimits().get("memory");

    // One more than serve: while one is replaced. Beside them the supervisor and a command.
    long needed = (maxWorkers + 1) * largest + 2 * (ownHeap + MemorySize.parse("32m"));
    assertThat(limit.getNumericalAmount().longValueExact()).isGreaterThan(needed);
    assertThat(container.getResources().getRequests().get("memory")).isEqualTo(limit);
    assertThat(largest).isGreaterThan(heap + MemorySize.parse("128m"));
  }

  @Test
  void nothingNeedsRootOrAWritableSystem() {
    SecurityContext security = container.getSecurityContext();

    assertThat(workers.pod().getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(workers.pod().getSecurityContext().getRunAsUser()).isPositive();
    assertThat(security.getReadOnlyRootFilesystem()).isTrue();
    assertThat(security.getAllowPrivilegeEscalation()).isFalse();
    assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
    assertThat(Iterables.getOnlyElement(container.getVolumeMounts()).getMountPath())
        .isEqualTo("/tmp");
    assertThat(Iterables.getOnlyElement(container.getVolumeMounts()).getName())
        .isEqualTo(Iterables.getOnlyElement(workers.pod().getVolumes()).getName());
    assertThat(Iterables.getOnlyElement(workers.pod().getVolumes()).getEmptyDir()).isNotNull();
  }

  @Test
  void theCommandIsOurs() {
    assertThat(container.getCommand()).containsExactly("/opt/clutch/clutch");
    assertThat(command.commandSpec().name()).isEqualTo("supervise");
    assertThat(command.matchedPositionalValue(0, List.<String>of())).startsWith("java");
  }

  @Test
  void theCallerFindsTheService() {
    Service service = workers.only(Service.class);
    String target = caller.variable("JOBS_SERVERS").orElseThrow();

    assertThat(target)
        .isEqualTo(
            "dns:///%s.default.svc.cluster.local:%d",
            service.getMetadata().getName(),
            Iterables.getOnlyElement(service.getSpec().getPorts()).getPort());
    // Refuses what is no target; connects only when a call is made.
    ClutchClient.builder().servers(target).build().close();
    assertThat(caller.container().getCommand())
        .contains("-Dsun.net.inetaddr.ttl=5", "-Dnetworkaddress.cache.ttl=5");
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        arguments("clusterIP: None", "clusterIp: None", "clusterIp"),
        arguments("runAsNonRoot: true", "runAsNonroot: true", "runAsNonroot"),
        arguments("failureThreshold: 30", "failureTreshold: 30", "failureTreshold"),
        arguments("port: 9501", "port: \"9501\"", "Integer"),
        arguments("value: -Xmx64m", "value: 64", "String"),
        arguments("replicas: 3", "replicas: 3\n  replicas: 4", "replicas"),
        arguments("apiVersion: policy/v1", "apiVersion: policy/v2", "policy/v2"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void mistakesAreNoticed(String right, String wrong, String message) throws IOException {
    String yaml = Files.readString(ClutchProcesses.ROOT.resolve("docs").resolve("kubernetes.yaml"));
    assertThat(yaml).contains(right);

    assertThatThrownBy(() -> KubernetesManifest.parse(yaml.replace(right, wrong)))
        .hasMessageContaining(message);
  }

  private static List<Probe> probes() {
    return List.of(
        container.getStartupProbe(), container.getReadinessProbe(), container.getLivenessProbe());
  }

  private static Duration patience(Probe probe) {
    return Duration.ofSeconds((long) probe.getPeriodSeconds() * probe.getFailureThreshold());
  }

  private static long heap(List<String> javaOptions) {
    return Stream.concat(javaOptions.stream(), Stream.of("-Xmx0"))
        .filter(option -> option.startsWith("-Xmx"))
        .map(option -> MemorySize.parse(option.substring("-Xmx".length())))
        .findFirst()
        .orElseThrow();
  }
}
