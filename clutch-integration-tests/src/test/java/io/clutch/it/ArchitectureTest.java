package io.clutch.it;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.opentelemetry.api.OpenTelemetry;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;

/** Who may know whom. The generated package {@code io.clutch.v1} belongs to the protocol. */
@AnalyzeClasses(
    packages = "io.clutch",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestJars.class})
final class ArchitectureTest {

  /** Tests that other modules use are in jars of their own. */
  static final class NoTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  private static final String INTERNAL = ".internal";

  @ArchTest static final ArchRule protocol = knowsOnly("protocol");
  @ArchTest static final ArchRule contract = knowsOnly("contract", "protocol");
  @ArchTest static final ArchRule generated = knowsOnly("v1");
  @ArchTest static final ArchRule security = knowsOnly("security", "protocol");
  @ArchTest static final ArchRule process = knowsOnly("process", "protocol");

  @ArchTest
  static final ArchRule worker = knowsOnly("worker", "process", "security", "contract", "protocol");

  @ArchTest static final ArchRule durable = knowsOnly("durable", "worker", "protocol");

  @ArchTest static final ArchRule client = knowsOnly("client", "security", "contract", "protocol");

  @ArchTest static final ArchRule supervisor = knowsOnly("supervisor", "process", "protocol");
  @ArchTest static final ArchRule testing = knowsOnly("testing", "worker", "client", "protocol");

  @ArchTest
  static final ArchRule cli = knowsOnly("cli", "client", "supervisor", "security", "protocol");

  @ArchTest
  static final ArchRule examples =
      knowsOnly("examples", "worker", "client", "supervisor", "security", "contract", "protocol");

  @ArchTest
  static final ArchRule benchmarks =
      knowsOnly("benchmarks", "worker", "client", "supervisor", "protocol");

  @ArchTest
  static final ArchRule theTestKitNeedsJUnitForItsExtensionOnly =
      noClasses()
          .that()
          .resideInAPackage("io.clutch.testing..")
          .and()
          .doNotHaveSimpleName("ClutchExtension")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.junit..");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.clutch.(**)").should().beFreeOfCycles();

  /** Micro benchmarks measure internals. */
  @ArchTest
  static final ArchRule internalsStayInTheirModule =
      classes()
          .that()
          .resideInAPackage("io.clutch..")
          .and()
          .resideOutsideOfPackage("io.clutch.benchmarks.micro..")
          .should(notUseInternalsOfOthers());

  @ArchTest
  static final ArchRule internalsDoNotKnowTheirParent =
      classes().that().resideInAPackage("io.clutch..internal..").should(notKnowItsParent());

  @ArchTest
  static final ArchRule theDispatcherKnowsNoNetwork =
      noClasses()
          .that()
          .resideInAPackage("io.clutch.worker.internal.dispatch..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.grpc..", "io.netty..");

  @ArchTest
  static final ArchRule theDispatcherKnowsNoTelemetry =
      noClasses()
          .that()
          .resideInAPackage("io.clutch.worker.internal.dispatch..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.opentelemetry..", "io.clutch.worker.internal.telemetry..");

  /** Others may hand it over. */
  @ArchTest
  static final ArchRule onlyTelemetryTalksToOpenTelemetry =
      noClasses()
          .that()
          .resideInAnyPackage("io.clutch..")
          .and()
          .resideOutsideOfPackages("io.clutch..internal.telemetry..", "io.clutch.examples..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("io.opentelemetry..", "io.grpc.opentelemetry..")
                  .and(not(type(OpenTelemetry.class))));

  @ArchTest
  static final ArchRule librariesDoNotPrint =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.clutch.protocol..",
              "io.clutch.contract..",
              "io.clutch.process..",
              "io.clutch.security..",
              "io.clutch.worker..",
              "io.clutch.client..",
              "io.clutch.supervisor..",
              "io.clutch.testing..")
          .should(ACCESS_STANDARD_STREAMS);

  @ArchTest
  static final ArchRule nothingUsesJavaSerialization =
      noClasses()
          .should()
          .dependOnClassesThat(belongToAnyOf(ObjectInputStream.class, ObjectOutputStream.class));

  private static ArchRule knowsOnly(String module, String... others) {
    String[] packages = new String[others.length + 2];
    packages[0] = "io.clutch." + module + "..";
    packages[1] = "io.clutch.v1..";
    for (int i = 0; i < others.length; i++) {
      packages[i + 2] = "io.clutch." + others[i] + "..";
    }
    return classes()
        .that()
        .resideInAPackage("io.clutch." + module + "..")
        .should()
        .onlyDependOnClassesThat(
            not(resideInAPackage("io.clutch..")).or(resideInAnyPackage(packages)));
  }

  private static ArchCondition<JavaClass> notUseInternalsOfOthers() {
    return new ArchCondition<>("not use the internal packages of other modules") {
      @Override
      public void check(JavaClass user, ConditionEvents events) {
        for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
          String used = dependency.getTargetClass().getPackageName();
          if (isInternal(used) && !user.getPackageName().startsWith(parent(used))) {
            events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription()));
          }
        }
      }
    };
  }

  private static ArchCondition<JavaClass> notKnowItsParent() {
    return new ArchCondition<>("not know the package around them") {
      @Override
      public void check(JavaClass user, ConditionEvents events) {
        for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
          if (dependency.getTargetClass().getPackageName().equals(parent(user.getPackageName()))) {
            events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription()));
          }
        }
      }
    };
  }

  private static boolean isInternal(String packageName) {
    return packageName.startsWith("io.clutch.") && packageName.contains(INTERNAL);
  }

  private static String parent(String internal) {
    return internal.substring(0, internal.indexOf(INTERNAL));
  }
}
